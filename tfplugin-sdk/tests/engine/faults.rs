//! Faults at every call: a careful provider loses nothing, and each way to lose something is found.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tfplugin_sdk::testing::{Core, Fault, Faults, Fuse};
use tfplugin_sdk::{Context, Error, Planned, Provider, ProviderConfig, Resource, Result, Value};

use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A boat in a dock.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_boat", import = "{dock}/{number}")]
pub struct Boat {
    /// Its number.
    #[tf(computed, keep)]
    pub number: u32,
    /// Where it lies.
    #[tf(replace)]
    pub dock: String,
    /// Its colour.
    pub colour: String,
}

/// How a provider can go wrong when its calls do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carelessness {
    /// It writes the number down when everything is done.
    WritesDownLate,
    /// It takes any error of a read for the news that there is nothing.
    TakesErrorsForGone,
    /// It does not look whether deleting worked.
    DeletesBlindly,
    /// It updates by building a second boat before it scraps the first.
    BuildsAnother,
    /// It cannot delete a boat without a colour.
    DeletesOnlyWhatIsWhole,
    /// It undoes a create that fails, and reports that nothing is there whether or not that worked.
    UndoesBlindly,
}

/// The docks.
#[derive(Default)]
pub struct Harbour {
    fuse: Fuse,
    boats: Mutex<BTreeMap<u32, (String, Option<String>)>>,
    built: Mutex<u32>,
    careless: Option<Carelessness>,
}

/// Its API.
impl Harbour {
    fn boats(&self) -> MutexGuard<'_, BTreeMap<u32, (String, Option<String>)>> {
        self.boats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, dock: &str) -> Result<u32> {
        self.fuse.burn()?;
        let mut built = self.built.lock().unwrap();
        *built += 1;
        self.boats().insert(*built, (dock.to_owned(), None));
        Ok(*built)
    }

    fn paint(&self, number: u32, colour: &str) -> Result<()> {
        self.fuse.burn()?;
        if let Some((_, painted)) = self.boats().get_mut(&number) {
            *painted = Some(colour.to_owned());
        }
        Ok(())
    }

    fn look(&self, number: u32) -> Result<Option<Boat>> {
        self.fuse.burn()?;
        let found = self.boats().get(&number).cloned();
        Ok(found.map(|(dock, colour)| Boat { number, dock, colour: colour.unwrap_or_default() }))
    }

    fn scrap(&self, number: u32) -> Result<()> {
        self.fuse.burn()?;
        let is_whole = self.boats().get(&number).is_none_or(|(_, colour)| colour.is_some());
        if self.careless == Some(Carelessness::DeletesOnlyWhatIsWhole) && !is_whole {
            return Err(Error::new("It has no colour"));
        }
        self.boats().remove(&number);
        Ok(())
    }

    fn ids(&self) -> Vec<String> {
        self.boats().iter().map(|(number, (dock, _))| format!("{dock}/{number}")).collect()
    }
}

impl Resource for Boat {
    type Api = Arc<Harbour>;

    async fn create(cx: &mut Context<'_, Self>, plan: BoatPlan) -> Result<Self> {
        let (harbour, careless) = (cx.api(), cx.api().careless);
        let number = harbour.build(&plan.dock)?;
        if !matches!(careless, Some(Carelessness::WritesDownLate | Carelessness::UndoesBlindly)) {
            cx.checkpoint(|state| state.number = number.into());
        }
        if let Err(error) = harbour.paint(number, &plan.colour) {
            if careless == Some(Carelessness::UndoesBlindly) {
                let _ = harbour.scrap(number);
            }
            return Err(error);
        }
        if plan.colour == "slow" {
            cx.unless_cancelled(tokio::time::sleep(Duration::from_mins(1))).await?;
        }
        Ok(Self { number, dock: plan.dock, colour: plan.colour })
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let found = cx.api().look(state.number);
        if cx.api().careless == Some(Carelessness::TakesErrorsForGone) { Ok(found.unwrap_or_default()) } else { found }
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: BoatPlan) -> Result<Self> {
        let harbour = cx.api();
        if harbour.careless == Some(Carelessness::BuildsAnother) {
            let another = harbour.build(&plan.dock)?;
            harbour.paint(another, &plan.colour)?;
            harbour.scrap(state.number)?;
            return Ok(Self { number: another, dock: plan.dock, colour: plan.colour });
        }
        harbour.paint(state.number, &plan.colour)?;
        let Planned::Known(number) = plan.number else { return Err(Error::new("its number is kept")) };
        Ok(Self { number, dock: plan.dock, colour: plan.colour })
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let scrapped = cx.api().scrap(state.number);
        if cx.api().careless == Some(Carelessness::DeletesBlindly) { Ok(()) } else { scrapped }
    }
}

async fn core(harbour: &Arc<Harbour>) -> Core {
    let harbour = harbour.clone();
    let provider = Provider::new::<Nothing, _>("sample/harbour", move |_: NothingConfig| {
        let harbour = harbour.clone();
        async move { Ok(Some(harbour)) }
    });
    Core::start::<_, Nothing>(provider.resource::<Boat>(), &NothingConfig {}).await.unwrap()
}

fn boat(dock: &str, colour: &str) -> BoatConfig {
    BoatConfig { dock: Value::Known(dock.into()), colour: Value::Known(colour.into()), ..BoatConfig::default() }
}

