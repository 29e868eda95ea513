//! PEM text to rustls: the server side of a listener, with mutual TLS where it has a client CA.
//!
//! One crypto provider (ring), TLS 1.3 only as QUIC has it. Every call makes its own session storage, so a
//! session of one listener, or of one certificate or client-CA setting, cannot be resumed under another. Which
//! application protocol is spoken is not decided here.

use std::sync::Arc;

use clb_model::forwarding::{ClientCertificate, ServerCertificate, Tls};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use x509_parser::prelude::{FromDer, X509Certificate};

/// Why a listener cannot be given this TLS material. The texts never contain key bytes.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate in the PEM text, or one that cannot be decoded.
    #[error("the {what} is not a PEM certificate: {reason}")]
    Certificate {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No private key in the PEM text, or one that cannot be decoded.
    #[error("the private key is not a PEM private key (PKCS#8, PKCS#1 or SEC1): {0}")]
    PrivateKey(String),
    /// The certificate and the key do not belong together, or their algorithm is not supported.
    #[error("the certificate and its private key cannot be used together: {0}")]
    Mismatch(rustls::Error),
    /// The client CA cannot verify anything.
    #[error("the client CA cannot be used to verify client certificates: {0}")]
    ClientCa(String),
}

/// The crypto provider of everything here.
pub fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Early data without a bound of TLS's own, the one amount beside none that QUIC has.
const EARLY_DATA: u32 = u32::MAX;

/// What clients of a listener are shown and asked for. With `early_data` a client that resumes a session may send before
/// its handshake is complete, unless it is asked for a certificate; each session allows that once.
pub fn server_config(tls: &Tls, early_data: bool) -> Result<ServerConfig, TlsError> {
    let shown = tls.certificates.iter().map(certified).collect::<Result<Vec<_>, _>>()?;
    if shown.is_empty() {
        return Err(TlsError::Certificate { what: "server certificate", reason: "there is none".to_owned() });
    }
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Mismatch)?;
    let builder = match &tls.client_ca_pem {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots("client CA", pem)?), provider());
            let verifier = match tls.client_certificate {
                ClientCertificate::Required => verifier,
                ClientCertificate::Optional => verifier.allow_unauthenticated(),
            };
            let verifier = verifier.build().map_err(|error| TlsError::ClientCa(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_cert_resolver(Arc::new(Shown(shown)));
    if early_data && tls.client_ca_pem.is_none() {
        config.max_early_data_size = EARLY_DATA;
    }
    Ok(config)
}

/// A certificate with its key, which belong together.
fn certified(certificate: &ServerCertificate) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates("server certificate", &certificate.chain_pem)?;
    let key = private_key(&certificate.private_key_pem)?;
    CertifiedKey::from_der(chain, key, &provider()).map(Arc::new).map_err(TlsError::Mismatch)
}

/// The certificates of a listener, of which each client is shown one.
#[derive(Debug)]
struct Shown(Vec<Arc<CertifiedKey>>);

/// Of the certificates that carry the name the client asks for, or of all if none does or it asks for none: the first
/// whose key can sign in a way the client can verify, or else the first, so that the client says what it misses. How the
/// platform chooses is not documented; the order is our choice.
impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let [first, _, ..] = self.0.as_slice() else { return self.0.first().cloned() };
        let name = hello.server_name().and_then(|name| ServerName::try_from(name).ok());
        let named = |it: &&Arc<CertifiedKey>| name.as_ref().is_some_and(|name| carries(it, name));
        let verifiable = |it: &&Arc<CertifiedKey>| it.key.choose_scheme(hello.signature_schemes()).is_some();
        let all = || self.0.iter();
        let of_name = || all().filter(named);
        let chosen = of_name().find(verifiable).or_else(|| of_name().next()).or_else(|| all().find(verifiable));
        Some(Arc::clone(chosen.unwrap_or(first)))
    }
}

/// Whether a certificate is for a server of that name.
fn carries(certified: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let Ok(certificate) = certified.end_entity_cert().and_then(ParsedCertificate::try_from) else { return false };
    verify_server_name(&certificate, name).is_ok()
}

/// The certificates of a PEM text, at least one. `what` names it in the error.
pub fn certificates(what: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bad = |reason: String| TlsError::Certificate { what, reason };
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| bad(error.to_string()))?;
    if chain.is_empty() {
        return Err(bad("there is no BEGIN CERTIFICATE block in it".to_owned()));
    }
    Ok(chain)
}

/// The first private key of a PEM text.
pub fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| TlsError::PrivateKey(error.to_string()))
}

/// The CA certificates of a PEM text as trust anchors. `what` names it in the error.
pub fn roots(what: &'static str, pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(what, pem)? {
        roots.add(certificate).map_err(|error| TlsError::Certificate { what, reason: error.to_string() })?;
    }
    Ok(roots)
}

/// Whom a certificate names, as text (`CN=...`); `None` if it cannot be read.
pub fn subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.subject().to_string())
}
