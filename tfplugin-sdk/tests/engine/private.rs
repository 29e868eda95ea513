//! Private state: what the provider alone sees travels from plan to apply to state, and is never lost.

use std::sync::Arc;

use tfplugin_sdk::engine::{ApplyRequest, Caller, PlanRequest, ReadRequest};
use tfplugin_sdk::testing::{Action, Core, Instance};
use tfplugin_sdk::{Context, Dynamic, Error, PlanEdit, Resource, Result, Secret, Value};

use crate::garden::{self, Settings, SettingsConfig, Town};

/// A shed that notes down what was done with it.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_shed", import = "{name}")]
struct Shed {
    /// Its name.
    #[tf(replace)]
    name: String,
    /// Its colour.
    colour: Option<String>,
}

fn note(cx: &mut Context<'_, Shed>, what: &str) {
    let notes = format!("{}{what};", cx.private().text("notes").unwrap_or_default());
    cx.private_mut().set("notes", notes);
}

impl Resource for Shed {
    type Api = Arc<Town>;

    async fn create(cx: &mut Context<'_, Self>, plan: ShedPlan) -> Result<Self> {
        note(cx, "created");
        match plan.colour.as_deref() {
            Some("burning") => {
                cx.checkpoint(|_| {});
                Err(Error::new("It burns"))
            }
            Some("black") => {
                cx.checkpoint(|_| {});
                panic!("nothing to be seen")
            }
            _ => Ok(Self { name: plan.name, colour: plan.colour }),
        }
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        cx.private_mut().set("read", [1]);
        Ok(Some(state))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: ShedPlan) -> Result<Self> {
        note(cx, "updated");
        cx.private_mut().remove("read");
        if plan.colour.as_deref() == Some("burning") {
            return Err(Error::new("It burns"));
        }
        Ok(Self { name: plan.name, colour: plan.colour })
    }

    async fn delete(cx: &mut Context<'_, Self>, _: Self) -> Result<()> {
        let notes = cx.private().text("notes").unwrap_or_default().to_owned();
        cx.api().state().keys.push(notes);
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.config.colour == Value::Known("slow".into()) {
            plan.unless_cancelled(std::future::pending::<()>()).await?;
        }
        if !plan.is_destroy() {
            let notes = format!("{}planned;", plan.private.text("notes").unwrap_or_default());
            plan.private.set("notes", notes);
        }
        Ok(())
    }

    async fn import(cx: &mut Context<'_, Self>, id: ShedImport) -> Result<Option<Self>> {
        note(cx, "imported");
        Ok(Some(Self { name: id.name, colour: None }))
    }
}

async fn core(town: &Arc<Town>) -> Core {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Known(Secret::new("k".into())) };
    Core::start::<_, Settings>(garden::provider(town).resource::<Shed>(), &settings).await.unwrap()
}

async fn shed() -> Instance<Shed> {
    core(&Arc::default()).await.resource()
}

fn painted(colour: &str) -> ShedConfig {
    ShedConfig { name: Value::Known("a".into()), colour: Value::Known(colour.into()) }
}

#[tokio::test]
async fn what_the_plan_leaves_reaches_apply_and_what_apply_leaves_the_next_plan_and_the_end() {
    let town = Arc::default();
    let mut shed = core(&town).await.resource::<Shed>();
    shed.apply(&painted("red")).await.unwrap();
    let private = shed.private();
    assert_eq!(private.text("notes"), Some("planned;created;"));
    assert_eq!(private.get("read"), Some(&[1][..]), "what a read sets is stored");
    shed.apply(&painted("blue")).await.unwrap();
    assert_eq!(shed.private().text("notes"), Some("planned;created;planned;updated;"));
    shed.destroy().await.unwrap();
    assert_eq!(town.state().keys, ["planned;created;planned;updated;"]);
}

#[tokio::test]
async fn what_was_set_before_an_error_or_a_panic_is_stored() {
    for colour in ["burning", "black"] {
        let mut shed = shed().await;
        shed.apply(&painted(colour)).await.unwrap_err();
        assert!(shed.is_tainted());
        assert_eq!(shed.private().text("notes"), Some("planned;created;"), "{colour}");
        // What replaces it is another object, and starts with nothing.
        shed.apply(&painted("red")).await.unwrap();
        assert_eq!(shed.private().text("notes"), Some("planned;created;"));
    }
    let mut shed = shed().await;
    shed.apply(&painted("red")).await.unwrap();
    shed.apply(&painted("burning")).await.unwrap_err();
    assert_eq!(shed.private().text("notes"), Some("planned;created;planned;updated;"));
    assert_eq!(shed.private().get("read"), None, "removed before the error");
}

#[tokio::test]
async fn an_import_starts_it() {
    let mut shed = shed().await;
    shed.import("a").await.unwrap();
    assert_eq!(shed.private().text("notes"), Some("imported;"));
}

#[tokio::test]
async fn bytes_of_another_form_pass_through_every_operation_unchanged() {
    let engine = garden::provider(&Arc::default()).into_engine();
    let settings = [("owner", Dynamic::String("ann".into())), ("key", Dynamic::Null)];
    let settings = Dynamic::Object(settings.map(|(name, value)| (name.to_owned(), value)).into());
    assert!(engine.configure(settings).await.is_empty());
    let foreign = b"{\"schema_version\":\"1\"}".to_vec();
    let (name, state) = ("sample_garden".to_owned(), Dynamic::Null);
    let read = ReadRequest {
        type_name: name.clone(),
        state: state.clone(),
        private: foreign.clone(),
        identity: Dynamic::Null,
        caller: Caller::default(),
    };
    assert_eq!(engine.read_resource(read).await.private, foreign);
    let proposed = Dynamic::Null;
    let plan = PlanRequest {
        type_name: name.clone(),
        prior: state.clone(),
        proposed,
        config: state.clone(),
        prior_private: foreign.clone(),
        prior_identity: Dynamic::Null,
        caller: Caller::default(),
        earlier_private: Vec::new(),
    };
    assert_eq!(engine.plan_resource(plan).await.private, foreign);
    let apply = ApplyRequest {
        type_name: name,
        prior: state.clone(),
        planned: state.clone(),
        config: state,
        private: foreign.clone(),
        identity: Dynamic::Null,
        caller: Caller::default(),
    };
    assert_eq!(engine.apply_resource(apply).await.private, foreign);
}

#[tokio::test]
async fn a_plan_that_waits_ends_when_terraform_is_interrupted() {
    let core = core(&Arc::default()).await;
    let shed = core.resource::<Shed>();
    let config = painted("slow");
    let mut planning = std::pin::pin!(shed.plan(&config));
    let first = std::future::poll_fn(|cx| std::task::Poll::Ready(planning.as_mut().poll(cx).is_pending())).await;
    assert!(first, "it waits");
    core.interrupt();
    let report = planning.await.unwrap_err();
    assert_eq!(report.diagnostics()[0].summary, "Interrupted");
    assert_eq!(shed.plan(&painted("red")).await.unwrap().action, Action::Create, "later plans are not disturbed");
}
