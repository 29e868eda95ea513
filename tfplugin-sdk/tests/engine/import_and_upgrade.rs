//! Importing by id, and states that older versions of the provider wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin_sdk::testing::Action;
use tfplugin_sdk::{Dynamic, Type};

use crate::garden::{Garden, Town};
use crate::{core, garden, lines, smallest};

#[tokio::test]
async fn an_imported_resource_needs_no_change() {
    let town = Arc::new(Town::default());
    let core = core(&town).await;
    core.resource::<Garden>().apply(&smallest()).await.unwrap();
    let mut imported = core.resource::<Garden>();
    imported.import("york/gdn-1").await.unwrap();
    assert_eq!(imported.plan(&smallest()).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn everything_a_resource_can_have_is_imported_as_it_was() {
    let mut garden = garden(&Arc::new(Town::default())).await;
    garden.apply(&crate::plan::full()).await.unwrap();
    garden.import_verify(&crate::plan::full(), &[]).await;
}

#[tokio::test]
#[should_panic(expected = "a sample_garden cannot be imported: its state has no \"{town}/{garden_id}\"")]
async fn what_is_not_there_cannot_be_verified() {
    garden(&Arc::new(Town::default())).await.import_verify(&smallest(), &[]).await;
}

#[tokio::test]
async fn a_malformed_id_says_the_form_and_a_missing_object_its_id() {
    let mut garden = garden(&Arc::new(Town::default())).await;
    let malformed = lines(&garden.import("gdn-1").await.unwrap_err());
    assert_eq!(malformed, [": Malformed import id: The id \"gdn-1\" is not of the form \"{town}/{garden_id}\"."]);
    let missing = lines(&garden.import("york/gdn-9").await.unwrap_err()).join("\n");
    assert!(missing.contains("There is no sample_garden with the id \"york/gdn-9\"."), "{missing}");
}

#[tokio::test]
async fn a_state_of_this_version_passes_without_what_is_no_longer_declared() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&smallest()).await.unwrap();
    let stored = garden.stored().clone();
    let Dynamic::Object(mut attributes) = stored.clone() else { panic!("a state is an object") };
    attributes.insert("gnomes".into(), Dynamic::Number(7.into()));
    attributes.remove("remark");
    garden.upgrade(2, Dynamic::Object(attributes)).unwrap();
    assert_eq!(*garden.stored(), stored);
}

#[tokio::test]
async fn a_state_without_an_attribute_that_is_new_is_read_again_and_needs_no_change() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&smallest()).await.unwrap();
    let Dynamic::Object(mut attributes) = garden.stored().clone() else { panic!("a state is an object") };
    for newer in ["changes", "gardener", "style", "labels"] {
        attributes.insert(newer.into(), Dynamic::Null);
    }
    garden.upgrade(2, Dynamic::Object(attributes)).unwrap();
    garden.refresh().await.unwrap();
    assert_eq!(garden.state().unwrap().changes, 1);
    assert_eq!(garden.plan(&smallest()).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn an_older_state_goes_through_the_authors_upgrade_and_gets_the_shape_of_the_schema() {
    let mut garden = garden(&Arc::new(Town::default())).await;
    let tree = Dynamic::Object(BTreeMap::from([
        ("kind".to_owned(), Dynamic::String("oak".into())),
        ("height".to_owned(), Dynamic::Number(3.into())),
    ]));
    let labels = Dynamic::Object(BTreeMap::from([("a".to_owned(), Dynamic::String("b".into()))]));
    let old = BTreeMap::from([
        ("garden_id".to_owned(), Dynamic::String("gdn-1".into())),
        ("plot_number".to_owned(), Dynamic::Number(7.into())),
        ("trees".to_owned(), Dynamic::List(vec![tree.clone()])),
        ("labels".to_owned(), labels),
    ]);
    garden.upgrade(1, Dynamic::Object(old)).unwrap();
    let stored = garden.stored();
    assert_eq!(*stored.attribute("plot"), Dynamic::Number(7.into()));
    assert_eq!(*stored.attribute("trees"), Dynamic::Set(vec![tree]));
    assert!(matches!(stored.attribute("labels"), Dynamic::Map(labels) if labels.len() == 1));
}

#[tokio::test]
async fn states_that_cannot_be_upgraded_are_refused_with_a_reason() {
    let mut garden = garden(&Arc::new(Town::default())).await;
    let old = || Dynamic::Object(BTreeMap::from([("plot_number".to_owned(), Dynamic::String("seven".into()))]));
    let refused = |version, garden: &mut tfplugin_sdk::testing::Instance<Garden>| {
        lines(&garden.upgrade(version, old()).unwrap_err()).join("\n")
    };
    assert_eq!(refused(0, &mut garden), ": Version 0 is too old: ");
    assert!(refused(3, &mut garden).contains("written by version 3 of the resource; the provider has version 2"));
    assert_eq!(refused(1, &mut garden), "plot: Unexpected value: `plot` must be of type \"number\"; found a text.");
}

#[test]
fn the_type_of_a_stored_state_is_known_for_the_present_version_only() {
    let engine = crate::garden::provider(&Arc::default()).into_engine();
    assert!(matches!(engine.prior_type("sample_garden", 2), Some(Type::Object(_))));
    assert_eq!(engine.prior_type("sample_garden", 1), None);
    assert_eq!(engine.prior_type("sample_hedge", 2), None);
}
