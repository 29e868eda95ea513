//! Tests of a provider under the real `terraform`, step by step, in words.
//!
//! ```
//! # use std::collections::BTreeMap; use std::sync::{Arc, Mutex};
//! # use tfplugin_sdk::{Context, Provider, ProviderConfig, Resource, Result};
//! # #[derive(Clone, Debug, PartialEq, ProviderConfig)]
//! # pub struct Settings { /// Who signs.
//! #     pub author: String }
//! # #[derive(Clone, Debug, PartialEq, Resource)]
//! # #[tf(name = "board_note", import = "{note_id}")]
//! # pub struct Note { /// Id.
//! #     #[tf(computed, keep)] pub note_id: String, /// Text.
//! #     #[tf(length(1..=80))] pub text: String, /// Colour.
//! #     #[tf(replace, default = "yellow")] pub colour: String }
//! # #[derive(Clone, Default)]
//! # pub struct Board(Arc<Mutex<BTreeMap<String, Note>>>);
//! # impl Board { fn is_empty(&self) -> bool { self.0.lock().unwrap().is_empty() } }
//! # impl Resource for Note {
//! #     type Api = Board;
//! #     async fn create(cx: &mut Context<'_, Self>, plan: NotePlan) -> Result<Self> {
//! #         let mut notes = cx.api().0.lock().unwrap();
//! #         let note = Note { note_id: format!("note-{}", notes.len()), text: plan.text, colour: plan.colour };
//! #         notes.insert(note.note_id.clone(), note.clone());
//! #         Ok(note)
//! #     }
//! #     async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
//! #         Ok(cx.api().0.lock().unwrap().get(&state.note_id).cloned())
//! #     }
//! #     async fn update(cx: &mut Context<'_, Self>, state: Self, plan: NotePlan) -> Result<Self> {
//! #         let note = Note { text: plan.text, ..state };
//! #         cx.api().0.lock().unwrap().insert(note.note_id.clone(), note.clone());
//! #         Ok(note)
//! #     }
//! #     async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
//! #         cx.api().0.lock().unwrap().remove(&state.note_id);
//! #         Ok(())
//! #     }
//! #     async fn import(cx: &mut Context<'_, Self>, id: NoteImport) -> Result<Option<Self>> {
//! #         Ok(cx.api().0.lock().unwrap().get(&id.note_id).cloned())
//! #     }
//! # }
//! # fn provider(board: Board) -> Provider<Board> {
//! #     let connect = move |_| std::future::ready(Ok(Some(board.clone())));
//! #     Provider::new::<Settings, _>("example/board", connect).resource::<Note>()
//! # }
//! use tfplugin_sdk::path;
//! use tfplugin_sdk::testing::Action;
//! use tfplugin_sdk::testing::terraform::{Terraform, apply, import_verify, kept, plan, unknown};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let board = Board::default();
//! Terraform::with(provider(board.clone()))
//!     .provider_block(r#"provider "board" { author = "ann" }"#)
//!     .steps([
//!         apply(r#"resource "board_note" "a" { text = "milk" }"#)
//!             .plans("board_note.a", Action::Create)
//!             .planned("board_note.a", path!(note_id), unknown())
//!             .state("board_note.a", path!(text), "milk"),
//!         apply(r#"resource "board_note" "a" { text = "bread" }"#)
//!             .plans("board_note.a", Action::Update)
//!             .state("board_note.a", path!(note_id), kept()),
//!         import_verify("board_note.a"),
//!         plan("resource \"board_note\" \"a\" {\n  text   = \"bread\"\n  colour = \"red\"\n}")
//!             .plans("board_note.a", Action::Replace)
//!             .because(path!(colour)),
//!         plan(r#"resource "board_note" "a" { text = "" }"#)
//!             .fails("must have 1 to 80 characters")
//!             .at("board_note.a", path!(text)),
//!     ])
//!     .destroyed(|| async { board.is_empty() })
//!     .await;
//! # }
//! ```
//!
//! **What happens.** The provider serves in the process of the test, so that a debugger and a coverage tool see it.
//! Terraform runs in a folder of its own, without `init` and without a network, and knows nothing of its user's
//! settings. After every [`apply`] a plan has to be empty. At the end, also of a test that fails, everything is destroyed.
//! Plans and states are read from `terraform show -json`, errors and warnings from `-json` output.
//!
//! **What there has to be.** Terraform 1.5 or newer on the PATH, or named by `TF_ACC_TERRAFORM_PATH`; a missing one
//! fails the test. A tokio runtime of any flavour: nothing here blocks it.
//!
//! **When it fails.** The panic says which step and which expectation it was and where they stand, what was expected
//! and found, what Terraform printed, and the configuration. With [`TFPLUGIN_TESTING_KEEP=1`](KEEP) the folder is kept.
//!
//! **Logs.** The provider's goes through `tracing` in this process; Terraform's own comes with
//! `.environment("TF_LOG", "debug")`, in the report of a step that fails.
//!
//! Not here: downloads (other providers than the ones given, modules from elsewhere), and what needs a provider in a
//! process of its own: the handshake, signals, crashes.

