//! Target actions: decode, ask, answer. A target of the API is a binding of the model.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::clb;
use clb_model::binding::batch::{BatchFailure, BatchTarget, TagRule, WeightRule};
use clb_model::binding::{BackendRef, Binding, TargetDraft, TargetsDraft};
use clb_model::listener::Listener;
use clb_model::network::Network;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;

use super::refusal::Fault;
use super::{Call, asked_for};
use super::{listener, written};

/// Filters of DescribeTargets (SDK).
const FILTERS: [&str; 3] = ["location-id", "private-ip-address", "tag"];
const MOST_IDS: usize = 20;

pub(super) fn register(call: &Call<'_>, request: clb::RegisterTargets) -> Result<Accepted, Fault> {
    let location = location(&[&request.location_id, &request.domain, &request.url]);
    let draft = targets(request.load_balancer_id, request.listener_id, location, request.targets);
    call.write(|world, occasion| world.create_bindings(call.region, &draft, occasion))?;
    Ok(Accepted {})
}

pub(super) async fn register_in_batch(
    call: &Call<'_>,
    request: clb::BatchRegisterTargets,
) -> Result<clb::BatchRegisterTargetsReply, Fault> {
    let (id, targets) = (&request.load_balancer_id, batch(request.targets));
    let failures = call.write(|world, occasion| world.create_bindings_in_batch(call.region, id, &targets, occasion))?;
    call.in_effect().await?;
    let (fail_listener_id_set, message) = report(&failures);
    Ok(clb::BatchRegisterTargetsReply { fail_listener_id_set, message })
}

pub(super) fn describe(call: &Call<'_>, request: clb::DescribeTargets) -> Result<clb::DescribeTargetsReply, Fault> {
    let ids = request.listener_ids.unwrap_or_default();
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::TargetDescribeIdsMax20).at(Field::ListenerIds).given(ids.len()).into());
    }
    let filters = request.filters.unwrap_or_default();
    if let Some(index) = filters.iter().position(|filter| !FILTERS.contains(&filter.name.as_str())) {
        let refusal = Refusal::new(Rule::TargetDescribeFilterNames).at(Field::Filters).nth(index);
        return Err(refusal.given(&filters[index].name).into());
    }
    call.in_region(|_, region| {
        let load_balancer = region.load_balancer(&request.load_balancer_id, Rule::LbNotFound)?;
        let asked = |listener: &&Listener| {
            asked_for(&ids, listener.id.as_str())
                && listener::is_on(listener, request.protocol.as_deref(), request.port)
        };
        let view_listener = |listener: &Listener| clb::ListenerBackend {
            listener_id: listener.id.to_string(),
            protocol: listener.protocol.word().to_owned(),
            port: i64::from(listener.port),
            rules: None,
            targets: listener
                .bindings()
                .iter()
                .filter(|binding| filters.iter().all(|filter| passes(binding, filter)))
                .map(|binding| view(binding, &region.network))
                .collect(),
            end_port: 0,
        };
        let listeners = load_balancer.listeners().filter(asked).map(view_listener).collect();
        Ok(clb::DescribeTargetsReply { listeners })
    })
}

fn passes(binding: &Binding, filter: &clb::Filter) -> bool {
    let any = |text: &str| filter.values.iter().any(|value| value == text);
    match filter.name.as_str() {
        "private-ip-address" => any(&binding.address.ip.to_string()),
        "tag" => binding.tag.as_deref().is_some_and(any),
        // A listener of layer 4 has no rules, and so no location.
        _ => false,
    }
}

pub(super) fn modify_weight(call: &Call<'_>, request: clb::ModifyTargetWeight) -> Result<Accepted, Fault> {
    let location = location(&[&request.location_id, &request.domain, &request.url]);
    let draft = targets(request.load_balancer_id, request.listener_id, location, request.targets);
    let weight = request.weight;
    call.write(|world, occasion| world.modify_binding_weights(call.region, &draft, weight, occasion))?;
    Ok(Accepted {})
}

pub(super) fn modify_weight_in_batch(
    call: &Call<'_>,
    request: clb::BatchModifyTargetWeight,
) -> Result<Accepted, Fault> {
    let rule = |rule: clb::RsWeightRule| WeightRule {
        listener_id: rule.listener_id,
        location: location(&[&rule.location_id, &rule.domain, &rule.url]),
        targets: rule.targets.into_iter().map(target).collect(),
        weight: rule.weight,
    };
    let (id, rules) = (&request.load_balancer_id, request.modify_list.into_iter().map(rule).collect::<Vec<_>>());
    call.write(|world, occasion| world.modify_binding_weights_in_batch(call.region, id, &rules, occasion))?;
    Ok(Accepted {})
}

