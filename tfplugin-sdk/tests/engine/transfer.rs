//! States on their way in and out: typed upgrades step by step, moves from other types, generated configuration.

use std::sync::Arc;

use tfplugin_sdk::testing::terraform::apply;
use tfplugin_sdk::testing::{Action, Core, Instance, Stored, recorded};
use tfplugin_sdk::{
    Context, Dynamic, Error, ForeignState, Object, Provider, ProviderConfig, Resource, Result, Secret, Type, Value,
};

use crate::bare_terraform::BareTerraform;
use crate::garden::{GardenConfig, Town, provider as gardens};
use crate::lines;
use crate::real_terraform::under_terraform;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A lamp in the street.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_lamp", version = 2, upgrade(0 = LampV0, 1 = LampV1), identity(place))]
pub struct Lamp {
    /// Where it stands.
    #[tf(replace)]
    pub place: String,
    /// How bright it is.
    #[tf(default = 40)]
    pub watts: u16,
    /// Its colour.
    #[tf(optional, computed)]
    pub colour: String,
    /// Its serial number.
    #[tf(computed)]
    pub serial: Option<String>,
    /// What opens it.
    pub key: Option<Secret<String>>,
    /// Its bulbs.
    pub bulbs: Option<Vec<Bulb>>,
}

/// A bulb.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Bulb {
    /// Its maker.
    pub maker: String,
    /// Hours it has burnt.
    #[tf(computed)]
    pub hours: u32,
}

/// A lamp of version 0: the power is a text.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct LampV0 {
    place: String,
    power: String,
}

/// A lamp of version 1.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct LampV1 {
    place: String,
    power: u16,
}

impl TryFrom<LampV0> for LampV1 {
    type Error = Error;

    fn try_from(old: LampV0) -> Result<Self> {
        let power = old.power.trim_end_matches('W').parse();
        let power = power.map_err(|_| Error::new("The power of this lamp was never a number"))?;
        Ok(Self { place: old.place, power })
    }
}

impl From<LampV1> for Lamp {
    fn from(old: LampV1) -> Self {
        Self { place: old.place, watts: old.power, colour: String::new(), serial: None, key: None, bulbs: None }
    }
}

/// What of a lantern matters to a lamp.
#[derive(Clone, Debug, PartialEq, Object)]
struct Lantern {
    street: String,
    watts: Option<u16>,
}

impl Resource for Lamp {
    type Api = Arc<Town>;

    async fn create(_: &mut Context<'_, Self>, plan: LampPlan) -> Result<Self> {
        let LampPlan { place, watts, colour, key, bulbs, .. } = plan;
        let colour = colour.known().cloned().unwrap_or_else(|| "white".to_owned());
        let bulbs = bulbs.map(|bulbs| bulbs.into_iter().map(|bulb| Bulb { maker: bulb.maker, hours: 1 }).collect());
        Ok(Self { place, watts, colour, serial: Some("s1".to_owned()), key, bulbs })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(Self { colour: "white".into(), serial: Some("s1".into()), ..state }))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: LampPlan) -> Result<Self> {
        Self::create(cx, plan).await
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        if source.is("sample/garden", "sample_garden") {
            let old: MovedGarden = source.decode()?;
            return Ok(Some(LampV1 { place: old.town, power: 40 }.into()));
        }
        if source.is("lights/lights", "lights_lantern") {
            let old: Lantern = source.decode()?;
            return Ok(Some(LampV1 { place: old.street, power: old.watts.unwrap_or(60) }.into()));
        }
        Ok(None)
    }
}

/// What of a garden matters to a lamp.
#[derive(Clone, Debug, PartialEq, Object)]
struct MovedGarden {
    town: String,
}

fn provider() -> Provider<Arc<Town>> {
    Provider::new::<Nothing, _>("sample/lamps", |_: NothingConfig| async { Ok(Some(Arc::default())) })
        .resource::<Lamp>()
}

async fn lamp() -> Instance<Lamp> {
    Core::start::<_, Nothing>(provider(), &NothingConfig {}).await.unwrap().resource()
}

