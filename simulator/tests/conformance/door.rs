//! A client that sends anything, on one connection, and remembers what it has seen.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use clb_simulator::config::DEMO_SECRET_ID;
use clb_simulator::config::door::Signatures;
use clb_simulator::{Config, Simulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A simulator that looks at no signatures, with addresses for load balancers that no other run uses.
pub async fn simulator() -> Simulator {
    let run = 50 + u8::try_from(std::process::id() % 28).expect("below 28");
    let vip_pool = format!("{}/16", Ipv4Addr::new(127, run, 0, 0)).parse().expect("a network");
    let config = Config { vip_pool, signatures: Signatures::KnownKeys, seed: Some(1), ..Config::default() };
    Simulator::start(config).await.expect("a simulator on free ports")
}

/// What an action has been seen to answer, by its title (`clb:CreateListener`).
#[derive(Default)]
pub struct Seen {
    by_action: BTreeMap<String, Answers>,
}

#[derive(Default)]
pub struct Answers {
    /// Whole replies.
    pub replies: Vec<Value>,
    /// Codes of refusals.
    pub codes: Vec<String>,
}

impl Seen {
    pub fn of(&self, title: &str) -> Option<&Answers> {
        self.by_action.get(title)
    }

    pub fn extend(&mut self, other: Self) {
        for (title, answers) in other.by_action {
            let known = self.by_action.entry(title).or_default();
            known.replies.extend(answers.replies);
            known.codes.extend(answers.codes);
        }
    }

    fn add(&mut self, title: String, reply: &Value) {
        let answers = self.by_action.entry(title).or_default();
        match reply["Error"]["Code"].as_str() {
            Some(code) if !answers.codes.iter().any(|known| known == code) => answers.codes.push(code.to_owned()),
            Some(_) => {}
            None => answers.replies.push(reply.clone()),
        }
    }
}

/// A client in a world of its own.
pub struct Door {
    api: SocketAddr,
    secret_id: String,
    stream: Option<TcpStream>,
    pub seen: Seen,
}

impl Door {
    pub fn new(simulator: &Simulator, world: &str) -> Self {
        let secret_id = format!("{DEMO_SECRET_ID}-{world}");
        Self { api: simulator.api_address(), secret_id, stream: None, seen: Seen::default() }
    }

    /// What is inside `Response`.
    pub async fn ask(&mut self, service: &str, version: &str, action: &str, arguments: &Value) -> Value {
        let body = arguments.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: {service}.tencentcloudapi.com\r\nContent-Type: application/json\r\nAuthorization: \
             TC3-HMAC-SHA256 Credential={}/2026-11-25/{service}/tc3_request, SignedHeaders=host, \
             Signature=0\r\nX-TC-Action: {action}\r\nX-TC-Version: {version}\r\nX-TC-Region: \
             ap-guangzhou\r\nContent-Length: {}\r\n\r\n{body}",
            self.secret_id,
            body.len()
        );
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.api).await.expect("the door is open"),
        };
        stream.write_all(request.as_bytes()).await.expect("written");
        let answer = read(&mut stream).await;
        self.stream = Some(stream);
        let mut answer: Value = serde_json::from_str(&answer).expect("JSON");
        let reply = answer["Response"].take();
        self.seen.add(format!("{service}:{action}"), &reply);
        reply
    }
}

/// The body of one answer.
async fn read(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    loop {
        let count = stream.read_buf(&mut answer).await.expect("an answer");
        assert!(count > 0, "closed without an answer");
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).expect("a length");
        if body.len() >= length {
            return body.to_owned();
        }
    }
}
