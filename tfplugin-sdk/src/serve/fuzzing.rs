//! What must hold of the handshake, whatever the environment is. See `fuzzing` for who asks.

use rustls::pki_types::CertificateDer;

use super::handshake::{self, Environment};
use super::mutual_tls::{ClientKey, PinnedClient};

/// An environment as a process has it: `NAME=VALUE`, each ended by a zero byte.
pub(crate) fn handshake(input: &[u8]) {
    let variable = |name: &str| {
        let mut variables = input.split(|byte| *byte == 0);
        let value = variables.find_map(|variable| variable.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        String::from_utf8(value.to_vec()).ok()
    };
    match Environment::read(variable) {
        Ok(environment) => {
            if let Some(pem) = environment.client_certificate {
                refused_in_a_sentence(PinnedClient::new(&pem).map(drop));
            }
            let folder = environment.socket_folder.unwrap_or_default();
            let line = handshake::line(&folder.display().to_string(), "");
            assert!(line.starts_with("1|6|unix|"), "{line}");
        }
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
}

/// A certificate without the text around it.
pub(crate) fn certificate(input: &[u8]) {
    let key = ClientKey::of(&CertificateDer::from(input));
    if let Ok(ClientKey::P521(key)) = &key {
        assert!(!super::mutual_tls::is_signed(b"a message", input, key), "a certificate is no signature");
    }
    refused_in_a_sentence(key.map(drop));
}

fn refused_in_a_sentence(outcome: Result<(), String>) {
    if let Err(sentence) = outcome {
        assert!(sentence.starts_with("PLUGIN_CLIENT_CERT "), "{sentence}");
    }
}
