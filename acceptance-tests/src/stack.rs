//! A stack of everything there is: a security group, a load balancer, a certificate, listeners, and a binding on each; and
//! its life in the miniature of Terraform's core, where a thousand lives are cheap.
//!
//! As Terraform would: everything is read first, then changed in the order of references, what hangs on something that
//! failed is left alone, and a certificate is created before the one that it replaces is destroyed. What is claimed of it
//! stands in the tests.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use clb_provider::resources::backend_binding::{BackendBindingConfig, BackendConfig};
use clb_provider::resources::certificate::{CertificateConfig, PemText};
use clb_provider::resources::load_balancer::{LoadBalancerConfig, NetworkType};
use clb_provider::resources::quic_listener::{HealthCheckConfig, QuicListenerConfig, TlsConfig};
use clb_provider::resources::security_group::{Action, Cidr, Ports, Protocol, SecurityGroupConfig, SecurityRuleConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tfplugin_sdk::testing::{Action as Planned, Core, Instance};
use tfplugin_sdk::{Report, Resource, Secret, TimeoutsConfig, Value};

use crate::certificates::Identity;
use crate::levers::Inventory;
use crate::service::PORT;

/// How long an operation of the stack may take, tasks that never end included.
const PATIENCE: Duration = Duration::from_secs(6);

/// What a stack is to be.
#[derive(Clone)]
pub struct Wanted {
    /// Names, tags, rules and health checks say which revision they are of, and so do the ports of the backends.
    pub revision: u16,
    /// How many listeners there are.
    pub listeners: u16,
    /// The certificate of all of them.
    pub certificate: Identity,
    /// Its version.
    pub version: i64,
    /// The weight of each binding's backends.
    pub weights: Vec<u8>,
}

/// A stack as Terraform stores it.
pub struct Stack {
    security_group: Instance<SecurityGroup>,
    load_balancer: Instance<LoadBalancer>,
    certificate: Instance<Certificate>,
    /// Certificates that were replaced and are not destroyed yet.
    deposed: Vec<Instance<Certificate>>,
    listeners: Vec<(Instance<QuicListener>, Instance<BackendBinding>)>,
}

/// What went wrong with which part, in the provider's words.
type Said = Vec<String>;

impl Stack {
    /// Nothing yet.
    pub fn new(core: &Core, listeners: u16) -> Self {
        Self {
            security_group: core.resource(),
            load_balancer: core.resource(),
            certificate: core.resource(),
            deposed: Vec::new(),
            listeners: (0..listeners).map(|_| (core.resource(), core.resource())).collect(),
        }
    }

    /// The same in the hands of another process of the provider.
    #[must_use]
    pub fn in_process_of(self, core: &Core) -> Self {
        Self {
            security_group: self.security_group.in_process_of(core),
            load_balancer: self.load_balancer.in_process_of(core),
            certificate: self.certificate.in_process_of(core),
            deposed: self.deposed.into_iter().map(|one| one.in_process_of(core)).collect(),
            listeners: self
                .listeners
                .into_iter()
                .map(|(listener, binding)| (listener.in_process_of(core), binding.in_process_of(core)))
                .collect(),
        }
    }

    /// `terraform apply`; what went wrong, if something did.
    pub async fn apply(&mut self, core: &Core, wanted: &Wanted) -> Result<(), Said> {
        self.refresh().await?;
        let group = put(&mut self.security_group, &security_group(wanted)).await;
        let certificate = self.put_certificate(core, wanted).await;
        let balancer = match &group {
            Ok(()) => put(&mut self.load_balancer, &load_balancer(wanted, &id_of(&self.security_group))).await,
            Err(_) => Err(Vec::new()),
        };
        let mut said: Said =
            [&group, &certificate, &balancer].into_iter().filter_map(|it| it.clone().err()).flatten().collect();
        if certificate.is_err() || balancer.is_err() {
            return Err(said);
        }
        let (balancer, certificate) = (id_of(&self.load_balancer), id_of(&self.certificate));
        let below = self.listeners.iter_mut().zip(0..).map(|((listener, binding), number)| {
            let config = quic_listener(wanted, number, &balancer, &certificate);
            let balancer = balancer.clone();
            async move {
                put(listener, &config).await?;
                put(binding, &backend_binding(wanted, number, &balancer, &id_of(listener))).await
            }
        });
        said.extend(join_all(below).await.into_iter().filter_map(Result::err).flatten());
        if said.is_empty() {
            said = self.destroy_deposed().await;
        }
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    /// `terraform destroy`; what went wrong, if something did.
    pub async fn destroy(&mut self) -> Result<(), Said> {
        self.refresh().await?;
        let below = self.listeners.iter_mut().map(|(listener, binding)| async move {
            end(binding).await?;
            end(listener).await
        });
        let mut said: Said = join_all(below).await.into_iter().filter_map(Result::err).flatten().collect();
        if said.is_empty() {
            said = self.destroy_deposed().await;
            said.extend(end(&mut self.certificate).await.err().into_iter().flatten());
            match end(&mut self.load_balancer).await {
                Ok(()) => said.extend(end(&mut self.security_group).await.err().into_iter().flatten()),
                Err(failed) => said.extend(failed),
            }
        }
        if said.is_empty() { Ok(()) } else { Err(said) }
    }

    /// What a plan would still do.
    pub async fn left_to_do(&mut self, wanted: &Wanted) -> Said {
        if let Err(said) = self.refresh().await {
            return said;
        }
        let (group, balancer) = (id_of(&self.security_group), id_of(&self.load_balancer));
        let certificate = id_of(&self.certificate);
        let mut left = vec![
            planned(&self.security_group, &security_group(wanted)).await,
            planned(&self.load_balancer, &load_balancer(wanted, &group)).await,
            planned(&self.certificate, &certificate_of(wanted)).await,
        ];
        for ((listener, binding), number) in self.listeners.iter().zip(0..) {
            left.push(planned(listener, &quic_listener(wanted, number, &balancer, &certificate)).await);
            left.push(planned(binding, &backend_binding(wanted, number, &balancer, &id_of(listener))).await);
        }
        left.into_iter().flatten().collect()
    }

    /// What exists, going by the state.
    pub fn inventory(&self) -> Inventory {
        let certificates = self.deposed.iter().chain([&self.certificate]).filter_map(Instance::state);
        let (listeners, bindings): (Vec<_>, Vec<_>) =
            self.listeners.iter().map(|(listener, binding)| (listener.state(), binding.state())).unzip();
        let bound = bindings.into_iter().flatten().flat_map(|binding| {
            let named = |backend: &clb_provider::resources::backend_binding::Backend| {
                format!("{} {}:{}", binding.listener_id, backend.eni_ip.clone().unwrap_or_default(), backend.port)
            };
            binding.backends.iter().map(named).collect::<Vec<_>>()
        });
        Inventory {
            load_balancers: self.load_balancer.state().into_iter().map(|it| it.load_balancer_id).collect(),
            listeners: listeners.into_iter().flatten().map(|it| it.listener_id).collect(),
            certificates: certificates.map(|it| it.certificate_id).collect(),
            security_groups: self.security_group.state().into_iter().map(|it| it.security_group_id).collect(),
            bindings: bound.collect(),
        }
    }

    async fn refresh(&mut self) -> Result<(), Said> {
        read(&mut self.security_group).await?;
        read(&mut self.load_balancer).await?;
        read(&mut self.certificate).await?;
        for one in &mut self.deposed {
            read(one).await?;
        }
        let below = self.listeners.iter_mut().map(|(listener, binding)| async move {
            read(listener).await?;
            read(binding).await
        });
        join_all(below).await.into_iter().collect()
    }

    /// With `create_before_destroy`.
    async fn put_certificate(&mut self, core: &Core, wanted: &Wanted) -> Result<(), Said> {
        let config = certificate_of(wanted);
        let plan = self.certificate.plan(&config).await.map_err(|report| said("clb_certificate", &report))?;
        if plan.action != Planned::Replace {
            return put(&mut self.certificate, &config).await;
        }
        let old = std::mem::replace(&mut self.certificate, core.resource());
        let created = put(&mut self.certificate, &config).await;
        if self.certificate.stored().is_null() {
            self.certificate = old;
        } else {
            self.deposed.push(old);
        }
        created
    }

    async fn destroy_deposed(&mut self) -> Said {
        let mut said = Said::new();
        for mut one in std::mem::take(&mut self.deposed) {
            if let Err(failed) = end(&mut one).await {
                said.extend(failed);
                self.deposed.push(one);
            }
        }
        said
    }
}

async fn read<R: Resource>(instance: &mut Instance<R>) -> Result<(), Said> {
    if instance.stored().is_null() {
        return Ok(());
    }
    instance.refresh().await.map(drop).map_err(|report| said(R::NAME, &report))
}

/// The miniature core also holds that a plan after an apply is empty. A load balancer whose settings could not be made is kept with
/// a warning, so its next plan is not; the state has been stored by then, and what is wrong is said like anything else.
async fn put<R: Resource>(instance: &mut Instance<R>, config: &R::Config) -> Result<(), Said> {
    match AssertUnwindSafe(instance.apply(config)).catch_unwind().await {
        Ok(applied) => applied.map(drop).map_err(|report| said(R::NAME, &report)),
        Err(broken) => {
            let rule = broken.downcast_ref::<String>().map_or("a rule of core is broken", String::as_str);
            Err(vec![format!("{}: {rule}", R::NAME)])
        }
    }
}

async fn end<R: Resource>(instance: &mut Instance<R>) -> Result<(), Said> {
    if instance.stored().is_null() {
        return Ok(());
    }
    instance.destroy().await.map(drop).map_err(|report| said(R::NAME, &report))
}

async fn planned<R: Resource>(instance: &Instance<R>, config: &R::Config) -> Option<String> {
    match instance.plan(config).await {
        Ok(plan) if plan.action == Planned::NoOp => None,
        Ok(plan) => Some(format!("{} is to be changed: {:?} to {:?}", R::NAME, plan.action, plan.planned)),
        Err(report) => Some(said(R::NAME, &report).join("\n")),
    }
}

fn said(name: &str, report: &Report) -> Said {
    let errors = report.diagnostics().iter().map(|found| format!("{name}: {}: {}", found.summary, found.detail));
    errors.collect()
}

/// The id of what exists; empty when nothing does.
fn id_of<R: Identified>(instance: &Instance<R>) -> String {
    instance.state().map(|state| R::id(&state)).unwrap_or_default()
}

/// What has an id that others refer to.
trait Identified: Resource {
    fn id(state: &Self) -> String;
}

impl Identified for SecurityGroup {
    fn id(state: &Self) -> String {
        state.security_group_id.clone()
    }
}

impl Identified for LoadBalancer {
    fn id(state: &Self) -> String {
        state.load_balancer_id.clone()
    }
}

impl Identified for Certificate {
    fn id(state: &Self) -> String {
        state.certificate_id.clone()
    }
}

impl Identified for QuicListener {
    fn id(state: &Self) -> String {
        state.listener_id.clone()
    }
}

fn known<T>(value: impl Into<T>) -> Value<T> {
    Value::Known(value.into())
}

fn timeouts() -> Value<TimeoutsConfig> {
    let patience = || Value::Known(PATIENCE);
    Value::Known(TimeoutsConfig { create: patience(), read: patience(), update: patience(), delete: patience() })
}

fn security_group(wanted: &Wanted) -> SecurityGroupConfig {
    let rule = |ports: u16, description: String| {
        Value::Known(SecurityRuleConfig {
            action: Value::Known(Action::Accept),
            protocol: Value::Known(Protocol::Udp),
            ports: Value::Known(Ports(ports.to_string())),
            cidr: Value::Known(Cidr("0.0.0.0/0".to_owned())),
            description: Value::Known(description),
            ..SecurityRuleConfig::default()
        })
    };
    SecurityGroupConfig {
        name: known("web"),
        description: Value::Known(format!("revision {}", wanted.revision)),
        ingress: Value::Known(vec![rule(PORT, String::new()), rule(PORT + 1, format!("revision {}", wanted.revision))]),
        ..SecurityGroupConfig::default()
    }
}

fn load_balancer(wanted: &Wanted, security_group: &str) -> LoadBalancerConfig {
    let tags = [("revision".to_owned(), known(wanted.revision.to_string())), ("stack".to_owned(), known("web"))];
    LoadBalancerConfig {
        name: Value::Known(format!("web-{}", wanted.revision)),
        network_type: Value::Known(NetworkType::Public),
        vpc_id: known("vpc-demo0001"),
        security_group_ids: Value::Known(vec![known(security_group)]),
        tags: Value::Known(tags.into_iter().collect()),
        timeouts: timeouts(),
        ..LoadBalancerConfig::default()
    }
}

fn certificate_of(wanted: &Wanted) -> CertificateConfig {
    CertificateConfig {
        name: Value::Known(format!("web-{}", wanted.revision)),
        certificate: Value::Known(PemText(wanted.certificate.certificate_pem.clone())),
        private_key_wo: Value::Known(Secret::new(wanted.certificate.private_key_pem.clone())),
        private_key_wo_version: Value::Known(wanted.version),
        ..CertificateConfig::default()
    }
}

fn quic_listener(wanted: &Wanted, number: u16, balancer: &str, certificate: &str) -> QuicListenerConfig {
    let tls = TlsConfig { certificate_id: known(certificate), ..TlsConfig::default() };
    let check = HealthCheckConfig { interval: Value::Known(5 + wanted.revision), ..HealthCheckConfig::default() };
    QuicListenerConfig {
        load_balancer_id: known(balancer),
        port: Value::Known(PORT + number),
        name: Value::Known(format!("web-{number}-{}", wanted.revision)),
        tls: Value::Known(tls),
        health_check: Value::Known(check),
        timeouts: timeouts(),
        ..QuicListenerConfig::default()
    }
}

fn backend_binding(wanted: &Wanted, number: u16, balancer: &str, listener: &str) -> BackendBindingConfig {
    let backends = wanted.weights.iter().zip(0..).map(|(weight, place)| {
        // One stays through all revisions.
        let revision = if place == 0 { 0 } else { wanted.revision };
        Value::Known(BackendConfig {
            eni_ip: known("10.0.1.5"),
            port: Value::Known(9000 + 100 * number + 10 * revision + place),
            weight: Value::Known(*weight),
            ..BackendConfig::default()
        })
    });
    BackendBindingConfig {
        load_balancer_id: known(balancer),
        listener_id: known(listener),
        backends: Value::Known(backends.collect()),
        timeouts: timeouts(),
        ..BackendBindingConfig::default()
    }
}
