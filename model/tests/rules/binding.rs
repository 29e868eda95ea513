//! Rules of bindings: of one listener, and in batches.

use clb_model::binding::batch::{BatchFailure, BatchTarget, FailureReason, TagRule, WeightRule};
use clb_model::binding::{TargetDraft, TargetsDraft};
use clb_model::forwarding::{BackendAddress, Observation};
use clb_model::health::HealthCheckDraft;
use clb_model::listener::{ListenerChange, ListenerDraft};
use clb_model::quota::Quota;
use clb_model::rules::Rule;

use crate::bench::{BASIC, BLUE, Bench, FAR, GREEN, REGION, address, instance, targets};

fn refused(bench: &mut Bench, draft: &TargetsDraft) -> Rule {
    bench.refused(|world, occasion| world.create_bindings(REGION, draft, occasion))
}

fn bind(bench: &mut Bench, draft: &TargetsDraft) {
    bench.ask(|world, occasion| world.create_bindings(REGION, draft, occasion)).expect("valid");
}

fn weighted(weight: i64, target: TargetDraft) -> TargetDraft {
    TargetDraft { weight: Some(weight), ..target }
}

/// Two listeners of one load balancer, blue bound to the first.
fn two_listeners(bench: &mut Bench) -> (String, String, String) {
    let draft = bench.with_listener_draft();
    let ids = bench.create_listeners(&ListenerDraft { ports: vec![443, 444], ..draft.clone() });
    bind(bench, &targets(&draft.load_balancer_id, &ids[0], vec![instance(BLUE, 80)]));
    (draft.load_balancer_id, ids[0].clone(), ids[1].clone())
}

#[test]
fn weights_are_0_to_100_and_10_when_absent() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    let with = |weight| targets(&lb, &listener, vec![weighted(weight, instance(BLUE, 80))]);
    for wrong in [-1, 101, 300, i64::MAX] {
        assert_eq!(refused(&mut bench, &with(wrong)), Rule::TargetWeightRange);
    }
    for right in [0, 100] {
        bind(&mut bench, &with(right));
        assert_eq!(bench.bound(&listener), [("10.0.1.5:80".to_owned(), u8::try_from(right).expect("small"))]);
    }
    bind(&mut bench, &targets(&lb, &listener, vec![instance(GREEN, 80)]));
    assert_eq!(bench.bound(&listener)[1], ("10.0.1.6:80".to_owned(), 10));
}

#[test]
fn backend_ports_are_1_to_65535() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    for wrong in [0, -1, 65536] {
        assert_eq!(refused(&mut bench, &targets(&lb, &listener, vec![instance(BLUE, wrong)])), Rule::TargetPortRange);
    }
    bind(&mut bench, &targets(&lb, &listener, vec![instance(BLUE, 1), instance(BLUE, 65535)]));
    assert_eq!(bench.bound(&listener).len(), 2, "one instance may be bound at several ports");
}

#[test]
fn a_target_is_an_instance_or_an_address() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    let both = TargetDraft { eni_ip: Some("10.0.1.9".into()), ..instance(BLUE, 80) };
    let none = TargetDraft { port: 80, ..TargetDraft::default() };
    for wrong in [both, none] {
        assert_eq!(refused(&mut bench, &targets(&lb, &listener, vec![wrong])), Rule::TargetInstanceOrEniExactlyOne);
    }
    let wrong = targets(&lb, &listener, vec![address("10.0.1", 80)]);
    assert_eq!(refused(&mut bench, &wrong), Rule::TargetEniIpFormat);
    bind(&mut bench, &targets(&lb, &listener, vec![address("10.0.1.9", 80), instance(BLUE, 80)]));
    let hosts: Vec<String> = bench.bound(&listener).into_iter().map(|(host, _)| host).collect();
    assert_eq!(hosts, ["10.0.1.9:80", "10.0.1.5:80"]);
}

#[test]
fn instances_exist_and_are_in_the_same_vpc() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    let with = |id: &str| targets(&lb, &listener, vec![instance(id, 80)]);
    assert_eq!(refused(&mut bench, &with("ins-99999999")), Rule::TargetInstanceMustExist);
    assert_eq!(refused(&mut bench, &with(FAR)), Rule::TargetSameVpc);
    bind(&mut bench, &with(BLUE));
}

