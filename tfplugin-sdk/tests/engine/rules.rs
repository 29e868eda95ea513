//! Rules for values and between attributes, plan modifiers, and values that mean the same.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tfplugin_sdk::testing::{Action, Core, Instance};
use tfplugin_sdk::{
    Context, Enum, Error, Newtype, Object, Planned, Provider, ProviderConfig, Refinements, Report, Resource, Result,
    Secret, Value, path,
};

use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
#[tf(conflicts(user, anonymous))]
pub struct Login {
    /// Who.
    pub user: Option<String>,
    /// Nobody.
    pub anonymous: Option<bool>,
}

/// A door with a keeper.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_door", exactly_one_of(knob, handle), requires(bell, port), required_together(cert, key))]
pub struct Door {
    /// A round one.
    #[tf(none_of("loose"))]
    pub knob: Option<String>,
    /// A long one.
    #[tf(not_empty)]
    pub handle: Option<String>,
    /// Rings there.
    #[tf(ipv4)]
    pub bell: Option<String>,
    /// Rings there too.
    #[tf(port)]
    pub port: Option<u32>,
    /// Who is let in.
    #[tf(cidr)]
    pub network: Option<String>,
    /// What it shows.
    #[tf(pem = "CERTIFICATE")]
    pub cert: Option<String>,
    /// What it hides.
    #[tf(custom = not_obvious)]
    pub key: Option<Secret<String>>,
    /// Guests in their order.
    #[tf(unique, each(length(2..=5)))]
    pub guests: Option<Vec<String>>,
    /// Words by guest.
    #[tf(keys(pattern = "^[a-z]+$", message = "small letters"))]
    pub words: Option<BTreeMap<String, String>>,
    /// The lock.
    pub lock: Option<Lock>,
    /// Further locks.
    #[tf(unique(code, kind))]
    pub spares: Option<Vec<Lock>>,
    /// How long it stays open.
    #[tf(default = Duration::from_mins(1), replace_if = shorter)]
    pub open: Duration,
    /// Where the keeper sits.
    pub keeper: Option<IpAddr>,
    /// Permission bits.
    pub mode: Option<Mode>,
    /// Its sign, made from handle and knob.
    #[tf(computed, computed_when(knob, handle))]
    pub sign: String,
    /// Its history.
    #[tf(computed, keep_non_null)]
    pub history: Option<String>,
    /// Times it was painted.
    #[tf(computed)]
    pub coats: u32,
}

/// A lock.
#[derive(Clone, Debug, PartialEq, Object)]
#[tf(
    at_least_one_of(code, card),
    less_than(shortest, longest),
    required_when(kind = LockKind::Clever, battery, because = "a clever one thinks"),
    refused_when(kind = LockKind::Plain, battery, card),
    refused_when(kind = LockKind::Clever, loud = true)
)]
pub struct Lock {
    /// A code.
    pub code: Option<String>,
    /// A card.
    pub card: Option<String>,
    /// How it works.
    #[tf(default = LockKind::Plain)]
    pub kind: LockKind,
    /// What drives it.
    pub battery: Option<String>,
    /// Whether it clicks.
    pub loud: Option<bool>,
    /// The shortest key.
    #[tf(default = 2)]
    pub shortest: u8,
    /// The longest one.
    pub longest: Option<u8>,
}

/// How a lock works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum LockKind {
    /// By itself.
    Plain,
    /// With a computer in it.
    Clever,
}

/// Permission bits in octal.
#[derive(Clone, Debug, PartialEq, Eq, Newtype)]
#[tf(canonical = four_digits)]
pub struct Mode(pub String);

fn four_digits(mode: &str) -> String {
    format!("{mode:0>4}")
}

fn not_obvious(key: &Secret<String>) -> Result<(), String> {
    if key.expose() == "hidden" {
        return Err("`key` is too easy to guess; choose another one.".to_owned());
    }
    Ok(())
}

fn shorter(prior: &Duration, planned: &Value<Duration>) -> bool {
    planned.known().is_some_and(|planned| planned < prior)
}

static COATS: AtomicU32 = AtomicU32::new(0);

impl Resource for Door {
    type Api = ();

    async fn create(_: &mut Context<'_, Self>, plan: DoorPlan) -> Result<Self> {
        let DoorPlan {
            knob,
            handle,
            bell,
            port,
            network,
            cert,
            key,
            guests,
            words,
            lock,
            spares,
            open,
            keeper,
            mode,
            ..
        } = plan;
        let sign = [knob.clone(), handle.clone()].into_iter().flatten().collect();
        let history = match plan.history {
            Planned::Known(history) => history,
            Planned::Unknown => Some("new".to_owned()),
        };
        let coats = COATS.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            knob,
            handle,
            bell,
            port,
            network,
            cert,
            key,
            guests,
            words,
            lock,
            spares,
            open,
            keeper,
            mode,
            sign,
            history,
            coats,
        })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        // As a platform does that writes everything in a form of its own.
        Ok(Some(Self { mode: state.mode.map(|mode| Mode(four_digits(&mode.0))), ..state }))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: DoorPlan) -> Result<Self> {
        Self::create(cx, plan).await
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        let mut report = Report::new();
        report.warning(path!(knob), "It creaks", "");
        report.error(path!(knob), "It sticks", "Oil it.");
        report.error(path!(sign), "It falls", "");
        Err(Error::from(report).and(Error::new("Nobody is there")))
    }
}

