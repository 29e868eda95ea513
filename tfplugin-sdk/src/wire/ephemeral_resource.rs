//! Ephemeral resources: validate, open, renew and close.

use std::time::SystemTime;

use prost_types::Timestamp;

use super::call::{Call, caller, declared, deferred, failed, none};
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::wire::{decode, encode};
use crate::{Report, Type};

impl Call for wire::validate_ephemeral_resource_config::Request {
    const RPC: &'static str = "ValidateEphemeralResourceConfig";
    type Answer = wire::validate_ephemeral_resource_config::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = ephemeral_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &of, &mut problems);
        none(problems)?;
        let found = engine.validate_ephemeral_resource(&self.type_name, config);
        Ok(Self::Answer { diagnostics: encode::diagnostics(found) })
    }
}

impl Call for wire::open_ephemeral_resource::Request {
    const RPC: &'static str = "OpenEphemeralResource";
    type Answer = wire::open_ephemeral_resource::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = ephemeral_type(&engine, &self.type_name)?;
        let mut problems = Report::new();
        let config = decode::value(self.config.as_ref(), &of, &mut problems);
        none(problems)?;
        let caller = caller(self.client_capabilities.as_ref());
        let (answer, renewal) = engine.open_ephemeral_resource(&self.type_name, config, caller).await?;
        let mut report = answer.report;
        let result = Some(encode::value(&answer.value, &of, &mut report));
        Ok(Self::Answer {
            result,
            renew_at: renewal.at.and_then(timestamp),
            private: Some(renewal.private),
            diagnostics: encode::diagnostics(report),
            deferred: deferred(answer.deferred),
        })
    }
}

impl Call for wire::renew_ephemeral_resource::Request {
    const RPC: &'static str = "RenewEphemeralResource";
    type Answer = wire::renew_ephemeral_resource::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let private = self.private.unwrap_or_default();
        let (renewal, report) = engine.renew_ephemeral_resource(&self.type_name, private).await?;
        Ok(Self::Answer {
            renew_at: renewal.at.and_then(timestamp),
            private: Some(renewal.private),
            diagnostics: encode::diagnostics(report),
        })
    }
}

impl Call for wire::close_ephemeral_resource::Request {
    const RPC: &'static str = "CloseEphemeralResource";
    type Answer = wire::close_ephemeral_resource::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let report = engine.close_ephemeral_resource(&self.type_name, self.private.unwrap_or_default()).await;
        Ok(Self::Answer { diagnostics: encode::diagnostics(report) })
    }
}

fn ephemeral_type(engine: &Engine, type_name: &str) -> Result<Type, Report> {
    declared(engine, &engine.schema().ephemeral_resources, type_name, "ephemeral resource")
}

/// `None` for a time that no clock will see.
fn timestamp(at: SystemTime) -> Option<Timestamp> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Timestamp { seconds: i64::try_from(since.as_secs()).ok()?, nanos: since.subsec_nanos().try_into().ok()? })
}

failed!(
    validate_ephemeral_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource,
);
