//! `clb_certificate`: a certificate in the platform's certificate service, with a private key that never enters the state.

mod expiry;
mod official;
mod pem;

use std::collections::BTreeMap;

use clb_cloud_api::secret::Secret as WireSecret;
use clb_cloud_api::{ApiError, CallError, ssl};
use tfplugin_sdk::{
    Context, Error, ForeignState, Path, PlanEdit, Planned, Report, Resource, Result, Secret, Value, path,
};

use crate::errors::{Doing, gone};
use crate::platform::{Created, Lookalike, Platform, existing};
use crate::resources::tags;
use pem::{Chain, PrivateKey};

pub(super) use expiry::warn_of_expiry;

/// A certificate for listeners: a server certificate with its private key, or the CA certificate that client certificates are
/// checked against. The private key is write-only: it is sent to the platform and stored nowhere else.
///
/// To rotate a certificate without an outage, set `lifecycle { create_before_destroy = true }`: the new certificate is uploaded,
/// the listener pointed at it in place, and the old one deleted after that.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "clb_certificate",
    import = "{certificate_id}",
    identity(certificate_id),
    refused_when(
        r#type = CertificateType::ClientCa,
        private_key_wo,
        because = "the platform only checks signatures with a CA certificate, and its key should stay where certificates are issued"
    )
)]
pub struct Certificate {
    /// Id of the certificate, 8 letters and digits.
    #[tf(computed, keep)]
    pub certificate_id: String,
    /// What it is for: `server` (default), the certificate a listener shows, or `client_ca`, the CA that a listener with mutual
    /// TLS checks client certificates against. A change replaces the certificate.
    #[tf(default = CertificateType::Server, replace)]
    pub r#type: CertificateType,
    /// The certificate in PEM form, the chain after it if there is one. A change replaces the certificate; a change of line ends
    /// only does not.
    #[tf(replace, custom = pem::check_chain)]
    pub certificate: PemText,
    /// The private key of a server certificate in PEM form. Write-only: it is never stored in plan or state, so a change of the
    /// key alone is noticed only through `private_key_wo_version`. Required to create a server certificate, not to keep an
    /// imported one. Needs Terraform 1.11 or later.
    #[tf(write_only, custom = pem::check_key)]
    pub private_key_wo: Option<Secret<String>>,
    /// Any number; raise it with every new private key. A change from one number to another replaces the certificate.
    #[tf(replace_if = is_another_version)]
    pub private_key_wo_version: Option<i64>,
    /// Name in the console. Without it the platform chooses one.
    #[tf(optional, computed, keep)]
    pub name: String,
    /// Number of the project it belongs to. Defaults to 0, the default project.
    #[tf(default = 0)]
    pub project_id: u32,
    /// Tags, at most 20.
    #[tf(default = BTreeMap::new(), length(..=20))]
    pub tags: BTreeMap<String, String>,
    /// Main domain name of the certificate, as the platform reads it.
    #[tf(computed, keep)]
    pub domain: String,
    /// Further names of the certificate, as the platform reads them.
    #[tf(computed, keep)]
    pub subject_alternative_names: Vec<String>,
    /// Start of validity, as the platform writes it: `YYYY-MM-DD hh:mm:ss` in GMT+8.
    #[tf(computed, keep)]
    pub not_before: String,
    /// End of validity, in the form of `not_before`.
    #[tf(computed, keep)]
    pub not_after: String,
    /// SHA-1 fingerprint, if the platform tells.
    #[tf(computed, keep)]
    pub fingerprint: Option<String>,
}

/// A text in PEM form. Line ends and space around it mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Newtype)]
#[tf(canonical = pem::canonical)]
pub struct PemText(pub String);

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum CertificateType {
    /// Shown by a listener.
    Server,
    /// Client certificates are checked against it.
    ClientCa,
}

impl CertificateType {
    /// The platform's word for it.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Server => "SVR",
            Self::ClientCa => "CA",
        }
    }
}

