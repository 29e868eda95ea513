//! Listeners of several protocols: what they share, and what each has of its own.

use clb_model::certificate::{CertificateDraft, CertificateFacts, Uploaded};
use clb_model::listener::{
    CertificateChoice, Listener, ListenerChange, ListenerDraft, MultiTlsDraft, Protocol, ProtocolDraft,
};
use clb_model::load_balancer::LoadBalancerDraft;
use clb_model::quota::Quota;
use clb_model::rules::Rule;
use clb_model::world::QuicAdmission;

use crate::bench::{BASIC, BLUE, Bench, REGION, certificate, instance, public, targets};

fn on(load_balancer: &str, protocol: &str, port: i64) -> ListenerDraft {
    ListenerDraft {
        load_balancer_id: load_balancer.into(),
        protocol: protocol.into(),
        ports: vec![port],
        ..ListenerDraft::default()
    }
}

fn with_tls(bench: &mut Bench, draft: ListenerDraft) -> ListenerDraft {
    let tls = Some(crate::bench::one_way(&bench.certificate("SVR")));
    ListenerDraft { settings: ListenerChange { tls, ..draft.settings }, ..draft }
}

fn refused(bench: &mut Bench, draft: &ListenerDraft) -> Rule {
    bench.refused(|world, occasion| world.create_listeners(REGION, draft, occasion))
}

fn found<'a>(bench: &'a Bench, load_balancer: &str, id: &str) -> &'a Listener {
    let region = bench.region();
    region.load_balancer(load_balancer, Rule::LbNotFound).and_then(|it| it.listener(id)).expect("there")
}

#[test]
fn only_quic_listeners_forward() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    for (protocol, port) in [("TCP", 1), ("UDP", 2), ("TCP_SSL", 3), ("QUIC", 4)] {
        let mut draft = on(&lb, protocol, port);
        if Protocol::parse(protocol).expect("a protocol").ends_tls() {
            draft = with_tls(&mut bench, draft);
        }
        let id = bench.create_listeners(&draft)[0].clone();
        assert_eq!(bench.forwarding(&id).is_some(), protocol == "QUIC", "{protocol}");
        assert_eq!(found(&bench, &lb, &id).protocol.word(), protocol);
    }
}

#[test]
fn the_beta_and_the_network_are_asked_for_by_quic_only() {
    let mut bench = Bench::of(QuicAdmission::Closed);
    let lb = bench.load_balancer();
    bench.create_listeners(&on(&lb, "TCP", 443));
    bench.create_listeners(&on(BASIC, "UDP", 443));
    let full = LoadBalancerDraft {
        ip_version: Some("IPv6FullChain".into()),
        subnet_id: Some("subnet-00000001".into()),
        ..public()
    };
    let lb = bench.create_load_balancer(&full);
    bench.create_listeners(&on(&lb, "UDP", 443));
}

#[test]
fn ports_are_shared_within_a_class_only() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    bench.create_listeners(&on(&lb, "TCP", 443));
    let quic = with_tls(&mut bench, on(&lb, "QUIC", 443));
    bench.create_listeners(&quic);
    let secure = with_tls(&mut bench, on(&lb, "TCP_SSL", 443));
    assert_eq!(refused(&mut bench, &secure), Rule::ListenerPortUniqueTcpClass);
    assert_eq!(refused(&mut bench, &on(&lb, "TCP", 443)), Rule::ListenerPortUniqueTcpClass);
    assert_eq!(refused(&mut bench, &on(&lb, "UDP", 443)), Rule::ListenerPortUniqueUdpClass);
    bench.create_listeners(&on(&lb, "UDP", 4789));
}

#[test]
fn the_quota_counts_every_protocol() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    let many = |protocol: &str, count: i64| ListenerDraft { ports: (1..=count).collect(), ..on(&lb, protocol, 1) };
    bench.create_listeners(&many("TCP", 25));
    bench.create_listeners(&many("UDP", 25));
    assert_eq!(refused(&mut bench, &on(&lb, "TCP", 26)), Rule::ListenerQuotaPerLb);
}

