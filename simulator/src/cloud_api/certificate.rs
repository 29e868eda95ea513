//! Certificate actions: decode, ask, answer. Reading PEM is [`super::x509`]'s topic.

use clb_cloud_api::secret::Secret;
use clb_cloud_api::ssl;
use clb_model::certificate::{Certificate, Purpose, Uploaded};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};
use clb_model::time::Timestamp;
use clb_model::world::World;

use super::refusal::Fault;
use super::written::{self, Page};
use super::{Call, asked_for, not_served, x509};

pub(super) fn create(call: &Call<'_>, request: ssl::UploadCertificate) -> Result<ssl::UploadCertificateReply, Fault> {
    not_served(&[
        ("KeyPassword", request.key_password.as_ref().is_some_and(|word| !word.expose().is_empty())),
        ("ProjectId", request.project_id.is_some_and(|id| id != 0)),
    ])?;
    let tags = request.tags.unwrap_or_default().into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect();
    // An empty key counts as none: clients send it with a CA certificate.
    let key = request.certificate_private_key.as_ref().map(Secret::expose).filter(|key| !key.is_empty());
    let draft = x509::draft(
        &request.certificate_public_key,
        key,
        request.certificate_type.as_deref(),
        request.alias,
        request.repeatable.unwrap_or(true),
        Tags(tags),
    );
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
    request: ssl::DescribeCertificateDetail,
) -> Result<ssl::DescribeCertificateDetailReply, Fault> {
    let now = call.control.clock().now();
    call.world(|world| Ok(view_detail(world.certificate(&request.certificate_id)?, world, now)))
}

pub(super) fn describe_all(
    call: &Call<'_>,
    request: ssl::DescribeCertificates,
) -> Result<ssl::DescribeCertificatesReply, Fault> {
    not_served(&[
        ("ProjectId", request.project_id.is_some_and(|id| id != 0)),
        ("Deployable", request.deployable.is_some()),
        ("Renew", request.renew.is_some()),
        ("FilterSource", request.filter_source.as_deref().is_some_and(|source| source != "upload")),
        ("IsSM", request.is_sm.is_some()),
        ("FilterExpiring", request.filter_expiring.is_some()),
        ("Hostable", request.hostable.is_some()),
        ("Tags", request.tags.is_some()),
        ("IsPendingIssue", request.is_pending_issue.is_some()),
        ("ServiceId", request.service_id.is_some()),
    ])?;
    let number = |given: Option<u64>| given.map(|given| i64::try_from(given).unwrap_or(i64::MAX));
    let page = Page::check(number(request.offset), number(request.limit), 10, 1000, Rule::CertificateListLimit)?;
    let now = call.control.clock().now();
    let ids = request.cert_ids.unwrap_or_default();
    let wanted = |it: &Certificate| {
        asked_for(&ids, it.id.as_str())
            && request.certificate_type.as_deref().is_none_or(|wanted| wanted == type_word(it.purpose))
            && request.certificate_status.as_ref().is_none_or(|wanted| wanted.contains(&status(it, now).0))
            && request.search_key.as_deref().is_none_or(|key| {
                it.id.as_str().contains(key) || it.alias.contains(key) || it.facts.common_name.contains(key)
            })
    };
    call.world(|world| {
        let mut found: Vec<&Certificate> = world.certificates().map(|it| &**it).filter(|it| wanted(it)).collect();
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

pub(super) fn modify(
    call: &Call<'_>,
    request: ssl::ModifyCertificateAlias,
) -> Result<ssl::ModifyCertificateAliasReply, Fault> {
    let id = &request.certificate_id;
    call.write(|world, _| world.modify_certificate_alias(id, request.alias.as_deref()))?;
    Ok(ssl::ModifyCertificateAliasReply { certificate_id: id.clone() })
}

pub(super) fn delete(call: &Call<'_>, request: ssl::DeleteCertificate) -> Result<ssl::DeleteCertificateReply, Fault> {
    let check = request.is_check_resource.unwrap_or_default();
    call.write(|world, _| world.delete_certificate(&request.certificate_id, check))?;
    Ok(ssl::DeleteCertificateReply { delete_result: true, task_id: None })
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
        project_id: "0".to_owned(),
        from: "upload".to_owned(),
        certificate_type: type_word(it.purpose).to_owned(),
        product_zh_name: "Uploaded certificate".to_owned(),
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
        domain_type: if is_wildcard(it) { 3 } else { 1 },
        hosting_status: Some(-1),
        ..ssl::DescribeCertificateDetailReply::default()
    }
}

fn view(it: &Certificate, world: &World, now: Timestamp) -> ssl::Certificates {
    let (status, status_name) = status(it, now);
    ssl::Certificates {
        owner_uin: world.account.uin.clone(),
        project_id: "0".to_owned(),
        from: "upload".to_owned(),
        certificate_type: type_word(it.purpose).to_owned(),
        product_zh_name: "Uploaded certificate".to_owned(),
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
