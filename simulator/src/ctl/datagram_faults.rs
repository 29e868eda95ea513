//! `ctl datagram-faults`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{
    ClearDatagramFaultsRequest, DatagramFault, ListDatagramFaultsRequest, RemoveDatagramFaultRequest,
};

/// What `ctl datagram-faults` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a fault: which datagrams it is for, which of those it strikes, what becomes of them
    Add(Box<Added>),
    /// List the faults with what they have struck
    List,
    /// Remove one
    Remove {
        /// Its id
        id: u64,
    },
    /// Remove all
    Clear,
}

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

    /// Let so many of them pass first
    #[arg(long, value_name = "COUNT", default_value_t, hide_default_value = true, help_heading = "Which of those")]
    after: u64,
    /// Then strike so many [default: all]
    #[arg(long, value_name = "COUNT", help_heading = "Which of those")]
    count: Option<u64>,
    /// Strike each of them with this probability, from 0 to 1
    #[arg(long, value_name = "SHARE", help_heading = "Which of those")]
    probability: Option<f64>,
    /// Seed of the dice: the same seed strikes the same datagrams [default: 0]
    #[arg(long, value_name = "NUMBER", requires = "probability", help_heading = "Which of those")]
    seed: Option<u64>,
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
        after: added.after,
        count: added.count,
        probability: added.probability,
        seed: added.seed,
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
