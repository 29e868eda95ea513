//! Replacements as core makes them: what is asked a second time, with what, and which paths count.

use std::sync::Arc;

use tfplugin_sdk::testing::{Action, Core, Instance};
use tfplugin_sdk::{Context, Error, PlanEdit, Planned, Resource, Result, Value, path};

use crate::bare_terraform::BareTerraform;
use crate::garden::{Settings, SettingsConfig, Town, provider};
use crate::lines;

/// A buoy that writes down what plans and changes saw.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_buoy", identity(number))]
pub struct Buoy {
    /// Its number.
    #[tf(computed, keep)]
    pub number: u32,
    /// Where it floats.
    #[tf(replace)]
    pub place: String,
    /// Its colour.
    pub colour: Option<String>,
    /// Its lamp.
    pub lamp: Option<Lamp>,
}

/// A lamp on a buoy.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct Lamp {
    /// How bright it is.
    pub watts: u16,
}

fn see(town: &Town, what: &str, private: Option<&str>) {
    town.state().keys.push(format!("{what} {}", private.unwrap_or("-")));
}

fn noted(private: Option<&str>, what: &str) -> String {
    format!("{}{what}", private.unwrap_or_default())
}

impl Resource for Buoy {
    type Api = Arc<Town>;

    async fn create(cx: &mut Context<'_, Self>, plan: BuoyPlan) -> Result<Self> {
        let town = cx.api();
        see(town, "create", cx.private().text("notes"));
        let note = noted(cx.private().text("notes"), "c");
        cx.private_mut().set("notes", note);
        let number = {
            let mut state = town.state();
            state.next += 1;
            state.next
        };
        cx.checkpoint(|state| state.number = Planned::Known(number));
        if plan.colour.as_deref() == Some("leaky") {
            return Err(Error::new("It sinks"));
        }
        Ok(Self { number, place: plan.place, colour: plan.colour, lamp: plan.lamp })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: BuoyPlan) -> Result<Self> {
        see(cx.api(), "update", cx.private().text("notes"));
        Ok(Self { colour: plan.colour, lamp: plan.lamp, ..state })
    }

    async fn delete(cx: &mut Context<'_, Self>, _: Self) -> Result<()> {
        see(cx.api(), "delete", cx.private().text("notes"));
        Ok(())
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        let Some(town) = plan.api else { return Ok(()) };
        let what = match (plan.is_destroy(), plan.prior.is_some()) {
            (true, _) => "plan destroy",
            (false, true) => "plan update",
            (false, false) => "plan create",
        };
        see(town, what, plan.private.text("notes"));
        plan.warn(path!(place), what, "");
        let note = noted(plan.private.text("notes"), "p");
        plan.private.set("notes", note);
        match plan.config.colour.known().map(String::as_str) {
            Some("careful") => plan.replace(path!(place)),
            Some("dark") => plan.replace(path!(lamp.watts)),
            Some("bent") => plan.replace(path!(mast)),
            _ => {}
        }
        Ok(())
    }
}

async fn buoy(town: &Arc<Town>) -> Instance<Buoy> {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Null };
    Core::start::<_, Settings>(provider(town).resource::<Buoy>(), &settings).await.unwrap().resource()
}

/// What was seen since the last time.
fn seen(town: &Town) -> Vec<String> {
    std::mem::take(&mut town.state().keys)
}

fn at(place: &str) -> BuoyConfig {
    BuoyConfig { place: Value::Known(place.into()), ..BuoyConfig::default() }
}

fn of_colour(colour: &str) -> BuoyConfig {
    BuoyConfig { colour: Value::Known(colour.into()), ..at("bay") }
}

