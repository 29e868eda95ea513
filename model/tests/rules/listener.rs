//! Rules of listeners and of their TLS. Those of health checks and of inapplicable arguments are tested where they are.

use clb_model::certificate::KeyReading;
use clb_model::forwarding::{ClientCertificate, ConnectionLimits, Scheduler};
use clb_model::health::HealthCheckDraft;
use clb_model::listener::{
    CertificateChoice, InlineCertificate, ListenerChange, ListenerDraft, MultiTlsDraft, ProtocolDraft, TlsDraft,
};
use clb_model::load_balancer::LoadBalancerDraft;
use clb_model::rules::Rule;
use clb_model::world::QuicAdmission;

use crate::bench::{BASIC, Bench, CLASSIC, REGION, certificate, listener, one_way, public};

fn refused(bench: &mut Bench, draft: &ListenerDraft) -> Rule {
    bench.refused(|world, occasion| world.create_listeners(REGION, draft, occasion))
}

fn with(draft: &ListenerDraft, settings: ListenerChange) -> ListenerDraft {
    ListenerDraft { settings: ListenerChange { tls: draft.settings.tls.clone(), ..settings }, ..draft.clone() }
}

fn with_tls(draft: &ListenerDraft, tls: Option<TlsDraft>) -> ListenerDraft {
    ListenerDraft { settings: ListenerChange { tls, ..ListenerChange::default() }, ..draft.clone() }
}

#[test]
fn quic_needs_an_admitted_account() {
    let mut closed = Bench::of(QuicAdmission::Closed);
    let draft = closed.with_listener_draft();
    assert_eq!(refused(&mut closed, &draft), Rule::QuicNeedsAllowlist);
    Bench::new().with_listener();
}

#[test]
fn quic_needs_a_current_load_balancer_in_a_vpc() {
    let mut bench = Bench::new();
    let certificate = bench.certificate("SVR");
    assert_eq!(refused(&mut bench, &listener(CLASSIC, &certificate)), Rule::QuicNeedsCurrentGenerationLb);
    assert_eq!(refused(&mut bench, &listener(BASIC, &certificate)), Rule::QuicNeedsVpcNetwork);
}

#[test]
fn quic_needs_ipv4_or_nat64() {
    let mut bench = Bench::new();
    let certificate = bench.certificate("SVR");
    let mut on = |word: &str, subnet: Option<&str>| {
        let load_balancer = bench.create_load_balancer(&LoadBalancerDraft {
            ip_version: Some(word.into()),
            subnet_id: subnet.map(str::to_owned),
            ..public()
        });
        let draft = listener(&load_balancer, &certificate);
        bench.ask(|world, occasion| world.create_listeners(REGION, &draft, occasion)).map_err(|no| no.rule)
    };
    assert!(on("IPV4", None).is_ok());
    assert!(on("IPV6", None).is_ok());
    assert_eq!(on("IPv6FullChain", Some("subnet-00000001")), Err(Rule::QuicNotOnIpv6Fullchain));
}

#[test]
fn quic_is_accepted_on_internal_load_balancers() {
    let mut bench = Bench::new();
    let certificate = bench.certificate("SVR");
    let load_balancer = bench.create_load_balancer(&LoadBalancerDraft {
        exposure: "INTERNAL".into(),
        vpc_id: Some("vpc-00000001".into()),
        subnet_id: Some("subnet-00000001".into()),
        ..LoadBalancerDraft::default()
    });
    bench.create_listeners(&listener(&load_balancer, &certificate));
}

#[test]
fn the_load_balancer_must_exist() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    for (id, rule) in [("lb-99999999", Rule::LbNotFoundUnlisted), ("lb-nope", Rule::LbIdFormat)] {
        assert_eq!(refused(&mut bench, &ListenerDraft { load_balancer_id: id.into(), ..draft.clone() }), rule);
    }
}

#[test]
fn protocols_are_words_of_which_those_of_layer_7_are_not_served() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let protocol = |word: &str| ListenerDraft { protocol: word.into(), ..draft.clone() };
    for other in ["HTTP", "HTTPS"] {
        assert_eq!(refused(&mut bench, &protocol(other)), Rule::ListenerProtocolServed);
    }
    for unknown in ["quic", "SCTP", ""] {
        assert_eq!(refused(&mut bench, &protocol(unknown)), Rule::ListenerProtocolEnum);
    }
}

