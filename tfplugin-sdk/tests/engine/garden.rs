//! A sample provider over a small cloud in memory, with every kind of attribute: what the tests of the engine use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tfplugin_sdk::{
    Context, Dynamic, Enum, Error, Newtype, Number, Object, PlanEdit, Planned, Provider, ProviderConfig, Report,
    Resource, Result, Secret, Value, path,
};

/// A provider of gardens.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {
    /// Who the gardens belong to.
    #[tf(length(1..))]
    pub owner: String,
    /// Key of the gate.
    pub key: Option<Secret<String>>,
}

/// A garden with beds.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_garden", version = 2, import = "{town}/{garden_id}")]
pub struct Garden {
    /// Garden id.
    #[tf(computed, keep, prefix = "gdn-")]
    pub garden_id: GardenId,
    /// Where it is.
    #[tf(replace)]
    pub town: String,
    /// Plot number.
    #[tf(replace, range(1..=999))]
    pub plot: u16,
    /// Name, in lower-case letters.
    #[tf(length(2..=8), pattern = "^[a-z]+$", message = "lower-case letters only")]
    pub name: Option<String>,
    /// How it is kept.
    #[tf(default = Style::FormalGarden)]
    pub style: Style,
    /// Length of the fence.
    pub fence: Option<f64>,
    /// Who looks after it.
    #[tf(optional, computed, keep)]
    pub gardener: String,
    /// Times it was changed.
    #[tf(computed)]
    pub changes: u32,
    /// Remark of the town.
    #[tf(computed)]
    pub remark: Option<String>,
    /// The gate.
    pub gate: Option<Gate>,
    /// Beds in their order.
    #[tf(length(..=3))]
    pub beds: Option<Vec<Bed>>,
    /// Trees, in no order.
    pub trees: Option<BTreeSet<Tree>>,
    /// Woods, in no order, with trees in no order.
    pub woods: Option<BTreeSet<Wood>>,
    /// Ponds by name.
    pub ponds: Option<BTreeMap<String, Pond>>,
    /// Labels.
    #[tf(default = BTreeMap::new())]
    pub labels: BTreeMap<String, String>,
    /// Key of the shed.
    #[tf(write_only, length(4..))]
    pub shed_key_wo: Option<Secret<String>>,
    /// Keys of other doors.
    #[tf(write_only)]
    pub spare_key_wo: Option<SpareKey>,
    /// Version of the key.
    pub shed_key_wo_version: Option<i64>,
    /// Open days; anything.
    pub notes: Option<Dynamic>,
}

/// Id of a garden.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Newtype)]
pub struct GardenId(pub String);

/// How a garden is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum Style {
    FormalGarden,
    #[tf(name = "wild")]
    Wilderness,
}

/// A gate.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Gate {
    /// Its width.
    #[tf(default = 2, range(1..=9), sensitive)]
    pub width: u8,
    /// Its material; another one is another garden.
    #[tf(replace)]
    pub material: Option<String>,
    /// Code of the lock.
    #[tf(write_only)]
    pub code_wo: Option<Secret<String>>,
}

/// A key of another door.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct SpareKey {
    /// What is cut into it.
    #[tf(length(4..))]
    pub teeth: String,
}

/// A bed.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Bed {
    /// What grows in it.
    pub plant: String,
    /// Its number, given by the town.
    #[tf(computed, keep)]
    pub number: u32,
}

/// A tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub struct Tree {
    /// Its kind.
    pub kind: String,
    /// Its height.
    #[tf(default = 1, range(1..=90))]
    pub height: u8,
}

/// A wood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub struct Wood {
    /// Its name.
    pub name: String,
    /// Its trees.
    pub trees: BTreeSet<Tree>,
}

/// A pond.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Pond {
    /// Its depth.
    pub depth: Number,
    /// What the inspector found.
    #[tf(computed)]
    pub inspection: Inspection,
}

/// An inspection.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Inspection {
    /// Whether it passed.
    pub passed: bool,
}

/// The cloud: gardens by id, and what should go wrong.
#[derive(Debug, Default)]
pub struct Town {
    state: Mutex<TownState>,
}

#[derive(Debug, Default)]
pub struct TownState {
    pub gardens: BTreeMap<String, Garden>,
    pub next: u32,
    pub keys: Vec<String>,
    pub trouble: Option<Trouble>,
}

/// What goes wrong after the garden exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Fails,
    Panics,
    PanicsInACheckpoint,
    WaitsForInterruption,
    ReturnsAnotherName,
    ReturnsAnotherPrefix,
    FailsAtOnce,
}

impl Town {
    pub fn state(&self) -> MutexGuard<'_, TownState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> Option<Trouble> {
        self.state().trouble
    }
}

impl Resource for Garden {
    type Api = Arc<Town>;

