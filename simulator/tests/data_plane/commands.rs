//! `clb-simulator client` and `clb-simulator backend` as programs: what they print, and how they exit.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use clb_simulator::backend::Backend as Server;

use tokio::io::AsyncWriteExt;

use crate::sandbox::{Sandbox, backend, free_address, soon, tcp_server};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clb-simulator");

/// Runs the client with these words and this standard input.
async fn client(words: &[&str], input: &'static str) -> Output {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let run = move || {
        let mut command = Command::new(PROGRAM);
        command.arg("client").args(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The client may refuse its arguments without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    };
    soon(tokio::task::spawn_blocking(run)).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_prints_what_comes_back() {
    let blue = Server::start("127.0.0.1:0".parse().unwrap(), Some("blue")).await.unwrap();
    let sandbox = Sandbox::with(vec![backend(blue.address())]).await;
    let target = sandbox.address().to_string();

    let output = client(&[&target, "--insecure", "--source", "127.0.0.7"], "one\ntwo\nthree").await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answers = text(&output.stdout);
    assert_eq!(answers.lines().count(), 3, "an answer for each line: {answers}");
    assert!(answers.lines().all(|line| line.starts_with("blue 127.0.0.7:")), "{answers}");

    let words = [&*target, "--insecure", "--line", "hello", "--connections", "3", "--streams", "2", "--json"];
    let output = client(&words, "").await;
    assert!(output.status.success(), "{}", text(&output.stderr));
    let objects: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 3);
    for (place, object) in objects.iter().enumerate() {
        assert_eq!(object["connection"], place + 1);
        assert_eq!(object["replies"].as_array().unwrap().len(), 2);
        assert_eq!(object["bytes_sent"], 12);
        assert!(object["handshake_ms"].as_f64().unwrap() > 0.0);
        assert!(object["client_address"].as_str().unwrap().starts_with("127."));
        assert!(object["error"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_prints_an_answer_that_is_no_text_to_the_byte() {
    const ANSWER: &[u8] = b"\xff\xfe\x00\xc3 end";
    let (server, address) = tcp_server().await;
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    let target = sandbox.address().to_string();
    let words = [&*target, "--insecure", "--line", "x"];
    let serving = async {
        let (mut stream, _) = soon(server.accept()).await.unwrap();
        stream.write_all(ANSWER).await.unwrap();
        stream.shutdown().await.unwrap();
        stream
    };
    let (output, _stream) = tokio::join!(client(&words, ""), serving);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(output.stdout, ANSWER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_fails_with_a_clear_text() {
    let closed = free_address().to_string();
    let cases: [(&[&str], &str); 5] = [
        (&[&closed, "--insecure", "--line", "x"], "nothing listens at UDP"),
        (&[&closed, "--line", "x"], "--ca <FILE>|--insecure"),
        (&[&closed, "--ca", "/nowhere.pem", "--line", "x"], "cannot read /nowhere.pem"),
        (&[&closed, "--insecure", "--alpn", "", "--line", "x"], "must have 1 to 255 bytes"),
        (&[&closed, "--insecure", "--source", "192.0.2.9", "--line", "x"], "cannot send from 192.0.2.9"),
    ];
    for (words, expected) in cases {
        let output = client(words, "").await;
        assert!(!output.status.success(), "{words:?}");
        let error = text(&output.stderr);
        assert!(error.contains(expected), "{words:?}: {error}");
    }
}

#[test]
fn the_backend_says_where_it_listens_and_stays_on_loopback() {
    let words = ["backend", "--listen", "127.0.0.1:0", "--name", "blue", "--json"];
    let mut child = Command::new(PROGRAM).args(words).stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(ready["name"], "blue");
    let address = ready["listening"].as_str().unwrap();
    assert!(std::net::TcpStream::connect(address).is_ok(), "{address}");
    child.kill().unwrap();
    child.wait().unwrap();

    let output = Command::new(PROGRAM).args(["backend", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("only loopback addresses are allowed"));
}
