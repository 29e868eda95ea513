//! Planning: what is known, what is not, what replaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin_sdk::engine::Caller;
use tfplugin_sdk::testing::Action;
use tfplugin_sdk::{Dynamic, Number, Refinements, Secret, Value, path};

use crate::garden::{BedConfig, GardenConfig, GateConfig, PondConfig, Style, Town, TreeConfig, WoodConfig};
use crate::{garden, lines, smallest};

fn bed(plant: &str) -> Value<BedConfig> {
    Value::Known(BedConfig { plant: Value::Known(plant.into()), ..BedConfig::default() })
}

fn tree(kind: &str) -> Value<TreeConfig> {
    Value::Known(TreeConfig { kind: Value::Known(kind.into()), height: Value::Null })
}

fn tall(kind: &str) -> Value<TreeConfig> {
    Value::Known(TreeConfig { kind: Value::Known(kind.into()), height: Value::Known(90) })
}

fn wood(trees: Vec<Value<TreeConfig>>) -> Value<WoodConfig> {
    Value::Known(WoodConfig { name: Value::Known("grove".into()), trees: Value::Known(trees) })
}

/// A configuration that uses everything.
pub fn full() -> GardenConfig {
    GardenConfig {
        name: Value::Known("rosy".into()),
        fence: Value::Known(0.1),
        gate: Value::Known(GateConfig {
            code_wo: Value::Known(Secret::new("1234".into())),
            material: Value::Known("oak".into()),
            width: Value::Null,
        }),
        beds: Value::Known(vec![bed("rose"), bed("lily")]),
        trees: Value::Known(vec![tree("oak"), tree("elm"), tall("oak")]),
        woods: Value::Known(vec![wood(vec![tree("oak"), tall("oak")]), wood(vec![tree("oak"), tree("elm")])]),
        ponds: Value::Known(BTreeMap::from([(
            "deep".to_owned(),
            Value::Known(PondConfig { depth: Value::Known("2.50".parse().unwrap()), inspection: Value::Null }),
        )])),
        labels: Value::Known(BTreeMap::from([("a".to_owned(), Value::Known("b".to_owned()))])),
        shed_key_wo: Value::Known(Secret::new("sesame".into())),
        shed_key_wo_version: Value::Known(1),
        notes: Value::Known(Dynamic::Bool(true)),
        ..smallest()
    }
}

fn not_null() -> Dynamic {
    Dynamic::Unknown(Refinements::not_null())
}

#[tokio::test]
async fn a_create_knows_the_defaults_and_what_computed_values_will_be_like() {
    let town = Arc::new(Town::default());
    let plan = garden(&town).await.plan(&full()).await.unwrap();
    assert_eq!(plan.action, Action::Create);
    let of = |name: &str| plan.planned.attribute(name);
    let id = Refinements { prefix: Some("gdn-".into()), ..Refinements::not_null() };
    assert_eq!(*of("garden_id"), Dynamic::Unknown(id));
    assert_eq!(*of("changes"), not_null());
    assert_eq!(*of("remark"), Dynamic::unknown(), "an Option may turn out null");
    assert_eq!(*of("style"), Dynamic::String("formal_garden".into()));
    assert_eq!(*of("gate").attribute("width"), Dynamic::Number(2.into()));
    assert!(
        of("shed_key_wo").is_null() && of("gate").attribute("code_wo").is_null(),
        "write-only values are not planned"
    );
    let Dynamic::List(beds) = of("beds") else { panic!("beds are a list") };
    assert_eq!(*beds[0].attribute("number"), not_null());
    assert_eq!(*beds[1].attribute("plant"), Dynamic::String("lily".into()));
    let heights = |trees: &Dynamic| {
        let Dynamic::Set(trees) = trees else { panic!("trees are a set") };
        Dynamic::Set(trees.iter().map(|tree| tree.attribute("height").clone()).collect())
    };
    let expected =
        |heights: &[u8]| Dynamic::Set(heights.iter().map(|&height| Dynamic::Number(height.into())).collect());
    assert_eq!(heights(of("trees")), expected(&[1, 1, 90]));
    let Dynamic::Set(woods) = of("woods") else { panic!("woods are a set") };
    let woods = Dynamic::Set(woods.iter().map(|wood| heights(wood.attribute("trees"))).collect());
    let expected = Dynamic::Set(vec![expected(&[1, 90]), expected(&[1, 1])]);
    assert_eq!(woods, expected, "a default inside a set inside a set");
    let Dynamic::Map(ponds) = of("ponds") else { panic!("ponds are a map") };
    assert_eq!(*ponds["deep"].attribute("inspection"), not_null());
}

