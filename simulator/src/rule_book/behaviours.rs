//! What the platform does without refusing anything: one row per behaviour, with the test that shows it.
//!
//! Ids, sentences and sources are those of the research notes on the platform; where the notes leave a choice to the
//! simulator, the sentence says what it does. Rules that refuse are not here.

use clb_model::rules::Status;

/// Something that the platform does, and the simulator with it.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// Its stable name.
    pub id: &'static str,
    /// How sure it is.
    pub status: Status,
    /// Where it was found: tags of the research notes on the platform, "ours" for our own.
    pub source: &'static str,
    /// What happens, in one sentence.
    pub sentence: &'static str,
    /// The test that shows it: a file of this project, `::`, the function.
    pub shown_by: &'static str,
}

const fn row(
    id: &'static str,
    status: Status,
    source: &'static str,
    sentence: &'static str,
    shown_by: &'static str,
) -> Behaviour {
    Behaviour { id, status, source, sentence, shown_by }
}

use Status::{Choice, Documented, OfficialClient, Seed};

/// Every behaviour.
pub const BEHAVIOURS: &[Behaviour] = &[
    row(
        "api-errors-use-http-200",
        Documented,
        "SDK; GO",
        "API errors are answered with HTTP status 200 and a Response.Error object.",
        "simulator/tests/cloud_api/signature.rs::errors_come_with_status_200_and_exactly_the_content_type_that_clients_look_for",
    ),
    row(
        "api-reply-content-type-exact",
        OfficialClient,
        "Python SDK common 3.1.195; MEAS",
        "Replies carry exactly Content-Type: application/json because the official Python SDK finds errors only \
         then.",
        "simulator/tests/cloud_api/signature.rs::errors_come_with_status_200_and_exactly_the_content_type_that_clients_look_for",
    ),
    row(
        "api-request-id-uuid",
        Documented,
        "SDK",
        "Every reply carries a RequestId in lowercase UUID form.",
        "simulator/tests/cloud_api/task.rs::request_ids_are_lower_case_uuids",
    ),
    row(
        "task-id-is-request-id",
        Documented,
        "SDK",
        "The RequestId of an asynchronous CLB action is the TaskId for DescribeTaskStatus.",
        "simulator/tests/cloud_api/listener.rs::the_task_of_a_listener_ends_only_when_its_port_is_open",
    ),
    row(
        "task-status-codes",
        Documented,
        "SDK",
        "A task has status 0 when it succeeded, 1 when it failed and 2 while it runs.",
        "simulator/tests/rules/behaviours.rs::a_task_is_2_while_it_runs_then_0_or_1",
    ),
    row(
        "task-of-create-lists-one-lb",
        OfficialClient,
        "TFP",
        "The finished task of CreateLoadBalancer lists exactly one load balancer id when one load balancer was \
         ordered.",
        "simulator/tests/rules/behaviours.rs::the_task_of_one_load_balancer_lists_one_id",
    ),
    row(
        "task-sync-writes-queryable",
        Choice,
        "ours; TFP polls two undocumented ones",
        "The RequestId of a synchronous CLB write can also be queried and reports success at once.",
        "simulator/tests/rules/behaviours.rs::every_write_can_be_asked_for_as_a_task",
    ),
    row(
        "task-refusals-are-synchronous",
        Choice,
        "inferred from the per-action lists in GO",
        "A write refused for a bad argument, a conflict or a busy load balancer fails in its own reply and creates no \
         task.",
        "simulator/tests/rules/behaviours.rs::a_refused_write_makes_no_task",
    ),
    row(
        "lb-task-lock-reads-not-blocked",
        Choice,
        "inference: TKE locks and retries writes only",
        "Reads are answered while a task of the load balancer runs.",
        "simulator/tests/rules/behaviours.rs::reads_are_answered_while_a_task_runs",
    ),
    row(
        "quota-report",
        OfficialClient,
        "TKE (quoted reply)",
        "DescribeQuota reports the account limits: 100 public and 200 internal load balancers, 50 listeners, 50 \
         rules, 200 bound targets, 10 SNAT IPs, 1 full-port-range listener and 15 single-carrier load balancers on a \
         real account; here these are the defaults, and they are kept.",
        "simulator/tests/cloud_api/load_balancer.rs::quotas_are_shown_with_what_is_used_and_kept",
    ),
    row(
        "lb-name-single-only",
        Documented,
        "SDK",
        "LoadBalancerName is used only when a single load balancer is created.",
        "simulator/tests/rules/behaviours.rs::a_name_is_for_one_load_balancer_only",
    ),
    row(
        "lb-name-clash-renamed",
        Documented,
        "SDK",
        "A name that is already used makes the server generate another name instead of failing.",
        "model/tests/rules/load_balancer.rs::a_name_that_is_taken_is_replaced_by_another",
    ),
    row(
        "lb-public-default-vpc",
        Documented,
        "SDK",
        "A public load balancer without VpcId goes to the default VPC.",
        "model/tests/rules/load_balancer.rs::a_public_load_balancer_without_a_vpc_goes_to_the_default_one",
    ),
    row(
        "lb-ip-version-read-spelling",
        Documented,
        "SDK",
        "A load balancer created with IPV6 reads back as ipv6 with IPv6Mode IPv6Nat64, one created with IPv6FullChain \
         as ipv6 with IPv6Mode IPv6FullChain, and IPv4 as ipv4 with IPv6Mode null.",
        "simulator/tests/cloud_api/load_balancer.rs::ip_versions_are_shown_in_other_words_than_they_are_asked_for",
    ),
    row(
        "lb-client-token-idempotent",
        Documented,
        "SDK",
        "Repeating CreateLoadBalancer with the same ClientToken creates no second load balancer.",
        "model/tests/rules/load_balancer.rs::a_repeated_client_token_creates_nothing_again",
    ),
    row(
        "lb-describe-unknown-id-empty",
        OfficialClient,
        "TKE; TFP",
        "DescribeLoadBalancers of an unknown id returns an empty set with TotalCount 0 and no error.",
        "simulator/tests/rules/behaviours.rs::unknown_ids_of_reads_are_empty_answers",
    ),
    row(
        "lb-describe-name-fuzzy",
        Documented,
        "SDK; TFP relies on it",
        "LoadBalancerName in DescribeLoadBalancers matches fuzzily and includes exact matches.",
        "simulator/tests/rules/behaviours.rs::a_part_of_a_name_finds_it",
    ),
    row(
        "lb-delete-force-scope",
        Documented,
        "SDK",
        "ForceDelete skips the check of the number of bound targets and no other check that is made here.",
        "simulator/tests/rules/behaviours.rs::force_skips_the_count_of_targets_and_nothing_else",
    ),
    row(
        "lb-delete-cascades",
        Documented,
        "SDK",
        "Deleting a load balancer deletes its listeners and unbinds their targets.",
        "simulator/tests/rules/behaviours.rs::a_deleted_load_balancer_takes_its_listeners_and_bindings_along",
    ),
    row(
        "nat64-hides-ipv6-client",
        Documented,
        "QD 7f309951",
        "On a NAT64 load balancer targets see an IPv4 address in place of the IPv6 client address; here in a private \
         network, where there are such clients.",
        "simulator/tests/exec/addresses.rs::a_nat64_load_balancer_is_reached_by_ipv6_and_its_backend_sees_ipv4",
    ),
    row(
        "quic-on-ipv4-and-nat64",
        Seed,
        "SEED, INTL 214/44832",
        "A QUIC listener is accepted on IPv4 and on IPv6 NAT64 load balancers.",
        "simulator/tests/cloud_api/seed_rules.rs::native_ipv6_is_refused_while_ipv4_and_nat64_pass",
    ),
    row(
        "quic-on-open-and-internal",
        Choice,
        "no source restricts it; SEED silent",
        "A QUIC listener is accepted on OPEN and on INTERNAL load balancers.",
        "model/tests/rules/listener.rs::quic_is_accepted_on_internal_load_balancers",
    ),
    row(
        "quic-is-l4-style",
        Seed,
        "SEED; INTL 214/44832",
        "A QUIC listener has no rules and binds targets directly.",
        "simulator/tests/rules/behaviours.rs::targets_are_bound_to_the_listener_itself",
    ),
    row(
        "quic-backend-protocol-is-tcp",
        Seed,
        "SEED",
        "The load balancer ends QUIC and talks TCP to the targets.",
        "simulator/tests/data_plane/streams.rs::streams_are_connections_of_their_own",
    ),
    row(
        "quic-real-client-ip",
        Seed,
        "SEED; INTL 214/70455",
        "Targets of a QUIC listener see the client IP as the TCP source address without configuration.",
        "simulator/tests/data_plane/listeners.rs::backends_see_the_clients_address_as_the_tcp_source",
    ),
    row(
        "quic-connection-migration",
        Seed,
        "SEED",
        "A QUIC connection survives a change of the client address.",
        "simulator/tests/data_plane/moving.rs::a_transfer_through_a_nat_that_rebinds_loses_nothing_and_stays_one_tcp_connection",
    ),
    row(
        "quic-migration-address-at-targets",
        Choice,
        "ours: not documented",
        "After a change of the client address targets see the new one for streams that begin later; connections to targets \
         that are open keep theirs.",
        "simulator/tests/data_plane/listeners.rs::a_client_that_moves_is_seen_at_its_new_address_once_that_is_validated",
    ),
    row(
        "quic-address-validated-before-shown",
        Choice,
        "ours: not documented; RFC 9000 section 9.3",
        "An address is shown to targets only once the client has answered from it, so nobody can put another one in its place \
         by copying its datagrams.",
        "simulator/tests/data_plane/spoofing.rs::a_stranger_who_passes_everything_on_under_its_address_for_long_is_shown_to_no_backend",
    ),
    row(
        "listener-port-shared-across-classes",
        Documented,
        "QD listener overview f12069a3; TKE; stricter wording in SEED",
        "A UDP-class and a TCP-class listener may use the same port number, so QUIC:443 beside TCP:443 is fine.",
        "model/tests/rules/protocol.rs::ports_are_shared_within_a_class_only",
    ),
    row(
        "listener-only-quic-forwards",
        Choice,
        "ours",
        "TCP, UDP and TCP_SSL listeners obey every rule and forward nothing; the health of their targets stays Unknown \
         while their check is on.",
        "simulator/tests/cloud_api/protocol.rs::targets_that_nothing_probes_are_unknown_until_the_check_is_off",
    ),
    row(
        "listener-port-4789-allowed",
        Choice,
        "reserved in a 2024 INTL text, gone in the 2025-11 text",
        "UDP port 4789 is not reserved.",
        "simulator/tests/rules/behaviours.rs::port_4789_is_not_reserved",
    ),
    row(
        "listener-ids-in-port-order",
        OfficialClient,
        "SDK; TKE relies on the order",
        "CreateListener returns one listener id per port in the order of Ports.",
        "simulator/tests/rules/behaviours.rs::listeners_of_one_call_are_in_the_order_of_their_ports",
    ),
    row(
        "listener-shared-settings",
        Documented,
        "SDK",
        "All listeners of one CreateListener call share every setting except port and name.",
        "simulator/tests/rules/behaviours.rs::listeners_of_one_call_are_in_the_order_of_their_ports",
    ),
    row(
        "listener-name-optional",
        Documented,
        "SDK",
        "A listener name may be left out.",
        "simulator/tests/rules/behaviours.rs::names_of_listeners_are_optional_and_not_unique",
    ),
    row(
        "listener-name-not-unique",
        OfficialClient,
        "TKE uses one name for all",
        "Several listeners of a load balancer may have the same name.",
        "simulator/tests/rules/behaviours.rs::names_of_listeners_are_optional_and_not_unique",
    ),
    row(
        "listener-names-by-position",
        Documented,
        "SDK",
        "ListenerNames match Ports by position.",
        "model/tests/rules/listener.rs::names_go_by_position_and_obey_their_rules",
    ),
    row(
        "scheduler-default-wrr",
        Documented,
        "SDK",
        "The scheduler is WRR when none is given.",
        "simulator/tests/rules/behaviours.rs::what_is_left_out_takes_its_default",
    ),
    row(
        "max-conn-and-cps-minus-one-means-none",
        Documented,
        "SDK",
        "MaxConn and MaxCps of -1 mean no limit and are accepted on every load balancer.",
        "model/tests/rules/listener.rs::connection_limits_need_an_lcu_load_balancer",
    ),
    row(
        "proxy-protocol-on-quic",
        Documented,
        "SDK; INTL 214/70455 also names TCP and UDP",
        "ProxyProtocol is a boolean for TCP_SSL and QUIC listeners and reads back as the flag ProxyProtocol in \
         AttrFlags.",
        "simulator/tests/rules/behaviours.rs::the_proxy_protocol_is_a_flag_of_the_listener",
    ),
    row(
        "proxy-protocol-version-2",
        Documented,
        "INTL 214/70455",
        "The PROXY protocol header sent to targets is version 2.",
        "simulator/tests/data_plane/listeners.rs::with_the_proxy_protocol_backends_get_the_header_first",
    ),
    row(
        "proxy-protocol-shows-ipv6-client",
        Choice,
        "inference: TOA is for TCP listeners only (QD 7f309951)",
        "Where targets see an IPv4 address in place of the client's IPv6 address the PROXY protocol header has the IPv6 one.",
        "simulator/tests/data_plane/listeners.rs::with_the_proxy_protocol_a_backend_of_ipv4_is_told_of_a_client_of_ipv6",
    ),
    row(
        "quic-toa-is-false",
        Documented,
        "SDK",
        "Toa in a listener reply is for NAT64 TCP listeners and false on QUIC.",
        "simulator/tests/rules/behaviours.rs::what_is_left_out_takes_its_default",
    ),
    row(
        "listener-neutral-values-ignored",
        Choice,
        "ours: TFP can send them",
        "Neutral values of arguments that do not apply (TargetType NODE, KeepaliveEnable 0, SniSwitch 0, EndPort \
         0, SessionExpireTime 0, IdleConnectTimeout 0, false booleans) are accepted.",
        "simulator/tests/rules/behaviours.rs::neutral_values_are_accepted",
    ),
    row(
        "health-check-http-fields-need-http",
        Choice,
        "rule: SDK; ignore-or-refuse not established",
        "HttpCode, HttpCheckPath, HttpCheckDomain, HttpCheckMethod and HttpVersion count only with CheckType HTTP \
         and are otherwise ignored.",
        "simulator/tests/rules/behaviours.rs::arguments_of_an_http_check_are_ignored_by_a_tcp_check",
    ),
    row(
        "health-check-partial-object",
        OfficialClient,
        "TKE sends only HealthSwitch and SourceIpType; SDK defaults",
        "A HealthCheck object with only some fields is accepted and the rest take defaults.",
        "simulator/tests/rules/behaviours.rs::a_health_check_of_some_fields_takes_defaults_for_the_rest",
    ),
    row(
        "health-check-modify-merges",
        Choice,
        "not established",
        "A HealthCheck object given to ModifyListener is merged field by field.",
        "model/src/health/draft.rs::a_change_is_merged_field_by_field",
    ),
    row(
        "health-check-read-null-unless-http",
        Choice,
        "SDK sample of a TCP listener; TFP breaks on other answers",
        "DescribeListeners returns null for the HTTP and CUSTOM fields and CheckPort of a QUIC listener unless the \
         check type is HTTP.",
        "cloud-api/src/clb/listener.rs::a_reply_shows_what_a_check_does_not_use_as_null_and_a_request_leaves_it_out",
    ),
    row(
        "listener-modify-omitted-keeps",
        Documented,
        "SDK",
        "An argument left out of ModifyListener keeps its value.",
        "model/tests/rules/listener.rs::a_change_keeps_what_it_does_not_name",
    ),
    row(
        "listener-describe-unknown-id-empty",
        OfficialClient,
        "TFP; TKE",
        "DescribeListeners of an unknown listener id returns an empty list and no error.",
        "simulator/tests/rules/behaviours.rs::unknown_ids_of_reads_are_empty_answers",
    ),
    row(
        "listener-describe-no-paging",
        Documented,
        "SDK",
        "DescribeListeners has no paging; TotalCount is the number after filtering.",
        "simulator/tests/cloud_api/listener.rs::lists_are_filtered_and_bounded",
    ),
    row(
        "listener-delete-without-ids-deletes-all",
        Documented,
        "SDK",
        "DeleteLoadBalancerListeners without ids deletes every listener of the load balancer.",
        "model/tests/rules/running.rs::without_ids_every_listener_of_the_load_balancer_is_deleted",
    ),
    row(
        "listener-stopped-flag",
        Documented,
        "SDK",
        "A stopped listener has Stop in AttrFlags and its targets report health Close.",
        "simulator/tests/cloud_api/protocol.rs::a_stopped_listener_gives_its_port_back_and_says_so",
    ),
    row(
        "listener-stop-cuts-connections",
        Choice,
        "ours, no source",
        "Stopping a listener closes its port and the connections through it, as deleting it does; starting it opens the \
         port again.",
        "simulator/tests/cloud_api/protocol.rs::stopping_a_listener_ends_the_connections_through_it",
    ),
    row(
        "cert-replace-everywhere",
        Documented,
        "SDK",
        "ReplaceCertForLoadBalancers swaps a server or CA certificate on every listener of the account.",
        "simulator/tests/cloud_api/protocol.rs::a_certificate_is_replaced_on_every_listener_when_it_answers",
    ),
    row(
        "listener-delete-unbinds-targets",
        OfficialClient,
        "TFP; TKE",
        "Deleting a listener unbinds its targets, so no prior deregistration is needed.",
        "simulator/tests/rules/behaviours.rs::a_deleted_listener_takes_its_bindings_along",
    ),
    row(
        "target-weight-zero-drains",
        Documented,
        "SDK; QD health check overview 34d11f97",
        "A target of weight 0 gets no new connections, keeps its existing ones and is still health-checked.",
        "simulator/tests/rules/behaviours.rs::weight_zero_keeps_the_binding_and_its_health",
    ),
    row(
        "target-weight-own-wins",
        Documented,
        "SDK",
        "Targets[].Weight wins over the Weight of the ModifyTargetWeight request.",
        "model/tests/rules/binding.rs::a_targets_own_weight_wins_and_what_is_not_bound_is_refused",
    ),
    row(
        "target-type-ignored-on-input",
        Documented,
        "SDK; upper case: TFP compares with ENI",
        "Target.Type is ignored in requests; replies say CVM for InstanceId and ENI for EniIp.",
        "simulator/tests/rules/behaviours.rs::the_type_of_a_target_is_ignored_and_told",
    ),
    row(
        "target-instance-means-primary-ip",
        Documented,
        "SDK",
        "InstanceId stands for the primary IPv4 address of the main network interface.",
        "simulator/tests/rules/behaviours.rs::an_instance_stands_for_its_primary_address",
    ),
    row(
        "target-eni-must-be-attached",
        Choice,
        "rule: SDK; enforcement ours",
        "EniIp may be any address; that it belongs to a network interface attached to a CVM is not checked.",
        "simulator/tests/rules/behaviours.rs::any_address_of_the_vpc_can_be_bound",
    ),
    row(
        "target-many-ports-per-instance",
        Documented,
        "follows from the four-tuple rule, QD f12069a3",
        "One instance may be bound several times to a listener with different ports.",
        "simulator/tests/rules/behaviours.rs::an_instance_is_bound_several_times_with_different_ports",
    ),
    row(
        "target-four-tuple-unique-batch",
        Choice,
        "rule: QD f12069a3; reply form ours",
        "A batch entry that breaks the four-tuple rule fails its listener through FailListenerIdSet.",
        "model/tests/rules/binding.rs::a_batch_fails_listener_by_listener",
    ),
    row(
        "target-four-tuple-other-protocol",
        Documented,
        "QD f12069a3",
        "Listeners of different protocols may share a backend ip:port.",
        "model/tests/rules/protocol.rs::a_backend_is_bound_once_per_protocol",
    ),
    row(
        "target-reregister-is-idempotent",
        Choice,
        "not established; TFP needs it to repeat a half-done registration",
        "Registering a target that is already bound to the listener succeeds and sets its weight.",
        "model/tests/rules/binding.rs::binding_again_is_no_error_and_sets_the_weight",
    ),
    row(
        "target-register-all-or-nothing",
        Choice,
        "as far as TFP and TKE show: the task fails",
        "RegisterTargets binds all targets of the call or none.",
        "simulator/tests/rules/behaviours.rs::of_one_call_all_targets_are_bound_or_none",
    ),
    row(
        "target-batch-partial",
        Documented,
        "SDK",
        "BatchRegisterTargets and BatchDeregisterTargets may succeed for some listeners; the others are in \
         FailListenerIdSet.",
        "simulator/tests/cloud_api/target.rs::a_batch_is_done_when_it_answers_and_says_which_listeners_failed",
    ),
    row(
        "target-batch-ip-not-found",
        Documented,
        "SDK sample (two spaces)",
        "A backend address that is not known fails its listener with HTTP 200, FailListenerIdSet and a Message.",
        "simulator/tests/cloud_api/target.rs::a_batch_is_done_when_it_answers_and_says_which_listeners_failed",
    ),
    row(
        "target-batch-listener-not-found",
        Documented,
        "SDK sample",
        "An unknown listener in a batch fails through FailListenerIdSet and a Message.",
        "simulator/tests/cloud_api/target.rs::a_batch_is_done_when_it_answers_and_says_which_listeners_failed",
    ),
    row(
        "target-batch-is-synchronous",
        OfficialClient,
        "TKE",
        "BatchRegisterTargets and BatchDeregisterTargets are done when they return and accept QUIC listeners.",
        "simulator/tests/cloud_api/target.rs::a_batch_is_done_when_it_answers_and_says_which_listeners_failed",
    ),
    row(
        "target-identity",
        Documented,
        "SDK",
        "A target is identified by listener, InstanceId or EniIp, and port; only ModifyTargetPort changes the port \
         in place.",
        "model/tests/rules/binding.rs::a_port_is_changed_to_a_free_one_only",
    ),
    row(
        "target-health-l4-single-rule",
        Documented,
        "SDK example",
        "DescribeTargetHealth gives an L4 listener exactly one rule with a non-empty LocationId and null Domain \
         and Url.",
        "simulator/tests/rules/behaviours.rs::health_is_told_for_one_rule_without_a_domain",
    ),
    row(
        "target-health-typo-twin",
        Documented,
        "SDK",
        "Target health is emitted as HealthStatusDetail and as the misspelt HealthStatusDetial.",
        "simulator/tests/rules/behaviours.rs::health_is_told_for_one_rule_without_a_domain",
    ),
    row(
        "target-health-states",
        Documented,
        "SDK; QD 34d11f97",
        "HealthStatusDetail is Alive, Dead, Unknown (not started or in progress) or Close (check off or listener \
         stopped).",
        "simulator/tests/cloud_api/target.rs::health_follows_the_probes",
    ),
    row(
        "wrr-by-new-connections",
        Seed,
        "SEED",
        "WRR spreads new connections in proportion to weight.",
        "model/src/balancer/weighted_round_robin.rs::every_whole_cycle_is_exact_and_agrees_with_the_reference",
    ),
    row(
        "least-conn-by-weighted-connections",
        Documented,
        "SEED; QD 16241859, b88154ca",
        "LEAST_CONN picks the target with the smallest ratio of current connections to weight, ties by WRR, never \
         weight 0.",
        "model/src/balancer/least_connections.rs::the_smallest_quotient_wins",
    ),
    row(
        "health-all-dead-all-alive",
        Documented,
        "QD 34d11f97",
        "When every target of an L4 listener is unhealthy traffic goes to all of them.",
        "model/tests/rules/binding.rs::only_healthy_backends_are_eligible_unless_all_are_dead",
    ),
    row(
        "health-detecting-gets-no-traffic",
        Documented,
        "QD 34d11f97; INTL 214/6097",
        "A target that was just bound gets no traffic until it has passed its first checks (interval times healthy \
         threshold).",
        "model/tests/rules/binding.rs::only_healthy_backends_are_eligible_unless_all_are_dead",
    ),
    row(
        "health-off-means-traffic-to-all",
        Documented,
        "QD 34d11f97",
        "With health checks off every target gets traffic.",
        "model/src/health.rs::all_dead_means_all_alive_and_a_check_that_is_off_lets_all_through",
    ),
    row(
        "health-switch-time-l4",
        Documented,
        "QD 34d11f97",
        "A target changes its state when a threshold of probes in a row has failed or passed: interval times \
         (threshold minus 1) after the first of them.",
        "model/src/health.rs::a_verdict_changes_after_a_threshold_of_equal_results_in_a_row",
    ),
    row(
        "health-check-tcp-probe",
        Documented,
        "QD 34d11f97; INTL 214/6097",
        "A TCP probe sends SYN, expects SYN and ACK inside the timeout, then resets.",
        "simulator/tests/data_plane/probes.rs::tcp_probes_say_who_answers_and_who_does_not",
    ),
    row(
        "health-check-http-probe",
        Documented,
        "QD 34d11f97; INTL 214/6097",
        "An HTTP probe passes when the class of the reply status is among the HttpCode bits.",
        "simulator/tests/data_plane/probes.rs::http_probes_look_at_the_status_class",
    ),
    row(
        "health-check-passive-on-quic",
        Choice,
        "INTL names passive checks for TCP SSL and L7 only; not established for QUIC",
        "A backend of a QUIC listener that refuses a connection is not marked as unhealthy; another backend takes \
         the stream.",
        "simulator/tests/data_plane/scheduling.rs::a_backend_that_refuses_is_replaced_by_another_one",
    ),
    row(
        "health-check-passive-switch",
        Choice,
        "INTL 214/6097 for TCP SSL: 3 failures in a row block a backend for 10 s; not established for QUIC",
        "With serve --passive-health-check a backend that has refused three connections in a row gets none for ten \
         seconds; if all are blocked, all are tried.",
        "simulator/tests/data_plane/passive_check.rs::a_backend_that_refuses_three_times_is_left_out_for_ten_seconds",
    ),
    row(
        "quic-max-conn-cps-refusal",
        Choice,
        "not documented",
        "A connection beyond MaxConn, or beyond MaxCps in any one second, is refused with CONNECTION_REFUSED.",
        "simulator/tests/data_plane/limits.rs::max_cps_lets_exactly_so_many_in_within_one_second",
    ),
    row(
        "quic-idle-timeout",
        Choice,
        "not documented for QUIC",
        "A QUIC connection whose client says nothing for 30 seconds ends, and its backend connections are reset.",
        "simulator/tests/data_plane/limits.rs::a_client_that_says_nothing_for_thirty_seconds_is_gone_and_its_backend_is_told",
    ),
    row(
        "quic-listener-delete-closes",
        Choice,
        "not documented",
        "A QUIC listener that is deleted or stopped closes its connections at once.",
        "simulator/tests/data_plane/listeners.rs::a_deleted_listener_closes_its_port_and_its_connections",
    ),
    row(
        "target-unbind-existing-connections",
        Choice,
        "INTL; not stated for TCP SSL and QUIC",
        "A backend that is unbound from a QUIC listener gets no new streams; streams that are open go on.",
        "simulator/tests/data_plane/scheduling.rs::an_open_stream_goes_on_when_its_backend_gets_weight_0_or_fails_its_checks_or_is_unbound",
    ),
    row(
        "lb-sg-set-replaces-all",
        Documented,
        "SDK",
        "SetLoadBalancerSecurityGroups replaces the whole set; an absent or empty list unbinds all.",
        "model/tests/rules/security_group.rs::the_whole_set_is_replaced",
    ),
    row(
        "lb-sg-on-internal-allowed",
        Documented,
        "QD 78ae521d (since 2020-05); the API pages still say public",
        "Security groups may be bound to INTERNAL load balancers too.",
        "simulator/tests/rules/behaviours.rs::security_groups_are_bound_to_internal_load_balancers_too",
    ),
    row(
        "lb-pass-to-target-default",
        Documented,
        "QD 78ae521d",
        "LoadBalancerPassToTarget is off by default on IPv4 and NAT64 and always on for IPv6.",
        "model/tests/rules/load_balancer.rs::native_ipv6_passes_clients_to_backends_always",
    ),
    row(
        "certificate-upload-repeat",
        Documented,
        "SDK",
        "With Repeatable false an upload of a known fingerprint returns the existing id in RepeatCertId, and above \
         5000 copies it always does.",
        "model/tests/rules/certificate.rs::a_copy_is_a_new_certificate_unless_copies_are_not_wanted",
    ),
    row(
        "certificate-delete-unchecked-by-default",
        Documented,
        "SDK",
        "DeleteCertificate without IsCheckResource does not look for bindings.",
        "simulator/tests/cloud_api/certificate.rs::a_certificate_in_use_is_kept_only_when_that_is_asked_for",
    ),
    row(
        "cvm-unknown-id-empty",
        Choice,
        "not established; the list has no NotFound for instances",
        "DescribeInstances of an unknown id returns an empty set.",
        "simulator/tests/rules/behaviours.rs::unknown_ids_of_reads_are_empty_answers",
    ),
    row(
        "snat-enable-hides-client-ip",
        Documented,
        "SDK",
        "SnatEnable (default false) replaces the client source address and excludes client IP passthrough.",
        "simulator/tests/data_plane/listeners.rs::with_snat_backends_see_the_load_balancers_address",
    ),
    row(
        "lb-sg-none-allows-all",
        Documented,
        "QD 78ae521d; INTL 214/14733",
        "A load balancer without security groups allows all traffic to its listener ports.",
        "model/tests/rules/security_group_policy.rs::without_groups_everything_passes_and_a_new_group_stops_everything",
    ),
    row(
        "lb-sg-matches-listener-port",
        Documented,
        "QD 78ae521d; INTL 214/14733",
        "A group of the load balancer is matched against client IP and listener port, a backend group against client IP and \
         service port.",
        "simulator/tests/data_plane/firewall.rs::a_rule_names_udp_and_the_port_of_the_listener_and_the_first_one_that_matches_decides",
    ),
    row(
        "lb-sg-quic-matches-udp",
        Choice,
        "inference: a QUIC listener receives UDP, and reaches backends by TCP",
        "A rule for protocol UDP (or ALL) on the listener port is what admits QUIC traffic; on the service port of a backend \
         one for TCP (or ALL).",
        "simulator/tests/data_plane/firewall.rs::a_rule_names_udp_and_the_port_of_the_listener_and_the_first_one_that_matches_decides",
    ),
    row(
        "lb-sg-change-at-once",
        Choice,
        "ours: that open connections are concerned is not established",
        "A change of groups or rules holds from the next datagram on, also for connections that are open; a client that is no \
         longer admitted is not heard any more.",
        "simulator/tests/data_plane/firewall.rs::a_rule_holds_for_connections_that_are_open_and_what_was_dropped_comes_again",
    ),
    row(
        "lb-sg-migration",
        Choice,
        "ours, no source",
        "A client that moves to an address that is not admitted stays on its old path; nothing that it sends from the new one \
         arrives.",
        "simulator/tests/data_plane/firewall.rs::a_client_cannot_move_to_an_address_that_is_not_let_in",
    ),
    row(
        "lb-pass-to-target-on",
        Documented,
        "QD 78ae521d; INTL 214/14733",
        "With LoadBalancerPassToTarget on only the groups of the load balancer count.",
        "model/tests/rules/security_group_policy.rs::without_passing_to_targets_the_groups_of_instances_count_too",
    ),
    row(
        "lb-pass-to-target-off",
        Documented,
        "QD 78ae521d; INTL 214/14733",
        "With LoadBalancerPassToTarget off both the groups of the load balancer and of the backend count, and the backend \
         group must admit the probe source.",
        "simulator/tests/data_plane/firewall.rs::probes_fail_at_a_backend_that_does_not_let_the_load_balancer_in",
    ),
    row(
        "lb-sg-backend-denies",
        Choice,
        "ours: what becomes of such a connection is not established",
        "A backend whose groups do not admit a client is one that does not answer it: after the time of a dial another \
         backend is tried.",
        "simulator/tests/data_plane/firewall.rs::a_backend_that_does_not_let_the_client_in_is_one_that_does_not_answer",
    ),
    row(
        "lb-sg-backend-without-instance",
        Choice,
        "ours: network interfaces of their own are not simulated",
        "A backend address behind which there is no known instance, or one without groups, admits everyone.",
        "model/tests/rules/security_group_policy.rs::without_passing_to_targets_the_groups_of_instances_count_too",
    ),
    row(
        "security-group-new-denies-all",
        Documented,
        "QD 78ae521d",
        "A new security group denies everything in both directions.",
        "model/tests/rules/security_group_policy.rs::without_groups_everything_passes_and_a_new_group_stops_everything",
    ),
    row(
        "security-group-first-match-wins",
        Documented,
        "QD 78ae521d; SDK",
        "Rules are checked from index 0 and the first match decides.",
        "model/tests/rules/security_group_policy.rs::the_first_rule_that_matches_decides",
    ),
    row(
        "security-group-version-zero-clears",
        Documented,
        "SDK; TFP",
        "ModifySecurityGroupPolicies with Version 0 clears all rules.",
        "model/tests/rules/security_group_policy.rs::a_reset_replaces_what_it_gives_and_version_zero_removes_all",
    ),
];
