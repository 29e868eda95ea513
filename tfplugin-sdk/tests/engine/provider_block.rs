//! The provider block: known, unknown, wrong, not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin_sdk::engine::{ApplyRequest, Caller, ReadRequest};
use tfplugin_sdk::testing::{Action, Core};
use tfplugin_sdk::{Deferral, Dynamic, Engine, Refinements, Value};

use crate::garden::{Garden, Settings, SettingsConfig, Town, provider};
use crate::{lines, smallest};

fn engine() -> Engine {
    provider(&Arc::new(Town::default())).into_engine()
}

async fn apply_on(engine: &Engine) -> String {
    let request = ApplyRequest {
        type_name: "sample_garden".into(),
        prior: Dynamic::Null,
        planned: Dynamic::Object(BTreeMap::new()),
        config: Dynamic::Object(BTreeMap::new()),
        private: Vec::new(),
        identity: Dynamic::Null,
        caller: Caller::default(),
    };
    lines(&engine.apply_resource(request).await.report).join("\n")
}

fn block(owner: Dynamic) -> Dynamic {
    Dynamic::Object(BTreeMap::from([("owner".to_owned(), owner), ("key".to_owned(), Dynamic::Null)]))
}

#[tokio::test]
async fn an_operation_before_configuring_says_so() {
    let found = apply_on(&engine()).await;
    assert!(found.contains("The provider is not configured"), "{found}");
}

#[tokio::test]
async fn an_unknown_configuration_lets_plans_and_reads_go_on_and_says_why_an_apply_cannot() {
    let engine = engine();
    assert!(engine.configure(block(Dynamic::unknown())).await.is_empty());
    let found = apply_on(&engine).await;
    assert!(found.contains("The provider's configuration is not known yet"), "{found}");
    let state = Dynamic::Object(BTreeMap::from([("town".to_owned(), Dynamic::String("york".into()))]));
    let (type_name, identity) = ("sample_garden".into(), Dynamic::Null);
    let request =
        ReadRequest { type_name, state: state.clone(), private: b"p".to_vec(), identity, caller: Caller::default() };
    let read = engine.read_resource(request).await;
    assert_eq!((read.state, read.private.as_slice()), (state, b"p".as_slice()));
    assert!(!read.report.has_errors() && lines(&read.report)[0].contains("The state was not refreshed"));

    let unknown = SettingsConfig { owner: Value::Unknown(Refinements::none()), key: Value::Null };
    let core = Core::start::<_, Settings>(provider(&Arc::default()), &unknown).await.unwrap();
    core.resource::<Garden>().plan(&smallest()).await.expect("a plan needs no connection");
}

#[tokio::test]
async fn where_deferral_is_allowed_everything_waits_for_the_configuration() {
    let town = Arc::new(Town::default());
    let mut made = crate::garden(&town).await;
    made.apply(&smallest()).await.unwrap();
    let unknown = SettingsConfig { owner: Value::Unknown(Refinements::none()), key: Value::Null };
    let waiting = Core::start::<_, Settings>(provider(&town), &unknown).await.unwrap();

    let plan = waiting.resource::<Garden>().plan(&smallest()).await.unwrap();
    assert_eq!((plan.action, plan.deferred), (Action::Create, None), "it was not allowed");
    let refused = waiting.resource::<Garden>().apply(&smallest()).await.unwrap_err();
    assert!(lines(&refused)[0].contains("The provider's configuration is not known yet"), "{refused:?}");

    let waiting = waiting.allowing_deferral();
    let mut new = waiting.resource::<Garden>();
    let plan = new.apply(&smallest()).await.unwrap();
    assert_eq!((plan.action, plan.deferred), (Action::Create, Some(Deferral::ProviderConfigUnknown)));
    assert!(new.stored().is_null(), "nothing was created");
    let mut imported = waiting.resource::<Garden>();
    assert!(imported.import("york/gdn-1").await.unwrap().is_empty() && imported.stored().is_null());

    let mut old = waiting.resource::<Garden>();
    old.upgrade(2, made.stored().clone()).unwrap();
    assert!(old.refresh().await.unwrap().is_empty(), "no warning: reading is put off too");
    assert!(old.destroy().await.unwrap().deferred.is_some());
    assert_eq!((old.stored(), town.state().gardens.len()), (made.stored(), 1));
}

#[tokio::test]
async fn what_configuring_refuses_is_reported_at_its_attribute() {
    let settings = SettingsConfig { owner: Value::Known("nobody".into()), key: Value::Null };
    let refused = Core::start::<_, Settings>(provider(&Arc::default()), &settings).await.unwrap_err();
    assert_eq!(lines(&refused), ["owner: No such owner: "]);
}

#[tokio::test]
async fn an_unknown_type_of_resource_is_refused_by_name() {
    let report = engine().validate_resource("sample_hedge", Dynamic::Null, &Caller::default());
    assert_eq!(
        lines(&report),
        [": Unknown resource type: The provider sample/garden has no resource type \"sample_hedge\"."]
    );
}

#[test]
#[should_panic(expected = "resource sample_garden: registered twice")]
fn a_resource_that_is_registered_twice_is_found() {
    provider(&Arc::default()).resource::<Garden>().assert_valid();
}
