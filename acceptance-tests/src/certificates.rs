//! Throw-away certificates: a server's, and a certificate authority with clients of its own.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

/// The name every server certificate here is made for.
pub const SERVER_NAME: &str = "quic.example.test";

/// A certificate with its private key, both PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate_pem: String,
    /// Its private key.
    pub private_key_pem: String,
}

impl Identity {
    /// A self-signed server certificate for [`SERVER_NAME`].
    pub fn server() -> Self {
        Self::server_for(SERVER_NAME)
    }

    /// A self-signed server certificate for a name.
    pub fn server_for(name: &str) -> Self {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let parameters = CertificateParams::new([name.to_owned()]).expect("a DNS name");
        let certificate = parameters.self_signed(&key).expect("a complete set of parameters");
        Self { certificate_pem: certificate.pem(), private_key_pem: key.serialize_pem() }
    }
}

/// A certificate authority, as mutual TLS asks for one.
pub struct Authority {
    /// The authority's own certificate, PEM.
    pub certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new authority.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names to refuse");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Acceptance test CA");
        let certificate = parameters.self_signed(&key).expect("a complete set of parameters");
        Self { certificate_pem: certificate.pem(), issuer: Issuer::new(parameters, key) }
    }

    /// A client certificate signed by this authority.
    pub fn client(&self, name: &str) -> Identity {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("a DNS name");
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a complete set of parameters");
        Identity { certificate_pem: certificate.pem(), private_key_pem: key.serialize_pem() }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
