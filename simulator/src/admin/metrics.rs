//! `GET /metrics`: what is counted, for Prometheus. Names and labels stay; new ones may come.
//!
//! Figures of a listener begin with its port and go with it, those of a backend with its binding, so there are never
//! more series than there are listeners and bindings. A reset of the simulator sets no counter back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use clb_model::forwarding::{Backend, BackendAddress, ForwardingTable};
use clb_model::health::Verdict;
use clb_model::listener::{Listener, Protocol};
use clb_model::region::Region;
use clb_model::world::World;

use super::Admin;
use super::exposition::{self, Exposition, Kind};
use crate::data_plane::counters::{BackendCounters, Count, CountBy, Durations, Label, ListenerCounters};

/// The answer to `GET /metrics`.
pub(super) fn answer(admin: &Admin) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, exposition::CONTENT_TYPE)], page(admin))
}

fn page(admin: &Admin) -> String {
    let mut page = Exposition::default();
    process(&mut page, admin.started);
    control(&mut page, admin);
    calls(&mut page, admin);
    table(&mut page, &admin.control.tables().borrow().clone());
    health(&mut page, admin);
    let listeners = admin.connections.counters().list();
    connections(&mut page, &listeners);
    streams(&mut page, &listeners);
    datagrams(&mut page, &listeners);
    backends(&mut page, &listeners);
    page.finish()
}

fn process(page: &mut Exposition, started: SystemTime) {
    let mut family = page.family("clb_simulator_build_info", Kind::Gauge, "Always 1; its label is the version.");
    family.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let since = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    page.family("process_start_time_seconds", Kind::Gauge, "When the simulator started, in seconds since 1970.")
        .sample(&[], since.as_secs_f64());
    let mut family = page.family("process_resident_memory_bytes", Kind::Gauge, "Memory in use (Linux).");
    if let Some(bytes) = resident_memory() {
        family.sample(&[], bytes);
    }
}

/// What the kernel says that this process has in memory, in bytes; `None` where it is not Linux.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn control(page: &mut Exposition, admin: &Admin) {
    let standing = admin.control.standing();
    let running: usize = admin.control.worlds(|_, _, world| tasks_running(world)).into_iter().sum();
    for (name, help, value) in [
        ("clb_simulator_table_generation", "The number of the newest forwarding table.", standing.generation),
        ("clb_simulator_table_applied_generation", "The number of the newest table in effect.", standing.applied),
        ("clb_simulator_listeners", "Listeners of the newest table.", standing.listeners as u64),
        ("clb_simulator_worlds", "Worlds.", standing.worlds as u64),
        ("clb_simulator_load_balancers", "Load balancers of all worlds.", standing.load_balancers as u64),
        ("clb_simulator_tasks_running", "Accepted writes that have not ended.", running as u64),
    ] {
        page.family(name, Kind::Gauge, help).sample(&[], value);
    }
}

fn tasks_running(world: &World) -> usize {
    world.regions().map(|region| region.tasks.running().count()).sum()
}

fn calls(page: &mut Exposition, admin: &Admin) {
    let help = "Calls of the cloud API that were answered, by the code of the error (`ok` without one).";
    let mut family = page.family("clb_simulator_api_calls_total", Kind::Counter, help);
    for (call, count) in admin.calls.counts() {
        let code = if call.code.is_empty() { "ok" } else { &call.code };
        family.sample(&[("service", &call.service), ("action", &call.action), ("code", code)], count);
    }
}

fn table(page: &mut Exposition, table: &ForwardingTable) {
    type Figure = fn(&Backend) -> u8;
    let figures: [(&str, &str, Figure); 2] = [
        ("clb_simulator_backend_weight", "The weight of a backend, 0 to 100.", |it| it.weight),
        ("clb_simulator_backend_eligible", "Whether a backend is given new connections.", |it| u8::from(it.eligible)),
    ];
    for (name, help, figure) in figures {
        let mut family = page.family(name, Kind::Gauge, help);
        for (id, forwarding) in &table.listeners {
            // The same address may be bound twice, as an instance and as an address.
            let backends: BTreeMap<BackendAddress, &Backend> =
                forwarding.backends.iter().map(|backend| (backend.address, backend)).collect();
            for (address, backend) in backends {
                let labels = BackendLabels::new(forwarding.load_balancer_id.as_str(), id.as_str(), address);
                family.sample(&labels.with(&[]), figure(backend));
            }
        }
    }
}

