//! The TLS side of a listener: which certificate it shows, and whether it asks clients for one.

use std::sync::Arc;

use crate::certificate::{Certificate, CertificateDraft, CertificateFacts, Checked, KeyReading, Purpose};
use crate::forwarding::{ClientCertificate, ServerCertificate, Tls};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::task::Occasion;
use crate::world::World;

/// What clients are shown, and asked for. The listener keeps its own copy of the certificates: it goes on working when
/// one is deleted from the account (a choice: not established).
#[derive(Clone, Debug, PartialEq)]
pub struct ListenerTls {
    /// What clients are shown.
    pub server: Arc<Certificate>,
    /// Further server certificates, each with a key of another algorithm (`MultiCertInfo`).
    pub further: Vec<Arc<Certificate>>,
    /// Whether clients are asked for a certificate (`SSLMode`).
    pub clients: ClientVerification,
}

/// Whether clients are asked for a certificate.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientVerification {
    /// They are not (`UNIDIRECTIONAL`).
    OneWay,
    /// They are (`MUTUAL`).
    Mutual {
        /// What their certificate must come from.
        ca: Arc<Certificate>,
        /// Whether they may do without (`SSLVerifyClient`).
        demand: ClientCertificate,
    },
}

impl ListenerTls {
    /// Every certificate in use.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        let ca = match &self.clients {
            ClientVerification::OneWay => None,
            ClientVerification::Mutual { ca, .. } => Some(ca),
        };
        std::iter::once(&self.server).chain(&self.further).chain(ca)
    }

    pub(crate) fn forwarding(&self) -> Tls {
        let (client_ca_pem, client_certificate) = match &self.clients {
            ClientVerification::OneWay => (None, ClientCertificate::default()),
            ClientVerification::Mutual { ca, demand } => (Some(Arc::clone(&ca.pem)), *demand),
        };
        let shown = |certificate: &Arc<Certificate>| ServerCertificate {
            chain_pem: Arc::clone(&certificate.pem),
            // A server certificate always has its key: `CertificateDraft::check` lets none in without.
            private_key_pem: certificate.private_key_pem.clone().unwrap_or_default(),
        };
        let certificates = std::iter::once(&self.server).chain(&self.further).map(shown).collect();
        Tls { certificates, client_ca_pem, client_certificate }
    }
}

/// What a request says about a listener's TLS; what is absent keeps its value.
#[derive(Clone, Debug, Default)]
pub struct TlsDraft {
    /// `UNIDIRECTIONAL` (default) or `MUTUAL`.
    pub mode: Option<String>,
    /// `ON` (default) or `OPTIONAL`; counts only with `MUTUAL`.
    pub verify_client: Option<String>,
    /// The server's certificate.
    pub server: Option<CertificateChoice>,
    /// The CA for client certificates.
    pub client_ca: Option<CertificateChoice>,
}

/// What a request says about TLS with several server certificates, all of it.
#[derive(Clone, Debug, Default)]
pub struct MultiTlsDraft {
    /// `UNIDIRECTIONAL` or `MUTUAL`.
    pub mode: String,
    /// `ON` (default) or `OPTIONAL`; counts only with `MUTUAL`.
    pub verify_client: Option<String>,
    /// Server certificates, with `MUTUAL` one CA among them.
    pub certificates: Vec<CertificateChoice>,
}

/// A certificate in a request.
#[derive(Clone, Debug)]
pub enum CertificateChoice {
    /// One that is there, by id.
    Known(String),
    /// One that is uploaded with the request.
    Inline(Box<InlineCertificate>),
}

/// A certificate uploaded with the request.
#[derive(Clone, Debug)]
pub struct InlineCertificate {
    /// Its name.
    pub name: Option<String>,
    /// The certificate; `None` when its text is missing.
    pub draft: Option<CertificateDraft>,
}

/// TLS settings that are valid; inline certificates still have to be kept.
pub(crate) struct TlsSpec {
    server: Pick,
    further: Vec<Pick>,
    clients: ClientsSpec,
}

enum ClientsSpec {
    OneWay,
    Mutual { ca: Pick, demand: ClientCertificate },
}

/// A certificate that was chosen; one that was uploaded still has to be kept.
pub(super) enum Pick {
    Present(Arc<Certificate>),
    New(Box<(CertificateDraft, Checked)>),
}

impl Pick {
    fn purpose(&self) -> Purpose {
        match self {
            Self::Present(certificate) => certificate.purpose,
            Self::New(new) => new.1.purpose,
        }
    }

    /// The kind of its key without the size: certificates of one listener differ in it.
    pub(super) fn algorithm(&self) -> &str {
        let facts = match self {
            Self::Present(certificate) => &certificate.facts,
            Self::New(new) => new.1.facts(),
        };
        algorithm(facts)
    }
}

