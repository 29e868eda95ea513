//! What a plan says of values that are not known yet, and what happens when it does not come true: each kind of promise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{
    Context, Number, PlanEdit, Planned, Provider, ProviderConfig, Refinements, Resource, Result, Value,
};

use crate::garden::Town;
use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// An oracle that promises one thing and says another.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_oracle")]
pub struct Oracle {
    /// What it breaks, if anything.
    pub breaks: Option<String>,
    /// A text.
    #[tf(computed)]
    pub text: Option<String>,
    /// A text that there will not be.
    #[tf(computed)]
    pub silence: Option<String>,
    /// A number from 3 to 9.
    #[tf(computed)]
    pub number: Option<f64>,
    /// A number between 0 and 1.
    #[tf(computed)]
    pub fraction: Option<f64>,
    /// One or two texts.
    #[tf(computed)]
    pub list: Option<Vec<String>>,
    /// One or two texts.
    #[tf(computed)]
    pub set: Option<BTreeSet<String>>,
    /// One or two texts.
    #[tf(computed)]
    pub map: Option<BTreeMap<String, String>>,
}

impl Resource for Oracle {
    type Api = Arc<Town>;

    async fn create(_: &mut Context<'_, Self>, plan: OraclePlan) -> Result<Self> {
        let breaks = plan.breaks.as_deref().unwrap_or_default();
        let as_many = |few: &str, many: &str| match breaks {
            broken if broken == few => 0..0,
            broken if broken == many => 0..3,
            _ => 0..2,
        };
        let texts = |range: std::ops::Range<u8>| range.map(|at| format!("t{at}"));
        let number = match breaks {
            "number: low" => 2.5,
            "number: high" => 9.5,
            _ => 9.0,
        };
        let fraction = match breaks {
            "fraction: low" => 0.0,
            "fraction: high" => 1.0,
            _ => 0.5,
        };
        Ok(Self {
            text: match breaks {
                "text: null" => None,
                "text: prefix" => Some("no-1".into()),
                _ => Some("or-1".into()),
            },
            silence: (breaks == "silence").then(|| "words".into()),
            number: Some(number),
            fraction: Some(fraction),
            list: Some(texts(as_many("list: few", "list: many")).collect()),
            set: Some(texts(as_many("set: few", "set: many")).collect()),
            map: Some(texts(as_many("map: few", "map: many")).map(|text| (text.clone(), text)).collect()),
            breaks: plan.breaks,
        })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: OraclePlan) -> Result<Self> {
        assert!(matches!(plan.text, Planned::Unknown), "{state:?}");
        Self::create(cx, plan).await
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if plan.is_destroy() || !plan.planned.text.is_unknown() {
            return Ok(());
        }
        let none = Refinements::none;
        let bounds = |low: u8, high: u8, may_equal: bool| Refinements {
            lower: Some((Number::from(low), may_equal)),
            upper: Some((Number::from(high), may_equal)),
            ..none()
        };
        let one_or_two = || Refinements { min_length: Some(1), max_length: Some(2), ..none() };
        let planned = &mut plan.planned;
        planned.text = Value::Unknown(Refinements { prefix: Some("or-".into()), ..Refinements::not_null() });
        planned.silence = Value::Unknown(Refinements { not_null: Some(false), ..none() });
        planned.number = Value::Unknown(bounds(3, 9, true));
        planned.fraction = Value::Unknown(bounds(0, 1, false));
        planned.list = Value::Unknown(one_or_two());
        planned.set = Value::Unknown(one_or_two());
        planned.map = Value::Unknown(one_or_two());
        Ok(())
    }
}

async fn oracle() -> Instance<Oracle> {
    let provider = Provider::new::<Nothing, _>("sample/oracles", |_: NothingConfig| async { Ok(Some(Arc::default())) });
    Core::start::<_, Nothing>(provider.resource::<Oracle>(), &NothingConfig {}).await.unwrap().resource()
}

fn breaking(promise: &str) -> OracleConfig {
    OracleConfig { breaks: Value::Known(promise.into()), ..OracleConfig::default() }
}

#[tokio::test]
async fn promises_that_are_kept_are_no_trouble() {
    oracle().await.apply(&OracleConfig::default()).await.unwrap();
}

#[tokio::test]
async fn every_promise_that_is_broken_is_named_with_what_came_instead() {
    for (promise, expected) in [
        ("text: null", "`text` must not be null, as planned."),
        ("text: prefix", "`text` must start with \"or-\", as planned, and is \"no-1\"."),
        ("silence", "`silence` must be null, as planned, and is \"words\"."),
        ("number: low", "`number` must be at least 3, as planned, and is 2.5."),
        ("number: high", "`number` must be at most 9, as planned, and is 9.5."),
        ("fraction: low", "`fraction` must be more than 0, as planned, and is 0."),
        ("fraction: high", "`fraction` must be less than 1, as planned, and is 1."),
        ("list: few", "`list` must have at least 1 element, as planned, and has 0."),
        ("list: many", "`list` must have at most 2 elements, as planned, and has 3."),
        ("set: few", "`set` must have at least 1 element, as planned, and has 0."),
        ("set: many", "`set` must have at most 2 elements, as planned, and has 3."),
        ("map: few", "`map` must have at least 1 element, as planned, and has 0."),
        ("map: many", "`map` must have at most 2 elements, as planned, and has 3."),
    ] {
        let report = oracle().await.apply(&breaking(promise)).await.unwrap_err();
        let said = lines(&report).join("\n");
        assert!(said.ends_with(&format!("after apply, {expected}")), "{promise}: {said}");
    }
}
