//! What requests say about listeners, and the checks that make valid ones of it.

use std::collections::BTreeSet;

use super::protocol::{PortClass, Protocol};
use super::settings::{ProtocolDraft, ProtocolSettings, inapplicable};
use super::tls::{ListenerTls, MultiTlsDraft, TlsDraft, TlsSpec};
use super::{Listener, check_limit, parse_scheduler};
use crate::forwarding::{ConnectionLimits, Scheduler};
use crate::health::{HealthCheck, HealthCheckDraft};
use crate::load_balancer::{IpVersion, Kind, LoadBalancer, Placement};
use crate::name;
use crate::quota::{Quota, Quotas};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::world::{QuicAdmission, World};

/// The most ports one call opens: "fewer than 50" (TKE).
const MOST_PORTS: usize = 49;
/// Protocols the platform knows and that are not made here (SDK).
const OF_LAYER_7: [&str; 2] = ["HTTP", "HTTPS"];

/// What a request says about new listeners.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `Listener`, unchecked")]
pub struct ListenerDraft {
    pub load_balancer_id: String,
    pub protocol: String,
    /// One listener for each.
    pub ports: Vec<i64>,
    /// By the position of the ports.
    pub names: Vec<String>,
    pub settings: ListenerChange,
}

/// What a request says about a listener's settings; what is absent keeps its value, or its default in a new one.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields of `Listener`, unchecked")]
pub struct ListenerChange {
    pub name: Option<String>,
    pub scheduler: Option<String>,
    pub health_check: HealthCheckDraft,
    pub tls: Option<TlsDraft>,
    /// TLS with several certificates.
    pub multi_tls: Option<MultiTlsDraft>,
    pub max_connections: Option<i64>,
    pub max_new_connections: Option<i64>,
    pub proxy_protocol: Option<bool>,
    pub snat: Option<bool>,
    pub of_protocol: ProtocolDraft,
}

/// What is valid of a draft.
pub(super) struct ListenerSpec {
    pub protocol: Protocol,
    pub ports: Vec<u16>,
    pub names: Vec<String>,
    pub scheduler: Scheduler,
    pub health_check: HealthCheck,
    pub tls: Option<TlsSpec>,
    pub limits: ConnectionLimits,
    pub proxy_protocol: bool,
    pub snat: bool,
    pub settings: ProtocolSettings,
}

impl ListenerDraft {
    pub(super) fn check(&self, load_balancer: &LoadBalancer, world: &World) -> Result<ListenerSpec, Refusal> {
        let protocol = self.check_protocol()?;
        if protocol == Protocol::Quic {
            check_admission(load_balancer, world)?;
        }
        let ports = self.check_ports(protocol.class(), load_balancer, world.quotas)?;
        let names = self.check_names()?;
        let settings = &self.settings;
        let scheduler = settings.check_scheduler(Scheduler::WeightedRoundRobin, Rule::SchedulerEnum)?;
        let of_protocol =
            settings.of_protocol.check(protocol, &ProtocolSettings::of(protocol), scheduler, load_balancer)?;
        let default = HealthCheck::of(protocol);
        Ok(ListenerSpec {
            protocol,
            ports,
            names,
            scheduler,
            health_check: settings.health_check.check(protocol, &default, load_balancer.ip_version)?,
            tls: settings.check_tls(protocol, None, world)?,
            limits: settings.check_limits(ConnectionLimits::default(), load_balancer)?,
            proxy_protocol: settings.proxy_protocol.unwrap_or_default(),
            snat: settings.snat.unwrap_or_default(),
            settings: of_protocol,
        })
    }

    fn check_protocol(&self) -> Result<Protocol, Refusal> {
        let word = self.protocol.as_str();
        let refused = |rule| Refusal::new(rule).at(Field::Protocol).given(word);
        require(!OF_LAYER_7.contains(&word), || refused(Rule::ListenerProtocolServed))?;
        Protocol::parse(word).ok_or_else(|| refused(Rule::ListenerProtocolEnum))
    }

    fn check_ports(&self, class: PortClass, load_balancer: &LoadBalancer, quotas: Quotas) -> Result<Vec<u16>, Refusal> {
        let taken = match class {
            PortClass::Tcp => Rule::ListenerPortUniqueTcpClass,
            PortClass::Udp => Rule::ListenerPortUniqueUdpClass,
        };
        let refused = |rule| Refusal::new(rule).at(Field::Ports);
        require(!self.ports.is_empty(), || refused(Rule::ListenerPortsNotEmpty))?;
        require(self.ports.len() <= MOST_PORTS, || refused(Rule::ListenerPortsMax49).given(self.ports.len()))?;
        let mut ports = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, given) in self.ports.iter().enumerate() {
            let refused = |rule| Err(refused(rule).nth(index).given(given));
            let Some(port) = u16::try_from(*given).ok().filter(|port| *port > 0) else {
                return refused(Rule::ListenerPortRange);
            };
            if !seen.insert(port) {
                return refused(Rule::ListenerPortRepeatedInCall);
            }
            let is_there = |listener: &Listener| listener.port == port && listener.protocol.class() == class;
            if load_balancer.listeners().any(is_there) {
                return refused(taken);
            }
            ports.push(port);
        }
        let wanted = load_balancer.listeners.len() + ports.len();
        quotas.check(Quota::Listeners, wanted, Rule::ListenerQuotaPerLb, Field::Ports)?;
        Ok(ports)
    }

    /// One name per port; a listener without one has an empty name.
    fn check_names(&self) -> Result<Vec<String>, Refusal> {
        require(self.names.len() <= self.ports.len(), || {
            Refusal::new(Rule::ListenerNamesNotMoreThanPorts).at(Field::ListenerNames).given(self.names.len())
        })?;
        let given = self.names.iter().enumerate().map(|(index, text)| {
            name::check(text, name::LISTENER)
                .map_err(|refusal| Refusal { field: Some(Field::ListenerNames), ..refusal.nth(index) })
        });
        let mut names: Vec<String> = given.collect::<Result<_, _>>()?;
        names.resize(self.ports.len(), String::new());
        Ok(names)
    }
}

