//! Import in the miniature core.

use super::Instance;
use super::verdict::Failure;
use crate::engine::{ImportBy, ImportRequest};
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Report, Resource, ResourceModel};

impl<R: Resource> Instance<R> {
    /// `terraform import`.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn import(&mut self, id: &str) -> Result<Report, Report> {
        self.imported(ImportBy::Id(id.to_owned())).await.map_err(Failure::into_report)
    }

    /// `terraform import` by identity.
    ///
    /// # Errors
    ///
    /// What the provider reports.
    pub async fn import_by_identity(&mut self, identity: &R::Identity) -> Result<Report, Report> {
        self.imported(ImportBy::Identity(identity.encode())).await.map_err(Failure::into_report)
    }

    async fn imported(&mut self, by: ImportBy) -> Result<Report, Failure> {
        let request =
            ImportRequest { type_name: <R as ResourceModel>::NAME.into(), by, caller: self.core.caller.clone() };
        let imported = self.core.engine.import_resource(request).await;
        if imported.report.has_errors() {
            return Err(imported.report.into());
        }
        self.is_identified(&imported.state, &imported.identity)?;
        self.take(&imported.state, imported.private, imported.identity)?;
        let mut report = imported.report;
        report.extend(self.refreshed().await?);
        let gone = "was imported and is gone when it is read".to_owned();
        let gone = if self.state.is_null() { vec![(Path::root(), gone)] } else { Vec::new() };
        Self::keeps("Cannot import non-existent remote object", gone)?;
        Ok(report)
    }
}

/// The id that a template says of a state; `None` while a part of it is null, and for a template without parts.
pub(super) fn id_in(template: &str, state: &Dynamic) -> Option<String> {
    let (mut id, mut rest) = (String::new(), template);
    while let Some((text, (name, after))) =
        rest.split_once('{').and_then(|(text, rest)| Some((text, rest.split_once('}')?)))
    {
        id.push_str(text);
        match state.attribute(name) {
            Dynamic::String(text) => id.push_str(text),
            Dynamic::Number(number) => id.push_str(&number.to_string()),
            Dynamic::Bool(answer) => id.push_str(&answer.to_string()),
            _ => return None,
        }
        rest = after;
    }
    id.push_str(rest);
    (id != template).then_some(id)
}
