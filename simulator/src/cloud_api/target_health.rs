//! DescribeTargetHealth: the verdicts on targets, as traffic obeys them.
//!
//! Targets of TCP, UDP and TCP_SSL listeners stay `Unknown` ("not started") while their check is on: nothing probes them,
//! and `Alive` or `Dead` would be made up.

use clb_cloud_api::clb;
use clb_model::binding::{BackendRef, Binding};
use clb_model::health::Verdict;
use clb_model::listener::Listener;
use clb_model::load_balancer::LoadBalancer;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;

use super::refusal::Fault;
use super::{Call, asked_for};

const MOST_IDS: usize = 30;

pub(super) fn describe(
    call: &Call<'_>,
    request: clb::DescribeTargetHealth,
) -> Result<clb::DescribeTargetHealthReply, Fault> {
    let ids = &request.load_balancer_ids;
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::TargetHealthLbsMax30).at(Field::LoadBalancerIds).given(ids.len()).into());
    }
    let listeners = request.listener_ids.unwrap_or_default();
    let locations = request.location_ids.unwrap_or_default();
    call.in_region(|_, region| {
        let load_balancers = ids.iter().enumerate().map(|(index, id)| {
            let found = region.load_balancer(id, Rule::LbNotFoundListed).map_err(|refusal| refusal.nth(index))?;
            Ok(view(found, &listeners, &locations))
        });
        Ok(clb::DescribeTargetHealthReply { load_balancers: load_balancers.collect::<Result<_, Refusal>>()? })
    })
}

/// The listeners of those ids and with rules of those locations; all when there are none.
fn view(it: &LoadBalancer, ids: &[String], locations: &[String]) -> clb::LoadBalancerHealth {
    let asked =
        |listener: &&Listener| asked_for(ids, listener.id.as_str()) && asked_for(locations, &location_of(listener));
    clb::LoadBalancerHealth {
        load_balancer_id: it.id.to_string(),
        load_balancer_name: it.name.clone(),
        listeners: it.listeners().filter(asked).map(view_listener).collect(),
    }
}

/// The location of a layer-4 listener's only rule, that nothing else knows (SDK example).
fn location_of(it: &Listener) -> String {
    it.id.as_str().replacen("lbl-", "loc-", 1)
}

fn view_listener(it: &Listener) -> clb::ListenerHealth {
    clb::ListenerHealth {
        listener_id: it.id.to_string(),
        listener_name: it.name.clone(),
        protocol: it.protocol.word().to_owned(),
        port: i64::from(it.port),
        rules: vec![clb::RuleHealth {
            location_id: location_of(it),
            domain: None,
            url: None,
            rule_id: String::new(),
            targets: it.bindings().iter().map(|binding| view_target(binding, it)).collect(),
        }],
    }
}

/// A target's health in a word, and whether it is healthy. `Close` is for a check that is off, where traffic goes to every
/// target, and for a stopped listener, which has none (SDK); that the latter's targets are not healthy is a choice.
pub(super) fn state(it: &Binding, listener: &Listener) -> (&'static str, bool) {
    match (listener.stopped, listener.health_check.enabled, it.health.verdict()) {
        (true, ..) => ("Close", false),
        (false, false, _) => ("Close", true),
        (false, true, Verdict::Unknown) => ("Unknown", false),
        (false, true, Verdict::Alive) => ("Alive", true),
        (false, true, Verdict::Dead) => ("Dead", false),
    }
}

fn view_target(it: &Binding, listener: &Listener) -> clb::TargetHealth {
    let (state, healthy) = state(it, listener);
    let target_id = match &it.key.backend {
        BackendRef::Instance(id) => id.to_string(),
        BackendRef::Address(_) => String::new(),
    };
    clb::TargetHealth {
        ip: it.address.ip.to_string(),
        port: i64::from(it.address.port),
        health_status: healthy,
        target_id,
        health_status_detail: state.to_owned(),
        // The misspelt twin must be there too (SDK).
        health_status_detial: state.to_owned(),
        target_group_id: String::new(),
        weight: Some(u64::from(it.weight)),
    }
}
