//! Faults at every call in turn: whatever goes wrong, what exists is in the state by its id, applying again puts it right,
//! and destroying leaves nothing.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use super::import::id_in;
use super::plan::Action;
use super::verdict::{Failure, printed};
use super::{Core, Fault, Fuse, Instance};
use crate::{Resource, ResourceModel};

/// A scenario that makes more calls than this is taken for one that does not end.
const MAX_CALLS: u64 = 1000;

/// What goes wrong with a resource, at every call of its API in turn.
pub struct Faults<'w, R> {
    core: Core,
    fuse: Fuse,
    exist: Box<dyn Fn() -> Vec<String> + 'w>,
    template: String,
    of: PhantomData<fn() -> R>,
}

/// What is done while something goes wrong.
enum Scenario<'c, C> {
    Create(&'c C),
    Refresh(&'c C),
    Change(Action, &'c C, &'c C),
    Destroy(&'c C),
}

impl Core {
    /// Tries what happens when calls of the API go wrong. `exist` says which objects exist on the author's side, each by the
    /// id that it is imported by.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use tfplugin_sdk::{Context, Provider, ProviderConfig, Resource, Result};
    /// use tfplugin_sdk::testing::{Core, Fuse};
    /// # #[derive(Clone, Debug, PartialEq, ProviderConfig)]
    /// # struct Settings {}
    /// # #[derive(Clone, Debug, PartialEq, Resource)]
    /// # #[tf(name = "board_note", import = "{note_id}")]
    /// # struct Note {
    /// #     #[tf(computed, keep)]
    /// #     note_id: String,
    /// #     text: String,
    /// # }
    /// # #[derive(Clone, Default)]
    /// # struct Board { fuse: Fuse, notes: Arc<Mutex<Vec<Note>>> }
    /// # impl Board {
    /// #     fn ids(&self) -> Vec<String> {
    /// #         self.notes.lock().unwrap().iter().map(|note| note.note_id.clone()).collect()
    /// #     }
    /// # }
    /// # impl Resource for Note {
    /// #     type Api = Board;
    /// #     async fn create(cx: &mut Context<'_, Self>, plan: NotePlan) -> Result<Self> {
    /// #         cx.api().fuse.burn()?;
    /// #         let note = Note { note_id: "note-1".to_owned(), text: plan.text };
    /// #         cx.api().notes.lock().unwrap().push(note.clone());
    /// #         cx.checkpoint(|state| state.note_id = note.note_id.clone().into());
    /// #         Ok(note)
    /// #     }
    /// #     async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
    /// #         cx.api().fuse.burn()?;
    /// #         let notes = cx.api().notes.lock().unwrap();
    /// #         Ok(notes.iter().find(|note| note.note_id == state.note_id).cloned())
    /// #     }
    /// #     async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
    /// #         cx.api().fuse.burn()?;
    /// #         cx.api().notes.lock().unwrap().retain(|note| note.note_id != state.note_id);
    /// #         Ok(())
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # let board = Board::default();
    /// # let made = board.clone();
    /// # let provider = Provider::new::<Settings, _>("example/board", move |_: SettingsConfig| {
    /// #     let board = made.clone();
    /// #     async move { Ok(Some(board)) }
    /// # });
    /// # let core = Core::start::<_, Settings>(provider.resource::<Note>(), &SettingsConfig {}).await.unwrap();
    /// # let config = NoteConfig { text: "milk".to_owned().into(), ..NoteConfig::default() };
    /// let faults = core.faults::<Note>(&board.fuse, || board.ids());
    /// faults.create(&config).await;
    /// faults.destroy(&config).await;
    /// # }
    /// ```
    pub fn faults<'w, R: Resource>(&self, fuse: &Fuse, exist: impl Fn() -> Vec<String> + 'w) -> Faults<'w, R> {
        let template = R::schema().import.unwrap_or_default();
        Faults { core: self.clone(), fuse: fuse.clone(), exist: Box::new(exist), template, of: PhantomData }
    }
}