#[test]
fn a_target_is_named_once_in_a_request() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    let twice = targets(&lb, &listener, vec![instance(BLUE, 80), instance(BLUE, 80)]);
    assert_eq!(refused(&mut bench, &twice), Rule::TargetRepeatedInRequest);
    let rule = bench.refused(|world, occasion| world.delete_bindings(REGION, &twice, occasion));
    assert_eq!(rule, Rule::TargetRepeatedInRequest);
    let rule = bench.refused(|world, occasion| world.modify_binding_weights(REGION, &twice, None, occasion));
    assert_eq!(rule, Rule::TargetRepeatedInRequest);
    let rule = bench.refused(|world, occasion| world.modify_binding_ports(REGION, &twice, 81, occasion));
    assert_eq!(rule, Rule::TargetRepeatedInRequest);
}

#[test]
fn binding_again_is_no_error_and_sets_the_weight() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    bind(&mut bench, &targets(&lb, &listener, vec![weighted(70, instance(BLUE, 80))]));
    assert_eq!(bench.bound(&listener)[0], ("10.0.1.5:80".to_owned(), 70));
    assert_eq!(bench.bound(&listener).len(), 2);
}

#[test]
fn an_address_is_bound_once_among_the_listeners_of_a_load_balancer() {
    let mut bench = Bench::new();
    let (lb, first, second) = two_listeners(&mut bench);
    assert_eq!(refused(&mut bench, &targets(&lb, &second, vec![instance(BLUE, 80)])), Rule::TargetFourTupleUnique);
    for by_address in ["10.0.1.5", "::ffff:10.0.1.5"] {
        for listener in [&first, &second] {
            let draft = targets(&lb, listener, vec![address(by_address, 80)]);
            assert_eq!(refused(&mut bench, &draft), Rule::TargetFourTupleUnique, "whichever way it is named");
        }
    }
    bind(&mut bench, &targets(&lb, &second, vec![instance(BLUE, 81)]));
    let (other, listener) = bench.with_listener();
    bind(&mut bench, &targets(&other, &listener, vec![instance(BLUE, 80)]));
}

#[test]
fn a_call_names_1_to_20_targets() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    let many = |count| targets(&lb, &listener, (1..=count).map(|port| instance(BLUE, port)).collect());
    assert_eq!(refused(&mut bench, &many(21)), Rule::TargetRegisterMax20);
    assert_eq!(refused(&mut bench, &many(0)), Rule::TargetListNotEmpty);
    bind(&mut bench, &many(20));
    let rule = bench.refused(|world, occasion| world.delete_bindings(REGION, &many(21), occasion));
    assert_eq!(rule, Rule::TargetRegisterMax20);
}

#[test]
fn a_listener_holds_as_many_targets_as_the_quota_says() {
    let mut bench = Bench::new();
    bench.world.quotas.set(Quota::Targets, 100);
    let (lb, listener) = bench.with_listener();
    for batch in 0..5 {
        let draft = targets(&lb, &listener, (1..=20).map(|port| instance(BLUE, batch * 20 + port)).collect());
        bind(&mut bench, &draft);
    }
    let over = targets(&lb, &listener, vec![instance(GREEN, 80)]);
    assert_eq!(refused(&mut bench, &over), Rule::TargetQuotaPerListener);
}

#[test]
fn load_balancer_and_listener_must_exist_and_there_is_no_location() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_listener();
    let to = |lb: &str, listener: &str| targets(lb, listener, vec![instance(BLUE, 80)]);
    assert_eq!(refused(&mut bench, &to("lb-99999999", &listener)), Rule::LbNotFoundUnlisted);
    assert_eq!(refused(&mut bench, &to("lb", &listener)), Rule::LbIdFormat);
    assert_eq!(refused(&mut bench, &to(&lb, "lbl-99999999")), Rule::ListenerNotFound);
    let located = TargetsDraft { location: Some("loc-12345678".into()), ..to(&lb, &listener) };
    assert_eq!(refused(&mut bench, &located), Rule::TargetNoLocationOnL4);
}

