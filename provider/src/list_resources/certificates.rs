//! `list "clb_certificate"`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use super::display_name;
use crate::data_sources::certificates::{CertificateStatus, CertificatesInput};
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::Certificate;
use crate::resources::certificate::{CertificateIdentity, CertificateType};

/// The certificates of the account that fit all filters; all of them without a filter. Whole resources take a call for each.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = Certificate, conflicts(name, name_contains))]
pub struct CertificateSearch {
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
    /// Only certificates that name this domain as such: as the main one or among the others.
    #[tf(not_empty)]
    pub domain: Option<String>,
    /// Only certificates in this state, such as `usable`.
    pub status: Option<CertificateStatus>,
    /// Only certificates that have all these tags.
    pub tags: Option<BTreeMap<String, String>>,
}

impl ListResource for CertificateSearch {
    async fn list(
        operation: &mut Operation<'_, Platform>,
        input: CertificateSearchInput,
        found: &mut Listing<Certificate>,
    ) -> Result<()> {
        let wanted = CertificatesInput {
            certificate_ids: input.certificate_ids,
            r#type: input.r#type,
            name: input.name,
            name_contains: input.name_contains,
            domain: input.domain,
            status: input.status,
            tags: input.tags,
        };
        let mut search = wanted.search(operation.api());
        while let Some(it) = operation.unless_cancelled(search.next()).await?.doing("list the certificates")? {
            let name = display_name(&it.alias, &it.certificate_id);
            let fits = wanted.fits(&it);
            if fits && !found.identity(name, CertificateIdentity { certificate_id: it.certificate_id }).await {
                break;
            }
        }
        Ok(())
    }
}
