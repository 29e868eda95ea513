//! A provider that declares everything a page can have to tell, and does nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tfplugin_sdk::{
    Context, DataSource, Error, Function, Object, Operation, Provider, ProviderConfig, Resource, Result, Secret,
    Timeouts, Value,
};

/// Nothing to set.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {}

/// A `tree` of an [orchard](https://example.com/orchard),
/// with its fruit.
///
/// It grows slowly.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(
    name = "orchard_tree",
    import = "{orchard}/{id}",
    identity(orchard, id, rows),
    deprecated = "Use `orchard_bush`.",
    exactly_one_of(seed, graft)
)]
pub struct Tree {
    /// Id of the tree.
    #[tf(computed, keep)]
    pub id: String,
    /// Where it stands
    #[tf(replace, one_of("north", "south"))]
    pub orchard: String,
    /// In which rows.
    #[tf(optional, computed)]
    pub rows: Vec<u8>,
    /// Time from one pruning to the next.
    #[tf(default = Duration::from_hours(48), replace_if = rarer)]
    pub pruning: Duration,
    /// What it grows from.
    pub seed: Option<String>,
    /// What it is grafted on:
    ///
    /// - `quince`, for pears
    /// - anything else
    #[tf(none_of("oak"))]
    pub graft: Option<String>,
    /// How it is watered.
    #[tf(default = Watering { litres: 5, every: Duration::from_hours(1) })]
    pub watering: Watering,
    /// Its stakes.
    pub stakes: Option<BTreeSet<Stake>>,
    /// Its nests, by branch.
    #[tf(computed)]
    pub nests: BTreeMap<String, Nest>,
    /// What grew, by year and branch.
    #[tf(computed)]
    pub harvests: Vec<Vec<Nest>>,
    /// Who may pick.
    #[tf(block, length(1..=2))]
    pub picker: Vec<Picker>,
    /// Who may look.
    #[tf(block)]
    pub visitor: BTreeSet<Visitor>,
    /// What keeps birds away.
    #[tf(block)]
    pub scarecrow: Option<Visitor>,
    /// Key of the gate.
    #[tf(write_only, required)]
    pub key_wo: Option<Secret<String>>,
    /// What it cost.
    #[tf(deprecated = "Trees are free.")]
    pub price: Option<u32>,
    /// How long each operation may take.
    #[tf(timeouts(create = "5m"))]
    pub timeouts: Option<Timeouts>,
}

fn rarer(prior: &Duration, planned: &Value<Duration>) -> bool {
    planned.known().is_some_and(|planned| planned > prior)
}

/// How a tree is watered.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Watering {
    /// Litres at a time.
    #[tf(default = 5, range(1..=50))]
    pub litres: u32,
    /// Time between.
    #[tf(default = Duration::from_hours(1))]
    pub every: Duration,
}

/// A stake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
#[tf(conflicts(wood, iron))]
pub struct Stake {
    /// Kind of wood.
    pub wood: Option<String>,
    /// Grade of iron.
    pub iron: Option<String>,
}

/// A nest.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Nest {
    /// Whose it is.
    pub bird: String,
}

/// Somebody who picks.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Picker {
    /// The name.
    pub name: String,
    /// What they pick with.
    #[tf(block)]
    pub ladder: Vec<Visitor>,
}

/// Somebody or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub struct Visitor {
    /// The name.
    pub name: String,
}

impl Resource for Tree {
    type Api = ();

    async fn create(_: &mut Context<'_, Self>, _: TreePlan) -> Result<Self> {
        Err(Error::new("Nothing grows here"))
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

/// A fence.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "orchard_fence")]
pub struct Fence {
    /// Its height.
    #[tf(replace)]
    pub height: u8,
}

impl Resource for Fence {
    type Api = ();

    async fn create(_: &mut Context<'_, Self>, _: FencePlan) -> Result<Self> {
        Err(Error::new("Nothing is built here"))
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

/// All trees.
#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "orchard_trees")]
pub struct Trees {
    /// Their ids.
    #[tf(computed)]
    pub ids: Vec<String>,
    /// How long reading may take.
    #[tf(timeouts(read = "1m"))]
    pub timeouts: Option<Timeouts>,
}

impl DataSource for Trees {
    type Api = ();

    async fn read(_: &mut Operation<'_, ()>, _: TreesInput) -> Result<Self> {
        Ok(Self { ids: Vec::new(), timeouts: None })
    }
}

/// Weighs fruit.
///
/// Each kind by itself.
#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "weigh")]
pub struct Weigh {
    /// In which unit, or null.
    #[tf(one_of("g", "kg"))]
    pub unit: Option<String>,
    /// With which scales.
    pub scales: Watering,
    /// The fruit.
    #[tf(variadic, not_empty)]
    pub fruit: Vec<String>,
}

/// What a fruit weighs.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Weight {
    /// Its kind.
    pub kind: String,
    /// Who lives in it.
    pub worms: Vec<Nest>,
}

impl Function for Weigh {
    type Output = Vec<Weight>;

    fn call(self) -> Result<Vec<Weight>> {
        Ok(Vec::new())
    }
}

pub fn provider() -> Provider<()> {
    Provider::new::<Settings, _>("example/orchard", |_: SettingsConfig| async { Ok(Some(())) })
        .resource::<Tree>()
        .resource::<Fence>()
        .data_source::<Trees>()
        .function::<Weigh>()
}

/// The examples that it must have.
pub const EXAMPLES: [(&str, &str); 5] = [
    ("examples/provider/provider.tf", "provider \"orchard\" {}\n"),
    ("examples/resources/orchard_tree/resource.tf", "resource \"orchard_tree\" \"apple\" {}\n"),
    ("examples/resources/orchard_fence/resource.tf", "resource \"orchard_fence\" \"low\" {}\n"),
    ("examples/data-sources/orchard_trees/data-source.tf", "data \"orchard_trees\" \"all\" {}\n"),
    ("examples/functions/weigh/function.tf", "output \"w\" { value = provider::orchard::weigh(null) }\n"),
];

/// A folder with these files.
pub fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (place, text) in files {
        write(folder.path(), place, text);
    }
    folder
}

pub fn write(folder: &Path, place: &str, text: &str) {
    let path = folder.join(place);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
