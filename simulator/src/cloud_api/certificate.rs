//! Certificate actions: decode, ask, answer. Reading PEM is [`crate::x509`]'s topic.

use std::time::Duration;

use clb_cloud_api::secret::Secret;
use clb_cloud_api::ssl;
use clb_model::certificate::{Certificate, CertificateDraft, Purpose, Uploaded};
use clb_model::id::CertificateId;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::time::Timestamp;
use clb_model::world::World;
use serde_json::json;

use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, asked_for, not_served};
use crate::x509;

/// So long before its end a certificate counts as expiring soon; the platform says no figure, this one is ours.
const SOON: Duration = Duration::from_hours(30 * 24);
/// The most tasks of one question (SDK).
const MOST_TASKS: usize = 100;
/// What the id of a deletion's task starts with; the id of the certificate follows.
const DELETION: &str = "delete-";
/// What every certificate here is.
const PRODUCT: &str = "Uploaded certificate";

pub(super) fn create(call: &Call<'_>, request: ssl::UploadCertificate) -> Result<ssl::UploadCertificateReply, Fault> {
    let tags = request.tags.unwrap_or_default().into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect();
    // An empty key counts as none: clients send it with a CA certificate.
    let key = request.certificate_private_key.as_ref().map(Secret::expose).filter(|key| !key.is_empty());
    // CertificateUse is a hint that no reply shows. A password is needed for an encrypted key only.
    let password = request.key_password.as_ref().is_some_and(|word| !word.expose().is_empty());
    not_served(&[("KeyPassword", password && key.is_some_and(x509::is_encrypted))])?;
    let draft = x509::draft(
        &request.certificate_public_key,
        key,
        request.certificate_type.as_deref(),
        request.alias,
        request.repeatable.unwrap_or(true),
        Tags(tags),
    );
    let draft = CertificateDraft { project_id: request.project_id.unwrap_or(0), ..draft };
    let uploaded = call.write(|world, occasion| world.create_certificate(&draft, occasion))?;
    Ok(match uploaded {
        Uploaded::New(id) => {
            ssl::UploadCertificateReply { certificate_id: id.to_string(), repeat_cert_id: String::new() }
        }
        Uploaded::Repeated(id) => {
            ssl::UploadCertificateReply { certificate_id: id.to_string(), repeat_cert_id: id.to_string() }
        }
    })
}

pub(super) fn describe(
    call: &Call<'_>,
    request: ssl::DescribeCertificate,
) -> Result<ssl::DescribeCertificateReply, Fault> {
    let now = call.control.clock().now();
    call.world(|world| Ok(view_one(world.certificate(&request.certificate_id)?, world, now)))
}

pub(super) fn describe_detail(
    call: &Call<'_>,
    request: ssl::DescribeCertificateDetail,
) -> Result<ssl::DescribeCertificateDetailReply, Fault> {
    let now = call.control.clock().now();
    call.world(|world| Ok(view_detail(world.certificate(&request.certificate_id)?, world, now)))
}

pub(super) fn describe_all(
    call: &Call<'_>,
    request: ssl::DescribeCertificates,
) -> Result<ssl::DescribeCertificatesReply, Fault> {
    let number = |given: Option<u64>| given.map(|given| i64::try_from(given).unwrap_or(i64::MAX));
    let page = Page::check(number(request.offset), number(request.limit), 10, 1000, Rule::CertificateListLimit)?;
    let now = call.control.clock().now();
    call.world(|world| {
        let certificates = world.certificates().map(|it| &**it);
        let mut found: Vec<&Certificate> = certificates.filter(|it| wanted(it, &request, world, now)).collect();
        match request.expiration_sort.as_deref() {
            Some("ASC") => found.sort_by_key(|it| it.facts.not_after),
            Some("DESC") => found.sort_by_key(|it| std::cmp::Reverse(it.facts.not_after)),
            _ => found.sort_by_key(|it| std::cmp::Reverse(it.created_at)),
        }
        Ok(ssl::DescribeCertificatesReply {
            total_count: found.len() as u64,
            certificates: page.of(found).into_iter().map(|it| view(it, world, now)).collect(),
        })
    })
}

