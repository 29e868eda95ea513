//! `folder_index`: a file that says what other files are about.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Context, Error, Planned, ProviderConfig, Resource, Result, Value, path};

use crate::folder::Folder;

/// An index of files in the folder, a line for each. One that is there already cannot be imported: of what it says, nobody
/// can tell what is an entry.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(name = "folder_index", at_least_one_of(title, readers))]
pub struct Index {
    /// Name of the file. An index of another name is another file.
    #[tf(replace, pattern = "^[a-z0-9][a-z0-9._-]*$", message = "small letters, digits, dots, dashes and underscores")]
    pub name: String,
    /// What stands above. A title that is taken away makes another index of it.
    #[tf(not_empty, replace_if = is_taken_away)]
    pub title: Option<String>,
    /// Who it is for.
    #[tf(each(not_empty))]
    pub readers: Option<BTreeSet<String>>,
    /// In which order the files stand.
    #[tf(default = Order::Name)]
    pub order: Order,
    /// The files, by name.
    #[tf(length(1..=100), keys(not_empty))]
    pub entries: BTreeMap<String, Entry>,
    /// Lines in it.
    #[tf(computed, range(1..))]
    pub lines: u32,
    /// The names in their order.
    #[tf(computed, length(1..))]
    pub names: Vec<String>,
    /// The team that the module says it is of, in its `provider_meta` block.
    #[tf(computed, keep_non_null)]
    pub keeper: Option<String>,
}

/// A file in an index.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct Entry {
    /// What it is about.
    #[tf(not_empty, custom = is_one_line)]
    pub about: String,
    /// Bytes in it when it was entered.
    #[tf(computed)]
    pub bytes: u64,
}

/// In which order files stand in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Order {
    /// By name.
    Name,
    /// The largest first.
    Size,
}

/// What a module says of itself: `terraform { provider_meta "folder" { team = "poets" } }`.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Origin {
    /// The team it is of.
    #[tf(not_empty)]
    pub team: String,
}

#[allow(clippy::ref_option, reason = "it gets the value as the field has it")]
fn is_taken_away(prior: &Option<String>, planned: &Value<String>) -> bool {
    prior.is_some() && planned.is_null()
}

/// A rule of the author's own gets the value and says what is wrong.
#[allow(clippy::ptr_arg, reason = "it gets the value as the field has it")]
fn is_one_line(about: &String) -> std::result::Result<(), String> {
    if about.contains('\n') { Err("An entry is one line; leave the line breaks out.".to_owned()) } else { Ok(()) }
}

impl Resource for Index {
    type Api = Folder;

    async fn create(cx: &mut Context<'_, Self>, plan: IndexPlan) -> Result<Self> {
        let keeper = cx.meta::<Origin>()?.map(|origin| origin.team);
        cx.api().create(&plan.name)?;
        cx.checkpoint(|state| state.keeper = Planned::Known(keeper.clone()));
        Self::write(cx.api(), plan, keeper)
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        let Some(now) = cx.api().read(&state.name)? else { return Ok(None) };
        if now.text == state.text() {
            return Ok(Some(state));
        }
        // Somebody wrote into it, and nobody can tell what of it is an entry: it is shown as an index of nothing.
        Ok(Some(Self { entries: BTreeMap::new(), lines: count(&now.text), ..state }))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: IndexPlan) -> Result<Self> {
        Self::write(cx.api(), plan, state.keeper)
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        Ok(cx.api().remove(&state.name)?)
    }
}

impl Index {
    /// Writes what the plan asks for and returns the state that comes of it.
    fn write(folder: &Folder, plan: IndexPlan, keeper: Option<String>) -> Result<Self> {
        let IndexPlan { name, title, readers, order, entries, .. } = plan;
        let entries = entries.into_iter().map(|(name, entry)| entered(folder, name, entry.about));
        let entries: BTreeMap<String, Entry> = entries.collect::<Result<_>>()?;
        let mut names: Vec<String> = entries.keys().cloned().collect();
        if order == Order::Size {
            names.sort_by_key(|name| Reverse(entries[name].bytes));
        }
        let index = Self { name, title, readers, order, entries, lines: 0, names, keeper };
        let text = index.text();
        folder.write(&index.name, &text, 0o644)?;
        Ok(Self { lines: count(&text), ..index })
    }

    /// What the file says.
    fn text(&self) -> String {
        let readers: Vec<&str> = self.readers.iter().flatten().map(String::as_str).collect();
        let title = self.title.iter().map(|title| format!("{title}\n"));
        let readers = (!readers.is_empty()).then(|| format!("for {}\n", readers.join(", ")));
        let keeper = self.keeper.iter().map(|team| format!("kept by {team}\n"));
        let entries = self.names.iter().map(|name| format!("{name}: {}\n", self.entries[name].about));
        title.chain(readers).chain(keeper).chain(entries).collect()
    }
}

fn entered(folder: &Folder, name: String, about: String) -> Result<(String, Entry)> {
    let Some(file) = folder.read(&name)? else {
        let error = Error::new("An index of a file that is not there").at(path!(entries).key(&name).attribute("about"));
        return Err(error.detail(format!("There is no file {name:?} in the folder. Create it first, or leave it out.")));
    };
    Ok((name, Entry { about, bytes: file.text.len() as u64 }))
}

fn count(text: &str) -> u32 {
    u32::try_from(text.lines().count()).unwrap_or(u32::MAX)
}
