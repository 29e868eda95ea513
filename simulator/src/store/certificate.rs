//! Certificates with their private keys, as they are stored.

use std::sync::Arc;

use clb_model::certificate::{Certificate, CertificateFacts, Purpose};
use clb_model::id::CertificateId;
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Certificate", deny_unknown_fields)]
pub struct CertificateRecord {
    #[serde_as(as = "Text")]
    id: CertificateId,
    #[serde(with = "PurposeRecord")]
    purpose: Purpose,
    alias: String,
    project_id: u64,
    #[serde_as(as = "Text")]
    pem: Arc<str>,
    #[serde_as(as = "Option<Text>")]
    private_key_pem: Option<Arc<str>>,
    #[serde(with = "FactsRecord")]
    facts: CertificateFacts,
    #[serde_as(as = "Time")]
    created_at: Timestamp,
}
record!(CertificateRecord of Certificate);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Purpose", rename_all = "snake_case")]
enum PurposeRecord {
    Server,
    ClientCa,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "CertificateFacts", deny_unknown_fields)]
struct FactsRecord {
    common_name: String,
    alternative_names: Vec<String>,
    #[serde_as(as = "Time")]
    not_before: Timestamp,
    #[serde_as(as = "Time")]
    not_after: Timestamp,
    fingerprint: String,
    key_algorithm: String,
    is_ca: bool,
}
