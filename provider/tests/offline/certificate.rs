//! `clb_certificate`: what belongs together, and what another upload is.

use clb_provider::resources::Certificate;
use clb_provider::resources::certificate::{CertificateConfig, CertificateType, PemText};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair, generate_simple_self_signed};
use tfplugin_sdk::testing::{Action, Instance, recorded};
use tfplugin_sdk::{Secret, Value, path};

use crate::{details, offline, places, unknown};

fn pair() -> (String, String) {
    let pair = generate_simple_self_signed(["demo.example".to_owned()]).unwrap();
    (pair.cert.pem(), pair.signing_key.serialize_pem())
}

fn certificate(text: &str) -> CertificateConfig {
    CertificateConfig { certificate: Value::Known(PemText(text.to_owned())), ..CertificateConfig::default() }
}

fn with_key(certificate_text: &str, key: &str) -> CertificateConfig {
    CertificateConfig { private_key_wo: Value::Known(Secret::new(key.to_owned())), ..certificate(certificate_text) }
}

fn client_ca(config: CertificateConfig) -> CertificateConfig {
    CertificateConfig { r#type: Value::Known(CertificateType::ClientCa), ..config }
}

async fn wrong(config: &CertificateConfig) -> Vec<String> {
    places(&offline::<Certificate>().await.validate(config))
}

/// A server certificate that exists, with the version of its key as JSON.
async fn existing(text: &str, version: &str) -> Instance<Certificate> {
    let mut instance = offline().await;
    let text = text.replace('\r', "\\r").replace('\n', "\\n");
    let state = format!(
        r#"{{ "certificate_id": "aB3dE5gH", "type": "server", "certificate": "{text}", "private_key_wo_version": {version},
           "name": "web", "project_id": 0, "tags": {{}}, "domain": "demo.example", "subject_alternative_names": [],
           "not_before": "", "not_after": "" }}"#
    );
    instance.upgrade(0, recorded(&state)).unwrap();
    instance
}

fn version(config: CertificateConfig, version: Value<i64>) -> CertificateConfig {
    CertificateConfig { private_key_wo_version: version, ..config }
}

#[tokio::test]
async fn a_certificate_and_its_own_key_are_accepted() {
    let ((certificate, key), (_, other)) = (pair(), pair());
    assert_eq!(wrong(&with_key(&certificate, &key)).await, [""; 0]);
    assert_eq!(wrong(&with_key(&certificate, &other)).await, ["private_key_wo"]);
    let not_known_yet = CertificateConfig { certificate: unknown(), ..with_key("", &key) };
    assert_eq!(wrong(&not_known_yet).await, [""; 0]);
}

#[tokio::test]
async fn what_is_no_pem_is_explained_without_showing_a_key() {
    let (certificate, key) = pair();
    let report = offline::<Certificate>().await.validate(&with_key(&key, &certificate));
    assert_eq!(places(&report), ["certificate", "private_key_wo"]);
    let said = details(&report).join("\n");
    assert!(said.contains("This is a private key.") && said.contains("This is not a PEM private key"), "{said}");
    let inside = key.lines().nth(1).unwrap();
    assert!(!said.contains(inside), "{said}");
}

#[tokio::test]
async fn a_client_ca_is_a_ca_and_comes_without_its_key() {
    let params = |is_ca| {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = is_ca;
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let ca = params(IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    assert_eq!(wrong(&client_ca(certificate(&ca.pem()))).await, [""; 0]);
    assert_eq!(wrong(&client_ca(certificate(&params(IsCa::ExplicitNoCa).pem()))).await, ["certificate"]);
    let key = ca.key().serialize_pem();
    assert_eq!(wrong(&client_ca(with_key(&ca.pem(), &key))).await, ["private_key_wo"]);
}

#[tokio::test]
async fn a_server_certificate_needs_its_key_to_be_created_and_not_to_be_kept() {
    let (text, key) = pair();
    let refused = offline::<Certificate>().await.plan(&certificate(&text)).await.unwrap_err();
    assert_eq!(places(&refused), ["private_key_wo"]);
    assert_eq!(offline::<Certificate>().await.plan(&with_key(&text, &key)).await.unwrap().action, Action::Create);
    assert_eq!(existing(&text, "null").await.plan(&certificate(&text)).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn line_ends_do_not_make_another_certificate() {
    let (text, _) = pair();
    let windows = existing(&text.replace('\n', "\r\n"), "null").await;
    assert_eq!(windows.plan(&certificate(&text)).await.unwrap().action, Action::NoOp);
    assert_eq!(windows.plan(&certificate(text.trim_end())).await.unwrap().action, Action::NoOp);
    let (other, key) = pair();
    let plan = windows.plan(&with_key(&other, &key)).await.unwrap();
    assert_eq!((plan.action, plan.replace), (Action::Replace, vec![path!(certificate)]));
}

#[tokio::test]
async fn only_a_change_from_one_version_of_the_key_to_another_is_another_upload() {
    let (text, key) = pair();
    let config = |wanted| version(with_key(&text, &key), wanted);
    for (before, wanted, action) in [
        ("null", Value::Known(1), Action::Update),
        ("1", Value::Known(1), Action::NoOp),
        ("1", Value::Null, Action::Update),
        ("1", Value::Known(2), Action::Replace),
        ("1", unknown(), Action::Replace),
    ] {
        let plan = existing(&text, before).await.plan(&config(wanted.clone())).await.unwrap();
        assert_eq!(plan.action, action, "from {before} to {wanted:?}");
    }
}