/// Whether this account may have QUIC listeners, and this load balancer can carry them.
fn check_admission(load_balancer: &LoadBalancer, world: &World) -> Result<(), Refusal> {
    let refused = |rule| Refusal::new(rule).at(Field::LoadBalancerId).given(&load_balancer.id);
    require(world.account.quic == QuicAdmission::Admitted, || {
        Refusal::new(Rule::QuicNeedsAllowlist).at(Field::Protocol).given(Protocol::Quic)
    })?;
    require(load_balancer.kind == Kind::Current, || refused(Rule::QuicNeedsCurrentGenerationLb))?;
    require(load_balancer.placement != Placement::Basic, || refused(Rule::QuicNeedsVpcNetwork))?;
    require(load_balancer.ip_version != IpVersion::V6FullChain, || refused(Rule::QuicNotOnIpv6Fullchain))
}

impl ListenerChange {
    /// The listener as the change leaves it, but for its TLS settings, which come beside it when they change.
    pub(super) fn check(
        &self,
        before: &Listener,
        load_balancer: &LoadBalancer,
        world: &World,
    ) -> Result<(Listener, Option<TlsSpec>), Refusal> {
        let protocol = before.protocol;
        let mut after = before.clone();
        if let Some(text) = &self.name {
            after.name = name::check(text, name::LISTENER)?;
        }
        let unknown = match self.scheduler.as_deref() {
            Some("IP_HASH") => Rule::SchedulerIpHashRefusedOnL4,
            _ => Rule::SchedulerEnum,
        };
        after.scheduler = self.check_scheduler(before.scheduler, unknown)?;
        after.settings = self.of_protocol.check(protocol, &before.settings, after.scheduler, load_balancer)?;
        after.health_check = self.health_check.check(protocol, &before.health_check, load_balancer.ip_version)?;
        if after.health_check.enabled && !before.health_check.enabled {
            // What was not watched has to prove itself first.
            for binding in &mut after.bindings {
                binding.health = crate::health::Health::default();
            }
        }
        after.limits = self.check_limits(before.limits, load_balancer)?;
        after.proxy_protocol = self.proxy_protocol.unwrap_or(before.proxy_protocol);
        after.snat = self.snat.unwrap_or(before.snat);
        let tls = match &before.tls {
            // Certificates that are not named stay as they are.
            Some(_) if self.tls.is_none() && self.multi_tls.is_none() => None,
            base => self.check_tls(protocol, base.as_ref(), world)?,
        };
        Ok((after, tls))
    }

    /// The TLS settings of a listener of that protocol; `None` when it does not end TLS.
    fn check_tls(
        &self,
        protocol: Protocol,
        base: Option<&ListenerTls>,
        world: &World,
    ) -> Result<Option<TlsSpec>, Refusal> {
        let refused = |rule| Refusal::new(rule).at(Field::MultiCertificate);
        if !protocol.ends_tls() {
            let certificate = self.tls.as_ref().is_some_and(TlsDraft::asks).then_some(Field::Certificate);
            let several = self.multi_tls.is_some().then_some(Field::MultiCertificate);
            return match certificate.or(several) {
                None => Ok(None),
                Some(field) => {
                    Err(inapplicable(protocol, Rule::ListenerArgumentOfOtherProtocols, field, "certificates"))
                }
            };
        }
        let missing = match protocol {
            Protocol::Quic => Rule::QuicNeedsServerCertificate,
            _ => Rule::ListenerTcpSslNeedsCertificate,
        };
        match (&self.tls, &self.multi_tls) {
            (Some(_), Some(_)) => Err(refused(Rule::CertificateOrMultiNotBoth)),
            (None, Some(several)) => {
                let limit = world.quotas.limit(Quota::QuicListenerCertificates);
                let allowed = if protocol == Protocol::Quic { limit } else { usize::MAX };
                require(allowed > 1, || refused(Rule::MultiCertNotOnQuic))?;
                let spec = several.check(missing, world)?;
                require(spec.servers() <= allowed, || {
                    let given = format!("{} certificates, and the quota is {allowed}", spec.servers());
                    refused(Rule::MultiCertNotOnQuic).given(given)
                })?;
                Ok(Some(spec))
            }
            (one, None) => one.clone().unwrap_or_default().check(base, missing, world).map(Some),
        }
    }

    fn check_scheduler(&self, base: Scheduler, unknown: Rule) -> Result<Scheduler, Refusal> {
        let Some(word) = self.scheduler.as_deref() else { return Ok(base) };
        parse_scheduler(word).ok_or_else(|| Refusal::new(unknown).at(Field::Scheduler).given(word))
    }

    fn check_limits(&self, base: ConnectionLimits, load_balancer: &LoadBalancer) -> Result<ConnectionLimits, Refusal> {
        let lcu = load_balancer.is_lcu();
        Ok(ConnectionLimits {
            concurrent: check_limit(
                self.max_connections,
                base.concurrent,
                lcu,
                Rule::MaxConnNeedsLcu,
                Field::MaxConnections,
            )?,
            new_per_second: check_limit(
                self.max_new_connections,
                base.new_per_second,
                lcu,
                Rule::MaxCpsNeedsLcu,
                Field::MaxNewConnections,
            )?,
        })
    }
}
