//! A client made of quinn and rustls alone, of which a test decides everything that TLS lets it: which signatures it can
//! verify, what it shows, what it remembers. It believes any server and tells what it was shown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clb_simulator::client::Identity;
use clb_simulator::tls;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connecting, Connection, ConnectionError, Endpoint};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, ResolvesClientCert, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{DigitallySignedStruct, NamedGroup, SignatureScheme};
use tokio::sync::watch;

use crate::certificates::SERVER_NAME;
use crate::sandbox::soon;

pub struct RawClient {
    pub endpoint: Endpoint,
    config: quinn::ClientConfig,
    witness: Arc<Witness>,
    tickets: Arc<Tickets>,
}

impl RawClient {
    /// One that shows nothing.
    pub fn new() -> Self {
        Self::build(None, None, false)
    }

    /// One that shows this, whatever it is.
    pub fn showing(identity: Option<CertifiedKey>) -> Self {
        Self::build(identity, None, false)
    }

    /// One that can verify these signatures only.
    pub fn verifying(schemes: Vec<SignatureScheme>) -> Self {
        Self::build(None, Some(schemes), false)
    }

    /// One that sends early data when it may.
    pub fn early(identity: Option<CertifiedKey>) -> Self {
        Self::build(identity, None, true)
    }

    fn build(identity: Option<CertifiedKey>, schemes: Option<Vec<SignatureScheme>>, early: bool) -> Self {
        let witness = Arc::new(Witness { schemes: schemes.unwrap_or_else(all_schemes), asked: AtomicUsize::new(0) });
        let tickets = Arc::new(Tickets::default());
        let builder = rustls::ClientConfig::builder_with_provider(tls::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(key) => {
                let shown: Arc<dyn ResolvesClientCert> = Arc::new(SingleCertAndKey::from(key));
                builder.with_client_cert_resolver(shown)
            }
        };
        config.alpn_protocols = vec![b"game/1".to_vec()];
        config.enable_early_data = early;
        config.resumption = Resumption::store(Arc::clone(&tickets) as Arc<dyn ClientSessionStore>);
        let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()));
        let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { endpoint, config, witness, tickets }
    }

    /// Begins a handshake, with the name of [`SERVER_NAME`].
    pub fn connecting(&self, target: SocketAddr) -> Connecting {
        self.connecting_to(target, SERVER_NAME)
    }

    pub fn connecting_to(&self, target: SocketAddr, name: &str) -> Connecting {
        self.endpoint.connect_with(self.config.clone(), target, name).unwrap()
    }

    /// A connection, whether what it resumed was a session, and the session that it leaves for the next one.
    pub async fn connect(&self, target: SocketAddr) -> (Connection, Resumed) {
        let asked = self.witness.asked.load(Ordering::Relaxed);
        let mut tickets = self.tickets.count.subscribe();
        tickets.mark_unchanged();
        let connection = soon(self.connecting(target)).await.unwrap();
        soon(tickets.changed()).await.unwrap();
        let resumed = self.witness.asked.load(Ordering::Relaxed) == asked;
        (connection, Resumed(resumed))
    }

    /// What the server showed to a client that asked for that name.
    pub async fn shown(&self, target: SocketAddr, name: &str) -> Result<Vec<CertificateDer<'static>>, ConnectionError> {
        let connection = soon(self.connecting_to(target, name)).await?;
        Ok(*connection.peer_identity().unwrap().downcast().unwrap())
    }

    /// With which error a connection ends that the server does not want.
    pub async fn ending(&self, target: SocketAddr) -> ConnectionError {
        // A client has ended its handshake before the server has judged what it shows.
        match soon(self.connecting(target)).await {
            Ok(connection) => soon(connection.closed()).await,
            Err(error) => error,
        }
    }
}

/// Whether a connection went on from an earlier one: no certificate was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resumed(pub bool);

/// What a client shows, from PEM.
pub fn certified(identity: &Identity) -> CertifiedKey {
    let chain = tls::certificates("client certificate", &identity.certificate_pem).unwrap();
    let key = tls::private_key(&identity.private_key_pem).unwrap();
    CertifiedKey::from_der(chain, key, &tls::provider()).unwrap()
}

fn all_schemes() -> Vec<SignatureScheme> {
    tls::provider().signature_verification_algorithms.supported_schemes()
}

/// Believes any certificate and counts how often it was asked to.
#[derive(Debug)]
struct Witness {
    schemes: Vec<SignatureScheme>,
    asked: AtomicUsize,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("QUIC has TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &tls::provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}

/// The sessions a client remembers, and how many it was given.
#[derive(Debug)]
struct Tickets {
    cache: ClientSessionMemoryCache,
    count: watch::Sender<usize>,
}

impl Default for Tickets {
    fn default() -> Self {
        Self { cache: ClientSessionMemoryCache::new(64), count: watch::channel(0).0 }
    }
}

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, server_name: ServerName<'static>, group: NamedGroup) {
        self.cache.set_kx_hint(server_name, group);
    }

    fn kx_hint(&self, server_name: &ServerName<'_>) -> Option<NamedGroup> {
        self.cache.kx_hint(server_name)
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, server_name: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.cache.insert_tls13_ticket(server_name, value);
        self.count.send_modify(|count| *count += 1);
    }

    fn take_tls13_ticket(&self, server_name: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.cache.take_tls13_ticket(server_name)
    }
}