#[test]
fn a_targets_own_weight_wins_and_what_is_not_bound_is_refused() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    let draft = targets(&lb, &listener, vec![weighted(0, instance(BLUE, 80)), instance(GREEN, 80)]);
    bench.ask(|world, occasion| world.modify_binding_weights(REGION, &draft, Some(30), occasion)).expect("valid");
    assert_eq!(bench.bound(&listener), [("10.0.1.5:80".to_owned(), 0), ("10.0.1.6:80".to_owned(), 30)]);
    let unbound = targets(&lb, &listener, vec![instance(BLUE, 80), instance(BLUE, 81)]);
    let rule = bench.refused(|world, occasion| world.modify_binding_weights(REGION, &unbound, Some(1), occasion));
    assert_eq!(rule, Rule::TargetNotBound);
    let rule = bench.refused(|world, occasion| world.modify_binding_weights(REGION, &draft, Some(101), occasion));
    assert_eq!(rule, Rule::TargetWeightRange);
}

#[test]
fn a_port_is_changed_to_a_free_one_only() {
    let mut bench = Bench::new();
    let (lb, first, second) = two_listeners(&mut bench);
    bind(&mut bench, &targets(&lb, &first, vec![instance(BLUE, 81)]));
    bind(&mut bench, &targets(&lb, &second, vec![instance(BLUE, 82)]));
    let draft = targets(&lb, &first, vec![instance(BLUE, 80)]);
    let mut to = |port| {
        bench.ask(|world, occasion| world.modify_binding_ports(REGION, &draft, port, occasion)).map_err(|no| no.rule)
    };
    assert_eq!(to(81), Err(Rule::TargetNewPortTaken));
    assert_eq!(to(82), Err(Rule::TargetFourTupleUnique));
    assert_eq!(to(0), Err(Rule::TargetPortRange));
    assert_eq!(to(83), Ok(()));
    assert_eq!(to(84), Err(Rule::TargetNotBound), "it is at another port now");
    let hosts: Vec<String> = bench.bound(&first).into_iter().map(|(host, _)| host).collect();
    assert_eq!(hosts, ["10.0.1.5:83", "10.0.1.5:81"]);
}

#[test]
fn what_is_not_bound_is_not_unbound() {
    let mut bench = Bench::new();
    let (lb, listener) = bench.with_bindings();
    let unbind = |targets_| targets(&lb, &listener, targets_);
    let partly = unbind(vec![instance(BLUE, 80), instance(BLUE, 81)]);
    let rule = bench.refused(|world, occasion| world.delete_bindings(REGION, &partly, occasion));
    assert_eq!(rule, Rule::TargetNotBound);
    let draft = unbind(vec![instance(BLUE, 80)]);
    bench.ask(|world, occasion| world.delete_bindings(REGION, &draft, occasion)).expect("bound");
    assert_eq!(bench.bound(&listener), [("10.0.1.6:80".to_owned(), 10)]);
}

#[test]
fn only_healthy_backends_are_eligible_unless_all_are_dead() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let settings = ListenerChange {
        health_check: HealthCheckDraft {
            healthy_threshold: Some(2),
            unhealthy_threshold: Some(2),
            ..HealthCheckDraft::default()
        },
        ..draft.settings.clone()
    };
    let listener = bench.create_listeners(&ListenerDraft { settings, ..draft.clone() })[0].clone();
    bind(&mut bench, &targets(&draft.load_balancer_id, &listener, vec![instance(BLUE, 80), instance(GREEN, 80)]));
    let probe = |bench: &mut Bench, host: u8, passed: bool| {
        let address = BackendAddress { ip: [10, 0, 1, host].into(), port: 80 };
        let (load_balancer_id, listener_id) = (draft.load_balancer_id.as_str().into(), listener.as_str().into());
        let probed = Observation::Probed { load_balancer_id, listener_id, address, passed };
        (0..2).fold(false, |changed, _| bench.observe(&probed) | changed)
    };
    let eligible = |bench: &Bench| -> Vec<bool> {
        bench.forwarding(&listener).expect("it forwards").backends.iter().map(|backend| backend.eligible).collect()
    };
    assert_eq!(eligible(&bench), [false, false], "nothing is known yet");
    assert!(probe(&mut bench, 5, true), "a verdict changed");
    assert_eq!(eligible(&bench), [true, false]);
    assert!(!probe(&mut bench, 5, true), "no verdict changed");
    probe(&mut bench, 6, false);
    assert_eq!(eligible(&bench), [true, false]);
    probe(&mut bench, 5, false);
    assert_eq!(eligible(&bench), [true, true], "all dead means all alive");
    probe(&mut bench, 6, true);
    assert_eq!(eligible(&bench), [false, true]);
    assert!(!probe(&mut bench, 7, true), "it is not bound");
}