#[tokio::test]
async fn a_replacement_is_planned_a_second_time_from_nothing_but_what_the_first_plan_left() {
    let town = Arc::default();
    let mut buoy = buoy(&town).await;
    buoy.apply(&at("bay")).await.unwrap();
    assert_eq!(seen(&town), ["plan create -", "plan create -", "create p", "plan update pc"]);
    let plan = buoy.apply(&at("reef")).await.unwrap();
    assert_eq!((plan.action, &plan.replace[..]), (Action::Replace, &[path!(place)][..]));
    let expected = ["plan update pc", "plan create pcp", "delete pcpp", "plan create -", "create p", "plan update pc"];
    assert_eq!(seen(&town), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_terraform_asks_the_same_in_the_same_order() {
    let (here, there) = (Arc::new(Town::default()), Arc::new(Town::default()));
    let terraform = BareTerraform::with(provider(&there).resource::<Buoy>()).await;
    let mut buoy = buoy(&here).await;
    let steps = [
        ("place = \"bay\"", at("bay")),
        ("place = \"bay\"\n  colour = \"red\"", of_colour("red")),
        ("place = \"bay\"\n  colour = \"red\"", of_colour("red")),
        ("place = \"bay\"\n  colour = \"careful\"", of_colour("careful")),
        ("place = \"reef\"", at("reef")),
        ("place = \"bay\"\n  colour = \"leaky\"", of_colour("leaky")),
        ("place = \"bay\"", at("bay")),
    ];
    for (written, config) in steps {
        let resource = format!("resource \"sample_buoy\" \"a\" {{\n  {written}\n}}\n");
        let (code, text) = terraform.run(&resource, &["apply", "-auto-approve", "-refresh=false"]).await;
        let applied = buoy.apply(&config).await;
        assert_eq!(applied.is_ok(), code == 0, "{written}: {text}");
        let mut asked = seen(&here);
        if applied.is_ok_and(|plan| plan.action != Action::NoOp) {
            // The miniature looks once more, whether there is anything left to do.
            assert!(asked.pop().is_some_and(|last| last.starts_with("plan update")), "{asked:?}");
        }
        assert_eq!(asked, seen(&there), "{written}\n{text}");
    }
    let (code, text) = terraform.run("", &["destroy", "-auto-approve", "-refresh=false"]).await;
    assert_eq!(code, 0, "{text}");
    buoy.destroy().await.unwrap();
    let asked = seen(&there);
    assert_eq!((seen(&here), asked.len()), (asked, 2), "{text}");
}

#[tokio::test]
async fn warnings_of_the_second_plan_are_dropped() {
    let mut buoy = buoy(&Arc::default()).await;
    buoy.apply(&at("bay")).await.unwrap();
    assert_eq!(lines(&buoy.plan(&at("reef")).await.unwrap().report), ["place: plan update: "]);
}

#[tokio::test]
async fn the_new_object_has_an_identity_of_its_own() {
    let mut buoy = buoy(&Arc::default()).await;
    buoy.apply(&at("bay")).await.unwrap();
    assert_eq!(buoy.identity(), Some(BuoyIdentity { number: 1 }));
    buoy.apply(&at("reef")).await.unwrap();
    assert_eq!(buoy.identity(), Some(BuoyIdentity { number: 2 }));
}

#[tokio::test]
async fn a_path_whose_value_does_not_change_replaces_nothing() {
    let mut buoy = buoy(&Arc::default()).await;
    buoy.apply(&at("bay")).await.unwrap();
    let plan = buoy.apply(&of_colour("careful")).await.unwrap();
    assert_eq!((plan.action, plan.replace), (Action::Update, Vec::new()));
    let lit = BuoyConfig { lamp: Value::Known(LampConfig { watts: Value::Known(5) }), ..of_colour("dark") };
    assert_eq!(buoy.plan(&lit).await.unwrap().replace, [path!(lamp.watts)], "from nothing to something is a change");
}

#[tokio::test]
#[should_panic(
    expected = "Provider produced invalid plan:\n  sample_buoy.mast is to replace the resource, and is neither"
)]
async fn a_path_that_there_is_not_is_refused() {
    let mut buoy = buoy(&Arc::default()).await;
    buoy.apply(&at("bay")).await.unwrap();
    let _ = buoy.plan(&of_colour("bent")).await;
}

#[tokio::test]
#[should_panic(expected = "sample_buoy.lamp.watts is to replace the resource, and is neither in its state nor")]
async fn a_path_inside_what_is_null_before_and_after_is_refused() {
    let mut buoy = buoy(&Arc::default()).await;
    buoy.apply(&at("bay")).await.unwrap();
    let _ = buoy.plan(&of_colour("dark")).await;
}
