//! Certificates (service `ssl`, version 2019-12-05): upload, describe, rename, delete.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Opaque, actions};
use crate::secret::Secret;

actions! { Ssl:
    UploadCertificate => UploadCertificateReply;
    DescribeCertificate => DescribeCertificateReply;
    DescribeCertificateDetail => DescribeCertificateDetailReply;
    DescribeCertificates => DescribeCertificatesReply;
    DeleteCertificate => DeleteCertificateReply;
    DescribeDeleteCertificatesTaskResult => DescribeDeleteCertificatesTaskResultReply;
    ModifyCertificateAlias => ModifyCertificateAliasReply;
    ModifyCertificateProject => ModifyCertificateProjectReply;
}

/// Uploads a certificate: a server certificate with its key, or a CA certificate.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UploadCertificate {
    /// Certificate (chain) PEM.
    pub certificate_public_key: String,
    /// Private key PEM; required for SVR.
    pub certificate_private_key: Option<Secret>,
    /// SVR (default, server) or CA.
    pub certificate_type: Option<String>,
    /// Display name.
    pub alias: Option<String>,
    /// Project id, default 0.
    pub project_id: Option<u64>,
    /// Origin hint such as CLB, CDN.
    pub certificate_use: Option<String>,
    /// Tag list.
    pub tags: Option<Vec<Tags>>,
    /// Allow the same fingerprint again, default true.
    pub repeatable: Option<bool>,
    /// Private key password.
    pub key_password: Option<Secret>,
}

/// What [`UploadCertificate`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct UploadCertificateReply {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Existing id when Repeatable is false and the certificate exists.
    pub repeat_cert_id: String,
}

/// Describes one certificate, without PEM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeCertificate {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
}

/// What [`DescribeCertificate`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeCertificateReply {
    /// Account id.
    pub owner_uin: String,
    /// Project id, default 0.
    pub project_id: String,
    /// Source: upload, trustasia.
    pub from: String,
    /// SVR (default, server) or CA.
    pub certificate_type: String,
    /// Package type, null for uploads.
    pub package_type: String,
    /// Product name (official provider requires it non-null).
    pub product_zh_name: String,
    /// Main domain.
    pub domain: String,
    /// Display name.
    pub alias: String,
    /// 0 reviewing, 1 approved/usable, 2 failed, 3 expired, 10 revoked.
    pub status: u64,
    /// Status detail.
    pub status_msg: String,
    /// Validation method.
    pub verify_type: String,
    /// Scan status.
    pub vulnerability_status: String,
    /// Not before, GMT+8.
    pub cert_begin_time: String,
    /// Not after, GMT+8.
    pub cert_end_time: String,
    /// Months, string.
    pub validity_period: String,
    /// Creation time, GMT+8.
    pub insert_time: String,
    /// Order id.
    pub order_id: Option<String>,
    /// Extra info.
    pub certificate_extra: CertificateExtra,
    /// DV validation detail.
    pub dv_auth_detail: Option<Opaque>,
    /// Scan report.
    pub vulnerability_report: Option<String>,
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Package name.
    pub package_type_name: String,
    /// Status text.
    pub status_name: String,
    /// Subject alternative names.
    pub subject_alt_name: Vec<String>,
    /// Paid flag.
    pub is_vip: bool,
    /// Wildcard flag.
    pub is_wildcard: bool,
    /// DV flag.
    pub is_dv: bool,
    /// Scan enabled.
    pub is_vulnerability: bool,
    /// Renewable flag.
    pub renew_able: bool,
    /// Submitted paperwork.
    pub submitted_data: Option<Opaque>,
    /// Deployable flag.
    pub deployable: bool,
    /// Tag list.
    pub tags: Vec<Tags>,
    /// CA algorithms.
    #[serde(rename = "CAEncryptAlgorithms")]
    pub ca_encrypt_algorithms: Vec<String>,
    /// CA common names.
    #[serde(rename = "CACommonNames")]
    pub ca_common_names: Vec<String>,
    /// CA expiry times.
    #[serde(rename = "CAEndTimes")]
    pub ca_end_times: Vec<String>,
    /// DV revoke validation.
    pub dv_revoke_auth_detail: Option<Opaque>,
}

/// Describes one certificate, PEM included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeCertificateDetail {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
}

