//! The cloud API over HTTPS, for clients that check who they talk to.

use std::sync::Arc;

use clb_simulator::{Config, tls};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::raw::{EVEN, Odd};
use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_platforms_names_and_this_machines_are_vouched_for_by_the_ca_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let sandbox = Sandbox::start_with(Config { https_ca_file: Some(file.clone()), ..Config::default() }).await;
    let endpoints = sandbox.simulator.endpoints();
    assert_eq!((endpoints.api.starts_with("https://127.0.0.1:"), endpoints.api_ca_file.as_ref()), (true, Some(&file)));
    let pem = std::fs::read_to_string(&file).expect("it is written");
    let config = rustls::ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(tls::roots("CA", &pem).expect("a CA"))
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let to = |name: &'static str| {
        let (connector, address) = (connector.clone(), sandbox.simulator.api_address());
        async move {
            let stream = TcpStream::connect(address).await.expect("the door is open");
            connector.connect(ServerName::try_from(name).expect("a name"), stream).await
        }
    };
    for host in ["clb.tencentcloudapi.com", "vpc.ap-guangzhou.tencentcloudapi.com", "localhost", "127.0.0.1", "::1"] {
        let mut stream = to(host).await.expect("vouched for");
        stream.write_all(&Odd { host, sent_host: host, ..EVEN }.bytes()).await.expect("written");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        assert!(answer.contains("LoadBalancerSet"), "{host}: {answer}");
    }
    assert!(to("example.com").await.is_err(), "nobody else's name");
}

#[tokio::test]
async fn a_client_that_speaks_no_tls_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let https_ca_file = Some(folder.path().join("ca.pem"));
    let sandbox = Sandbox::start_with(Config { https_ca_file, ..Config::default() }).await;
    assert!(!EVEN.answer(&sandbox).await.contains("LoadBalancerSet"));
}