#[test]
fn a_backend_is_bound_once_per_protocol() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    let tcp = bench.create_listeners(&ListenerDraft { ports: vec![1, 2], ..on(&lb, "TCP", 1) });
    let udp = bench.create_listeners(&on(&lb, "UDP", 1));
    let mut bind = |listener: &str| {
        let draft = targets(&lb, listener, vec![instance(BLUE, 80)]);
        bench.ask(|world, occasion| world.create_bindings(REGION, &draft, occasion)).map_err(|no| no.rule)
    };
    assert_eq!(bind(&tcp[0]), Ok(()));
    assert_eq!(bind(&udp[0]), Ok(()));
    assert_eq!(bind(&tcp[1]), Err(Rule::TargetFourTupleUnique));
}

#[test]
fn certificates_are_for_listeners_that_end_tls() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    assert_eq!(refused(&mut bench, &on(&lb, "TCP_SSL", 443)), Rule::ListenerTcpSslNeedsCertificate);
    for protocol in ["TCP", "UDP"] {
        let draft = with_tls(&mut bench, on(&lb, protocol, 443));
        assert_eq!(refused(&mut bench, &draft), Rule::ListenerArgumentOfOtherProtocols);
        let several = ListenerChange { multi_tls: Some(MultiTlsDraft::default()), ..ListenerChange::default() };
        let draft = ListenerDraft { settings: several, ..on(&lb, protocol, 443) };
        assert_eq!(refused(&mut bench, &draft), Rule::ListenerArgumentOfOtherProtocols);
    }
    let draft = with_tls(&mut bench, on(&lb, "TCP_SSL", 443));
    let id = bench.create_listeners(&draft)[0].clone();
    let renamed = ListenerChange { name: Some("renamed".into()), ..ListenerChange::default() };
    bench.ask(|world, occasion| world.modify_listener(REGION, &lb, &id, &renamed, occasion)).expect("valid");
    assert_eq!(found(&bench, &lb, &id).certificates().count(), 1, "what is not named stays");
}

fn of_algorithm(bench: &mut Bench, purpose: &str, algorithm: &str) -> String {
    let facts =
        CertificateFacts { is_ca: purpose == "CA", key_algorithm: algorithm.into(), ..CertificateFacts::default() };
    let draft = CertificateDraft { reading: Ok(facts), ..certificate(purpose) };
    match bench.ask(|world, occasion| world.create_certificate(&draft, occasion)).expect("valid") {
        Uploaded::New(id) | Uploaded::Repeated(id) => id.to_string(),
    }
}

#[test]
fn several_certificates_differ_in_algorithm_and_mutual_tls_has_one_ca_among_them() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    let rsa = of_algorithm(&mut bench, "SVR", "RSA 2048");
    let larger = of_algorithm(&mut bench, "SVR", "RSA 4096");
    let ecdsa = of_algorithm(&mut bench, "SVR", "ECDSA P-256");
    let (ca, other_ca) = (of_algorithm(&mut bench, "CA", "RSA 2048"), of_algorithm(&mut bench, "CA", "RSA 2048"));
    let several = |mode: &str, ids: &[&str]| {
        let known = |id: &&str| CertificateChoice::Known((*id).to_owned());
        let multi_tls =
            MultiTlsDraft { mode: mode.into(), verify_client: None, certificates: ids.iter().map(known).collect() };
        ListenerChange { multi_tls: Some(multi_tls), ..ListenerChange::default() }
    };
    let create = |mode: &str, ids: &[&str]| ListenerDraft { settings: several(mode, ids), ..on(&lb, "TCP_SSL", 443) };
    for (mode, ids, rule) in [
        ("UNIDIRECTIONAL", vec![&*rsa, &larger], Rule::MultiCertDistinctAlgorithms),
        ("UNIDIRECTIONAL", vec![&rsa, &ca], Rule::MultiCertMutualNeedsOneCa),
        ("MUTUAL", vec![&rsa, &ecdsa], Rule::MultiCertMutualNeedsOneCa),
        ("MUTUAL", vec![&rsa, &ca, &other_ca], Rule::MultiCertMutualNeedsOneCa),
        ("MUTUAL", vec![&ca], Rule::ListenerTcpSslNeedsCertificate),
        ("BOTH", vec![&rsa], Rule::CertificateSslModeEnum),
        ("UNIDIRECTIONAL", vec!["aB3dE5gH"], Rule::CertificateIdMustExist),
    ] {
        assert_eq!(refused(&mut bench, &create(mode, &ids)), rule, "{mode} {ids:?}");
    }
    let id = bench.create_listeners(&create("MUTUAL", &[&rsa, &ca, &ecdsa]))[0].clone();
    let used = |bench: &Bench| -> Vec<String> {
        found(bench, &lb, &id).certificates().map(|certificate| certificate.id.to_string()).collect()
    };
    assert_eq!(used(&bench), [&*rsa, &ecdsa, &ca]);
    // One certificate in their place.
    let one = ListenerChange { tls: Some(crate::bench::one_way(&larger)), ..ListenerChange::default() };
    bench.ask(|world, occasion| world.modify_listener(REGION, &lb, &id, &one, occasion)).expect("valid");
    assert_eq!(used(&bench), [&*larger, &ca]);
    let back = several("UNIDIRECTIONAL", &[&ecdsa]);
    bench.ask(|world, occasion| world.modify_listener(REGION, &lb, &id, &back, occasion)).expect("valid");
    assert_eq!(used(&bench), [&*ecdsa]);
}

