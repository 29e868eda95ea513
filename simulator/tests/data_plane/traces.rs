//! The files that connections are written down in, on request: TLS secrets and qlog.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use clb_simulator::backend::Backend as Server;
use clb_simulator::data_plane::Settings;
use clb_simulator::data_plane::traces::{KeyLogFile, QlogFolder, Traces};
use quinn::crypto::rustls::QuicClientConfig;
use serde_json::Value;

use crate::sandbox::{Sandbox, backend, soon};

/// What a client of its own says its secrets are.
#[derive(Debug, Default)]
struct ClientSecrets(Mutex<Vec<String>>);

impl rustls::KeyLog for ClientSecrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        self.0.lock().unwrap().push(format!("{label} {} {}", hex(client_random), hex(secret)));
    }
}

/// One exchange on one connection, with a client that remembers its secrets.
async fn exchange(sandbox: &Sandbox) -> Vec<String> {
    let secrets = Arc::new(ClientSecrets::default());
    let mut roots = rustls::RootCertStore::empty();
    let pem = sandbox.authority.certificate_pem.clone();
    roots.add(clb_simulator::tls::certificates("CA", &pem).unwrap().swap_remove(0)).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(clb_simulator::tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.key_log = secrets.clone();
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let name = crate::certificates::SERVER_NAME;
    let connection = soon(endpoint.connect_with(config, sandbox.address(), name).unwrap()).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    send.write_all(b"hello\n").await.unwrap();
    send.finish().unwrap();
    soon(recv.read_to_end(100)).await.unwrap();
    connection.close(quinn::VarInt::from_u32(0), b"");
    soon(endpoint.wait_idle()).await;
    secrets.0.lock().unwrap().clone()
}

async fn sandbox(traces: Traces) -> (Sandbox, Server) {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    let mut sandbox = Sandbox::start_traced(Settings::default(), traces).await;
    sandbox.open(vec![backend(blue.address())]).await;
    (sandbox, blue)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_log_has_the_secrets_that_clients_have_and_stays_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.log");
    fs::write(&path, "# an earlier run\n").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let traces = Traces { key_log: Some(Arc::new(KeyLogFile::open(&path).unwrap())), qlog: None };
    let (mut sandbox, _blue) = sandbox(traces).await;
    let mut expected = exchange(&sandbox).await;
    // Another certificate makes another configuration of TLS; its connections are written down as well.
    sandbox.listener().tls = sandbox.authority.server();
    sandbox.apply().await;
    expected.extend(exchange(&sandbox).await);

    let written = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = written.lines().collect();
    assert_eq!((lines.remove(0), mode(&path)), ("# an earlier run", 0o600));
    lines.sort_unstable();
    expected.sort_unstable();
    assert_eq!(lines, expected, "both sides have the same secrets");
    assert!(written.contains("\nCLIENT_TRAFFIC_SECRET_0 "), "{written}");
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_qlog_file_tells_what_one_connection_did_and_stays_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("qlog");
    let traces = Traces { key_log: None, qlog: Some(Arc::new(QlogFolder::open(&path).unwrap())) };
    let (sandbox, _blue) = sandbox(traces).await;
    exchange(&sandbox).await;
    exchange(&sandbox).await;
    // The last of a file is written when its connection is forgotten.
    sandbox.stop().await;

    let files: Vec<_> = fs::read_dir(&path).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!((files.len(), mode(&path)), (2, 0o700));
    for file in files {
        assert_eq!(mode(&file), 0o600);
        assert_eq!(file.extension().unwrap(), "sqlog");
        let text = fs::read_to_string(&file).unwrap();
        // JSON text sequences (RFC 7464): each text between a record separator and a line feed.
        let records: Vec<Value> =
            text.split('\u{1e}').skip(1).map(|record| serde_json::from_str(record).unwrap()).collect();
        assert!(records[0]["qlog_format"] == "JSON-SEQ" || records[0]["file_schema"].is_string(), "{}", records[0]);
        let has =
            |name: &str| records.iter().any(|record| record["name"].as_str().is_some_and(|it| it.ends_with(name)));
        assert!(has(":packet_sent") && has(":packet_received"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_not_written_through_links() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(KeyLogFile::open(&link).is_err());
}
