//! The journal of calls.

use clb_cloud_api::clb;

use crate::ctl::ctl;
use crate::sandbox::Sandbox;

#[tokio::test]
async fn calls_are_remembered_without_their_secrets() {
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    sandbox.code(&clb::DeleteListener { load_balancer_id: "lb-99999999".into(), listener_id: "x".into() }).await;
    let journal = ctl(&sandbox, &["calls"]).await;
    let calls = journal["calls"].as_array().expect("a list");
    assert_eq!(journal["total"], calls.len());
    let last = calls.last().expect("calls");
    assert_eq!((&last["action"], &last["error_code"]), (&"DeleteListener".into(), &"InvalidParameter".into()));
    assert_eq!((&last["account"], &last["region"]), (&"demo".into(), &"ap-guangzhou".into()));
    assert!(!journal.to_string().contains("PRIVATE KEY"));
}
