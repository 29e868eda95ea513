//! Requests in every way that the platform documents, and what a request is not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY, TEMPORARY_SECRET_ID, TEMPORARY_SECRET_KEY};
use ring::hmac;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::raw::{EVEN, Odd, connect, now, raw};
use crate::sandbox::{REGION, Sandbox};

const CLASSIC: &str = "lb-classic0";
const BASIC: &str = "lb-basic000";

async fn get(sandbox: &Sandbox, query: &str) -> String {
    let target = format!("/?{query}");
    let content_type = "application/x-www-form-urlencoded";
    Odd { method: "GET", target: &target, query, content_type, body: b"", ..EVEN }.answer(sandbox).await
}

#[tokio::test]
async fn arguments_of_a_get_are_text_that_is_taken_for_what_is_declared() {
    let sandbox = Sandbox::start().await;
    let one = get(&sandbox, "LoadBalancerIds.0=lb-classic0&Limit=5&Offset=0&WithRs=0").await;
    assert!(one.contains(CLASSIC) && !one.contains(BASIC), "{one}");
    let none = get(&sandbox, "Limit=5&Offset=100").await;
    assert!(none.contains("\"LoadBalancerSet\":[]"), "{none}");
    let filtered = get(&sandbox, "Filters.0.Name=load-balancer-type&Filters.0.Values.0=INTERNAL").await;
    assert!(!filtered.contains("lb-"), "{filtered}");
    let wrong = get(&sandbox, "Limit=many").await;
    assert!(wrong.contains("\"InvalidParameter\"") && wrong.contains("`Limit`"), "{wrong}");
    let unknown = get(&sandbox, "Portz=1").await;
    assert!(unknown.contains("UnknownParameter") && unknown.contains("`Portz`"), "{unknown}");
    let twice = get(&sandbox, "Limit=1&Limit=2").await;
    assert!(twice.contains("InvalidRequest") && twice.contains("`Limit` is given twice"), "{twice}");
}

#[tokio::test]
async fn the_query_is_signed_and_has_32_kilobytes_at_most() {
    let sandbox = Sandbox::start().await;
    let query = "LoadBalancerIds.0=lb-classic0";
    let tampered = Odd { method: "GET", target: "/?LoadBalancerIds.0=lb-basic000", query, body: b"", ..EVEN };
    assert!(tampered.answer(&sandbox).await.contains("AuthFailure.SignatureFailure"));
    let long = |bytes: usize| format!("LoadBalancerName={}", "a".repeat(bytes - "LoadBalancerName=".len()));
    assert!(get(&sandbox, &long(32 * 1024)).await.contains("LoadBalancerSet"));
    let refused = get(&sandbox, &long(32 * 1024 + 1)).await;
    assert!(refused.contains("InvalidRequest") && refused.contains("32768 bytes"), "{refused}");
}

#[tokio::test]
async fn parts_of_a_form_are_arguments_too() {
    let sandbox = Sandbox::start().await;
    let part = |name: &str, text: &str| {
        format!("--Bound4Ry\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = format!("{}{}--Bound4Ry--\r\n", part("LoadBalancerIds.0", CLASSIC), part("Limit", "1"));
    let content_type = "multipart/form-data; boundary=Bound4Ry";
    let answer = Odd { content_type, body: body.as_bytes(), ..EVEN }.answer(&sandbox).await;
    assert!(answer.contains(CLASSIC) && !answer.contains(BASIC), "{answer}");
    let refused = Odd { content_type: "multipart/form-data", body: body.as_bytes(), ..EVEN }.answer(&sandbox).await;
    assert!(refused.contains("InvalidRequest") && refused.contains("boundary"), "{refused}");
}

/// A request with the old signature: `GET` as a query, `POST` as a form.
struct Old<'a> {
    method: &'a str,
    host: &'a str,
    sent_host: &'a str,
    signature_method: &'a str,
    secret: (&'a str, &'a str),
    at: i64,
    own: &'a [(&'a str, &'a str)],
}

const OLD: Old<'_> = Old {
    method: "GET",
    host: "clb.tencentcloudapi.com",
    sent_host: "clb.tencentcloudapi.com",
    signature_method: "HmacSHA1",
    secret: (DEMO_SECRET_ID, DEMO_SECRET_KEY),
    at: 0,
    own: &[("LoadBalancerIds.0", CLASSIC)],
};

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).into() } else { format!("%{byte:02X}") }).collect()
}

