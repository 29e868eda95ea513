//! Identity: upgrading, and how it stands beside a state.

use super::call::{Call, failed, none};
use crate::engine::Engine;
use crate::generated::tfplugin6 as wire;
use crate::schema::IdentitySchema;
use crate::wire::{decode, encode};
use crate::{Dynamic, Report, Type};

impl Call for wire::upgrade_resource_identity::Request {
    const RPC: &'static str = "UpgradeResourceIdentity";
    type Answer = wire::upgrade_resource_identity::Response;

    fn type_name(&self) -> &str {
        &self.type_name
    }

    async fn run(self, engine: Engine) -> Result<Self::Answer, Report> {
        let of = identity_type(&engine, &self.type_name);
        let present = engine.schema().resources.get(&self.type_name).and_then(|schema| schema.identity.as_ref());
        let is_present = present.is_some_and(|present| present.version == self.version);
        let mut problems = Report::new();
        let stored = decode::stored(self.raw_identity.as_ref(), of.as_ref().filter(|_| is_present), &mut problems);
        none(problems)?;
        let upgraded = engine.upgrade_identity(&self.type_name, self.version, stored)?;
        let upgraded_identity = identity_data(&upgraded, of.as_ref());
        Ok(Self::Answer { upgraded_identity, ..Self::Answer::default() })
    }
}

/// The type of a resource's identity, if it has one.
pub(super) fn identity_type(engine: &Engine, type_name: &str) -> Option<Type> {
    engine.schema().resources.get(type_name)?.identity.as_ref().map(IdentitySchema::value_type)
}

/// An identity that was sent; null when there is none, or none of that type.
pub(super) fn identity(data: Option<&wire::ResourceIdentityData>, of: Option<&Type>, problems: &mut Report) -> Dynamic {
    let value = data.and_then(|data| data.identity_data.as_ref());
    of.map_or(Dynamic::Null, |of| decode::value(value, of, problems))
}

/// An identity to send; none when there is none.
pub(super) fn identity_data(identity: &Dynamic, of: Option<&Type>) -> Option<wire::ResourceIdentityData> {
    let of = of.filter(|_| !identity.is_null())?;
    // It was taken from a state that is sent beside it: what does not fit is reported there.
    let identity_data = Some(encode::value(identity, of, &mut Report::new()));
    Some(wire::ResourceIdentityData { identity_data })
}

failed!(upgrade_resource_identity);
