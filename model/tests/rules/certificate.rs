//! Rules of certificates.

use clb_model::certificate::{CertificateDraft, KeyReading, Uploaded};
use clb_model::rules::Rule;

use crate::bench::{Bench, certificate};

fn refused(draft: &CertificateDraft) -> Rule {
    Bench::new().refused(|world, occasion| world.create_certificate(draft, occasion))
}

#[test]
fn a_server_certificate_needs_its_own_key() {
    let key = |key| CertificateDraft { key, ..certificate("SVR") };
    assert_eq!(refused(&key(KeyReading::Absent)), Rule::CertificateUploadSvrNeedsKey);
    assert_eq!(refused(&key(KeyReading::Foreign)), Rule::CertificateUploadKeyMustMatch);
    assert_eq!(refused(&key(KeyReading::Unreadable("garbage".into()))), Rule::CertificateUploadKeyMustMatch);
    Bench::new().certificate("SVR");
}

#[test]
fn a_ca_is_one_and_needs_no_key() {
    let mut bench = Bench::new();
    let no_key = CertificateDraft { key: KeyReading::Absent, ..certificate("CA") };
    bench.ask(|world, occasion| world.create_certificate(&no_key, occasion)).expect("valid");
    let leaf = CertificateDraft { purpose: Some("CA".into()), ..certificate("SVR") };
    assert_eq!(refused(&leaf), Rule::CertificateUploadCaMustBeCa);
}

#[test]
fn type_and_pem_are_readable() {
    let purpose =
        |purpose: Option<&str>| CertificateDraft { purpose: purpose.map(str::to_owned), ..certificate("SVR") };
    assert_eq!(refused(&purpose(Some("ROOT"))), Rule::CertificateUploadTypeEnum);
    let mut bench = Bench::new();
    bench.ask(|world, occasion| world.create_certificate(&purpose(None), occasion)).expect("SVR is the default");
    let garbage = CertificateDraft { reading: Err("no PEM".into()), ..certificate("SVR") };
    assert_eq!(refused(&garbage), Rule::CertificateUploadMustParse);
}

#[test]
fn a_copy_is_a_new_certificate_unless_copies_are_not_wanted() {
    let mut bench = Bench::new();
    let first = bench.certificate("SVR");
    assert_ne!(bench.certificate("SVR"), first);
    let once = CertificateDraft { repeatable: false, ..certificate("SVR") };
    let answer = bench.ask(|world, occasion| world.create_certificate(&once, occasion)).expect("valid");
    assert!(matches!(answer, Uploaded::Repeated(_)));
    assert_eq!(bench.world.certificates().count(), 2);
}

#[test]
fn an_unknown_certificate_is_refused() {
    let mut bench = Bench::new();
    let rule = bench.refused(|world, _| world.modify_certificate_alias("aB3dE5gH", Some("name")));
    assert_eq!(rule, Rule::CertificateNotFound);
    let rule = bench.refused(|world, _| world.delete_certificate("aB3dE5gH", false));
    assert_eq!(rule, Rule::CertificateNotFound);
}

#[test]
fn a_certificate_in_use_is_kept_when_that_is_asked_for() {
    let mut bench = Bench::new();
    let (_, listener) = bench.with_listener();
    let id = bench.world.certificates().next().expect("the listener's").id.to_string();
    let rule = bench.refused(|world, _| world.delete_certificate(&id, true));
    assert_eq!(rule, Rule::CertificateInUse);
    bench.ask(|world, _| world.delete_certificate(&id, false)).expect("unchecked by default");
    let forwarding = bench.forwarding(&listener).expect("the listener has its own copy");
    assert_eq!(&*forwarding.tls.certificates[0].chain_pem, "pem of a SVR");
}

#[test]
fn certificates_are_given_to_a_project() {
    let mut bench = Bench::new();
    let ids = [bench.certificate("SVR"), "aB3dE5gH".to_owned()];
    let (done, failed) = bench.ask(|world, _| world.modify_certificate_project(&ids, 7)).expect("valid");
    assert_eq!((done.as_slice(), failed.as_slice()), (&ids[..1], &ids[1..]));
    assert_eq!(bench.world.certificate(&ids[0]).expect("there").project_id, 7);
    let many = vec![ids[0].clone(); 101];
    let rule = bench.refused(|world, _| world.modify_certificate_project(&many, 7));
    assert_eq!(rule, Rule::CertificateProjectMax100);
    bench.ask(|world, _| world.modify_certificate_project(&many[1..], 7)).expect("100");
}

/// Past the bench, whose checks after each step would take a while.
fn upload_unchecked(bench: &mut Bench, draft: &CertificateDraft) -> Uploaded {
    let mut chance = clb_model::chance::Chance::seeded(bench.world.certificates().count() as u64);
    let mut occasion = clb_model::task::Occasion {
        now: clb_model::time::Timestamp::default(),
        generation: 1,
        task_id: String::from("task").into(),
        pace: clb_model::task::Pace::AtOnce,
        fails_with: None,
        chance: &mut chance,
        vips: &mut bench.vips,
    };
    bench.world.create_certificate(draft, &mut occasion).expect("valid")
}

#[test]
fn beyond_5000_copies_an_upload_answers_with_the_one_that_is_there_and_an_account_holds_so_many() {
    let mut bench = Bench::new();
    let draft = certificate("SVR");
    for _ in 0..5000 {
        assert!(matches!(upload_unchecked(&mut bench, &draft), Uploaded::New(_)));
    }
    assert!(matches!(upload_unchecked(&mut bench, &draft), Uploaded::Repeated(_)));
    let other = |number: usize| {
        let mut draft = certificate("SVR");
        draft.reading.as_mut().expect("valid").fingerprint = number.to_string();
        draft
    };
    for number in 0..1000 {
        upload_unchecked(&mut bench, &other(number));
    }
    let refused =
        bench.ask(|world, occasion| world.create_certificate(&other(1000), occasion)).expect_err("one too many");
    assert_eq!(refused.rule, Rule::CertificateQuota);
}

#[test]
fn keys_do_not_show() {
    let mut bench = Bench::new();
    let id = bench.certificate("SVR");
    let shown = format!("{:?} {:?}", certificate("SVR").key, bench.world.certificate(&id));
    assert!(!shown.contains("\"key\""), "{shown}");
}