fn at(place: &str) -> LampConfig {
    LampConfig { place: Value::Known(place.into()), ..LampConfig::default() }
}

fn lantern(type_name: &str, state: &str) -> ForeignState {
    ForeignState {
        provider: "registry.example.com/lights/lights".into(),
        type_name: type_name.into(),
        version: 3,
        state: recorded(state),
        private: b"theirs".to_vec(),
        identity: recorded("null"),
    }
}

#[tokio::test]
async fn a_recorded_state_goes_through_every_version_after_its_own() {
    let mut lamp = lamp().await;
    lamp.upgrade(0, recorded(r#"{"place":"quay","power":"60W","gone":[1,{"a":null}]}"#)).unwrap();
    assert_eq!(lamp.state().map(|lamp| (lamp.place, lamp.watts)), Some(("quay".into(), 60)));
    lamp.upgrade(1, recorded(r#"{"place":"quay","power":75}"#)).unwrap();
    assert_eq!(lamp.state().map(|lamp| lamp.watts), Some(75));
}

#[tokio::test]
async fn a_state_that_does_not_fit_its_version_or_cannot_be_converted_says_so() {
    let mut lamp = lamp().await;
    let found = lamp.upgrade(1, recorded(r#"{"place":"quay","power":"much"}"#)).unwrap_err();
    assert!(lines(&found)[0].contains("`power` must be of type \"number\"; found a text"), "{found:?}");
    let found = lamp.upgrade(0, recorded(r#"{"place":"quay","power":"much"}"#)).unwrap_err();
    assert_eq!(lines(&found), [": The power of this lamp was never a number: "]);
}

#[tokio::test]
async fn a_state_of_another_type_is_taken_over_with_an_identity_and_planned_empty() {
    let mut lamp = lamp().await;
    let old = r#"{"street":"quay","watts":40,"glass":"blue","tags":{"a":["b"]}}"#;
    lamp.move_from(&lantern("lights_lantern", old)).await.unwrap();
    assert_eq!(lamp.identity(), Some(LampIdentity { place: "quay".into() }));
    assert_eq!(lamp.plan(&at("quay")).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn a_type_it_knows_nothing_of_and_a_state_that_does_not_fit_are_refused() {
    let mut lamp = lamp().await;
    let found = lamp.move_from(&lantern("lights_torch", "{}")).await.unwrap_err();
    let expected = ": Unsupported move: A sample_lamp cannot take over a lights_torch of the provider \
                    registry.example.com/lights/lights.";
    assert!(lines(&found)[0].starts_with(expected), "{found:?}");
    let found = lamp.move_from(&lantern("lights_lantern", r#"{"street":[]}"#)).await.unwrap_err();
    assert!(
        lines(&found)[0].contains("The state of a lights_lantern was not understood: `street` must be"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_generated_configuration_is_what_the_user_could_have_set_and_plans_empty() {
    let mut lamp = lamp().await;
    let bulb = BulbConfig { maker: Value::Known("ann".into()), ..BulbConfig::default() };
    let config = LampConfig { bulbs: Value::Known(vec![Value::Known(bulb)]), ..at("quay") };
    lamp.apply(&config).await.unwrap();
    let generated = lamp.generate_config().unwrap();
    assert_eq!(generated, LampConfig { colour: Value::Known("white".into()), ..config });
    assert_eq!(lamp.plan(&generated).await.unwrap().action, Action::NoOp);
}

#[tokio::test]
async fn a_secret_is_not_written_into_a_generated_configuration() {
    let mut lamp = lamp().await;
    lamp.apply(&LampConfig { key: Value::Known(Secret::new("k".into())), ..at("quay") }).await.unwrap();
    assert_eq!(lamp.generate_config().unwrap().key, Value::Null);
}

/// The text of a state file with one resource.
fn state_file(type_name: &str, version: i64, attributes: &str) -> String {
    format!(
        "{{\"version\":4,\"resources\":[{{\"module\":\"module.m\",\"mode\":\"managed\",\"type\":\"{type_name}\",\
         \"name\":\"a\",\"provider\":\"provider[\\\"registry.example.com/lights/lights\\\"]\",\"instances\":[\
         {{\"index_key\":\"k\",\"schema_version\":{version},\"attributes\":{attributes},\"private\":\"b2xk\"}}]}}]}}"
    )
}

async fn taken_over(type_name: &str, version: i64, attributes: &str, config: LampConfig) -> Instance<Lamp> {
    let stored =
        Stored::in_text(&state_file(type_name, version, attributes), &format!("module.m.{type_name}.a[\"k\"]"));
    let mut lamp = lamp().await;
    lamp.take_over(&stored, &config).await.unwrap();
    lamp
}

#[tokio::test]
async fn what_a_state_file_has_is_upgraded_or_moved_read_and_planned_empty() {
    let bright = |watts| LampConfig { watts: Value::Known(watts), ..at("quay") };
    taken_over("sample_lamp", 0, r#"{"place":"quay","power":"60W"}"#, bright(60)).await;
    taken_over("sample_lamp", 1, r#"{"place":"quay","power":75}"#, bright(75)).await;
    let present = r#"{"place":"quay","watts":"40","colour":"white","serial":"s1","gone":true}"#;
    let lamp = taken_over("sample_lamp", 2, present, at("quay")).await;
    assert_eq!(lamp.state().map(|lamp| lamp.watts), Some(40), "read by its type, as Terraform's own state is");
    let lamp = taken_over("lights_lantern", 3, r#"{"street":"quay","watts":40}"#, at("quay")).await;
    assert_eq!(lamp.identity(), Some(LampIdentity { place: "quay".into() }));
}

#[tokio::test]
#[should_panic(expected = "The plan for what was taken over is not empty:\n  sample_lamp.watts would change")]
async fn what_would_be_changed_at_once_is_found() {
    taken_over("sample_lamp", 1, r#"{"place":"quay","power":75}"#, at("quay")).await;
}

#[tokio::test]
async fn a_state_that_cannot_be_taken_over_is_refused_by_the_provider() {
    let stored = Stored::in_text(&state_file("lights_torch", 0, "{}"), "module.m.lights_torch.a[\"k\"]");
    let found = lamp().await.take_over(&stored, &at("quay")).await.unwrap_err();
    assert!(lines(&found)[0].starts_with(": Unsupported move: "), "{found:?}");
}

#[test]
#[should_panic(expected = "the state file has no sample_lamp.b, only [\"module.m.sample_lamp.a[\\\"k\\\"]\"]")]
fn a_resource_that_is_not_in_the_file_is_missed() {
    Stored::in_text(&state_file("sample_lamp", 0, "{}"), "sample_lamp.b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_file_of_the_real_terraform_is_taken_over() {
    let town = Arc::default();
    let terraform = BareTerraform::with(gardens(&town)).await;
    let resource = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 7\n  notes = [1, true]\n}\n";
    let (code, text) = terraform.run(resource, &["apply", "-auto-approve"]).await;
    assert_eq!(code, 0, "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.tfstate");
    std::fs::write(&file, terraform.state()).unwrap();
    let mut garden = crate::garden(&town).await;
    let (one, yes) = (Dynamic::Number(1.into()), Dynamic::Bool(true));
    let notes = Dynamic::Typed(Box::new((Type::Tuple(vec![Type::Number, Type::Bool]), Dynamic::List(vec![one, yes]))));
    let config = GardenConfig { notes: Value::Known(notes), ..crate::smallest() };
    garden.take_over(&Stored::in_file(&file, "sample_garden.a"), &config).await.unwrap();
}

#[tokio::test]
async fn terraform_moves_a_resource_to_another_type() {
    let moved = "resource \"sample_lamp\" \"b\" { place = \"york\" }\n\
                 moved {\n  from = sample_garden.a\n  to = sample_lamp.b\n}\n";
    under_terraform(gardens(&Arc::default()).resource::<Lamp>())
        .steps([
            apply("resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 7\n}\n"),
            apply(moved)
                .moves("sample_garden.a", "sample_lamp.b")
                .plans("sample_lamp.b", Action::NoOp)
                .plans_nothing_else()
                .gone("sample_garden.a"),
        ])
        .await;
}
