//! Throw-away certificates: a server's, and a certificate authority with clients of its own.

use std::time::{Duration, SystemTime};

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
        Self::signed(&CertificateParams::new([name.to_owned()]).expect("a DNS name"))
    }

    /// A self-signed server certificate for [`SERVER_NAME`] that is good for so many days more; for less than none when it
    /// has expired.
    pub fn server_until(days: i64) -> Self {
        let mut parameters = CertificateParams::new([SERVER_NAME.to_owned()]).expect("a DNS name");
        // A private key in PEM form has the public key in it. With a name of this length no line of the one text stands in the
        // other by chance of how Base64 falls, which those who look for keys in states would take for the key.
        parameters.distinguished_name.push(rcgen::DnType::CommonName, SERVER_NAME);
        let seconds = u64::try_from(days.abs() * 24 * 60 * 60).expect("not negative");
        let (now, span) = (SystemTime::now(), Duration::from_secs(seconds));
        parameters.not_after = if days < 0 { now - span } else { now + span }.into();
        Self::signed(&parameters)
    }

    fn signed(parameters: &CertificateParams) -> Self {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
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
        parameters.is_ca = IsCa::ExplicitNoCa;
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
