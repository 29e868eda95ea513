//! Faults of backends: added through the admin door, met by clients of a listener and by health checks.

use clb_cloud_api::clb;

use crate::ctl::{ctl, fails};
use crate::datagram_faults::Served;
use crate::sandbox::Sandbox;

#[tokio::test]
async fn connections_to_backends_go_wrong_as_asked_and_are_counted() {
    let served = Served::start().await;
    let backend = served.backend.as_str();
    let add = ["backend-faults", "add", "--listener", &served.listener, "--backend", backend];
    let added = ctl(&served.sandbox, &[&add[..], &["--refuse", "--count", "1"]].concat()).await;
    assert_eq!(added["id"], 1);
    assert!(!served.ask().await.status.success(), "there is no other backend");
    served.is_answered().await;
    let slow = ["--answer-delay", "0.01", "--request-rate", "1000000", "--reset-after", "60", "--after", "0"];
    ctl(&served.sandbox, &[&add[..], &slow].concat()).await;
    served.is_answered().await;
    ctl(&served.sandbox, &[&add[..], &["--end-after-bytes", "0", "--probability", "1"]].concat()).await;
    ctl(&served.sandbox, &["backend-faults", "remove", "2"]).await;
    assert!(fails(&served.sandbox, &["backend-faults", "remove", "2"]).await.contains("no fault of backends 2"));

    let listed = ctl(&served.sandbox, &["backend-faults", "list"]).await;
    let first = &listed["faults"][0];
    assert_eq!((&first["backend"], &first["strikes"]), (&backend.into(), &"both".into()));
    assert_eq!((&first["refuse"], &first["matched"], &first["hits"]), (&true.into(), &3.into(), &1.into()));
    let second = &listed["faults"][1];
    assert_eq!((&second["end_after_bytes"], &second["strikes"]), (&0.into(), &"dials".into()));
    let journal = ctl(&served.sandbox, &["connections", "--listener", &served.listener]).await;
    let notes = journal["connections"][0]["notes"].to_string();
    assert!(notes.contains("fault 1"), "{notes}");

    ctl(&served.sandbox, &["reset"]).await;
    assert_eq!(ctl(&served.sandbox, &["backend-faults", "clear"]).await["removed"], 0);
}

#[tokio::test]
async fn health_checks_alone_can_be_struck() {
    let health = clb::HealthCheck {
        interval_time: Some(3),
        health_num: Some(2),
        un_health_num: Some(2),
        time_out: Some(2),
        ..clb::HealthCheck::default()
    };
    let served = Served::start_with(health).await;
    ctl(&served.sandbox, &["backend-faults", "add", "--refuse", "--strikes", "probes"]).await;
    let waiting = async {
        let list = ["backend-faults", "list"];
        while ctl(&served.sandbox, &list).await["faults"][0]["probes_hits"].as_u64() < Some(2) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await.expect("its checks fail");
    served.is_answered().await;
}

#[tokio::test]
async fn what_is_no_fault_of_backends_is_refused_in_words() {
    let sandbox = Sandbox::start().await;
    let cases = [
        (&[][..], "does nothing: give refuse"),
        (&["--refuse", "--never-end"], "refuse and never_end exclude each other"),
        (&["--refuse", "--backend", "web"], "backend is an address as the cloud knows it"),
        (&["--refuse", "--strikes", "all"], "strikes is `dials`, `probes` or `both`"),
        (&["--never-end", "--strikes", "both"], "probes can be refused or not be answered"),
        (&["--answer-delay", "61"], "numbers from 0 to 60"),
        (&["--refuse", "--count", "0"], "count is 1 or more"),
    ];
    for (arguments, words) in cases {
        let said = fails(&sandbox, &[&["backend-faults", "add"], arguments].concat()).await;
        assert!(said.contains(words), "{said}");
    }
}
