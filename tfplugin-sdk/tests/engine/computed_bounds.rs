//! What a plan says of values it does not know yet, and that it is held to it.

use std::sync::Arc;

use tfplugin_sdk::testing::terraform::{apply, unknown};
use tfplugin_sdk::testing::{Action, Core, Instance};
use tfplugin_sdk::{Context, Dynamic, Enum, Refinements, Resource, Result, Value, path};

use crate::garden::{Settings, SettingsConfig, Town, provider};
use crate::lines;
use crate::real_terraform::under_terraform;

/// A bus route.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_route")]
pub struct Route {
    /// Its name.
    #[tf(computed, keep, prefix = "route-")]
    pub name: String,
    /// Its number.
    #[tf(computed, range(1..=999))]
    pub number: u16,
    /// Where it stops.
    #[tf(computed, length(2..))]
    pub stops: Vec<String>,
    /// What differs from what was said before.
    pub lie: Option<Lie>,
}

/// What a plan promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Lie {
    Name,
    Number,
    Stops,
}

impl Resource for Route {
    type Api = Arc<Town>;

    async fn create(_: &mut Context<'_, Self>, plan: RoutePlan) -> Result<Self> {
        let lies = |about| plan.lie == Some(about);
        let name = if lies(Lie::Name) { "bus-7" } else { "route-7" };
        let number = if lies(Lie::Number) { 1_000 } else { 7 };
        let stops = if lies(Lie::Stops) { &["dock"][..] } else { &["dock", "mill"] };
        let stops = stops.iter().map(|&stop| stop.to_owned()).collect();
        Ok(Self { name: name.to_owned(), number, stops, lie: plan.lie })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

async fn route() -> Instance<Route> {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Null };
    let provider = provider(&Arc::default()).resource::<Route>();
    Core::start::<_, Settings>(provider, &settings).await.unwrap().resource()
}

fn lying(lie: Option<Lie>) -> RouteConfig {
    RouteConfig { lie: lie.map_or(Value::Null, Value::Known), ..RouteConfig::default() }
}

#[tokio::test]
async fn a_plan_says_what_is_known_of_what_is_not() {
    let plan = route().await.plan(&lying(None)).await.unwrap();
    let promised = |name: &str| match plan.planned.attribute(name) {
        Dynamic::Unknown(refinements) => refinements.clone(),
        other => panic!("{name} is {other:?}"),
    };
    let not_null = Refinements::not_null();
    assert_eq!(promised("name"), Refinements { prefix: Some("route-".into()), ..not_null.clone() });
    let bounds = (Some((1.into(), true)), Some((999.into(), true)));
    assert_eq!((promised("number").lower, promised("number").upper), bounds);
    assert_eq!(promised("stops"), Refinements { min_length: Some(2), ..not_null });
}

#[tokio::test]
async fn a_broken_promise_is_named_before_terraform_sees_it() {
    for (lie, expected) in [
        (Lie::Name, "`name` must start with \"route-\", as planned, and is \"bus-7\""),
        (Lie::Number, "`number` must be at most 999, as planned, and is 1000"),
        (Lie::Stops, "`stops` must have at least 2 elements, as planned, and has 1"),
    ] {
        let found = lines(&route().await.apply(&lying(Some(lie))).await.unwrap_err());
        assert!(found[0].contains(expected), "{found:?}");
    }
    route().await.apply(&lying(None)).await.unwrap();
}

#[tokio::test]
async fn terraform_decides_by_promises_while_planning() {
    let resources = "resource \"sample_route\" \"a\" {}\n\
         resource \"terraform_data\" \"stops\" { count = length(sample_route.a.stops) > 1 ? 1 : 0 }\n\
         resource \"terraform_data\" \"number\" { count = sample_route.a.number < 1000 ? 1 : 0 }\n\
         resource \"terraform_data\" \"name\" { count = startswith(sample_route.a.name, \"route-\") ? 1 : 0 }\n";
    under_terraform(provider(&Arc::default()).resource::<Route>())
        .step(
            apply(resources)
                .plans("sample_route.a", Action::Create)
                .planned("sample_route.a", path!(stops), unknown())
                .plans("terraform_data.stops[0]", Action::Create)
                .plans("terraform_data.number[0]", Action::Create)
                .plans("terraform_data.name[0]", Action::Create)
                .plans_nothing_else(),
        )
        .await;
}