#[test]
fn ports_are_1_to_65535_and_at_most_49_in_a_call() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let ports = |ports: Vec<i64>| ListenerDraft { ports, ..draft.clone() };
    for wrong in [0, -1, 65536, i64::MAX] {
        assert_eq!(refused(&mut bench, &ports(vec![443, wrong])), Rule::ListenerPortRange);
    }
    assert_eq!(refused(&mut bench, &ports(vec![])), Rule::ListenerPortsNotEmpty);
    assert_eq!(refused(&mut bench, &ports((1..=50).collect())), Rule::ListenerPortsMax49);
    assert_eq!(refused(&mut bench, &ports(vec![443, 444, 443])), Rule::ListenerPortRepeatedInCall);
    let ids = bench.create_listeners(&ports((1..=48).chain([65535]).collect()));
    assert_eq!(ids.len(), 49);
    let of_last = bench.forwarding(&ids[48]).expect("it forwards");
    assert_eq!(of_last.address.port(), 65535, "ids come in the order of the ports");
}

#[test]
fn a_taken_port_is_refused_on_the_same_load_balancer_only() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    bench.create_listeners(&draft);
    assert_eq!(refused(&mut bench, &draft), Rule::ListenerPortUniqueUdpClass);
    let other = bench.load_balancer();
    bench.create_listeners(&ListenerDraft { load_balancer_id: other, ..draft });
}

#[test]
fn a_load_balancer_holds_at_most_50_listeners() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    bench.create_listeners(&ListenerDraft { ports: (1..=49).collect(), ..draft.clone() });
    bench.create_listeners(&ListenerDraft { ports: vec![50], ..draft.clone() });
    assert_eq!(refused(&mut bench, &ListenerDraft { ports: vec![51], ..draft }), Rule::ListenerQuotaPerLb);
}

#[test]
fn names_go_by_position_and_obey_their_rules() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let named = |names: &[&str]| ListenerDraft {
        ports: vec![1, 2],
        names: names.iter().map(ToString::to_string).collect(),
        ..draft.clone()
    };
    assert_eq!(refused(&mut bench, &named(&["a", "b", "c"])), Rule::ListenerNamesNotMoreThanPorts);
    assert_eq!(refused(&mut bench, &named(&[&"a".repeat(81)])), Rule::ListenerNameLength);
    assert_eq!(refused(&mut bench, &named(&["a", "b\u{7}"])), Rule::ListenerNameCharacters);
    let ids = bench.create_listeners(&named(&["same", "same"]));
    let said: Vec<String> = bench
        .region()
        .load_balancer(&draft.load_balancer_id, Rule::LbNotFound)
        .expect("there")
        .listeners()
        .map(|listener| listener.name.clone())
        .collect();
    assert_eq!((ids.len(), said), (2, vec!["same".to_owned(); 2]));
}

#[test]
fn schedulers_are_two_words() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let scheduler =
        |word: &str| with(&draft, ListenerChange { scheduler: Some(word.into()), ..ListenerChange::default() });
    for wrong in ["IP_HASH", "wrr", "RANDOM", ""] {
        assert_eq!(refused(&mut bench, &scheduler(wrong)), Rule::SchedulerEnum);
    }
    let ids = bench.create_listeners(&scheduler("LEAST_CONN"));
    assert_eq!(bench.forwarding(&ids[0]).expect("it forwards").scheduler, Scheduler::LeastConnections);
    let change = ListenerChange { scheduler: Some("IP_HASH".into()), ..ListenerChange::default() };
    let id = draft.load_balancer_id.as_str();
    let rule = bench.refused(|world, occasion| world.modify_listener(REGION, id, &ids[0], &change, occasion));
    assert_eq!(rule, Rule::SchedulerIpHashRefusedOnL4);
}

#[test]
fn session_persistence_and_health_checks_are_checked_on_create_and_modify() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let sticky = ListenerChange {
        of_protocol: ProtocolDraft { session_expire_time: Some(30), ..ProtocolDraft::default() },
        ..ListenerChange::default()
    };
    let hasty = ListenerChange {
        health_check: HealthCheckDraft { interval: Some(1), ..HealthCheckDraft::default() },
        ..ListenerChange::default()
    };
    let cases = [(sticky, Rule::QuicNoSessionPersistence), (hasty, Rule::HealthCheckIntervalRangeIpv4)];
    for (settings, rule) in &cases {
        assert_eq!(refused(&mut bench, &with(&draft, settings.clone())), *rule);
    }
    let ids = bench.create_listeners(&draft);
    for (change, rule) in &cases {
        let id = draft.load_balancer_id.as_str();
        let refused = bench.refused(|world, occasion| world.modify_listener(REGION, id, &ids[0], change, occasion));
        assert_eq!(refused, *rule);
    }
}

