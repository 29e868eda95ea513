//! Faults of datagrams: added through the admin door, met by clients of a listener.

use std::net::SocketAddr;
use std::process::{Command, Output};

use clb_cloud_api::clb;
use clb_simulator::backend::Backend;
use clb_simulator::seed::INSTANCES;

use crate::ctl::{ctl, fails};
use crate::sandbox::{Sandbox, instance, register};

/// A listener with a backend that answers lines, and what has to live for it.
pub struct Served {
    pub sandbox: Sandbox,
    pub listener: String,
    pub address: SocketAddr,
    /// As the cloud knows it.
    pub backend: String,
    _backend: Backend,
}

impl Served {
    /// With a backend that is never asked whether it is well.
    pub async fn start() -> Self {
        let health = clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() };
        Self::start_with(health).await
    }

    pub async fn start_with(health: clb::HealthCheck) -> Self {
        let sandbox = Sandbox::start().await;
        let backend = Backend::start("127.10.1.5:0".parse().expect("an address"), Some("blue")).await.expect("one");
        let mut request = sandbox.listener_request().await;
        request.health_check = Some(health);
        let listener = sandbox.done(&request).await.listener_ids[0].clone();
        let port = i64::from(backend.address().port());
        sandbox.done(&register(&request.load_balancer_id, &listener, vec![instance(INSTANCES[0].0, port)])).await;
        let address = sandbox.address(&request.load_balancer_id, 8443).await;
        Self { sandbox, listener, address, backend: format!("10.0.1.5:{port}"), _backend: backend }
    }

    /// A client that says one line and waits for the answer.
    pub async fn ask(&self) -> Output {
        let mut client = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
        client.args(["client", &self.address.to_string(), "--insecure", "--line", "hello"]);
        tokio::task::spawn_blocking(move || client.output()).await.expect("no panic").expect("it runs")
    }

    /// The same; there is an answer.
    pub async fn is_answered(&self) {
        let said = self.ask().await;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success() && text.contains("blue"), "{text}{}", String::from_utf8_lossy(&said.stderr));
    }
}

#[tokio::test]
async fn datagrams_go_wrong_as_asked_and_are_counted() {
    let served = Served::start().await;
    let add = ["datagram-faults", "add", "--listener", &served.listener];
    let effects = [
        &["--lose", "--direction", "from-clients", "--count", "1"][..],
        &["--duplicate", "1", "--probability", "0.5", "--seed", "7"],
        &["--delay", "0.01", "--jitter", "0.02", "--client", "127.0.0.1"],
        &["--reorder", "2", "--direction", "to-clients", "--after", "2", "--for", "60"],
        &["--rebind", "--count", "1", "--longer-than", "20"],
    ];
    for (number, effect) in effects.iter().enumerate() {
        let added = ctl(&served.sandbox, &[&add[..], effect].concat()).await;
        assert_eq!(added["id"], number + 1);
    }
    served.is_answered().await;
    let listed = ctl(&served.sandbox, &["datagram-faults", "list"]).await;
    let faults = listed["faults"].as_array().expect("a list");
    for fault in faults {
        assert_eq!(fault["listener_id"], served.listener.as_str());
        assert!(fault["matched"].as_u64() >= Some(1), "{fault}");
    }
    assert_eq!((&faults[0]["hits"], &faults[0]["direction"]), (&1.into(), &"from_clients".into()));
    assert_eq!((&faults[2]["delay_seconds"], &faults[2]["client"]), (&0.01.into(), &"127.0.0.1".into()));
    assert_eq!((&faults[3]["reorder"], &faults[3]["for_seconds"]), (&2.into(), &60.0.into()));
    assert_eq!((&faults[4]["rebind"], &faults[4]["longer_than"]), (&true.into(), &20.into()));
    assert_eq!(listed["overflowed"], 0);

    ctl(&served.sandbox, &["datagram-faults", "remove", "2"]).await;
    assert!(fails(&served.sandbox, &["datagram-faults", "remove", "2"]).await.contains("no fault of datagrams 2"));
    assert_eq!(ctl(&served.sandbox, &["datagram-faults", "clear"]).await["removed"], 4);
    served.is_answered().await;
}

#[tokio::test]
async fn a_reset_ends_a_blackout() {
    let served = Served::start().await;
    ctl(&served.sandbox, &["datagram-faults", "add", "--lose"]).await;
    ctl(&served.sandbox, &["reset"]).await;
    assert_eq!(ctl(&served.sandbox, &["datagram-faults", "list"]).await["faults"], serde_json::json!([]));
}

#[tokio::test]
async fn what_is_no_fault_of_datagrams_is_refused_in_words() {
    let sandbox = Sandbox::start().await;
    let cases = [
        (&[][..], "does nothing: give lose"),
        (&["--lose", "--rebind"], "lose and rebind are two faults"),
        (&["--lose", "--direction", "up"], "direction is `from_clients` or `to_clients`"),
        (&["--lose", "--client", "me"], "client is an address, IP or IP:PORT, not \"me\""),
        (&["--delay", "11"], "numbers from 0 to 10"),
        (&["--lose", "--for", "0"], "for_seconds is a number above 0"),
        (&["--rebind", "--direction", "to-clients"], "leave direction out"),
    ];
    for (arguments, words) in cases {
        let said = fails(&sandbox, &[&["datagram-faults", "add"], arguments].concat()).await;
        assert!(said.contains(words), "{said}");
    }
}
