//! The provider block: validating and configuring.

use super::call::{Call, failed, none};
use crate::Report;
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};

impl Call for wire::validate_provider_config::Request {
    const RPC: &'static str = "ValidateProviderConfig";
    type Answer = wire::validate_provider_config::Response;

    fn type_name(&self) -> &'static str {
        ""
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &engine.schema().provider.value_type(), &mut problems);
        none(problems)?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(engine.validate_provider(config)) })
    }
}

impl Call for wire::configure_provider::Request {
    const RPC: &'static str = "ConfigureProvider";
    type Answer = wire::configure_provider::Response;

    fn type_name(&self) -> &'static str {
        ""
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        tracing::debug!(terraform_version = self.terraform_version, "configuring the provider");
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &engine.schema().provider.value_type(), &mut problems);
        none(problems)?;
        Ok(Self::Answer { diagnostics: encode::diagnostics(engine.configure(config).await) })
    }
}

failed!(validate_provider_config, configure_provider);
