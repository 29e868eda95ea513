//! States on their way in and out: moved from other types, and turned into configuration.

use super::call::{Call, failed, none};
use super::identity::{identity_data, identity_type};
use super::resource::resource_type;
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};
use crate::{ForeignState, Report};

impl Call for wire::move_resource_state::Request {
    const RPC: &'static str = "MoveResourceState";
    type Answer = wire::move_resource_state::Response;

    fn type_name(&self) -> &str {
        &self.target_type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.target_type_name)?;
        let mut problems = Report::new();
        let source = ForeignState {
            state: decode::stored(self.source_state.as_ref(), None, &mut problems),
            identity: decode::stored(self.source_identity.as_ref(), None, &mut problems),
            provider: self.source_provider_address,
            type_name: self.source_type_name,
            version: self.source_schema_version,
            private: self.source_private,
        };
        none(problems)?;
        let moved = engine.move_resource(&self.target_type_name, &source);
        let mut report = moved.report;
        let target_state = Some(encode::value(&moved.state, &of, &mut report));
        let identity_type = identity_type(&engine, &self.target_type_name);
        Ok(Self::Answer {
            target_state,
            target_private: moved.private,
            target_identity: identity_data(&moved.identity, identity_type.as_ref()),
            diagnostics: encode::diagnostics(report),
        })
    }
}

impl Call for wire::generate_resource_config::Request {
    const RPC: &'static str = "GenerateResourceConfig";
    type Answer = wire::generate_resource_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = resource_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let state = decode::value(self.state.as_ref(), &of, &mut problems);
        none(problems)?;
        let config = engine.generate_config(&self.type_name, &state)?;
        let mut report = Report::new();
        let config = Some(encode::value(&config, &of, &mut report));
        Ok(Self::Answer { config, diagnostics: encode::diagnostics(report) })
    }
}

failed!(move_resource_state, generate_resource_config);
