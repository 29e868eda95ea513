//! Certificates made for one test: a CA and what it signs.

use std::sync::Arc;

use clb_model::forwarding::{ClientCertificate, Tls};
use clb_simulator::client::{Identity, Trust};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// The name servers are issued for.
pub const SERVER_NAME: &str = "game.example";

/// A CA of its own.
pub struct Authority {
    pub certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        // A name of its own: with equal names a foreign issuer would be taken for one with a bad signature.
        params.distinguished_name.push(DnType::CommonName, format!("CA {:02x?}", &key.public_key_raw()[1..9]));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate_pem = params.self_signed(&key).unwrap().pem();
        Self { certificate_pem, issuer: Issuer::new(params, key) }
    }

    pub fn trust(&self) -> Trust {
        Trust::Ca(self.certificate_pem.clone())
    }

    /// TLS material of a listener, one-way.
    pub fn server(&self) -> Tls {
        let identity = self.sign(ExtendedKeyUsagePurpose::ServerAuth);
        Tls {
            certificate_pem: identity.certificate_pem.into(),
            private_key_pem: identity.private_key_pem.into(),
            client_ca_pem: None,
            client_certificate: ClientCertificate::Required,
        }
    }

    /// TLS material of a listener that asks for certificates of `clients`.
    pub fn mutual_server(&self, clients: &Self, demand: ClientCertificate) -> Tls {
        let client_ca_pem: Arc<str> = clients.certificate_pem.as_str().into();
        Tls { client_ca_pem: Some(client_ca_pem), client_certificate: demand, ..self.server() }
    }

    pub fn client(&self) -> Identity {
        self.sign(ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn sign(&self, purpose: ExtendedKeyUsagePurpose) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![SERVER_NAME.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate_pem: certificate.pem(), private_key_pem: key.serialize_pem() }
    }
}