#[tokio::test]
async fn a_full_configuration_is_applied_and_planned_again_without_a_change() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&full()).await.unwrap();
    let state = garden.state().unwrap();
    assert_eq!(state.garden_id.0, "gdn-1");
    assert_eq!(state.gardener, "gnome", "the plan hook decided it");
    assert_eq!(state.ponds.unwrap()["deep"].depth, "2.5".parse::<Number>().unwrap());
    assert_eq!(town.state().keys, ["sesame", "1234"], "write-only values reached the author");
    assert!(!format!("{:?}", garden.stored()).contains("sesame"), "and are not stored");
    let plan = garden.plan(&full()).await.unwrap();
    assert_eq!(plan.action, Action::NoOp);
    assert_eq!(plan.planned, *garden.stored());
}

#[tokio::test]
async fn an_update_keeps_what_is_kept_and_lets_the_rest_change() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&full()).await.unwrap();
    let mut config = full();
    config.style = Value::Known(Style::Wilderness);
    config.beds = Value::Known(vec![bed("rose"), bed("lily"), bed("iris")]);
    let plan = garden.plan(&config).await.unwrap();
    assert_eq!((plan.action, plan.replace.as_slice()), (Action::Update, [].as_slice()));
    assert_eq!(*plan.planned.attribute("garden_id"), Dynamic::String("gdn-1".into()));
    assert_eq!(*plan.planned.attribute("gardener"), Dynamic::String("gnome".into()));
    assert_eq!(*plan.planned.attribute("changes"), not_null());
    let Dynamic::List(beds) = plan.planned.attribute("beds") else { panic!("beds are a list") };
    assert_eq!(*beds[0].attribute("number"), Dynamic::Number(1.into()), "kept");
    assert_eq!(*beds[2].attribute("number"), not_null(), "a new bed has no number to keep");
    garden.apply(&config).await.unwrap();
    assert_eq!(garden.state().unwrap().changes, 2);
}

#[tokio::test]
async fn a_set_is_matched_by_what_is_configured_in_it() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&full()).await.unwrap();
    let config = GardenConfig { trees: Value::Known(vec![tree("elm"), tree("ash"), tree("oak")]), ..full() };
    garden.apply(&config).await.unwrap();
    let kinds: Vec<String> = garden.state().unwrap().trees.unwrap().into_iter().map(|tree| tree.kind).collect();
    assert_eq!(kinds, ["ash", "elm", "oak"]);
}

#[tokio::test]
async fn members_that_a_default_makes_the_same_are_the_users_mistake() {
    let short = Value::Known(TreeConfig { kind: Value::Known("oak".into()), height: Value::Known(1) });
    let config = GardenConfig { trees: Value::Known(vec![tree("oak"), short.clone()]), ..smallest() };
    let refused = garden(&Arc::new(Town::default())).await.plan(&config).await.unwrap_err();
    let said = lines(&refused).join("\n");
    assert!(
        said.starts_with("trees: Repeated member of `trees`: Two members of the set `trees` are the same"),
        "{said}"
    );
    let config = GardenConfig { woods: Value::Known(vec![wood(vec![tree("oak"), short])]), ..smallest() };
    let refused = garden(&Arc::new(Town::default())).await.plan(&config).await.unwrap_err();
    assert!(lines(&refused)[0].starts_with("woods.trees: Repeated member"), "{refused:?}");
}

#[tokio::test]
async fn a_default_takes_the_place_of_a_value_that_is_no_longer_set() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&GardenConfig { style: Value::Known(Style::Wilderness), ..smallest() }).await.unwrap();
    garden.apply(&smallest()).await.unwrap();
    assert_eq!(garden.state().unwrap().style, Style::FormalGarden);
}

#[tokio::test]
async fn only_a_change_of_an_attribute_that_replaces_replaces() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&full()).await.unwrap();
    let mut config = full();
    config.plot = Value::Known(8);
    let Value::Known(gate) = &mut config.gate else { unreachable!() };
    gate.material = Value::Known("iron".into());
    let plan = garden.plan(&config).await.unwrap();
    assert_eq!(plan.action, Action::Replace);
    assert_eq!(plan.replace, [path!(gate.material), path!(plot)]);
    assert!(plan.planned.attribute("garden_id").is_unknown(), "another garden has another id");
    garden.apply(&config).await.unwrap();
    assert_eq!(garden.state().unwrap().garden_id.0, "gdn-2");
    assert_eq!(town.state().gardens.len(), 1);
}

