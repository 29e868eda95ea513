//! `clb_load_balancer`: what goes together, what its protection forbids, what the provider decides by itself.

use clb_provider::resources::LoadBalancer;
use clb_provider::resources::load_balancer::{AddressIpVersion, LoadBalancerConfig, NetworkType};
use tfplugin_sdk::testing::{Action, Instance, recorded};
use tfplugin_sdk::{Dynamic, Value, path};

use crate::{details, offline, places, text, unknown};

async fn wrong(config: LoadBalancerConfig) -> Vec<String> {
    places(&offline::<LoadBalancer>().await.validate(&config))
}

fn internal() -> LoadBalancerConfig {
    LoadBalancerConfig { network_type: Value::Known(NetworkType::Internal), ..LoadBalancerConfig::default() }
}

fn public() -> LoadBalancerConfig {
    LoadBalancerConfig { network_type: Value::Known(NetworkType::Public), ..LoadBalancerConfig::default() }
}

/// A public load balancer that exists.
async fn existing(protected: bool, status: &str) -> Instance<LoadBalancer> {
    let mut instance = offline().await;
    let state = format!(
        r#"{{ "load_balancer_id": "lb-1", "network_type": "public", "name": "web", "vpc_id": "vpc-1", "address_ip_version":
           "ipv4", "security_group_ids": [], "pass_to_target": false, "delete_protection": {protected}, "tags": {{}},
           "vips": [], "status": "{status}" }}"#
    );
    instance.upgrade(0, recorded(&state)).unwrap();
    instance
}

#[tokio::test]
async fn an_internal_load_balancer_needs_a_subnet_of_a_vpc() {
    assert_eq!(wrong(internal()).await, ["vpc_id", "subnet_id"]);
    let config = LoadBalancerConfig { vpc_id: unknown(), subnet_id: unknown(), ..internal() };
    assert_eq!(wrong(config).await, [""; 0]);
}

#[tokio::test]
async fn a_public_ipv4_load_balancer_takes_no_subnet_and_a_full_ipv6_one_needs_it() {
    assert_eq!(wrong(public()).await, [""; 0]);
    let subnet = || text("subnet-1");
    let refused = offline::<LoadBalancer>().await.validate(&LoadBalancerConfig { subnet_id: subnet(), ..public() });
    assert_eq!(
        details(&refused),
        [
            "`subnet_id` must not be set where `address_ip_version` is \"ipv4\" and `network_type` is \"public\", because its \
             address is one on the internet, not in a subnet. Remove it, or change `network_type`."
        ]
    );
    let full = || LoadBalancerConfig { address_ip_version: Value::Known(AddressIpVersion::Ipv6FullChain), ..public() };
    assert_eq!(wrong(full()).await, ["subnet_id"]);
    assert_eq!(wrong(LoadBalancerConfig { subnet_id: subnet(), ..full() }).await, [""; 0]);
    let off = LoadBalancerConfig { subnet_id: subnet(), pass_to_target: Value::Known(false), ..full() };
    assert_eq!(wrong(off).await, ["pass_to_target"]);
}

#[tokio::test]
async fn what_only_a_public_load_balancer_has_is_refused_on_an_internal_one() {
    let complete = || LoadBalancerConfig { vpc_id: text("vpc-1"), subnet_id: text("subnet-1"), ..internal() };
    assert_eq!(wrong(complete()).await, [""; 0]);
    for version in [AddressIpVersion::Ipv6Nat64, AddressIpVersion::Ipv6FullChain] {
        let address_ip_version = Value::Known(version);
        let config = LoadBalancerConfig { address_ip_version, bandwidth: Value::Known(10), ..complete() };
        assert_eq!(wrong(config).await, ["bandwidth", "address_ip_version"]);
    }
}

#[tokio::test]
async fn a_security_group_is_listed_once_and_has_an_id() {
    let groups =
        |ids: &[Value<String>]| LoadBalancerConfig { security_group_ids: Value::Known(ids.to_vec()), ..public() };
    assert_eq!(wrong(groups(&[text("sg-1"), text("sg-2"), unknown()])).await, [""; 0]);
    assert_eq!(wrong(groups(&[text("sg-1"), text("sg-1")])).await, ["security_group_ids[1]"]);
    let found = wrong(groups(&[text(""), Value::Null])).await;
    assert_eq!(found, ["security_group_ids[1]", "security_group_ids[0]"]);
}

#[tokio::test]
async fn a_tag_without_a_value_is_refused_before_apply() {
    let tags = [("a".to_owned(), Value::Null), ("b".to_owned(), text(""))];
    let config = LoadBalancerConfig { tags: Value::Known(tags.into_iter().collect()), ..public() };
    assert_eq!(wrong(config).await, ["tags[\"a\"]"]);
}

#[tokio::test]
async fn a_protected_load_balancer_is_neither_destroyed_nor_replaced() {
    let elsewhere = || LoadBalancerConfig {
        vpc_id: text("vpc-2"),
        address_ip_version: Value::Known(AddressIpVersion::Ipv6Nat64),
        delete_protection: Value::Known(true),
        ..public()
    };
    let mut protected = existing(true, "running").await;
    assert_eq!(places(&protected.plan(&elsewhere()).await.unwrap_err()), ["vpc_id", "address_ip_version"]);
    assert_eq!(places(&protected.destroy().await.unwrap_err()), ["delete_protection"]);
    let renamed = LoadBalancerConfig { name: text("edge"), delete_protection: Value::Known(true), ..public() };
    assert_eq!(protected.plan(&renamed).await.unwrap().action, Action::Update);
    let plan = existing(false, "running").await.plan(&elsewhere()).await.unwrap();
    assert_eq!(plan.replace, [path!(address_ip_version), path!(vpc_id)]);
}

#[tokio::test]
async fn what_is_checked_behind_it_goes_with_the_kind_of_address_unless_the_user_says() {
    let full = LoadBalancerConfig {
        address_ip_version: Value::Known(AddressIpVersion::Ipv6FullChain),
        subnet_id: text("subnet-1"),
        ..public()
    };
    let said = LoadBalancerConfig { pass_to_target: Value::Known(true), ..public() };
    for (config, passes) in [(public(), false), (full, true), (said, true)] {
        let plan = offline::<LoadBalancer>().await.plan(&config).await.unwrap();
        assert_eq!(*plan.planned.attribute("pass_to_target"), Dynamic::Bool(passes));
    }
}

#[tokio::test]
async fn one_that_is_being_created_may_be_running_after_an_update() {
    let renamed = LoadBalancerConfig { name: text("edge"), ..public() };
    for (status, may_change) in [("creating", true), ("running", false)] {
        let plan = existing(false, status).await.plan(&renamed).await.unwrap();
        assert_eq!(plan.planned.attribute("status").is_unknown(), may_change, "{status}");
    }
}
