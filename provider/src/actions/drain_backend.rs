//! `clb_drain_backend`: takes a machine out of service gently, on one listener or on all of a load balancer.
//!
//! For what Terraform manages, `weight = 0` in the configuration does the same for good; the action is for an hour of maintenance.

use std::time::Duration;

use clb_cloud_api::clb;
use tfplugin_sdk::{Action, Error, Operation, Path, Progress, Result, path};
use tokio::time::sleep;

use crate::errors::Doing;
use crate::platform::{Part, Platform};
use crate::resources::backend_binding::{Backend, named_as};

/// How long connections are given where the user does not say.
const DEFAULT_WAIT: Duration = Duration::from_mins(5);

/// How often it is said how much time is left.
const BETWEEN_REPORTS: Duration = Duration::from_secs(15);

/// A call names at most this many backends: so many fit into one entry of BatchModifyTargetWeight, and fewer than its 100 entries
/// and than the 500 targets that a batch may have.
const BACKENDS_PER_CALL: usize = 50;

/// Drains a backend: sets its weight to 0 on one listener or on all layer-4 listeners of a load balancer, so that it gets no new
/// connections and keeps those it has, and waits while these end.
///
/// The platform does not tell how many connections a backend still has, so the whole time is waited. The weight stays 0 until
/// somebody raises it: where `clb_backend_binding` lists the backend with another weight, the next plan shows the difference and
/// the next apply brings it back into service.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Action)]
#[tf(name = "clb_drain_backend", exactly_one_of(instance_id, eni_ip))]
pub struct DrainBackend {
    /// Load balancer of the listeners.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Listener to drain the backend on. Without it, all layer-4 listeners of the load balancer.
    #[tf(pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: Option<String>,
    /// Instance (CVM) to drain.
    #[tf(pattern = "^ins-[0-9a-z]{8}$", message = "the id of an instance, such as ins-1a2b3c4d")]
    pub instance_id: Option<String>,
    /// IP address to drain.
    #[tf(ip)]
    pub eni_ip: Option<String>,
    /// Port of the backend. Without it, all its ports.
    #[tf(port)]
    pub port: Option<u16>,
    /// How long connections are given to end, such as `90s`. Defaults to `5m`; `0s` does not wait.
    pub wait: Option<Duration>,
    /// Whether the backend is unbound after that. Defaults to `false`.
    pub unbind: Option<bool>,
}

/// A backend of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    listener_id: String,
    backend: Backend,
}

impl Action for DrainBackend {
    type Api = Platform;

    async fn invoke(
        operation: &mut Operation<'_, Platform>,
        input: DrainBackendInput,
        progress: &Progress,
    ) -> Result<()> {
        let (platform, balancer) = (operation.api(), &input.load_balancer_id);
        let bound = operation.unless_cancelled(platform.bound(balancer)).await?;
        let bound = bound.doing(format_args!("read the backends of {balancer}"))?;
        let bound = bound.as_ref().map_or(&[][..], |bound| bound.as_slice());
        let meant = input.meant(bound);
        if meant.is_empty() {
            return Err(input.not_bound());
        }
        let serving: Vec<Bound> = meant.iter().filter(|it| it.backend.weight > 0).cloned().collect();
        for some in serving.chunks(BACKENDS_PER_CALL) {
            let drained = platform.carry_out(operation, balancer, Part::Reweigh(draining(some))).await;
            drained.doing("set the weight of the backend to 0")?;
            for Bound { listener_id, backend } in some {
                let (name, weight) = (name(backend), backend.weight);
                progress
                    .report(format!("{name} on {listener_id} gets no new connections: weight 0, was {weight}"))
                    .await;
            }
        }
        for listener in left_without_any(bound, &meant) {
            let detail = "All backends of the listener have weight 0 now. Clients that connect to it are turned away.";
            operation.warn(Path::root(), format!("Nobody serves {listener} any more"), detail);
        }
        wait(operation, input.wait.unwrap_or(DEFAULT_WAIT), progress).await?;
        if input.unbind == Some(true) {
            unbind(operation, balancer, &meant, progress).await?;
        }
        progress.report("drained").await;
        Ok(())
    }
}

impl DrainBackendInput {
    /// What is meant of all that is bound.
    fn meant(&self, bound: &[clb::ListenerBackend]) -> Vec<Bound> {
        let is_meant = |target: &clb::Backend| {
            self.instance_id.as_ref().is_none_or(|id| target.instance_id == *id)
                && self.eni_ip.as_ref().is_none_or(|ip| target.private_ip_addresses.contains(ip))
                && self.port.is_none_or(|port| target.port == i64::from(port))
        };
        let listeners =
            bound.iter().filter(|it| self.listener_id.as_ref().is_none_or(|wanted| it.listener_id == *wanted));
        let targets = listeners.flat_map(|it| it.targets.iter().map(|target| (it.listener_id.clone(), target)));
        let meant = targets.filter(|(_, target)| is_meant(target));
        meant.map(|(listener_id, target)| Bound { listener_id, backend: named_as(target) }).collect()
    }

    fn not_bound(&self) -> Error {
        let (path, name) = match &self.instance_id {
            Some(id) => (path!(instance_id), id),
            None => (path!(eni_ip), self.eni_ip.as_ref().unwrap_or(&self.load_balancer_id)),
        };
        let port = self.port.map(|port| format!(" with port {port}")).unwrap_or_default();
        let place = match &self.listener_id {
            Some(id) => format!("the listener {id} of {}", self.load_balancer_id),
            None => format!("any layer-4 listener of {}", self.load_balancer_id),
        };
        Error::new("There is no such backend")
            .detail(format!(
                "{name}{port} is not bound to {place}. Check the ids and the provider's region; the data source clb_backends shows \
                 what is bound."
            ))
            .at(path)
    }
}

