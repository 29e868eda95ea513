//! The traps that the official provider and others fall into, each with the test that shows that we do not, or with the reason
//! why it cannot be here. Numbers as in our notes on other providers: P about plans, D about drift, C about creating, X about what is missing,
//! B about bindings, R about patience, K about certificates and secrets, G about security groups, I about ids, E about endpoints.

use std::collections::BTreeSet;

use clb_acceptance_tests::project_root;

/// What became of a trap.
enum Fate {
    /// This test shows that it is not here: a file of the project, `::`, the function.
    ShownBy(&'static str),
    /// It cannot be here.
    NotHere(&'static str),
}

use Fate::{NotHere, ShownBy};

/// How many there are.
const COUNT: usize = 78;

/// Number, what it is about, what became of it.
const TRAPS: [(&str, &str, Fate); COUNT] = [
    (
        "P1",
        "session persistence on QUIC",
        ShownBy("acceptance-tests/tests/acceptance/platform_rules.rs::session_persistence_has_no_argument"),
    ),
    (
        "P2",
        "arguments of an HTTP check with a TCP check",
        ShownBy(
            "provider/tests/offline/quic_listener.rs::http_fields_need_an_http_check_and_an_http_check_needs_a_domain",
        ),
    ),
    (
        "P3",
        "HTTP checks impossible on QUIC",
        ShownBy("acceptance-tests/tests/acceptance/quic_listener.rs::each_argument_that_can_change_in_place_does"),
    ),
    (
        "P4",
        "mutual TLS without a CA",
        ShownBy("provider/tests/offline/quic_listener.rs::mutual_tls_needs_a_client_ca_and_one_way_tls_refuses_it"),
    ),
    (
        "P5",
        "a listener without a certificate",
        ShownBy("acceptance-tests/tests/acceptance/platform_rules.rs::a_listener_without_a_certificate_is_refused"),
    ),
    (
        "P6",
        "the timeout of a check against its interval",
        ShownBy("provider/tests/offline/quic_listener.rs::the_timeout_must_be_less_than_the_interval"),
    ),
    (
        "P7",
        "types of checks that QUIC has not",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_words.rs::words_that_the_platform_does_not_know_are_refused_with_those_it_knows",
        ),
    ),
    (
        "P8",
        "a port that is taken",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_truth.rs::every_rule_is_refused_by_the_plan_at_its_attribute_or_has_a_reason",
        ),
    ),
    (
        "P9",
        "the kind of load balancer",
        ShownBy("acceptance-tests/tests/acceptance/platform_rules.rs::native_ipv6_is_refused_while_nat64_is_not"),
    ),
    (
        "P10",
        "a listener without a port",
        ShownBy("acceptance-tests/tests/acceptance/platform_rules.rs::port_0_and_port_65536_are_refused"),
    ),
    (
        "P11",
        "a scheduler accepted, then refused",
        ShownBy(
            "acceptance-tests/tests/acceptance/platform_rules.rs::an_unknown_scheduler_is_refused_and_the_known_ones_are_named",
        ),
    ),
    (
        "P12",
        "ranges that are dropped or missing",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_bounds.rs::validation_draws_the_line_where_the_platform_draws_it",
        ),
    ),
    (
        "P13",
        "instance and address of a backend",
        ShownBy(
            "acceptance-tests/tests/acceptance/platform_rules.rs::a_backend_is_an_instance_or_an_address_and_not_both",
        ),
    ),
    (
        "P14",
        "port 0 and weights of backends",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_bounds.rs::validation_draws_the_line_where_the_platform_draws_it",
        ),
    ),
    (
        "P15",
        "line ends around PEM, a key that is missing",
        ShownBy("provider/tests/offline/certificate.rs::line_ends_do_not_make_another_certificate"),
    ),
    ("P16", "target groups on a listener without", NotHere("Target groups are not offered.")),
    (
        "P17",
        "updates in place that cannot be",
        ShownBy("acceptance-tests/tests/acceptance/attributes.rs::a_change_replaces_only_what_no_call_can_change"),
    ),
    (
        "P18",
        "replacements that need not be",
        ShownBy("acceptance-tests/tests/acceptance/attributes.rs::a_change_replaces_only_what_no_call_can_change"),
    ),
    (
        "P19",
        "ids checked only at apply",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_truth.rs::every_rule_is_refused_by_the_plan_at_its_attribute_or_has_a_reason",
        ),
    ),
    (
        "P20",
        "a guard against the same name",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::two_load_balancers_may_have_one_name_and_nobody_looks_for_it_first",
        ),
    ),
    (
        "P21",
        "combinations that users cannot find",
        ShownBy("provider/tests/offline/quic_listener.rs::the_message_says_the_rule_why_it_is_one_and_what_to_do"),
    ),
    (
        "D1",
        "HttpCheckMethod in the answer of a TCP check",
        ShownBy("provider/src/resources/quic_listener/convert.rs::http_fields_of_a_tcp_check_mean_nothing"),
    ),
    (
        "D2",
        "HttpCode in the answer of a TCP check",
        ShownBy("provider/src/resources/quic_listener/convert.rs::http_fields_of_a_tcp_check_mean_nothing"),
    ),
    (
        "D3",
        "CheckPort in the answer",
        ShownBy("provider/src/resources/quic_listener/convert.rs::http_fields_of_a_tcp_check_mean_nothing"),
    ),
    (
        "D4",
        "everything is sent again",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_drift.rs::a_new_name_sends_a_name_and_asks_nobody_about_certificates",
        ),
    ),
    (
        "D5",
        "absence that never clears the state",
        ShownBy(
            "acceptance-tests/tests/acceptance/attributes.rs::whatever_somebody_else_changes_is_seen_and_put_right_in_place",
        ),
    ),
    (
        "D6",
        "attributes that are never read back",
        ShownBy(
            "acceptance-tests/tests/acceptance/attributes.rs::whatever_somebody_else_changes_is_seen_and_put_right_in_place",
        ),
    ),
    (
        "D7",
        "a list of one certificate",
        NotHere("A QUIC listener has one server certificate (rule multi-cert-not-on-quic)."),
    ),
    (
        "D8",
        "a backend reported by the other name",
        ShownBy(
            "provider/src/resources/backend_binding/reconcile.rs::the_same_target_may_be_meant_by_instance_or_address",
        ),
    ),
    (
        "D9",
        "backends in another order",
        ShownBy("acceptance-tests/tests/acceptance/backend_binding.rs::the_order_of_backends_means_nothing"),
    ),
    (
        "D10",
        "no look after an update",
        ShownBy("acceptance-tests/tests/acceptance/traps_drift.rs::the_state_after_a_change_is_what_a_fresh_look_says"),
    ),
    (
        "D11",
        "arguments that are ignored",
        ShownBy("acceptance-tests/tests/acceptance/attributes.rs::only_what_changed_is_sent"),
    ),
    (
        "D12",
        "backends of others",
        ShownBy("acceptance-tests/tests/acceptance/backend_binding.rs::a_foreign_backend_is_left_alone"),
    ),
    (
        "C1",
        "an orphan listener",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::a_listener_whose_creation_ends_badly_is_known_and_there_once",
        ),
    ),
    (
        "C2",
        "an orphan load balancer",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::a_load_balancer_whose_creation_ends_badly_is_known_and_there_once",
        ),
    ),
    (
        "C3",
        "backends of which only some are bound",
        ShownBy("acceptance-tests/tests/acceptance/faults_converge.rs::a_stack_converges_whatever_goes_wrong"),
    ),
    (
        "C4",
        "a certificate whose tagging failed",
        ShownBy("acceptance-tests/tests/acceptance/faults_converge.rs::a_stack_converges_whatever_goes_wrong"),
    ),
    (
        "C5",
        "an order repeated without its token",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::a_load_balancer_whose_order_had_no_answer_is_ordered_again_with_the_same_token",
        ),
    ),
    (
        "C6",
        "tainted by a later step",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::a_step_after_the_creation_of_a_load_balancer_that_fails_is_made_up_for_in_place",
        ),
    ),
    (
        "C7",
        "two deadlines",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_create.rs::a_task_that_never_ends_is_given_up_in_time_and_not_asked_about_any_more",
        ),
    ),
    (
        "X1",
        "TargetRegionInfo is null",
        ShownBy("cloud-api/src/envelope.rs::null_in_a_reply_is_absence_even_where_the_documentation_promises_a_value"),
    ),
    (
        "X2",
        "SniSwitch is null",
        ShownBy("cloud-api/src/envelope.rs::null_in_a_reply_is_absence_even_where_the_documentation_promises_a_value"),
    ),
    (
        "X3",
        "unbinding from a listener that is gone",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_missing.rs::a_binding_of_a_listener_that_is_gone_can_be_destroyed_without_a_refresh",
        ),
    ),
    (
        "X4",
        "older panics about what is gone",
        ShownBy("acceptance-tests/tests/acceptance/traps_missing.rs::a_change_of_what_is_gone_says_so"),
    ),
    (
        "X5",
        "gone when it is deleted",
        ShownBy("acceptance-tests/tests/acceptance/traps_missing.rs::what_is_gone_can_be_destroyed_without_a_refresh"),
    ),
    (
        "X6",
        "absence as an empty list and as a code",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_missing.rs::a_code_for_absence_means_the_same_as_an_empty_list",
        ),
    ),
    (
        "B1",
        "errors taken for nothing to do",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_binding.rs::an_error_while_looking_around_is_not_taken_for_nothing_to_unbind",
        ),
    ),
    (
        "B2",
        "backends told apart by their instance only",
        ShownBy("acceptance-tests/tests/acceptance/traps_binding.rs::two_ports_of_one_instance_are_two_backends"),
    ),
    ("B3", "only the first rule is looked at", NotHere("Layer-7 rules are not offered.")),
    (
        "B4",
        "InvalidParameter taken for success",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_binding.rs::invalid_parameter_is_no_success_while_the_backend_is_still_bound",
        ),
    ),
    (
        "B5",
        "two bindings on one listener",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_binding.rs::fifty_bindings_share_a_listener_and_half_of_them_go_without_the_others_noticing",
        ),
    ),
    (
        "B6",
        "a weight changed by unbinding",
        ShownBy("acceptance-tests/tests/acceptance/traps_binding.rs::a_weight_is_changed_without_unbinding_anybody"),
    ),
    (
        "B7",
        "health that nobody waits for",
        ShownBy(
            "acceptance-tests/tests/acceptance/backend_binding.rs::new_backends_are_waited_for_until_they_are_healthy_and_others_are_kept_until_then",
        ),
    ),
    (
        "B8",
        "blind repetition",
        ShownBy("acceptance-tests/tests/acceptance/traps_binding.rs::a_refused_registration_is_told_at_once"),
    ),
    (
        "R1",
        "one queue for all load balancers",
        ShownBy("acceptance-tests/tests/acceptance/faults_converge.rs::a_stack_converges_whatever_goes_wrong"),
    ),
    (
        "R2",
        "a busy load balancer is an error",
        ShownBy("acceptance-tests/tests/acceptance/traps_retry.rs::a_busy_load_balancer_is_waited_for_by_every_write"),
    ),
    (
        "R3",
        "a rate limit is an error",
        ShownBy("acceptance-tests/tests/acceptance/traps_retry.rs::a_rate_limit_is_waited_for_and_a_quota_is_not"),
    ),
    (
        "R4",
        "in use looks like a hang",
        ShownBy(
            "acceptance-tests/tests/acceptance/security_group.rs::one_that_is_used_elsewhere_is_not_deleted_and_says_by_whom",
        ),
    ),
    (
        "R5",
        "an endpoint where nobody is",
        ShownBy(
            "acceptance-tests/tests/acceptance/provider_configuration.rs::a_simulator_that_is_not_running_is_named",
        ),
    ),
    (
        "R6",
        "answers that are none of the API",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_retry.rs::an_answer_that_is_none_of_the_api_is_told_with_its_status",
        ),
    ),
    ("R7", "busy waiting", ShownBy("cloud-api/tests/client.rs::a_task_is_asked_until_it_is_done")),
    (
        "R8",
        "no timeouts",
        ShownBy(
            "acceptance-tests/tests/acceptance/timeouts.rs::they_are_kept_as_written_and_a_change_of_them_is_made_in_place",
        ),
    ),
    (
        "R9",
        "fixed sleeps",
        ShownBy("acceptance-tests/tests/acceptance/traps_retry.rs::nothing_sleeps_where_tasks_are_done_at_once"),
    ),
    (
        "K1",
        "rotation deletes first",
        ShownBy("acceptance-tests/tests/acceptance/rotation.rs::a_replaced_certificate_costs_no_connection"),
    ),
    (
        "K2",
        "the old certificate stays attached",
        ShownBy("acceptance-tests/tests/acceptance/rotation.rs::a_replaced_certificate_costs_no_connection"),
    ),
    (
        "K3",
        "secrets that are not sensitive",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_secrets.rs::every_attribute_that_sounds_like_a_secret_is_sensitive_or_write_only",
        ),
    ),
    (
        "K4",
        "a key in the state",
        ShownBy("acceptance-tests/tests/acceptance/secrets.rs::a_private_key_is_in_no_state_no_plan_and_no_log"),
    ),
    (
        "K5",
        "secrets in logs",
        ShownBy("acceptance-tests/tests/acceptance/secrets.rs::a_private_key_is_in_no_state_no_plan_and_no_log"),
    ),
    (
        "K6",
        "the wrong kind of certificate",
        ShownBy(
            "acceptance-tests/tests/acceptance/plan_truth.rs::every_rule_is_refused_by_the_plan_at_its_attribute_or_has_a_reason",
        ),
    ),
    (
        "G1",
        "rules that name a group",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_drift.rs::a_rule_that_names_a_group_is_read_back_and_imported",
        ),
    ),
    (
        "G2",
        "rules deleted and made anew",
        ShownBy(
            "acceptance-tests/tests/acceptance/traps_drift.rs::one_rule_of_ten_is_changed_by_one_call_that_has_all_ten",
        ),
    ),
    (
        "G3",
        "versions of rules",
        NotHere(
            "All rules are set by one call, for which the platform compares no version (rule security-group-version-current); what another writer did is drift that the plan shows.",
        ),
    ),
    (
        "I1",
        "odd ids",
        ShownBy("acceptance-tests/tests/acceptance/identity.rs::everything_is_imported_by_its_identity_as_by_its_id"),
    ),
    (
        "I2",
        "an import that makes up a default",
        ShownBy("acceptance-tests/tests/acceptance/traps_drift.rs::an_imported_listener_has_the_scheduler_it_has"),
    ),
    (
        "I3",
        "a broken import",
        ShownBy("acceptance-tests/tests/acceptance/quic_listener.rs::an_imported_listener_needs_no_change"),
    ),
    (
        "I4",
        "no way across",
        ShownBy(
            "acceptance-tests/tests/acceptance/official_provider.rs::a_service_is_moved_here_without_a_change_and_nothing_is_written",
        ),
    ),
    (
        "E1",
        "hosts that ignore the endpoint",
        ShownBy("acceptance-tests/tests/acceptance/faults_converge.rs::a_stack_converges_whatever_goes_wrong"),
    ),
    (
        "E2",
        "one endpoint for all services",
        ShownBy(
            "acceptance-tests/tests/acceptance/provider_configuration.rs::each_service_can_have_an_endpoint_of_its_own",
        ),
    ),
];

#[test]
fn every_trap_has_a_test_that_exists_or_a_reason() {
    let mut wrong = Vec::new();
    for (number, about, fate) in &TRAPS {
        match fate {
            NotHere(reason) => assert!(reason.ends_with('.') && !about.is_empty(), "{number}"),
            ShownBy(test) => {
                let (file, function) = test.split_once("::").unwrap();
                let code = std::fs::read_to_string(project_root().join(file)).unwrap_or_default();
                if !code.contains(&format!("fn {function}(")) {
                    wrong.push(format!("{number} ({about}): there is no {test}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let numbers: BTreeSet<&str> = TRAPS.iter().map(|(number, _, _)| *number).collect();
    assert_eq!(numbers.len(), COUNT, "a number stands there twice");
}