/// Whether a certificate is asked for.
fn wanted(it: &Certificate, request: &ssl::DescribeCertificates, world: &World, now: Timestamp) -> bool {
    let only = |flag: Option<i64>, holds: bool| flag != Some(1) || holds;
    let number = |flag: Option<u64>| flag.and_then(|flag| i64::try_from(flag).ok());
    let soon = it.facts.not_after >= now && it.facts.not_after.since(now) <= SOON;
    let name = ResourceName::certificate(&it.id);
    asked_for(request.cert_ids.as_deref().unwrap_or_default(), it.id.as_str())
        && request.certificate_type.as_deref().is_none_or(|wanted| wanted == type_word(it.purpose))
        && request.certificate_status.as_ref().is_none_or(|wanted| wanted.contains(&status(it, now).0))
        && request.project_id.is_none_or(|wanted| wanted == it.project_id)
        && request.search_key.as_deref().is_none_or(|key| {
            it.id.as_str().contains(key) || it.alias.contains(key) || it.facts.common_name.contains(key)
        })
        && request.tags.iter().flatten().all(|wanted| {
            world.tags(&name).any(|(key, value)| *key == wanted.tag_key && *value == wanted.tag_value)
        })
        // All certificates here are uploaded ones that can be deployed.
        && request.filter_source.as_deref().is_none_or(|source| source == "upload")
        && request.deployable.is_none_or(|wanted| wanted == 1)
        && only(number(request.filter_expiring), soon)
        && only(request.renew, false)
        && only(request.is_sm, false)
        && only(number(request.hostable), false)
        && only(request.is_pending_issue, false)
        && request.service_id.as_deref().is_none_or(str::is_empty)
}

pub(super) fn modify_alias(
    call: &Call<'_>,
    request: ssl::ModifyCertificateAlias,
) -> Result<ssl::ModifyCertificateAliasReply, Fault> {
    let id = &request.certificate_id;
    call.write(|world, _| world.modify_certificate_alias(id, request.alias.as_deref()))?;
    Ok(ssl::ModifyCertificateAliasReply { certificate_id: id.clone() })
}

pub(super) fn modify_project(
    call: &Call<'_>,
    request: ssl::ModifyCertificateProject,
) -> Result<ssl::ModifyCertificateProjectReply, Fault> {
    let (ids, project) = (&request.certificate_id_list, request.project_id);
    let (success_certificates, fail_certificates) =
        call.write(|world, _| world.modify_certificate_project(ids, project))?;
    Ok(ssl::ModifyCertificateProjectReply { success_certificates, fail_certificates })
}

/// With a check the answer names a task (SDK). Here it has always ended: either the certificate is gone, or the call was
/// refused.
pub(super) fn delete(call: &Call<'_>, request: ssl::DeleteCertificate) -> Result<ssl::DeleteCertificateReply, Fault> {
    let check = request.is_check_resource.unwrap_or_default();
    call.write(|world, _| world.delete_certificate(&request.certificate_id, check))?;
    let task_id = check.then(|| format!("{DELETION}{}", request.certificate_id));
    Ok(ssl::DeleteCertificateReply { delete_result: true, task_id })
}

pub(super) fn describe_deletions(
    call: &Call<'_>,
    request: ssl::DescribeDeleteCertificatesTaskResult,
) -> Result<ssl::DescribeDeleteCertificatesTaskResultReply, Fault> {
    let count = request.task_ids.len();
    if count > MOST_TASKS {
        return Err(Refusal::new(Rule::CertificateDeletionTasksMax100).at(Field::TaskIds).given(count).into());
    }
    let now = written::time(call.control.clock().now());
    let view = |world: &World, (index, task_id): (usize, &String)| {
        let id = task_id.strip_prefix(DELETION).filter(|id| CertificateId::is_well_formed(id));
        let id = id.filter(|id| world.certificate(id).is_err());
        let id = id.ok_or_else(|| {
            Refusal::new(Rule::CertificateDeletionTaskUnknown).at(Field::TaskIds).nth(index).given(task_id)
        })?;
        Ok(ssl::DeleteTaskResult {
            task_id: task_id.clone(),
            cert_id: id.to_owned(),
            status: 1,
            cache_time: now.clone(),
            ..ssl::DeleteTaskResult::default()
        })
    };
    call.world(|world| {
        let results: Result<_, Refusal> = request.task_ids.iter().enumerate().map(|it| view(world, it)).collect();
        Ok(ssl::DescribeDeleteCertificatesTaskResultReply { delete_task_result: results? })
    })
}

fn type_word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Server => "SVR",
        Purpose::ClientCa => "CA",
    }
}

/// 1 = usable, 3 = expired.
fn status(it: &Certificate, now: Timestamp) -> (u64, &'static str) {
    if it.facts.not_after < now { (3, "Expired") } else { (1, "Issued") }
}

/// Whole months from the beginning to the end of validity, as the API counts them.
fn months(it: &Certificate) -> String {
    let days = it.facts.not_after.since(it.facts.not_before).as_secs() / 86_400;
    (days / 30).to_string()
}

