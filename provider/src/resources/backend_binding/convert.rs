//! From backends in Terraform to requests on the wire. Pure: no calls. The way back needs to know who owns what:
//! [`super::reconcile`].

use clb_cloud_api::clb;

use super::Backend;

/// BatchModifyTargetWeight takes at most this many targets in one entry.
const TARGETS_PER_ENTRY: usize = 50;

/// Binds backends.
pub(super) fn registration(listener: &str, backends: &[Backend]) -> Vec<clb::BatchTarget> {
    let with_weight =
        |backend: &Backend| clb::BatchTarget { weight: Some(backend.weight.into()), ..target(listener, backend) };
    backends.iter().map(with_weight).collect()
}

/// Gives backends another weight: as they are, and as they are wanted.
pub(super) fn reweighing(listener: &str, backends: &[(Backend, Backend)]) -> Vec<clb::RsWeightRule> {
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
    backends.chunks(TARGETS_PER_ENTRY).map(entry).collect()
}

/// Unbinds backends.
pub(super) fn deregistration(listener: &str, backends: &[Backend]) -> Vec<clb::BatchTarget> {
    backends.iter().map(|backend| target(listener, backend)).collect()
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
