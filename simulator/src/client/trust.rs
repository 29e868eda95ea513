//! Whom the client believes and as whom it comes: the TLS side of its connections. TLS 1.3 and ring only, no 0-RTT.

use std::sync::Arc;

use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::{ClientError, Options};
use crate::tls;

/// Whom to believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Servers whose certificate comes from this CA (PEM) and carries the name asked for.
    Ca(String),
    /// Anyone. For trying things on one's own machine.
    Anyone,
}

/// The certificate to show, for mutual TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The chain, PEM.
    pub certificate_pem: String,
    /// Its private key, PEM.
    pub private_key_pem: String,
}

/// The private key never shows.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificate_pem", &self.certificate_pem).finish_non_exhaustive()
    }
}

pub(super) fn client_config(options: &Options) -> Result<quinn::ClientConfig, ClientError> {
    let mut config = rustls_config(options).map_err(ClientError::Trust)?;
    for protocol in &options.alpn {
        // rustls would panic.
        if !(1..=255).contains(&protocol.len()) {
            return Err(ClientError::Protocol { length: protocol.len() });
        }
    }
    config.alpn_protocols = options.alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let quic = QuicClientConfig::try_from(config).map_err(|error| ClientError::Trust(error.to_string()))?;
    Ok(quinn::ClientConfig::new(Arc::new(quic)))
}

fn rustls_config(options: &Options) -> Result<ClientConfig, String> {
    let provider = tls::provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| error.to_string())?;
    let builder = match &options.trust {
        Trust::Ca(pem) => builder.with_root_certificates(tls::roots("CA", pem).map_err(|error| error.to_string())?),
        Trust::Anyone => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider))),
    };
    match &options.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => {
            let chain = tls::certificates("client certificate", &identity.certificate_pem);
            let chain = chain.map_err(|error| error.to_string())?;
            let key = tls::private_key(&identity.private_key_pem).map_err(|error| error.to_string())?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| format!("the client certificate and its key cannot be used together: {error}"))
        }
    }
}

/// Believes any certificate, but still checks that the server holds its key.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
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
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