/// Waits, and says how long it will still take.
async fn wait(operation: &Operation<'_, Platform>, time: Duration, progress: &Progress) -> Result<()> {
    let mut left = time;
    while !left.is_zero() {
        progress.report(format!("{} s left for connections to end", left.as_secs_f64().ceil())).await;
        let some = left.min(BETWEEN_REPORTS);
        operation.unless_cancelled(sleep(some)).await.map_err(|_| {
            Error::new("Interrupted").detail(
                "The backend gets no new connections any more, and those it has go on. Invoke the action again to wait for their \
                 end, or apply what binds the backend to bring it back into service.",
            )
        })?;
        left -= some;
    }
    Ok(())
}

/// Unbinds what has been drained.
async fn unbind(
    operation: &Operation<'_, Platform>,
    balancer: &str,
    drained: &[Bound],
    progress: &Progress,
) -> Result<()> {
    for some in drained.chunks(BACKENDS_PER_CALL) {
        let unbound = operation.api().carry_out(operation, balancer, Part::Unbind(unbinding(some))).await;
        unbound.doing("unbind the backend, which is drained")?;
        for Bound { listener_id, backend } in some {
            progress.report(format!("{} is unbound from {listener_id}", name(backend))).await;
        }
    }
    Ok(())
}

/// The listeners whose backends all have weight 0 when these have.
fn left_without_any(bound: &[clb::ListenerBackend], drained: &[Bound]) -> Vec<String> {
    let is_drained = |listener: &str, target: &clb::Backend| {
        let backend = named_as(target);
        drained.iter().any(|it| it.listener_id == listener && it.backend == backend)
    };
    let touched = bound.iter().filter(|it| drained.iter().any(|drained| drained.listener_id == it.listener_id));
    let unserved = touched
        .filter(|it| it.targets.iter().all(|target| target.weight == 0 || is_drained(&it.listener_id, target)))
        .map(|it| it.listener_id.clone());
    unserved.collect()
}

fn draining(backends: &[Bound]) -> Vec<clb::RsWeightRule> {
    let mut entries: Vec<clb::RsWeightRule> = Vec::new();
    for Bound { listener_id, backend } in backends {
        let target = clb::Target {
            port: backend.port.into(),
            instance_id: backend.instance_id.clone(),
            eni_ip: backend.eni_ip.clone(),
            weight: Some(0),
            ..Default::default()
        };
        match entries.iter_mut().find(|entry| entry.listener_id == *listener_id) {
            Some(entry) => entry.targets.push(target),
            None => entries.push(clb::RsWeightRule {
                listener_id: listener_id.clone(),
                targets: vec![target],
                ..Default::default()
            }),
        }
    }
    entries
}

fn unbinding(backends: &[Bound]) -> Vec<clb::BatchTarget> {
    let target = |Bound { listener_id, backend }: &Bound| clb::BatchTarget {
        listener_id: listener_id.clone(),
        port: backend.port.into(),
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        ..Default::default()
    };
    backends.iter().map(target).collect()
}

fn name(backend: &Backend) -> String {
    let target = backend.instance_id.as_deref().or(backend.eni_ip.as_deref()).unwrap_or_default();
    format!("{target}:{}", backend.port)
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::clb;
    use tfplugin_sdk::Codec;

    use super::{DrainBackendInput, draining, left_without_any};

    fn target(ip: &str, port: i64, weight: i64) -> clb::Backend {
        clb::Backend { private_ip_addresses: vec![ip.to_owned()], port, weight, ..Default::default() }
    }

    fn listener(id: &str, targets: Vec<clb::Backend>) -> clb::ListenerBackend {
        clb::ListenerBackend { listener_id: id.to_owned(), targets, ..Default::default() }
    }

    fn input(port: Option<u16>) -> DrainBackendInput {
        DrainBackendInput { eni_ip: Some("10.0.1.5".to_owned()), port, ..DrainBackendInput::absent() }
    }

    #[test]
    fn all_ports_on_all_listeners_are_meant_unless_one_is_named() {
        let bound = [
            listener("lbl-1", vec![target("10.0.1.5", 80, 10), target("10.0.1.5", 81, 10), target("10.0.1.6", 80, 10)]),
            listener("lbl-2", vec![target("10.0.1.5", 80, 10)]),
        ];
        assert_eq!(input(None).meant(&bound).len(), 3);
        assert_eq!(input(Some(80)).meant(&bound).len(), 2);
        let on_one = DrainBackendInput { listener_id: Some("lbl-2".to_owned()), ..input(None) };
        assert_eq!(on_one.meant(&bound).len(), 1);

        let request = draining(&input(None).meant(&bound));
        let entries: Vec<(&str, usize)> =
            request.iter().map(|entry| (entry.listener_id.as_str(), entry.targets.len())).collect();
        assert_eq!(entries, [("lbl-1", 2), ("lbl-2", 1)], "one entry for each listener");
        assert!(request.iter().flat_map(|entry| &entry.targets).all(|target| target.weight == Some(0)));
    }

    #[test]
    fn a_listener_that_nobody_serves_any_more_is_known() {
        let bound = [
            listener("lbl-1", vec![target("10.0.1.5", 80, 10), target("10.0.1.6", 80, 0)]),
            listener("lbl-2", vec![target("10.0.1.5", 80, 10), target("10.0.1.6", 80, 1)]),
            listener("lbl-3", vec![target("10.0.1.6", 80, 0)]),
        ];
        assert_eq!(left_without_any(&bound, &input(None).meant(&bound)), ["lbl-1"]);
    }
}