impl<R: Resource> Faults<'_, R> {
    /// The ids have this form instead of that of the import: `{load_balancer_id}/{listener_id}`.
    #[must_use]
    pub fn by(mut self, template: &str) -> Self {
        template.clone_into(&mut self.template);
        self
    }

    /// Creating it, reading it for the first time included.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right, by the call that went wrong.
    pub async fn create(&self, config: &R::Config) {
        self.run(&Scenario::Create(config)).await;
    }

    /// Reading it.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right, by the call that went wrong.
    pub async fn refresh(&self, config: &R::Config) {
        self.run(&Scenario::Refresh(config)).await;
    }

    /// Changing it in place.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right, by the call that went wrong; and when it is no change in place.
    pub async fn update(&self, from: &R::Config, to: &R::Config) {
        self.run(&Scenario::Change(Action::Update, from, to)).await;
    }

    /// Replacing it.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right, by the call that went wrong; and when it is no replacement.
    pub async fn replace(&self, from: &R::Config, to: &R::Config) {
        self.run(&Scenario::Change(Action::Replace, from, to)).await;
    }

    /// Deleting it.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right, by the call that went wrong.
    pub async fn destroy(&self, config: &R::Config) {
        self.run(&Scenario::Destroy(config)).await;
    }

    /// After a fault of one's own making: what exists is in the state, applying again puts it right, and destroying leaves
    /// nothing.
    ///
    /// # Panics
    ///
    /// With everything that is lost or does not come right.
    pub async fn recover(&self, instance: Instance<R>, config: &R::Config) {
        let problems = self.aftermath(instance, Some(config), &BTreeSet::new()).await;
        assert!(problems.is_empty(), "{}:\n{}", <R as ResourceModel>::NAME, problems.join("\n"));
    }

    async fn run(&self, scenario: &Scenario<'_, R::Config>) {
        let name = <R as ResourceModel>::NAME;
        assert!(self.template.contains('{'), "a {name} has no import template: say with `by` how objects are named");
        let mut problems = Vec::new();
        for fault in Fault::ALL {
            for call in 1.. {
                match self.with_fault(scenario, call, fault).await {
                    Ok(Some(found)) => {
                        problems.extend(found.into_iter().map(|problem| format!("  call {call} {fault}: {problem}")));
                    }
                    Ok(None) => break,
                    Err(problem) => {
                        problems.push(format!("  without a fault: {problem}"));
                        break;
                    }
                }
                assert!(call < MAX_CALLS, "{scenario} makes more than {MAX_CALLS} calls");
            }
        }
        assert!(problems.is_empty(), "{scenario} a {name}, with faults:\n{}", problems.join("\n"));
    }

    /// What comes of a fault; `None` when there are fewer calls. The error is what is wrong without any.
    async fn with_fault(
        &self,
        scenario: &Scenario<'_, R::Config>,
        call: u64,
        fault: Fault,
    ) -> Result<Option<Vec<String>>, String> {
        let others = self.existing();
        let mut instance = self.core.resource::<R>();
        self.prepare(&mut instance, scenario).await?;
        self.fuse.light(&self.core, call, fault);
        let (outcome, config) = match scenario {
            Scenario::Create(config) | Scenario::Change(_, _, config) => {
                (instance.applied(config, config).await.map(drop), Some(*config))
            }
            Scenario::Refresh(config) => (instance.refreshed().await.map(drop), Some(*config)),
            Scenario::Destroy(_) => (instance.destroyed().await.map(drop), None),
        };
        if !self.fuse.put_out() {
            outcome.map_err(|failure| failure.to_string())?;
            self.is_all_there_is(&instance, &others)?;
            return self.aftermath(instance, config, &others).await.pop().map_or(Ok(None), Err);
        }
        let broken = outcome.as_ref().err().filter(|failure| matches!(failure, Failure::Broken(_)));
        let mut problems: Vec<String> = broken.map(Failure::to_string).into_iter().collect();
        problems.extend(self.aftermath(instance, config, &others).await);
        if let (Err(Failure::Reported(report)), false) = (&outcome, problems.is_empty()) {
            problems.push(format!("(the provider said: {})", printed(report)));
        }
        Ok(Some(problems))
    }

    /// What is there before something goes wrong.
    async fn prepare(&self, instance: &mut Instance<R>, scenario: &Scenario<'_, R::Config>) -> Result<(), String> {
        if let Scenario::Refresh(config) | Scenario::Change(_, config, _) | Scenario::Destroy(config) = scenario {
            instance.applied(config, config).await.map_err(|failure| failure.to_string())?;
        }
        if let Scenario::Change(action, _, to) = scenario {
            let plan = instance.planned(to).await.map_err(|failure| failure.to_string())?;
            if plan.action != *action {
                return Err(format!("this is not {action:?}, but {:?}", plan.action));
            }
        }
        Ok(())
    }

    /// Whether exactly what is in the state exists.
    fn is_all_there_is(&self, instance: &Instance<R>, others: &BTreeSet<String>) -> Result<(), String> {
        let (named, ids) = (id_in(&self.template, instance.stored()), self.new_since(others));
        if ids.iter().eq(named.iter()) {
            return Ok(());
        }
        Err(format!("{ids:?} exists, and {:?} says of the state that it is {named:?}", self.template))
    }

    /// What does not hold after something went wrong. With a configuration it is applied again before all is destroyed.
    async fn aftermath(
        &self,
        mut instance: Instance<R>,
        config: Option<&R::Config>,
        others: &BTreeSet<String>,
    ) -> Vec<String> {
        let mut problems = self.lost(&instance, others);
        if let Some(config) = config {
            match instance.reapplied(config).await {
                Ok(_) if problems.is_empty() => {
                    let wrong = self.is_all_there_is(&instance, others).err();
                    problems.extend(wrong.map(|wrong| format!("after applying again {wrong}")));
                }
                Ok(_) => {}
                Err(failure) => problems.push(format!("applying again does not put it right: {failure}")),
            }
        }
        if !instance.stored().is_null()
            && let Err(failure) = instance.destroyed().await
        {
            problems.push(format!("it cannot be destroyed: {failure}"));
        }
        let left = self.new_since(others);
        if !left.is_empty() && problems.is_empty() {
            problems.push(format!("after destroying there still is {left:?}"));
        }
        problems
    }

    /// What exists and is not in the state.
    fn lost(&self, instance: &Instance<R>, others: &BTreeSet<String>) -> Vec<String> {
        let named = id_in(&self.template, instance.stored());
        let lost = self.new_since(others).into_iter().filter(|id| named.as_ref() != Some(id));
        let state = match &named {
            _ if instance.stored().is_null() => "there is no state".to_owned(),
            None => format!("the state has not all of {:?}", self.template),
            Some(named) => format!("the state is that of {named:?}"),
        };
        lost.map(|id| format!("{id:?} exists and is lost: {state}")).collect()
    }

    fn existing(&self) -> BTreeSet<String> {
        (self.exist)().into_iter().collect()
    }

    fn new_since(&self, others: &BTreeSet<String>) -> BTreeSet<String> {
        self.existing().difference(others).cloned().collect()
    }
}

impl<C> fmt::Display for Scenario<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create(_) => "creating",
            Self::Refresh(_) => "reading",
            Self::Change(Action::Replace, ..) => "replacing",
            Self::Change(..) => "updating",
            Self::Destroy(_) => "destroying",
        })
    }
}

impl<R> fmt::Debug for Faults<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("template", &self.template).finish_non_exhaustive()
    }
}
