//! A whole provider in one file: notes kept as files in a folder.
//!
//! Try it: `cargo run -p tfplugin-sdk --example notes -- -debug`, then run Terraform with the variable it prints.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{fs, io};

use tfplugin_sdk::{Context, Error, Number, Planned, Provider, Resource, Result, Secret, path};

fn main() -> ExitCode {
    tfplugin_sdk::serve(provider())
}

/// The provider that `main` serves.
pub fn provider() -> Provider<Folder> {
    Provider::new::<Settings, _>("example/notes", |settings: SettingsConfig| async move {
        // Unknown while planning, when the folder comes from another resource: connect later.
        let Some(folder) = settings.folder.known() else { return Ok(None) };
        tracing::info!(folder, "using the folder");
        Ok(Some(Folder(PathBuf::from(folder))))
    })
    .resource::<Note>()
}

/// The provider block.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ProviderConfig)]
pub struct Settings {
    /// Where the notes are.
    pub folder: String,
    /// A password. The notes need none; it shows how a secret is declared.
    #[tf(sensitive)]
    pub password: Option<Secret<String>>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(name = "notes_note", import = "{id}")]
pub struct Note {
    /// Name of its file.
    #[tf(computed, keep, prefix = "note-")]
    pub id: String,
    /// What it is about.
    #[tf(replace, length(1..=60))]
    pub title: String,
    /// What it says.
    #[tf(default = "")]
    pub text: String,
    /// Who wrote it.
    pub author: Option<Author>,
    /// Who may read it.
    pub readers: Option<BTreeSet<String>>,
    /// Words to find it by, with what they mean.
    pub keywords: Option<BTreeMap<String, String>>,
    /// A number to remember, exactly.
    pub number: Option<Number>,
    /// Creating it takes until this file exists.
    pub until: Option<String>,
    /// A mistake that creating it runs into, to see what becomes of it.
    pub mistake: Option<Mistake>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct Author {
    /// The name.
    pub name: String,
    /// Where to write to.
    pub email: Option<String>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Mistake {
    /// An error is returned.
    Error,
    /// The code panics.
    Panic,
    /// The code panics, and again while it is cleaned up, which ends the process.
    PanicTwice,
}

/// Panics when it is dropped.
struct Spiller;

impl Drop for Spiller {
    fn drop(&mut self) {
        panic!("the ink is on the floor");
    }
}

/// The connection: where the notes are.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    fn file(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }
}

impl Resource for Note {
    type Api = Folder;

    async fn create(cx: &mut Context<'_, Self>, plan: NotePlan) -> Result<Self> {
        let id = format!("note-{}", plan.title);
        fs::write(cx.api().file(&id), &plan.text)?;
        // From here on the note exists, whatever happens.
        cx.checkpoint(|state| state.id = Planned::Known(id.clone()));
        match plan.mistake {
            Some(Mistake::Error) => return Err(Error::new("The ink is dry").at(path!(Self: mistake))),
            Some(Mistake::Panic) => panic!("the inkwell is empty"),
            Some(Mistake::PanicTwice) => {
                let _spiller = Spiller;
                panic!("the inkwell falls");
            }
            None => {}
        }
        if let Some(until) = &plan.until {
            cx.unless_cancelled(existence(Path::new(until))).await?;
        }
        Ok(Self::written(id, plan))
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        match fs::read_to_string(cx.api().file(&state.id)) {
            Ok(text) => Ok(Some(Self { text, ..state })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: NotePlan) -> Result<Self> {
        fs::write(cx.api().file(&state.id), &plan.text)?;
        Ok(Self::written(state.id, plan))
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        match fs::remove_file(cx.api().file(&state.id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn import(cx: &mut Context<'_, Self>, id: NoteImport) -> Result<Option<Self>> {
        let title = id.id.strip_prefix("note-").unwrap_or_default().to_owned();
        let note = Self {
            id: id.id,
            title,
            text: String::new(),
            author: None,
            readers: None,
            keywords: None,
            number: None,
            until: None,
            mistake: None,
        };
        Self::read(cx, note).await
    }
}

impl Note {
    fn written(id: String, plan: NotePlan) -> Self {
        let NotePlan { id: _, title, text, author, readers, keywords, number, until, mistake } = plan;
        Self { id, title, text, author, readers, keywords, number, until, mistake }
    }
}

/// Waits for a file of another program's making, which tells nobody: hence the looking again.
async fn existence(file: &Path) {
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