mod diagnostic;
mod difference;
mod expectation;
mod expected;
mod failure;
mod folder;
mod import;
mod judge;
mod process;
mod session;
mod shown;
mod step;
mod trial;

use std::any::Any;
use std::future::{IntoFuture, poll_fn};
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::path::{Component, Path};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use std::{env, fmt};

pub use expected::{
    Expected, Pattern, Text, absent, changed, kept, known, matching, null, satisfying, sensitive, set, unknown,
};
pub use folder::KEEP;
pub use process::DEADLINE;
pub use step::{Step, apply, destroy, import_verify, plan, plan_again, plan_is_empty, refresh, taint, then, validate};

use crate::{Engine, Provider};
use failure::Failure;
use process::Program;
use session::{HEAD, Layout, MAIN, Session};
use step::{BoxFuture, Order, Place};
use trial::attempt;

/// A test under Terraform: a provider, and what to do with it. It runs when it is awaited.
#[must_use = "nothing runs until it is awaited"]
pub struct Terraform<'a> {
    place: Place,
    engines: Vec<Engine>,
    provider_block: String,
    base: Layout,
    environment: Vec<(String, String)>,
    deadline: Duration,
    steps: Vec<Step<'a>>,
    destroyed: Option<(Place, Question<'a>)>,
}

/// A question to the platform.
type Question<'a> = Box<dyn FnOnce() -> BoxFuture<'a, bool> + Send + 'a>;

/// Why a test ends before its end.
enum Stop {
    /// A step is not as expected.
    Failed(Box<Failure>),
    /// The author's own code panicked.
    Panicked(Box<dyn Any + Send>),
}

