//! Certificates, client certificates, application protocols and versions.

use std::net::UdpSocket;
use std::time::Duration;

use clb_model::forwarding::{ClientCertificate, ServerCertificate, Tls};
use clb_simulator::backend::Backend as Server;
use clb_simulator::client::{Client, Exchange, Options, Trust};
use quinn::crypto::rustls::HandshakeData;

use crate::certificates::{Authority, SERVER_NAME, one_way, rsa};
use crate::sandbox::{Sandbox, backend, id, soon};

async fn sandbox() -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    (Sandbox::with(vec![backend(blue.address())]).await, blue)
}

async fn exchange(options: Options) -> Exchange {
    soon(Client::new(options).unwrap().exchange(1, b"hello\n", 1)).await
}

/// The error of a handshake that must fail.
async fn refusal(options: Options) -> String {
    exchange(options).await.error.expect("it is refused")
}

fn alpn(protocols: &[&str]) -> Vec<String> {
    protocols.iter().map(|&protocol| protocol.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_offer_is_chosen_whatever_it_is() {
    let (sandbox, _blue) = sandbox().await;
    let offers: [&[&str]; 4] = [&["game/1", "h3"], &["h3"], &["\u{1}odd name", "game/1"], &[]];
    for (place, offer) in offers.into_iter().enumerate() {
        let options = Options { alpn: alpn(offer), ..sandbox.options() };
        let connection = soon(Client::new(options).unwrap().connect()).await.unwrap();
        let data = connection.handshake_data().unwrap().downcast::<HandshakeData>().unwrap();
        let expected = offer.first().map(|protocol| protocol.as_bytes().to_vec());
        assert_eq!(data.protocol, expected);
        let records = sandbox.journal_shows(|records| records.len() == place + 1).await;
        assert_eq!(records[place].opening.alpn.as_deref(), expected.as_deref(), "the journal has it too");
        assert_eq!(records[place].opening.server_name.as_deref(), Some(SERVER_NAME));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_hello_of_several_packets_is_read_and_one_beyond_16_kib_is_refused() {
    let (sandbox, _blue) = sandbox().await;
    let offering = |kib: usize| {
        let protocols = (0..kib * 4).map(|number| format!("{number:0>255}")).collect();
        Options { alpn: protocols, ..sandbox.options() }
    };
    for kib in [3, 8, 15] {
        assert_eq!(exchange(offering(kib)).await.error, None, "{kib} KiB");
    }
    let error = refusal(offering(20)).await;
    assert!(error.contains("larger than 16 KiB"), "{error}");
    assert_eq!(exchange(sandbox.options()).await.error, None, "nothing else is harmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_shown_to_new_connections_only() {
    let (mut sandbox, _blue) = sandbox().await;
    let before = sandbox.options();
    let live = sandbox.connect().await;
    let renewed = Authority::new();
    sandbox.listener().tls = renewed.server();
    sandbox.apply().await;
    let error = refusal(before.clone()).await;
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(exchange(Options { trust: renewed.trust(), ..before }).await.error, None);

    let (mut send, mut recv) = live.open_bi().await.unwrap();
    send.write_all(b"still here\n").await.unwrap();
    send.finish().unwrap();
    assert!(soon(recv.read_to_end(100)).await.unwrap().starts_with(b"blue "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unusable_tls_material_is_reported_and_the_old_one_stays() {
    let (mut sandbox, _blue) = sandbox().await;
    let good = sandbox.listener().tls.clone();
    let shown = good.certificates[0].clone();
    let stranger = Authority::new().server_named(SERVER_NAME);
    let with_key = |private_key_pem| ServerCertificate { private_key_pem, ..shown.clone() };
    let bad = [
        (one_way(vec![with_key(stranger.private_key_pem.clone())]), "cannot be used together"),
        (one_way(vec![shown.clone(), with_key(stranger.private_key_pem.clone())]), "cannot be used together"),
        (
            one_way(vec![ServerCertificate { chain_pem: "nothing".into(), ..shown.clone() }]),
            "no BEGIN CERTIFICATE block",
        ),
        (one_way(vec![with_key("nothing".into())]), "not a PEM private key"),
        (one_way(vec![]), "there is none"),
        (Tls { client_ca_pem: Some("nothing".into()), ..good.clone() }, "client CA"),
    ];
    for (tls, reason) in bad {
        sandbox.listener().tls = tls.clone();
        let failed = sandbox.apply_with_failures().await;
        assert!(failed[&id()].contains(reason), "{failed:?}");
        assert!(!failed[&id()].contains("PRIVATE KEY"), "no key bytes in {failed:?}");
        assert_eq!(exchange(sandbox.options()).await.error, None, "the old certificate is still shown");

        let mut fresh = sandbox.forwarding(vec![]);
        fresh.tls = tls;
        sandbox.table.listeners.insert("lbl-another1".into(), fresh.into());
        let failed = sandbox.apply_with_failures().await;
        assert!(failed[&"lbl-another1".into()].contains(reason), "{failed:?}");
        sandbox.table.listeners.remove(&"lbl-another1".into());
    }
    sandbox.listener().tls = good;
    sandbox.apply().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_rsa_certificate_works_as_well() {
    let (mut sandbox, _blue) = sandbox().await;
    sandbox.listener().tls = one_way(vec![rsa()]);
    sandbox.apply().await;
    assert_eq!(exchange(Options { trust: Trust::Anyone, ..sandbox.options() }).await.error, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutual_tls_takes_clients_of_its_ca_and_no_others() {
    let (mut sandbox, blue) = sandbox().await;
    let clients = Authority::new();
    sandbox.listener().tls = sandbox.authority.mutual_server(&clients, ClientCertificate::Required);
    sandbox.apply().await;
    let error = refusal(sandbox.options()).await;
    assert!(error.contains("asks for a client certificate"), "{error}");
    let foreign = Options { identity: Some(Authority::new().client()), ..sandbox.options() };
    let error = refusal(foreign).await;
    assert!(error.contains("not from the listener's client CA"), "{error}");
    assert_eq!(blue.answered(), 0, "nothing of them reached a backend");
    let known = Options { identity: Some(clients.client()), ..sandbox.options() };
    assert_eq!(exchange(known).await.error, None);

    sandbox.listener().tls.client_certificate = ClientCertificate::Optional;
    sandbox.apply().await;
    assert_eq!(exchange(sandbox.options()).await.error, None);
    let foreign = Options { identity: Some(Authority::new().client()), ..sandbox.options() };
    let error = refusal(foreign).await;
    assert!(error.contains("not from the listener's client CA"), "what is shown must be good: {error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_version_1_is_offered() {
    let (sandbox, _blue) = sandbox().await;
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut packet = vec![0_u8; 1200];
    packet[..7].copy_from_slice(&[0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1]);
    let address = sandbox.address();
    let answer = tokio::task::spawn_blocking(move || {
        socket.send_to(&packet, address).unwrap();
        let mut answer = [0; 200];
        let length = socket.recv(&mut answer).unwrap();
        answer[..length].to_vec()
    });
    let answer = soon(answer).await.unwrap();
    assert_eq!(answer[1..5], [0; 4], "a Version Negotiation packet");
    let ids = 5 + 1 + usize::from(answer[5]);
    let versions = &answer[ids + 1 + usize::from(answer[ids])..];
    let known: Vec<&[u8]> = versions.chunks(4).filter(|version| version[0] & 0x0f != 0x0a).collect();
    assert_eq!(known, [[0, 0, 0, 1]], "besides the reserved ones that keep clients honest");
}
