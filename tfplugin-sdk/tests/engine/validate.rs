//! Validating: everything at once, each at its path; unknown values wait; secrets stay secret.

use std::collections::BTreeMap;

use tfplugin_sdk::engine::Caller;
use tfplugin_sdk::{Dynamic, Refinements, Secret, Value};

use crate::garden::{BedConfig, GardenConfig, GateConfig, SpareKeyConfig, Style, Town, TreeConfig};
use crate::{garden, lines, smallest};

fn unknown<T>() -> Value<T> {
    Value::Unknown(Refinements::none())
}

async fn found(config: GardenConfig) -> Vec<String> {
    lines(&garden(&std::sync::Arc::new(Town::default())).await.validate(&config))
}

#[tokio::test]
async fn a_sound_configuration_passes() {
    assert_eq!(found(smallest()).await, [""; 0]);
}

#[tokio::test]
async fn all_broken_rules_are_reported_at_once_each_at_its_attribute() {
    let bed = |plant: &str| Value::Known(BedConfig { plant: Value::Known(plant.into()), ..BedConfig::default() });
    let tree = TreeConfig { kind: Value::Known("oak".into()), height: Value::Known(91) };
    let found = found(GardenConfig {
        plot: Value::Known(1000),
        name: Value::Known("NOT A NAME".into()),
        beds: Value::Known(vec![bed("rose"), bed("rose"), bed("lily"), bed("lily")]),
        trees: Value::Known(vec![Value::Known(tree)]),
        fence: Value::Known(1.5),
        ..smallest()
    })
    .await;
    assert_eq!(
        found,
        [
            "plot: Invalid value for `plot`: `plot` must be a whole number from 1 to 999; 1000 was given.",
            "name: Invalid value for `name`: `name` must have 2 to 8 characters; \"NOT A NAME\" was given.",
            "name: Invalid value for `name`: `name` must be: lower-case letters only; \"NOT A NAME\" was given.",
            "beds: Invalid value for `beds`: `beds` must have at most 3 elements; a list of 4 elements was given.",
            "trees.height: Invalid value for `trees.height`: `trees.height` must be a whole number from 1 to 90; 91 was \
             given.",
            "fence: No way in: A fence needs a gate.",
            "fence: No way out: Whoever is in stays in.",
        ]
    );
}

#[tokio::test]
async fn a_required_attribute_set_to_null_is_missed_also_inside_others() {
    let bed = BedConfig { plant: Value::Null, ..BedConfig::default() };
    let found =
        found(GardenConfig { town: Value::Null, beds: Value::Known(vec![Value::Known(bed)]), ..smallest() }).await;
    assert_eq!(
        found,
        [
            "town: Missing value for `town`: `town` is required; null was given.",
            "beds[0].plant: Missing value for `beds[0].plant`: `beds[0].plant` is required; null was given.",
        ]
    );
}

