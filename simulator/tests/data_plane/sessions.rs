//! Sessions that clients resume: on the listener that gave them, and only as long as it shows and asks for the same.

use std::sync::Arc;

use clb_model::forwarding::{ClientCertificate, ConnectionLimits, Tls};
use clb_simulator::backend::Backend as Server;

use crate::certificates::Authority;
use crate::raw_client::{RawClient, Resumed, certified};
use crate::sandbox::{Sandbox, backend, id};

async fn sandbox() -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    (Sandbox::with(vec![backend(blue.address())]).await, blue)
}

/// Whether the next connection of this client to the sandbox's listener resumes a session.
async fn resumed(client: &RawClient, sandbox: &Sandbox) -> bool {
    client.connect(sandbox.address()).await.1 == Resumed(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_resumed_whatever_else_of_the_listener_changes() {
    let (mut sandbox, blue) = sandbox().await;
    let client = RawClient::new();
    assert!(!resumed(&client, &sandbox).await);
    assert!(resumed(&client, &sandbox).await);
    sandbox.listener().limits = ConnectionLimits { concurrent: Some(50), new_per_second: None };
    sandbox.listener().backends = vec![backend(blue.address()), backend("127.0.0.1:9".parse().unwrap())];
    sandbox.apply().await;
    assert!(resumed(&client, &sandbox).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_outlives_a_change_of_what_is_shown_or_asked_for() {
    let (mut sandbox, _blue) = sandbox().await;
    let (ours, theirs) = (Authority::new(), Authority::new());
    let renewed = sandbox.authority.server();
    let asking = |clients: &Authority, demand| Tls {
        client_ca_pem: Some(clients.certificate_pem.as_str().into()),
        client_certificate: demand,
        ..renewed.clone()
    };
    let (optional, required) = (ClientCertificate::Optional, ClientCertificate::Required);
    // With what the client shows, which has to be good before and after.
    let settings = [
        ("another certificate", renewed.clone(), None),
        ("a client CA", asking(&ours, optional), None),
        ("no connection without a certificate", asking(&ours, required), Some(ours.client())),
        ("a certificate is optional again", asking(&ours, optional), Some(ours.client())),
        ("another client CA", asking(&theirs, optional), None),
        ("no client CA", renewed.clone(), None),
    ];
    for (what, tls, identity) in settings {
        let client = RawClient::showing(identity.as_ref().map(certified));
        assert!(!resumed(&client, &sandbox).await, "before {what}: the first time");
        assert!(resumed(&client, &sandbox).await, "before {what}");
        sandbox.listener().tls = tls;
        sandbox.apply().await;
        assert!(!resumed(&client, &sandbox).await, "{what}: a session from before");
        assert!(resumed(&client, &sandbox).await, "{what}: a session of now");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_with_a_certificate_that_is_not_wanted_any_more_lets_nobody_in() {
    let (mut sandbox, _blue) = sandbox().await;
    let (ours, theirs) = (Authority::new(), Authority::new());
    sandbox.listener().tls = sandbox.authority.mutual_server(&ours, ClientCertificate::Required);
    sandbox.apply().await;
    let client = RawClient::showing(Some(certified(&ours.client())));
    assert!(!resumed(&client, &sandbox).await);
    assert!(resumed(&client, &sandbox).await);
    let tls = sandbox.listener().tls.clone();
    sandbox.listener().tls = Tls { client_ca_pem: Some(theirs.certificate_pem.as_str().into()), ..tls };
    sandbox.apply().await;
    let error = client.ending(sandbox.address()).await;
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_one_listener_is_not_resumed_on_another_with_the_same_settings() {
    let (mut sandbox, blue) = sandbox().await;
    let mut twin = sandbox.forwarding(vec![backend(blue.address())]);
    twin.tls = sandbox.listener().tls.clone();
    let there = twin.address;
    sandbox.table.listeners.insert("lbl-another1".into(), Arc::new(twin));
    sandbox.apply().await;
    let here = sandbox.table.listeners[&id()].address;
    let client = RawClient::new();
    for (from, to) in [(here, there), (there, here)] {
        client.connect(from).await;
        assert_eq!(client.connect(from).await.1, Resumed(true));
        assert_eq!(client.connect(to).await.1, Resumed(false));
    }
}
