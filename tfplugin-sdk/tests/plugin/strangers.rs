//! Claims about who may speak with a configured provider: nobody but the Terraform that started it.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;

use super::process::Plugin;

struct Identity {
    pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        Self { pem: made.cert.pem(), certificate: made.cert.der().clone(), key }
    }
}

/// Connects with the certificate given, and reads the first bytes that the server sends by itself (HTTP/2 settings).
async fn greeting(plugin: &Plugin, identity: Option<&Identity>) -> io::Result<usize> {
    let mut roots = RootCertStore::empty();
    roots.add(STANDARD_NO_PAD.decode(&plugin.certificate).unwrap().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots);
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let key = ring::sign::any_ecdsa_type(&identity.key).unwrap();
            // Without rustls' own check that the two belong together: a thief has no such scruples.
            let pair = CertifiedKey::new(vec![identity.certificate.clone()], key);
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = UnixStream::connect(&plugin.socket).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = TlsConnector::from(Arc::new(config)).connect(name, socket).await?;
    connection.read(&mut [0; 64]).await
}

#[tokio::test]
async fn only_the_announced_certificate_is_let_in() {
    let terraform = Identity::new();
    let plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", &terraform.pem)]);
    assert!(!plugin.certificate.contains('='), "base64 without padding");

    assert!(greeting(&plugin, Some(&terraform)).await.unwrap() > 0);
    let without = greeting(&plugin, None).await.unwrap_err();
    assert!(without.to_string().contains("CertificateRequired"), "{without}");
    let other = greeting(&plugin, Some(&Identity::new())).await.unwrap_err();
    assert!(other.to_string().contains("alert"), "{other}");
    // And the refused ones have not harmed the one.
    assert!(greeting(&plugin, Some(&terraform)).await.unwrap() > 0);
}

#[tokio::test]
async fn silent_strangers_do_not_keep_terraform_waiting() {
    let terraform = Identity::new();
    let plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", &terraform.pem)]);
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(UnixStream::connect(&plugin.socket).await.unwrap());
    }
    assert!(greeting(&plugin, Some(&terraform)).await.unwrap() > 0);
}

#[tokio::test]
async fn a_stolen_certificate_without_its_key_is_refused() {
    let terraform = Identity::new();
    let thief = Identity { certificate: terraform.certificate.clone(), ..Identity::new() };
    let plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", &terraform.pem)]);
    let refused = greeting(&plugin, Some(&thief)).await.unwrap_err();
    assert!(refused.to_string().contains("alert"), "{refused}");
}
