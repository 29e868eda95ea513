//! What core says of a provider's answer: errors that the provider reports are a result; a rule that it breaks is not.

use std::fmt;

use super::Instance;
use super::secrets::Secrets;
use crate::engine::consistency::Breach;
use crate::engine::tree::without_write_only;
use crate::{Dynamic, Path, Report, Resource, ResourceModel};

/// Why an operation did not go through.
#[derive(Debug)]
pub(super) enum Failure {
    /// The provider reports errors.
    Reported(Report),
    /// The provider broke a rule: what Terraform would print.
    Broken(String),
}

impl Failure {
    /// For the test of a provider: its errors are returned, a broken rule fails the test.
    pub(super) fn into_report(self) -> Report {
        match self {
            Self::Reported(report) => report,
            Self::Broken(sentence) => panic!("{sentence}"),
        }
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Self {
        Self::Reported(report)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported(report) => f.write_str(&printed(report)),
            Self::Broken(sentence) => f.write_str(sentence),
        }
    }
}

/// A report in lines: where, what, why.
pub(super) fn printed(report: &Report) -> String {
    let lines = report.diagnostics().iter().map(|found| {
        let place = if found.path.is_root() { String::new() } else { format!("{}: ", found.path) };
        let detail = if found.detail.is_empty() { String::new() } else { format!(": {}", found.detail) };
        format!("{place}{}{detail}", found.summary)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A rule that is broken, and where.
pub(super) fn refusal(sentence: &str, name: &str, breaches: Vec<Breach>) -> String {
    let lines = breaches.into_iter().map(|(path, breach)| {
        let dot = if path.is_root() { "" } else { "." };
        format!("\n  {name}{dot}{path} {breach}")
    });
    format!("{sentence}:{}", lines.collect::<String>())
}

impl<R: Resource> Instance<R> {
    /// Fails with what Terraform would say, unless there are no breaches.
    pub(super) fn keeps(sentence: &str, breaches: Vec<Breach>) -> Result<(), Failure> {
        if breaches.is_empty() { Ok(()) } else { Err(Self::refusal(sentence, breaches)) }
    }

    /// What Terraform would say.
    pub(super) fn refusal(sentence: &str, breaches: Vec<Breach>) -> Failure {
        Failure::Broken(refusal(sentence, <R as ResourceModel>::NAME, breaches))
    }

    /// No diagnostic shows a value that was put in and is secret.
    pub(super) fn shows_no_secret(&self, config: &Dynamic, report: &Report) -> Result<(), Failure> {
        if report.is_empty() {
            return Ok(());
        }
        let of = |value: &Dynamic| Secrets::of(&self.schema().attributes, value);
        let secrets = self.secrets.clone().and(self.core.secrets.clone()).and(of(config)).and(of(&self.state));
        Self::keeps("A diagnostic shows a secret", secrets.shown_in(report))
    }

    /// A value as it arrives from the provider.
    pub(super) fn arrived(&self, value: &Dynamic) -> Result<Dynamic, Failure> {
        let (arrived, unfit) = super::carried(value, &self.schema().value_type());
        let unfit = unfit.into_iter().map(|found| (found.path, format!("does not fit its type: {}", found.detail)));
        Self::keeps("Provider produced invalid object", unfit.collect())?;
        Ok(arrived)
    }

    /// What is stored is wholly known and has no write-only value, neither in its place nor elsewhere.
    pub(super) fn is_storable(&self, state: &Dynamic, private: &[u8]) -> Result<(), Failure> {
        let stored = without_write_only(&self.schema().attributes, state);
        let mut breaches = Vec::new();
        for name in self.schema().attributes.iter().map(|attribute| &attribute.name) {
            let (value, path) = (state.attribute(name), Path::root().attribute(name));
            if !value.is_wholly_known() {
                breaches.push((path, "must be known".to_owned()));
            } else if value != stored.attribute(name) {
                breaches.push((path, "has a write-only value, which must be null".to_owned()));
            }
        }
        Self::keeps("Provider produced invalid object", breaches)?;
        Self::keeps("A write-only value is kept", self.secrets.kept_in(state, private))
    }

    /// What is stored has with it the identity that it says.
    pub(super) fn is_identified(&self, state: &Dynamic, identity: &Dynamic) -> Result<(), Failure> {
        let wanted = self.schema().identity.as_ref().map_or(Dynamic::Null, |schema| schema.of(state));
        if state.is_null() || *identity == wanted {
            return Ok(());
        }
        let breach = format!("is {wanted:?} by its state, and is said to be {identity:?}");
        Self::keeps("Provider returned an invalid identity", vec![(Path::root(), breach)])
    }
}
