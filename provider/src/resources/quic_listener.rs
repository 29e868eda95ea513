//! `clb_quic_listener`: a port on a load balancer where clients speak QUIC.
//!
//! What it forwards to is [`super::backend_binding`]'s topic. There is no session persistence: the platform has none on QUIC.

mod convert;
mod official;
mod rules;

use std::collections::BTreeSet;

use clb_cloud_api::ApiError;
use tfplugin_sdk::{Codec, Context, Error, ForeignState, Path, PlanEdit, Planned, Resource, Result, Timeouts, path};

use crate::errors::{Doing, Failure, gone};
use crate::platform::{Part, Platform, unless_gone};
use crate::resources::name;

pub(crate) use convert::{QUIC, from_wire};
pub(crate) use rules::cannot_carry_quic;

/// A QUIC listener: it ends QUIC and TLS on a port of the load balancer and forwards what it carries to backends over TCP. The
/// backends see the client's own address. Connections survive a change of the client's network.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "clb_quic_listener",
    import = "{load_balancer_id}/{listener_id}",
    import_also("{load_balancer_id}#{listener_id}"),
    identity(load_balancer_id, listener_id)
)]
pub struct QuicListener {
    /// Id of the listener, such as `lbl-1a2b3c4d`.
    #[tf(computed, keep, prefix = "lbl-")]
    pub listener_id: String,
    /// Load balancer it belongs to: of the current generation, in a VPC, with an IPv4 or IPv6 NAT64 address. A change replaces
    /// the listener.
    #[tf(replace, pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// UDP port, 1 to 65535, that no other UDP or QUIC listener of the load balancer has. A change replaces the listener.
    #[tf(replace, port)]
    pub port: u16,
    /// Name, 1 to 80 characters. Without it the platform chooses one.
    #[tf(optional, computed, keep, length(1..=80), custom = name::check)]
    pub name: String,
    /// How a backend is chosen for a new connection: `weighted_round_robin` (default), in proportion to the weights, or
    /// `least_connections`, the fewest connections in relation to the weight.
    #[tf(default = Scheduler::WeightedRoundRobin)]
    pub scheduler: Scheduler,
    /// Certificates.
    pub tls: Tls,
    /// How the backends are checked. Without it they are checked with the defaults below.
    #[tf(default = HealthCheck::default())]
    pub health_check: HealthCheck,
    /// Whether each connection to a backend starts with a PROXY protocol (version 2) header that tells the client's address.
    /// Defaults to `false`. Switching it interrupts connections.
    #[tf(default = false)]
    pub proxy_protocol: bool,
    /// Whether the backends see an address of the load balancer instead of the client's (the platform calls it SNAT). Defaults
    /// to `false`.
    #[tf(default = false)]
    pub snat: bool,
    /// The most connections at a time, 1 or more. Without it the listener has no limit of its own. Needs a load balancer with
    /// a performance specification (`sla_type`).
    #[tf(range(1..))]
    pub max_connections: Option<u32>,
    /// The most new connections per second, 1 or more. Without it the listener has no limit of its own. Needs a load balancer
    /// with a performance specification (`sla_type`).
    #[tf(range(1..))]
    pub max_new_connections_per_second: Option<u32>,
    /// How long each operation may take, with the tasks it waits for. Creating, changing and deleting have 15 minutes each.
    #[tf(timeouts(create = "15m", update = "15m", delete = "15m"))]
    pub timeouts: Option<Timeouts>,
}

/// How a backend is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Scheduler {
    /// In proportion to the weights.
    WeightedRoundRobin,
    /// The fewest connections in relation to the weight.
    LeastConnections,
}