fn view_detail(it: &Certificate, world: &World, now: Timestamp) -> ssl::DescribeCertificateDetailReply {
    let (status, status_name) = status(it, now);
    ssl::DescribeCertificateDetailReply {
        owner_uin: world.account.uin.clone(),
        project_id: it.project_id.to_string(),
        from: "upload".to_owned(),
        certificate_type: type_word(it.purpose).to_owned(),
        product_zh_name: PRODUCT.to_owned(),
        domain: it.facts.common_name.clone(),
        alias: it.alias.clone(),
        status,
        status_name: status_name.to_owned(),
        vulnerability_status: "INACTIVE".to_owned(),
        cert_begin_time: Some(written::time(it.facts.not_before)),
        cert_end_time: Some(written::time(it.facts.not_after)),
        validity_period: months(it),
        insert_time: written::time(it.created_at),
        certificate_private_key: it.private_key_pem.as_ref().map(|pem| Secret::new(&**pem)),
        certificate_public_key: Some(it.pem.to_string()),
        certificate_id: it.id.to_string(),
        subject_alt_name: it.facts.alternative_names.clone(),
        is_wildcard: is_wildcard(it),
        deployable: true,
        tags: tags(it, world),
        cert_fingerprint: Some(it.facts.fingerprint.clone()),
        encrypt_algorithm: it.facts.key_algorithm.clone(),
        domain_type: domain_type(it),
        cert_type: "DV".to_owned(),
        use_cross_sign_root: Some(false),
        certificate_extra: extra(),
        hosting_status: Some(-1),
        ..ssl::DescribeCertificateDetailReply::default()
    }
}

fn view_one(it: &Certificate, world: &World, now: Timestamp) -> ssl::DescribeCertificateReply {
    let (status, status_name) = status(it, now);
    ssl::DescribeCertificateReply {
        owner_uin: world.account.uin.clone(),
        project_id: it.project_id.to_string(),
        from: "upload".to_owned(),
        certificate_type: type_word(it.purpose).to_owned(),
        product_zh_name: PRODUCT.to_owned(),
        domain: it.facts.common_name.clone(),
        alias: it.alias.clone(),
        status,
        status_name: status_name.to_owned(),
        vulnerability_status: "INACTIVE".to_owned(),
        cert_begin_time: written::time(it.facts.not_before),
        cert_end_time: written::time(it.facts.not_after),
        validity_period: months(it),
        insert_time: written::time(it.created_at),
        certificate_extra: extra(),
        certificate_id: it.id.to_string(),
        package_type_name: PRODUCT.to_owned(),
        subject_alt_name: it.facts.alternative_names.clone(),
        is_wildcard: is_wildcard(it),
        deployable: true,
        tags: tags(it, world),
        ..ssl::DescribeCertificateReply::default()
    }
}

fn view(it: &Certificate, world: &World, now: Timestamp) -> ssl::Certificates {
    let (status, status_name) = status(it, now);
    ssl::Certificates {
        owner_uin: world.account.uin.clone(),
        project_id: it.project_id.to_string(),
        from: "upload".to_owned(),
        certificate_type: type_word(it.purpose).to_owned(),
        product_zh_name: PRODUCT.to_owned(),
        domain: it.facts.common_name.clone(),
        alias: it.alias.clone(),
        status,
        status_name: status_name.to_owned(),
        vulnerability_status: "INACTIVE".to_owned(),
        cert_begin_time: written::time(it.facts.not_before),
        cert_end_time: written::time(it.facts.not_after),
        validity_period: months(it),
        insert_time: written::time(it.created_at),
        certificate_id: it.id.to_string(),
        subject_alt_name: it.facts.alternative_names.clone(),
        is_wildcard: is_wildcard(it),
        deployable: true,
        tags: tags(it, world),
        encrypt_algorithm: it.facts.key_algorithm.clone(),
        hosting_status: -1,
        certificate_extra: extra(),
        package_type_name: PRODUCT.to_owned(),
        project_info: Some(project(it, world)),
        service_id: Some(String::new()),
        ..ssl::Certificates::default()
    }
}

fn is_wildcard(it: &Certificate) -> bool {
    it.facts.common_name.starts_with("*.") || it.facts.alternative_names.iter().any(|name| name.starts_with("*."))
}

fn tags(it: &Certificate, world: &World) -> Vec<ssl::Tags> {
    let name = ResourceName::certificate(&it.id);
    world.tags(&name).map(|(key, value)| ssl::Tags { tag_key: key.clone(), tag_value: value.clone() }).collect()
}

/// 1 one name, 2 several, 3 a wildcard, 4 several with a wildcard among them.
fn domain_type(it: &Certificate) -> u64 {
    let several = it.facts.alternative_names.len() > 1;
    1 + u64::from(several) + 2 * u64::from(is_wildcard(it))
}

/// An uploaded certificate has no allowance and no history.
fn extra() -> ssl::CertificateExtra {
    ssl::CertificateExtra {
        domain_number: "0".to_owned(),
        service_renew_certificate_id: Some(String::new()),
        service_origin_certificate_id: Some(String::new()),
        ..ssl::CertificateExtra::default()
    }
}

/// Projects have numbers only.
fn project(it: &Certificate, world: &World) -> serde_json::Value {
    json!({
        "ProjectName": "",
        "ProjectCreatorUin": 0,
        "ProjectCreateTime": "",
        "ProjectResume": "",
        "OwnerUin": world.account.uin.parse::<u64>().unwrap_or(0),
        "ProjectId": it.project_id.to_string(),
    })
}
