//! Ephemeral resources: opened, renewed, closed and never stored.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tfplugin_sdk::testing::terraform::{apply, then};
use tfplugin_sdk::testing::{Core, Ephemeral};
use tfplugin_sdk::{EphemeralResource, Error, Opened, Operation, Renewed, Result, Secret, Value, path};

use crate::garden::{Settings, SettingsConfig, Town, provider};
use crate::lines;
use crate::real_terraform::under_terraform;

/// A key to a door of the town.
#[derive(Clone, Debug, PartialEq, EphemeralResource)]
#[tf(name = "sample_key")]
pub struct Key {
    /// Which door.
    #[tf(length(2..))]
    pub door: String,
    /// The key.
    #[tf(computed)]
    pub teeth: Secret<String>,
}

impl EphemeralResource for Key {
    type Api = Arc<Town>;

    async fn open(operation: &mut Operation<'_, Arc<Town>>, input: KeyInput) -> Result<Opened<Self>> {
        if input.door == "locked" {
            return Err(Error::new("It does not open").at(path!(door)));
        }
        operation.api().state().keys.push(format!("{} opened", input.door));
        let private = input.door.clone().into_bytes();
        let door = if input.door == "wrong" { "right".to_owned() } else { input.door };
        let opened = Opened::new(Self { door, teeth: Secret::new("teeth-of-the-key".to_owned()) });
        Ok(opened.private(private).renew_at(SystemTime::UNIX_EPOCH + Duration::from_millis(1500)))
    }

    async fn renew(operation: &mut Operation<'_, Arc<Town>>, private: Vec<u8>) -> Result<Renewed> {
        operation.warn(path!(door), "Still open", "");
        Ok(Renewed::new([private, b"+".to_vec()].concat()))
    }

    async fn close(operation: &mut Operation<'_, Arc<Town>>, private: Vec<u8>) -> Result<()> {
        operation.api().state().keys.push(format!("{} closed", String::from_utf8(private)?));
        Ok(())
    }
}

async fn key(town: &Arc<Town>) -> Ephemeral<Key> {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Null };
    let provider = provider(town).ephemeral_resource::<Key>();
    Core::start::<_, Settings>(provider, &settings).await.unwrap().ephemeral_resource()
}

fn of(door: &str) -> KeyConfig {
    KeyConfig { door: Value::Known(door.into()), ..KeyConfig::default() }
}

#[tokio::test]
async fn what_open_and_renew_keep_reaches_the_next_operation() {
    let town = Arc::<Town>::default();
    let key = key(&town).await;
    let mut open = key.open(&of("shed")).await.unwrap();
    assert_eq!(open.value.teeth.expose(), "teeth-of-the-key");
    assert_eq!(open.renewal.at(), Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1500)));
    key.renew(&mut open).await.unwrap();
    assert_eq!((open.renewal.at(), open.renewal.private()), (None, &b"shed+"[..]));
    assert!(!format!("{open:?}").contains("teeth-of"), "a secret is in no debug output");
    assert!(key.close(open).await.is_empty());
    assert_eq!(town.state().keys, ["shed opened", "shed+ closed"]);
}

#[tokio::test]
async fn what_is_wrong_is_reported_at_its_attribute() {
    let key = key(&Arc::default()).await;
    let found = key.open(&of("x")).await.unwrap_err();
    assert!(lines(&found)[0].starts_with("door: Invalid value for `door`"), "{found:?}");
    assert_eq!(lines(&key.open(&of("locked")).await.unwrap_err()), ["door: It does not open: "]);
}

#[tokio::test]
async fn what_was_opened_and_breaks_the_rules_is_closed_again() {
    let town = Arc::<Town>::default();
    let found = key(&town).await.open(&of("wrong")).await.unwrap_err();
    assert!(lines(&found)[0].contains("`door` must be \"wrong\", as the configuration says"), "{found:?}");
    assert_eq!(town.state().keys, ["wrong opened", "wrong closed"]);
}

#[tokio::test]
async fn terraform_opens_and_closes_it_around_its_work_and_stores_nothing() {
    let town = &Arc::<Town>::default();
    let garden = "ephemeral \"sample_key\" \"k\" { door = \"shed\" }\nresource \"sample_garden\" \"a\" {\n  \
                  town = \"york\"\n  plot = 7\n  shed_key_wo = ephemeral.sample_key.k.teeth\n  \
                  shed_key_wo_version = 1\n}\n";
    under_terraform(provider(town).ephemeral_resource::<Key>())
        .steps([
            apply(garden).hides("teeth-of-the-key"),
            then(|| async {
                let keys = town.state().keys.clone();
                assert!(keys.contains(&"teeth-of-the-key".to_owned()), "it reached the resource: {keys:?}");
                let count = |what: &str| keys.iter().filter(|key| *key == what).count();
                assert_eq!(count("shed opened"), count("shed closed"));
            }),
        ])
        .await;
}
