//! Mutual TLS as go-plugin means it: each side makes a throw-away certificate and pins the other's.
//!
//! Not the usual client verifier, for two reasons. Terraform's certificate calls itself a CA, which webpki refuses in
//! a peer; here it is compared byte for byte with the one Terraform announced, which is stricter than any chain. And
//! its key is P-521, which ring does not know; the `p521` crate checks that signature.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use p521::ecdsa::signature::Verifier as _;
use p521::ecdsa::{DerSignature, VerifyingKey};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, ServerConfig};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use tokio_rustls::TlsAcceptor;

/// This process's end of the encrypted connection.
pub(super) struct MutualTls {
    /// Accepts the one client and nobody else.
    pub(super) acceptor: TlsAcceptor,
    /// Our certificate for the handshake line: DER in base64 without padding.
    pub(super) certificate: String,
}

impl MutualTls {
    /// Makes our certificate and pins the client's, given as PEM. The error is a sentence for the user.
    pub(super) fn pinned_to(client: &str) -> Result<Self, String> {
        let verifier = PinnedClient::new(client)?;
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .map_err(|error| format!("cannot make a certificate: {error}"))?;
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())
            .map_err(|error| format!("cannot use the key of the new certificate: {error}"))?;
        let mut config = ServerConfig::builder_with_provider(verifier.crypto.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("cannot set up TLS: {error}"))?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(vec![own.cert.der().clone()], key)
            .map_err(|error| format!("cannot set up TLS: {error}"))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        // Terraform connects once. Nothing is resumed, so every connection shows its certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: STANDARD_NO_PAD.encode(own.cert.der()) })
    }
}

/// Accepts one certificate.
#[derive(Debug)]
pub(super) struct PinnedClient {
    certificate: CertificateDer<'static>,
    key: ClientKey,
    crypto: Arc<CryptoProvider>,
}

#[derive(Debug)]
pub(super) enum ClientKey {
    /// What go-plugin makes.
    P521(VerifyingKey),
    /// Anything else that ring can check, from the certificate itself.
    KnownToRing,
}

impl PinnedClient {
    pub(super) fn new(pem: &str) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| format!("PLUGIN_CLIENT_CERT is not a certificate in PEM form: {error}"))?;
        let key = ClientKey::of(&certificate)?;
        Ok(Self { certificate, key, crypto: Arc::new(ring::default_provider()) })
    }
}

/// How the description of a P-521 key (SubjectPublicKeyInfo in DER) begins, up to the uncompressed point: lengths, the
/// kind of key, the curve. DER leaves no other way to write it.
const P521_KEY: [u8; 25] = [
    0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
];

impl ClientKey {
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, String> {
        let unreadable = |error: &dyn std::fmt::Display| format!("PLUGIN_CLIENT_CERT cannot be read: {error}");
        let parsed = ParsedCertificate::try_from(certificate).map_err(|error| unreadable(&error))?;
        let key = parsed.subject_public_key_info();
        let Some(point) = key.strip_prefix(&P521_KEY) else { return Ok(Self::KnownToRing) };
        VerifyingKey::from_sec1_bytes(point).map(Self::P521).map_err(|error| unreadable(&error))
    }
}

impl PinnedClient {
    fn verify(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        known_to_ring: impl FnOnce() -> Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let ClientKey::P521(key) = &self.key else { return known_to_ring() };
        if signed.scheme != SignatureScheme::ECDSA_NISTP521_SHA512 {
            return Err(Error::InvalidCertificate(CertificateError::BadSignature));
        }
        if is_signed(message, signed.signature(), key) {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::BadSignature))
        }
    }
}

/// Whether `signature` (DER) is the key's over the SHA-512 of `message`.
pub(super) fn is_signed(message: &[u8], signature: &[u8], key: &VerifyingKey) -> bool {
    DerSignature::from_bytes(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
}

impl ClientCertVerifier for PinnedClient {
    /// None: Go keeps its certificate to itself when a hint does not name the certificate's issuer.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.crypto.signature_verification_algorithms;
        self.verify(message, dss, || verify_tls12_signature(message, cert, dss, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.crypto.signature_verification_algorithms;
        self.verify(message, dss, || verify_tls13_signature(message, cert, dss, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        match self.key {
            ClientKey::P521(_) => vec![SignatureScheme::ECDSA_NISTP521_SHA512],
            ClientKey::KnownToRing => self.crypto.signature_verification_algorithms.supported_schemes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer as _, X509Certificate};

    use super::*;

    /// As Terraform 1.11 announced it for one run: throw-away, P-521, signed by its own key.
    const TERRAFORMS: &str = include_str!("../../tests/plugin/terraform-client.pem");

    #[test]
    fn a_signature_of_terraforms_kind_is_checked() {
        let client = PinnedClient::new(TERRAFORMS).expect("a certificate");
        let ClientKey::P521(key) = &client.key else { panic!("{:?}", client.key) };
        let (_, certificate) = X509Certificate::from_der(&client.certificate).expect("a certificate");
        let (signed, signature) = (certificate.tbs_certificate.as_ref(), &certificate.signature_value.data);
        assert!(is_signed(signed, signature, key));

        assert!(!is_signed(&signed[1..], signature, key), "another message");
        let mut broken = signature.to_vec();
        *broken.last_mut().expect("not empty") ^= 1;
        assert!(!is_signed(signed, &broken, key), "another signature");
        assert!(!is_signed(signed, &[], key));
    }

    #[test]
    fn terraform_is_asked_for_exactly_what_its_key_can_sign_and_given_no_hints() {
        let client = PinnedClient::new(TERRAFORMS).expect("a certificate");
        assert_eq!(client.supported_verify_schemes(), [SignatureScheme::ECDSA_NISTP521_SHA512]);
        assert!(client.root_hint_subjects().is_empty() && client.client_auth_mandatory());
    }

    #[test]
    fn what_is_no_certificate_is_refused_at_the_start() {
        for pem in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(PinnedClient::new(pem).is_err(), "{pem:?}");
        }
    }
}
