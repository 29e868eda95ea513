//! A resource under two configurations, in the miniature core: what is valid breaks no rule of Terraform's core, in any
//! operation.

use std::slice::Iter;

use super::harbour::{self, Settings, SettingsConfig};
use super::ship::{Ship, ShipConfig};
use crate::schema::{Attribute, AttributeKind};
use crate::testing::{Action, Core, Instance};
use crate::tf_type::Codec as _;
use crate::wire::fuzzing_values::Parts;
use crate::{Dynamic, Path, Refinements, Report, ResourceModel as _};

/// Two configurations, and bytes that say which of their values are not known while planning. Whether the first one was
/// applied.
pub(super) async fn walk(input: &[u8]) -> bool {
    let of = Ship::schema().value_type();
    let mut parts = Parts::of(input);
    let (first, second) = (parts.value_of(&of), parts.value_of(&of));
    let unknown = parts.bytes();
    let Some(first) = first.as_ref().and_then(config) else { return false };
    let settings = SettingsConfig { harbour: "york".to_owned().into(), ..SettingsConfig::default() };
    let core = Core::start::<_, Settings>(harbour::provider(), &settings).await.expect("the sample provider starts");
    let mut ship = core.resource::<Ship>();
    if !applied(&mut ship, &first, &unknown).await {
        return false;
    }
    generated(&ship).await;
    stored_again(&mut ship);
    if let Some(second) = second.as_ref().and_then(config) {
        applied(&mut ship, &second, &unknown).await;
    }
    ship.destroy().await.expect("what was created can be destroyed");
    true
}

/// The configuration in its Rust type; `None` when it does not fit.
fn config(value: &Dynamic) -> Option<ShipConfig> {
    ShipConfig::decode(value, &Path::root(), &mut Report::new())
}

/// Applies a valid configuration; whether it was one.
async fn applied(ship: &mut Instance<Ship>, config: &ShipConfig, unknown: &[u8]) -> bool {
    if ship.validate(config).has_errors() {
        return false;
    }
    if !config.encode().is_wholly_known() {
        ship.plan(config).await.expect("what is valid can be planned");
        return false;
    }
    let veiled = veiled(&Ship::schema().attributes, &config.encode(), &mut unknown.iter());
    let veiled = self::config(&veiled).expect("it has the same shape");
    // What is not known yet can still break a rule: there may be too many elements.
    let planned = if ship.validate(&veiled).has_errors() { config } else { &veiled };
    ship.apply_after(planned, config).await.expect("what is valid can be applied");
    assert_eq!(ship.plan(config).await.expect("it was planned before").action, Action::NoOp);
    true
}

/// The configuration that Terraform would write for it is valid, and changes nothing but secrets.
async fn generated(ship: &Instance<Ship>) {
    let config = ship.generate_config().expect("a generated configuration is valid");
    let plan = ship.plan(&config).await.expect("a generated configuration can be planned");
    let has_secrets = ship.state().is_some_and(|ship| ship.has_secrets());
    assert!(plan.action == Action::NoOp || has_secrets, "{:?}", plan.planned);
}

/// What was stored is read back as it was.
fn stored_again(ship: &mut Instance<Ship>) {
    let stored = ship.stored().clone();
    ship.upgrade(Ship::schema().version, stored.clone()).expect("a state of the present version is read");
    assert_eq!(*ship.stored(), stored);
}

/// An object with some known parts unknown: a byte a part says whether. Which blocks there are is always known.
fn veiled(attributes: &[Attribute], object: &Dynamic, unknown: &mut Iter<'_, u8>) -> Dynamic {
    let parts = attributes.iter().map(|attribute| {
        let inner = if let AttributeKind::Nested(_, inner) = &attribute.kind { inner.as_slice() } else { &[] };
        let value = veiled_part(attribute.block, inner, object.attribute(&attribute.name), unknown);
        (attribute.name.clone(), value)
    });
    Dynamic::Object(parts.collect())
}

/// A value, or unknown, or with unknown parts; the attributes are those of objects in it.
fn veiled_part(block: bool, inner: &[Attribute], value: &Dynamic, unknown: &mut Iter<'_, u8>) -> Dynamic {
    let is_unknown = !block && !value.is_null() && unknown.next().is_some_and(|byte| byte % 2 == 1);
    let mut part = |part: &Dynamic| veiled_part(block, inner, part, unknown);
    match value {
        _ if is_unknown => Dynamic::Unknown(Refinements::none()),
        Dynamic::List(elements) => Dynamic::List(elements.iter().map(part).collect()),
        Dynamic::Set(elements) => Dynamic::Set(elements.iter().map(part).collect()),
        Dynamic::Map(elements) => Dynamic::Map(elements.iter().map(|(key, of)| (key.clone(), part(of))).collect()),
        Dynamic::Object(_) => veiled(inner, value, unknown),
        other => other.clone(),
    }
}
