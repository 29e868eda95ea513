//! `folder_file`: a file with a text, or with lines.

use std::io;
use std::time::Duration;

use tfplugin_sdk::{Context, Error, ForeignState, PlanEdit, Planned, Resource, Result, Secret, Timeouts, path};

use crate::folder::{Folder, OnDisk};

/// A file in the folder.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(
    name = "folder_file",
    version = 1,
    import = "{name}",
    identity(name),
    upgrade(0 = FileV0),
    conflicts(content, seal),
    requires(secret_wo, secret_wo_version)
)]
pub struct File {
    /// Name of the file. A file of another name is another file.
    #[tf(replace, pattern = "^[a-z0-9][a-z0-9._-]*$", message = "small letters, digits, dots, dashes and underscores")]
    pub name: String,
    /// What it says. Leave it out to write it line by line.
    pub content: Option<String>,
    /// What it says, line by line.
    #[tf(block, length(..=100))]
    pub line: Vec<Line>,
    /// Permission bits in octal: `644` and `0644` mean the same.
    #[tf(default = "0644", pattern = "^0?[0-7]{3}$", message = "three octal digits, such as 0644")]
    pub mode: Mode,
    /// Words that are written under the lines, each once.
    #[tf(unique, each(not_empty))]
    pub seal: Option<Vec<String>>,
    /// A secret kept beside the file, where only the owner can read it. It never is in the state.
    #[tf(write_only)]
    pub secret_wo: Option<Secret<String>>,
    /// Change this to have a changed secret written.
    pub secret_wo_version: Option<u32>,
    /// Path of the file.
    #[tf(computed, keep)]
    pub path: String,
    /// Bytes in it.
    #[tf(computed, computed_when(content, line, seal))]
    pub bytes: u64,
    /// How long each operation may take.
    #[tf(timeouts(create = "1m"))]
    pub timeouts: Option<Timeouts>,
}

/// One line of a file.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// What stands before it.
    #[tf(default = "")]
    pub prefix: String,
}

/// Permission bits in octal.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Newtype)]
#[tf(canonical = four_digits)]
pub struct Mode(pub String);

fn four_digits(mode: &str) -> String {
    format!("{mode:0>4}")
}

impl Mode {
    fn from_bits(bits: u32) -> Self {
        Self(format!("{bits:04o}"))
    }

    fn bits(&self) -> u32 {
        // The pattern of the attribute lets only octal digits in.
        u32::from_str_radix(&self.0, 8).unwrap_or(0o644)
    }
}

/// A file as version 0 of the provider stored it.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FileV0 {
    name: String,
    text: String,
}

impl From<FileV0> for File {
    fn from(old: FileV0) -> Self {
        Self::holding(old.name, old.text)
    }
}

/// What of the `local_file` of another provider matters here.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
struct LocalFile {
    filename: String,
    content: Option<String>,
}

impl Resource for File {
    type Api = Folder;

    async fn create(cx: &mut Context<'_, Self>, plan: FilePlan) -> Result<Self> {
        let folder = cx.api();
        // Another program may be using the folder; wait for it, as long as `timeouts` allows.
        cx.wait_until(Duration::from_millis(100), || async { Ok((!folder.is_busy()).then_some(())) }).await?;
        folder.create(&plan.name)?;
        // From here on there is a file, whatever happens.
        let path = folder.path(&plan.name).display().to_string();
        cx.checkpoint(|state| state.path = Planned::Known(path));
        cx.private_mut().set("origin", "created");
        Ok(Self::write(folder, plan)?)
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let now = cx.api().read(&state.name)?;
        Ok(now.map(|now| state.refreshed(cx.api(), now)))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: FilePlan) -> Result<Self> {
        Ok(Self::write(cx.api(), plan)?)
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        cx.api().remove(&secret_name(&state.name))?;
        Ok(cx.api().remove(&state.name)?)
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        let taken = match (plan.api, plan.planned.name.known()) {
            (Some(folder), Some(name)) if plan.is_create() => folder.read(name)?.is_some(),
            _ => false,
        };
        // Not at the second half of a replacement: then it is there still, and will have gone.
        if taken && plan.prior.is_none() && plan.private.text("origin").is_none() {
            plan.warn(
                path!(Self: name),
                "There is such a file",
                "Import it, or choose another name: it is not overwritten.",
            );
        }
        Ok(())
    }

    async fn import(cx: &mut Context<'_, Self>, id: FileImport) -> Result<Option<Self>> {
        cx.private_mut().set("origin", "imported");
        Ok(Self::found(cx.api(), id.name)?)
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        if source.type_name != "local_file" {
            return Ok(None);
        }
        let old: LocalFile = source.decode()?;
        let (_, name) = old.filename.rsplit_once('/').unwrap_or(("", &old.filename));
        let Some(content) = old.content else {
            return Err(Error::new("Only a local_file with `content` can be moved").at(path!(Self: content)));
        };
        Ok(Some(Self::holding(name.to_owned(), content)))
    }
}

impl File {
    /// A file of which nothing is known but what it says; the next read fills in the rest.
    fn holding(name: String, content: String) -> Self {
        Self {
            name,
            content: Some(content),
            line: Vec::new(),
            mode: Mode::from_bits(0o644),
            seal: None,
            secret_wo: None,
            secret_wo_version: None,
            path: String::new(),
            bytes: 0,
            timeouts: None,
        }
    }

    /// The file on disk that no state knows of; `None` when there is none.
    pub fn found(folder: &Folder, name: String) -> io::Result<Option<Self>> {
        let Some(now) = folder.read(&name)? else { return Ok(None) };
        Ok(Some(Self::holding(name, now.text.clone()).refreshed(folder, now)))
    }

    /// Writes what the plan asks for and returns the state that comes of it.
    fn write(folder: &Folder, plan: FilePlan) -> io::Result<Self> {
        let FilePlan { name, content, line, mode, seal, secret_wo, secret_wo_version, .. } = plan;
        let text = text(content.as_deref(), &line, seal.as_deref());
        folder.write(&name, &text, mode.bits())?;
        if let Some(secret) = &secret_wo {
            folder.write(&secret_name(&name), secret.expose(), 0o600)?;
        }
        let path = folder.path(&name).display().to_string();
        let bytes = text.len() as u64;
        Ok(Self { name, content, line, mode, seal, secret_wo: None, secret_wo_version, path, bytes, timeouts: None })
    }

    /// The state with what is on disk now: what was changed there is shown as content.
    fn refreshed(self, folder: &Folder, now: OnDisk) -> Self {
        let (bytes, path) = (now.text.len() as u64, folder.path(&self.name).display().to_string());
        let mode = Mode::from_bits(now.mode);
        if text(self.content.as_deref(), &self.line, self.seal.as_deref()) == now.text {
            return Self { mode, path, bytes, ..self };
        }
        Self { content: Some(now.text), line: Vec::new(), seal: None, mode, bytes, path, ..self }
    }
}

/// What a file says.
fn text(content: Option<&str>, lines: &[Line], seal: Option<&[String]>) -> String {
    let lines = lines.iter().map(|line| format!("{}{}\n", line.prefix, line.text));
    let seal = seal.unwrap_or_default().iter().map(|word| format!("{word}\n"));
    content.map(ToOwned::to_owned).into_iter().chain(lines).chain(seal).collect()
}

/// The file beside `name` that only its owner can read.
fn secret_name(name: &str) -> String {
    format!(".{name}.secret")
}
