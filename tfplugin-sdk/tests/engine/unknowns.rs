//! Unknown values, one at a time: a provider that takes them as they come, and the ways in which one does not.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{
    Context, Object, PlanEdit, Planned, Provider, ProviderConfig, Report, Resource, Result, Secret, Value, path,
};

use crate::core as sample_core;
use crate::garden::{Garden, GardenConfig, Town};
use crate::smallest;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A kite.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_kite")]
pub struct Kite {
    /// Its name.
    pub name: Option<String>,
    /// Its tail.
    pub tail: Option<Tail>,
    /// Lengths of its lines.
    pub lines: Option<Vec<u16>>,
    /// What is painted on it.
    pub signs: Option<BTreeSet<Sign>>,
    /// Its bridles.
    #[tf(block)]
    pub bridle: Vec<Bridle>,
    /// Who flies it.
    #[tf(replace)]
    pub pilot: Option<String>,
    /// How it is found.
    #[tf(computed)]
    pub label: String,
}

/// A tail.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Tail {
    /// Its length.
    pub length: u16,
    /// Its ribbons by colour.
    pub ribbons: Option<BTreeMap<String, u16>>,
}

/// A sign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
pub struct Sign {
    /// What it shows.
    pub picture: String,
    /// Its size.
    #[tf(default = 1)]
    pub size: u8,
}

/// A bridle.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Bridle {
    /// Its knots.
    pub knots: Option<u8>,
}

/// How a provider can fail to think of values that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blindness {
    /// What is not known it takes for missing.
    TakesUnknownForMissing,
    /// It panics.
    Unwraps,
    /// It decides a value from one that may still change.
    DecidesEarly,
    /// It looks only at the length of a list.
    CountsTheList,
    /// It cannot tell a member of a set.
    WantsPictures,
    /// It needs to know how many blocks there are.
    WantsBridles,
}

impl Resource for Kite {
    type Api = Option<Blindness>;

    async fn create(_: &mut Context<'_, Self>, plan: KitePlan) -> Result<Self> {
        let label = match plan.label {
            Planned::Known(label) => label,
            Planned::Unknown => plan.name.clone().unwrap_or_else(|| "nameless".into()),
        };
        let KitePlan { name, tail, lines, signs, bridle, pilot, .. } = plan;
        Ok(Self { name, tail, lines, signs, bridle, pilot, label })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: KitePlan) -> Result<Self> {
        Self::create(cx, plan).await
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    fn validate(config: &KiteConfig, report: &mut Report) {
        if config.pilot.known().is_some_and(|pilot| pilot == "strict") && config.name.known().is_none() {
            report.error(path!(name), "No name", "A strict pilot wants a name.");
        }
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        let (Some(blindness), false) = (plan.api.copied().flatten(), plan.is_destroy()) else { return Ok(()) };
        match blindness {
            Blindness::Unwraps => {
                let tail = plan.config.tail.known().expect("a tail");
                assert!(!tail.length.is_unknown(), "a length");
            }
            Blindness::DecidesEarly if plan.planned.label.is_unknown() => {
                let name = plan.config.name.known().cloned();
                plan.planned.label = Value::Known(name.unwrap_or_else(|| "nameless".into()));
            }
            Blindness::CountsTheList => {
                let lines = plan.config.lines.known().map(Vec::as_slice).unwrap_or_default();
                let total: u16 = lines.iter().map(|line| *line.known().expect("a line has a length")).sum();
                assert!(total > 0, "a line is not nothing");
            }
            Blindness::WantsPictures => {
                for sign in plan.config.signs.known().into_iter().flatten() {
                    let sign = sign.known().expect("a sign");
                    assert!(sign.picture.known().is_some(), "a picture");
                }
            }
            Blindness::WantsBridles => assert!(plan.config.bridle.known().is_some(), "bridles"),
            Blindness::DecidesEarly | Blindness::TakesUnknownForMissing => {}
        }
        Ok(())
    }
}

async fn core(blindness: Option<Blindness>) -> Core {
    let provider =
        Provider::new::<Nothing, _>("sample/kites", move |_: NothingConfig| async move { Ok(Some(blindness)) });
    Core::start::<_, Nothing>(provider.resource::<Kite>(), &NothingConfig {}).await.unwrap()
}

fn known<T>(value: T) -> Value<T> {
    Value::Known(value)
}

fn kite() -> KiteConfig {
    let sign = |picture: &str| known(SignConfig { picture: known(picture.into()), size: Value::Null });
    KiteConfig {
        name: known("dragon".into()),
        tail: known(TailConfig { length: known(3), ribbons: known(BTreeMap::from([("red".into(), known(2))])) }),
        lines: known(vec![known(30), known(40)]),
        signs: known(vec![sign("eye"), sign("mouth")]),
        bridle: known(vec![known(BridleConfig { knots: known(2) })]),
        pilot: known("ann".into()),
        ..KiteConfig::default()
    }
}

/// What is found of a provider that does not think of them.
fn found(blindness: Blindness, config: &KiteConfig) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let run = || runtime.block_on(async { core(Some(blindness)).await.unknowns::<Kite>(config).await });
    let panic = std::panic::catch_unwind(AssertUnwindSafe(run)).expect_err("it does not think of them");
    panic.downcast_ref::<String>().unwrap().clone()
}

