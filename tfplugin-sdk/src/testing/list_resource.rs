//! List resources in the miniature core.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use tokio::sync::mpsc;

use super::{Core, shaped};
use crate::engine::{ListRequest, Listed};
use crate::schema::Schema;
use crate::tf_type::Codec;
use crate::{Declaration, ListResource, Path, Report, ResourceModel};

/// One search in a query.
pub struct Search<L> {
    core: Core,
    limit: u64,
    wants_states: bool,
    of: PhantomData<fn() -> L>,
}

/// One object of the resource `R` that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<R: ResourceModel> {
    /// Its name, for people.
    pub name: String,
    /// What identifies it.
    pub identity: R::Identity,
    /// Its state, where it was wanted.
    pub state: Option<R>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hits<R: ResourceModel> {
    /// The objects in the order they were found.
    pub hits: Vec<Hit<R>>,
    /// Warnings, and why the search ended early, if it did.
    pub report: Report,
}

impl Core {
    /// A search.
    pub fn list_resource<L: ListResource>(&self) -> Search<L> {
        Search { core: self.clone(), limit: u64::MAX, wants_states: false, of: PhantomData }
    }
}

impl<L: ListResource> Search<L> {
    /// At most so many objects are wanted.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Whole states are wanted (`include_resource = true`).
    #[must_use]
    pub fn with_states(mut self) -> Self {
        self.wants_states = true;
        self
    }

    /// `terraform validate`.
    pub fn validate(&self, config: &L::Config) -> Report {
        let config = shaped(self.schema(), config);
        let report = self.core.engine.validate_list_resource(<L as Declaration>::NAME, config.clone());
        self.core.without_secrets(<L as Declaration>::NAME, self.schema(), &config, report)
    }

    /// `terraform query`: validates and searches.
    ///
    /// # Errors
    ///
    /// What validating reports.
    ///
    /// # Panics
    ///
    /// When more is found than was wanted, the same object twice, or one that does not fit its schema or has no state
    /// where it is wanted.
    pub async fn all(&self, config: &L::Config) -> Result<Hits<L::Resource>, Report> {
        let report = self.validate(config);
        if report.has_errors() {
            return Err(report);
        }
        let config = shaped(self.schema(), config);
        let request = ListRequest {
            type_name: <L as Declaration>::NAME.to_owned(),
            config: config.clone(),
            limit: self.limit,
            wants_states: self.wants_states,
        };
        let (sender, mut listed) = mpsc::channel(1);
        let listening = async {
            let mut all = Vec::new();
            while let Some(found) = listed.recv().await {
                all.push(found);
            }
            all
        };
        let (mut report, all) = tokio::join!(self.core.engine.list_resource(request, sender), listening);
        let hits: Vec<_> = all.into_iter().map(|listed| self.hit(listed, &mut report)).collect();
        self.check(&hits);
        let report = self.core.without_secrets(<L as Declaration>::NAME, self.schema(), &config, report);
        Ok(Hits { hits, report })
    }

    fn hit(&self, listed: Listed, report: &mut Report) -> Hit<L::Resource> {
        let (type_name, mut problems) = (<L as Declaration>::NAME, Report::new());
        let root = Path::root();
        let identity = <L::Resource as ResourceModel>::Identity::decode(&listed.identity, &root, &mut problems);
        let state = listed.state.map(|state| L::Resource::decode(&state, &root, &mut problems));
        report.extend(listed.report);
        let (Some(identity), Some(state)) = (identity, state.map_or(Some(None), |state| state.map(Some))) else {
            panic!("{:?}, a {type_name} that was found, does not fit its schema: {problems:?}", listed.name)
        };
        assert_eq!(state.is_some(), self.wants_states, "{:?}, a {type_name}, has a state if it is wanted", listed.name);
        Hit { name: listed.name, identity, state }
    }

    fn check(&self, hits: &[Hit<L::Resource>]) {
        let found = u64::try_from(hits.len()).unwrap_or(u64::MAX);
        assert!(found <= self.limit, "{} were wanted and {found} found", self.limit);
        let distinct: BTreeSet<String> = hits.iter().map(|hit| format!("{:?}", hit.identity)).collect();
        assert_eq!(distinct.len(), hits.len(), "an object was found twice: {hits:?}");
    }

    fn schema(&self) -> &Schema {
        &self.core.engine.schema().list_resources[<L as Declaration>::NAME]
    }
}

impl<L> fmt::Debug for Search<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("limit", &self.limit).finish_non_exhaustive()
    }
}
