//! Anything at the door: random bytes, and valid requests with some of their bytes changed. Each is answered or closed, none
//! is a panic, and afterwards the door serves as before.
//!
//! The bytes come from a fixed seed; `CLB_FUZZ_SEED` and `CLB_FUZZ_CASES` take another one and more of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clb_cloud_api::clb;
use clb_simulator::Config;
use clb_simulator::config::door::Signatures;
use tokio::io::AsyncWriteExt;

use crate::raw::{EVEN, Odd, connect, rest};
use crate::sandbox::Sandbox;

/// How long one answer is waited for before it counts as none.
const HANGS: Duration = Duration::from_mins(1);

/// How long an answer may take before we say that there is no more to come.
const SILENCE: Duration = Duration::from_millis(30);

/// Numbers that look random (xorshift64*), always the same.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("below a usize")
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn numbers() -> (Numbers, u64) {
    (Numbers(setting("CLB_FUZZ_SEED", 20_261_125).max(1)), setting("CLB_FUZZ_CASES", 400))
}

/// Panics of the simulator's own code, in whichever thread.
fn count_panics() -> &'static AtomicUsize {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.location().is_some_and(|place| !place.file().contains("tests/")) {
                PANICS.fetch_add(1, Ordering::Relaxed);
            }
            before(panic);
        }));
    });
    &PANICS
}

/// Nothing is looked at before what is fuzzed here: signatures are not checked.
async fn sandbox() -> Sandbox {
    Sandbox::start_with(Config { signatures: Signatures::Off, ..Config::default() }).await
}

async fn survives(sandbox: &Sandbox, bytes: &[u8], panics: &AtomicUsize) -> String {
    let mut stream = connect(sandbox).await;
    // The door may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    // What is no whole request is not answered before its client has said that there is no more.
    let _ = tokio::time::timeout(SILENCE, stream.readable()).await;
    let _ = stream.shutdown().await;
    let answer = tokio::time::timeout(HANGS, rest(&mut stream)).await;
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(panics.load(Ordering::Relaxed), 0, "a panic at {shown:?}");
    answer.unwrap_or_else(|_| panic!("neither answered nor closed: {shown:?}"))
}

#[tokio::test]
async fn random_bytes_are_answered_or_closed() {
    let (panics, sandbox) = (count_panics(), sandbox().await);
    let (mut numbers, cases) = numbers();
    for _ in 0..cases {
        let length = numbers.below(2000);
        let mut bytes: Vec<u8> = (0..length).map(|_| numbers.byte()).collect();
        // Half of them begin like a request.
        if numbers.below(2) == 0 {
            bytes.splice(0..0, b"POST / HTTP/1.1\r\n".iter().copied());
        }
        survives(&sandbox, &bytes, panics).await;
    }
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
}

/// Valid requests in every form.
fn valid() -> Vec<Vec<u8>> {
    let create =
        br#"{"LoadBalancerId":"lb-12345678","Ports":[443],"Protocol":"QUIC","Certificate":{"CertId":"aB3dE5gH"},
        "HealthCheck":{"TimeOut":2,"IntervalTime":5},"ListenerNames":["\u540d"],"MaxConn":-1}"#;
    let query = "LoadBalancerIds.0=lb-classic0&Filters.0.Name=vpc-id&Filters.0.Values.0=%E5%90%8D&Limit=5";
    let target = format!("/?Action=DescribeLoadBalancers&Version=2018-03-17&{query}");
    let part = "--B\r\nContent-Disposition: form-data; name=\"Limit\"\r\n\r\n5\r\n--B--\r\n";
    let form = "Action=DescribeLoadBalancers&Version=2018-03-17&Region=ap-guangzhou&Limit=5&Signature=x&SecretId=y";
    vec![
        EVEN.bytes(),
        Odd { action: "CreateListener", body: create, ..EVEN }.bytes(),
        Odd { method: "GET", target: &target, body: b"", ..EVEN }.bytes(),
        Odd { content_type: "multipart/form-data; boundary=B", body: part.as_bytes(), ..EVEN }.bytes(),
        Odd { content_type: "application/x-www-form-urlencoded", body: form.as_bytes(), ..EVEN }.bytes(),
        [
            &b"POST / HTTP/1.1\r\nHost: clb.x\r\nContent-Type: application/json\r\nX-TC-Action: DescribeListeners\r\n\
               Transfer-Encoding: chunked\r\n\r\n"[..],
            b"2\r\n{}\r\n0\r\n\r\n",
        ]
        .concat(),
    ]
}

/// One small change: a byte, a piece twice, a piece less, or a piece of another request.
fn changed(mut bytes: Vec<u8>, other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const SPECIAL: &[u8] = b"\0\r\n \"{}[]:;,./\\%&=+-0919e\xff\xc3";
    let at = numbers.below(bytes.len());
    let end = (at + 1 + numbers.below(40)).min(bytes.len());
    match numbers.below(5) {
        0 => bytes[at] = numbers.byte(),
        1 => bytes[at] = SPECIAL[numbers.below(SPECIAL.len())],
        2 => {
            bytes.drain(at..end);
        }
        3 => {
            let piece = bytes[at..end].repeat(1 + numbers.below(50));
            bytes.splice(at..at, piece);
        }
        _ => {
            let from = numbers.below(other.len());
            bytes.splice(at..end, other[from..(from + 40).min(other.len())].iter().copied());
        }
    }
    bytes
}

#[tokio::test]
async fn requests_with_changed_bytes_are_answered_or_closed() {
    let (panics, sandbox) = (count_panics(), sandbox().await);
    let (mut numbers, cases) = numbers();
    let valid = valid();
    let mut answered = 0;
    for case in 0..cases {
        let pick = usize::try_from(case).expect("small") % valid.len();
        let mut bytes = valid[pick].clone();
        for _ in 0..=numbers.below(3) {
            let other = &valid[numbers.below(valid.len())];
            bytes = changed(bytes, other, &mut numbers);
        }
        if survives(&sandbox, &bytes, panics).await.contains("\"RequestId\"") {
            answered += 1;
        }
    }
    assert!(answered > 0, "some are still requests");
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
}