#[test]
fn connection_limits_need_an_lcu_load_balancer() {
    let mut bench = Bench::new();
    let certificate = bench.certificate("SVR");
    let shared = bench.load_balancer();
    let lcu = bench.create_load_balancer(&LoadBalancerDraft { sla_type: Some("clb.c2.medium".into()), ..public() });
    let limited = |load_balancer: &str, concurrent, new| {
        let settings = ListenerChange {
            max_connections: Some(concurrent),
            max_new_connections: Some(new),
            ..ListenerChange::default()
        };
        with(&listener(load_balancer, &certificate), settings)
    };
    assert_eq!(refused(&mut bench, &limited(&shared, 100, -1)), Rule::MaxConnNeedsLcu);
    assert_eq!(refused(&mut bench, &limited(&shared, -1, 100)), Rule::MaxCpsNeedsLcu);
    assert_eq!(refused(&mut bench, &limited(&lcu, 0, -1)), Rule::ConnectionLimitRange);
    assert_eq!(refused(&mut bench, &limited(&lcu, -1, -2)), Rule::ConnectionLimitRange);
    bench.create_listeners(&limited(&shared, -1, -1));
    let ids = bench.create_listeners(&limited(&lcu, 100, 10));
    let limits = ConnectionLimits { concurrent: Some(100), new_per_second: Some(10) };
    assert_eq!(bench.forwarding(&ids[0]).expect("it forwards").limits, limits);
}

#[test]
fn a_server_certificate_is_needed_and_must_be_one() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let ca = bench.certificate("CA");
    assert_eq!(refused(&mut bench, &with_tls(&draft, None)), Rule::QuicNeedsServerCertificate);
    let empty = Some(TlsDraft::default());
    assert_eq!(refused(&mut bench, &with_tls(&draft, empty)), Rule::QuicNeedsServerCertificate);
    assert_eq!(refused(&mut bench, &with_tls(&draft, Some(one_way("aB3dE5gH")))), Rule::CertificateIdMustExist);
    assert_eq!(refused(&mut bench, &with_tls(&draft, Some(one_way(&ca)))), Rule::CertificateServerMustBeSvr);
    bench.create_listeners(&draft);
}

#[test]
fn mutual_tls_needs_a_client_ca() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let (server, ca) = (bench.certificate("SVR"), bench.certificate("CA"));
    let mutual = |client_ca: Option<&str>, verify: Option<&str>| {
        let tls = TlsDraft {
            mode: Some("MUTUAL".into()),
            verify_client: verify.map(str::to_owned),
            client_ca: client_ca.map(|id| CertificateChoice::Known(id.into())),
            ..one_way(&server)
        };
        with_tls(&draft, Some(tls))
    };
    assert_eq!(refused(&mut bench, &mutual(None, None)), Rule::MutualTlsNeedsCa);
    assert_eq!(refused(&mut bench, &mutual(Some("aB3dE5gH"), None)), Rule::CertificateIdMustExist);
    assert_eq!(refused(&mut bench, &mutual(Some(&server), None)), Rule::CertificateCaMustBeCa);
    assert_eq!(refused(&mut bench, &mutual(Some(&ca), Some("MAYBE"))), Rule::CertificateVerifyClientEnum);
    let ids = bench.create_listeners(&mutual(Some(&ca), Some("OPTIONAL")));
    let tls = bench.forwarding(&ids[0]).expect("it forwards").tls;
    assert_eq!(tls.client_ca_pem.as_deref(), Some("pem of a CA"));
    assert_eq!(tls.client_certificate, ClientCertificate::Optional);
}

#[test]
fn the_tls_mode_is_one_of_two_words() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let certificate = bench.certificate("SVR");
    let mode = |word: &str| with_tls(&draft, Some(TlsDraft { mode: Some(word.into()), ..one_way(&certificate) }));
    assert_eq!(refused(&mut bench, &mode("BOTH")), Rule::CertificateSslModeEnum);
    bench.create_listeners(&mode("UNIDIRECTIONAL"));
}

#[test]
fn several_certificates_are_refused_on_quic() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let multi = ListenerChange { multi_tls: Some(MultiTlsDraft::default()), ..ListenerChange::default() };
    assert_eq!(refused(&mut bench, &with(&draft, multi.clone())), Rule::CertificateOrMultiNotBoth);
    assert_eq!(refused(&mut bench, &ListenerDraft { settings: multi, ..draft }), Rule::MultiCertNotOnQuic);
}

