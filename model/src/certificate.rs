//! Certificates of an account: server certificates with their key, and CAs for client certificates.
//!
//! The model gets facts about a certificate, read by the door; it parses no PEM. A certificate is the account's, not a
//! region's (SDK).

use std::fmt;
use std::sync::Arc;

use crate::id::CertificateId;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::tag::{ResourceName, Tags};
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;

/// The most certificates of an account; our bound.
const MOST: usize = 6000;
/// That many copies of one certificate, and the next upload answers with the one that is there (SDK).
const MOST_COPIES: usize = 5000;
/// The most certificates one call gives to a project (SDK).
const MOST_IN_A_CHANGE: usize = 100;

/// What a certificate is for (`CertificateType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `SVR`: shown to clients.
    Server,
    /// `CA`: what client certificates must come from.
    ClientCa,
}

/// What a certificate says, as far as anyone here asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The subject's common name; empty when there is none.
    pub common_name: String,
    /// DNS names and addresses it is valid for.
    pub alternative_names: Vec<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// SHA-1 of the certificate, in upper-case hexadecimal.
    pub fingerprint: String,
    /// Kind of key, such as `RSA 2048` or `ECDSA P-256`.
    pub key_algorithm: String,
    /// Whether it may issue other certificates.
    pub is_ca: bool,
}

/// What came of reading a private key beside its certificate.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyReading {
    /// There is none.
    Absent,
    /// It cannot be read, with the reason.
    Unreadable(String),
    /// It belongs to another certificate.
    Foreign,
    /// It belongs to the certificate.
    Fits(Arc<str>),
}

/// A private key never shows.
impl fmt::Debug for KeyReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Unreadable(_) => "Unreadable",
            Self::Foreign => "Foreign",
            Self::Fits(_) => "Fits",
        })
    }
}

/// What a request says about a new certificate.
#[derive(Clone, Debug)]
pub struct CertificateDraft {
    /// `SVR` (default) or `CA`.
    pub purpose: Option<String>,
    /// Display name.
    pub alias: Option<String>,
    /// The certificate, or a chain that starts with it.
    pub pem: Arc<str>,
    /// What the PEM says, or why it cannot be read.
    pub reading: Result<CertificateFacts, String>,
    /// The private key.
    pub key: KeyReading,
    /// Whether a copy of a known certificate becomes a new one (default) or answers with the known one.
    pub repeatable: bool,
    /// Project.
    pub project_id: u64,
    /// Tags to set.
    pub tags: Tags,
}

/// A certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// What it is for.
    pub purpose: Purpose,
    /// Display name.
    pub alias: String,
    /// Project.
    pub project_id: u64,
    /// The PEM as it was uploaded.
    pub pem: Arc<str>,
    /// Its private key; a server certificate always has one.
    pub private_key_pem: Option<Arc<str>>,
    /// What the PEM says.
    pub facts: CertificateFacts,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// The private key never shows.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("id", &self.id).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

/// What came of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// A new certificate.
    New(CertificateId),
    /// The same certificate was there, and copies were not wanted.
    Repeated(CertificateId),
}

impl CertificateDraft {
    /// Checks purpose, certificate and key; the id is still to come.
    pub(crate) fn check(&self) -> Result<Checked, Refusal> {
        let purpose = match self.purpose.as_deref() {
            None | Some("SVR") => Purpose::Server,
            Some("CA") => Purpose::ClientCa,
            Some(other) => {
                return Err(Refusal::new(Rule::CertificateUploadTypeEnum).at(Field::CertificateType).given(other));
            }
        };
        let facts = self
            .reading
            .clone()
            .map_err(|reason| Refusal::new(Rule::CertificateUploadMustParse).at(Field::CertificatePem).given(reason))?;
        let private_key_pem = match purpose {
            Purpose::Server => Some(self.check_key()?),
            Purpose::ClientCa => {
                require(facts.is_ca, || {
                    Refusal::new(Rule::CertificateUploadCaMustBeCa).at(Field::CertificatePem).given(&facts.common_name)
                })?;
                None
            }
        };
        Ok(Checked { purpose, facts, private_key_pem })
    }

    fn check_key(&self) -> Result<Arc<str>, Refusal> {
        let refused = |rule| Refusal::new(rule).at(Field::PrivateKey);
        match &self.key {
            KeyReading::Fits(pem) => Ok(Arc::clone(pem)),
            KeyReading::Absent => Err(refused(Rule::CertificateUploadSvrNeedsKey)),
            KeyReading::Unreadable(reason) => Err(refused(Rule::CertificateUploadKeyMustMatch).given(reason)),
            KeyReading::Foreign => Err(refused(Rule::CertificateUploadKeyMustMatch)),
        }
    }
}

/// What a checked draft has established.
pub(crate) struct Checked {
    pub purpose: Purpose,
    facts: CertificateFacts,
    private_key_pem: Option<Arc<str>>,
}

