//! The cloud API over HTTPS: a CA and a certificate that are made at the start and live as long as the process.
//!
//! The certificate has the names by which clients reach the platform, so that one that takes a name for this machine
//! (a hosts file, a resolver) is served too. Nobody else can use the CA: its key is dropped when it has signed once.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

use crate::seed::REGIONS;
use crate::tls;

/// The cloud API cannot be served over HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    /// No certificate could be made.
    #[error("cannot make a certificate for HTTPS: {0}")]
    Certificate(#[from] rcgen::Error),
    /// It cannot be used.
    #[error("cannot use the certificate that was made for HTTPS: {0}")]
    Tls(#[from] rustls::Error),
    /// The CA's certificate cannot be written.
    #[error("cannot write the CA file {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Makes a certificate for a door at that address; writes the CA's to the file.
pub fn start(door: SocketAddr, ca_file: &Path) -> Result<TlsAcceptor, HttpsError> {
    let (ca, ca_pem) = authority()?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names(door))?;
    params.distinguished_name.push(DnType::CommonName, "clb-simulator");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid_for_a_year(&mut params);
    let certificate = params.signed_by(&key, &ca)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    std::fs::write(ca_file, ca_pem).map_err(|source| HttpsError::Write { path: ca_file.to_owned(), source })?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn authority() -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "clb-simulator CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for_a_year(&mut params);
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

/// Clients check with the machine's clock, whatever the simulator's says.
fn valid_for_a_year(params: &mut CertificateParams) {
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::DAY;
    params.not_after = now + Duration::days(365);
}

/// A wildcard stands for one label, so regional hosts need one each (GO, INTL 608/33031).
fn names(door: SocketAddr) -> Vec<String> {
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST), door.ip()];
    let mut names: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    names.dedup();
    names.extend(["localhost", "*.tencentcloudapi.com", "*.intl.tencentcloudapi.com"].map(str::to_owned));
    names.extend(REGIONS.map(|region| format!("*.{region}.tencentcloudapi.com")));
    names
}
