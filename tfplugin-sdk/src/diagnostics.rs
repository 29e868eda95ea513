//! What a provider tells its user: errors and warnings, each at an attribute where it has one.
//!
//! [`Report`] collects many at once; [`Error`] is what author code returns with `?`. How they travel is the
//! wire's business, not this file's.

use std::fmt;

use crate::engine::Caller;
use crate::{Deferral, Path};

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The operation failed or must not start.
    Error,
    /// The operation goes on; the user should know.
    Warning,
}

/// One message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line: what is wrong.
    pub summary: String,
    /// Sentences: why, and what to do. May be empty.
    pub detail: String,
    /// The attribute concerned; the root when it concerns the whole resource.
    pub path: Path,
}

impl Diagnostic {
    /// An error about the whole resource.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, summary: summary.into(), detail: detail.into(), path: Path::root() }
    }

    /// A warning about the whole resource.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(summary, detail) }
    }

    /// The same, about the attribute at `path`.
    #[must_use]
    pub fn at(self, path: Path) -> Self {
        Self { path, ..self }
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Everything found so far; nothing stops at the first problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// That all errors say no more than "not yet".
    deferral: Option<Deferral>,
}

impl Report {
    /// An empty report.
    pub const fn new() -> Self {
        Self { diagnostics: Vec::new(), deferral: None }
    }

    /// Adds an error at `path`.
    pub fn error(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::error(summary, detail).at(path));
    }

    /// Adds a warning at `path`.
    pub fn warning(&mut self, path: Path, summary: impl Into<String>, detail: impl Into<String>) {
        self.push(Diagnostic::warning(summary, detail).at(path));
    }

    /// Adds a finished diagnostic; one that is already there is not added again.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if diagnostic.is_error() {
            self.deferral = None;
        }
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds everything of `other`.
    pub fn extend(&mut self, other: Report) {
        let deferral = match (self.has_errors(), other.has_errors()) {
            (false, _) => other.deferral,
            (true, false) => self.deferral,
            (true, true) => self.deferral.filter(|_| other.deferral.is_some()),
        };
        for diagnostic in other.diagnostics {
            self.push(diagnostic);
        }
        self.deferral = deferral;
    }

    /// Why it is put off, if all errors say no more than that, and the caller takes it for an answer.
    pub(crate) fn put_off(&self, caller: &Caller) -> Option<Deferral> {
        self.deferral.filter(|_| caller.may_defer)
    }

    /// Only what stops the operation.
    #[must_use]
    pub(crate) fn errors(&self) -> Self {
        let diagnostics = self.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
        Self { diagnostics, deferral: self.deferral }
    }

    /// Only what does not stop the operation.
    #[must_use]
    pub(crate) fn warnings(self) -> Self {
        let diagnostics = self.diagnostics.into_iter().filter(|found| !found.is_error()).collect();
        Self { diagnostics, deferral: None }
    }

    /// Whether there is at least one error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// What was found, in order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let mut report = Self::new();
        report.push(*error.first);
        report.deferral = error.deferral;
        report.extend(error.more);
        report
    }
}

impl IntoIterator for Report {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.into_iter()
    }
}

/// Why an operation of a resource failed: a diagnostic made from any error by `?`, or by hand; or all of a [`Report`].
///
/// It is not itself a `std::error::Error`: that is what lets `?` accept every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    first: Box<Diagnostic>,
    more: Report,
    deferral: Option<Deferral>,
}

/// The result of author code.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with one line about what is wrong.
    pub fn new(summary: impl Into<String>) -> Self {
        Diagnostic::error(summary, "").into()
    }

    /// Adds sentences: why, and what to do.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.first.detail = detail.into();
        self
    }

    /// Pins the error to an attribute.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.first.path = path;
        self
    }

    /// Says that the operation is to be put off to a later run, and why. The error is for a Terraform that cannot do that:
    ///
    /// ```
    /// # use tfplugin_sdk::{Deferral, Error, Result};
    /// # fn plan(host_exists: bool) -> Result<()> {
    /// if !host_exists {
    ///     let error = Error::new("There is no host yet").detail("Create it first: terraform apply -target=...");
    ///     return Err(error.or_deferred(Deferral::PrerequisiteAbsent));
    /// }
    /// # Ok(())
    /// # }
    /// # assert!(plan(false).is_err());
    /// ```
    ///
    /// Plans, reads, imports, data sources and ephemeral resources can be put off; anything else fails with the error.
    #[must_use]
    pub fn or_deferred(mut self, deferral: Deferral) -> Self {
        self.deferral = Some(deferral);
        self
    }

    /// Adds another error, which the user gets beside this one.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.more.extend(other.into().into());
        self
    }

    /// The message as the user gets it; the first, if there are several.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.first
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.summary)?;
        if !self.first.detail.is_empty() {
            write!(f, ": {}", self.first.detail)?;
        }
        Ok(())
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { first: Box::new(diagnostic), more: Report::new(), deferral: None }
    }
}

/// Everything in the report, warnings too. A report without errors makes an error that says so.
impl From<Report> for Error {
    fn from(report: Report) -> Self {
        let position = report.diagnostics.iter().position(Diagnostic::is_error);
        let Report { mut diagnostics, deferral } = report;
        let first = match position {
            Some(position) => diagnostics.remove(position),
            None => Diagnostic::error("Failed", "The provider did not say why. This is a bug in the provider."),
        };
        let more = Report { diagnostics, deferral };
        Self { first: Box::new(first), more, deferral }
    }
}

/// The summary is the error's own text, the detail its chain of causes.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self::new(error.to_string()).detail(causes.join("\n"))
    }
}
