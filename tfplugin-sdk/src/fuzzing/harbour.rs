//! The provider that takes what the fuzzer makes up: one of each kind of thing, and of attribute, and no memory. What
//! it creates is what was planned; nothing in it fails or panics, so whatever does is the fault of the SDK.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use tfplugin_sdk::{
    Action, DataSource, EphemeralResource, Function, ListResource, Listing, Number, Object, Opened, Operation,
    Progress, Provider, ProviderConfig, Renewed, Result, Secret, Value,
};

use super::ship::{Sailor, Ship};

/// The provider.
pub(crate) fn provider() -> Provider<()> {
    Provider::new::<Settings, _>("sample/harbour", |config: SettingsConfig| async move { Ok(config.known().map(drop)) })
        .resource::<Ship>()
        .data_source::<Tide>()
        .ephemeral_resource::<Pass>()
        .action::<Horn>()
        .list_resource::<Fleet>()
        .meta::<Module>()
        .function::<Signal>()
}

/// The provider block.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub(crate) struct Settings {
    /// Name of the harbour.
    #[tf(not_empty)]
    pub(super) harbour: String,
    /// A password.
    pub(super) password: Option<Secret<String>>,
    /// Where pilots are asked for.
    #[tf(block)]
    pub(super) pilot: Vec<Pilot>,
}

/// A pilot.
#[derive(Clone, Debug, PartialEq, Object)]
pub(super) struct Pilot {
    /// Networks it listens in.
    #[tf(each(cidr))]
    networks: Option<BTreeSet<String>>,
    /// Its port.
    #[tf(port)]
    port: Option<u32>,
}

/// The tide.
#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "harbour_tide")]
struct Tide {
    /// When.
    #[tf(duration)]
    hour: String,
    /// Depths by place; those of the harbour unless they are set.
    #[tf(optional, computed)]
    depths: BTreeMap<String, Number>,
}

impl DataSource for Tide {
    type Api = ();

    async fn read(_: &mut Operation<'_, ()>, input: TideInput) -> Result<Self> {
        Ok(Self { hour: input.hour, depths: input.depths.unwrap_or_default() })
    }
}

/// A pass to the harbour.
#[derive(Clone, Debug, PartialEq, EphemeralResource)]
#[tf(name = "harbour_pass")]
struct Pass {
    /// Whose.
    holder: Sailor,
    /// What is shown at the gate.
    #[tf(computed)]
    code: Secret<String>,
}

impl EphemeralResource for Pass {
    type Api = ();

    async fn open(_: &mut Operation<'_, ()>, input: PassInput) -> Result<Opened<Self>> {
        let code = Secret::new(input.holder.name.clone());
        let private = code.expose().clone().into_bytes();
        Ok(Opened::new(Self { holder: input.holder, code }).private(private).renew_at(SystemTime::now()))
    }

    async fn renew(_: &mut Operation<'_, ()>, private: Vec<u8>) -> Result<Renewed> {
        Ok(Renewed::new(private))
    }
}

/// Blows the horn.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Action)]
#[tf(name = "harbour_horn")]
struct Horn {
    /// How often.
    times: Option<u8>,
    /// For whom.
    ships: Option<BTreeSet<String>>,
}

impl Action for Horn {
    type Api = ();

    async fn invoke(_: &mut Operation<'_, ()>, input: HornInput, progress: &Progress) -> Result<()> {
        progress.report(format!("{:?} for {:?}", input.times, input.ships)).await;
        Ok(())
    }
}

/// Ships of the harbour.
#[derive(Clone, Debug, PartialEq, ListResource)]
#[tf(lists = Ship)]
struct Fleet {
    /// Where they are at home.
    #[tf(not_empty)]
    port: String,
    /// Their numbers.
    numbers: Option<BTreeSet<u16>>,
}

impl ListResource for Fleet {
    async fn list(_: &mut Operation<'_, ()>, input: FleetInput, found: &mut Listing<Ship>) -> Result<()> {
        for number in input.numbers.unwrap_or_default() {
            if !found.state(number.to_string(), Ship::found(input.port.clone(), number, None)).await {
                break;
            }
        }
        Ok(())
    }
}

/// What modules say to the provider.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Module {
    /// Who wrote it.
    author: Option<String>,
}

/// Spells a text with flags.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "signal")]
struct Signal {
    /// The text.
    #[tf(length(..=40))]
    text: String,
    /// Who sends it, if that is known.
    sender: Value<String>,
    /// Who is meant.
    #[tf(variadic)]
    receivers: Vec<Option<Sailor>>,
}

impl Function for Signal {
    type Output = BTreeMap<String, Vec<Option<Sailor>>>;

    fn call(self) -> Result<Self::Output> {
        Ok(BTreeMap::from([(format!("{} {:?}", self.text, self.sender.known()), self.receivers)]))
    }
}
