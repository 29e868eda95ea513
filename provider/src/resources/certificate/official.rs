//! What a `tencentcloud_ssl_certificate` of the official provider becomes. Its state holds the private key: it is not even read.

use clb_cloud_api::ssl;
use tfplugin_sdk::{ForeignState, Object, Result};

use super::{Certificate, from_wire};
use crate::resources::official;

const TYPE: &str = "tencentcloud_ssl_certificate";

/// The attributes that matter here.
#[derive(Clone, Debug, PartialEq, Object)]
struct SslCertificate {
    id: Option<String>,
    r#type: Option<String>,
    cert: Option<String>,
    name: Option<String>,
    domain: Option<String>,
    subject_names: Vec<String>,
    begin_time: Option<String>,
    end_time: Option<String>,
}

/// The certificate, if `source` is one of the official provider's.
pub(super) fn moved(source: &ForeignState) -> Result<Option<Certificate>> {
    let Some(certificate) = official::state::<SslCertificate>(source, TYPE)? else { return Ok(None) };
    let id = official::required(certificate.id.clone(), TYPE, "id")?;
    from_wire(in_words_of_the_platform(id, certificate), None).map(Some)
}

fn in_words_of_the_platform(id: String, certificate: SslCertificate) -> ssl::DescribeCertificateDetailReply {
    ssl::DescribeCertificateDetailReply {
        certificate_id: id,
        certificate_type: certificate.r#type.unwrap_or_default(),
        certificate_public_key: certificate.cert,
        alias: certificate.name.unwrap_or_default(),
        domain: certificate.domain.unwrap_or_default(),
        subject_alt_name: certificate.subject_names,
        cert_begin_time: certificate.begin_time,
        cert_end_time: certificate.end_time,
        ..ssl::DescribeCertificateDetailReply::default()
    }
}
