//! Reading certificates and keys: what the model needs to know of them. Nothing is decided here; an unreadable
//! certificate becomes a draft that says so.

use std::sync::Arc;

use clb_model::certificate::{CertificateDraft, CertificateFacts, KeyReading};
use clb_model::tag::Tags;
use clb_model::time::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

use crate::tls;

/// A draft of a certificate from its PEM texts.
pub fn draft(
    pem: &str,
    private_key: Option<&str>,
    purpose: Option<&str>,
    alias: Option<String>,
    repeatable: bool,
    tags: Tags,
) -> CertificateDraft {
    let chain = tls::certificates("certificate", pem).map_err(|error| error.to_string());
    let key = match (private_key, &chain) {
        (None, _) => KeyReading::Absent,
        (Some(_), Err(_)) => KeyReading::Unreadable("its certificate cannot be read".to_owned()),
        (Some(key), Ok(chain)) => read_key(key, chain),
    };
    CertificateDraft {
        purpose: purpose.map(str::to_owned),
        alias,
        pem: Arc::from(pem),
        reading: chain.and_then(|chain| facts(&chain[0])),
        key,
        repeatable,
        project_id: 0,
        tags,
    }
}

/// Whether a PEM text has a private key that needs a password (RFC 7468, RFC 1421).
pub fn is_encrypted(pem: &str) -> bool {
    pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED")
}

/// Whether the key belongs to the first certificate of the chain, and can sign.
fn read_key(pem: &str, chain: &[CertificateDer<'static>]) -> KeyReading {
    let key = match tls::private_key(pem) {
        Ok(key) => key,
        Err(error) => return KeyReading::Unreadable(error.to_string()),
    };
    let signing = match rustls::crypto::ring::sign::any_supported_type(&key) {
        Ok(signing) => signing,
        Err(error) => return KeyReading::Unreadable(error.to_string()),
    };
    match CertifiedKey::new(chain.to_vec(), signing).keys_match() {
        Ok(()) => KeyReading::Fits(Arc::from(pem)),
        Err(_) => KeyReading::Foreign,
    }
}

fn facts(der: &CertificateDer<'_>) -> Result<CertificateFacts, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    let common_name =
        certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok()).unwrap_or_default();
    let names = certificate.subject_alternative_name().ok().flatten();
    let alternative_names: Vec<String> =
        names.map(|names| names.value.general_names.iter().filter_map(alternative_name).collect()).unwrap_or_default();
    let common_name = if common_name.is_empty() {
        // Newer certificates name their host there only.
        alternative_names.first().cloned().unwrap_or_default()
    } else {
        common_name.to_owned()
    };
    Ok(CertificateFacts {
        common_name,
        alternative_names,
        not_before: timestamp(certificate.validity().not_before),
        not_after: timestamp(certificate.validity().not_after),
        fingerprint: fingerprint(der),
        key_algorithm: key_algorithm(&certificate),
        is_ca: certificate.is_ca(),
    })
}

fn alternative_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
        GeneralName::IPAddress(bytes) => {
            <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())
        }
        _ => None,
    }
}

fn timestamp(time: ASN1Time) -> Timestamp {
    Timestamp::from_unix_millis(u64::try_from(time.timestamp()).unwrap_or(0).saturating_mul(1000))
}

/// SHA-1, because that is what the API shows (SDK). Nobody relies on it for safety.
fn fingerprint(der: &CertificateDer<'_>) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"))
}

fn key_algorithm(certificate: &X509Certificate<'_>) -> String {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => format!("ECC {}", point.key_size()),
        _ => certificate.public_key().algorithm.algorithm.to_id_string(),
    }
}
