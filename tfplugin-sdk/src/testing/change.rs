//! One create, update or delete as core does it: asked, stored, judged.

use super::Instance;
use super::plan::Plan;
use super::verdict::Failure;
use crate::engine::{ApplyRequest, ApplyResponse, consistency};
use crate::{Dynamic, Path, Report, Resource, ResourceModel};

impl<R: Resource> Instance<R> {
    /// Deletes it. Of a replacement this is the first half: what was planned for the new object goes along.
    pub(super) async fn delete(&mut self, private: Vec<u8>, report: &mut Report) -> Result<(), Failure> {
        self.change(&Dynamic::Null, Dynamic::Null, private, Dynamic::Null, report).await
    }

    /// Creates or updates it as planned.
    pub(super) async fn put(&mut self, config: &Dynamic, plan: &mut Plan) -> Result<(), Failure> {
        let (planned, private, identity) = (plan.planned.clone(), plan.private.clone(), plan.identity.clone());
        self.change(config, planned, private, identity, &mut plan.report).await
    }

    async fn change(
        &mut self,
        config: &Dynamic,
        planned: Dynamic,
        private: Vec<u8>,
        identity: Dynamic,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let request = ApplyRequest {
            type_name: <R as ResourceModel>::NAME.into(),
            prior: self.state.clone(),
            planned: planned.clone(),
            config: config.clone(),
            private,
            identity,
            caller: self.core.caller.clone(),
        };
        let mut applied = self.core.engine.apply_resource(request).await;
        applied.state = self.arrived(&applied.state)?;
        let failed = applied.report.has_errors();
        report.extend(applied.report.clone());
        let verdict = self.judge(&planned, &applied).and_then(|()| self.shows_no_secret(config, &applied.report));
        self.store(applied);
        verdict?;
        if failed { Err(report.clone().into()) } else { Ok(()) }
    }

    /// Whether what came of a change is what core takes. With errors it takes what there is.
    fn judge(&self, planned: &Dynamic, applied: &ApplyResponse) -> Result<(), Failure> {
        self.is_storable(&applied.state, &applied.private)?;
        if applied.report.has_errors() {
            return Ok(());
        }
        let breaches = match (planned.is_null(), applied.state.is_null()) {
            (true, true) => Vec::new(),
            (true, false) => vec![(Path::root(), "was deleted, and still has a state".to_owned())],
            (false, true) => vec![(Path::root(), "was created or updated, and has no state".to_owned())],
            (false, false) => consistency::check_applied(self.schema(), planned, &applied.state),
        };
        Self::keeps("Provider produced inconsistent result after apply", breaches)?;
        self.is_identified(&applied.state, &applied.identity)
    }

    /// Stores what core would: after a failure without a state, what was there before.
    fn store(&mut self, applied: ApplyResponse) {
        let failed = applied.report.has_errors();
        if failed && applied.state.is_null() {
            return;
        }
        self.tainted = failed && (self.state.is_null() || self.tainted);
        // With the object goes all that is stored about it.
        let (private, identity) =
            if applied.state.is_null() { Default::default() } else { (applied.private, applied.identity) };
        (self.state, self.private, self.identity) = (applied.state, private, identity);
    }
}
