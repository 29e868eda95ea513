//! Certificates through the API: their life, and what an upload has to be.

use clb_cloud_api::ssl;

use crate::sandbox::{Material, Sandbox, ca, listener, server};

fn upload(material: &Material, kind: &str) -> ssl::UploadCertificate {
    ssl::UploadCertificate {
        certificate_public_key: material.certificate.clone(),
        certificate_private_key: Some(material.key.as_str().into()),
        certificate_type: Some(kind.into()),
        alias: Some("name".into()),
        ..ssl::UploadCertificate::default()
    }
}

#[tokio::test]
async fn a_certificate_is_uploaded_shown_renamed_and_deleted() {
    let sandbox = Sandbox::start().await;
    let material = server();
    let id = sandbox.call(&upload(&material, "SVR")).await.certificate_id;
    assert_eq!(id.len(), 8);
    let question = ssl::DescribeCertificateDetail { certificate_id: id.clone() };
    let shown = sandbox.call(&question).await;
    assert_eq!(shown.certificate_public_key.as_deref(), Some(material.certificate.as_str()), "as it was uploaded");
    assert_eq!((shown.certificate_type.as_str(), shown.status, shown.alias.as_str()), ("SVR", 1, "name"));
    assert_eq!(shown.subject_alt_name, ["game.example"]);
    assert_eq!((shown.project_id.as_str(), shown.cert_fingerprint.map(|it| it.len())), ("0", Some(40)));
    assert!(!shown.domain.is_empty() && shown.encrypt_algorithm.starts_with("ECC"), "{}", shown.encrypt_algorithm);

    let rename = ssl::ModifyCertificateAlias { certificate_id: id.clone(), alias: Some("renamed".into()) };
    sandbox.call(&rename).await;
    let list = sandbox.call(&ssl::DescribeCertificates::default()).await;
    assert_eq!((list.total_count, list.certificates[0].alias.as_str()), (1, "renamed"));

    let delete = ssl::DeleteCertificate { certificate_id: id, is_check_resource: None };
    assert!(sandbox.call(&delete).await.delete_result);
    assert_eq!(sandbox.code(&question).await, "FailedOperation.CertificateNotFound");
    assert_eq!(sandbox.code(&delete).await, "FailedOperation.CertificateNotFound");
    assert_eq!(sandbox.code(&rename).await, "FailedOperation.CertificateNotFound");
}

#[tokio::test]
async fn uploads_that_cannot_be_used_are_refused() {
    let sandbox = Sandbox::start().await;
    let (material, other, authority) = (server(), server(), ca());
    let without_key = ssl::UploadCertificate { certificate_private_key: None, ..upload(&material, "SVR") };
    let foreign = Material { certificate: material.certificate.clone(), key: other.key };
    let garbage_key = Material { certificate: material.certificate.clone(), key: "garbage".into() };
    let garbage = Material { certificate: "garbage".into(), key: material.key.clone() };
    let cases = [
        (without_key, "InvalidParameter.WithDetailReason"),
        (upload(&foreign, "SVR"), "FailedOperation.CertificateMismatch"),
        (upload(&garbage_key, "SVR"), "FailedOperation.CertificateMismatch"),
        (upload(&garbage, "SVR"), "FailedOperation.CertificateParseError"),
        (upload(&material, "ROOT"), "FailedOperation.InvalidParam"),
        (upload(&material, "CA"), "FailedOperation.CertificateCaError"),
    ];
    for (request, code) in cases {
        let (said, message) = sandbox.refused(&request).await;
        assert_eq!(said, code, "{message}");
        assert!(!message.contains("PRIVATE KEY"), "{message}");
    }
    sandbox.call(&upload(&authority, "CA")).await;
    let again = ssl::UploadCertificate { repeatable: Some(false), ..upload(&authority, "CA") };
    let reply = sandbox.call(&again).await;
    assert_eq!(reply.repeat_cert_id, reply.certificate_id);
}

