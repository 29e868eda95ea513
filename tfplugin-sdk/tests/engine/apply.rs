//! Applying: what happens when it does not go well.

use std::sync::Arc;

use tfplugin_sdk::testing::Action;
use tfplugin_sdk::{Dynamic, Value};

use crate::garden::{GardenConfig, GateConfig, Town, Trouble};
use crate::{core, garden, lines, smallest};

fn in_trouble(trouble: Trouble) -> Arc<Town> {
    let town = Arc::new(Town::default());
    town.state().trouble = Some(trouble);
    town
}

#[tokio::test]
async fn a_create_that_fails_half_way_leaves_its_id_and_is_replaced_next_time() {
    let town = in_trouble(Trouble::Fails);
    let mut garden = garden(&town).await;
    let report = garden.apply(&smallest()).await.unwrap_err();
    assert_eq!(lines(&report), ["town: The town hall burns: "]);
    assert_eq!(*garden.stored().attribute("garden_id"), Dynamic::String("gdn-1".into()));
    assert!(garden.stored().attribute("changes").is_null(), "what is not known yet is stored as null");
    assert!(garden.is_tainted());
    town.state().trouble = None;
    let plan = garden.apply(&smallest()).await.unwrap();
    assert_eq!(plan.action, Action::Replace);
    assert_eq!(garden.state().unwrap().garden_id.0, "gdn-2");
}

#[tokio::test]
async fn a_create_that_fails_at_once_leaves_nothing() {
    let mut garden = garden(&in_trouble(Trouble::FailsAtOnce)).await;
    let report = garden.apply(&smallest()).await.unwrap_err();
    assert_eq!(lines(&report), [": The town is closed: "]);
    assert!(garden.stored().is_null() && !garden.is_tainted());
}

#[tokio::test]
async fn a_panic_becomes_an_error_and_the_id_survives() {
    for (trouble, message) in
        [(Trouble::Panics, "a hole in the ground"), (Trouble::PanicsInACheckpoint, "a hole in the paper")]
    {
        let mut garden = garden(&in_trouble(trouble)).await;
        let report = garden.apply(&smallest()).await.unwrap_err();
        let text = lines(&report).join("\n");
        assert!(text.contains("The provider panicked"), "{text}");
        assert!(text.contains(&format!("creating a sample_garden: {message}")), "{text}");
        assert_eq!(*garden.stored().attribute("garden_id"), Dynamic::String("gdn-1".into()));
    }
}

#[tokio::test]
async fn an_interrupted_wait_ends_with_the_id_in_the_state() {
    let town = in_trouble(Trouble::WaitsForInterruption);
    let core = core(&town).await;
    let mut garden = core.resource::<crate::garden::Garden>();
    let config = smallest();
    let interrupt = async {
        while town.state().next == 0 {
            tokio::task::yield_now().await;
        }
        core.interrupt();
    };
    let (applied, ()) = tokio::join!(garden.apply(&config), interrupt);
    assert!(lines(&applied.unwrap_err())[0].starts_with(": Interrupted: "));
    assert_eq!(*garden.stored().attribute("garden_id"), Dynamic::String("gdn-1".into()));
    town.state().trouble = None;
    garden.apply(&config).await.expect("later operations are not interrupted");
}

#[tokio::test]
async fn an_update_that_fails_keeps_the_prior_state_but_for_what_was_checkpointed() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&smallest()).await.unwrap();
    town.state().trouble = Some(Trouble::Fails);
    let config = GardenConfig {
        name: Value::Known("rosy".into()),
        fence: Value::Known(2.0),
        gate: Value::Known(GateConfig::default()),
        ..smallest()
    };
    garden.apply(&config).await.unwrap_err();
    let state = garden.state().unwrap();
    assert_eq!((state.fence, state.name, state.changes), (Some(2.0), None, 1));
    assert!(!garden.is_tainted(), "a failed update does not taint");
    assert!(garden.stored().attribute("remark").is_null());
}

#[tokio::test]
async fn a_delete_that_fails_keeps_the_state() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&smallest()).await.unwrap();
    let before = garden.stored().clone();
    town.state().trouble = Some(Trouble::Panics);
    let report = garden.destroy().await.unwrap_err();
    assert!(lines(&report).join("\n").contains("a root that does not let go"));
    assert_eq!(*garden.stored(), before);
    town.state().trouble = None;
    let plan = garden.destroy().await.unwrap();
    assert_eq!(plan.action, Action::Delete);
    assert_eq!(lines(&plan.report), ["town: A garden goes: Nobody will bring it back."], "the hook sees a destroy");
    assert!(garden.stored().is_null() && town.state().gardens.is_empty());
}

#[tokio::test]
async fn a_result_that_breaks_its_plan_is_named_and_still_stored() {
    for (trouble, expected) in [
        (Trouble::ReturnsAnotherName, "after apply, `name` must be \"rosy\", as planned, and is \"other\"."),
        (
            Trouble::ReturnsAnotherPrefix,
            "after apply, `garden_id` must start with \"gdn-\", as planned, and is \"x-1\".",
        ),
    ] {
        let mut garden = garden(&in_trouble(trouble)).await;
        let config = GardenConfig { name: Value::Known("rosy".into()), ..smallest() };
        let text = lines(&garden.apply(&config).await.unwrap_err()).join("\n");
        assert!(text.contains("The provider broke its own plan"), "{text}");
        assert!(text.contains(expected), "{text}");
        assert!(!garden.stored().is_null(), "what exists is not forgotten");
    }
}

#[tokio::test]
async fn warnings_reach_the_user() {
    let plan = garden(&Arc::new(Town::default())).await.apply(&smallest()).await.unwrap();
    assert_eq!(lines(&plan.report), ["name: Built: The garden needs water."]);
    assert!(!plan.report.has_errors());
}

#[tokio::test]
async fn what_was_deleted_behind_terraforms_back_is_created_again() {
    let town = Arc::new(Town::default());
    let mut garden = garden(&town).await;
    garden.apply(&smallest()).await.unwrap();
    town.state().gardens.clear();
    garden.refresh().await.unwrap();
    assert!(garden.stored().is_null());
    assert_eq!(garden.apply(&smallest()).await.unwrap().action, Action::Create);
}
