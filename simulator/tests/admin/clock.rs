//! The clock through the admin door.

use clb_cloud_api::clb;

use crate::ctl::{ctl, fails};
use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_clock_stands_goes_forward_and_runs_again() {
    let sandbox = Sandbox::start().await;
    let running = ctl(&sandbox, &["clock", "show"]).await;
    assert_eq!((&running["frozen"], &running["ahead_seconds"]), (&false.into(), &0.0.into()));
    let frozen = ctl(&sandbox, &["clock", "freeze"]).await;
    assert_eq!(frozen["frozen"], true);
    assert_eq!(ctl(&sandbox, &["clock", "show"]).await["now"], frozen["now"], "it stands");
    let year = |reading: &serde_json::Value| reading["now"].as_str().map(|at| at[..4].parse::<u32>().expect("a year"));
    let advanced = ctl(&sandbox, &["clock", "advance", "31622400"]).await;
    assert_eq!(year(&advanced), year(&frozen).map(|year| year + 1));

    // Clients sign with the machine's time, and are served all the same. What they are told is the simulator's time.
    let id = sandbox.load_balancer().await;
    let made = sandbox.describe_load_balancer(&id).await.expect("there").create_time;
    assert_eq!(made.get(..4).map(str::to_owned), year(&advanced).map(|year| year.to_string()));

    let resumed = ctl(&sandbox, &["clock", "resume"]).await;
    assert_eq!((&resumed["frozen"], year(&resumed)), (&false.into(), year(&frozen)));
    sandbox.call(&clb::DescribeLoadBalancers::default()).await;
}

#[tokio::test]
async fn the_clock_does_not_go_back_and_not_too_far() {
    let sandbox = Sandbox::start().await;
    assert!(fails(&sandbox, &["clock", "advance", "-1"]).await.contains("forward only"));
    assert!(fails(&sandbox, &["clock", "advance", "1e15"]).await.contains("cannot be put forward by more"));
    ctl(&sandbox, &["clock", "freeze"]).await;
    ctl(&sandbox, &["reset"]).await;
    assert_eq!(ctl(&sandbox, &["clock", "show"]).await["frozen"], false, "a reset resumes it");
}
