//! The provider that the original is questioned with: for each case it answers what the case says, and nothing is checked.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tonic::{Request, Response, Status};

use super::original::{Case, NUMBER, PROBE};
use crate::engine::{Handlers, TypedConfig};
use crate::generated::tfplugin6 as wire;
use crate::generated::tfplugin6::provider_server::Provider;
use crate::schema::{ProviderSchema, Schema};
use crate::{Dynamic, Engine, Path, ProviderConfig, Step, Type};

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Nothing {}

/// The provider.
pub(super) struct Answers {
    of: Type,
    engine: Engine,
    cases: Vec<Case>,
    asked: Vec<AtomicBool>,
    pub(super) proposals: Mutex<Vec<Dynamic>>,
}

impl Answers {
    pub(super) fn new(schema: Schema, cases: Vec<Case>) -> Self {
        let configure = TypedConfig::<Nothing, ()>::new(|_| async { Ok(Some(())) });
        let handlers = Handlers::of(Box::new(configure));
        let of = schema.value_type();
        let resources = BTreeMap::from([(PROBE.to_owned(), schema)]);
        let declared = ProviderSchema { resources, ..ProviderSchema::default() };
        Self {
            of,
            engine: Engine::assemble("probe/probe".to_owned(), declared, handlers),
            asked: cases.iter().map(|_| AtomicBool::new(false)).collect(),
            proposals: Mutex::new(vec![Dynamic::Null; cases.len()]),
            cases,
        }
    }

    fn read(&self, value: Option<wire::DynamicValue>) -> Dynamic {
        let bytes = value.unwrap_or_default().msgpack;
        crate::wire::unpacked(&bytes, &self.of).unwrap_or_else(|report| panic!("{report:?}"))
    }

    fn written(&self, value: &Dynamic) -> wire::DynamicValue {
        let (msgpack, report) = crate::wire::packed(value, &self.of);
        assert!(report.is_empty(), "{report:?}");
        wire::DynamicValue { msgpack, json: Vec::new() }
    }

    /// The number of the case that a value is about.
    fn number(value: &Dynamic) -> usize {
        let Dynamic::Number(number) = value.attribute(NUMBER) else { panic!("no number: {value:?}") };
        number.to_i128().and_then(|number| number.try_into().ok()).expect("a number of a case")
    }
}

#[tonic::async_trait]
impl Provider for Answers {
    async fn get_provider_schema(
        &self,
        request: Request<wire::get_provider_schema::Request>,
    ) -> Result<Response<wire::get_provider_schema::Response>, Status> {
        crate::wire::Service::new(self.engine.clone()).get_provider_schema(request).await
    }

    async fn validate_provider_config(
        &self,
        _: Request<wire::validate_provider_config::Request>,
    ) -> Result<Response<wire::validate_provider_config::Response>, Status> {
        Ok(Response::new(wire::validate_provider_config::Response::default()))
    }

    async fn configure_provider(
        &self,
        _: Request<wire::configure_provider::Request>,
    ) -> Result<Response<wire::configure_provider::Response>, Status> {
        Ok(Response::new(wire::configure_provider::Response::default()))
    }

    async fn validate_resource_config(
        &self,
        _: Request<wire::validate_resource_config::Request>,
    ) -> Result<Response<wire::validate_resource_config::Response>, Status> {
        Ok(Response::new(wire::validate_resource_config::Response::default()))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Result<Response<wire::upgrade_resource_state::Response>, Status> {
        let stored = request.into_inner().raw_state.unwrap_or_default().json;
        let stored = crate::wire::stored_json(&stored, None).expect("core sends what is in the state file");
        let upgraded_state = Some(self.written(&self.cases[Self::number(&stored)].prior));
        Ok(Response::new(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() }))
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Result<Response<wire::plan_resource_change::Response>, Status> {
        let request = request.into_inner();
        let number = Self::number(&self.read(request.config));
        let case = &self.cases[number];
        let first = !self.asked[number].swap(true, Ordering::Relaxed);
        if first {
            let mut proposed = self.read(request.proposed_new_state);
            if let Dynamic::Object(parts) = &mut proposed {
                parts.remove(NUMBER);
            }
            self.proposals.lock().expect("no panic while it was held")[number] = proposed;
        }
        let replacing = !self.read(request.prior_state).is_null();
        let replace = if replacing { case.replace.iter().map(path).collect() } else { Vec::new() };
        Ok(Response::new(wire::plan_resource_change::Response {
            planned_state: Some(self.written(if first { &case.planned } else { &case.again })),
            requires_replace: replace,
            ..Default::default()
        }))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Result<Response<wire::apply_resource_change::Response>, Status> {
        let number = Self::number(&self.read(request.into_inner().config));
        let new_state = Some(self.written(&self.cases[number].applied));
        Ok(Response::new(wire::apply_resource_change::Response { new_state, ..Default::default() }))
    }
}

fn path(path: &Path) -> wire::AttributePath {
    use wire::attribute_path::{Step as Written, step::Selector};
    let steps = path.steps().iter().map(|step| match step {
        Step::Attribute(name) => Selector::AttributeName(name.clone()),
        Step::Key(key) => Selector::ElementKeyString(key.clone()),
        Step::Index(index) => Selector::ElementKeyInt(*index),
    });
    wire::AttributePath { steps: steps.map(|selector| Written { selector: Some(selector) }).collect() }
}