#[tokio::test]
async fn a_certificate_in_use_is_kept_only_when_that_is_asked_for() {
    let sandbox = Sandbox::start().await;
    let (lb, certificate) = (sandbox.load_balancer().await, sandbox.server_certificate().await);
    let id = sandbox.done(&listener(&lb, &certificate)).await.listener_ids[0].clone();
    let delete = |check| ssl::DeleteCertificate { certificate_id: certificate.clone(), is_check_resource: Some(check) };
    let (code, message) = sandbox.refused(&delete(true)).await;
    assert_eq!(code, "FailedOperation.BoundResources");
    assert!(message.contains(&id), "{message}");
    sandbox.call(&delete(false)).await;
    let shown = sandbox.describe_listener(&lb, &id).await.expect("the listener goes on");
    assert_eq!(shown.certificate.expect("shown").cert_id, certificate);
}

#[tokio::test]
async fn a_checked_deletion_names_a_task_that_has_ended() {
    let sandbox = Sandbox::start().await;
    let id = sandbox.server_certificate().await;
    let delete = ssl::DeleteCertificate { certificate_id: id.clone(), is_check_resource: Some(true) };
    let deleted = sandbox.call(&delete).await;
    assert!(deleted.delete_result);
    let question = ssl::DescribeDeleteCertificatesTaskResult { task_ids: vec![deleted.task_id.expect("with a check")] };
    let result = sandbox.call(&question).await.delete_task_result.remove(0);
    assert_eq!((result.cert_id, result.status), (id, 1));
}

#[tokio::test]
async fn a_certificate_has_a_project_and_tags_and_is_found_by_them() {
    let sandbox = Sandbox::start().await;
    let tag = |value: &str| Some(vec![ssl::Tags { tag_key: "team".into(), tag_value: value.into() }]);
    let upload = ssl::UploadCertificate {
        project_id: Some(7),
        tags: tag("game"),
        certificate_use: Some("CLB".into()),
        key_password: Some("not needed".into()),
        ..upload(&server(), "SVR")
    };
    let id = sandbox.call(&upload).await.certificate_id;
    let list = ssl::DescribeCertificates::default;
    let searches = [
        (ssl::DescribeCertificates { project_id: Some(7), ..list() }, 1),
        (ssl::DescribeCertificates { project_id: Some(8), ..list() }, 0),
        (ssl::DescribeCertificates { tags: tag("game"), ..list() }, 1),
        (ssl::DescribeCertificates { tags: tag("other"), ..list() }, 0),
        (ssl::DescribeCertificates { filter_source: Some("buy".into()), ..list() }, 0),
        (ssl::DescribeCertificates { deployable: Some(1), upload: Some(1), ..list() }, 1),
        (ssl::DescribeCertificates { renew: Some(1), ..list() }, 0),
        (ssl::DescribeCertificates { is_sm: Some(0), filter_expiring: Some(0), ..list() }, 1),
    ];
    for (search, count) in searches {
        assert_eq!(sandbox.call(&search).await.total_count, count, "{search:?}");
    }
    let ids = vec![id.clone(), "aB3dE5gH".to_owned()];
    let moved = sandbox.call(&ssl::ModifyCertificateProject { certificate_id_list: ids, project_id: 0 }).await;
    assert_eq!((moved.success_certificates, moved.fail_certificates), (vec![id.clone()], vec!["aB3dE5gH".to_owned()]));
    let shown = sandbox.call(&ssl::DescribeCertificate { certificate_id: id }).await;
    assert_eq!((shown.project_id.as_str(), shown.tags.len(), shown.status), ("0", 1, 1));
}

#[tokio::test]
async fn an_encrypted_key_is_not_simulated() {
    let sandbox = Sandbox::start().await;
    let key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let without_password = upload(&Material { key: key.into(), ..server() }, "SVR");
    assert_eq!(sandbox.code(&without_password).await, "FailedOperation.CertificateMismatch");
    let encrypted = ssl::UploadCertificate { key_password: Some("word".into()), ..without_password };
    let (code, message) = sandbox.refused(&encrypted).await;
    assert_eq!(code, "UnsupportedOperation");
    assert!(message.contains("KeyPassword"), "{message}");
}

#[tokio::test]
async fn lists_are_bounded() {
    let sandbox = Sandbox::start().await;
    let limit = |limit| ssl::DescribeCertificates { limit: Some(limit), ..ssl::DescribeCertificates::default() };
    assert_eq!(sandbox.code(&limit(1001)).await, "FailedOperation.InvalidParam");
    sandbox.call(&limit(1000)).await;
}