fn entry(listener: &str, target: TargetDraft) -> BatchTarget {
    BatchTarget { listener_id: listener.into(), location: None, target }
}

fn batch(bench: &mut Bench, lb: &str, entries: &[BatchTarget]) -> Result<Vec<BatchFailure>, Rule> {
    bench
        .ask(|world, occasion| world.create_bindings_in_batch(REGION, lb, entries, occasion))
        .map_err(|refusal| refusal.rule)
}

#[test]
fn a_batch_fails_listener_by_listener() {
    let mut bench = Bench::new();
    let (lb, first, second) = two_listeners(&mut bench);
    let failures = batch(
        &mut bench,
        &lb,
        &[
            entry(&first, instance(GREEN, 80)),
            entry("lbl-99999999", instance(GREEN, 81)),
            entry(&second, instance(GREEN, 82)),
            entry(&second, instance("ins-99999999", 80)),
        ],
    );
    let failures = failures.expect("a listener exists");
    let texts: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["Listener lbl-99999999 not exists.", "IP  ins-99999999 not found."]);
    assert_eq!((bench.bound(&first).len(), bench.bound(&second).len()), (2, 0));
    let clash = batch(&mut bench, &lb, &[entry(&second, instance(BLUE, 80))]).expect("the listener exists");
    assert!(matches!(&clash[0].reason, FailureReason::Refused(no) if no.rule == Rule::TargetFourTupleUnique));
}

#[test]
fn a_batch_is_bounded_and_has_a_listener() {
    let mut bench = Bench::new();
    bench.world.quotas.set(Quota::Targets, 100);
    let (lb, listener) = bench.with_listener();
    let many = |count: i64| (1..=count).map(|port| entry(&listener, instance(BLUE, port))).collect::<Vec<_>>();
    assert_eq!(batch(&mut bench, &lb, &many(501)), Err(Rule::TargetBatchMax500));
    assert_eq!(batch(&mut bench, &lb, &[]), Err(Rule::TargetListNotEmpty));
    let unknown = [entry("lbl-99999999", instance(BLUE, 80))];
    assert_eq!(batch(&mut bench, &lb, &unknown), Err(Rule::TargetBatchAllListenersUnknown));
    assert_eq!(batch(&mut bench, "lb-99999999", &many(1)), Err(Rule::LbNotFoundListed));
    assert_eq!(batch(&mut bench, BASIC, &many(1)), Err(Rule::TargetBatchVpcOnly));
    let heavy = [entry(&listener, weighted(101, instance(BLUE, 80)))];
    assert_eq!(batch(&mut bench, &lb, &heavy), Err(Rule::TargetWeightRange));
    let located = [BatchTarget { location: Some("loc-1".into()), ..entry(&listener, instance(BLUE, 80)) }];
    assert_eq!(batch(&mut bench, &lb, &located), Err(Rule::TargetNoLocationOnL4));
    assert_eq!(batch(&mut bench, &lb, &many(100)), Ok(Vec::new()));
    let over = batch(&mut bench, &lb, &[entry(&listener, instance(GREEN, 1))]).expect("the listener exists");
    assert!(matches!(&over[0].reason, FailureReason::Refused(no) if no.rule == Rule::TargetQuotaPerListener));
    let unbound = bench
        .ask(|world, occasion| world.delete_bindings_in_batch(REGION, &lb, &many(100), occasion))
        .expect("the listener exists");
    assert_eq!((unbound, bench.bound(&listener).len()), (Vec::new(), 0));
}