#[test]
fn an_inline_certificate_is_complete_and_kept() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let inline = |name: Option<&str>, key: KeyReading| {
        let upload = clb_model::certificate::CertificateDraft { key, ..certificate("SVR") };
        let inline = InlineCertificate { name: name.map(str::to_owned), draft: Some(upload) };
        let tls = TlsDraft { server: Some(CertificateChoice::Inline(Box::new(inline))), ..TlsDraft::default() };
        with_tls(&draft, Some(tls))
    };
    let key = || KeyReading::Fits("key".into());
    assert_eq!(refused(&mut bench, &inline(None, key())), Rule::CertificateInlineUploadComplete);
    assert_eq!(refused(&mut bench, &inline(Some("new"), KeyReading::Absent)), Rule::CertificateInlineUploadComplete);
    assert_eq!(refused(&mut bench, &inline(Some("new"), KeyReading::Foreign)), Rule::CertificateInlineMustBeValid);
    let before = bench.world.certificates().count();
    bench.create_listeners(&inline(Some("new"), key()));
    assert_eq!(bench.world.certificates().count(), before + 1);
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let mut bench = Bench::new();
    let (load_balancer, id) = bench.with_listener();
    let change = ListenerChange {
        name: Some("renamed".into()),
        proxy_protocol: Some(true),
        health_check: HealthCheckDraft { interval: Some(30), ..HealthCheckDraft::default() },
        ..ListenerChange::default()
    };
    let before = bench.forwarding(&id).expect("it forwards");
    bench.ask(|world, occasion| world.modify_listener(REGION, &load_balancer, &id, &change, occasion)).expect("valid");
    let after = bench.forwarding(&id).expect("it forwards");
    assert!(after.proxy_protocol && !before.proxy_protocol);
    assert_eq!((after.tls, after.scheduler, after.address), (before.tls, before.scheduler, before.address));
    assert_eq!(after.probe.expect("probed").interval.as_secs(), 30);
}

#[test]
fn certificates_are_changed_in_place() {
    let mut bench = Bench::new();
    let (load_balancer, id) = bench.with_listener();
    let (server, ca) = (bench.certificate("SVR"), bench.certificate("CA"));
    let mut change = |tls: TlsDraft| {
        let change = ListenerChange { tls: Some(tls), ..ListenerChange::default() };
        bench
            .ask(|world, occasion| world.modify_listener(REGION, &load_balancer, &id, &change, occasion))
            .map_err(|no| no.rule)?;
        Ok::<_, Rule>(bench.forwarding(&id).expect("it forwards").tls.client_ca_pem.is_some())
    };
    assert_eq!(change(TlsDraft { mode: Some("MUTUAL".into()), ..TlsDraft::default() }), Err(Rule::MutualTlsNeedsCa));
    let client_ca = Some(CertificateChoice::Known(ca));
    assert_eq!(change(TlsDraft { mode: Some("MUTUAL".into()), client_ca, ..TlsDraft::default() }), Ok(true));
    assert_eq!(change(one_way(&server)), Ok(true), "the CA is kept");
    assert_eq!(change(TlsDraft { mode: Some("UNIDIRECTIONAL".into()), ..TlsDraft::default() }), Ok(false));
}

#[test]
fn unknown_listeners_and_classic_load_balancers_are_not_changed() {
    let mut bench = Bench::new();
    let (load_balancer, id) = bench.with_listener();
    let change = ListenerChange::default();
    let rule = bench
        .refused(|world, occasion| world.modify_listener(REGION, &load_balancer, "lbl-99999999", &change, occasion));
    assert_eq!(rule, Rule::ListenerNotFound);
    let rule = bench.refused(|world, occasion| world.modify_listener(REGION, CLASSIC, &id, &change, occasion));
    assert_eq!(rule, Rule::ListenerModifyNotOnClassic);
}

#[test]
fn a_deleted_listener_forwards_nothing_and_frees_its_port() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    let ids = bench.create_listeners(&draft);
    let id = draft.load_balancer_id.as_str();
    bench.ask(|world, occasion| world.delete_listener(REGION, id, &ids[0], occasion)).expect("there");
    assert_eq!(bench.forwarding(&ids[0]), None);
    let rule = bench.refused(|world, occasion| world.delete_listener(REGION, id, &ids[0], occasion));
    assert_eq!(rule, Rule::ListenerNotFound);
    bench.create_listeners(&draft);
}