    async fn create(cx: &mut Context<'_, Self>, plan: GardenPlan) -> Result<Self> {
        let town = cx.api();
        if town.trouble() == Some(Trouble::FailsAtOnce) {
            return Err(Error::new("The town is closed"));
        }
        let id = {
            let mut state = town.state();
            state.next += 1;
            format!("gdn-{}", state.next)
        };
        cx.checkpoint(|state| state.garden_id = GardenId(id.clone()).into());
        let mut garden = built(town, GardenId(id.clone()), 1, plan);
        match town.trouble() {
            Some(Trouble::Fails) => return Err(Error::new("The town hall burns").at(path!(town))),
            Some(Trouble::Panics) => panic!("a hole in the ground"),
            Some(Trouble::PanicsInACheckpoint) => cx.checkpoint(|_| panic!("a hole in the paper")),
            Some(Trouble::WaitsForInterruption) => cx.unless_cancelled(std::future::pending::<()>()).await?,
            Some(Trouble::ReturnsAnotherName) => garden.name = Some("other".into()),
            Some(Trouble::ReturnsAnotherPrefix) => garden.garden_id = GardenId("x-1".into()),
            Some(Trouble::FailsAtOnce) | None => {}
        }
        cx.warn(path!(name), "Built", "The garden needs water.");
        town.state().gardens.insert(id, garden.clone());
        Ok(garden)
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(cx.api().state().gardens.get(&state.garden_id.0).cloned())
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: GardenPlan) -> Result<Self> {
        let town = cx.api();
        let fence = plan.fence;
        cx.checkpoint(|now| now.fence = fence);
        if town.trouble() == Some(Trouble::Fails) {
            return Err(Error::new("The town hall burns"));
        }
        let garden = built(town, state.garden_id.clone(), state.changes + 1, plan);
        town.state().gardens.insert(state.garden_id.0, garden.clone());
        Ok(garden)
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        assert!(cx.api().trouble() != Some(Trouble::Panics), "a root that does not let go");
        cx.api().state().gardens.remove(&state.garden_id.0);
        Ok(())
    }

    fn validate(config: &GardenConfig, report: &mut Report) {
        assert!(config.name.known().is_none_or(|name| name != "panic"), "the name is panic");
        if let (Value::Known(fence), Value::Null) = (&config.fence, &config.gate)
            && *fence > 0.0
        {
            report.error(path!(fence), "No way in", "A fence needs a gate.");
            report.error(path!(fence), "No way out", "Whoever is in stays in.");
        }
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.is_destroy() {
            plan.warn(path!(town), "A garden goes", "Nobody will bring it back.");
            return Ok(());
        }
        match plan.config.name.known().map(String::as_str) {
            Some("nowhere") => plan.error(path!(name), "No such place", "Choose another name."),
            Some("moved") if plan.is_update() => plan.replace(path!(name)),
            Some("meddler") => plan.planned.name = Value::Known("meddled".into()),
            Some("early") => plan.planned.changes = Value::Known(1),
            Some("curious") => {
                let new: Vec<String> = [path!(town), path!(plot), path!(gate.material), path!(ponds["deep"].depth)]
                    .into_iter()
                    .filter(|path| plan.changes(path))
                    .map(|path| path.to_string())
                    .collect();
                let replacing: Vec<String> = plan.replacing().iter().map(ToString::to_string).collect();
                let detail = format!("{} because of {}", new.join(" "), replacing.join(" "));
                plan.warn(path!(name), "What is new", detail);
            }
            _ => {}
        }
        if plan.is_create() && plan.config.gardener.is_null() && plan.api.is_some() {
            plan.planned.gardener = Value::Known("gnome".into());
        }
        Ok(())
    }

    async fn import(cx: &mut Context<'_, Self>, id: GardenImport) -> Result<Option<Self>> {
        let found = cx.api().state().gardens.get(&id.garden_id.0).cloned();
        Ok(found.filter(|garden| garden.town == id.town))
    }

    fn upgrade(version: i64, state: Dynamic) -> Result<Dynamic> {
        let Dynamic::Object(mut attributes) = state else { return Err(Error::new("no object")) };
        if version == 0 {
            return Err(Error::new("Version 0 is too old"));
        }
        let plot = attributes.remove("plot_number").unwrap_or_default();
        attributes.insert("plot".into(), plot);
        Ok(Dynamic::Object(attributes))
    }
}

/// What the town makes of a plan.
fn built(town: &Town, garden_id: GardenId, changes: u32, plan: GardenPlan) -> Garden {
    if let Some(key) = &plan.shed_key_wo {
        town.state().keys.push(key.expose().clone());
    }
    if let Some(code) = plan.gate.as_ref().and_then(|gate| gate.code_wo.as_ref()) {
        town.state().keys.push(code.expose().clone());
    }
    let mut next = 0;
    let mut number = |known: Planned<u32>| {
        next += 1;
        known.known().copied().unwrap_or(next)
    };
    let beds = plan
        .beds
        .map(|beds| beds.into_iter().map(|bed| Bed { plant: bed.plant, number: number(bed.number) }).collect());
    let ponds = plan.ponds.map(|ponds| {
        ponds
            .into_iter()
            .map(|(name, pond)| (name, Pond { depth: pond.depth, inspection: Inspection { passed: true } }))
            .collect()
    });
    Garden {
        garden_id,
        town: plan.town,
        plot: plan.plot,
        name: plan.name,
        style: plan.style,
        fence: plan.fence,
        gardener: plan.gardener.known().cloned().unwrap_or_else(|| "dwarf".into()),
        changes,
        remark: None,
        gate: plan.gate.map(|gate| Gate { code_wo: None, ..gate }),
        beds,
        trees: plan.trees,
        woods: plan.woods,
        ponds,
        labels: plan.labels,
        shed_key_wo: None,
        spare_key_wo: None,
        shed_key_wo_version: plan.shed_key_wo_version,
        notes: plan.notes,
    }
}

/// The provider for the town.
pub fn provider(town: &Arc<Town>) -> Provider<Arc<Town>> {
    let town = town.clone();
    Provider::new::<Settings, _>("sample/garden", move |config: SettingsConfig| {
        let town = town.clone();
        async move {
            let Some(settings) = config.known() else { return Ok(None) };
            if settings.owner == "nobody" {
                return Err(Error::new("No such owner").at(path!(owner)));
            }
            Ok(Some(town))
        }
    })
    .resource::<Garden>()
}