impl Resource for Certificate {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: CertificatePlan) -> Result<Self> {
        let platform = cx.api();
        let request = ssl::UploadCertificate {
            certificate_public_key: plan.certificate.0.clone(),
            certificate_private_key: plan.private_key_wo.as_ref().map(|key| WireSecret::new(key.expose().as_str())),
            certificate_type: Some(plan.r#type.wire().to_owned()),
            alias: plan.name.known().cloned(),
            certificate_use: Some("CLB".to_owned()),
            project_id: (plan.project_id != 0).then(|| plan.project_id.into()),
            tags: (!plan.tags.is_empty()).then(|| plan.tags.iter().map(tag).collect()),
            repeatable: Some(true),
            ..Default::default()
        };
        let kind = format!("certificate {}", pem::canonical(&plan.certificate.0));
        let alike = |since| uploaded_alike(platform, &plan, since);
        let id_of = |reply: &ssl::UploadCertificateReply| Some(reply.certificate_id.clone());
        let uploaded = platform.create(&kind, &request, id_of, alike).await;
        let id = match uploaded.doing_at("upload the certificate", attribute)? {
            Created::Answered(answered) => answered.reply.certificate_id,
            Created::Found(id) => id,
        };
        cx.checkpoint(|state| state.certificate_id = Planned::Known(id.clone()));
        find(platform, &id, plan.private_key_wo_version).await?.ok_or_else(|| gone("certificate", &id))
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        cx.unless_cancelled(find(cx.api(), &state.certificate_id, state.private_key_wo_version)).await?
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: CertificatePlan) -> Result<Self> {
        let (platform, id) = (cx.api(), &state.certificate_id);
        if let Some(name) = plan.name.known().filter(|name| **name != state.name) {
            let request = ssl::ModifyCertificateAlias { certificate_id: id.clone(), alias: Some(name.clone()) };
            let renamed = existing(platform.call(&request).await);
            let renamed = renamed.doing_at(format_args!("rename the certificate {id}"), |_| Some(path!(name)))?;
            renamed.ok_or_else(|| gone("certificate", id))?;
            cx.checkpoint(|state| state.name = Planned::Known(name.clone()));
        }
        if state.project_id != plan.project_id {
            move_to_project(platform, id, plan.project_id).await?;
            cx.checkpoint(|state| state.project_id = plan.project_id);
        }
        for request in retagging(platform.region(), id, &state.tags, &plan.tags) {
            let doing = format!("change the tags of the certificate {id}");
            platform.call(&request).await.doing_at(doing, |_| Some(path!(tags)))?;
        }
        find(platform, id, plan.private_key_wo_version).await?.ok_or_else(|| gone("certificate", id))
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let id = state.certificate_id;
        // The platform looks for users only when asked to, and then needs a role of the account for it.
        let users = cx.api().users_of_certificate(&id).await.doing(format_args!("delete the certificate {id}"))?;
        if !users.is_empty() {
            return Err(used(&id, &users));
        }
        let request = ssl::DeleteCertificate { certificate_id: id.clone(), is_check_resource: None };
        let deleted = existing(cx.api().call(&request).await);
        match deleted.doing(format_args!("delete the certificate {id}"))? {
            Some(answered) if !answered.reply.delete_result => {
                Err(Error::new(format!("Cannot delete the certificate {id}")).detail(format!(
                    "The platform answered that it did not delete it, without a reason. Does a listener still use it? \
                     (request id {})",
                    answered.request_id
                )))
            }
            _ => Ok(()),
        }
    }

    async fn import(cx: &mut Context<'_, Self>, id: CertificateImport) -> Result<Option<Self>> {
        cx.unless_cancelled(find(cx.api(), &id.certificate_id, None)).await?
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
    }

    fn validate(config: &CertificateConfig, report: &mut Report) {
        let chain = config.certificate.known().and_then(|text| Chain::parse(&text.0).ok());
        let key = config.private_key_wo.known().and_then(|key| PrivateKey::parse(key.expose()).ok());
        let Some(chain) = chain else { return };
        if config.r#type.known() == Some(&CertificateType::ClientCa) && chain.is_explicitly_no_ca() {
            report.error(
                path!(certificate),
                "This is not a CA certificate",
                "Its basic constraints say that it may not issue certificates (CA:FALSE), so no client certificate could be \
                 checked against it.",
            );
        }
        if key.is_some_and(|key| chain.contradicts(&key)) {
            report.error(
                path!(private_key_wo),
                "The private key does not belong to the certificate",
                "The public key in `certificate` is not the one of this private key. If the certificate is a chain, its first \
                 certificate must be the server's own.",
            );
        }
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.is_destroy() {
            return Ok(());
        }
        if let Some(text) = plan.planned.certificate.known().cloned() {
            warn_of_expiry(plan, path!(certificate), &text.0);
        }
        let is_server = plan.planned.r#type.known() == Some(&CertificateType::Server);
        // Only here: one that exists, such as one just imported, can be managed by those who do not have its key.
        if plan.is_create() && is_server && plan.config.private_key_wo.is_null() {
            plan.error(
                path!(private_key_wo),
                "A server certificate needs its private key",
                "Set private_key_wo, or set type to \"client_ca\" if this certificate is to check clients against.",
            );
        }
        Ok(())
    }
}