#[tokio::test]
async fn values_that_are_unknown_when_planning_may_be_anything_that_fits_when_applying() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    let unknown = GardenConfig {
        name: Value::Unknown(Refinements::none()),
        gate: Value::Unknown(Refinements::none()),
        beds: Value::Known(vec![Value::Unknown(Refinements::none()), bed("lily")]),
        trees: Value::Unknown(Refinements::none()),
        ..full()
    };
    garden.apply_after(&unknown, &full()).await.unwrap();
    let replaced = garden.apply_after(&unknown, &full()).await.unwrap();
    assert_eq!(replaced.action, Action::Replace, "the gate may turn out to be of another material");
    let unknown = GardenConfig { gate: full().gate, ..unknown };
    let unchanged = garden.apply_after(&unknown, &full()).await.unwrap();
    assert_eq!(unchanged.action, Action::NoOp, "an update that turned out to change nothing");
    let lilac = GardenConfig { name: Value::Known("lilac".into()), ..full() };
    assert_eq!(garden.apply_after(&unknown, &lilac).await.unwrap().action, Action::Update);
    assert_eq!(garden.state().unwrap().name.unwrap(), "lilac");
}

#[tokio::test]
async fn the_hook_may_refuse_replace_and_decide_what_is_computed() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    let named = |name: &str| GardenConfig { name: Value::Known(name.into()), ..smallest() };
    let refused = garden.plan(&named("nowhere")).await.unwrap_err();
    assert_eq!(lines(&refused), ["name: No such place: Choose another name."]);
    let early = garden.plan(&named("early")).await.unwrap();
    assert_eq!(*early.planned.attribute("changes"), Dynamic::Number(1.into()));
    garden.apply(&named("early")).await.unwrap();
    let moved = garden.plan(&named("moved")).await.unwrap();
    assert_eq!((moved.action, moved.replace), (Action::Replace, vec![path!(name)]));
}

#[tokio::test]
async fn the_hook_sees_what_changes_and_what_replaces() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    let curious = || GardenConfig { name: Value::Known("curious".into()), ..full() };
    let new = garden.apply(&curious()).await.unwrap();
    assert!(lines(&new.report)[0].ends_with("town plot gate.material ponds[\"deep\"].depth because of "));
    let mut config = curious();
    config.plot = Value::Unknown(Refinements::none());
    let Value::Known(gate) = &mut config.gate else { unreachable!() };
    gate.material = Value::Known("iron".into());
    let changed = garden.plan(&config).await.unwrap();
    assert_eq!(lines(&changed.report), ["name: What is new: plot gate.material because of plot gate.material"]);
}

#[tokio::test]
async fn a_hook_that_overrules_the_user_is_told_so_with_the_attribute() {
    let config = GardenConfig { name: Value::Known("meddler".into()), ..smallest() };
    let refused = garden(&Arc::new(Town::default())).await.plan(&config).await.unwrap_err();
    assert_eq!(
        lines(&refused),
        ["name: The provider made an invalid plan: This is a bug in the provider: its plan for `name` must be \
             \"meddler\", as the configuration says, and is \"meddled\"."]
    );
}

#[tokio::test]
async fn digits_a_float_cannot_hold_survive() {
    let engine = crate::garden::provider(&Arc::default()).into_engine();
    let digits = Dynamic::Number("0.12345678901234567890123456789".parse().unwrap());
    let mut config: BTreeMap<String, Dynamic> = engine.schema().resources["sample_garden"]
        .attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), Dynamic::Null))
        .collect();
    config.insert("town".into(), Dynamic::String("york".into()));
    config.insert("plot".into(), Dynamic::Number(7.into()));
    config.insert("fence".into(), digits.clone());
    config.insert("name".into(), Dynamic::String("early".into()));
    let config = Dynamic::Object(config);
    engine.configure(Dynamic::Object(BTreeMap::from([("owner".into(), Dynamic::String("ann".into()))]))).await;
    let planned = engine
        .plan_resource(tfplugin_sdk::engine::PlanRequest {
            type_name: "sample_garden".into(),
            prior: Dynamic::Null,
            proposed: config.clone(),
            config: config.clone(),
            prior_private: b"p".to_vec(),
            prior_identity: Dynamic::Null,
            caller: Caller::default(),
            earlier_private: Vec::new(),
        })
        .await;
    assert_eq!(*planned.planned.attribute("fence"), digits);
    assert_eq!(planned.private, b"p");
    let applied = engine
        .apply_resource(tfplugin_sdk::engine::ApplyRequest {
            type_name: "sample_garden".into(),
            prior: Dynamic::Null,
            planned: planned.planned,
            config,
            private: planned.private,
            identity: Dynamic::Null,
            caller: Caller::default(),
        })
        .await;
    assert!(!applied.report.has_errors(), "{:?}", applied.report);
    assert_eq!(*applied.state.attribute("fence"), digits);
    assert_eq!(applied.private, b"p");
    let read = engine
        .read_resource(tfplugin_sdk::engine::ReadRequest {
            type_name: "sample_garden".into(),
            state: applied.state.clone(),
            private: applied.private,
            identity: Dynamic::Null,
            caller: Caller::default(),
        })
        .await;
    assert_eq!(read.state, applied.state);
    assert_eq!(read.private, b"p");
}