/// What [`DescribeCertificateDetail`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeCertificateDetailReply {
    /// Account id.
    pub owner_uin: String,
    /// Project id, default 0.
    pub project_id: String,
    /// Source: upload, trustasia.
    pub from: String,
    /// SVR (default, server) or CA.
    pub certificate_type: String,
    /// Package type, null for uploads.
    pub package_type: Option<String>,
    /// Product name (official provider requires it non-null).
    pub product_zh_name: String,
    /// Main domain.
    pub domain: String,
    /// Display name.
    pub alias: String,
    /// 0 reviewing, 1 approved/usable, 2 failed, 3 expired, 10 revoked.
    pub status: u64,
    /// Status detail.
    pub status_msg: Option<String>,
    /// Validation method.
    pub verify_type: Option<String>,
    /// Scan status.
    pub vulnerability_status: String,
    /// Not before, GMT+8.
    pub cert_begin_time: Option<String>,
    /// Not after, GMT+8.
    pub cert_end_time: Option<String>,
    /// Months, string.
    pub validity_period: String,
    /// Creation time, GMT+8.
    pub insert_time: String,
    /// Order id.
    pub order_id: Option<String>,
    /// Extra info.
    pub certificate_extra: CertificateExtra,
    /// Private key PEM; required for SVR.
    pub certificate_private_key: Option<Secret>,
    /// Certificate (chain) PEM.
    pub certificate_public_key: Option<String>,
    /// DV validation detail.
    pub dv_auth_detail: Option<Opaque>,
    /// Scan report.
    pub vulnerability_report: Option<String>,
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Package name.
    pub type_name: Option<String>,
    /// Status text.
    pub status_name: String,
    /// Subject alternative names.
    pub subject_alt_name: Vec<String>,
    /// Paid flag.
    pub is_vip: bool,
    /// Wildcard flag.
    pub is_wildcard: bool,
    /// DV flag.
    pub is_dv: bool,
    /// Scan enabled.
    pub is_vulnerability: bool,
    /// Submitted paperwork.
    pub submitted_data: Option<Opaque>,
    /// Renewable flag.
    pub renew_able: bool,
    /// Deployable flag.
    pub deployable: bool,
    /// Tag list.
    pub tags: Vec<Tags>,
    /// Root certificates.
    pub root_cert: Option<Opaque>,
    /// SM2 encryption certificate.
    pub encrypt_cert: Option<String>,
    /// SM2 encryption key.
    pub encrypt_private_key: Option<Secret>,
    /// SHA-1 fingerprint.
    pub cert_fingerprint: Option<String>,
    /// SM2 fingerprint.
    pub encrypt_cert_fingerprint: Option<String>,
    /// Key algorithm such as RSA 2048.
    pub encrypt_algorithm: String,
    /// DV revoke validation.
    pub dv_revoke_auth_detail: Option<Opaque>,
    /// Chain info.
    pub cert_chain_info: Option<Opaque>,
    /// 1 single, 2 multi, 3 wildcard, 4 multi wildcard.
    pub domain_type: u64,
    /// DV, OV or EV.
    pub cert_type: String,
    /// Cross-signed root.
    pub use_cross_sign_root: Option<bool>,
    /// Hosting state, -1 none.
    pub hosting_status: Option<i64>,
}

/// Lists certificates.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeCertificates {
    /// Page offset, default 0.
    pub offset: Option<u64>,
    /// Default 10, max 1000.
    pub limit: Option<u64>,
    /// Fuzzy match on id, alias, domain.
    pub search_key: Option<String>,
    /// SVR (default, server) or CA.
    pub certificate_type: Option<String>,
    /// Project id, default 0.
    pub project_id: Option<u64>,
    /// DESC or ASC by expiry.
    pub expiration_sort: Option<String>,
    /// Status filter.
    pub certificate_status: Option<Vec<u64>>,
    /// Deployable flag.
    pub deployable: Option<u64>,
    /// 1 = uploaded and hosted only.
    pub upload: Option<i64>,
    /// 1 = renewable only.
    pub renew: Option<i64>,
    /// upload or buy.
    pub filter_source: Option<String>,
    /// SM certificate filter/flag.
    #[serde(rename = "IsSM")]
    pub is_sm: Option<i64>,
    /// 1 = expiring soon.
    pub filter_expiring: Option<u64>,
    /// 1 = hostable.
    pub hostable: Option<u64>,
    /// Tag list.
    pub tags: Option<Vec<Tags>>,
    /// 1 = pending issue.
    pub is_pending_issue: Option<i64>,
    /// Certificate ids.
    pub cert_ids: Option<Vec<String>>,
    /// Subscription id.
    pub service_id: Option<String>,
}

/// What [`DescribeCertificates`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeCertificatesReply {
    /// Number of matches before paging.
    pub total_count: u64,
    /// Certificates.
    pub certificates: Vec<Certificates>,
}

/// Deletes a certificate.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteCertificate {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Check cloud bindings first; makes the delete async (needs a service role).
    pub is_check_resource: Option<bool>,
}

/// What [`DeleteCertificate`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeleteCertificateReply {
    /// true when deleted.
    pub delete_result: bool,
    /// Async delete task.
    pub task_id: Option<String>,
}

/// Renames a certificate.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyCertificateAlias {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Display name.
    pub alias: Option<String>,
}

