//! Requests as bytes on a socket: what no client of ours would make.

use std::fmt::Write as _;
use std::time::SystemTime;

use clb_cloud_api::sign::{Message, Signer, sign};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::sandbox::{REGION, Sandbox};

/// Sends bytes, gives all that comes back.
pub async fn raw(sandbox: &Sandbox, request: &[u8]) -> String {
    let mut stream = connect(sandbox).await;
    stream.write_all(request).await.expect("written");
    rest(&mut stream).await
}

pub async fn connect(sandbox: &Sandbox) -> TcpStream {
    TcpStream::connect(sandbox.simulator.api_address()).await.expect("the door is open")
}

/// What comes until the door closes; a reset is an end too.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Unix seconds.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    i64::try_from(now).expect("small")
}

/// A request with the new signature, whose parts can be odd.
#[derive(Clone)]
pub struct Odd<'a> {
    pub method: &'a str,
    pub target: &'a str,
    /// The query that is signed.
    pub query: &'a str,
    pub service: &'a str,
    pub version: &'a str,
    pub action: &'a str,
    /// The host that is signed.
    pub host: &'a str,
    /// The host that is sent.
    pub sent_host: &'a str,
    pub content_type: &'a str,
    pub body: &'a [u8],
    pub secret_id: &'a str,
    pub secret_key: &'a str,
    pub at: i64,
    /// Further headers, each `name: value`; signed too when the name has a capital.
    pub more: &'a [(&'a str, &'a str)],
}

pub const EVEN: Odd<'_> = Odd {
    method: "POST",
    target: "/",
    query: "",
    service: "clb",
    version: "2018-03-17",
    action: "DescribeLoadBalancers",
    host: "clb.tencentcloudapi.com",
    sent_host: "clb.tencentcloudapi.com",
    content_type: "application/json",
    body: b"{}",
    secret_id: DEMO_SECRET_ID,
    secret_key: DEMO_SECRET_KEY,
    at: 0,
    more: &[],
};

impl Odd<'_> {
    pub fn authorization(&self, at: i64) -> String {
        let mut headers = vec![("content-type", self.content_type), ("host", self.host)];
        headers.extend(self.more.iter().filter(|(name, _)| name.starts_with(char::is_uppercase)));
        let body = if self.method == "GET" { b"" } else { self.body };
        let message = Message { method: self.method, query: self.query, headers: &headers, body };
        let secret_key = self.secret_key.into();
        let signer = Signer { secret_id: self.secret_id, secret_key: &secret_key, service: self.service };
        sign(&message, &signer, at).expect("signed")
    }

    /// The request; the connection is closed behind its answer.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_with("Connection: close\r\n")
    }

    pub fn bytes_with(&self, more: &str) -> Vec<u8> {
        let at = if self.at == 0 { now() } else { self.at };
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n{more}", self.method, self.target, self.sent_host);
        for (name, value) in [
            ("Content-Type", self.content_type),
            ("Authorization", &self.authorization(at)),
            ("X-TC-Action", self.action),
            ("X-TC-Version", self.version),
            ("X-TC-Timestamp", &at.to_string()),
            ("X-TC-Region", REGION),
            ("Content-Length", &self.body.len().to_string()),
        ] {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        for (name, value) in self.more {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        [head.as_bytes(), self.body].concat()
    }

    pub async fn answer(&self, sandbox: &Sandbox) -> String {
        raw(sandbox, &self.bytes()).await
    }
}