/// The certificates of a listener.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
#[tf(
    required_when(
        mode = TlsMode::Mutual,
        client_ca_certificate_id,
        because = "every client shows a certificate, which is checked against that one"
    ),
    refused_when(
        mode = TlsMode::OneWay,
        client_ca_certificate_id,
        because = "no client is asked for a certificate that could be checked against it"
    ),
    refused_when(
        mode = TlsMode::OneWay,
        verify_client = VerifyClient::Optional,
        because = "no client is asked for a certificate"
    )
)]
pub struct Tls {
    /// Who shows a certificate: only the listener (`one_way`, default) or clients too (`mutual`).
    #[tf(default = TlsMode::OneWay)]
    pub mode: TlsMode,
    /// Id of the server certificate, of type `server`.
    #[tf(pattern = "^[0-9A-Za-z_-]+$", message = "the id of a certificate, 8 letters and digits")]
    pub certificate_id: String,
    /// Id of the CA certificate, of type `client_ca`, that client certificates are checked against. Required with `mutual`,
    /// refused with `one_way`.
    #[tf(pattern = "^[0-9A-Za-z_-]+$", message = "the id of a certificate, 8 letters and digits")]
    pub client_ca_certificate_id: Option<String>,
    /// Whether each client of a `mutual` listener must show a certificate (`required`, default) or may do without
    /// (`optional`); one that is shown is checked either way.
    #[tf(default = VerifyClient::Required)]
    pub verify_client: VerifyClient,
}

/// What becomes of clients without a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum VerifyClient {
    /// They are turned away.
    Required,
    /// They are let in.
    Optional,
}

/// Who shows a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum TlsMode {
    /// The listener.
    OneWay,
    /// The listener and its clients.
    Mutual,
}

/// How the backends of a listener are checked.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
#[tf(
    less_than(timeout, interval),
    required_when(r#type = CheckType::Http, http_domain, because = "an HTTP/1.1 request must name a host"),
    refused_when(
        r#type = CheckType::Tcp,
        http_domain,
        http_path,
        http_method,
        http_version,
        http_status_classes,
        because = "only that a connection opens is checked"
    )
)]
pub struct HealthCheck {
    /// Whether backends are checked at all. Defaults to `true`.
    #[tf(default = true)]
    pub enabled: bool,
    /// What is checked: that a TCP connection opens (`tcp`, default) or that an HTTP request is answered (`http`).
    #[tf(default = CheckType::Tcp)]
    pub r#type: CheckType,
    /// Seconds from one check to the next, 2 to 300 (5 to 300 on IPv6 load balancers). Defaults to 5.
    #[tf(default = 5, range(2..=300))]
    pub interval: u16,
    /// Seconds a check may take, 2 to 60 and less than `interval`. Defaults to 2.
    #[tf(default = 2, range(2..=60))]
    pub timeout: u16,
    /// Good checks in a row until a backend counts as healthy, 2 to 10. Defaults to 3.
    #[tf(default = 3, range(2..=10))]
    pub healthy_threshold: u16,
    /// Failed checks in a row until a backend counts as unhealthy, 2 to 10. Defaults to 3.
    #[tf(default = 3, range(2..=10))]
    pub unhealthy_threshold: u16,
    /// Where the checks come from, for the firewalls of the backends: the load balancer's own address (`vip`, default) or the
    /// platform's range `100.64.0.0/10`. IPv6 load balancers have only `vip`.
    #[tf(default = CheckSource::Vip)]
    pub source_ip: CheckSource,
    /// Host that the HTTP request names, 1 to 80 characters of `a-z0-9.-`. Required with type `http`, refused with others.
    #[tf(length(1..=80), pattern = "^[a-z0-9.-]*$", message = "only lower-case letters, digits, dots and hyphens")]
    pub http_domain: Option<String>,
    /// Path of the HTTP request, 1 to 200 characters starting with `/`. Only with type `http`; the platform's default is `/`.
    #[tf(
        length(1..=200),
        pattern = "^/[a-zA-Z0-9._/=?-]*$",
        message = "a path that starts with / and contains only letters, digits and . - _ / = ?"
    )]
    pub http_path: Option<String>,
    /// Method of the HTTP request, `HEAD` or `GET`. Only with type `http`; the platform's default is `HEAD`.
    pub http_method: Option<HttpMethod>,
    /// Version of the HTTP request, `HTTP/1.0` or `HTTP/1.1`. Only with type `http`; the default is `HTTP/1.1`.
    pub http_version: Option<HttpVersion>,
    /// Classes of status codes that count as healthy: any of `1xx`, `2xx`, `3xx`, `4xx`, `5xx`. Only with type `http`; the
    /// platform's default is all of them.
    #[tf(not_empty)]
    pub http_status_classes: Option<BTreeSet<StatusClass>>,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self::absent()
    }
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum CheckType {
    /// That a TCP connection opens.
    Tcp,
    /// That an HTTP request is answered.
    Http,
}

