//! No rule without a case, no behaviour without a test, no code that the platform's own list does not have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clb_model::rules::Rule;
use clb_simulator::rule_book::WireRule;
use clb_simulator::rule_book::behaviours::BEHAVIOURS;

use crate::case::{Case, Said};

/// Rules that no single request can break, or only at a cost: what shows them instead, and why.
const SHOWN_ELSEWHERE: &[(Said, &str, &str)] = &[
    (
        Said::Model(Rule::LbSgQuota5),
        "model/tests/rules/security_group.rs::groups_exist_and_are_at_most_five",
        "six groups",
    ),
    (
        Said::Model(Rule::LbTaskLock),
        "simulator/tests/cloud_api/task.rs::a_busy_load_balancer_refuses_writes_in_the_platforms_words",
        "a task has to run meanwhile",
    ),
    (
        Said::Model(Rule::LbTaskLockDeleteLb),
        "model/tests/rules/task.rs::every_write_to_a_busy_load_balancer_is_refused",
        "a task has to run meanwhile",
    ),
    (
        Said::Model(Rule::LbTaskLockUnlistedWrites),
        "model/tests/rules/task.rs::every_write_to_a_busy_load_balancer_is_refused",
        "a task has to run meanwhile",
    ),
    (
        Said::Model(Rule::LbClientTokenExpired),
        "simulator/tests/cloud_api/load_balancer.rs::a_client_token_stands_for_one_order_until_it_expires",
        "a day has to pass on the simulator's clock",
    ),
    (
        Said::Model(Rule::LbDeleteFrequencyRisk),
        "simulator/tests/cloud_api/load_balancer.rs::after_thirty_deletions_in_five_minutes_no_more_is_deleted_for_a_while",
        "the names of thirty load balancers",
    ),
    (
        Said::Wire(WireRule::RateLimit),
        "simulator/tests/cloud_api/task.rs::a_limit_of_calls_is_kept_by_account_and_action",
        "there is no limit until one is set",
    ),
    (
        Said::Model(Rule::LbVipPoolExhausted),
        "model/tests/rules/load_balancer.rs::a_pool_that_is_empty_gives_no_load_balancer",
        "all worlds of a simulator share the pool",
    ),
    (
        Said::Model(Rule::CertificateQuota),
        "model/tests/rules/certificate.rs::beyond_5000_copies_an_upload_answers_with_the_one_that_is_there_and_an_account_holds_so_many",
        "6000 uploads",
    ),
    (
        Said::Model(Rule::SubnetQuota),
        "model/tests/rules/network.rs::a_region_holds_so_many_vpcs_and_a_vpc_so_many_subnets",
        "100 subnets",
    ),
    (
        Said::Model(Rule::SecurityGroupDefaultUndeletable),
        "model/tests/rules/security_group.rs::a_group_in_use_and_the_default_group_stay",
        "the seed has no default group",
    ),
    (
        Said::Model(Rule::SecurityGroupReferencesMax10),
        "model/tests/rules/security_group_policy.rs::rule_sets_have_bounds",
        "eleven groups",
    ),
    (
        Said::Model(Rule::LbSgRulesMax512),
        "model/tests/rules/security_group_policy.rs::the_groups_of_a_load_balancer_hold_512_rules",
        "three groups, two of them full",
    ),
    (
        Said::Wire(WireRule::BodySize),
        "simulator/tests/cloud_api/limits.rs::a_body_has_a_bound_whether_its_length_is_announced_or_not",
        "the door answers before it has read the body",
    ),
    (
        Said::Wire(WireRule::Worlds),
        "simulator/tests/cloud_api/worlds.rs::worlds_are_bounded_and_a_refusal_says_so",
        "256 worlds",
    ),
    (
        Said::Model(Rule::ListenerL7OnlyAction),
        "simulator/tests/cloud_api/arguments.rs::actions_for_layer_7_are_refused_on_a_listener_of_layer_4",
        "there is no listener on which they are accepted",
    ),
    (Said::Wire(WireRule::Internal), "", "nothing leads to it: it is for defects"),
];

