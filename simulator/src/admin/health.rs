//! Health: that the simulator serves, and how far the data plane is.

use std::time::{Duration, SystemTime};

use tonic::Status;

use super::Admin;
use crate::generated::clbsim::{HealthReply, WaitUntilAppliedReply, WaitUntilAppliedRequest};

/// How long a call may wait for the data plane: not said, and at most. The second leaves room below the bound of calls.
const WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(25);

pub(super) fn show(admin: &Admin) -> HealthReply {
    let standing = admin.control.standing();
    let connections = admin.connections.totals();
    HealthReply {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        generation: standing.generation,
        applied_generation: standing.applied,
        listeners: standing.listeners as u64,
        ready: standing.applied == standing.generation,
        started: Some(super::timestamp(admin.started)),
        uptime_seconds: SystemTime::now().duration_since(admin.started).unwrap_or_default().as_secs_f64(),
        worlds: standing.worlds as u64,
        load_balancers: standing.load_balancers as u64,
        connections: connections.opened - connections.closed,
        calls: admin.calls.total(),
    }
}

pub(super) async fn wait_until_applied(
    admin: &Admin,
    request: WaitUntilAppliedRequest,
) -> Result<WaitUntilAppliedReply, Status> {
    let within = match request.timeout_seconds {
        0.0 => WAIT,
        seconds => Duration::try_from_secs_f64(seconds)
            .map_err(|_| Status::invalid_argument("timeout_seconds is a number of seconds, 0 or more"))?
            .min(LONGEST_WAIT),
    };
    let generation = request.generation.unwrap_or_else(|| admin.control.standing().generation);
    if !admin.control.wait_until_applied(generation, within).await {
        let standing = admin.control.standing();
        return Err(Status::deadline_exceeded(format!(
            "generation {generation} is not in effect after {within:?}: the newest is {}, in effect is {}",
            standing.generation, standing.applied
        )));
    }
    Ok(WaitUntilAppliedReply { applied_generation: admin.control.standing().applied })
}
