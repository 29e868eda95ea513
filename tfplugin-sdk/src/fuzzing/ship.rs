//! The resource of the sample provider (`harbour`): one of each kind of attribute.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use tfplugin_sdk::{
    Context, Dynamic, Enum, ForeignState, Newtype, Number, Object, PlanEdit, Planned, Report, Resource, Result, Secret,
    Timeouts, Value, path,
};

/// A ship.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(
    name = "harbour_ship",
    version = 2,
    import = "{port}/{number}",
    identity(port, number),
    upgrade(1 = ShipV1),
    requires(code_wo_version, name)
)]
pub(crate) struct Ship {
    /// Its id.
    #[tf(computed, keep, prefix = "shp-")]
    id: String,
    /// Where it is at home.
    #[tf(replace)]
    port: String,
    /// Its number there.
    #[tf(replace)]
    number: u16,
    /// Its name.
    #[tf(length(1..=20))]
    name: Option<String>,
    /// Its flag.
    #[tf(default = Flag::White)]
    flag: Flag,
    /// Its captain.
    #[tf(optional, computed, keep)]
    captain: String,
    /// Its length.
    length: Option<f64>,
    /// Its weight, exactly.
    weight: Option<Number>,
    /// Whether it is at sea.
    at_sea: Option<bool>,
    /// Its mark, with or without zeros before it.
    mark: Option<Mark>,
    /// How long a watch is; with shorter ones it is another ship.
    #[tf(default = Duration::from_mins(1), replace_if = shorter)]
    watch: Duration,
    /// Where it answers.
    address: Option<IpAddr>,
    /// Cargo by kind.
    cargo: Option<BTreeMap<String, Number>>,
    /// Labels.
    #[tf(default = BTreeMap::new())]
    labels: BTreeMap<String, String>,
    /// Ports on its way.
    #[tf(unique, each(not_empty))]
    ports: Option<Vec<String>>,
    /// Languages spoken.
    languages: Option<BTreeSet<String>>,
    /// Anything.
    anything: Option<Dynamic>,
    /// The hull.
    hull: Option<Hull>,
    /// Masts from fore to aft.
    masts: Option<Vec<Mast>>,
    /// Who is on board.
    crew: Option<BTreeSet<Sailor>>,
    /// Cabins by name.
    cabins: Option<BTreeMap<String, Cabin>>,
    /// The anchor.
    #[tf(block)]
    anchor: Option<Anchor>,
    /// Boats.
    #[tf(block, length(..=3))]
    boat: Vec<Boat>,
    /// Buoys.
    #[tf(block)]
    buoy: BTreeSet<Buoy>,
    /// Decks by name.
    #[tf(block)]
    deck: BTreeMap<String, Deck>,
    /// The code of the safe.
    #[tf(write_only)]
    code_wo: Option<Secret<String>>,
    /// Version of the code.
    code_wo_version: Option<i64>,
    /// Times it was changed.
    #[tf(computed)]
    voyages: u32,
    /// A remark of the harbour.
    #[tf(computed, keep_non_null)]
    remark: Option<String>,
    /// What it shows, made from name and length.
    #[tf(computed, computed_when(name, length))]
    sign: String,
    /// How long operations may take.
    #[tf(timeouts(create = "5m"))]
    timeouts: Option<Timeouts>,
}

/// A ship as version 1 stored it.
#[derive(Clone, Debug, PartialEq, Object)]
#[tf(plan)]
struct ShipV1 {
    port: String,
    number: u16,
    masts: Option<Vec<Mast>>,
}

/// A flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum Flag {
    White,
    Red,
    #[tf(name = "none")]
    Absent,
}

/// A mark: leading zeros do not count.
#[derive(Clone, Debug, PartialEq, Eq, Newtype)]
#[tf(canonical = without_zeros)]
struct Mark(String);

fn without_zeros(mark: &str) -> String {
    mark.trim_start_matches('0').to_owned()
}

fn shorter(prior: &Duration, planned: &Value<Duration>) -> bool {
    planned.known().is_some_and(|planned| planned < prior)
}

/// A hull.
#[derive(Clone, Debug, PartialEq, Object)]
struct Hull {
    /// What it is made of.
    #[tf(default = "oak", replace)]
    material: String,
    /// Its colour; a secret.
    #[tf(sensitive)]
    colour: Option<String>,
    /// The key of the hatch.
    #[tf(write_only)]
    key_wo: Option<Secret<String>>,
}

/// A mast.
#[derive(Clone, Debug, PartialEq, Object)]
pub(super) struct Mast {
    /// Its height.
    #[tf(range(1..=99))]
    height: u8,
    /// Its sails.
    sails: Option<Vec<Sail>>,
    /// Its number, given by the harbour.
    #[tf(computed, keep)]
    number: u32,
}

/// A sail.
#[derive(Clone, Debug, PartialEq, Object)]
pub(super) struct Sail {
    /// Its area.
    area: Number,
}

/// Somebody on board.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub(super) struct Sailor {
    /// The name.
    pub(super) name: String,
    /// The rank.
    #[tf(default = 1)]
    rank: u8,
    /// What is worn in the ears.
    rings: Option<BTreeSet<String>>,
}

/// A cabin.
#[derive(Clone, Debug, PartialEq, Object)]
struct Cabin {
    /// Beds in it.
    beds: u8,
    /// What the inspector found.
    #[tf(computed)]
    inspection: Inspection,
}

/// An inspection.
#[derive(Clone, Debug, PartialEq, Object)]
struct Inspection {
    /// Whether it passed.
    passed: bool,
}

