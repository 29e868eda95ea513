//! Two certificates for all runs of this process. Ed25519, whose signatures all have the same length, so that no packet's
//! size depends on chance.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clb_model::forwarding::{ClientCertificate, ServerCertificate, Tls};
use clb_simulator::tls::provider;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, TransportConfig};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

pub const SERVER_NAME: &str = "game.example";

pub struct Certificate {
    pub tls: Tls,
    pub der: CertificateDer<'static>,
}

pub fn certificates() -> &'static [Certificate; 2] {
    static MADE: OnceLock<[Certificate; 2]> = OnceLock::new();
    MADE.get_or_init(|| [make(), make()])
}

fn make() -> Certificate {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let certificate = CertificateParams::new(vec![SERVER_NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
    Certificate {
        tls: Tls {
            certificates: vec![ServerCertificate {
                chain_pem: certificate.pem().into(),
                private_key_pem: key.serialize_pem().into(),
            }],
            client_ca_pem: None,
            client_certificate: ClientCertificate::Required,
        },
        der: certificate.der().clone(),
    }
}

/// Trusts both, remembers no sessions.
pub fn client_config() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in certificates() {
        roots.add(certificate.der.clone()).unwrap();
    }
    let mut tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.resumption = rustls::client::Resumption::disabled();
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let mut transport = TransportConfig::default();
    transport.keep_alive_interval(Some(Duration::from_secs(3)));
    config.transport_config(Arc::new(transport));
    config
}
