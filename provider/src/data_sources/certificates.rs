//! `clb_certificates`: the certificates of the account. Neither they themselves nor their keys: a list does not have them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use clb_cloud_api::ssl;
use tfplugin_sdk::{DataSource, Operation, Result};

use super::{has_tags, is_among, is_named};
use crate::errors::Doing;
use crate::platform::{Found, Platform};
use crate::resources::certificate::CertificateType;

/// The certificates of the account that fit all filters, also those that Terraform does not manage; all of them without a filter.
/// The one that is valid for longest comes first.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "clb_certificates", conflicts(name, name_contains))]
pub struct Certificates {
    /// Only certificates with these ids. Ids that do not exist find nothing.
    #[tf(each(pattern = "^[0-9A-Za-z_-]+$", message = "the id of a certificate, 8 letters and digits"))]
    pub certificate_ids: Option<BTreeSet<String>>,
    /// Only certificates of this type: `server` or `client_ca`.
    pub r#type: Option<CertificateType>,
    /// Only certificates with exactly this name; several can have the same.
    #[tf(not_empty)]
    pub name: Option<String>,
    /// Only certificates with this somewhere in their names.
    #[tf(not_empty)]
    pub name_contains: Option<String>,
    /// Only certificates that name this domain as such: as the main one or among the others. A wildcard is found as it is
    /// written (`*.example.com`), not by what it covers.
    #[tf(not_empty)]
    pub domain: Option<String>,
    /// Only certificates in this state, such as `usable`.
    pub status: Option<CertificateStatus>,
    /// Only certificates that have all these tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// What was found.
    #[tf(computed)]
    pub certificates: Vec<FoundCertificate>,
}

/// A certificate that was found.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FoundCertificate {
    /// Id of the certificate.
    pub certificate_id: String,
    /// What it is for: `server` or `client_ca`.
    pub r#type: CertificateType,
    /// Name in the console.
    pub name: String,
    /// Main domain name.
    pub domain: String,
    /// Further names.
    pub subject_alternative_names: Vec<String>,
    /// Start of validity, as the platform writes it: `YYYY-MM-DD hh:mm:ss` in GMT+8.
    pub not_before: String,
    /// End of validity, in the form of `not_before`.
    pub not_after: String,
    /// State: `usable`, `reviewing`, `failed`, `expired`, `revoked`, or `other` for those of a purchase.
    pub status: CertificateStatus,
    /// Number of the project it belongs to.
    pub project_id: u32,
    /// Algorithm of its key, such as `RSA 2048`.
    pub key_algorithm: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it came to the platform, in the form of `not_before`.
    pub created_at: String,
}

/// The state of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum CertificateStatus {
    /// Not yet approved.
    Reviewing,
    /// Approved and valid.
    Usable,
    /// Not approved.
    Failed,
    /// Its time is over.
    Expired,
    /// Called back.
    Revoked,
    /// Any other, such as those of a purchase that goes on.
    Other,
}

impl DataSource for Certificates {
    type Api = Platform;

