//! A whole life in one call: what a careful author tests for every resource.

use super::verdict::Failure;
use super::{Core, Instance};
use crate::{Path, Resource};

impl Core {
    /// Does with one configuration what a careful author would: validates and creates it, plans it again without a change,
    /// imports it and compares, reads it once more, destroys it, and finds it gone; then all over again for everything in
    /// the configuration that may not be known while planning ([`Core::unknowns`]). Attributes at the root that an import
    /// cannot read back are named in `ignore`; a resource without an import template is not imported.
    ///
    /// ```
    /// # async fn test<Note: tfplugin_sdk::Resource>(core: tfplugin_sdk::testing::Core, config: Note::Config) {
    /// core.whole_life::<Note>(&config, &[]).await;
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// With what went wrong, and when in its life.
    pub async fn whole_life<R: Resource>(&self, config: &R::Config, ignore: &[&str]) {
        let mut instance = self.resource::<R>();
        at("is created", instance.applied(config, config).await);
        if R::schema().import.is_some() {
            at("is imported", instance.import_verified(config, ignore).await);
        }
        let mut before = instance.remembered();
        at("is read once more", instance.refreshed().await);
        at("is read once more", Instance::<R>::keeps("The state is another", before.unlike(&instance, &[])));
        at("is destroyed", instance.destroyed().await);
        // Terraform has forgotten it; whether it is gone is seen by who still knows it.
        at("is looked for after it was destroyed", before.refreshed().await);
        let is_there = (!before.stored().is_null()).then(|| (Path::root(), "still exists".to_owned()));
        at("is destroyed", Instance::<R>::keeps("It is not gone", is_there.into_iter().collect()));
        self.unknowns::<R>(config).await;
    }
}

impl<R: Resource> Instance<R> {
    /// Another one that knows of the same object.
    fn remembered(&self) -> Self {
        let mut other = self.core.resource();
        (other.state, other.private, other.identity) =
            (self.state.clone(), self.private.clone(), self.identity.clone());
        other
    }
}

/// The result, or a panic that says when in its life it failed.
fn at<T>(moment: &str, outcome: Result<T, Failure>) -> T {
    outcome.unwrap_or_else(|failure| panic!("when it {moment}: {failure}"))
}