async fn door() -> Instance<Door> {
    let provider =
        Provider::new::<Login, _>("sample/doors", |_: LoginConfig| async { Ok(Some(())) }).resource::<Door>();
    Core::start::<_, Login>(provider, &LoginConfig::default()).await.unwrap().resource()
}

fn known<T>(value: impl Into<T>) -> Value<T> {
    Value::Known(value.into())
}

fn plain() -> DoorConfig {
    DoorConfig { knob: known("brass"), ..DoorConfig::default() }
}

async fn found(config: DoorConfig) -> Vec<String> {
    lines(&door().await.validate(&config))
}

#[tokio::test]
async fn every_rule_for_a_value_says_what_is_allowed() {
    let secret: Secret<String> = Secret::new("hidden".to_owned());
    let guests = ["ann", "bo", "ann", "christopher"].map(known).to_vec();
    let wrong = DoorConfig {
        knob: known("loose"),
        bell: known("::1"),
        port: known(0_u32),
        network: known("10.0.0.1/8"),
        cert: known("brass"),
        key: Value::Known(secret),
        guests: Value::Known(guests),
        words: Value::Known(BTreeMap::from([("Ann".to_owned(), known("hi"))])),
        ..DoorConfig::default()
    };
    let found = found(wrong).await;
    let expected = [
        "`knob` must not be \"loose\"; \"loose\" was given.",
        "`bell` must be an IPv4 address, such as 10.0.0.1; \"::1\" was given.",
        "`port` must be a whole number from 1 to 65535; 0 was given.",
        "`network` must be a network, such as 10.0.0.0/8 or 2001:db8::/32, with no bits set after the prefix; \"10.0.0.1/8\"",
        "`cert` must be PEM that begins with -----BEGIN CERTIFICATE-----; \"brass\" was given.",
        "`key` is too easy to guess; choose another one.",
        "guests[2]: Repeated element in `guests`: `guests` must have no element twice; \"ann\" is there twice. Remove one of them.",
        "`guests[3]` must have 2 to 5 characters; \"christopher\" was given.",
        "`words` must have keys each of which must be: small letters; a map of 1 element was given.",
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert!(!found.concat().contains("hidden"));
}

#[tokio::test]
async fn rules_between_attributes_hold_at_the_root_inside_objects_and_in_the_provider_block() {
    let config = DoorConfig { handle: known("long"), bell: known("10.0.0.1"), cert: Value::Null, ..plain() };
    let config = DoorConfig { lock: known(LockConfig::default()), ..config };
    assert_eq!(
        found(config).await,
        [
            "lock: Missing attribute: At least one of `code` or `card` must be set. In `lock` none is.",
            "knob: Conflicting attributes: Exactly one of `knob` or `handle` must be set. Remove one of them.",
            "handle: Conflicting attributes: Exactly one of `knob` or `handle` must be set. Remove one of them.",
            "bell: Missing attribute: `bell` needs `port`. Set `port`, or remove `bell`.",
        ]
    );
    let login = LoginConfig { user: known("ann"), anonymous: known(true) };
    let provider = Provider::new::<Login, _>("sample/doors", |_: LoginConfig| async { Ok(Some(())) });
    let refused = Core::start::<_, Login>(provider, &login).await.unwrap_err();
    assert_eq!(refused.diagnostics().len(), 2);
}

/// What is wrong with a lock, without what comes before the colon.
async fn wrong_lock(lock: LockConfig) -> Vec<String> {
    let lock = LockConfig { code: known("1234"), ..lock };
    found(DoorConfig { lock: known(lock), ..plain() }).await
}

#[tokio::test]
async fn what_is_required_and_refused_may_depend_on_values_and_their_defaults() {
    let clever = || LockConfig { kind: known(LockKind::Clever), ..LockConfig::default() };
    let battery = || known("AA");
    assert_eq!(
        wrong_lock(clever()).await,
        [
            "lock.battery: Missing attribute: `battery` must be set where `kind` is \"clever\", because a clever one thinks. \
             Set it, or change `kind`."
        ]
    );
    assert_eq!(
        wrong_lock(LockConfig { battery: battery(), ..LockConfig::default() }).await,
        [
            "lock.battery: Conflicting attributes: `battery` must not be set where `kind` is \"plain\". Remove it, or set \
             `kind`, which is \"plain\" by default."
        ]
    );
    assert_eq!(
        wrong_lock(LockConfig { battery: battery(), loud: known(true), ..clever() }).await,
        ["lock.loud: Conflicting attributes: `loud` must not be true where `kind` is \"clever\"."]
    );
    assert_eq!(wrong_lock(LockConfig { battery: battery(), loud: known(false), ..clever() }).await, [""; 0]);
    let unknown = LockConfig { kind: Value::Unknown(Refinements::none()), battery: battery(), ..LockConfig::default() };
    assert_eq!(wrong_lock(unknown).await, [""; 0]);
}

#[tokio::test]
async fn what_is_wrong_with_an_element_says_which_one() {
    let spare = |code, kind, loud| known(LockConfig { code, kind, loud, ..LockConfig::default() });
    let spares = vec![
        spare(known("1234"), Value::Null, Value::Null),
        spare(known("1234"), known(LockKind::Plain), known(false)),
        spare(Value::Null, Value::Null, known(true)),
        spare(Value::Unknown(Refinements::none()), Value::Null, Value::Null),
        spare(Value::Unknown(Refinements::none()), Value::Null, Value::Null),
    ];
    assert_eq!(
        found(DoorConfig { spares: Value::Known(spares), ..plain() }).await,
        [
            "spares[2]: Missing attribute: At least one of `code` or `card` must be set. In `spares[2]` none is. The element is \
             { loud = true }.",
            "spares[1]: Repeated element in `spares`: `spares` must have no two elements with the same `code` and `kind`; \
             { code = \"1234\", kind = \"plain\" } is there twice. Remove one of them.",
        ]
    );
}

#[tokio::test]
async fn of_two_numbers_the_first_is_less_also_where_one_is_a_default() {
    let keys = |shortest, longest| LockConfig { shortest, longest, ..LockConfig::default() };
    assert_eq!(
        wrong_lock(keys(Value::Null, known(2))).await,
        [
            "lock.shortest: Conflicting attributes: `shortest` must be less than `longest`. `shortest` is 2 and `longest` is 2. \
             Lower `shortest`, or raise `longest`."
        ]
    );
    for (shortest, longest) in
        [(Value::Null, known(3)), (known(9), Value::Null), (Value::Unknown(Refinements::none()), known(1))]
    {
        assert_eq!(wrong_lock(keys(shortest, longest)).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_is_not_known_yet_breaks_no_rule() {
    let unknown = || Value::Unknown(Refinements::none());
    let config = DoorConfig {
        knob: unknown(),
        handle: unknown(),
        bell: unknown(),
        port: Value::Unknown(Refinements::none()),
        network: unknown(),
        cert: unknown(),
        ..DoorConfig::default()
    };
    assert_eq!(found(config).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_value_that_means_the_same_is_no_change_and_stays_as_it_was_written() {
    let mut door = door().await;
    let written = DoorConfig { mode: known(Mode("644".into())), ..plain() };
    door.apply(&written).await.unwrap();
    let stored = |door: &Instance<Door>| door.stored().attribute("mode").clone();
    assert_eq!(stored(&door), tfplugin_sdk::Dynamic::String("0644".into()), "as the miniature core was given it");
    let same = DoorConfig { mode: known(Mode("0644".into())), ..plain() };
    assert_eq!(door.plan(&same).await.unwrap().action, Action::NoOp);
    let other = DoorConfig { mode: known(Mode("600".into())), ..plain() };
    assert_eq!(door.plan(&other).await.unwrap().action, Action::Update);
}

#[tokio::test]
async fn a_change_replaces_only_if_the_function_says_so() {
    let mut door = door().await;
    door.apply(&plain()).await.unwrap();
    let open = |seconds| DoorConfig { open: known(Duration::from_secs(seconds)), ..plain() };
    assert_eq!(door.plan(&open(60)).await.unwrap().action, Action::NoOp);
    assert_eq!(door.plan(&open(90)).await.unwrap().action, Action::Update);
    let plan = door.plan(&open(30)).await.unwrap();
    assert_eq!((plan.action, plan.replace), (Action::Replace, vec![path!(open)]));
}

#[tokio::test]
async fn what_is_computed_from_others_changes_only_with_them() {
    let mut door = door().await;
    door.apply(&plain()).await.unwrap();
    let keeper = DoorConfig { keeper: known("10.0.0.1".parse::<IpAddr>().unwrap()), ..plain() };
    let planned = door.plan(&keeper).await.unwrap().planned;
    assert!(!planned.attribute("sign").is_unknown() && planned.attribute("coats").is_unknown());
    assert!(!planned.attribute("history").is_unknown(), "it was not null");
    let other = DoorConfig { knob: known("iron"), ..plain() };
    assert!(door.plan(&other).await.unwrap().planned.attribute("sign").is_unknown());
    door.apply(&other).await.unwrap();
}

#[tokio::test]
async fn an_error_can_carry_all_of_a_report_and_more() {
    let mut door = door().await;
    door.apply(&plain()).await.unwrap();
    let found = door.destroy().await.unwrap_err();
    assert_eq!(
        lines(&found),
        ["knob: It sticks: Oil it.", "knob: It creaks: ", "sign: It falls: ", ": Nobody is there: "]
    );
    assert!(door.state().is_some());
}