fn health(page: &mut Exposition, admin: &Admin) {
    let found = admin.control.worlds(|_, _, world| {
        let balancers = world.regions().flat_map(Region::load_balancers);
        let listeners = balancers.flat_map(|owner| owner.listeners().map(move |listener| (owner, listener)));
        let forwarding = listeners.filter(|(_, it)| it.protocol == Protocol::Quic && !it.stopped);
        let states = forwarding.flat_map(|(owner, listener)| {
            listener.bindings().iter().map(move |binding| {
                let labels = BackendLabels::new(owner.id.as_str(), listener.id.as_str(), binding.address);
                (labels, state(listener, binding.health.verdict()))
            })
        });
        states.collect::<BTreeMap<_, _>>()
    });
    let help = "1 for the state that a backend is in: alive, dead, unknown, or close where it is not watched.";
    let mut family = page.family("clb_simulator_backend_health", Kind::Gauge, help);
    for (labels, state) in found.into_iter().flatten() {
        family.sample(&labels.with(&[("state", state)]), 1);
    }
}

fn state(listener: &Listener, verdict: Verdict) -> &'static str {
    match verdict {
        _ if !listener.health_check.enabled => "close",
        Verdict::Unknown => "unknown",
        Verdict::Alive => "alive",
        Verdict::Dead => "dead",
    }
}

type Listeners = [Arc<ListenerCounters>];

fn connections(page: &mut Exposition, listeners: &Listeners) {
    counter(page, listeners, "clb_simulator_connections_opened_total", "Handshakes completed.", |it| {
        &it.connections_opened
    });
    counter(page, listeners, "clb_simulator_connections_closed_total", "Of those connections, ended.", |it| {
        &it.connections_closed
    });
    gauge(
        page,
        listeners,
        "clb_simulator_connections_open",
        "Connections that are open.",
        ListenerCounters::connections_open,
    );
    let name = "clb_simulator_handshakes_failed_total";
    counter_by(page, listeners, name, "Handshakes that failed.", "reason", |it| &it.failed_handshakes);
    let name = "clb_simulator_connections_refused_total";
    counter_by(page, listeners, name, "Attempts refused before a handshake.", "reason", |it| &it.refused);
    counter(page, listeners, "clb_simulator_retries_sent_total", "Clients asked to prove their address.", |it| {
        &it.retries
    });
}

fn streams(page: &mut Exposition, listeners: &Listeners) {
    counter(page, listeners, "clb_simulator_streams_opened_total", "Streams that clients opened.", |it| {
        &it.streams_opened
    });
    gauge(page, listeners, "clb_simulator_streams_open", "Streams that are open.", ListenerCounters::streams_open);
    let name = "clb_simulator_streams_ended_total";
    counter_by(page, listeners, name, "Streams that ended, by how.", "end", |it| &it.streams_ended);
    counter(page, listeners, "clb_simulator_from_client_bytes_total", "Bytes of streams written to backends.", |it| {
        &it.bytes_from_client
    });
    counter(page, listeners, "clb_simulator_to_client_bytes_total", "Bytes of streams written to clients.", |it| {
        &it.bytes_to_client
    });
}

fn datagrams(page: &mut Exposition, listeners: &Listeners) {
    counter(page, listeners, "clb_simulator_datagrams_received_total", "UDP datagrams received.", |it| {
        &it.datagrams_received
    });
    counter(page, listeners, "clb_simulator_datagrams_sent_total", "UDP datagrams sent.", |it| &it.datagrams_sent);
    let name = "clb_simulator_datagrams_dropped_total";
    counter_by(page, listeners, name, "UDP datagrams that went no further.", "reason", |it| &it.datagrams_dropped);
}

