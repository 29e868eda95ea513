//! The cloud API's door as a stranger would use it: arguments are JSON, nothing is typed, every header can be another.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::SystemTime;

use clb_cloud_api::sign::{Message, Signer, sign};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A signed request, part by part. Tests change the part that they are about.
#[derive(Clone, Debug)]
pub struct Signed {
    pub method: &'static str,
    pub secret_id: String,
    pub secret_key: String,
    pub service: String,
    pub version: String,
    pub action: String,
    pub region: String,
    pub content_type: String,
    /// Seconds that the clock of the client is ahead.
    pub ahead: i64,
    /// Headers that are sent and not signed.
    pub unsigned: Vec<(String, String)>,
    /// Changes the Authorization header.
    pub authorization: fn(String) -> Option<String>,
    pub body: Vec<u8>,
}

/// What came back inside `Response`.
#[derive(Clone, Debug)]
pub enum Answer {
    Accepted(Value),
    Refused { code: String, message: String },
}

/// The service of an action, and its version. Actions of the load balancer have none before them: `ssl/UploadCertificate`.
pub fn service_of(action: &str) -> (&str, &str, &'static str) {
    let (service, action) = action.split_once('/').unwrap_or(("clb", action));
    let version = match service {
        "clb" => "2018-03-17",
        "ssl" => "2019-12-05",
        "vpc" | "cvm" => "2017-03-12",
        "tag" | "sts" => "2018-08-13",
        other => panic!("no service {other}"),
    };
    (service, action, version)
}

impl Signed {
    pub fn new(secret_id: &str, secret_key: &str, action: &str, arguments: &Value) -> Self {
        let (service, action, version) = service_of(action);
        Self {
            method: "POST",
            secret_id: secret_id.to_owned(),
            secret_key: secret_key.to_owned(),
            service: service.to_owned(),
            version: version.to_owned(),
            action: action.to_owned(),
            region: "ap-guangzhou".to_owned(),
            content_type: "application/json".to_owned(),
            ahead: 0,
            unsigned: Vec::new(),
            authorization: Some,
            body: arguments.to_string().into_bytes(),
        }
    }

    /// Sends it on a connection of its own.
    pub async fn send(&self, api: SocketAddr) -> Answer {
        let mut stream = TcpStream::connect(api).await.expect("the door is open");
        stream.write_all(&self.bytes()).await.expect("the door reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the door answers");
        let text = String::from_utf8(answer).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        read(body)
    }

    fn bytes(&self) -> Vec<u8> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let timestamp = i64::try_from(now).expect("small") + self.ahead;
        let headers = [("content-type", self.content_type.as_str()), ("host", "clb.tencentcloudapi.com")];
        let message = Message { method: self.method, query: "", headers: &headers, body: &self.body };
        let secret_key = self.secret_key.as_str().into();
        let signer = Signer { secret_id: &self.secret_id, secret_key: &secret_key, service: &self.service };
        let authorization = (self.authorization)(sign(&message, &signer, timestamp).expect("signed"));
        let mut head = format!(
            "{} / HTTP/1.1\r\nHost: clb.tencentcloudapi.com\r\nContent-Type: {}\r\nX-TC-Timestamp: {timestamp}\r\n\
             X-TC-Version: {}\r\nX-TC-Action: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.method,
            self.content_type,
            self.version,
            self.action,
            self.body.len(),
        );
        let more = [("Authorization", authorization.unwrap_or_default()), ("X-TC-Region", self.region.clone())];
        let unsigned = self.unsigned.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in more.into_iter().chain(unsigned).filter(|(_, value)| !value.is_empty()) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn read(body: &str) -> Answer {
    let body: Value = serde_json::from_str(body).expect("JSON");
    let response = &body["Response"];
    match response.get("Error") {
        None => Answer::Accepted(response.clone()),
        Some(error) => {
            let text = |name: &str| error[name].as_str().expect("a text").to_owned();
            Answer::Refused { code: text("Code"), message: text("Message") }
        }
    }
}