impl Old<'_> {
    fn pairs(&self) -> Vec<(String, String)> {
        let at = if self.at == 0 { now() } else { self.at };
        let common = [
            ("Action", "DescribeLoadBalancers"),
            ("Version", "2018-03-17"),
            ("Region", REGION),
            ("Timestamp", &at.to_string()),
            ("Nonce", "11886"),
            ("SecretId", self.secret.0),
            ("SignatureMethod", self.signature_method),
            ("RequestClient", "SDK_PYTHON_3.0"),
            ("Language", "zh-CN"),
        ];
        let all = common.iter().chain(self.own);
        let mut pairs: Vec<(String, String)> =
            all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        pairs.sort();
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let text = format!("{}{}/?{}", self.method, self.host, text.join("&"));
        let algorithm = match self.signature_method {
            "HmacSHA256" => hmac::HMAC_SHA256,
            _ => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        };
        let signature = hmac::sign(&hmac::Key::new(algorithm, self.secret.1.as_bytes()), text.as_bytes());
        pairs.push(("Signature".to_owned(), STANDARD.encode(signature)));
        pairs
    }

    async fn answer(&self, sandbox: &Sandbox) -> String {
        let pairs: Vec<String> =
            self.pairs().iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let pairs = pairs.join("&");
        let host = self.sent_host;
        let request = if self.method == "GET" {
            format!("GET /?{pairs} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        } else {
            format!(
                "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: \
                 application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{pairs}",
                pairs.len()
            )
        };
        raw(sandbox, request.as_bytes()).await
    }
}

#[tokio::test]
async fn the_old_signature_is_accepted_in_a_query_and_in_a_form() {
    let sandbox = Sandbox::start().await;
    for method in ["GET", "POST"] {
        for signature_method in ["HmacSHA1", "HmacSHA256"] {
            let answer = Old { method, signature_method, ..OLD }.answer(&sandbox).await;
            assert!(answer.contains(CLASSIC) && !answer.contains(BASIC), "{method} {signature_method}: {answer}");
        }
    }
    let named = Old { own: &[("LoadBalancerName", "名 &=+%"), ("VpcId", "")], ..OLD };
    assert!(named.answer(&sandbox).await.contains("\"LoadBalancerSet\":[]"));
    let address = sandbox.simulator.api_address().to_string();
    let other_host = Old { host: &address, sent_host: &address, ..OLD };
    assert!(other_host.answer(&sandbox).await.contains(CLASSIC));
    let not_sent = format!("clb.sim@{address}");
    assert!(Old { host: &not_sent, sent_host: "", ..OLD }.answer(&sandbox).await.contains(CLASSIC));
}

#[tokio::test]
async fn an_old_signature_that_is_not_right_is_refused_like_a_new_one() {
    let sandbox = Sandbox::start().await;
    for (odd, code) in [
        (Old { secret: (DEMO_SECRET_ID, "wrong"), ..OLD }, "AuthFailure.SignatureFailure"),
        (Old { secret: ("AKIDnobody", DEMO_SECRET_KEY), ..OLD }, "AuthFailure.SecretIdNotFound"),
        (Old { sent_host: "vpc.tencentcloudapi.com", ..OLD }, "AuthFailure.SignatureFailure"),
        (Old { at: now() - 310, ..OLD }, "AuthFailure.SignatureExpire"),
        (Old { signature_method: "HmacMD5", ..OLD }, "AuthFailure.InvalidAuthorization"),
        (Old { secret: (TEMPORARY_SECRET_ID, TEMPORARY_SECRET_KEY), ..OLD }, "AuthFailure.TokenFailure"),
    ] {
        let answer = odd.answer(&sandbox).await;
        assert!(answer.contains(code), "{code}: {answer}");
    }
    let large = "a".repeat(1024 * 1024);
    let answer = Old { method: "POST", own: &[("LoadBalancerName", &large)], ..OLD }.answer(&sandbox).await;
    assert!(answer.contains("InvalidRequest") && answer.contains("1048576 bytes"), "{answer}");
}