/// The kind of a certificate's key without its size.
pub(super) fn algorithm(facts: &CertificateFacts) -> &str {
    facts.key_algorithm.split(' ').next().unwrap_or_default()
}

impl TlsDraft {
    /// Whether it asks for anything that a listener without TLS has not.
    pub(crate) fn asks(&self) -> bool {
        self.server.is_some() || self.client_ca.is_some() || self.mode.as_deref() == Some("MUTUAL")
    }

    /// The settings that result when the draft is laid over `base` (merging is a choice: not established). `missing` is
    /// the rule that wants a server certificate.
    pub(crate) fn check(&self, base: Option<&ListenerTls>, missing: Rule, world: &World) -> Result<TlsSpec, Refusal> {
        let base_ca = base.and_then(|base| match &base.clients {
            ClientVerification::OneWay => None,
            ClientVerification::Mutual { ca, demand } => Some((ca, *demand)),
        });
        let chosen = pick(self.server.as_ref(), Purpose::Server, world)?;
        let (server, further) = match (chosen, base) {
            (Some(chosen), _) => (chosen, Vec::new()),
            (None, Some(base)) => {
                let present = |certificate: &Arc<Certificate>| Pick::Present(Arc::clone(certificate));
                (present(&base.server), base.further.iter().map(present).collect())
            }
            (None, None) => return Err(Refusal::new(missing).at(Field::ServerCertificateId)),
        };
        let base_demand = base_ca.map_or(ClientCertificate::default(), |(_, demand)| demand);
        let demand = check_demand(self.verify_client.as_deref(), base_demand)?;
        let mutual = match self.mode.as_deref() {
            None => base_ca.is_some(),
            Some(mode) => is_mutual(mode)?,
        };
        if !mutual {
            return Ok(TlsSpec { server, further, clients: ClientsSpec::OneWay });
        }
        let ca = pick(self.client_ca.as_ref(), Purpose::ClientCa, world)?
            .or_else(|| base_ca.map(|(ca, _)| Pick::Present(Arc::clone(ca))))
            .ok_or_else(|| Refusal::new(Rule::MutualTlsNeedsCa).at(Field::ClientCaCertificateId))?;
        Ok(TlsSpec { server, further, clients: ClientsSpec::Mutual { ca, demand } })
    }
}

impl TlsDraft {
    /// The certificate for that purpose that is to take the place of another.
    pub(super) fn check_replacement(&self, purpose: Purpose, world: &World) -> Result<Pick, Refusal> {
        self.mode.as_deref().map(is_mutual).transpose()?;
        check_demand(self.verify_client.as_deref(), ClientCertificate::default())?;
        let (choice, field) = match purpose {
            Purpose::Server => (&self.server, Field::ServerCertificateId),
            Purpose::ClientCa => (&self.client_ca, Field::ClientCaCertificateId),
        };
        pick(choice.as_ref(), purpose, world)?.ok_or_else(|| Refusal::new(Rule::CertReplaceSameKind).at(field))
    }
}

impl MultiTlsDraft {
    /// The settings it asks for; nothing of what was there stays. A CA without `MUTUAL` is refused like a second one.
    /// `missing` is the rule that wants a server certificate.
    pub(crate) fn check(&self, missing: Rule, world: &World) -> Result<TlsSpec, Refusal> {
        let refused = |rule| Refusal::new(rule).at(Field::MultiCertificate);
        let mutual = is_mutual(&self.mode)?;
        let demand = check_demand(self.verify_client.as_deref(), ClientCertificate::default())?;
        let (mut servers, mut authorities) = (Vec::new(), Vec::new());
        for (index, choice) in self.certificates.iter().enumerate() {
            let picked = pick_any(choice, world)
                .map_err(|refusal| Refusal { field: Some(Field::MultiCertificate), ..refusal.nth(index) })?;
            match picked.purpose() {
                Purpose::Server => servers.push(picked),
                Purpose::ClientCa => authorities.push(picked),
            }
        }
        require(authorities.len() == usize::from(mutual), || {
            refused(Rule::MultiCertMutualNeedsOneCa).given(format_args!("{} with {}", authorities.len(), self.mode))
        })?;
        for (index, server) in servers.iter().enumerate() {
            require(servers[..index].iter().all(|other| other.algorithm() != server.algorithm()), || {
                refused(Rule::MultiCertDistinctAlgorithms).given(format_args!("{} twice", server.algorithm()))
            })?;
        }
        let mut servers = servers.into_iter();
        let server = servers.next().ok_or_else(|| refused(missing))?;
        let clients = match authorities.pop() {
            None => ClientsSpec::OneWay,
            Some(ca) => ClientsSpec::Mutual { ca, demand },
        };
        Ok(TlsSpec { server, further: servers.collect(), clients })
    }
}

