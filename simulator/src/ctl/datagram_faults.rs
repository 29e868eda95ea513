//! `ctl datagram-faults`.

use super::standing_faults::{self, Occasions};
use super::{Door, Trouble, print};
use crate::generated::clbsim::{
    ClearDatagramFaultsRequest, DatagramFault, ListDatagramFaultsRequest, RemoveDatagramFaultRequest,
};

/// What `ctl datagram-faults` can do.
pub(super) type Command = standing_faults::Command<Added>;

/// A fault to add.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Added {
    /// For datagrams of this listener [default: all]
    #[arg(long, value_name = "ID", default_value_t, hide_default_value = true, help_heading = "Which datagrams")]
    listener: String,
    /// For datagrams of this client, IP or IP:PORT [default: all]
    #[arg(long, value_name = "ADDRESS", default_value_t, hide_default_value = true, help_heading = "Which datagrams")]
    client: String,
    /// For datagrams that go this way, `from-clients` or `to-clients` [default: both]
    #[arg(long, value_name = "WAY", default_value_t, hide_default_value = true, help_heading = "Which datagrams")]
    direction: String,
    /// For datagrams of more bytes than this, without the headers of IP and UDP
    #[arg(long, value_name = "BYTES", help_heading = "Which datagrams")]
    longer_than: Option<u32>,

    #[command(flatten)]
    occasions: Occasions,
    /// Strike for so many seconds from now on [default: until it is removed]
    #[arg(long = "for", value_name = "SECONDS", help_heading = "Which of those")]
    for_seconds: Option<f64>,

    /// Lose it; without a probability that is a blackout
    #[arg(long, help_heading = "What becomes of them")]
    lose: bool,
    /// Let it arrive so many times more, at most 10
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    duplicate: u32,
    /// Hold it back for so many seconds, at most 10
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    delay: f64,
    /// Hold it back for up to so many seconds longer
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    jitter: f64,
    /// Hold it back until so many later ones have passed, at most 100
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t,
        hide_default_value = true,
        help_heading = "What becomes of them"
    )]
    reorder: u32,
    /// Give its client another port from then on, as a NAT does
    #[arg(long, help_heading = "What becomes of them")]
    rebind: bool,
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Add(added) => print(&door.add_datagram_fault(fault(*added)).await?.into_inner()),
        Command::List => print(&door.list_datagram_faults(ListDatagramFaultsRequest {}).await?.into_inner()),
        Command::Remove { id } => {
            print(&door.remove_datagram_fault(RemoveDatagramFaultRequest { id }).await?.into_inner())
        }
        Command::Clear => print(&door.clear_datagram_faults(ClearDatagramFaultsRequest {}).await?.into_inner()),
    }
}

fn fault(added: Added) -> DatagramFault {
    DatagramFault {
        listener_id: added.listener,
        client: added.client,
        direction: added.direction.replace('-', "_"),
        longer_than: added.longer_than,
        after: added.occasions.after,
        count: added.occasions.count,
        probability: added.occasions.probability,
        seed: added.occasions.seed,
        for_seconds: added.for_seconds,
        lose: added.lose,
        duplicate: added.duplicate,
        delay_seconds: added.delay,
        jitter_seconds: added.jitter,
        reorder: added.reorder,
        rebind: added.rebind,
        ..DatagramFault::default()
    }
}
