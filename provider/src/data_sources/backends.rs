//! `clb_backends`: what is bound to the listeners of a load balancer, with its health.

use clb_cloud_api::clb;
use tfplugin_sdk::{DataSource, Operation, Result, path};

use super::{absent, is_same_address};
use crate::errors::Doing;
use crate::platform::Platform;

/// The backends that are bound to the layer-4 listeners of a load balancer, by whomever, with what the health checks say of them
/// at this moment; those of one listener, or those that fit the other filters.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "clb_backends", conflicts(instance_id, address))]
pub struct Backends {
    /// Load balancer of the listeners.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Only backends of this listener.
    #[tf(pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: Option<String>,
    /// Only backends that are this instance.
    #[tf(pattern = "^ins-[0-9a-z]{8}$", message = "the id of an instance, such as ins-1a2b3c4d")]
    pub instance_id: Option<String>,
    /// Only backends at this IP address.
    #[tf(ip)]
    pub address: Option<String>,
    /// Only backends whose health is this.
    pub health: Option<Health>,
    /// What was found, listener by listener.
    #[tf(computed)]
    pub backends: Vec<FoundBackend>,
}

/// A backend that was found.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FoundBackend {
    /// Listener it is bound to.
    pub listener_id: String,
    /// Protocol of the listener, such as `QUIC`.
    pub protocol: String,
    /// Port of the listener.
    pub listener_port: u16,
    /// Instance, if it is one.
    pub instance_id: Option<String>,
    /// Name of the instance, if the platform tells.
    pub instance_name: Option<String>,
    /// IP address.
    pub address: String,
    /// Port.
    pub port: u16,
    /// Weight, 0 to 100; 0 gets no new connections.
    pub weight: u8,
    /// What the health checks say: `healthy`, `unhealthy`, `unknown` (not yet decided) or `unchecked` (the check is off).
    pub health: Health,
    /// When it was bound, as the platform writes it.
    pub bound_at: String,
}

/// What health checks say of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Health {
    /// It passes them.
    Healthy,
    /// It fails them.
    Unhealthy,
    /// Not yet decided.
    Unknown,
    /// There are none.
    Unchecked,
}

impl DataSource for Backends {
    type Api = Platform;

    async fn read(operation: &mut Operation<'_, Platform>, input: BackendsInput) -> Result<Self> {
        let reading = find(operation.api(), &input);
        let backends = operation.unless_cancelled(reading).await??;
        let BackendsInput { load_balancer_id, listener_id, instance_id, address, health } = input;
        Ok(Self { load_balancer_id, listener_id, instance_id, address, health, backends })
    }
}

async fn find(platform: &Platform, input: &BackendsInput) -> Result<Vec<FoundBackend>> {
    let (balancer, listener) = (&input.load_balancer_id, input.listener_id.as_deref());
    let doing = format!("read the backends of {balancer}");
    let bound = platform.bound(balancer).await.doing(&doing)?;
    let bound = bound.ok_or_else(|| absent(platform, path!(load_balancer_id), "load balancer", balancer))?;
    if let Some(id) = listener.filter(|id| bound.iter().all(|it| it.listener_id != *id)) {
        // That a listener without backends is in the reply is not documented.
        let there = platform.listener(balancer, id).await.doing(&doing)?;
        there.ok_or_else(|| absent(platform, path!(listener_id), "listener", id))?;
    }
    let health = platform.health(balancer).await.doing(format_args!("read the health of {balancer}"))?;
    let health = health.as_deref().map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<FoundBackend> =
        bound.iter().flat_map(|it| described(it, health)).filter(|backend| input.fits(backend)).collect();
    found.sort_by(|one, two| place(one).cmp(&place(two)));
    Ok(found)
}

/// What backends are ordered by: the platform promises no order.
fn place(backend: &FoundBackend) -> (u16, &str, &str, u16) {
    (backend.listener_port, &backend.listener_id, &backend.address, backend.port)
}

impl BackendsInput {
    fn fits(&self, backend: &FoundBackend) -> bool {
        self.listener_id.as_ref().is_none_or(|wanted| backend.listener_id == *wanted)
            && self.instance_id.as_ref().is_none_or(|wanted| backend.instance_id.as_ref() == Some(wanted))
            && self.address.as_ref().is_none_or(|wanted| is_same_address(&backend.address, wanted))
            && self.health.is_none_or(|wanted| backend.health == wanted)
    }
}

/// The backends of a listener. One of which no health is told has just been bound: nobody has looked yet.
fn described(listener: &clb::ListenerBackend, health: &[clb::ListenerHealth]) -> Vec<FoundBackend> {
    let checked = health.iter().filter(|it| it.listener_id == listener.listener_id);
    let checked: Vec<&clb::TargetHealth> = checked.flat_map(|it| &it.rules).flat_map(|rule| &rule.targets).collect();
    let described = |target: &clb::Backend| {
        let address = target.private_ip_addresses.first().cloned().unwrap_or_default();
        let verdict = checked.iter().find(|it| it.port == target.port && target.private_ip_addresses.contains(&it.ip));
        FoundBackend {
            listener_id: listener.listener_id.clone(),
            protocol: listener.protocol.clone(),
            listener_port: u16::try_from(listener.port).unwrap_or_default(),
            // For a network interface the platform writes the interface here, or nothing.
            instance_id: Some(target.instance_id.clone()).filter(|id| id.starts_with("ins-")),
            instance_name: target.instance_name.clone().filter(|name| !name.is_empty()),
            address,
            port: u16::try_from(target.port).unwrap_or_default(),
            weight: u8::try_from(target.weight).unwrap_or_default(),
            health: verdict.map_or(Health::Unknown, |it| health_word(&it.health_status_detail)),
            bound_at: target.registered_time.clone(),
        }
    };
    listener.targets.iter().map(described).collect()
}

/// The platform's words: Alive, Dead, Unknown, Close.
fn health_word(word: &str) -> Health {
    match word {
        "Alive" => Health::Healthy,
        "Dead" => Health::Unhealthy,
        "Close" => Health::Unchecked,
        _ => Health::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::clb;

    use super::{Health, described};

    fn target(ip: &str, port: i64) -> clb::Backend {
        clb::Backend { private_ip_addresses: vec![ip.to_owned()], port, ..Default::default() }
    }

    fn verdict(ip: &str, port: i64, word: &str) -> clb::TargetHealth {
        clb::TargetHealth { ip: ip.to_owned(), port, health_status_detail: word.to_owned(), ..Default::default() }
    }

    #[test]
    fn health_is_told_of_address_and_port_on_the_same_listener() {
        let listener = clb::ListenerBackend {
            listener_id: "lbl-1".to_owned(),
            targets: vec![
                target("10.0.1.5", 80),
                target("10.0.1.5", 81),
                target("10.0.1.6", 80),
                clb::Backend::default(),
            ],
            ..Default::default()
        };
        let of = |id: &str, targets: Vec<clb::TargetHealth>| clb::ListenerHealth {
            listener_id: id.to_owned(),
            rules: vec![clb::RuleHealth { targets, ..Default::default() }],
            ..Default::default()
        };
        let health = [
            of("lbl-2", vec![verdict("10.0.1.6", 80, "Alive")]),
            of("lbl-1", vec![verdict("10.0.1.5", 81, "Dead"), verdict("10.0.1.5", 80, "Close")]),
        ];
        let found: Vec<Health> = described(&listener, &health).iter().map(|backend| backend.health).collect();
        assert_eq!(found, [Health::Unchecked, Health::Unhealthy, Health::Unknown, Health::Unknown]);
    }
}
