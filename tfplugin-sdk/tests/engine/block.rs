//! Nested blocks: written by users as blocks, never null where they are collections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tfplugin_sdk::testing::terraform::{absent, apply, null, set, unknown, validate};
use tfplugin_sdk::testing::{Action, Core, Instance, recorded};
use tfplugin_sdk::{Context, Object, Planned, Provider, ProviderConfig, Resource, Result, Value, path};

use crate::garden::{Town, provider as gardens};
use crate::lines;
use crate::real_terraform::under_terraform;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A house with storeys.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_house", version = 1)]
pub struct House {
    /// Its name.
    pub name: String,
    /// Its roof.
    #[tf(block)]
    pub roof: Option<Roof>,
    /// Its storeys, from below.
    #[tf(block, length(..=3))]
    pub storey: Vec<Storey>,
    /// Its doors.
    #[tf(block)]
    pub door: BTreeSet<Door>,
    /// Its lodgers by name.
    #[tf(block)]
    pub lodger: BTreeMap<String, Lodger>,
}

/// A roof.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Roof {
    /// What it is made of.
    #[tf(default = "slate", replace)]
    pub material: String,
}

/// A storey.
#[derive(Clone, Debug, PartialEq, Object)]
#[tf(plan)]
pub struct Storey {
    /// Its height.
    #[tf(range(1..=9))]
    pub height: u8,
    /// Its number.
    #[tf(computed, keep)]
    pub number: u32,
    /// Its windows.
    #[tf(block)]
    pub window: Vec<Window>,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Window {
    /// Where it looks.
    pub view: String,
}

/// A door.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub struct Door {
    /// Its colour.
    pub colour: String,
    /// Its width.
    #[tf(default = 1)]
    pub width: u8,
}

/// A lodger.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Lodger {
    /// What is paid.
    pub rent: Option<u32>,
}

impl Resource for House {
    type Api = Arc<Town>;

