//! A QUIC client on quinn: connects from an address of its own, sends, reads to the end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, TransportConfig};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::Handle;

use crate::certificates::{Identity, SERVER_NAME};

/// The longest answer a client takes; none of the tests sends more.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;
/// The protocol name offered; a layer-4 listener takes any.
const ALPN: &[u8] = b"acceptance/1";

/// A client that trusts one server certificate.
pub struct QuicClient {
    endpoint: Endpoint,
    runtime: Handle,
}

/// What a backend said: who it is, whom it saw, and what it echoed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The backend's name.
    pub backend: String,
    /// The address the backend saw.
    pub seen: SocketAddr,
    /// What came back after the greeting.
    pub echo: Vec<u8>,
}

impl QuicClient {
    /// A client on `source`, with a certificate of its own where mutual TLS asks for one.
    pub fn new(runtime: &Handle, source: IpAddr, trusted_pem: &str, identity: Option<&Identity>) -> Self {
        let config = client_config(trusted_pem, identity);
        let _inside = runtime.enter();
        let mut endpoint = Endpoint::client(SocketAddr::new(source, 0)).expect("a free port on a loopback address");
        endpoint.set_default_client_config(config);
        Self { endpoint, runtime: runtime.clone() }
    }

    /// A new connection, handshake done.
    pub fn connect(&self, address: SocketAddr) -> Result<Connection, String> {
        self.runtime.block_on(async {
            let connecting = self.endpoint.connect(address, SERVER_NAME).map_err(|refused| refused.to_string())?;
            connecting.await.map_err(|failed| failed.to_string())
        })
    }

    /// Sends `text` on a new connection and reads the answer to its end.
    pub fn ask(&self, address: SocketAddr, text: &[u8]) -> Result<Answer, String> {
        let connection = self.connect(address)?;
        let answer = self.ask_on(&connection, text);
        connection.close(0_u8.into(), b"done");
        answer
    }

    /// Sends `text` on a new stream of a connection, says it is finished, and reads the answer to its end.
    pub fn ask_on(&self, connection: &Connection, text: &[u8]) -> Result<Answer, String> {
        let said = self.runtime.block_on(async {
            let (mut send, mut receive) = connection.open_bi().await.map_err(|closed| closed.to_string())?;
            let writing = async {
                send.write_all(text).await.map_err(|end| ended(connection, &end))?;
                send.finish().map_err(|closed| closed.to_string())
            };
            let reading = async { receive.read_to_end(LONGEST_ANSWER).await.map_err(|end| ended(connection, &end)) };
            let ((), said) = tokio::try_join!(writing, reading)?;
            Ok::<_, String>(said)
        })?;
        Answer::parse(&said)
    }
}

/// Why a stream ended early, with the connection's reason where the connection has ended.
fn ended(connection: &Connection, error: &dyn std::error::Error) -> String {
    match connection.close_reason() {
        None => error.to_string(),
        Some(reason) => format!("{error}: {reason}"),
    }
}

impl Answer {
    fn parse(said: &[u8]) -> Result<Self, String> {
        let not_a_greeting = || format!("not a greeting: {:?}", String::from_utf8_lossy(&said[..said.len().min(200)]));
        let end = said.iter().position(|byte| *byte == b'\n').ok_or_else(not_a_greeting)?;
        let greeting = std::str::from_utf8(&said[..end]).map_err(|_| not_a_greeting())?;
        let (backend, seen) = greeting.split_once(' ').ok_or_else(not_a_greeting)?;
        let seen = seen.parse().map_err(|_| not_a_greeting())?;
        Ok(Self { backend: backend.to_owned(), seen, echo: said[end + 1..].to_vec() })
    }
}

fn client_config(trusted_pem: &str, identity: Option<&Identity>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(trusted_pem.as_bytes()) {
        roots.add(certificate.expect("PEM made by this test")).expect("a certificate made by this test");
    }
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("ring speaks TLS 1.3")
        .with_root_certificates(roots);
    let mut tls = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = CertificateDer::pem_slice_iter(identity.certificate_pem.as_bytes())
                .collect::<Result<Vec<_>, _>>()
                .expect("PEM made by this test");
            let key =
                PrivateKeyDer::from_pem_slice(identity.private_key_pem.as_bytes()).expect("PEM made by this test");
            builder.with_client_auth_cert(chain, key).expect("a key that fits its certificate")
        }
    };
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let mut transport = TransportConfig::default();
    // A closed port answers nothing on loopback: give up early, but later than a busy machine takes for a handshake.
    transport.max_idle_timeout(Some(Duration::from_secs(5).try_into().expect("five seconds fit")));
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).expect("TLS 1.3 with ring")));
    config.transport_config(Arc::new(transport));
    config
}
