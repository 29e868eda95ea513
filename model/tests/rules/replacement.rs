//! Replacing a certificate wherever it is used.

use clb_model::certificate::{CertificateDraft, CertificateFacts, Uploaded};
use clb_model::listener::{CertificateChoice, Listener, ListenerChange, ListenerDraft, MultiTlsDraft, TlsDraft};
use clb_model::rules::Rule;

use crate::bench::{Bench, REGION, certificate, listener, one_way};

fn known(id: &str) -> CertificateChoice {
    CertificateChoice::Known(id.into())
}

fn used(bench: &Bench) -> Vec<String> {
    let used = bench.world.listeners().flat_map(Listener::certificates);
    used.map(|certificate| certificate.id.to_string()).collect()
}

fn replace(bench: &mut Bench, old: &str, draft: &TlsDraft) -> Result<(), Rule> {
    bench.ask(|world, occasion| world.replace_certificate(REGION, old, draft, occasion)).map_err(|no| no.rule)
}

#[test]
fn a_certificate_is_replaced_on_every_listener_in_the_place_it_has() {
    let mut bench = Bench::new();
    let (old, new, stays) = (bench.certificate("SVR"), bench.certificate("SVR"), bench.certificate("SVR"));
    let (old_ca, new_ca) = (bench.certificate("CA"), bench.certificate("CA"));
    let mutual = TlsDraft { mode: Some("MUTUAL".into()), client_ca: Some(known(&old_ca)), ..one_way(&old) };
    for tls in [one_way(&old), one_way(&stays), mutual] {
        let load_balancer = bench.load_balancer();
        let settings = ListenerChange { tls: Some(tls), ..ListenerChange::default() };
        bench.create_listeners(&ListenerDraft { settings, ..listener(&load_balancer, "") });
    }
    assert_eq!(replace(&mut bench, &old, &one_way(&new)), Ok(()));
    let mut ids = used(&bench);
    ids.sort();
    let mut expected = vec![new.clone(), new.clone(), stays.clone(), old_ca.clone()];
    expected.sort();
    assert_eq!(ids, expected);
    let task = bench.newest_task();
    let task = bench.region().tasks.view(&task).expect("it can be asked for").clone();
    assert_eq!(task.load_balancers.len(), 2, "it worked on those that use it");
    let ca = TlsDraft { client_ca: Some(known(&new_ca)), ..TlsDraft::default() };
    assert_eq!(replace(&mut bench, &old_ca, &ca), Ok(()));
    assert!(used(&bench).contains(&new_ca) && !used(&bench).contains(&old_ca));
    assert_eq!(replace(&mut bench, &old, &one_way(&new)), Ok(()), "nobody uses it any more");
}

#[test]
fn a_replacement_is_there_and_of_the_same_kind() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    bench.create_listeners(&draft);
    let old = used(&bench)[0].clone();
    let (server, ca) = (bench.certificate("SVR"), bench.certificate("CA"));
    let only_ca = TlsDraft { client_ca: Some(known(&ca)), ..TlsDraft::default() };
    let mode = |word: &str| TlsDraft { mode: Some(word.into()), ..one_way(&server) };
    for (of, tls, rule) in [
        ("aB3dE5gH", one_way(&server), Rule::CertificateIdMustExist),
        (&*old, one_way("aB3dE5gH"), Rule::CertificateIdMustExist),
        (&old, one_way(&ca), Rule::CertificateServerMustBeSvr),
        (&old, only_ca, Rule::CertReplaceSameKind),
        (&ca, one_way(&server), Rule::CertReplaceSameKind),
        (&old, mode("BOTH"), Rule::CertificateSslModeEnum),
    ] {
        assert_eq!(replace(&mut bench, of, &tls), Err(rule));
    }
    // A listener's copy of one that is not in the account any more can be replaced.
    bench.ask(|world, _| world.delete_certificate(&old, false)).expect("there");
    assert_eq!(replace(&mut bench, &old, &mode("UNIDIRECTIONAL")), Ok(()));
    assert_eq!(used(&bench), [server]);
}

#[test]
fn a_replacement_waits_for_tasks_of_the_load_balancers_it_works_on() {
    let mut bench = Bench::new();
    let draft = bench.with_listener_draft();
    bench.create_listeners(&draft);
    let (old, new) = (used(&bench)[0].clone(), bench.certificate("SVR"));
    bench.applies = false;
    let other = bench.load_balancer();
    assert_eq!(bench.region().tasks.running().count(), 1, "of {other}");
    assert_eq!(replace(&mut bench, &old, &one_way(&new)), Ok(()));
    assert_eq!(replace(&mut bench, &new, &one_way(&old)), Err(Rule::LbTaskLockUnlistedWrites));
}

#[test]
fn a_replacement_leaves_no_two_certificates_of_one_algorithm() {
    let mut bench = Bench::new();
    let mut of = |algorithm: &str| {
        let facts = CertificateFacts { key_algorithm: algorithm.into(), ..CertificateFacts::default() };
        let draft = CertificateDraft { reading: Ok(facts), ..certificate("SVR") };
        match bench.ask(|world, occasion| world.create_certificate(&draft, occasion)).expect("valid") {
            Uploaded::New(id) | Uploaded::Repeated(id) => id.to_string(),
        }
    };
    let (rsa, ecdsa, other) = (of("RSA 2048"), of("ECDSA P-256"), of("ECDSA P-384"));
    let multi_tls = MultiTlsDraft {
        mode: "UNIDIRECTIONAL".into(),
        verify_client: None,
        certificates: vec![known(&rsa), known(&ecdsa)],
    };
    let load_balancer = bench.load_balancer();
    bench.create_listeners(&ListenerDraft {
        load_balancer_id: load_balancer,
        protocol: "TCP_SSL".into(),
        ports: vec![443],
        settings: ListenerChange { multi_tls: Some(multi_tls), ..ListenerChange::default() },
        ..ListenerDraft::default()
    });
    assert_eq!(replace(&mut bench, &rsa, &one_way(&other)), Err(Rule::MultiCertDistinctAlgorithms));
    assert_eq!(replace(&mut bench, &ecdsa, &one_way(&other)), Ok(()));
    assert_eq!(used(&bench), [rsa, other]);
}