/// Moves a certificate to another project. The platform answers with a list of those it did not move, without a reason.
async fn move_to_project(platform: &Platform, id: &str, project_id: u32) -> Result<()> {
    let doing = format!("move the certificate {id} to the project {project_id}");
    let request =
        ssl::ModifyCertificateProject { certificate_id_list: vec![id.to_owned()], project_id: project_id.into() };
    let moved = platform.call(&request).await.doing_at(&doing, |_| Some(path!(project_id)))?;
    if moved.reply.fail_certificates.is_empty() {
        return Ok(());
    }
    let (why, request_id) = ("Is there a project with this number in this account?", moved.request_id);
    Err(Error::new(format!("Cannot {doing}"))
        .detail(format!("The platform answered that it did not, without a reason. {why} (request id {request_id})"))
        .at(path!(project_id)))
}

/// The calls that turn some tags of a certificate into others.
fn retagging(
    region: &str,
    id: &str,
    now: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Vec<clb_cloud_api::tag::ModifyResourceTags> {
    tags::retagging(&format!("qcs::ssl:{region}:uin/:certificate/{id}"), now, wanted)
}

fn tag((key, value): (&String, &String)) -> ssl::Tags {
    ssl::Tags { tag_key: key.clone(), tag_value: value.clone() }
}

/// Says who keeps a certificate from being deleted.
fn used(id: &str, users: &[String]) -> Error {
    Error::new(format!("Cannot delete the certificate {id}, which is in use")).detail(format!(
        "It is used by {}. Point them at another certificate first. To replace a certificate that is in use, set `lifecycle {{ \
         create_before_destroy = true }}` on it: Terraform then uploads the new one, points the listeners at it in place, and \
         deletes the old one after that. Nothing was deleted.",
        users.join(", ")
    ))
}

/// An imported certificate has no version yet: adopting one uploads nothing, and neither does dropping it.
#[allow(clippy::ref_option, reason = "the form that `replace_if` calls")]
fn is_another_version(prior: &Option<i64>, planned: &Value<i64>) -> bool {
    prior.is_some() && !planned.is_null() && planned.known() != prior.as_ref()
}

/// The certificates that an upload without an answer could have made.
async fn uploaded_alike(
    platform: &Platform,
    plan: &CertificatePlan,
    since: String,
) -> Result<Vec<Lookalike>, CallError> {
    let name = plan.name.known().map(String::as_str);
    let named = platform.certificates_named(plan.r#type.wire(), plan.project_id, name).await?;
    let mut alike = Vec::new();
    for it in named.into_iter().filter(|it| it.insert_time >= since) {
        let Some(detail) = platform.certificate(&it.certificate_id).await? else { continue };
        let text = detail.certificate_public_key.unwrap_or_default();
        if pem::canonical(&text) == pem::canonical(&plan.certificate.0) {
            alike.push((it.certificate_id, it.insert_time));
        }
    }
    Ok(alike)
}

/// The certificate as it is now. The platform does not know the version of its key.
async fn find(platform: &Platform, id: &str, private_key_wo_version: Option<i64>) -> Result<Option<Certificate>> {
    let found = platform.certificate(id).await.doing(format_args!("read the certificate {id}"))?;
    found.map(|detail| from_wire(detail, private_key_wo_version)).transpose()
}

/// What the platform says of a certificate, as Terraform's state.
fn from_wire(detail: ssl::DescribeCertificateDetailReply, private_key_wo_version: Option<i64>) -> Result<Certificate> {
    let kind = match detail.certificate_type.as_str() {
        "SVR" => CertificateType::Server,
        "CA" => CertificateType::ClientCa,
        other => {
            return Err(Error::new(format!("The certificate {} is of another type", detail.certificate_id))
                .detail(format!("The platform calls its type {other}; listeners use SVR and CA certificates.")));
        }
    };
    Ok(Certificate {
        certificate_id: detail.certificate_id,
        r#type: kind,
        certificate: PemText(detail.certificate_public_key.unwrap_or_default()),
        private_key_wo: None,
        private_key_wo_version,
        name: detail.alias,
        project_id: detail.project_id.parse().unwrap_or_default(),
        tags: detail.tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect(),
        domain: detail.domain,
        subject_alternative_names: detail.subject_alt_name,
        not_before: detail.cert_begin_time.unwrap_or_default(),
        not_after: detail.cert_end_time.unwrap_or_default(),
        fingerprint: detail.cert_fingerprint,
    })
}

/// The attribute that a refused upload is about.
fn attribute(refusal: &ApiError) -> Option<Path> {
    match refusal.code.as_str() {
        "FailedOperation.CertificateMismatch"
        | "FailedOperation.CertificateMatchError"
        | "InvalidParameter.MissMatchPrivateKey" => Some(path!(private_key_wo)),
        "FailedOperation.CertificateParseError"
        | "FailedOperation.CertificateInvalid"
        | "FailedOperation.CertificateCaError"
        | "FailedOperation.CertificateChainError" => Some(path!(certificate)),
        _ => None,
    }
}