pub(super) async fn modify_tag_in_batch(
    call: &Call<'_>,
    request: clb::BatchModifyTargetTag,
) -> Result<Accepted, Fault> {
    let rule = |rule: clb::RsTagRule| TagRule {
        listener_id: rule.listener_id,
        location: location(&[&rule.location_id]),
        targets: rule.targets.into_iter().map(target).collect(),
        tag: rule.tag,
    };
    let (id, rules) = (&request.load_balancer_id, request.modify_list.into_iter().map(rule).collect::<Vec<_>>());
    call.write(|world, occasion| world.modify_binding_tags_in_batch(call.region, id, &rules, occasion))?;
    call.in_effect().await?;
    Ok(Accepted {})
}

pub(super) fn modify_port(call: &Call<'_>, request: clb::ModifyTargetPort) -> Result<Accepted, Fault> {
    let location = location(&[&request.location_id, &request.domain, &request.url]);
    let draft = targets(request.load_balancer_id, request.listener_id, location, request.targets);
    call.write(|world, occasion| world.modify_binding_ports(call.region, &draft, request.new_port, occasion))?;
    Ok(Accepted {})
}

pub(super) fn deregister(call: &Call<'_>, request: clb::DeregisterTargets) -> Result<Accepted, Fault> {
    let location = location(&[&request.location_id, &request.domain, &request.url]);
    let draft = targets(request.load_balancer_id, request.listener_id, location, request.targets);
    call.write(|world, occasion| world.delete_bindings(call.region, &draft, occasion))?;
    Ok(Accepted {})
}

pub(super) async fn deregister_in_batch(
    call: &Call<'_>,
    request: clb::BatchDeregisterTargets,
) -> Result<clb::BatchDeregisterTargetsReply, Fault> {
    let (id, targets) = (&request.load_balancer_id, batch(request.targets));
    let failures = call.write(|world, occasion| world.delete_bindings_in_batch(call.region, id, &targets, occasion))?;
    call.in_effect().await?;
    let (fail_listener_id_set, message) = report(&failures);
    Ok(clb::BatchDeregisterTargetsReply { fail_listener_id_set, message })
}

/// The listeners that failed, and a text that says why; an empty one when all is done, for it may not be null (SDK).
fn report(failures: &[BatchFailure]) -> (Vec<String>, Option<String>) {
    let texts: Vec<String> = failures.iter().map(ToString::to_string).collect();
    (failures.iter().map(|failure| failure.listener_id.clone()).collect(), Some(texts.join(" ")))
}

/// The first argument that names a layer-7 rule; an empty one names none.
fn location(arguments: &[&Option<String>]) -> Option<String> {
    arguments.iter().filter_map(|argument| argument.as_ref()).find(|argument| !argument.is_empty()).cloned()
}

fn targets(
    load_balancer_id: String,
    listener_id: String,
    location: Option<String>,
    given: Vec<clb::Target>,
) -> TargetsDraft {
    TargetsDraft { load_balancer_id, listener_id, location, targets: given.into_iter().map(target).collect() }
}

/// `Type` is ignored in requests (SDK).
fn target(given: clb::Target) -> TargetDraft {
    TargetDraft {
        instance_id: given.instance_id,
        eni_ip: given.eni_ip,
        port: given.port,
        weight: given.weight,
        tag: given.tag,
    }
}

fn batch(given: Vec<clb::BatchTarget>) -> Vec<BatchTarget> {
    let entry = |given: clb::BatchTarget| BatchTarget {
        listener_id: given.listener_id,
        location: location(&[&given.location_id]),
        target: TargetDraft {
            instance_id: given.instance_id,
            eni_ip: given.eni_ip,
            port: given.port,
            weight: given.weight,
            tag: given.tag,
        },
    };
    given.into_iter().map(entry).collect()
}

fn view(it: &Binding, network: &Network) -> clb::Backend {
    let instance = match &it.key.backend {
        BackendRef::Instance(id) => network.instance(id.as_str()),
        BackendRef::Address(_) => None,
    };
    let (kind, instance_id) = match &it.key.backend {
        BackendRef::Instance(id) => ("CVM", id.to_string()),
        BackendRef::Address(_) => ("ENI", String::new()),
    };
    clb::Backend {
        r#type: kind.to_owned(),
        instance_id,
        port: i64::from(it.key.port),
        weight: i64::from(it.weight),
        public_ip_addresses: None,
        private_ip_addresses: vec![it.address.ip.to_string()],
        instance_name: instance.map(|instance| instance.name.clone()),
        registered_time: written::time(it.registered_at),
        eni_id: None,
        tag: it.tag.clone().unwrap_or_default(),
        zone: instance.map(|instance| instance.zone.clone()),
    }
}