/// An anchor.
#[derive(Clone, Debug, PartialEq, Object)]
struct Anchor {
    /// Its weight.
    weight: Option<Number>,
    /// Its chain.
    #[tf(block)]
    chain: Option<Chain>,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Object)]
struct Chain {
    /// Its length.
    #[tf(default = 10)]
    length: u32,
}

/// A boat.
#[derive(Clone, Debug, PartialEq, Object)]
struct Boat {
    /// Seats in it.
    seats: Option<u8>,
    /// Its name, given by the harbour unless it is set.
    #[tf(optional, computed)]
    name: String,
}

/// A buoy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Buoy {
    /// Its colour.
    colour: Option<String>,
    /// Its number, given by the harbour.
    #[tf(computed)]
    number: u32,
}

/// A deck.
#[derive(Clone, Debug, PartialEq, Object)]
struct Deck {
    /// Planks in it.
    planks: Option<u64>,
}

/// What the harbour makes of a plan.
fn built(plan: ShipPlan, voyages: u32) -> Ship {
    let mast = |mast: MastPlan| Mast {
        height: mast.height,
        sails: mast.sails,
        number: mast.number.known().copied().unwrap_or(mast.height.into()),
    };
    let cabin = |cabin: CabinPlan| Cabin { beds: cabin.beds, inspection: Inspection { passed: cabin.beds < 9 } };
    let boat = |boat: BoatPlan| Boat { seats: boat.seats, name: boat.name.known().cloned().unwrap_or_default() };
    let buoy = |buoy: BuoyPlan| Buoy { colour: buoy.colour, number: buoy.number.known().copied().unwrap_or(7) };
    Ship {
        id: plan.id.known().cloned().unwrap_or_else(|| format!("shp-{}", plan.number)),
        sign: plan.sign.known().cloned().unwrap_or_else(|| format!("{:?} {:?}", plan.name, plan.length)),
        captain: plan.captain.known().cloned().unwrap_or_else(|| "ahab".to_owned()),
        remark: plan.remark.known().cloned().flatten(),
        masts: plan.masts.map(|masts| masts.into_iter().map(mast).collect()),
        cabins: plan.cabins.map(|cabins| cabins.into_iter().map(|(name, plan)| (name, cabin(plan))).collect()),
        boat: plan.boat.into_iter().map(boat).collect(),
        buoy: plan.buoy.into_iter().map(buoy).collect(),
        hull: plan.hull.map(|hull| Hull { key_wo: None, ..hull }),
        code_wo: None,
        voyages,
        port: plan.port,
        number: plan.number,
        name: plan.name,
        flag: plan.flag,
        length: plan.length,
        weight: plan.weight,
        at_sea: plan.at_sea,
        mark: plan.mark,
        watch: plan.watch,
        address: plan.address,
        cargo: plan.cargo,
        labels: plan.labels,
        ports: plan.ports,
        languages: plan.languages,
        anything: plan.anything,
        crew: plan.crew,
        anchor: plan.anchor,
        deck: plan.deck,
        code_wo_version: plan.code_wo_version,
        timeouts: plan.timeouts,
    }
}

impl Ship {
    /// Whether it has something that is never written into a configuration.
    pub(super) fn has_secrets(&self) -> bool {
        self.hull.as_ref().is_some_and(|hull| hull.colour.is_some())
    }

    /// A ship of which little is known.
    pub(super) fn found(port: String, number: u16, masts: Option<Vec<Mast>>) -> Self {
        Self {
            id: format!("shp-{number}"),
            port,
            number,
            name: None,
            flag: Flag::White,
            captain: "ahab".to_owned(),
            length: None,
            weight: None,
            at_sea: None,
            mark: None,
            watch: Duration::from_mins(1),
            address: None,
            cargo: None,
            labels: BTreeMap::new(),
            ports: None,
            languages: None,
            anything: None,
            hull: None,
            masts,
            crew: None,
            cabins: None,
            anchor: None,
            boat: Vec::new(),
            buoy: BTreeSet::new(),
            deck: BTreeMap::new(),
            code_wo: None,
            code_wo_version: None,
            voyages: 0,
            remark: None,
            sign: String::new(),
            timeouts: None,
        }
    }
}

impl From<ShipV1> for Ship {
    fn from(old: ShipV1) -> Self {
        Self::found(old.port, old.number, old.masts)
    }
}

impl Resource for Ship {
    type Api = ();

    async fn create(cx: &mut Context<'_, Self>, plan: ShipPlan) -> Result<Self> {
        let id = format!("shp-{}", plan.number);
        cx.checkpoint(|state| state.id = Planned::Known(id));
        cx.private_mut().set("built", "here");
        Ok(built(plan, 0))
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(_: &mut Context<'_, Self>, state: Self, plan: ShipPlan) -> Result<Self> {
        Ok(built(plan, state.voyages.saturating_add(1)))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    fn validate(config: &ShipConfig, report: &mut Report) {
        if config.at_sea == Value::Known(true) && config.anchor.known().is_some() {
            report.warning(path!(Self: anchor), "The anchor is useless at sea", "");
        }
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.is_create() && plan.config.captain.is_null() && plan.config.at_sea == Value::Known(false) {
            plan.planned.captain = Value::Known("nobody".to_owned());
        }
        Ok(())
    }

    async fn import(_: &mut Context<'_, Self>, id: ShipImport) -> Result<Option<Self>> {
        Ok(Some(Self::found(id.port, id.number, None)))
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        if !source.is("sample/river", "river_boat") {
            return Ok(None);
        }
        source.decode::<ShipV1>().map(|old| Some(old.into()))
    }
}