#[tokio::test]
async fn null_is_no_element() {
    let found = found(GardenConfig {
        beds: Value::Known(vec![Value::Null]),
        trees: Value::Known(vec![Value::Null]),
        ponds: Value::Known(BTreeMap::from([("deep".to_owned(), Value::Null)])),
        labels: Value::Known(BTreeMap::from([("a".to_owned(), Value::Null)])),
        ..smallest()
    })
    .await;
    let places = [("beds", "beds[0]"), ("trees", "trees"), ("ponds", "ponds[\"deep\"]"), ("labels", "labels[\"a\"]")];
    let expected = places.map(|(name, place)| {
        format!(
            "{place}: Missing value for `{place}`: `{name}` must have no null elements. Leave it out, or give it a value."
        )
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn unknown_values_wait_for_apply() {
    let config = GardenConfig {
        town: unknown(),
        plot: unknown(),
        name: unknown(),
        style: unknown(),
        fence: unknown(),
        gate: Value::Known(GateConfig { width: unknown(), ..GateConfig::default() }),
        beds: Value::Known(vec![unknown()]),
        trees: unknown(),
        shed_key_wo: unknown(),
        notes: Value::Known(Dynamic::unknown()),
        ..GardenConfig::default()
    };
    assert_eq!(found(config).await, [""; 0]);
}

#[test]
fn what_does_not_fit_its_type_is_reported_once_and_says_what_is_allowed() {
    let engine = crate::garden::provider(&std::sync::Arc::default()).into_engine();
    let value = |pairs: [(&str, Dynamic); 4]| {
        let mut object: BTreeMap<String, Dynamic> = engine.schema().resources["sample_garden"]
            .attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), Dynamic::Null))
            .collect();
        object.extend(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Dynamic::Object(object)
    };
    let report = engine.validate_resource(
        "sample_garden",
        value([
            ("town", Dynamic::String("york".into())),
            ("plot", Dynamic::Number("1.5".parse().unwrap())),
            ("style", Dynamic::String("messy".into())),
            ("shed_key_wo_version", Dynamic::Number("9223372036854775808".parse().unwrap())),
        ]),
        &Caller::default(),
    );
    assert_eq!(
        lines(&report),
        [
            "plot: Invalid value for `plot`: `plot` must be a whole number from 1 to 999; 1.5 was given.",
            "style: Invalid value for `style`: `style` must be \"formal_garden\" or \"wild\"; \"messy\" was given.",
            "shed_key_wo_version: Invalid value for `shed_key_wo_version`: `shed_key_wo_version` must be a whole number \
             from -9223372036854775808 to 9223372036854775807; 9223372036854775808 was given.",
        ]
    );
}

#[tokio::test]
async fn a_secret_is_never_shown() {
    let found = found(GardenConfig {
        gate: Value::Known(GateConfig { width: Value::Known(33), ..GateConfig::default() }),
        shed_key_wo: Value::Known(Secret::new("abc".into())),
        spare_key_wo: Value::Known(SpareKeyConfig { teeth: Value::Known("abc".into()) }),
        ..smallest()
    })
    .await;
    assert_eq!(
        found,
        [
            "gate.width: Invalid value for `gate.width`: `gate.width` must be a whole number from 1 to 9; a sensitive \
             value that is not shown was given.",
            "shed_key_wo: Invalid value for `shed_key_wo`: `shed_key_wo` must have at least 4 characters; a sensitive \
             value that is not shown was given.",
            "spare_key_wo.teeth: Invalid value for `spare_key_wo.teeth`: `spare_key_wo.teeth` must have at least 4 \
             characters; a sensitive value that is not shown was given.",
        ]
    );
}

#[test]
fn the_provider_block_is_validated_without_showing_secrets() {
    let engine = crate::garden::provider(&std::sync::Arc::default()).into_engine();
    let mut settings = BTreeMap::from([("owner".to_owned(), Dynamic::String(String::new()))]);
    settings.insert("key".into(), Dynamic::List(vec![Dynamic::String("hunter2".into())]));
    assert_eq!(
        lines(&engine.validate_provider(Dynamic::Object(settings))),
        [
            "owner: Invalid value for `owner`: `owner` must have at least 1 character; \"\" was given.",
            "key: Unexpected value: `key` must be a text; found a list.",
        ]
    );
}

#[test]
fn what_is_inside_a_sensitive_attribute_is_sensitive() {
    use tfplugin_sdk::schema::{Attribute, AttributeKind};
    let gate = Attribute::of::<crate::garden::Gate>("gate").sensitive();
    let AttributeKind::Nested(_, inner) = gate.kind else { panic!("a gate is nested") };
    assert!(inner.iter().all(|attribute| attribute.sensitive));
}

#[tokio::test]
async fn a_rule_that_panics_becomes_an_error() {
    let found = found(GardenConfig { name: Value::Known("panic".into()), ..smallest() }).await;
    let [line] = found.as_slice() else { panic!("one error was expected: {found:?}") };
    assert!(line.contains("validating a sample_garden: the name is panic"), "{line}");
}

#[test]
fn an_enum_is_written_as_its_name() {
    assert_eq!(Style::FormalGarden.to_string(), "formal_garden");
    assert_eq!("wild".parse(), Ok(Style::Wilderness));
    let error = "tidy".parse::<Style>().unwrap_err().to_string();
    assert_eq!(error, "it must be one of \"formal_garden\", \"wild\"");
}

#[tokio::test]
async fn what_the_provider_computes_cannot_be_set_also_inside_others_and_not_by_something_unknown() {
    let bed = BedConfig { plant: Value::Known("rose".into()), number: Value::Known(3) };
    let found = found(GardenConfig {
        changes: Value::Known(55),
        remark: unknown(),
        beds: Value::Known(vec![Value::Known(bed)]),
        gardener: Value::Known("ann".into()),
        ..smallest()
    })
    .await;
    assert_eq!(
        found,
        [
            "changes: `changes` cannot be set: The provider says what `changes` is. Remove it.",
            "remark: `remark` cannot be set: The provider says what `remark` is. Remove it.",
            "beds[0].number: `beds[0].number` cannot be set: The provider says what `beds[0].number` is. Remove it.",
        ]
    );
}
