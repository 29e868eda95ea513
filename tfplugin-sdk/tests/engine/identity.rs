//! Identity and private state: what goes with a resource beside its state.

use std::sync::{Arc, Mutex};

use tfplugin_sdk::engine::{Caller, PlanRequest};
use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{
    Context, Dynamic, Error, PlanEdit, Planned, Provider, ProviderConfig, Resource, Result, Value, path,
};

use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A ship in a harbour.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_ship", import = "{harbour}/{number}", identity(harbour, number, flag), identity_version = 1)]
pub struct Ship {
    /// Where it lies.
    #[tf(replace)]
    pub harbour: String,
    /// Its number there.
    #[tf(computed, keep)]
    pub number: u32,
    /// Its flag.
    pub flag: Option<String>,
    /// Its name.
    pub name: String,
}

/// What the harbour does, and what it has seen.
#[derive(Default)]
pub struct Harbour {
    /// The private texts that operations saw.
    seen: Mutex<Vec<String>>,
}

impl Harbour {
    fn see(&self, text: impl Into<String>) {
        self.seen.lock().unwrap().push(text.into());
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Resource for Ship {
    type Api = Arc<Harbour>;

    async fn create(cx: &mut Context<'_, Self>, plan: ShipPlan) -> Result<Self> {
        cx.api().see(format!("create {:?}", cx.private().text("planned")));
        cx.private_mut().set("etag", "1");
        cx.checkpoint(|state| state.number = Planned::Known(7));
        if plan.name == "leaky" {
            return Err(Error::new("It leaks").at(path!(name)));
        }
        Ok(Self { harbour: plan.harbour, number: 7, flag: plan.flag, name: plan.name })
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        cx.api().see(format!("read {:?}", cx.private().text("etag")));
        let number = if state.name == "stolen" { 8 } else { state.number };
        Ok(Some(Self { number, ..state }))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: ShipPlan) -> Result<Self> {
        cx.api().see(format!("update {:?}", cx.private().text("etag")));
        cx.private_mut().set("etag", "2");
        Ok(Self { harbour: plan.harbour, number: state.number, flag: plan.flag, name: plan.name })
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.is_create() {
            plan.private.set("planned", "yes");
        }
        Ok(())
    }

    async fn import(_: &mut Context<'_, Self>, id: ShipImport) -> Result<Option<Self>> {
        let ship = Self { harbour: id.harbour, number: id.number, flag: None, name: "found".into() };
        Ok(Some(ship).filter(|ship| ship.number == 7))
    }

    fn upgrade_identity(version: i64, identity: Dynamic) -> Result<Dynamic> {
        let Dynamic::Object(mut parts) = identity else { return Err(Error::new("no object")) };
        assert_eq!(version, 0, "the only older one");
        let harbour = parts.remove("port").unwrap_or_default();
        parts.insert("harbour".into(), harbour);
        Ok(Dynamic::Object(parts))
    }
}

/// A provider of ships.
pub fn provider(harbour: &Arc<Harbour>) -> Provider<Arc<Harbour>> {
    let harbour = harbour.clone();
    Provider::new::<Nothing, _>("sample/ships", move |_: NothingConfig| {
        let harbour = harbour.clone();
        async move { Ok(Some(harbour)) }
    })
    .resource::<Ship>()
}

async fn ship(harbour: &Arc<Harbour>) -> Instance<Ship> {
    Core::start::<_, Nothing>(provider(harbour), &NothingConfig {}).await.unwrap().resource()
}

fn named(name: &str) -> ShipConfig {
    ShipConfig { harbour: Value::Known("hull".into()), name: Value::Known(name.into()), ..ShipConfig::default() }
}

fn hull(number: u32) -> ShipIdentity {
    ShipIdentity { harbour: "hull".into(), number, flag: None }
}

#[tokio::test]
async fn a_resource_has_the_identity_that_its_state_says() {
    let mut ship = ship(&Arc::default()).await;
    ship.apply(&named("anna")).await.unwrap();
    assert_eq!(ship.identity(), Some(hull(7)));
    ship.apply(&named("berta")).await.unwrap();
    assert_eq!(ship.identity(), Some(hull(7)));
    ship.destroy().await.unwrap();
    assert_eq!(ship.identity(), None);
}

#[tokio::test]
async fn another_identity_after_a_read_is_a_bug_of_the_provider() {
    let mut ship = ship(&Arc::default()).await;
    let found = ship.apply(&named("stolen")).await.unwrap_err();
    let expected = "number: Unexpected identity change: This is a bug in the provider: `number` identifies the object";
    assert!(lines(&found)[0].starts_with(expected), "{found:?}");
}

#[tokio::test]
async fn the_second_half_of_a_replacement_does_not_take_over_the_identity_of_what_goes() {
    let engine = provider(&Arc::default()).into_engine();
    let part = |name: &str, value: Dynamic| (name.to_owned(), value);
    let (hull, anna) = (Dynamic::String("hull".into()), Dynamic::String("anna".into()));
    let config = [part("harbour", hull.clone()), part("number", Dynamic::Null), part("name", anna)];
    let config = Dynamic::Object(config.into_iter().chain([part("flag", Dynamic::Null)]).collect());
    let going = [part("harbour", hull), part("number", Dynamic::Number(7.into())), part("flag", Dynamic::Null)];
    let request = PlanRequest {
        type_name: "sample_ship".into(),
        prior: Dynamic::Null,
        proposed: config.clone(),
        config,
        prior_private: Vec::new(),
        prior_identity: Dynamic::Object(going.into()),
        caller: Caller::default(),
        earlier_private: Vec::new(),
    };
    let planned = engine.plan_resource(request).await;
    assert!(planned.identity.attribute("number").is_unknown(), "{planned:?}");
}

#[tokio::test]
async fn it_is_imported_by_its_identity_as_by_its_id() {
    let harbour = Arc::default();
    let (mut by_id, mut by_identity) = (ship(&harbour).await, ship(&harbour).await);
    by_id.import("hull/7").await.unwrap();
    by_identity.import_by_identity(&hull(7)).await.unwrap();
    assert_eq!(by_id.state(), by_identity.state());
    assert_eq!((by_id.identity(), by_identity.identity()), (Some(hull(7)), Some(hull(7))));
    let found = by_identity.import_by_identity(&hull(8)).await.unwrap_err();
    assert!(lines(&found)[0].contains("There is no sample_ship with the identity given."), "{found:?}");
}

#[tokio::test]
async fn an_identity_of_an_older_version_is_upgraded_and_a_newer_one_refused() {
    let engine = provider(&Arc::default()).into_engine();
    let part = |name: &str, value: Dynamic| (name.to_owned(), value);
    let (hull, seven) = (Dynamic::String("hull".into()), Dynamic::Number(7.into()));
    let old = Dynamic::Object([part("port", hull.clone()), part("number", seven.clone())].into());
    let upgraded = engine.upgrade_identity("sample_ship", 0, old.clone()).unwrap();
    assert_eq!((upgraded.attribute("harbour"), upgraded.attribute("number")), (&hull, &seven));
    assert!(upgraded.attribute("flag").is_null());
    let refused = engine.upgrade_identity("sample_ship", 2, old).unwrap_err();
    assert_eq!(refused.diagnostics()[0].summary, "The identity is newer than the provider");
}

#[tokio::test]
async fn private_state_goes_from_plan_to_create_to_read_to_update() {
    let harbour = Arc::<Harbour>::default();
    let mut ship = ship(&harbour).await;
    ship.apply(&named("anna")).await.unwrap();
    assert_eq!(harbour.seen(), ["create Some(\"yes\")", "read Some(\"1\")"]);
    ship.apply(&named("berta")).await.unwrap();
    assert_eq!(harbour.seen(), ["update Some(\"1\")", "read Some(\"2\")"]);
}

#[tokio::test]
async fn private_state_of_a_failed_create_is_stored_with_its_checkpoint() {
    let harbour = Arc::<Harbour>::default();
    let mut ship = ship(&harbour).await;
    ship.apply(&named("leaky")).await.unwrap_err();
    assert!(ship.is_tainted());
    assert_eq!(ship.identity(), Some(hull(7)));
    ship.refresh().await.unwrap();
    assert_eq!(harbour.seen()[1..], ["read Some(\"1\")"]);
}

fn flying(flag: &str) -> ShipConfig {
    ShipConfig { flag: Value::Known(flag.into()), ..named("found") }
}

#[tokio::test]
async fn an_import_that_brings_what_was_there_is_verified_by_id_and_by_identity() {
    let mut ship = ship(&Arc::default()).await;
    ship.apply(&named("found")).await.unwrap();
    ship.import_verify(&named("found"), &[]).await;
    ship.apply(&flying("blue")).await.unwrap();
    ship.import_verify(&flying("blue"), &["flag"]).await;
}

#[tokio::test]
#[should_panic(expected = "importing a sample_ship by the id \"hull/7\": The import brings something else:\n  \
                           sample_ship.flag was \"blue\" and is null")]
async fn an_import_that_brings_something_else_is_found() {
    let mut ship = ship(&Arc::default()).await;
    ship.apply(&flying("blue")).await.unwrap();
    ship.import_verify(&flying("blue"), &[]).await;
}

#[tokio::test]
#[should_panic(expected = "The plan after the import is not empty:\n  sample_ship.name would change")]
async fn an_import_that_needs_a_change_at_once_is_found() {
    let mut ship = ship(&Arc::default()).await;
    ship.apply(&named("found")).await.unwrap();
    ship.import_verify(&named("renamed"), &["flag"]).await;
}
