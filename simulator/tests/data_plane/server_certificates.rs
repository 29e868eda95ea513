//! What a listener shows to its clients: chains, one of several certificates, one whose time is over, and a new one while
//! clients come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use clb_model::forwarding::{ServerCertificate, Tls};
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Exchange, Options, Trust};
use clb_simulator::tls;
use quinn::ConnectionError;
use rcgen::date_time_ymd;
use rustls::SignatureScheme;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::certificates::{Authority, RSA_NAME, SERVER_NAME, one_way, rsa, with_chain};
use crate::raw_client::RawClient;
use crate::sandbox::{Sandbox, backend, pattern, soon, tcp_server};

const ECDSA: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;
const RSA: SignatureScheme = SignatureScheme::RSA_PSS_SHA256;

async fn showing(certificates: impl FnOnce(&Authority) -> Vec<ServerCertificate>) -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    let mut sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    sandbox.listener().tls = one_way(certificates(&sandbox.authority));
    sandbox.apply().await;
    (sandbox, blue)
}

async fn exchange(options: Options) -> Exchange {
    soon(Client::new(options).unwrap().exchange(1, b"hello\n", 1)).await
}

fn leaf(certificate: &ServerCertificate) -> CertificateDer<'static> {
    tls::certificates("certificate", &certificate.chain_pem).unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_chain_is_shown() {
    let (mut sandbox, _blue) = showing(|authority| vec![authority.server_named(SERVER_NAME)]).await;
    let intermediate = sandbox.authority.intermediate();
    let alone = intermediate.server_named(SERVER_NAME);
    let chain = ServerCertificate { chain_pem: with_chain(&alone.chain_pem, &intermediate).into(), ..alone.clone() };
    sandbox.listener().tls = one_way(vec![chain]);
    sandbox.apply().await;
    assert_eq!(exchange(sandbox.options()).await.error, None);

    sandbox.listener().tls = one_way(vec![alone]);
    sandbox.apply().await;
    let error = exchange(sandbox.options()).await.error.expect("the client misses the one in between");
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_certificates_the_one_with_the_name_is_shown_and_the_first_to_all_others() {
    let (sandbox, _blue) = showing(|authority| {
        ["one.example", "two.example", "*.many.example"].map(|name| authority.server_named(name)).into()
    })
    .await;
    let shown = sandbox.table.listeners[&crate::sandbox::id()].tls.certificates.clone();
    let client = RawClient::new();
    for (name, place) in [
        ("one.example", 0),
        ("two.example", 1),
        ("TWO.example", 1),
        ("a.many.example", 2),
        ("a.b.many.example", 0),
        ("three.example", 0),
        // An address is no server name: the client sends none.
        ("127.0.0.1", 0),
    ] {
        let chain = client.shown(sandbox.address(), name).await.unwrap();
        assert_eq!(chain[0], leaf(&shown[place]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_rsa_and_an_ecdsa_certificate_the_one_is_shown_that_the_client_can_verify() {
    let (mut sandbox, _blue) = showing(|authority| vec![authority.server_named(RSA_NAME), rsa()]).await;
    let [ecdsa, rsa] = <[_; 2]>::try_from(sandbox.listener().tls.certificates.clone()).unwrap_or_else(|_| panic!());
    let only_ecdsa = RawClient::verifying(vec![ECDSA]);
    let only_rsa = RawClient::verifying(vec![RSA]);
    let both = RawClient::new();
    for (order, first) in [([&ecdsa, &rsa], &ecdsa), ([&rsa, &ecdsa], &rsa)] {
        sandbox.listener().tls = one_way(order.map(ServerCertificate::clone).into());
        sandbox.apply().await;
        let target = sandbox.address();
        for name in [RSA_NAME, "127.0.0.1"] {
            assert_eq!(only_ecdsa.shown(target, name).await.unwrap()[0], leaf(&ecdsa), "{name}");
            assert_eq!(only_rsa.shown(target, name).await.unwrap()[0], leaf(&rsa), "{name}");
            assert_eq!(both.shown(target, name).await.unwrap()[0], leaf(first), "the first of equals for {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_weighs_more_than_a_signature_and_a_client_that_can_verify_none_is_told_so() {
    let (sandbox, _blue) = showing(|authority| vec![authority.server_named(SERVER_NAME), rsa()]).await;
    let only_ecdsa = RawClient::verifying(vec![ECDSA]);
    let shown = only_ecdsa.shown(sandbox.address(), SERVER_NAME).await.unwrap();
    assert_eq!(shown[0], leaf(&sandbox.table.listeners[&crate::sandbox::id()].tls.certificates[0]));
    let error = only_ecdsa.shown(sandbox.address(), RSA_NAME).await.unwrap_err();
    let ConnectionError::ConnectionClosed(close) = &error else { panic!("{error:?}") };
    assert_eq!(u64::from(close.error_code), 0x128, "handshake_failure: {error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_certificate_and_one_of_another_name_are_shown_and_the_client_decides() {
    let (mut sandbox, _blue) = showing(|authority| vec![authority.server_named(SERVER_NAME)]).await;
    let authority = &sandbox.authority;
    let bad = [
        (authority.server_like(SERVER_NAME, |it| it.not_after = date_time_ymd(2020, 1, 1)), "certificate expired"),
        (authority.server_like(SERVER_NAME, |it| it.not_before = date_time_ymd(2200, 1, 1)), "not valid yet"),
        (authority.server_named("other.example"), "not valid for name"),
    ];
    for (certificate, reason) in bad {
        sandbox.listener().tls = one_way(vec![certificate]);
        sandbox.apply().await;
        let error = exchange(sandbox.options()).await.error.expect("this client is careful");
        assert!(error.contains(reason), "{error}");
        let careless = Options { trust: Trust::Anyone, ..sandbox.options() };
        assert_eq!(exchange(careless).await.error, None, "{reason}");
    }
}

/// Certificates are changed this often.
const CHANGES: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_changes_of_certificate_under_load_fail_nothing() {
    let (server, address) = tcp_server().await;
    let echoing = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut connection, _)) = server.accept().await {
            connections.spawn(async move {
                let (mut from, mut to) = connection.split();
                tokio::io::copy(&mut from, &mut to).await.unwrap();
                to.shutdown().await.unwrap();
                // Until the other side has all of it.
                let _ = from.read(&mut [0]).await;
            });
        }
    });
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    let over = Arc::new(AtomicBool::new(false));
    let handshakes = Arc::new(AtomicUsize::new(0));
    let mut load = JoinSet::new();
    // Some talk on one connection all the time, others make one after the other, each sure of whom it talks to.
    for number in 0..6 {
        let (client, over, handshakes) = (sandbox.client(), Arc::clone(&over), Arc::clone(&handshakes));
        load.spawn(async move {
            let content = pattern(20_000 + number);
            let mut connection = soon(client.connect()).await.unwrap();
            loop {
                let (mut send, mut recv) = soon(connection.open_bi()).await.unwrap();
                let asking = async {
                    send.write_all(&content).await.unwrap();
                    send.finish().unwrap();
                };
                let (answer, ()) = soon(async { tokio::join!(recv.read_to_end(1 << 20), asking) }).await;
                assert!(answer.unwrap() == content);
                if over.load(Ordering::Relaxed) {
                    return;
                }
                if number % 2 == 0 {
                    connection = soon(client.connect()).await.unwrap();
                    handshakes.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    let witness = RawClient::new();
    for _ in 0..CHANGES {
        let tls: Tls = sandbox.authority.server();
        let expected = leaf(&tls.certificates[0]);
        sandbox.listener().tls = tls;
        sandbox.apply().await;
        assert_eq!(witness.shown(sandbox.address(), SERVER_NAME).await.unwrap()[0], expected);
    }
    over.store(true, Ordering::Relaxed);
    while let Some(ended) = soon(load.join_next()).await {
        ended.expect("a client that noticed nothing");
    }
    assert!(handshakes.load(Ordering::Relaxed) > 0, "there was load");
    assert_eq!(sandbox.journal.failed_attempts(), []);
    echoing.abort();
}