fn backends(page: &mut Exposition, listeners: &Listeners) {
    let help = "How long it took a backend to accept a connection.";
    let mut family = page.family("clb_simulator_dial_duration_seconds", Kind::Histogram, help);
    for it in listeners {
        let bounds = Durations::UP_TO.into_iter().map(|micros| Some(seconds(micros))).chain([None]);
        family.histogram(&labels(it), bounds.zip(it.dials.classes()), seconds(it.dials.micros()));
    }
    let found: Vec<(BackendLabels, Arc<BackendCounters>)> = listeners.iter().flat_map(|it| of_backends(it)).collect();
    let name = "clb_simulator_backend_connections_total";
    let mut family = page.family(name, Kind::Counter, "QUIC connections a backend was given.");
    for (labels, counters) in &found {
        family.sample(&labels.with(&[]), counters.connections_given.get());
    }
    let name = "clb_simulator_backend_connections_open";
    let mut family = page.family(name, Kind::Gauge, "QUIC connections a backend has.");
    for (labels, counters) in &found {
        let ended = counters.connections_ended.get();
        family.sample(&labels.with(&[]), counters.connections_given.get().saturating_sub(ended));
    }
    let mut family = page.family("clb_simulator_dials_total", Kind::Counter, "TCP connections tried to a backend.");
    for (labels, counters) in &found {
        family.sample(&labels.with(&[("result", "connected")]), counters.dials_connected.get());
        family.sample(&labels.with(&[("result", "failed")]), counters.dials_failed.get());
    }
    let mut family = page.family("clb_simulator_probes_total", Kind::Counter, "Probes of a backend.");
    for (labels, counters) in &found {
        family.sample(&labels.with(&[("result", "passed")]), counters.probes_passed.get());
        family.sample(&labels.with(&[("result", "failed")]), counters.probes_failed.get());
    }
}

fn of_backends(it: &ListenerCounters) -> Vec<(BackendLabels, Arc<BackendCounters>)> {
    let labels = |address| BackendLabels::new(it.load_balancer_id.as_str(), it.listener_id.as_str(), address);
    it.backends().into_iter().map(|(address, counters)| (labels(address), counters)).collect()
}

fn counter(
    page: &mut Exposition,
    listeners: &Listeners,
    name: &'static str,
    help: &'static str,
    count: impl Fn(&ListenerCounters) -> &Count,
) {
    let mut family = page.family(name, Kind::Counter, help);
    for it in listeners {
        family.sample(&labels(it), count(it).get());
    }
}

fn gauge(
    page: &mut Exposition,
    listeners: &Listeners,
    name: &'static str,
    help: &'static str,
    value: impl Fn(&ListenerCounters) -> u64,
) {
    let mut family = page.family(name, Kind::Gauge, help);
    for it in listeners {
        family.sample(&labels(it), value(it));
    }
}

fn counter_by<L: Label>(
    page: &mut Exposition,
    listeners: &Listeners,
    name: &'static str,
    help: &'static str,
    by: &str,
    counts: impl Fn(&ListenerCounters) -> &CountBy<L>,
) {
    let mut family = page.family(name, Kind::Counter, help);
    for it in listeners {
        for (label, count) in counts(it).each() {
            let [load_balancer, listener] = labels(it);
            family.sample(&[load_balancer, listener, (by, label.name())], count);
        }
    }
}

fn labels(it: &ListenerCounters) -> [(&str, &str); 2] {
    [("load_balancer", it.load_balancer_id.as_str()), ("listener", it.listener_id.as_str())]
}

/// Which backend of which listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BackendLabels {
    load_balancer: String,
    listener: String,
    backend: String,
}

impl BackendLabels {
    fn new(load_balancer: &str, listener: &str, backend: BackendAddress) -> Self {
        Self { load_balancer: load_balancer.to_owned(), listener: listener.to_owned(), backend: backend.to_string() }
    }

    fn with<'a>(&'a self, further: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own: [(&str, &str); 3] =
            [("load_balancer", &self.load_balancer), ("listener", &self.listener), ("backend", &self.backend)];
        [&own, further].concat()
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of centuries are exact enough")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}
