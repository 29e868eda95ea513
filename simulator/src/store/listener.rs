//! Listeners, as they are stored: with their bindings, and with the certificates they use, which may be gone from the
//! account.

use std::sync::Arc;

use clb_model::binding::Binding;
use clb_model::certificate::Certificate;
use clb_model::forwarding::{ClientCertificate, ConnectionLimits, Scheduler};
use clb_model::health::HealthCheck;
use clb_model::id::{ListenerId, LoadBalancerId};
use clb_model::listener::{
    ClientVerification, Listener, ListenerTls, Protocol, ProtocolSettings, Reschedule, SessionType,
};
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::binding::BindingRecord;
use super::certificate::CertificateRecord;
use super::health_check::HealthCheckRecord;
use super::written::{List, Shared, Text, Time, record};

/// A listener and whose it is.
#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerRow {
    #[serde_as(as = "Text")]
    pub load_balancer_id: LoadBalancerId,
    #[serde_as(as = "Shared<ListenerRecord>")]
    pub listener: Arc<Listener>,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Listener", deny_unknown_fields)]
pub struct ListenerRecord {
    #[serde_as(as = "Text")]
    id: ListenerId,
    name: String,
    #[serde(with = "ProtocolRecord")]
    protocol: Protocol,
    port: u16,
    #[serde(with = "SchedulerRecord")]
    scheduler: Scheduler,
    #[serde(with = "HealthCheckRecord")]
    health_check: HealthCheck,
    #[serde_as(as = "Option<TlsRecord>")]
    tls: Option<ListenerTls>,
    #[serde(with = "LimitsRecord")]
    limits: ConnectionLimits,
    proxy_protocol: bool,
    snat: bool,
    #[serde(with = "SettingsRecord")]
    settings: ProtocolSettings,
    stopped: bool,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
    #[serde_as(as = "List<BindingRecord>")]
    bindings: Vec<Binding>,
}
record!(ListenerRecord of Listener);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Protocol", rename_all = "snake_case")]
enum ProtocolRecord {
    Tcp,
    Udp,
    TcpSsl,
    Quic,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Scheduler", rename_all = "snake_case")]
enum SchedulerRecord {
    WeightedRoundRobin,
    LeastConnections,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ListenerTls", deny_unknown_fields)]
struct TlsRecord {
    #[serde_as(as = "Shared<CertificateRecord>")]
    server: Arc<Certificate>,
    #[serde_as(as = "List<Shared<CertificateRecord>>")]
    further: Vec<Arc<Certificate>>,
    #[serde(with = "ClientVerificationRecord")]
    clients: ClientVerification,
}
record!(TlsRecord of ListenerTls);

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientVerification", rename_all = "snake_case", deny_unknown_fields)]
enum ClientVerificationRecord {
    OneWay,
    Mutual {
        #[serde_as(as = "Shared<CertificateRecord>")]
        ca: Arc<Certificate>,
        #[serde(with = "ClientCertificateRecord")]
        demand: ClientCertificate,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientCertificate", rename_all = "snake_case")]
enum ClientCertificateRecord {
    Required,
    Optional,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ConnectionLimits", deny_unknown_fields)]
struct LimitsRecord {
    concurrent: Option<u32>,
    new_per_second: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ProtocolSettings", deny_unknown_fields)]
struct SettingsRecord {
    session_expire_time: u16,
    #[serde(with = "SessionTypeRecord")]
    session_type: SessionType,
    idle_connect_timeout: u16,
    deregister_target_rst: bool,
    #[serde(with = "RescheduleRecord")]
    reschedule: Reschedule,
    ssl_close: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SessionType", rename_all = "snake_case")]
enum SessionTypeRecord {
    Normal,
    QuicConnectionId,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reschedule", deny_unknown_fields)]
struct RescheduleRecord {
    target_zero_weight: bool,
    unhealthy: bool,
    expand_target: bool,
    start_time: u16,
    interval: u16,
}
