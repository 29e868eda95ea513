//! Claims about who may speak with a configured provider: nobody but the Terraform that started it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ConfigBuilder, DigitallySignedStruct, RootCertStore, SignatureScheme, WantsVerifier};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;

use super::interruption::in_the_middle_of_a_create;
use super::process::Plugin;
use super::sandbox::{Ran, Sandbox};

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

type Trust = ConfigBuilder<ClientConfig, WantsClientCert>;

fn tls() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    config.with_safe_default_protocol_versions().unwrap()
}

/// Trusts only the certificate of the handshake line, as Terraform does.
fn trusting(plugin: &Plugin) -> Trust {
    let mut roots = RootCertStore::empty();
    roots.add(STANDARD_NO_PAD.decode(&plugin.certificate).unwrap().into()).unwrap();
    tls().with_root_certificates(roots)
}

/// Trusts anybody: a stranger has not seen the handshake line.
fn trusting_anybody() -> Trust {
    tls().dangerous().with_custom_certificate_verifier(Arc::new(Credulous))
}

/// Takes every server for the right one.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

async fn greeting(plugin: &Plugin, identity: Option<&Identity>) -> io::Result<usize> {
    greeting_at(&plugin.socket, trusting(plugin), identity).await
}

/// Connects with the certificate given, and reads the first bytes that the server sends by itself (HTTP/2 settings).
async fn greeting_at(socket: &Path, trust: Trust, identity: Option<&Identity>) -> io::Result<usize> {
    let mut config = match identity {
        None => trust.with_no_client_auth(),
        Some(identity) => {
            let key = ring::sign::any_ecdsa_type(&identity.key).unwrap();
            // Without rustls' own check that the two belong together: a thief has no such scruples.
            let pair = CertifiedKey::new(vec![identity.certificate.clone()], key);
            trust.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = UnixStream::connect(socket).await?;
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

#[tokio::test(flavor = "multi_thread")]
async fn silent_strangers_do_not_delay_the_end() {
    let mut plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", &Identity::new().pem)]);
    let mut silent = UnixStream::connect(&plugin.socket).await.unwrap();
    plugin.signal("TERM");
    let (status, waited) = plugin.ended();
    // A handshake alone would be given ten seconds.
    assert!(status.success() && waited < Duration::from_secs(5), "{status} {waited:?}");
    assert_eq!(silent.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_stolen_certificate_without_its_key_is_refused() {
    let terraform = Identity::new();
    let thief = Identity { certificate: terraform.certificate.clone(), ..Identity::new() };
    let plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", &terraform.pem)]);
    let refused = greeting(&plugin, Some(&thief)).await.unwrap_err();
    assert!(refused.to_string().contains("alert"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terraform_at_work_is_disturbed_by_no_stranger_on_its_socket() {
    let sandbox = Sandbox::new("");
    let terraform = in_the_middle_of_a_create(&sandbox);
    let sockets = fs::read_dir(sandbox.path("")).unwrap().map(|entry| entry.unwrap().path().join("socket"));
    let sockets: Vec<_> = sockets.filter(|socket| socket.exists()).collect();
    assert!(!sockets.is_empty());
    for socket in &sockets {
        let without = greeting_at(socket, trusting_anybody(), None).await.unwrap_err();
        assert!(without.to_string().contains("CertificateRequired"), "{without}");
        let other = greeting_at(socket, trusting_anybody(), Some(&Identity::new())).await.unwrap_err();
        assert!(other.to_string().contains("alert"), "{other}");
    }
    fs::write(sandbox.path("until"), "").unwrap();
    Ran(terraform.wait_with_output().unwrap()).succeeds();
    assert!(sandbox.is_settled());
}