    async fn create(_: &mut Context<'_, Self>, plan: HousePlan) -> Result<Self> {
        let HousePlan { name, roof, storey, door, lodger } = plan;
        let built = |(at, storey): (usize, StoreyPlan)| {
            let number = match storey.number {
                Planned::Known(number) => number,
                Planned::Unknown => u32::try_from(at)? + 1,
            };
            Ok(Storey { height: storey.height, number, window: storey.window })
        };
        let storey = storey.into_iter().enumerate().map(built).collect::<Result<_>>()?;
        Ok(Self { name, roof, storey, door, lodger })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: HousePlan) -> Result<Self> {
        Self::create(cx, plan).await
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

async fn house() -> Instance<House> {
    let provider = Provider::new::<Nothing, _>("sample/houses", |_: NothingConfig| async { Ok(Some(Arc::default())) });
    Core::start::<_, Nothing>(provider.resource::<House>(), &NothingConfig {}).await.unwrap().resource()
}

fn known<T>(value: T) -> Value<T> {
    Value::Known(value)
}

fn storey(height: u8, views: &[&str]) -> Value<StoreyConfig> {
    let window = |view: &&str| known(WindowConfig { view: known((*view).to_owned()) });
    known(StoreyConfig {
        height: known(height),
        window: known(views.iter().map(window).collect()),
        ..StoreyConfig::default()
    })
}

fn named(name: &str) -> HouseConfig {
    HouseConfig { name: known(name.to_owned()), ..HouseConfig::default() }
}

#[tokio::test]
async fn without_blocks_collections_are_empty_and_a_single_one_is_null() {
    let mut house = house().await;
    house.apply(&named("a")).await.unwrap();
    let expected =
        House { name: "a".into(), roof: None, storey: Vec::new(), door: BTreeSet::new(), lodger: BTreeMap::new() };
    assert_eq!(house.state(), Some(expected));
}

#[tokio::test]
async fn blocks_of_every_nesting_are_planned_applied_and_changed() {
    let mut house = house().await;
    let door = |colour: &str| known(DoorConfig { colour: known(colour.to_owned()), ..DoorConfig::default() });
    let lodger = |rent| known(LodgerConfig { rent: known(rent) });
    let config = HouseConfig {
        roof: known(RoofConfig::default()),
        storey: known(vec![storey(3, &["sea", "hill"]), storey(2, &[])]),
        door: known(vec![door("red"), door("green")]),
        lodger: known(BTreeMap::from([("ann".to_owned(), lodger(7))])),
        ..named("a")
    };
    house.apply(&config).await.unwrap();
    let built = house.state().unwrap();
    assert_eq!(built.roof, Some(Roof { material: "slate".into() }));
    assert_eq!(built.storey.iter().map(|storey| (storey.height, storey.number)).collect::<Vec<_>>(), [(3, 1), (2, 2)]);
    assert_eq!(built.storey[0].window.len(), 2);
    assert_eq!(built.door.len(), 2);

    let higher = HouseConfig { storey: known(vec![storey(4, &["sea"]), storey(2, &[])]), ..config.clone() };
    assert_eq!(house.apply(&higher).await.unwrap().action, Action::Update);
    assert_eq!(house.state().unwrap().storey[0].number, 1, "what is kept is kept inside blocks");
    let thatched = RoofConfig { material: known("thatch".to_owned()) };
    let plan = house.plan(&HouseConfig { roof: known(thatched), ..higher }).await.unwrap();
    assert_eq!((plan.action, plan.replace[0].to_string().as_str()), (Action::Replace, "roof.material"));
}

#[tokio::test]
async fn rules_hold_inside_blocks_and_for_their_number() {
    let house = house().await;
    let config = HouseConfig { storey: known(vec![storey(0, &[]); 4]), ..named("a") };
    let found = lines(&house.validate(&config)).join("\n");
    assert!(found.contains("`storey` must have at most 3 elements; a list of 4 elements was given."), "{found}");
    assert!(found.contains("`storey[3].height` must be a whole number from 1 to 9; 0 was given."), "{found}");
}

#[tokio::test]
async fn a_stored_state_without_a_block_that_is_new_has_none_of_them() {
    let mut house = house().await;
    house.upgrade(1, recorded(r#"{"name":"a","roof":null,"door":null}"#)).unwrap();
    assert_eq!(*house.stored().attribute("door"), tfplugin_sdk::Dynamic::Set(Vec::new()));
    assert_eq!(house.plan(&named("a")).await.unwrap().action, Action::NoOp);
    assert_eq!(house.generate_config().unwrap().storey, known(Vec::new()));
}

#[tokio::test]
async fn terraform_takes_blocks_of_every_nesting() {
    let house = |height: u8| {
        format!(
            "resource \"terraform_data\" \"later\" {{ input = \"hill\" }}\n\
             resource \"sample_house\" \"h\" {{\n  name = \"a\"\n  roof {{}}\n  storey {{\n    height = {height}\n    \
             window {{ view = \"sea\" }}\n    window {{ view = terraform_data.later.output }}\n  }}\n  \
             storey {{ height = 2 }}\n  door {{ colour = \"red\" }}\n  door {{ colour = \"green\" }}\n  \
             lodger \"ann\" {{ rent = 7 }}\n  dynamic \"door\" {{\n    for_each = [terraform_data.later.output]\n    \
             content {{ colour = door.value }}\n  }}\n}}\n"
        )
    };
    let door = |colour: &str| recorded(&format!("{{\"colour\":\"{colour}\",\"width\":1}}"));
    under_terraform(gardens(&Arc::default()).resource::<House>())
        .steps([
            apply(house(3))
                .planned("sample_house.h", path!(storey[0].number), unknown())
                .planned("sample_house.h", path!(storey[0].window[1].view), unknown())
                .state("sample_house.h", path!(storey[0].window[1].view), "hill")
                .state("sample_house.h", path!(storey[2]), absent())
                .state("sample_house.h", path!(door), set([door("red"), door("hill"), door("green")]))
                .state("sample_house.h", path!(lodger["ann"].rent), 7),
            apply(house(4)).plans("sample_house.h", Action::Update).plans_nothing_else(),
            apply("resource \"sample_house\" \"h\" { name = \"a\" }\n")
                .plans("sample_house.h", Action::Replace)
                .because(path!(roof.material))
                .state("sample_house.h", path!(roof), null())
                .state("sample_house.h", path!(storey), recorded("[]")),
            validate(house(0))
                .fails("`storey[0].height` must be a whole number from 1 to 9; 0 was given.")
                .at("sample_house.h", path!(storey[0].height)),
        ])
        .await;
}
