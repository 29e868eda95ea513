//! A whole life in one call: it passes for what is right, and says when in its life something is not.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{Context, Provider, ProviderConfig, Resource, Result, Value};

use crate::garden::{Garden, Town};
use crate::{core as sample_core, smallest};

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A clock.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_clock", import = "{place}")]
pub struct Clock {
    /// Where it hangs.
    #[tf(replace)]
    pub place: String,
    /// What it shows.
    #[tf(computed, keep)]
    pub hour: u32,
    /// Its face.
    pub face: Option<String>,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It goes on while nobody changes it.
    Ticks,
    /// It stays where it is destroyed.
    Stays,
    /// Its face is not imported.
    ForgetsItsFace,
    /// It wants its face to be known.
    WantsAFace,
}

/// The wall.
#[derive(Default)]
pub struct Wall {
    clock: Mutex<Option<Clock>>,
    flaw: Option<Flaw>,
}

impl Resource for Clock {
    type Api = Arc<Wall>;

    async fn create(cx: &mut Context<'_, Self>, plan: ClockPlan) -> Result<Self> {
        let clock = Self { place: plan.place, hour: 1, face: plan.face };
        *cx.api().clock.lock().unwrap() = Some(clock.clone());
        Ok(clock)
    }

    async fn read(cx: &mut Context<'_, Self>, _: Self) -> Result<Option<Self>> {
        let mut clock = cx.api().clock.lock().unwrap();
        if cx.api().flaw == Some(Flaw::Ticks) {
            clock.iter_mut().for_each(|clock| clock.hour += 1);
        }
        Ok(clock.clone())
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: ClockPlan) -> Result<Self> {
        Self::create(cx, plan).await
    }

    async fn delete(cx: &mut Context<'_, Self>, _: Self) -> Result<()> {
        if cx.api().flaw != Some(Flaw::Stays) {
            *cx.api().clock.lock().unwrap() = None;
        }
        Ok(())
    }

    async fn import(cx: &mut Context<'_, Self>, id: ClockImport) -> Result<Option<Self>> {
        let found = cx.api().clock.lock().unwrap().clone().filter(|clock| clock.place == id.place);
        let forgets = cx.api().flaw == Some(Flaw::ForgetsItsFace);
        if forgets {
            *cx.api().clock.lock().unwrap() = found.clone().map(|clock| Clock { face: None, ..clock });
        }
        Ok(found)
    }

    async fn plan(plan: &mut tfplugin_sdk::PlanEdit<'_, Self>) -> Result<()> {
        let wants = plan.api.is_some_and(|wall| wall.flaw == Some(Flaw::WantsAFace)) && !plan.is_destroy();
        assert!(!wants || !plan.config.face.is_unknown(), "a clock without a face");
        Ok(())
    }
}

async fn core(flaw: Option<Flaw>) -> Core {
    let wall = Arc::new(Wall { flaw, ..Wall::default() });
    let provider = Provider::new::<Nothing, _>("sample/clocks", move |_: NothingConfig| {
        let wall = wall.clone();
        async move { Ok(Some(wall)) }
    });
    Core::start::<_, Nothing>(provider.resource::<Clock>(), &NothingConfig {}).await.unwrap()
}

fn clock() -> ClockConfig {
    ClockConfig { place: Value::Known("hall".into()), face: Value::Known("white".into()), ..ClockConfig::default() }
}

#[tokio::test]
async fn what_is_right_lives_a_whole_life() {
    core(None).await.whole_life::<Clock>(&clock(), &[]).await;
    let town = Arc::new(Town::default());
    sample_core(&town).await.whole_life::<Garden>(&smallest(), &[]).await;
    sample_core(&town).await.whole_life::<Garden>(&crate::plan::full(), &[]).await;
    assert!(town.state().gardens.is_empty());
}

#[test]
fn what_is_wrong_is_said_with_the_moment() {
    for (flaw, expected) in [
        (
            Flaw::Ticks,
            "when it is imported: importing a sample_clock by the id \"hall\": The import brings something else:\n  \
             sample_clock.hour was 2 and is 3",
        ),
        (Flaw::Stays, "when it is destroyed: It is not gone:\n  sample_clock still exists"),
        (
            Flaw::ForgetsItsFace,
            "when it is imported: importing a sample_clock by the id \"hall\": The import brings something else:\n  \
             sample_clock.face was \"white\" and is null",
        ),
        (
            Flaw::WantsAFace,
            "a sample_clock of which is not known while planning:\n  face: it cannot be created: The provider panicked: ",
        ),
    ] {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let run = || runtime.block_on(async { core(Some(flaw)).await.whole_life::<Clock>(&clock(), &[]).await });
        let panic = std::panic::catch_unwind(AssertUnwindSafe(run)).expect_err("it is wrong");
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.starts_with(expected), "{flaw:?}: {text}");
    }
}

#[test]
#[should_panic(expected = "when it is read once more: The state is another:\n  sample_clock.hour was 2 and is 4")]
fn what_changes_by_itself_is_found_when_it_is_read_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { core(Some(Flaw::Ticks)).await.whole_life::<Clock>(&clock(), &["hour"]).await });
}