fn is_mutual(word: &str) -> Result<bool, Refusal> {
    match word {
        "UNIDIRECTIONAL" => Ok(false),
        "MUTUAL" => Ok(true),
        other => Err(Refusal::new(Rule::CertificateSslModeEnum).at(Field::TlsMode).given(other)),
    }
}

fn check_demand(word: Option<&str>, base: ClientCertificate) -> Result<ClientCertificate, Refusal> {
    match word {
        None => Ok(base),
        Some("ON") => Ok(ClientCertificate::Required),
        Some("OPTIONAL") => Ok(ClientCertificate::Optional),
        Some(other) => Err(Refusal::new(Rule::CertificateVerifyClientEnum).at(Field::VerifyClient).given(other)),
    }
}

/// The certificate that was chosen, of whatever purpose it is.
fn pick_any(choice: &CertificateChoice, world: &World) -> Result<Pick, Refusal> {
    let purpose = match choice {
        CertificateChoice::Known(id) => world.certificate(id).ok().map(|certificate| certificate.purpose),
        CertificateChoice::Inline(inline) => {
            let wanted = inline.draft.as_ref().and_then(|draft| draft.purpose.as_deref());
            (wanted == Some("CA")).then_some(Purpose::ClientCa)
        }
    };
    let incomplete = || Refusal::new(Rule::CertificateInlineUploadComplete);
    pick(Some(choice), purpose.unwrap_or(Purpose::Server), world)?.ok_or_else(incomplete)
}

/// The certificate that was chosen, which must be of that purpose; `None` when none was.
fn pick(choice: Option<&CertificateChoice>, purpose: Purpose, world: &World) -> Result<Option<Pick>, Refusal> {
    let (field, wrong_purpose) = match purpose {
        Purpose::Server => (Field::ServerCertificateId, Rule::CertificateServerMustBeSvr),
        Purpose::ClientCa => (Field::ClientCaCertificateId, Rule::CertificateCaMustBeCa),
    };
    match choice {
        None => Ok(None),
        Some(CertificateChoice::Known(id)) => {
            let certificate =
                world.certificate(id).map_err(|_| Refusal::new(Rule::CertificateIdMustExist).at(field).given(id))?;
            if certificate.purpose != purpose {
                return Err(Refusal::new(wrong_purpose).at(field).given(id));
            }
            Ok(Some(Pick::Present(Arc::clone(certificate))))
        }
        Some(CertificateChoice::Inline(inline)) => {
            let incomplete = || Refusal::new(Rule::CertificateInlineUploadComplete).at(Field::Certificate);
            let draft = inline.draft.as_ref().filter(|_| inline.name.is_some()).ok_or_else(incomplete)?;
            if purpose == Purpose::Server && draft.key == KeyReading::Absent {
                return Err(incomplete());
            }
            // The codes of the SSL service are not those of listener actions, nor are its argument names.
            let checked = draft.check().map_err(|refusal| invalid_inline(purpose, &refusal))?;
            Ok(Some(Pick::New(Box::new((draft.clone(), checked)))))
        }
    }
}

/// What is wrong with an inline certificate, and with which of the two.
fn invalid_inline(purpose: Purpose, refusal: &Refusal) -> Refusal {
    let which = match purpose {
        Purpose::Server => "CertContent",
        Purpose::ClientCa => "CertCaContent",
    };
    let reason = refusal.rule.sentence().trim_end_matches('.');
    let given = refusal.given.as_deref().map_or_else(String::new, |given| format!(" ({given})"));
    Refusal::new(Rule::CertificateInlineMustBeValid)
        .at(Field::Certificate)
        .given(format_args!("{which}, which breaks this: {reason}{given}"))
}

/// The certificate that was picked; an uploaded one is the account's from now on.
pub(super) fn keep(pick: Pick, world: &mut World, occasion: &mut Occasion<'_>) -> Result<Arc<Certificate>, Refusal> {
    match pick {
        Pick::Present(certificate) => Ok(certificate),
        Pick::New(new) => {
            let (draft, checked) = *new;
            world.keep_certificate(&draft, checked, occasion)
        }
    }
}

impl TlsSpec {
    /// How many certificates clients are shown one of.
    pub(crate) fn servers(&self) -> usize {
        1 + self.further.len()
    }

    /// Keeps inline certificates in the account and gives the settings.
    pub(crate) fn settle(self, world: &mut World, occasion: &mut Occasion<'_>) -> Result<ListenerTls, Refusal> {
        let mut keep = |pick| keep(pick, world, occasion);
        let server = keep(self.server)?;
        let further = self.further.into_iter().map(&mut keep).collect::<Result<_, Refusal>>()?;
        let clients = match self.clients {
            ClientsSpec::OneWay => ClientVerification::OneWay,
            ClientsSpec::Mutual { ca, demand } => ClientVerification::Mutual { ca: keep(ca)?, demand },
        };
        Ok(ListenerTls { server, further, clients })
    }
}
