//! Data sources: validate and read.

use super::call::{Call, declared, failed, none, put_off, undecided};
use crate::Report;
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};

impl Call for wire::validate_data_resource_config::Request {
    const RPC: &'static str = "ValidateDataResourceConfig";
    type Answer = wire::validate_data_resource_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = declared(&engine, &engine.schema().data_sources, &self.type_name, "data source")?;
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &of, &mut problems);
        none(problems)?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(engine.validate_data_source(&self.type_name, config)) })
    }
}

impl Call for wire::read_data_source::Request {
    const RPC: &'static str = "ReadDataSource";
    type Answer = wire::read_data_source::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = declared(&engine, &engine.schema().data_sources, &self.type_name, "data source")?;
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &of, &mut problems);
        none(problems)?;
        if let Some(deferred) = put_off(&engine, self.client_capabilities.as_ref()) {
            return Ok(Self::Answer { state: Some(undecided(&of)), diagnostics: Vec::new(), deferred: Some(deferred) });
        }
        let (state, mut report) = engine.read_data_source(&self.type_name, config).await?;
        let state = Some(encode::value(&state, &of, &mut report));
        Ok(Self::Answer { state, diagnostics: encode::diagnostics(report), deferred: None })
    }
}

failed!(validate_data_resource_config, read_data_source);
