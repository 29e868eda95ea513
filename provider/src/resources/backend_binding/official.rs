//! What a `tencentcloud_clb_attachment` of the official provider becomes. It owns all targets of its listener, so the binding takes
//! over all that its state lists.

use std::collections::BTreeSet;

use clb_cloud_api::clb;
use tfplugin_sdk::{Codec, Error, ForeignState, Object, Result};

use super::{BackendBinding, reconcile};
use crate::resources::official;

const TYPE: &str = "tencentcloud_clb_attachment";

/// The attributes that matter here.
#[derive(Clone, Debug, PartialEq, Object)]
struct ClbAttachment {
    clb_id: Option<String>,
    listener_id: Option<String>,
    rule_id: Option<String>,
    domain: Option<String>,
    targets: Vec<Target>,
}

/// A target: one of instance and address, the other one empty.
#[derive(Clone, Debug, PartialEq, Object)]
struct Target {
    instance_id: Option<String>,
    eni_ip: Option<String>,
    port: Option<i64>,
    weight: Option<i64>,
}

/// The binding, if `source` is one of the official provider's.
pub(super) fn moved(source: &ForeignState) -> Result<Option<BackendBinding>> {
    let Some(attachment) = official::state::<ClbAttachment>(source, TYPE)? else { return Ok(None) };
    if let Some(rule) = official::given(attachment.rule_id).or(official::given(attachment.domain)) {
        return Err(Error::new(format!("This {TYPE} binds to a forwarding rule")).detail(format!(
            "Its targets are those of the rule {rule} of an HTTP or HTTPS listener, and a clb_backend_binding is of a QUIC \
             listener. Remove this `moved` block and leave it with the official provider; both can be used in one configuration."
        )));
    }
    let targets: Vec<clb::Backend> = attachment.targets.into_iter().map(in_words_of_the_platform).collect();
    Ok(Some(BackendBinding {
        load_balancer_id: official::required(attachment.clb_id, TYPE, "clb_id")?,
        listener_id: official::required(attachment.listener_id, TYPE, "listener_id")?,
        backends: reconcile::state_backends(&targets, &BTreeSet::new(), true),
        ..BackendBinding::absent()
    }))
}

fn in_words_of_the_platform(target: Target) -> clb::Backend {
    let instance_id = target.instance_id.unwrap_or_default();
    clb::Backend {
        r#type: if instance_id.is_empty() { "ENI" } else { "CVM" }.to_owned(),
        instance_id,
        private_ip_addresses: official::given(target.eni_ip).into_iter().collect(),
        port: target.port.unwrap_or_default(),
        weight: target.weight.unwrap_or_default(),
        ..clb::Backend::default()
    }
}
