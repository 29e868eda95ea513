//! Import in the miniature core, and whether it brings what was there before.

use super::Instance;
use super::plan::{Action, Plan};
use super::verdict::Failure;
use crate::engine::consistency::Breach;
use crate::engine::literal::shown;
use crate::engine::{ImportBy, ImportRequest};
use crate::import_id::filled;
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Report, Resource, ResourceModel};

impl<R: Resource> Instance<R> {
    /// `terraform import`. Where it is put off, there is no state afterwards.
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

    /// Imports what is in the state once more, by its id and by its identity where it has one, and compares: every
    /// attribute must be as it is here, and neither the configuration that made it nor the one that Terraform would
    /// generate may want to change anything. Attributes at the root that cannot be read back, such as passwords, are
    /// named in `ignore`.
    ///
    /// ```
    /// # use tfplugin_sdk::{Report, Resource, testing::Core};
    /// # async fn test<Note: Resource>(core: Core, config: Note::Config) -> Result<(), Report> {
    /// let mut note = core.resource::<Note>();
    /// note.apply(&config).await?;
    /// note.import_verify(&config, &["password"]).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When there is no state or no import template, when importing fails, and with every attribute that differs.
    pub async fn import_verify(&self, config: &R::Config, ignore: &[&str]) {
        self.import_verified(config, ignore).await.unwrap_or_else(|failure| panic!("{failure}"));
    }

    pub(super) async fn import_verified(&self, config: &R::Config, ignore: &[&str]) -> Result<(), Failure> {
        let name = <R as ResourceModel>::NAME;
        let template = self.schema().import.as_deref().unwrap_or_default();
        let Some(id) = id_in(template, &self.state) else {
            let reason = match template {
                "" => "it has no import template".to_owned(),
                template => format!("its state has no {template:?}"),
            };
            return Err(Failure::Broken(format!("a {name} cannot be imported: {reason}")));
        };
        let by_id = (format!("importing a {name} by the id {id:?}"), ImportBy::Id(id));
        let by_identity = (!self.identity.is_null())
            .then(|| (format!("importing a {name} by its identity"), ImportBy::Identity(self.identity.clone())));
        for (doing, by) in [by_id].into_iter().chain(by_identity) {
            self.import_compared(by, config, ignore)
                .await
                .map_err(|failure| Failure::Broken(format!("{doing}: {failure}")))?;
        }
        Ok(())
    }

    async fn import_compared(&self, by: ImportBy, config: &R::Config, ignore: &[&str]) -> Result<(), Failure> {
        let mut imported = self.core.resource::<R>();
        imported.imported(by).await?;
        Self::keeps("The import brings something else", self.unlike(&imported, ignore))?;
        let plan = imported.planned(config).await?;
        Self::keeps("The plan after the import is not empty", imported.wants(&plan, ignore))?;
        // What must be written down and cannot be read back makes a generated configuration incomplete.
        if let Ok(generated) = imported.generate_config() {
            let plan = imported.planned(&generated).await?;
            Self::keeps("The plan with a generated configuration is not empty", imported.wants(&plan, ignore))?;
        }
        Ok(())
    }

    pub(super) async fn imported(&mut self, by: ImportBy) -> Result<Report, Failure> {
        let request =
            ImportRequest { type_name: <R as ResourceModel>::NAME.into(), by, caller: self.core.caller.clone() };
        let imported = self.core.engine.import_resource(request).await;
        self.shows_no_secret(&imported.state, &imported.report)?;
        if imported.report.has_errors() {
            return Err(imported.report.into());
        }
        if imported.deferred.is_some() {
            return Ok(imported.report);
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

    /// Where another instance of the same object differs.
    pub(super) fn unlike(&self, other: &Self, ignore: &[&str]) -> Vec<Breach> {
        let attributes = self.schema().attributes.iter().filter(|attribute| !ignore.contains(&attribute.name.as_str()));
        let differing = attributes.filter_map(|attribute| {
            let (here, there) = (self.state.attribute(&attribute.name), other.state.attribute(&attribute.name));
            let [was, is] = [here, there].map(|value| shown(value, attribute.is_secret()));
            let differs =
                if was == is { "is another than before".to_owned() } else { format!("was {was} and is {is}") };
            (here != there).then(|| (Path::root().attribute(&attribute.name), differs))
        });
        differing.collect()
    }

    /// What a plan wants to change. A change of what is ignored may be why values that the provider computes are not known.
    pub(super) fn wants(&self, plan: &Plan, ignore: &[&str]) -> Vec<Breach> {
        let names = self.schema().attributes.iter().map(|attribute| attribute.name.as_str());
        let changed: Vec<&str> =
            names.filter(|name| self.state.attribute(name) != plan.planned.attribute(name)).collect();
        let (ignored, wanted): (Vec<&str>, Vec<&str>) = changed.into_iter().partition(|name| ignore.contains(name));
        let wanted =
            wanted.into_iter().filter(|name| ignored.is_empty() || plan.planned.attribute(name).is_wholly_known());
        let mut wanted: Vec<Breach> =
            wanted.map(|name| (Path::root().attribute(name), "would change".to_owned())).collect();
        if plan.action == Action::Replace {
            wanted.extend(plan.replace.iter().map(|path| (path.clone(), "would replace it".to_owned())));
        }
        wanted
    }
}

/// The import id of a state; `None` where it has not all of its parts, or there is no template.
pub(super) fn id_in(template: &str, state: &Dynamic) -> Option<String> {
    if template.contains('{') { filled(template, state).ok() } else { None }
}