impl Checked {
    /// What the certificate says.
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// The certificate that the draft makes under that id.
    fn certificate(self, id: CertificateId, draft: &CertificateDraft, created_at: Timestamp) -> Certificate {
        Certificate {
            id,
            purpose: self.purpose,
            alias: draft.alias.clone().unwrap_or_default(),
            project_id: draft.project_id,
            pem: Arc::clone(&draft.pem),
            private_key_pem: self.private_key_pem,
            facts: self.facts,
            created_at,
        }
    }
}

impl World {
    /// Uploads a certificate.
    pub fn create_certificate(
        &mut self,
        draft: &CertificateDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<Uploaded, Refusal> {
        let checked = draft.check()?;
        draft.tags.check()?;
        if let Some(known) = self.repeated(draft, &checked) {
            return Ok(Uploaded::Repeated(known));
        }
        let certificate = self.keep_certificate(draft, checked, occasion)?;
        let name = ResourceName::certificate(&certificate.id);
        self.set_new_tags(name, &draft.tags);
        Ok(Uploaded::New(certificate.id.clone()))
    }

    /// The certificate that an upload answers with instead of keeping another copy.
    fn repeated(&self, draft: &CertificateDraft, checked: &Checked) -> Option<CertificateId> {
        let mut copies = self.certificates().filter(|known| known.facts.fingerprint == checked.facts.fingerprint);
        let known = copies.next()?;
        (!draft.repeatable || copies.count() + 1 >= MOST_COPIES).then(|| known.id.clone())
    }

    /// Gives a checked certificate its id and keeps it.
    pub(crate) fn keep_certificate(
        &mut self,
        draft: &CertificateDraft,
        checked: Checked,
        occasion: &mut Occasion<'_>,
    ) -> Result<Arc<Certificate>, Refusal> {
        require(self.certificates.len() < MOST, || {
            Refusal::new(Rule::CertificateQuota).given(self.certificates.len())
        })?;
        let id = loop {
            let id = CertificateId::from_random(occasion.chance.bits());
            if !self.certificates.contains_key(&id) {
                break id;
            }
        };
        let certificate = Arc::new(checked.certificate(id.clone(), draft, occasion.now));
        self.certificates.insert(id, Arc::clone(&certificate));
        Ok(certificate)
    }

    /// Keeps a certificate that is there from the start, under that id, in place of one that has it already.
    pub fn add_certificate(
        &mut self,
        id: CertificateId,
        draft: &CertificateDraft,
        created_at: Timestamp,
    ) -> Result<(), Refusal> {
        let certificate = draft.check()?.certificate(id.clone(), draft, created_at);
        self.certificates.insert(id, Arc::new(certificate));
        Ok(())
    }

    /// Renames a certificate.
    pub fn modify_certificate_alias(&mut self, id: &str, alias: Option<&str>) -> Result<(), Refusal> {
        let certificate = self.certificates.get_mut(&CertificateId::from(id)).ok_or_else(|| not_found(id))?;
        alias.unwrap_or_default().clone_into(&mut Arc::make_mut(certificate).alias);
        Ok(())
    }

    /// Gives certificates to a project. Says which of them there are, and which there are not.
    pub fn modify_certificate_project(
        &mut self,
        ids: &[String],
        project_id: u64,
    ) -> Result<(Vec<String>, Vec<String>), Refusal> {
        require(ids.len() <= MOST_IN_A_CHANGE, || {
            Refusal::new(Rule::CertificateProjectMax100).at(Field::CertificateIdList).given(ids.len())
        })?;
        let (known, unknown): (Vec<String>, Vec<String>) =
            ids.iter().cloned().partition(|id| self.certificates.contains_key(&CertificateId::from(id.as_str())));
        for id in &known {
            if let Some(certificate) = self.certificates.get_mut(&CertificateId::from(id.as_str())) {
                Arc::make_mut(certificate).project_id = project_id;
            }
        }
        Ok((known, unknown))
    }

    /// Deletes a certificate. Listeners that use it keep their copy; with `check_use` it is refused instead while one
    /// does (SDK: unchecked by default).
    pub fn delete_certificate(&mut self, id: &str, check_use: bool) -> Result<(), Refusal> {
        let certificate_id = self.certificate(id)?.id.clone();
        if check_use && let Some(listener) = self.listener_using(&certificate_id) {
            return Err(Refusal::new(Rule::CertificateInUse)
                .at(Field::CertificateId)
                .given(format_args!("{id}, used by listener {listener}")));
        }
        self.certificates.remove(&certificate_id);
        self.tags.remove(&ResourceName::certificate(&certificate_id));
        Ok(())
    }

    /// The certificate with that id.
    pub fn certificate(&self, id: &str) -> Result<&Arc<Certificate>, Refusal> {
        self.certificates.get(&CertificateId::from(id)).ok_or_else(|| not_found(id))
    }

    /// Every certificate, by id.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.certificates.values()
    }
}

fn not_found(id: &str) -> Refusal {
    Refusal::new(Rule::CertificateNotFound).at(Field::CertificateId).given(id)
}