/// Where checks come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum CheckSource {
    /// The load balancer's own address.
    Vip,
    /// A range of the platform's.
    #[tf(name = "100.64.0.0/10")]
    PlatformRange,
}

/// The method of an HTTP check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum HttpMethod {
    /// HEAD.
    #[tf(name = "HEAD")]
    Head,
    /// GET.
    #[tf(name = "GET")]
    Get,
}

/// The version of an HTTP check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum HttpVersion {
    /// HTTP/1.0.
    #[tf(name = "HTTP/1.0")]
    Http10,
    /// HTTP/1.1.
    #[tf(name = "HTTP/1.1")]
    Http11,
}

/// A class of HTTP status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, tfplugin_sdk::Enum)]
pub enum StatusClass {
    /// 100 to 199.
    #[tf(name = "1xx")]
    Informational,
    /// 200 to 299.
    #[tf(name = "2xx")]
    Success,
    /// 300 to 399.
    #[tf(name = "3xx")]
    Redirection,
    /// 400 to 499.
    #[tf(name = "4xx")]
    ClientError,
    /// 500 to 599.
    #[tf(name = "5xx")]
    ServerError,
}

impl Resource for QuicListener {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: QuicListenerPlan) -> Result<Self> {
        let (platform, balancer) = (cx.api(), &plan.load_balancer_id);
        let doing = format!("create the QUIC listener on port {}", plan.port);
        if platform.is_unfinished(balancer) {
            return Err(Error::new(format!("Cannot {doing}"))
                .detail(format!(
                    "The load balancer {balancer} could not be set up completely, as a warning about it says; its security \
                     groups may be missing. Apply again: that sets it up, and creates the listener after that."
                ))
                .at(path!(load_balancer_id)));
        }
        let sent = platform.write(cx, balancer, Part::Create(Box::new(convert::creation(&plan)))).await;
        if sent.as_ref().is_err_and(Failure::outcome_is_open)
            && let Some(id) = created_all_the_same(platform, &plan).await
        {
            cx.checkpoint(|state| state.listener_id = Planned::Known(id));
        }
        let accepted = sent.doing_at(&doing, attribute)?;
        let created = match accepted.created.as_slice() {
            [id] => Some(id.clone()),
            _ => created_all_the_same(platform, &plan).await,
        };
        let id = &created.ok_or_else(|| {
            Error::new(format!("Cannot {doing}")).detail(format!(
                "The platform accepted it and named {} listeners instead of one. Look for it in the console and import it. \
                 (request id {})",
                accepted.created.len(),
                accepted.request_id
            ))
        })?;
        cx.checkpoint(|state| state.listener_id = Planned::Known(id.clone()));
        accepted.done(cx).await.doing(&doing)?;
        find(platform, balancer, id, &plan.health_check).await?.ok_or_else(|| gone("listener", id))
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let (balancer, id) = (&state.load_balancer_id, &state.listener_id);
        cx.api().remember_managed(id);
        cx.unless_cancelled(find_recent(cx.api(), balancer, id, &state.health_check)).await?
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: QuicListenerPlan) -> Result<Self> {
        let (platform, balancer, id) = (cx.api(), &state.load_balancer_id, &state.listener_id);
        if let Some(request) = convert::modification(&state, &plan) {
            let doing = format!("change the listener {id}");
            let turn = platform.turn(cx, balancer).await.doing(&doing)?;
            let modified = unless_gone(turn.carry_out(cx, &request).await, platform.listener(balancer, id)).await;
            modified.doing_at(&doing, attribute)?.ok_or_else(|| gone("listener", id))?;
        }
        find(platform, balancer, id, &plan.health_check).await?.ok_or_else(|| gone("listener", id))
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let (platform, balancer, id) = (cx.api(), &state.load_balancer_id, &state.listener_id);
        let doing = format!("delete the listener {id}");
        let deleted = platform.carry_out(cx, balancer, Part::Delete(id.clone())).await;
        let deleted = unless_gone(deleted, platform.listener(balancer, id)).await;
        deleted.doing(&doing).map(|_| ())
    }

    async fn import(cx: &mut Context<'_, Self>, id: QuicListenerImport) -> Result<Option<Self>> {
        let nothing_known = HealthCheck::default();
        cx.unless_cancelled(find(cx.api(), &id.load_balancer_id, &id.listener_id, &nothing_known)).await?
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        rules::plan(plan).await
    }
}

