//! From backends in Terraform to requests on the wire. Pure: no calls. The way back needs to know who owns what:
//! [`super::reconcile`].

use clb_cloud_api::clb;

use super::Backend;

/// BatchModifyTargetWeight takes at most this many targets in one entry.
const TARGETS_PER_ENTRY: usize = 50;

/// Binds backends.
pub(super) fn registration(balancer: &str, listener: &str, backends: &[Backend]) -> clb::BatchRegisterTargets {
    let with_weight =
        |backend: &Backend| clb::BatchTarget { weight: Some(backend.weight.into()), ..target(listener, backend) };
    clb::BatchRegisterTargets {
        load_balancer_id: balancer.to_owned(),
        targets: backends.iter().map(with_weight).collect(),
    }
}

/// Gives backends another weight: as they are, and as they are wanted.
pub(super) fn reweighing(
    balancer: &str,
    listener: &str,
    backends: &[(Backend, Backend)],
) -> clb::BatchModifyTargetWeight {
    let target = |(_, wanted): &(Backend, Backend)| clb::Target {
        port: wanted.port.into(),
        instance_id: wanted.instance_id.clone(),
        eni_ip: wanted.eni_ip.clone(),
        weight: Some(wanted.weight.into()),
        ..Default::default()
    };
    let entry = |some: &[(Backend, Backend)]| clb::RsWeightRule {
        listener_id: listener.to_owned(),
        targets: some.iter().map(target).collect(),
        ..Default::default()
    };
    clb::BatchModifyTargetWeight {
        load_balancer_id: balancer.to_owned(),
        modify_list: backends.chunks(TARGETS_PER_ENTRY).map(entry).collect(),
    }
}

/// Unbinds backends.
pub(super) fn deregistration(balancer: &str, listener: &str, backends: &[Backend]) -> clb::BatchDeregisterTargets {
    clb::BatchDeregisterTargets {
        load_balancer_id: balancer.to_owned(),
        targets: backends.iter().map(|backend| target(listener, backend)).collect(),
    }
}

fn target(listener: &str, backend: &Backend) -> clb::BatchTarget {
    clb::BatchTarget {
        listener_id: listener.to_owned(),
        port: backend.port.into(),
        instance_id: backend.instance_id.clone(),
        eni_ip: backend.eni_ip.clone(),
        ..Default::default()
    }
}
