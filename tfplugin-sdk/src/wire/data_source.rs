//! Data sources: validate and read.

use super::call::{Call, caller, declared, deferred, failed, meta, none};
use crate::Report;
use crate::engine::{Caller, Engine};
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
        let meta = meta(&engine, self.provider_meta.as_ref(), &mut problems);
        none(problems)?;
        let caller = Caller { meta, ..caller(self.client_capabilities.as_ref()) };
        let mut answer = engine.read_data_source(&self.type_name, config, caller).await?;
        let state = Some(encode::value(&answer.value, &of, &mut answer.report));
        let deferred = deferred(answer.deferred);
        Ok(Self::Answer { state, diagnostics: encode::diagnostics(answer.report), deferred })
    }
}

failed!(validate_data_resource_config, read_data_source);
