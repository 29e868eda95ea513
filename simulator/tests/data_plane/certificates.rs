//! Certificates made for one test: CAs, chains, and what they sign.

use std::sync::Arc;

use clb_model::forwarding::{ClientCertificate, ServerCertificate, Tls};
use clb_simulator::client::{Identity, Trust};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// The name servers are issued for.
pub const SERVER_NAME: &str = "game.example";
/// The name of the certificate with an RSA key.
pub const RSA_NAME: &str = "rsa.example";

/// A CA of its own, or one below another.
pub struct Authority {
    pub certificate_pem: String,
    params: CertificateParams,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let params = Self::params_for(&key);
        let certificate_pem = params.self_signed(&key).unwrap().pem();
        Self { certificate_pem, params: params.clone(), issuer: Issuer::new(params, key) }
    }

    /// A CA that this one vouches for.
    pub fn intermediate(&self) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = Self::params_for(&key);
        let certificate_pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self { certificate_pem, params: params.clone(), issuer: Issuer::new(params, key) }
    }

    /// Another CA with the same name.
    pub fn impostor(&self) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate_pem = self.params.self_signed(&key).unwrap().pem();
        Self { certificate_pem, params: self.params.clone(), issuer: Issuer::new(self.params.clone(), key) }
    }

    fn params_for(key: &KeyPair) -> CertificateParams {
        let mut params = CertificateParams::default();
        // A name of its own: with equal names a foreign issuer would be taken for one with a bad signature.
        params.distinguished_name.push(DnType::CommonName, format!("CA {:02x?}", &key.public_key_raw()[1..9]));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    pub fn trust(&self) -> Trust {
        Trust::Ca(self.certificate_pem.clone())
    }

    /// TLS material of a listener, one-way.
    pub fn server(&self) -> Tls {
        one_way(vec![self.server_named(SERVER_NAME)])
    }

    /// A certificate for servers of that name.
    pub fn server_named(&self, name: &str) -> ServerCertificate {
        self.server_like(name, |_| {})
    }

    /// The same with a change.
    pub fn server_like(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerCertificate {
        shown(&self.sign(name, ExtendedKeyUsagePurpose::ServerAuth, change))
    }

    /// TLS material of a listener that asks for certificates of `clients`.
    pub fn mutual_server(&self, clients: &Self, demand: ClientCertificate) -> Tls {
        let client_ca_pem: Arc<str> = clients.certificate_pem.as_str().into();
        Tls { client_ca_pem: Some(client_ca_pem), client_certificate: demand, ..self.server() }
    }

    pub fn client(&self) -> Identity {
        self.client_like(|_| {})
    }

    /// A client certificate with a change.
    pub fn client_like(&self, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        self.sign(SERVER_NAME, ExtendedKeyUsagePurpose::ClientAuth, change)
    }

    fn sign(
        &self,
        name: &str,
        purpose: ExtendedKeyUsagePurpose,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate_pem: certificate.pem(), private_key_pem: key.serialize_pem() }
    }
}

/// TLS material of a listener that shows these certificates.
pub fn one_way(certificates: Vec<ServerCertificate>) -> Tls {
    Tls { certificates, client_ca_pem: None, client_certificate: ClientCertificate::Required }
}

/// A certificate with an RSA key, for [`RSA_NAME`]. A fixed pair that secures nothing: ring, the only crypto here, cannot
/// generate RSA keys.
pub fn rsa() -> ServerCertificate {
    ServerCertificate {
        chain_pem: include_str!("fixtures/rsa_certificate.pem").into(),
        private_key_pem: include_str!("fixtures/rsa_private_key.pem").into(),
    }
}

fn shown(identity: &Identity) -> ServerCertificate {
    ServerCertificate {
        chain_pem: identity.certificate_pem.as_str().into(),
        private_key_pem: identity.private_key_pem.as_str().into(),
    }
}

/// The same leaf with the CA that signed it behind it.
pub fn with_chain(leaf_pem: &str, issuer: &Authority) -> String {
    format!("{leaf_pem}{}", issuer.certificate_pem)
}