#[tokio::test]
async fn a_form_goes_with_the_old_signature_and_what_is_neither_is_refused() {
    let sandbox = Sandbox::start().await;
    let charset = Odd { content_type: "application/json; charset=utf-8", ..EVEN };
    assert!(charset.answer(&sandbox).await.contains("LoadBalancerSet"));
    let form = Odd { content_type: "application/x-www-form-urlencoded", body: b"Limit=1", ..EVEN };
    let answer = form.answer(&sandbox).await;
    assert!(answer.contains("InvalidRequest") && answer.contains("old signature"), "{answer}");
    let text = Odd { content_type: "text/plain", ..EVEN }.answer(&sandbox).await;
    assert!(text.contains("InvalidRequest") && text.contains("application/json"), "{text}");
    for method in ["PUT", "DELETE", "OPTIONS"] {
        let answer = Odd { method, ..EVEN }.answer(&sandbox).await;
        assert!(answer.contains("InvalidRequest") && answer.contains("only GET and POST"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_may_take_us_for_its_proxy_and_a_path_may_follow_the_host() {
    let sandbox = Sandbox::start().await;
    for target in ["http://clb.tencentcloudapi.com/", "http://clb.tencentcloudapi.com", "/api", "/api/v1?"] {
        let answer = Odd { target, ..EVEN }.answer(&sandbox).await;
        assert!(answer.contains("LoadBalancerSet"), "{target}: {answer}");
    }
}

#[tokio::test]
async fn a_tunnel_is_refused_clearly() {
    let sandbox = Sandbox::start().await;
    let request = b"CONNECT clb.tencentcloudapi.com:443 HTTP/1.1\r\nHost: x:443\r\nConnection: close\r\n\r\n";
    let answer = raw(&sandbox, request).await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && answer.contains("no tunnel"), "{answer}");
}

#[tokio::test]
async fn services_and_versions_exist() {
    let sandbox = Sandbox::start().await;
    assert!(EVEN.answer(&sandbox).await.contains("LoadBalancerSet"));
    assert!(Odd { service: "coffee", ..EVEN }.answer(&sandbox).await.contains("NoSuchProduct"));
    assert!(Odd { version: "2017-03-12", ..EVEN }.answer(&sandbox).await.contains("NoSuchVersion"));
}

#[tokio::test]
async fn a_header_that_decides_occurs_once() {
    let sandbox = Sandbox::start().await;
    for name in ["host", "content-type", "authorization", "x-tc-action", "x-tc-region", "X-TC-Timestamp"] {
        let answer = Odd { more: &[(name, "x")], ..EVEN };
        let answer = raw(&sandbox, &answer.bytes()).await;
        let said = answer.contains("InvalidRequest") && answer.contains("occurs more than once");
        assert!(said, "{name}: {answer}");
    }
    assert!(
        Odd { more: &[("x-other", "1"), ("x-other", "2")], ..EVEN }.answer(&sandbox).await.contains("LoadBalancerSet")
    );
}

#[tokio::test]
async fn answers_are_plain_json_in_english_whatever_a_client_would_take() {
    let sandbox = Sandbox::start().await;
    let mut texts = Vec::new();
    for language in ["zh-CN", "en-US", "tlh"] {
        let more = [("x-tc-language", language), ("accept-encoding", "gzip, deflate, br"), ("accept", "text/html")];
        let answer = Odd { version: "1999-01-01", more: &more, ..EVEN }.answer(&sandbox).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains("\r\ncontent-type: application/json\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("content-encoding"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).expect("plain JSON");
        texts.push(body["Response"]["Error"]["Message"].as_str().expect("a text").to_owned());
    }
    texts.dedup();
    assert_eq!(texts, ["The version `1999-01-01` of clb does not exist; it is 2018-03-17."]);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let sandbox = Sandbox::start().await;
    let mut stream = connect(&sandbox).await;
    for _ in 0..3 {
        stream.write_all(&EVEN.bytes_with("")).await.expect("written");
        let mut answer = String::new();
        while !answer.ends_with("}}") {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.expect("an answer");
            assert!(count > 0, "the connection is kept");
            answer.push_str(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
        }
        assert!(answer.contains("LoadBalancerSet") && !answer.contains("onnection: close"), "{answer}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused_and_not_repeated() {
    let sandbox = Sandbox::start().await;
    let deep = format!("{{\"Filters\": {}{}}}", "[".repeat(500), "]".repeat(500));
    let endless = "[".repeat(1_000_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b"[]",
        b"null",
        b"\"secret\"",
        b"{\"secret\": ",
        b"{\"secret\": 1} {}",
        b"{\"LoadBalancerIds\": [\"\xff\xfe\"]}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
        endless.as_bytes(),
    ];
    for body in bodies {
        let answer = Odd { body, ..EVEN }.answer(&sandbox).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let said = answer.contains("JSON object") || answer.contains("has to be UTF-8");
        assert!(answer.contains("InvalidRequest") && said, "{shown}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
}