/// The listener that a creation without an answer left behind: it has the port, which only one can have, and the certificate.
async fn created_all_the_same(platform: &Platform, plan: &QuicListenerPlan) -> Option<String> {
    let listeners = platform.listeners(&plan.load_balancer_id).await.ok().flatten()?;
    let found = listeners.iter().find(|listener| {
        let certificate = listener.certificate.as_ref().map(|certificate| certificate.cert_id.as_str());
        listener.protocol == convert::QUIC
            && listener.port == i64::from(plan.port)
            && certificate == Some(plan.tls.certificate_id.as_str())
    });
    found.filter(|listener| !platform.is_managed(&listener.listener_id)).map(|listener| listener.listener_id.clone())
}

/// The listener as it is now. `known` is the health check that the user knows of.
async fn find(platform: &Platform, balancer: &str, id: &str, known: &HealthCheck) -> Result<Option<QuicListener>> {
    let found = platform.listener(balancer, id).await.doing(format_args!("read the listener {id}"))?;
    found.map(|listener| convert::from_wire(balancer, &listener, known)).transpose()
}

/// The listener as it was a moment ago.
async fn find_recent(
    platform: &Platform,
    balancer: &str,
    id: &str,
    known: &HealthCheck,
) -> Result<Option<QuicListener>> {
    let found = platform.recent_listener(balancer, id).await.doing(format_args!("read the listener {id}"))?;
    found.map(|listener| convert::from_wire(balancer, &listener, known)).transpose()
}

/// The attribute that a refusal is about, where code or text tell.
fn attribute(refusal: &ApiError) -> Option<Path> {
    let said = |word: &str| refusal.message.contains(word);
    match () {
        () if refusal.is_not_found() => Some(path!(load_balancer_id)),
        () if refusal.code == "InvalidParameter.PortCheckFailed" || said("Port") => Some(path!(port)),
        () if said("Scheduler") => Some(path!(scheduler)),
        () if said("CertCaId") => Some(path!(tls.client_ca_certificate_id)),
        () if said("CertId") => Some(path!(tls.certificate_id)),
        () if said("Certificate") || said("SSLMode") => Some(path!(tls)),
        () if said("SourceIpType") => Some(path!(health_check.source_ip)),
        () if said("MaxConn") => Some(path!(max_connections)),
        () if said("MaxCps") => Some(path!(max_new_connections_per_second)),
        () if said("SnatEnable") => Some(path!(snat)),
        () if said("HealthCheck") || said("IntervalTime") || said("TimeOut") => Some(path!(health_check)),
        () if said("ListenerName") => Some(path!(name)),
        () if said("LoadBalancer") => Some(path!(load_balancer_id)),
        () => None,
    }
}
