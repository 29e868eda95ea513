//! Managed resources: validate, upgrade, read, plan, apply and import.

use super::call::{Call, caller, declared, deferred, failed, meta, none};
use super::identity::{identity, identity_data, identity_type};
use crate::engine::{ApplyRequest, Caller, Engine, ImportBy, ImportRequest, PlanRequest, ReadRequest, UpgradeRequest};
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};
use crate::{Dynamic, Report, Type};

impl Call for wire::validate_resource_config::Request {
    const RPC: &'static str = "ValidateResourceConfig";
    type Answer = wire::validate_resource_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &of, &mut problems);
        none(problems)?;
        let caller = caller(self.client_capabilities.as_ref());
        let found = engine.validate_resource(&self.type_name, config, &caller);
        Ok(Self::Answer { diagnostics: encode::diagnostics(found) })
    }
}

impl Call for wire::upgrade_resource_state::Request {
    const RPC: &'static str = "UpgradeResourceState";
    type Answer = wire::upgrade_resource_state::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let written_as = engine.prior_type(&self.type_name, self.version);
        let mut problems = Report::new();
        let state = decode::stored(self.raw_state.as_ref(), written_as.as_ref(), &mut problems);
        none(problems)?;
        let upgraded =
            engine.upgrade_resource(UpgradeRequest { type_name: self.type_name, version: self.version, state });
        let mut report = upgraded.report;
        let upgraded_state = Some(encode::value(&upgraded.state, &of, &mut report));
        Ok(Self::Answer { upgraded_state, diagnostics: encode::diagnostics(report) })
    }
}

impl Call for wire::read_resource::Request {
    const RPC: &'static str = "ReadResource";
    type Answer = wire::read_resource::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let state = decode::value(self.current_state.as_ref(), &of, &mut problems);
        let identity_type = identity_type(&engine, &self.type_name);
        let identity = identity(self.current_identity.as_ref(), identity_type.as_ref(), &mut problems);
        let meta = meta(&engine, self.provider_meta.as_ref(), &mut problems);
        none(problems)?;
        let caller = Caller { meta, ..caller(self.client_capabilities.as_ref()) };
        let request = ReadRequest { type_name: self.type_name, state, private: self.private, identity, caller };
        let found = engine.read_resource(request).await;
        let mut report = found.report;
        let new_state = Some(encode::value(&found.state, &of, &mut report));
        Ok(Self::Answer {
            new_state,
            private: found.private,
            diagnostics: encode::diagnostics(report),
            // Core stores whatever identity comes back: what is not echoed is lost.
            new_identity: identity_data(&found.identity, identity_type.as_ref()).or(self.current_identity),
            deferred: deferred(found.deferred),
        })
    }
}

impl Call for wire::plan_resource_change::Request {
    const RPC: &'static str = "PlanResourceChange";
    type Answer = wire::plan_resource_change::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let identity_type = identity_type(&engine, &self.type_name);
        let request = PlanRequest {
            prior_identity: identity(self.prior_identity.as_ref(), identity_type.as_ref(), &mut problems),
            prior: decode::value(self.prior_state.as_ref(), &of, &mut problems),
            proposed: decode::value(self.proposed_new_state.as_ref(), &of, &mut problems),
            config: decode::value(self.config.as_ref(), &of, &mut problems),
            caller: Caller {
                meta: meta(&engine, self.provider_meta.as_ref(), &mut problems),
                ..caller(self.client_capabilities.as_ref())
            },
            type_name: self.type_name,
            prior_private: self.prior_private,
            earlier_private: self.planned_private,
        };
        none(problems)?;
        let plan = engine.plan_resource(request).await;
        let mut report = plan.report;
        let planned_state = Some(encode::value(&plan.planned, &of, &mut report));
        Ok(Self::Answer {
            planned_state,
            requires_replace: plan.replace.iter().map(encode::path).collect(),
            planned_private: plan.private,
            deferred: deferred(plan.deferred),
            planned_identity: identity_data(&plan.identity, identity_type.as_ref()).or(self.prior_identity),
            diagnostics: encode::diagnostics(report),
            ..Default::default()
        })
    }
}

impl Call for wire::apply_resource_change::Request {
    const RPC: &'static str = "ApplyResourceChange";
    type Answer = wire::apply_resource_change::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let identity_type = identity_type(&engine, &self.type_name);
        let request = ApplyRequest {
            identity: identity(self.planned_identity.as_ref(), identity_type.as_ref(), &mut problems),
            prior: decode::value(self.prior_state.as_ref(), &of, &mut problems),
            planned: decode::value(self.planned_state.as_ref(), &of, &mut problems),
            config: decode::value(self.config.as_ref(), &of, &mut problems),
            caller: Caller { meta: meta(&engine, self.provider_meta.as_ref(), &mut problems), ..Caller::default() },
            type_name: self.type_name,
            private: self.planned_private,
        };
        none(problems)?;
        let done = engine.apply_resource(request).await;
        let mut report = done.report;
        let new_state = Some(encode::value(&done.state, &of, &mut report));
        Ok(Self::Answer {
            new_state,
            private: done.private,
            new_identity: identity_data(&done.identity, identity_type.as_ref()).or(self.planned_identity),
            diagnostics: encode::diagnostics(report),
            ..Default::default()
        })
    }
}

impl Call for wire::import_resource_state::Request {
    const RPC: &'static str = "ImportResourceState";
    type Answer = wire::import_resource_state::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let type_name = self.type_name.clone();
        let identity_type = identity_type(&engine, &self.type_name);
        let mut problems = Report::new();
        let by = match identity(self.identity.as_ref(), identity_type.as_ref(), &mut problems) {
            Dynamic::Null => ImportBy::Id(self.id),
            identity => ImportBy::Identity(identity),
        };
        none(problems)?;
        let caller = caller(self.client_capabilities.as_ref());
        let imported = engine.import_resource(ImportRequest { type_name: self.type_name, by, caller }).await;
        let mut report = imported.report;
        let state = Some(encode::value(&imported.state, &of, &mut report));
        // Core takes whatever object stands here for one that was found, so there is none beside an error.
        let imported_resources = if report.has_errors() {
            Vec::new()
        } else {
            let private = imported.private;
            let identity = identity_data(&imported.identity, identity_type.as_ref());
            vec![wire::import_resource_state::ImportedResource { type_name, state, private, identity }]
        };
        let deferred = deferred(imported.deferred);
        Ok(Self::Answer { imported_resources, diagnostics: encode::diagnostics(report), deferred })
    }
}

/// The type of a resource's states.
pub(super) fn resource_type(engine: &Engine, type_name: &str) -> Result<Type, Report> {
    declared(engine, &engine.schema().resources, type_name, "resource")
}

failed!(
    validate_resource_config,
    upgrade_resource_state,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
);