impl<'a> Terraform<'a> {
    /// A test of this provider.
    #[track_caller]
    pub fn with<A: Send + Sync + 'static>(provider: Provider<A>) -> Self {
        Self {
            place: Location::caller(),
            engines: vec![provider.into_engine()],
            provider_block: String::new(),
            base: Layout::default(),
            environment: Vec::new(),
            deadline: DEADLINE,
            steps: Vec::new(),
            destroyed: None,
        }
    }

    /// With another provider besides, for what takes two: moving a resource from one to the other, say.
    pub fn and<A: Send + Sync + 'static>(mut self, provider: Provider<A>) -> Self {
        self.engines.push(provider.into_engine());
        self
    }

    /// The `provider` block, or several with aliases. The `terraform` block with the required providers is there
    /// already; a provider is called as its types begin.
    pub fn provider_block(mut self, block: impl Into<String>) -> Self {
        self.provider_block = block.into();
        self
    }

    /// A file beside the configuration. `name` may have folders in it, for modules.
    ///
    /// # Panics
    ///
    /// When it leads out of the folder.
    #[track_caller]
    pub fn file(mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.base.files.insert(checked_name(name.into()), content.into());
        self
    }

    /// The value of a variable: a text as it is, anything else as in a `.tfvars` file.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.base.variables.insert(name.into(), value.into());
        self
    }

    /// A variable of Terraform's environment. But for `PATH`, `TMPDIR`, `LANG` and `SSL_CERT_FILE` it inherits nothing.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// How long one run of Terraform may take, in place of [`DEADLINE`]. One that takes longer is interrupted, and killed
    /// when that does not end it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// One more step.
    pub fn step(mut self, step: Step<'a>) -> Self {
        self.steps.push(step);
        self
    }

    /// More steps, one after the other.
    pub fn steps(mut self, steps: impl IntoIterator<Item = Step<'a>>) -> Self {
        self.steps.extend(steps);
        self
    }

    /// After everything was destroyed, the platform has to say so too.
    #[track_caller]
    pub fn destroyed<F: Future<Output = bool> + Send + 'a>(mut self, is_gone: impl FnOnce() -> F + Send + 'a) -> Self {
        self.destroyed = Some((Location::caller(), Box::new(|| Box::pin(is_gone()))));
        self
    }

    async fn run(self) {
        let program =
            Program::find(|name| env::var_os(name), self.deadline).unwrap_or_else(|reason| panic!("{reason}"));
        let mut session = Session::open(program, self.engines, self.environment, &self.provider_block, self.base);
        let stop = go(&mut session, self.steps).await.err();
        // Whatever happened: what is on a platform costs money.
        let left = destroy_all(&mut session, self.place).await.err();
        match (stop, left) {
            (Some(Stop::Panicked(panic)), _) => resume_unwind(panic),
            (Some(Stop::Failed(failure)), left) => {
                panic!("{}", Failure { afterwards: left.map(|left| left.to_string()), ..*failure });
            }
            (None, Some(failure)) => panic!("{failure}"),
            (None, None) => {}
        }
        if let Some((place, is_gone)) = self.destroyed {
            assert!(is_gone().await, "{place}: everything was destroyed, and the platform says that something is left");
        }
    }
}

impl<'a> IntoFuture for Terraform<'a> {
    type Output = ();
    type IntoFuture = BoxFuture<'a, ()>;

    fn into_future(self) -> BoxFuture<'a, ()> {
        Box::pin(self.run())
    }
}

async fn go(session: &mut Session, steps: Vec<Step<'_>>) -> Result<(), Stop> {
    for (number, step) in (1..).zip(steps) {
        attempt(session, number, &step.order).await.map_err(Stop::Failed)?;
        if let Some(check) = step.check {
            unless_panicking(check()).await.map_err(Stop::Panicked)?;
        }
    }
    Ok(())
}

/// The clean-up after the last step, which is a step like any other.
async fn destroy_all(session: &mut Session, place: Place) -> Result<(), Box<Failure>> {
    if !session.has_resources() {
        return Ok(());
    }
    let clean_up = Order { place, ..destroy().order };
    let failed = attempt(session, 0, &clean_up).await;
    failed.map_err(|failure| Box::new(Failure { step: "the clean-up at the end".to_owned(), ..*failure }))
}

/// Sees a check to its end, or to its panic.
async fn unless_panicking(check: impl Future<Output = ()>) -> Result<(), Box<dyn Any + Send>> {
    let mut check = pin!(check);
    // The check is not looked at again after a panic.
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| check.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// A name of a file that stays in the folder and is not one of ours.
#[track_caller]
pub(super) fn checked_name(name: String) -> String {
    let is_inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    assert!(is_inside && !name.is_empty(), "{name:?} leads out of the folder of the test");
    assert!(![MAIN, HEAD].contains(&name.as_str()), "{name:?} is written by the test itself: choose another name");
    name
}

impl fmt::Debug for Terraform<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terraform").field("steps", &self.steps).finish_non_exhaustive()
    }
}
