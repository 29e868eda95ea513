//! What clients of a mutual TLS listener show, and what those are told that are not wanted: the close
//! codes of QUIC for what TLS has against a certificate (0x100 and the alert), each provoked. Not here: a revoked certificate (0x12c), since listeners have no revocation lists, and
//! a certificate for another name, since a client's name is not looked at.

use clb_model::forwarding::ClientCertificate;
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Identity, Options};
use clb_simulator::data_plane::counters::HandshakeFailure;
use clb_simulator::data_plane::journal::AttemptKind;
use clb_simulator::data_plane::journal::EndedBy;
use clb_simulator::tls;
use quinn::ConnectionError;
use rcgen::{ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use crate::certificates::{Authority, with_chain};
use crate::raw_client::{RawClient, certified};
use crate::sandbox::{Sandbox, backend, soon};

/// A listener that asks for certificates of a CA.
struct Mutual {
    sandbox: Sandbox,
    blue: Server,
    clients: Authority,
}

impl Mutual {
    async fn new(demand: ClientCertificate) -> Self {
        let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
        let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
        let clients = Authority::new();
        sandbox.listener().tls = sandbox.authority.mutual_server(&clients, demand);
        sandbox.apply().await;
        Self { sandbox, blue, clients }
    }

    /// The error of an exchange, if there is one.
    async fn exchange(&self, identity: Option<Identity>) -> Option<String> {
        let options = Options { identity, ..self.sandbox.options() };
        soon(Client::new(options).unwrap().exchange(1, b"hello\n", 1)).await.error
    }

    /// Clients that are not wanted, and the code each is told.
    fn unwanted(&self) -> Vec<(&'static str, Option<CertifiedKey>, u64)> {
        let clients = &self.clients;
        let own = clients.client();
        let below = clients.intermediate();
        let another = certified(&clients.client());
        let garbage = CertificateDer::from(b"no certificate at all".to_vec());
        let certified = |identity: Identity| Some(certified(&identity));
        vec![
            ("of a CA nobody knows", certified(Authority::new().client()), 0x130),
            ("without the certificate between it and the CA", certified(below.client()), 0x130),
            ("expired", certified(clients.client_like(|it| it.not_after = date_time_ymd(2020, 1, 1))), 0x12d),
            ("not yet valid", certified(clients.client_like(|it| it.not_before = date_time_ymd(2200, 1, 1))), 0x12d),
            (
                "for servers",
                certified(clients.client_like(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth])),
                0x12b,
            ),
            ("no certificate but other bytes", Some(CertifiedKey::new(vec![garbage], another.key.clone())), 0x12a),
            ("signed by a CA of the same name", certified(clients.impostor().client()), 0x133),
            (
                "another's, without its key",
                Some(CertifiedKey::new(
                    tls::certificates("client certificate", &own.certificate_pem).unwrap(),
                    another.key.clone(),
                )),
                0x133,
            ),
        ]
    }

    /// Each of them is told its code, the journal has it too, and nothing reaches a backend.
    async fn refuses(&self, unwanted: Vec<(&'static str, Option<CertifiedKey>, u64)>) {
        let mut wrong = Vec::new();
        let served = self.blue.answered();
        for (what, identity, code) in unwanted {
            let before = self.sandbox.journal.failed_attempts().len();
            let error = RawClient::showing(identity).ending(self.sandbox.address()).await;
            let told = match &error {
                ConnectionError::ConnectionClosed(close) => u64::from(close.error_code),
                other => panic!("{what}: {other:?}"),
            };
            self.sandbox.journal_shows(|_| self.sandbox.journal.failed_attempts().len() > before).await;
            let attempt = self.sandbox.journal.failed_attempts().pop().unwrap();
            let noted = (attempt.kind, attempt.ending.by, attempt.ending.code);
            let expected = (AttemptKind::Handshake(HandshakeFailure::AlertSent), EndedBy::Protocol, Some(code));
            if told != code || noted != expected {
                wrong.push(format!("{what}: {told:#x} in place of {code:#x}, noted as {noted:?}: {error}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(self.blue.answered(), served, "nothing of them reached a backend");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_client_that_is_not_wanted_is_told_why_by_its_code() {
    let mutual = Mutual::new(ClientCertificate::Required).await;
    let mut unwanted = mutual.unwanted();
    unwanted.push(("none", None, 0x174));
    mutual.refuses(unwanted).await;
    assert_eq!(mutual.exchange(Some(mutual.clients.client())).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_certificate_is_optional_none_is_fine_and_a_bad_one_is_not() {
    let mutual = Mutual::new(ClientCertificate::Optional).await;
    mutual.refuses(mutual.unwanted()).await;
    assert_eq!(mutual.exchange(None).await, None);
    assert_eq!(mutual.exchange(Some(mutual.clients.client())).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_may_show_a_chain() {
    let mutual = Mutual::new(ClientCertificate::Required).await;
    let below = mutual.clients.intermediate();
    let leaf = below.client();
    let chain = Identity { certificate_pem: with_chain(&leaf.certificate_pem, &below), ..leaf };
    assert_eq!(mutual.exchange(Some(chain)).await, None);
}
