//! What can be known of certificates and keys before they are sent: that they are PEM, that they belong together, and that two
//! texts say the same.
//!
//! What is not certain is left to the platform: a key of a kind this code cannot read is no error.

use std::time::Duration;

use rustls::InconsistentKeys;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tfplugin_sdk::Secret;
use x509_parser::parse_x509_certificate;

use super::PemText;

/// A certificate and the chain after it.
pub(super) struct Chain(Vec<CertificateDer<'static>>);

/// A private key. No `Debug`: it is one.
pub(super) struct PrivateKey(PrivateKeyDer<'static>);

/// Why a text is not what it should be; it quotes nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PemProblem {
    /// No certificate block.
    #[error(
        "This is not a PEM certificate: there is no block between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE----- in it. Pass the text of the file, \
         for example with file(\"server.pem\"), not its path."
    )]
    NoCertificate,
    /// A private key where the certificate belongs.
    #[error("This is a private key. The certificate belongs here; the key belongs in private_key_wo.")]
    KeyInstead,
    /// A certificate block without a certificate in it.
    #[error(
        "Certificate number {0} in this text is damaged: what is between the BEGIN and END lines is not an X.509 certificate."
    )]
    Damaged(usize),
    /// No private key block.
    #[error(
        "This is not a PEM private key: there is no block between -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY----- (or the RSA or EC form of these \
         lines) in it. Encrypted keys are not accepted."
    )]
    NoKey,
}

impl Chain {
    /// Reads all certificates of a text.
    pub(super) fn parse(text: &str) -> Result<Self, PemProblem> {
        let mut chain = Vec::new();
        for block in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let certificate = block.map_err(|_| PemProblem::Damaged(chain.len() + 1))?;
            if !parse_x509_certificate(&certificate).is_ok_and(|(rest, _)| rest.is_empty()) {
                return Err(PemProblem::Damaged(chain.len() + 1));
            }
            chain.push(certificate);
        }
        match chain.is_empty() {
            false => Ok(Self(chain)),
            true if PrivateKey::parse(text).is_ok() => Err(PemProblem::KeyInstead),
            true => Err(PemProblem::NoCertificate),
        }
    }

    /// Whether the first certificate says of itself that it is no CA. One that says nothing may be an old-style CA.
    pub(super) fn is_explicitly_no_ca(&self) -> bool {
        let first = self.0.first().and_then(|certificate| parse_x509_certificate(certificate).ok());
        let constraints = first.and_then(|(_, certificate)| {
            certificate.basic_constraints().ok().flatten().map(|constraints| constraints.value.ca)
        });
        constraints == Some(false)
    }

    /// Until when the first certificate is good, since 1970.
    pub(super) fn not_after(&self) -> Option<Duration> {
        let (_, first) = parse_x509_certificate(self.0.first()?).ok()?;
        // One that was good until before 1970 is as good as one until then.
        Some(Duration::from_secs(u64::try_from(first.validity().not_after.timestamp()).unwrap_or_default()))
    }

    /// Whether the key certainly belongs to another certificate.
    pub(super) fn contradicts(&self, key: &PrivateKey) -> bool {
        let pair = CertifiedKey::from_der(self.0.clone(), key.0.clone_key(), &ring::default_provider());
        matches!(pair, Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)))
    }
}

impl PrivateKey {
    /// Reads the first private key of a text.
    pub(super) fn parse(text: &str) -> Result<Self, PemProblem> {
        PrivateKeyDer::from_pem_slice(text.as_bytes()).map(Self).map_err(|_| PemProblem::NoKey)
    }
}

/// Refuses a text that is not a certificate, perhaps with the chain after it.
pub(super) fn check_chain(text: &PemText) -> Result<(), String> {
    Chain::parse(&text.0).map(|_| ()).map_err(|problem| problem.to_string())
}

/// Refuses a text that is not a private key.
pub(super) fn check_key(text: &Secret<String>) -> Result<(), String> {
    PrivateKey::parse(text.expose()).map(|_| ()).map_err(|problem| problem.to_string())
}

/// How a PEM text is written that says the same as this one: with line ends of one kind and nothing around it.
pub(super) fn canonical(text: &str) -> String {
    text.trim().lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair, generate_simple_self_signed};

    use super::{Chain, PemProblem, PrivateKey, canonical};

    fn pair() -> (String, String) {
        let pair = generate_simple_self_signed(["demo.example".to_owned()]).expect("a plain certificate");
        (pair.cert.pem(), pair.signing_key.serialize_pem())
    }

    fn problem(text: &str) -> Option<PemProblem> {
        Chain::parse(text).err()
    }

    #[test]
    fn only_the_own_key_belongs_to_a_certificate() {
        let ((certificate, key), (_, other)) = (pair(), pair());
        let chain = Chain::parse(&certificate).expect("a certificate");
        assert!(!chain.contradicts(&PrivateKey::parse(&key).expect("a key")));
        assert!(chain.contradicts(&PrivateKey::parse(&other).expect("a key")));
    }

    #[test]
    fn the_ways_to_get_a_certificate_wrong_are_told_apart() {
        let (certificate, key) = pair();
        assert_eq!(problem("server.pem"), Some(PemProblem::NoCertificate));
        assert_eq!(problem(&key), Some(PemProblem::KeyInstead));
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(problem(&format!("{certificate}{damaged}")), Some(PemProblem::Damaged(2)));
        assert_eq!(PrivateKey::parse(&certificate).err(), Some(PemProblem::NoKey));
    }

    #[test]
    fn a_leaf_is_explicitly_no_ca_and_a_ca_is_not() {
        let ca = |is_ca: IsCa| {
            let mut params = CertificateParams::new(vec![]).expect("no names");
            params.is_ca = is_ca;
            let issuer =
                CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signs itself");
            Chain::parse(&issuer.pem()).expect("a certificate")
        };
        assert!(ca(IsCa::ExplicitNoCa).is_explicitly_no_ca());
        assert!(!ca(IsCa::NoCa).is_explicitly_no_ca());
        assert!(!ca(IsCa::Ca(rcgen::BasicConstraints::Unconstrained)).is_explicitly_no_ca());
    }

    #[test]
    fn line_ends_do_not_make_another_certificate() {
        let (certificate, _) = pair();
        let windows = certificate.replace('\n', "\r\n");
        assert_eq!(canonical(&certificate), certificate);
        assert_eq!((canonical(&windows), canonical(certificate.trim_end())), (certificate.clone(), certificate));
    }
}