#[test]
fn a_quic_listener_shows_as_many_certificates_as_our_quota_allows() {
    let mut bench = Bench::new();
    let lb = bench.load_balancer();
    let algorithms = ["RSA 2048", "ECDSA P-256", "Ed25519"];
    let ids = algorithms.map(|algorithm| of_algorithm(&mut bench, "SVR", algorithm));
    let create = |count: usize| {
        let certificates = ids.iter().take(count).cloned().map(CertificateChoice::Known).collect();
        let multi_tls = MultiTlsDraft { mode: "UNIDIRECTIONAL".into(), verify_client: None, certificates };
        let settings = ListenerChange { multi_tls: Some(multi_tls), ..ListenerChange::default() };
        ListenerDraft { settings, ..on(&lb, "QUIC", 443) }
    };
    assert_eq!(refused(&mut bench, &create(1)), Rule::MultiCertNotOnQuic, "none by default");
    bench.world.quotas.set(Quota::QuicListenerCertificates, 2);
    assert_eq!(refused(&mut bench, &create(3)), Rule::MultiCertNotOnQuic);
    assert_eq!(refused(&mut bench, &create(0)), Rule::QuicNeedsServerCertificate);
    let id = bench.create_listeners(&create(2))[0].clone();
    let shown = bench.forwarding(&id).expect("it forwards").tls.certificates;
    let pem_of = |id: &String| bench.world.certificate(id).expect("there").pem.clone();
    assert_eq!(shown.iter().map(|it| it.chain_pem.clone()).collect::<Vec<_>>(), [pem_of(&ids[0]), pem_of(&ids[1])]);
    assert!(shown.iter().all(|it| !it.private_key_pem.is_empty()), "each with its key");
}

#[test]
fn settings_of_a_protocol_are_merged_and_checked_together() {
    let mut bench = Bench::new();
    let lb = bench.create_load_balancer(&LoadBalancerDraft { sla_type: Some("clb.c2.medium".into()), ..public() });
    let id = bench.create_listeners(&on(&lb, "UDP", 53))[0].clone();
    let mut modify = |of_protocol: ProtocolDraft, scheduler: Option<&str>| {
        let change =
            ListenerChange { of_protocol, scheduler: scheduler.map(str::to_owned), ..ListenerChange::default() };
        bench
            .ask(|world, occasion| world.modify_listener(REGION, &lb, &id, &change, occasion))
            .map_err(|no| no.rule)?;
        Ok::<_, Rule>(found(&bench, &lb, &id).settings.clone())
    };
    let none = ProtocolDraft::default;
    let by_id = ProtocolDraft { session_type: Some("QUIC_CID".into()), session_expire_time: Some(60), ..none() };
    assert_eq!(modify(by_id.clone(), None).map(|it| it.session_expire_time), Ok(60));
    assert_eq!(modify(none(), Some("LEAST_CONN")), Err(Rule::SessionTypeQuicCidNeedsUdp));
    let normal = ProtocolDraft { session_type: Some("NORMAL".into()), ..none() };
    assert_eq!(modify(normal, Some("LEAST_CONN")).map(|it| it.session_expire_time), Ok(60));
    assert_eq!(modify(by_id, None), Err(Rule::SessionTypeQuicCidNeedsUdp));
    let idle = |time| ProtocolDraft { idle_connect_timeout: Some(time), ..none() };
    assert_eq!(modify(idle(1980), None).map(|it| it.idle_connect_timeout), Ok(1980), "an LCU load balancer");
    assert_eq!(modify(idle(1981), None), Err(Rule::IdleConnectTimeoutRange));
}