#[test]
fn weights_of_several_listeners_change_together_or_not_at_all() {
    let mut bench = Bench::new();
    let (lb, first, second) = two_listeners(&mut bench);
    bind(&mut bench, &targets(&lb, &second, vec![instance(GREEN, 80)]));
    let rule = |listener: &str, target, weight| WeightRule {
        listener_id: listener.into(),
        location: None,
        targets: vec![target],
        weight: Some(weight),
    };
    let mut change = |rules: &[WeightRule]| {
        bench
            .ask(|world, occasion| world.modify_binding_weights_in_batch(REGION, &lb, rules, occasion))
            .map_err(|no| no.rule)?;
        Ok::<_, Rule>((bench.bound(&first)[0].1, bench.bound(&second)[0].1))
    };
    let good = [rule(&first, instance(BLUE, 80), 20), rule(&second, instance(GREEN, 80), 30)];
    assert_eq!(change(&good), Ok((20, 30)));
    let half = [rule(&first, instance(BLUE, 80), 50), rule(&second, instance(GREEN, 81), 50)];
    assert_eq!(change(&half), Err(Rule::TargetNotBound));
    assert_eq!(change(&[rule(&first, instance(BLUE, 80), 101)]), Err(Rule::TargetWeightRange));
    assert_eq!(change(&[rule("lbl-99999999", instance(BLUE, 80), 1)]), Err(Rule::ListenerNotFound));
    assert_eq!(change(&vec![good[0].clone(); 101]), Err(Rule::TargetBatchWeightLimits));
    assert_eq!(change(&[]), Err(Rule::TargetListNotEmpty));
    let wide = WeightRule { targets: (1..=51).map(|port| instance(BLUE, port)).collect(), ..good[0].clone() };
    assert_eq!(change(&[wide]), Err(Rule::TargetBatchWeightLimits));
    assert_eq!(change(&good[..1]), Ok((20, 30)), "nothing has changed since");
}

#[test]
fn remarks_of_several_listeners_change_together_or_not_at_all() {
    let mut bench = Bench::new();
    let (lb, first, second) = two_listeners(&mut bench);
    bind(&mut bench, &targets(&lb, &second, vec![instance(GREEN, 80)]));
    let rule = |listener: &str, target: TargetDraft, tag: &str| TagRule {
        listener_id: listener.into(),
        location: None,
        targets: vec![target],
        tag: Some(tag.into()),
    };
    let mut change = |rules: &[TagRule]| {
        bench
            .ask(|world, occasion| world.modify_binding_tags_in_batch(REGION, &lb, rules, occasion))
            .map_err(|no| no.rule)?;
        let region = bench.region().load_balancer(&lb, Rule::LbNotFound).expect("there");
        let tag = |id: &str| region.listener(id).expect("there").bindings()[0].tag.clone();
        Ok::<_, Rule>((tag(&first), tag(&second)))
    };
    let own = TargetDraft { tag: Some("own".into()), ..instance(GREEN, 80) };
    let good = [rule(&first, instance(BLUE, 80), "all"), rule(&second, own, "all")];
    assert_eq!(change(&good), Ok((Some("all".into()), Some("own".into()))), "a target's own remark wins");
    let half = [rule(&first, instance(BLUE, 80), "x"), rule(&second, instance(GREEN, 81), "x")];
    assert_eq!(change(&half), Err(Rule::TargetNotBound));
    assert_eq!(change(&[rule("lbl-99999999", instance(BLUE, 80), "x")]), Err(Rule::ListenerNotFound));
    assert_eq!(change(&vec![good[0].clone(); 101]), Err(Rule::TargetBatchTagLimits));
    let located = TagRule { location: Some("loc-1".into()), ..good[0].clone() };
    assert_eq!(change(&[located]), Err(Rule::TargetNoLocationOnL4));
    assert_eq!(change(&[rule(&first, instance(BLUE, 80), "")]), Ok((None, Some("own".into()))), "an empty one is none");
}