    async fn read(operation: &mut Operation<'_, Platform>, input: CertificatesInput) -> Result<Self> {
        let all = operation.unless_cancelled(input.search(operation.api()).all()).await?;
        let found = all.doing("list the certificates")?;
        let mut certificates: Vec<FoundCertificate> =
            found.into_iter().filter(|it| input.fits(it)).filter_map(described).collect();
        certificates.sort_by_cached_key(|it| (Reverse(it.not_after.clone()), it.certificate_id.clone()));
        let CertificatesInput { certificate_ids, r#type, name, name_contains, domain, status, tags } = input;
        Ok(Self { certificate_ids, r#type, name, name_contains, domain, status, tags, certificates })
    }
}

impl CertificatesInput {
    /// Asks the platform, as far as it knows the filters. What [`Self::fits`] does not take must be left out.
    pub(crate) fn search<'a>(&self, platform: &'a Platform) -> Found<'a, ssl::DescribeCertificates> {
        Found::new(platform, self.questions())
    }

    /// One for each type: without one the platform lists server certificates only (SDK).
    fn questions(&self) -> impl Iterator<Item = ssl::DescribeCertificates> {
        let tags = self.tags.iter().flatten();
        let tags: Vec<ssl::Tags> =
            tags.map(|(key, value)| ssl::Tags { tag_key: key.clone(), tag_value: value.clone() }).collect();
        let question = ssl::DescribeCertificates {
            search_key: self.name.clone().or_else(|| self.name_contains.clone()),
            cert_ids: self.certificate_ids.as_ref().map(|ids| ids.iter().cloned().collect()),
            tags: (!tags.is_empty()).then_some(tags),
            ..Default::default()
        };
        // An empty list of ids would ask for all of them.
        let nothing = self.certificate_ids.as_ref().is_some_and(BTreeSet::is_empty);
        let types = [CertificateType::Server, CertificateType::ClientCa].into_iter();
        let types = types.filter({
            let wanted = self.r#type;
            move |kind| !nothing && wanted.is_none_or(|wanted| wanted == *kind)
        });
        types.map(move |kind| ssl::DescribeCertificates {
            certificate_type: Some(kind.wire().to_owned()),
            ..question.clone()
        })
    }

    /// Whether a certificate is what is looked for.
    pub(crate) fn fits(&self, it: &ssl::Certificates) -> bool {
        let names = |wanted: &String| it.domain == *wanted || it.subject_alt_name.contains(wanted);
        is_among(&it.certificate_id, self.certificate_ids.as_ref())
            && self.r#type.is_none_or(|wanted| it.certificate_type == wanted.wire())
            && is_named(&it.alias, self.name.as_ref(), self.name_contains.as_ref())
            && self.domain.as_ref().is_none_or(names)
            && self.status.is_none_or(|wanted| status(it.status) == wanted)
            && has_tags(&tags(it), self.tags.as_ref())
    }
}

/// The platform's numbers for states (SDK); those that are not here are of purchases.
fn status(number: u64) -> CertificateStatus {
    match number {
        0 => CertificateStatus::Reviewing,
        1 => CertificateStatus::Usable,
        2 => CertificateStatus::Failed,
        3 => CertificateStatus::Expired,
        10 => CertificateStatus::Revoked,
        _ => CertificateStatus::Other,
    }
}

fn tags(it: &ssl::Certificates) -> BTreeMap<String, String> {
    it.tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect()
}

/// A certificate of a type that listeners use; none of any other.
fn described(it: ssl::Certificates) -> Option<FoundCertificate> {
    let types = [CertificateType::Server, CertificateType::ClientCa];
    Some(FoundCertificate {
        r#type: types.into_iter().find(|kind| kind.wire() == it.certificate_type)?,
        status: status(it.status),
        tags: tags(&it),
        project_id: it.project_id.parse().unwrap_or_default(),
        certificate_id: it.certificate_id,
        name: it.alias,
        domain: it.domain,
        subject_alternative_names: it.subject_alt_name,
        not_before: it.cert_begin_time,
        not_after: it.cert_end_time,
        key_algorithm: it.encrypt_algorithm,
        created_at: it.insert_time,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clb_cloud_api::ssl;
    use tfplugin_sdk::Codec;

    use super::{CertificateStatus, CertificateType, CertificatesInput, described};

    #[test]
    fn both_types_are_asked_for_unless_one_is_wanted() {
        let types = |input: &CertificatesInput| -> Vec<String> {
            input.questions().filter_map(|question| question.certificate_type).collect()
        };
        assert_eq!(types(&CertificatesInput::absent()), ["SVR", "CA"]);
        let authorities = CertificatesInput { r#type: Some(CertificateType::ClientCa), ..CertificatesInput::absent() };
        assert_eq!(types(&authorities), ["CA"]);
        let nothing = CertificatesInput { certificate_ids: Some(BTreeSet::new()), ..CertificatesInput::absent() };
        assert!(types(&nothing).is_empty());
    }

    #[test]
    fn a_domain_is_found_in_both_places_and_a_state_by_its_number() {
        let it = ssl::Certificates {
            certificate_type: "SVR".to_owned(),
            domain: "example.com".to_owned(),
            subject_alt_name: vec!["*.example.com".to_owned()],
            status: 3,
            ..Default::default()
        };
        let of = |domain: &str| CertificatesInput { domain: Some(domain.to_owned()), ..CertificatesInput::absent() };
        assert!(of("example.com").fits(&it) && of("*.example.com").fits(&it) && !of("www.example.com").fits(&it));
        let expired = CertificatesInput { status: Some(CertificateStatus::Expired), ..CertificatesInput::absent() };
        assert!(expired.fits(&it));
        assert_eq!(described(it).map(|found| found.status), Some(CertificateStatus::Expired));
        assert_eq!(described(ssl::Certificates::default()), None, "a certificate of no type is none for listeners");
    }
}
