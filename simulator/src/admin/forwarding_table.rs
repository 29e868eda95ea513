//! The forwarding table, as the admin door shows it: everything but certificates.

use std::time::Duration;

use clb_model::forwarding::{Backend, ClientCertificate, Forwarding, Probe, ProbeKind, Scheduler};
use clb_model::id::ListenerId;
use clb_model::security_group::filter::{PacketFilter, SecurityFilters};

use super::Admin;
use crate::generated::clbsim as wire;

pub(super) fn show(admin: &Admin) -> wire::ForwardingTable {
    let table = admin.control.tables().borrow().clone();
    wire::ForwardingTable {
        generation: table.generation,
        applied_generation: admin.control.standing().applied,
        listeners: table.listeners.iter().map(|(id, forwarding)| view(id, forwarding)).collect(),
    }
}

fn view(id: &ListenerId, it: &Forwarding) -> wire::Forwarding {
    let mutual_tls = it.tls.client_ca_pem.is_some();
    wire::Forwarding {
        listener_id: id.to_string(),
        load_balancer_id: it.load_balancer_id.to_string(),
        address: it.address.to_string(),
        scheduler: match it.scheduler {
            Scheduler::WeightedRoundRobin => "WRR",
            Scheduler::LeastConnections => "LEAST_CONN",
        }
        .to_owned(),
        mutual_tls,
        client_certificate_optional: mutual_tls && it.tls.client_certificate == ClientCertificate::Optional,
        probe: it.probe.as_ref().map(view_probe),
        proxy_protocol: it.proxy_protocol,
        concurrent_connections: it.limits.concurrent,
        new_connections_per_second: it.limits.new_per_second,
        backends: it.backends.iter().map(|backend| view_backend(backend, &it.security)).collect(),
        security_group_rules: it.security.clients.as_deref().map(rules),
    }
}

fn view_probe(it: &Probe) -> wire::Probe {
    let seconds = |time: Duration| time.as_secs_f64();
    let tcp = wire::Probe {
        kind: "TCP".to_owned(),
        interval_seconds: seconds(it.interval),
        timeout_seconds: seconds(it.timeout),
        ..wire::Probe::default()
    };
    match &it.kind {
        ProbeKind::Tcp => tcp,
        ProbeKind::Http { method, path, domain, codes, .. } => wire::Probe {
            kind: "HTTP".to_owned(),
            method: Some(method.clone()),
            domain: domain.clone(),
            path: Some(path.clone()),
            codes: Some(u32::from(*codes)),
            ..tcp
        },
    }
}

fn view_backend(it: &Backend, security: &SecurityFilters) -> wire::ForwardingBackend {
    wire::ForwardingBackend {
        address: it.address.to_string(),
        weight: u32::from(it.weight),
        eligible: it.eligible,
        security_group_rules: security.backends.get(&it.address).map(|filter| rules(filter)),
    }
}

fn rules(filter: &PacketFilter) -> u32 {
    u32::try_from(filter.rules()).unwrap_or(u32::MAX)
}
