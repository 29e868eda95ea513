//! What a `tencentcloud_clb_instance` of the official provider becomes: its state in the platform's words, which are then read as
//! an answer of the platform is.

use std::collections::BTreeMap;

use clb_cloud_api::clb;
use tfplugin_sdk::{ForeignState, Object, Result};

use super::{LoadBalancer, convert};
use crate::resources::official;

const TYPE: &str = "tencentcloud_clb_instance";

/// The platform's number for a load balancer that is running.
const RUNNING: u64 = 1;

/// The attributes that matter here.
#[derive(Clone, Debug, PartialEq, Object)]
struct ClbInstance {
    id: Option<String>,
    network_type: Option<String>,
    clb_name: Option<String>,
    vpc_id: Option<String>,
    subnet_id: Option<String>,
    address_ip_version: Option<String>,
    ipv6_mode: Option<String>,
    security_groups: Vec<String>,
    load_balancer_pass_to_target: Option<bool>,
    delete_protect: Option<bool>,
    internet_bandwidth_max_out: Option<i64>,
    internet_charge_type: Option<String>,
    tags: BTreeMap<String, String>,
    clb_vips: Vec<String>,
    address_ipv6: Option<String>,
}

/// The load balancer, if `source` is one of the official provider's.
pub(super) fn moved(source: &ForeignState) -> Result<Option<LoadBalancer>> {
    let Some(instance) = official::state::<ClbInstance>(source, TYPE)? else { return Ok(None) };
    let id = official::required(instance.id.clone(), TYPE, "id")?;
    Ok(Some(convert::from_wire(&in_words_of_the_platform(id, instance), None)))
}

fn in_words_of_the_platform(id: String, instance: ClbInstance) -> clb::LoadBalancer {
    let tags = instance.tags.into_iter().map(|(tag_key, tag_value)| clb::TagInfo { tag_key, tag_value });
    clb::LoadBalancer {
        load_balancer_id: id,
        load_balancer_name: instance.clb_name.unwrap_or_default(),
        load_balancer_type: instance.network_type.unwrap_or_default(),
        status: RUNNING,
        load_balancer_vips: instance.clb_vips,
        vpc_id: instance.vpc_id.unwrap_or_default(),
        subnet_id: instance.subnet_id.unwrap_or_default(),
        address_ip_version: instance.address_ip_version.unwrap_or_default(),
        ipv6_mode: official::given(instance.ipv6_mode),
        address_ipv6: official::given(instance.address_ipv6),
        secure_groups: instance.security_groups,
        load_balancer_pass_to_target: instance.load_balancer_pass_to_target.unwrap_or_default(),
        network_attributes: Some(clb::InternetAccessible {
            internet_max_bandwidth_out: instance.internet_bandwidth_max_out,
            internet_charge_type: official::given(instance.internet_charge_type),
            ..clb::InternetAccessible::default()
        }),
        attribute_flags: instance
            .delete_protect
            .filter(|on| *on)
            .map(|_| convert::DELETE_PROTECT.to_owned())
            .into_iter()
            .collect(),
        tags: tags.collect(),
        ..clb::LoadBalancer::default()
    }
}
