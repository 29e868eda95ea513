//! Steps on certificates.

use clb_model::listener::{CertificateChoice, TlsDraft};

use super::Walk;
use super::bench::{REGION, certificate};

impl Walk {
    pub fn change_certificates(&mut self) -> &'static str {
        let id = self.any_certificate();
        match self.chance.below(8) {
            0 => {
                let other = CertificateChoice::Known(self.any_certificate());
                let server = (self.chance.below(3) > 0).then(|| other.clone());
                let replacement = TlsDraft { server, client_ca: Some(other), ..TlsDraft::default() };
                self.asked("replace a certificate", |world, o| world.replace_certificate(REGION, &id, &replacement, o))
            }
            1 | 2 => {
                let check = self.chance.below(2) == 0;
                self.asked("delete a certificate", |world, _| world.delete_certificate(&id, check))
            }
            3 => {
                let alias = self.pick(&["alias", "another"]);
                self.asked("rename a certificate", |world, _| world.modify_certificate_alias(&id, Some(alias)))
            }
            _ => {
                let draft = certificate(self.pick(&["SVR", "CA", "x"]));
                self.asked("upload a certificate", |world, occasion| world.create_certificate(&draft, occasion))
            }
        }
    }
}
