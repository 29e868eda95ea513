//! The journal of calls.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clb_cloud_api::action::{Accepted, Action, Service};
use clb_cloud_api::{clb, ssl};
use clb_simulator::config::DEMO_SECRET_ID;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ctl::{ctl, run};
use crate::sandbox::{Sandbox, client, server};

#[tokio::test]
async fn a_call_is_remembered_with_request_reply_and_who() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.load_balancer().await;
    let calls = ctl(&sandbox, &["calls", "--action", "CreateLoadBalancer"]).await;
    let call = &calls["calls"][0];
    assert_eq!(
        (&call["account"], &call["service"], &call["region"]),
        (&"demo".into(), &"clb".into(), &"ap-guangzhou".into())
    );
    assert_eq!(
        (&call["status"], &call["error_code"], &call["secret_id"]),
        (&200.into(), &"".into(), &DEMO_SECRET_ID.into())
    );
    assert_eq!(call["request_json"]["LoadBalancerType"], "OPEN");
    assert_eq!(call["reply_json"]["Response"]["LoadBalancerIds"][0], id);
    assert_eq!(call["reply_json"]["Response"]["RequestId"], call["request_id"]);
    assert!(call["client"].as_str().is_some_and(|name| !name.is_empty()), "{call}");
    assert!(call["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{call}");
    assert!(call["took_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{call}");
    assert!(call["reply_bytes"].as_u64().is_some_and(|bytes| bytes > 50), "{call}");
}

#[tokio::test]
async fn a_refused_call_names_its_rule() {
    let sandbox = Sandbox::start().await;
    sandbox.code(&clb::DeleteListener { load_balancer_id: "lb-99999999".into(), listener_id: "x".into() }).await;
    let calls = ctl(&sandbox, &["calls", "--failed"]).await;
    let call = &calls["calls"][0];
    assert_eq!((&call["action"], &call["error_code"]), (&"DeleteListener".into(), &"InvalidParameter".into()));
    assert!(call["rule"].as_str().is_some_and(|rule| rule.starts_with("lb-")), "{call}");
    assert_eq!(call["reply_json"]["Response"]["Error"]["Code"], "InvalidParameter");
}

#[tokio::test]
async fn of_a_caller_who_is_not_accepted_there_is_no_account_and_no_request() {
    let sandbox = Sandbox::start().await;
    let stranger = client(sandbox.simulator.api_address(), "AKIDstranger", "x");
    stranger.call(&clb::DescribeLoadBalancers::default()).await.expect_err("refused");
    let call = ctl(&sandbox, &["calls"]).await["calls"][0].clone();
    assert_eq!((&call["secret_id"], &call["account"]), (&"AKIDstranger".into(), &"".into()));
    assert_eq!((&call["request_json"], &call["error_code"]), (&Value::Null, &"AuthFailure.SecretIdNotFound".into()));
}

#[tokio::test]
async fn no_secret_is_remembered() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.server_certificate().await;
    let question = ssl::DescribeCertificateDetail { certificate_id: id };
    let detail = sandbox.call(&question).await;
    assert!(detail.certificate_private_key.is_some_and(|key| key.expose().contains("PRIVATE KEY")), "the API gives it");
    // A key in the wrong place, and one beside a listener.
    let key = server().key;
    let wrong = ssl::UploadCertificate { certificate_public_key: key.clone(), ..ssl::UploadCertificate::default() };
    sandbox.code(&wrong).await;
    let journal = ctl(&sandbox, &["calls"]).await.to_string();
    let secret = key.lines().nth(1).expect("base64");
    assert!(!journal.contains("PRIVATE KEY") && !journal.contains(secret), "{journal}");
    assert!(journal.contains("(secret)") && journal.contains("BEGIN CERTIFICATE"), "{journal}");
}

#[tokio::test]
async fn calls_are_chosen_and_printed_as_lines() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    sandbox.closed_client().call(&clb::DescribeLoadBalancers::default()).await.expect("answered");
    let worlds = ctl(&sandbox, &["calls", "--world", "closed"]).await;
    assert_eq!(worlds["calls"].as_array().map(Vec::len), Some(1));
    let total = worlds["total"].as_u64().expect("a number");
    let created = ctl(&sandbox, &["calls", "--action", "Create*", "--newest", "1"]).await;
    assert_eq!(created["calls"][0]["action"], "CreateListener");
    let after = (total - 1).to_string();
    let output = run(&sandbox, &["calls", "--after", &after, "--lines"]).await;
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[0]["number"]), (1, &total.into()));
}

#[tokio::test]
async fn calls_can_be_followed() {
    let sandbox = Sandbox::start().await;
    sandbox.load_balancer().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    let admin = sandbox.simulator.admin_address().to_string();
    command.args(["ctl", "--admin", &admin, "calls", "--follow", "--service", "clb", "--action", "Create*"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let (sender, mut lines) = tokio::sync::mpsc::channel(10);
    let reading = tokio::task::spawn_blocking(move || {
        for line in output.lines() {
            let _ = sender.blocking_send(line.expect("UTF-8"));
        }
    });
    let mut next = async || serde_json::from_str::<Value>(&lines.recv().await.expect("a line")).expect("JSON");
    assert_eq!(next().await["action"], "CreateLoadBalancer", "the calls that are remembered come first");
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
    sandbox.load_balancer().await;
    let newer = next().await;
    assert_eq!((&newer["action"], newer["number"].as_u64() > Some(1)), (&"CreateLoadBalancer".into(), true));
    child.kill().expect("its own child");
    child.wait().expect("it ends");
    reading.await.expect("no panic");
}

/// An action that nobody has.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct MakeCoffee {}

impl Action for MakeCoffee {
    const SERVICE: Service = Service::Clb;
    const NAME: &'static str = "MakeCoffee";
    type Reply = Accepted;
}

#[tokio::test]
async fn what_is_not_simulated_is_counted() {
    let sandbox = Sandbox::start().await;
    for _ in 0..2 {
        sandbox.client.call(&MakeCoffee {}).await.expect_err("refused");
    }
    let listed = ctl(&sandbox, &["not-simulated"]).await;
    let found = &listed["not_simulated"][0];
    assert_eq!(
        (&found["service"], &found["action"], &found["argument"]),
        (&"clb".into(), &"MakeCoffee".into(), &"".into())
    );
    assert_eq!((&found["rule"], &found["count"]), (&"api-action-must-exist".into(), &2.into()));
}

#[tokio::test]
async fn one_who_follows_does_not_keep_the_simulator_from_stopping() {
    let sandbox = Sandbox::start().await;
    let admin = sandbox.simulator.admin_address().to_string();
    sandbox.load_balancer().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.args(["ctl", "--admin", &admin, "calls", "--follow"]).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    let first = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        output.read_line(&mut line).map(|_| (line, output))
    });
    let (line, _output) = first.await.expect("no panic").expect("a line");
    assert!(line.contains("CreateLoadBalancer"), "{line}");
    sandbox.simulator.stop().await;
    let status = tokio::task::spawn_blocking(move || child.wait()).await.expect("no panic").expect("it ends");
    assert!(status.success(), "the end of the stream is no failure");
}
