//! The resources one by one, in the miniature of Terraform's core: the least that can be said of each, and each made.
//!
//! For all of them together, as Terraform would run them, there is [`crate::stack`].

use clb_provider::resources::backend_binding::{BackendBindingConfig, BackendConfig};
use clb_provider::resources::certificate::{CertificateConfig, CertificateType, PemText};
use clb_provider::resources::load_balancer::{AddressIpVersion, LoadBalancerConfig, NetworkType};
use clb_provider::resources::quic_listener::{QuicListenerConfig, TlsConfig};
use clb_provider::resources::security_group::{Action, Cidr, SecurityGroupConfig, SecurityRuleConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};
use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{Resource, Secret, Value};

use crate::certificates::{Authority, Identity};

/// A known text.
pub fn text(text: &str) -> Value<String> {
    Value::Known(text.to_owned())
}

/// A public load balancer in the seed's VPC.
pub fn load_balancer() -> LoadBalancerConfig {
    LoadBalancerConfig {
        network_type: Value::Known(NetworkType::Public),
        vpc_id: text("vpc-demo0001"),
        ..LoadBalancerConfig::default()
    }
}

/// One with an IPv6 address.
pub fn ipv6_load_balancer(version: AddressIpVersion) -> LoadBalancerConfig {
    let subnet_id = if version == AddressIpVersion::Ipv6FullChain { text("subnet-demo0001") } else { Value::Null };
    LoadBalancerConfig { address_ip_version: Value::Known(version), subnet_id, ..load_balancer() }
}

/// A server certificate.
pub fn certificate(identity: &Identity) -> CertificateConfig {
    CertificateConfig {
        certificate: Value::Known(PemText(identity.certificate_pem.clone())),
        private_key_wo: Value::Known(Secret::new(identity.private_key_pem.clone())),
        ..CertificateConfig::default()
    }
}

/// A CA for client certificates.
pub fn client_ca(authority: &Authority) -> CertificateConfig {
    CertificateConfig {
        r#type: Value::Known(CertificateType::ClientCa),
        certificate: Value::Known(PemText(authority.certificate_pem.clone())),
        ..CertificateConfig::default()
    }
}

/// A listener on a port.
pub fn listener(load_balancer_id: &str, port: u16, certificate_id: &str) -> QuicListenerConfig {
    QuicListenerConfig {
        load_balancer_id: text(load_balancer_id),
        port: Value::Known(port),
        tls: Value::Known(TlsConfig { certificate_id: text(certificate_id), ..TlsConfig::default() }),
        ..QuicListenerConfig::default()
    }
}

/// A binding of backends.
pub fn binding(load_balancer_id: &str, listener_id: &str, backends: Vec<BackendConfig>) -> BackendBindingConfig {
    BackendBindingConfig {
        load_balancer_id: text(load_balancer_id),
        listener_id: text(listener_id),
        backends: Value::Known(backends.into_iter().map(Value::Known).collect()),
        ..BackendBindingConfig::default()
    }
}

/// A backend by its address.
pub fn eni(ip: &str, port: u16, weight: u8) -> BackendConfig {
    BackendConfig {
        eni_ip: text(ip),
        port: Value::Known(port),
        weight: Value::Known(weight),
        ..BackendConfig::default()
    }
}

/// A backend by its instance.
pub fn instance(id: &str, port: u16) -> BackendConfig {
    BackendConfig { instance_id: text(id), port: Value::Known(port), ..BackendConfig::default() }
}

/// A security group with these rules for what comes in.
pub fn security_group(ingress: Vec<SecurityRuleConfig>) -> SecurityGroupConfig {
    SecurityGroupConfig {
        name: text("web"),
        ingress: Value::Known(ingress.into_iter().map(Value::Known).collect()),
        ..SecurityGroupConfig::default()
    }
}

/// A rule that lets a network in.
pub fn accept(cidr: &str) -> SecurityRuleConfig {
    SecurityRuleConfig {
        action: Value::Known(Action::Accept),
        cidr: Value::Known(Cidr(cidr.to_owned())),
        ..SecurityRuleConfig::default()
    }
}

/// Applies a configuration, which has to work.
pub async fn made<R: Resource>(core: &Core, config: &R::Config) -> Instance<R> {
    let mut instance = core.resource::<R>();
    if let Err(report) = instance.apply(config).await {
        panic!("{} is not made: {report:?}", R::NAME);
    }
    instance
}

/// The id of a load balancer that was made.
pub fn load_balancer_id(of: &Instance<LoadBalancer>) -> String {
    of.state().expect("it was made").load_balancer_id
}

/// The id of a certificate that was made.
pub fn certificate_id(of: &Instance<Certificate>) -> String {
    of.state().expect("it was made").certificate_id
}

/// The id of a listener that was made.
pub fn listener_id(of: &Instance<QuicListener>) -> String {
    of.state().expect("it was made").listener_id
}

/// The id of a security group that was made.
pub fn security_group_id(of: &Instance<SecurityGroup>) -> String {
    of.state().expect("it was made").security_group_id
}

/// All of them, each made.
pub struct Parts {
    /// The load balancer.
    pub load_balancer: Instance<LoadBalancer>,
    /// The certificate of the listener.
    pub certificate: Instance<Certificate>,
    /// The listener.
    pub listener: Instance<QuicListener>,
    /// A binding of one backend.
    pub binding: Instance<BackendBinding>,
    /// A security group that nobody uses.
    pub security_group: Instance<SecurityGroup>,
}

impl Parts {
    /// Makes them, with a listener on port 8443.
    pub async fn make(core: &Core, server: &Identity) -> Self {
        let load_balancer = made::<LoadBalancer>(core, &load_balancer()).await;
        let certificate = made::<Certificate>(core, &self::certificate(server)).await;
        let balancer = load_balancer_id(&load_balancer);
        let listener = made::<QuicListener>(core, &listener(&balancer, 8443, &certificate_id(&certificate))).await;
        let backends = vec![eni("10.0.1.5", 8080, 10)];
        let binding = made::<BackendBinding>(core, &binding(&balancer, &listener_id(&listener), backends)).await;
        let security_group = made::<SecurityGroup>(core, &security_group(vec![accept("10.0.0.0/8")])).await;
        Self { load_balancer, certificate, listener, binding, security_group }
    }

    /// The ids of load balancer, listener and certificate.
    pub fn ids(&self) -> (String, String, String) {
        (load_balancer_id(&self.load_balancer), listener_id(&self.listener), certificate_id(&self.certificate))
    }
}
