//! `ctl health` and `ctl wait`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{Door, Trouble, connect, print};
use crate::generated::clbsim::{HealthRequest, WaitUntilAppliedRequest};

/// How long to wait between two attempts to reach a door that is not there yet.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// The arguments of `ctl wait`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Wait {
    /// Wait until that forwarding table, or a newer one, is in effect [default: the newest]
    #[arg(long, value_name = "NUMBER")]
    generation: Option<u64>,
    /// How many seconds to wait for the door and then for the table; the latter at most 25
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    timeout: u16,
}

pub(super) async fn show(door: &mut Door) -> Result<(), Trouble> {
    print(&door.health(HealthRequest {}).await?.into_inner())
}

/// Waits for the door, then for the table, then says how the simulator stands.
pub(super) async fn wait(address: SocketAddr, arguments: Wait) -> Result<(), Trouble> {
    let patience = Duration::from_secs(u64::from(arguments.timeout));
    let since = Instant::now();
    let mut door = loop {
        match connect(address).await {
            Ok(door) => break door,
            Err(trouble) if since.elapsed() >= patience => return Err(trouble),
            Err(_) => tokio::time::sleep(BETWEEN_ATTEMPTS).await,
        }
    };
    let timeout_seconds = f64::from(arguments.timeout.max(1));
    door.wait_until_applied(WaitUntilAppliedRequest { generation: arguments.generation, timeout_seconds }).await?;
    show(&mut door).await
}