/// What is found when a careless provider is tried.
fn found(careless: Carelessness, scenario: impl AsyncFnOnce(&Faults<'_, Boat>)) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let harbour = Arc::new(Harbour { careless: Some(careless), ..Harbour::default() });
    let run = || {
        runtime.block_on(async {
            let core = core(&harbour).await;
            scenario(&core.faults::<Boat>(&harbour.fuse, || harbour.ids())).await;
        });
    };
    let panic = std::panic::catch_unwind(AssertUnwindSafe(run)).expect_err("it is careless");
    panic.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn a_careful_provider_loses_nothing_whatever_goes_wrong() {
    let harbour = Arc::new(Harbour::default());
    let core = core(&harbour).await;
    let mut bystander = core.resource::<Boat>();
    bystander.apply(&boat("a", "red")).await.unwrap();
    let faults = core.faults::<Boat>(&harbour.fuse, || harbour.ids());
    faults.create(&boat("a", "red")).await;
    faults.refresh(&boat("a", "red")).await;
    faults.update(&boat("a", "red"), &boat("a", "blue")).await;
    faults.replace(&boat("a", "red"), &boat("b", "red")).await;
    faults.destroy(&boat("a", "red")).await;
    assert_eq!(harbour.ids(), ["a/1"], "what others have is left alone");
}

#[test]
fn an_id_that_is_written_down_late_is_found() {
    let text = found(Carelessness::WritesDownLate, async |faults| faults.create(&boat("a", "red")).await);
    assert!(text.starts_with("creating a sample_boat, with faults:\n"), "{text}");
    assert!(text.contains("  call 2 failing: \"a/2\" exists and is lost: there is no state\n"), "{text}");
    assert!(text.contains("(the provider said: call 2 was made to fail by a test)"), "{text}");
    assert!(text.contains("  call 2 panicking: "), "{text}");
    assert!(!text.contains("call 1 "), "before the first call there is nothing to lose: {text}");
    assert!(!text.contains("interrupted"), "it goes on when it is interrupted: {text}");
}

#[test]
fn a_read_that_takes_errors_for_gone_is_found() {
    let text = found(Carelessness::TakesErrorsForGone, async |faults| faults.refresh(&boat("a", "red")).await);
    assert!(text.starts_with("reading a sample_boat, with faults:\n"), "{text}");
    assert!(text.contains("  call 1 failing: \"a/1\" exists and is lost: there is no state"), "{text}");
}

#[test]
fn a_delete_that_does_not_look_is_found() {
    let text = found(Carelessness::DeletesBlindly, async |faults| faults.destroy(&boat("a", "red")).await);
    assert!(text.contains("  call 1 failing: \"a/1\" exists and is lost: there is no state"), "{text}");
}

#[test]
fn an_update_that_leaves_two_is_found() {
    let blue = boat("a", "blue");
    let text = found(Carelessness::BuildsAnother, async |faults| faults.update(&boat("a", "red"), &blue).await);
    assert!(text.contains("  call 2 failing: \"a/"), "{text}");
    assert!(text.contains("exists and is lost: the state is that of \"a/"), "{text}");
}

#[test]
fn what_cannot_be_deleted_half_made_is_found() {
    let text = found(Carelessness::DeletesOnlyWhatIsWhole, async |faults| faults.create(&boat("a", "red")).await);
    assert!(text.contains("  call 2 failing: applying again does not put it right: It has no colour"), "{text}");
}

#[test]
fn an_undo_that_fails_too_is_found() {
    let text = found(Carelessness::UndoesBlindly, async |faults| faults.create(&boat("a", "red")).await);
    assert!(text.contains("  call 2 and all later ones failing: \"a/"), "{text}");
    assert!(!text.contains("call 2 failing"), "a single failure is undone: {text}");
}

#[test]
fn a_scenario_that_is_another_one_says_so() {
    let text = found(Carelessness::WritesDownLate, async |faults| {
        faults.replace(&boat("a", "red"), &boat("a", "blue")).await;
    });
    assert!(text.contains("  without a fault: this is not Replace, but Update"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_interruption_in_the_middle_leaves_the_id() {
    let harbour = Arc::new(Harbour::default());
    let core = core(&harbour).await;
    let mut waiting = core.resource::<Boat>();
    let config = boat("a", "slow");
    let applied = core.interrupt_after(Duration::from_secs(30), waiting.apply(&config)).await;
    assert!(lines(&applied.unwrap_err())[0].starts_with(": Interrupted: "));
    assert!(waiting.is_tainted());
    core.faults::<Boat>(&harbour.fuse, || harbour.ids()).recover(waiting, &boat("a", "red")).await;
    let mut quick = core.resource::<Boat>();
    core.interrupt_after(Duration::from_secs(90), quick.apply(&config)).await.expect("it was done before");
}

#[tokio::test]
async fn a_fuse_that_is_not_lit_lets_everything_through() {
    let (fuse, core) = (Fuse::default(), core(&Arc::default()).await);
    assert!((0..5).all(|_| fuse.burn().is_ok()));
    fuse.light(&core, 2, Fault::Error);
    assert_eq!([fuse.burn().is_ok(), fuse.burn().is_ok(), fuse.burn().is_ok()], [true, false, true]);
    assert!(fuse.put_out());
    fuse.light(&core, 2, Fault::Outage);
    assert_eq!([fuse.burn().is_ok(), fuse.burn().is_ok(), fuse.burn().is_ok()], [true, false, false]);
    fuse.light(&core, 2, Fault::Error);
    assert!(fuse.burn().is_ok() && !fuse.put_out() && fuse.burn().is_ok());
}