/// What [`ModifyCertificateAlias`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ModifyCertificateAliasReply {
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
}

/// Asks for the results of deletions that check for bindings.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeDeleteCertificatesTaskResult {
    /// Task ids, at most 100.
    pub task_ids: Vec<String>,
}

/// What [`DescribeDeleteCertificatesTaskResult`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeDeleteCertificatesTaskResultReply {
    /// Results.
    pub delete_task_result: Vec<DeleteTaskResult>,
}

/// The result of a deletion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DeleteTaskResult {
    /// Task id.
    pub task_id: String,
    /// Certificate id.
    pub cert_id: String,
    /// 0 running, 1 deleted, 2 failed, 3 no service role, 4 bound to resources, 5 timed out.
    pub status: u64,
    /// What is wrong.
    pub error: String,
    /// When bindings were looked for.
    pub cache_time: String,
    /// Domains of the certificate.
    pub domains: Vec<String>,
}

/// Gives certificates to a project.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyCertificateProject {
    /// Certificate ids, at most 100.
    pub certificate_id_list: Vec<String>,
    /// Project id.
    pub project_id: u64,
}

/// What [`ModifyCertificateProject`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ModifyCertificateProjectReply {
    /// Certificates that are in the project now.
    pub success_certificates: Vec<String>,
    /// Certificates that are not.
    pub fail_certificates: Vec<String>,
}

/// A certificate in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Certificates {
    /// Account id.
    pub owner_uin: String,
    /// Project id, default 0.
    pub project_id: String,
    /// Source: upload, trustasia.
    pub from: String,
    /// Package type, null for uploads.
    pub package_type: String,
    /// SVR (default, server) or CA.
    pub certificate_type: String,
    /// Product name (official provider requires it non-null).
    pub product_zh_name: String,
    /// Main domain.
    pub domain: String,
    /// Display name.
    pub alias: String,
    /// 0 reviewing, 1 approved/usable, 2 failed, 3 expired, 10 revoked.
    pub status: u64,
    /// Extra info.
    pub certificate_extra: CertificateExtra,
    /// Scan status.
    pub vulnerability_status: String,
    /// Status detail.
    pub status_msg: String,
    /// Validation method.
    pub verify_type: String,
    /// Not before, GMT+8.
    pub cert_begin_time: String,
    /// Not after, GMT+8.
    pub cert_end_time: String,
    /// Months, string.
    pub validity_period: String,
    /// Creation time, GMT+8.
    pub insert_time: String,
    /// Certificate id, 8 mixed-case alphanumerics.
    pub certificate_id: String,
    /// Subject alternative names.
    pub subject_alt_name: Vec<String>,
    /// Package name.
    pub package_type_name: String,
    /// Status text.
    pub status_name: String,
    /// Paid flag.
    pub is_vip: bool,
    /// DV flag.
    pub is_dv: bool,
    /// Wildcard flag.
    pub is_wildcard: bool,
    /// Scan enabled.
    pub is_vulnerability: bool,
    /// Renewable flag.
    pub renew_able: bool,
    /// Project.
    pub project_info: Option<Opaque>,
    /// Bound resource kinds.
    pub bound_resource: Vec<String>,
    /// Deployable flag.
    pub deployable: bool,
    /// Tag list.
    pub tags: Vec<Tags>,
    /// SM certificate filter/flag.
    #[serde(rename = "IsSM")]
    pub is_sm: bool,
    /// Key algorithm such as RSA 2048.
    pub encrypt_algorithm: String,
    /// CA algorithms.
    #[serde(rename = "CAEncryptAlgorithms")]
    pub ca_encrypt_algorithms: Vec<String>,
    /// CA expiry times.
    #[serde(rename = "CAEndTimes")]
    pub ca_end_times: Vec<String>,
    /// CA common names.
    #[serde(rename = "CACommonNames")]
    pub ca_common_names: Vec<String>,
    /// Hosting state, -1 none.
    pub hosting_status: i64,
    /// Subscription id.
    pub service_id: Option<String>,
}

/// Further facts about a certificate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CertificateExtra {
    /// Domain allowance.
    pub domain_number: String,
    /// Original certificate of a renewal.
    pub origin_certificate_id: Option<String>,
    /// Reissue source id.
    pub replaced_by: Option<String>,
    /// Reissue target id.
    pub replaced_for: Option<String>,
    /// Renewal certificate id.
    pub renew_order: Option<String>,
    /// SM flag.
    #[serde(rename = "SMCert")]
    pub sm_cert: i64,
    /// 1 person, 2 company.
    pub company_type: i64,
    /// Next subscription certificate.
    pub service_renew_certificate_id: Option<String>,
    /// Previous subscription certificate.
    pub service_origin_certificate_id: Option<String>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tags {
    /// Tag key.
    pub tag_key: String,
    /// Tag value.
    pub tag_value: String,
}