fn all_cases() -> Vec<Case> {
    [
        crate::wire::cases(),
        crate::task::cases(),
        crate::load_balancer::cases(),
        crate::quic_listener::cases(),
        crate::listener::cases(),
        crate::certificate::cases(),
        crate::other_listener::cases(),
        crate::health_check::cases(),
        crate::target::cases(),
        crate::security_group::cases(),
        crate::network::cases(),
        crate::tag::cases(),
    ]
    .concat()
}

#[test]
fn every_rule_has_a_case() {
    let shown: BTreeSet<Said> =
        all_cases().iter().map(|case| case.rule).chain(SHOWN_ELSEWHERE.iter().map(|(rule, ..)| *rule)).collect();
    let model = Rule::ALL.iter().map(|rule| Said::Model(*rule));
    let wire = WireRule::ALL.iter().map(|rule| Said::Wire(*rule));
    let missing: Vec<Said> = model.chain(wire).filter(|rule| !shown.contains(rule)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}: write one in the file of its noun");
}

#[test]
fn a_rule_with_a_case_is_no_exception() {
    let cases: BTreeSet<Said> = all_cases().iter().map(|case| case.rule).collect();
    let both: Vec<&str> =
        SHOWN_ELSEWHERE.iter().filter(|(rule, ..)| cases.contains(rule)).map(|(rule, ..)| rule.id()).collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn what_is_shown_elsewhere_is_shown_there() {
    let exceptions =
        SHOWN_ELSEWHERE.iter().map(|(rule, test, _)| (rule.id(), *test)).filter(|(_, test)| !test.is_empty());
    let behaviours = BEHAVIOURS.iter().map(|it| (it.id, it.shown_by));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let missing: Vec<String> = exceptions
        .chain(behaviours)
        .filter(|(_, test)| {
            let (file, function) = test.split_once("::").expect("a file and a function");
            let text = fs::read_to_string(root.join(file)).unwrap_or_default();
            !text.contains(&format!("fn {function}("))
        })
        .map(|(id, test)| format!("{id}: {test}"))
        .collect();
    assert!(missing.is_empty(), "there is no such test:\n{}", missing.join("\n"));
}

/// `clb CreateListener: Code, Code` for every action whose codes the platform documents (official Go SDK). The lists are
/// not exhaustive, says the platform.
const DOCUMENTED: &str = include_str!("documented_codes.txt");

/// Codes that any action may answer with (INTL 214/33849), and codes that are not on the list of their action: seen in
/// official clients, or a choice that says so in its source.
const OFF_THE_LIST: &[(&str, &str)] = &[
    ("lb-not-found", "DescribeTargets"), // TKE relies on it
    // No rules of the platform: what the simulator has not.
    ("lb-target-region-own", "ModifyLoadBalancerAttributes"),
    ("listener-protocol-served", "CreateListener"),
    ("listener-port-range-served", "CreateListener"),
    ("listener-target-group-served", "CreateListener"),
];

#[test]
fn codes_are_on_the_documented_list_of_their_action() {
    let mut strange = BTreeSet::new();
    for case in all_cases() {
        let Said::Model(rule) = case.rule else { continue };
        let start = format!("{}: ", case.action_name());
        let Some(codes) = DOCUMENTED.lines().find_map(|line| line.strip_prefix(&start)) else { continue };
        let is_listed = codes.split(", ").any(|code| code == case.code);
        if !is_listed && !OFF_THE_LIST.contains(&(rule.id(), case.action_name())) {
            strange.insert(format!("(\"{}\", \"{}\"), // {}", rule.id(), case.action_name(), case.code));
        }
    }
    assert!(strange.is_empty(), "{}", strange.into_iter().collect::<Vec<_>>().join("\n"));
}