/// The places that are named.
fn places(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(": it cannot be "))
        .map(|(place, _)| place)
        .collect()
}

#[tokio::test]
async fn a_provider_that_takes_them_as_they_come_passes() {
    core(None).await.unknowns::<Kite>(&kite()).await;
    core(None).await.unknowns::<Kite>(&KiteConfig::default()).await;
}

#[tokio::test]
async fn the_sample_provider_passes_with_everything_it_has() {
    let town = Arc::new(Town::default());
    let full = GardenConfig { shed_key_wo: known(Secret::new("sesame".into())), ..crate::plan::full() };
    sample_core(&town).await.unknowns::<Garden>(&full).await;
    sample_core(&town).await.unknowns::<Garden>(&smallest()).await;
    assert!(town.state().gardens.is_empty(), "nothing is left");
}

#[test]
fn a_rule_that_takes_unknown_for_missing_is_found() {
    let strict = KiteConfig { pilot: known("strict".into()), ..kite() };
    let text = found(Blindness::TakesUnknownForMissing, &strict);
    assert_eq!(
        text,
        "a sample_kite of which is not known while planning:\n  name: it cannot be created: name: No name: A strict \
         pilot wants a name."
    );
}

#[test]
fn a_panic_is_found_at_everything_that_causes_it() {
    let text = found(Blindness::Unwraps, &kite());
    assert_eq!(places(&text), ["tail.length", "tail"]);
    assert!(text.contains("it cannot be created: The provider panicked: "), "{text}");
}

#[test]
fn a_value_that_is_decided_too_early_is_found() {
    let text = found(Blindness::DecidesEarly, &kite());
    let expected = "  name: it cannot be created: Provider produced inconsistent final plan:\n  sample_kite.label must be \
                    \"nameless\", as planned, and is \"dragon\"";
    assert!(text.contains(expected), "{text}");
    assert_eq!(places(&text), ["name"]);
}

#[test]
fn elements_of_lists_members_of_sets_and_blocks_are_tried_too() {
    assert_eq!(places(&found(Blindness::CountsTheList, &kite())), ["lines[0]", "lines[1]", "lines"]);
    let expected = ["signs, member 1.picture", "signs, member 1", "signs, member 2.picture", "signs, member 2"];
    assert_eq!(places(&found(Blindness::WantsPictures, &kite())), expected);
    assert_eq!(places(&found(Blindness::WantsBridles, &kite())), ["bridle"]);
}
