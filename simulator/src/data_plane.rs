//! The data plane: makes the forwarding table true, and reports what came of it.
//!
//! ```text
//!  watch<ForwardingTable> ──► difference ──► listener: close | open | update ──► Observation::Applied
//!                                               │
//!                     QUIC ──► connection ──► bridge ──► TCP           probe ──► Observation::Probed
//! ```
//!
//! It reads tables and writes observations and the journal. It does not know the cloud API, accounts or tasks, takes no
//! lock of the control plane, and decides nothing about health.

pub mod address_plan;
mod admission;
mod alpn;
mod backend_faults;
mod bridge;
mod client_address;
pub mod close_code;
mod connection;
pub mod counters;
mod datagram_faults;
mod datagram_lane;
mod ending;
mod firewall;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(all(test, not(fuzzing)))]
mod fuzzing;
pub mod host;
pub mod journal;
mod journal_entry;
mod journal_record;
mod listener;
mod passive_check;
mod port_rebinding;
mod probe;
mod proxy_header;
mod socket;
mod stream_limits;
mod tls_session;
pub mod traces;
pub mod transport;

use std::collections::BTreeMap;
use std::sync::Arc;

use clb_model::forwarding::{ForwardingTable, Observation};
use clb_model::id::ListenerId;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use address_plan::AddressPlan;
use host::{Host, ThisMachine};
use journal::Journal;
use listener::{Listener, Surroundings};
use traces::Traces;

use crate::faults::TrafficFaults;

/// What the data plane does beyond what tables say. Nothing is on by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Backends that refuse three connections in a row are left out for ten seconds, as the platform has it for TCP SSL
    /// listeners.
    pub passive_health_check: bool,
    /// Clients that resume a session may send before their handshake is complete (0-RTT), on listeners that ask for no
    /// client certificate. Backends see nothing of it before that.
    pub early_data: bool,
}

/// A running data plane. It stops when this is dropped, when [`DataPlane::stop`] is called, or when the sender of the
/// tables is gone; in each case every port is closed.
#[must_use = "the data plane stops when its handle is dropped"]
pub struct DataPlane {
    /// Dropping it is the order to stop.
    stop: watch::Sender<()>,
    running: JoinHandle<()>,
}

impl DataPlane {
    /// Starts on this machine, with the table that is current and follows the newest from then on; tables that were replaced before
    /// they were looked at are skipped. For each table that was put into effect one [`Observation::Applied`] is sent,
    /// after every port of it has been opened and every port that is gone from it has been closed. Must be called
    /// within a tokio runtime.
    pub fn start(
        tables: watch::Receiver<Arc<ForwardingTable>>,
        observations: mpsc::Sender<Observation>,
        plan: AddressPlan,
        journal: Arc<Journal>,
        faults: Arc<TrafficFaults>,
        settings: Settings,
    ) -> Self {
        Self::start_traced(tables, observations, plan, journal, faults, settings, Traces::default())
    }

    /// [`DataPlane::start`], with connections written down.
    pub fn start_traced(
        tables: watch::Receiver<Arc<ForwardingTable>>,
        observations: mpsc::Sender<Observation>,
        plan: AddressPlan,
        journal: Arc<Journal>,
        faults: Arc<TrafficFaults>,
        settings: Settings,
        traces: Traces,
    ) -> Self {
        let (host, plan) = (Arc::new(ThisMachine), Arc::new(plan));
        Self::follow(tables, Surroundings { host, plan, journal, observations, faults, settings, traces })
    }

    /// [`DataPlane::start`] on another machine.
    pub fn start_on(
        host: impl Host,
        tables: watch::Receiver<Arc<ForwardingTable>>,
        observations: mpsc::Sender<Observation>,
        plan: AddressPlan,
        journal: Arc<Journal>,
        faults: Arc<TrafficFaults>,
        settings: Settings,
    ) -> Self {
        let (host, plan, traces) = (Arc::new(host), Arc::new(plan), Traces::default());
        Self::follow(tables, Surroundings { host, plan, journal, observations, faults, settings, traces })
    }

    fn follow<H: Host>(tables: watch::Receiver<Arc<ForwardingTable>>, around: Surroundings<H>) -> Self {
        let around = Arc::new(around);
        let (stop, stopped) = watch::channel(());
        Self { stop, running: tokio::spawn(run(tables, around, stopped)) }
    }

    /// Closes every connection and every port; returns when that is done.
    pub async fn stop(self) {
        drop(self.stop);
        // An error would be a panic of the data plane, which has been reported where it happened.
        let _ = self.running.await;
    }
}

async fn run<H: Host>(
    mut tables: watch::Receiver<Arc<ForwardingTable>>,
    around: Arc<Surroundings<H>>,
    mut stop: watch::Receiver<()>,
) {
    let mut listeners = BTreeMap::new();
    loop {
        let table = Arc::clone(&tables.borrow_and_update());
        let failed = apply(&table, &mut listeners, &around).await;
        let applied = Observation::Applied { generation: table.generation, failed };
        // Nobody else has the table while this waits, so the next is made of it without a copy.
        drop(table);
        tokio::select! {
            biased;
            // Without a reader of observations there is still traffic to forward.
            _ = around.observations.send(applied) => {}
            _ = stop.changed() => break,
        }
        tokio::select! {
            biased;
            _ = stop.changed() => break,
            changed = tables.changed() => if changed.is_err() { break },
        }
    }
    close(listeners.into_values(), close_code::STOPPED, "the load balancer is being stopped").await;
}

/// Puts a table into effect. Returns the listeners for which that did not succeed, with the reason. A port that could
/// not be opened is tried again with the next table.
async fn apply<H: Host>(
    table: &ForwardingTable,
    listeners: &mut BTreeMap<ListenerId, Listener<H>>,
    around: &Arc<Surroundings<H>>,
) -> BTreeMap<ListenerId, String> {
    let gone = listeners
        .extract_if(.., |id, listener| {
            table.listeners.get(id).is_none_or(|forwarding| forwarding.address != listener.address())
        })
        .map(|(_, listener)| listener);
    // First those that go: their ports may be wanted by those that come.
    close(gone, close_code::LISTENER_CLOSED, "the listener was deleted or stopped").await;

    let mut failed = BTreeMap::new();
    for (id, forwarding) in &table.listeners {
        let result = match listeners.get_mut(id) {
            Some(listener) => listener.update(forwarding),
            None => Listener::open(id, forwarding, around).map(|listener| {
                tracing::info!(listener = %id, address = %forwarding.address, "listening");
                listeners.insert(id.clone(), listener);
            }),
        };
        if let Err(reason) = result {
            tracing::warn!(listener = %id, %reason, "not forwarding as the table says");
            failed.insert(id.clone(), reason);
        }
    }
    failed
}

/// Closes listeners side by side.
async fn close<H: Host>(listeners: impl Iterator<Item = Listener<H>>, code: quinn::VarInt, reason: &'static str) {
    let mut closing = JoinSet::new();
    for listener in listeners {
        tracing::info!(address = %listener.address(), reason, "closing");
        closing.spawn(listener.close(code, reason));
    }
    while closing.join_next().await.is_some() {}
}
