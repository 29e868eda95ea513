//! The forwarding table, as it is shown.

use clb_simulator::seed::INSTANCES;
use serde_json::Value;

use crate::ctl::ctl;
use crate::sandbox::{Sandbox, instance, register};

#[tokio::test]
async fn the_whole_table_is_shown_without_keys() {
    let sandbox = Sandbox::start().await;
    let (lb, id) = sandbox.listener().await;
    sandbox.done(&register(&lb, &id, vec![instance(INSTANCES[0].0, 8080)])).await;
    let address = sandbox.address(&lb, 8443).await;
    let table = ctl(&sandbox, &["forwarding-table"]).await;
    assert_eq!(table["generation"], table["applied_generation"]);
    let listeners = table["listeners"].as_array().expect("a list");
    assert_eq!(listeners.len(), 1);
    let listener = &listeners[0];
    assert_eq!((&listener["listener_id"], &listener["load_balancer_id"]), (&id.into(), &lb.into()));
    assert_eq!((&listener["address"], &listener["scheduler"]), (&address.to_string().into(), &"WRR".into()));
    assert_eq!(listener["probe"]["kind"], "TCP");
    let backends = listener["backends"].as_array().expect("a list");
    assert_eq!((backends.len(), &backends[0]["address"]), (1, &"10.0.1.5:8080".into()));
    // The built-in seed's instances have a group of one rule, and the load balancer none.
    assert_eq!((&listener["security_group_rules"], &backends[0]["security_group_rules"]), (&Value::Null, &1.into()));
    assert_eq!((&backends[0]["weight"], backends[0]["eligible"].is_boolean()), (&10.into(), true));
    assert!(!table.to_string().contains("BEGIN"), "{table}");
}
