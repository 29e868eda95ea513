//! Secrets in tests: a provider that shows one in a diagnostic or keeps a write-only one is found.

use std::panic::AssertUnwindSafe;

use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{
    Action, Context, Error, ListResource, Listing, Object, Operation, PlanEdit, Progress, Provider, ProviderConfig,
    Report, Resource, Result, Secret, Value, path,
};

/// A provider of vaults.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Bank {
    /// What opens the bank.
    pub master: Secret<String>,
}

/// A vault.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_vault", import = "{name}", identity(name))]
pub struct Vault {
    /// Its name.
    pub name: String,
    /// What opens it.
    pub key: Option<Secret<String>>,
    /// What opens it too.
    #[tf(write_only)]
    pub pin_wo: Option<String>,
    /// Its lock.
    pub lock: Option<Lock>,
    /// What the bank writes down.
    #[tf(computed)]
    pub remark: String,
}

/// A lock.
#[derive(Clone, Debug, PartialEq, Object)]
pub struct Lock {
    /// Its certificate.
    #[tf(sensitive)]
    pub pem: String,
}

/// What it gives away, by its name.
impl Resource for Vault {
    type Api = String;

    async fn create(cx: &mut Context<'_, Self>, plan: VaultPlan) -> Result<Self> {
        let key = plan.key.as_ref().map(|key| key.expose().clone()).unwrap_or_default();
        let pin = plan.pin_wo.clone().unwrap_or_default();
        let mut remark = "closed".to_owned();
        match plan.name.as_str() {
            "error" => return Err(Error::new("The vault is jammed").detail(format!("It was opened with {key}."))),
            "warning" => cx.warn(path!(pin_wo), format!("{pin} is easy to guess"), ""),
            "master" => return Err(Error::new(format!("Not with {}", cx.api()))),
            "line" => {
                let pem = plan.lock.as_ref().map(|lock| lock.pem.clone()).unwrap_or_default();
                return Err(Error::new("Bad certificate").detail(format!("near {:?}", pem.lines().nth(1))));
            }
            "header" => return Err(Error::new("Bad certificate").detail("-----BEGIN CERTIFICATE----- is expected")),
            "keeps" => remark = format!("opened with {pin} last"),
            "hides" => cx.private_mut().set("pin", pin),
            _ => {}
        }
        Ok(Self { name: plan.name, key: plan.key, pin_wo: None, lock: plan.lock, remark })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        if state.name == "read" {
            return Err(Error::new(format!("{:?} does not fit", state.key.as_ref().map(Secret::expose))));
        }
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, state: Self) -> Result<()> {
        if state.name == "delete" {
            return Err(
                Error::new("The key is in it").detail(state.key.map_or_else(String::new, |key| key.expose().clone()))
            );
        }
        Ok(())
    }

    fn validate(config: &VaultConfig, report: &mut Report) {
        if let (Value::Known(name), Value::Known(key)) = (&config.name, &config.key)
            && name == "validate"
        {
            report.error(path!(key), "Weak key", format!("{} is weak.", key.expose()));
        }
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        if let (Some("plan"), Value::Known(pin)) = (plan.config.name.known().map(String::as_str), &plan.config.pin_wo) {
            plan.warn(path!(pin_wo), "Known pin", format!("Others have {pin} too."));
        }
        Ok(())
    }
}

/// Vaults of the bank.
#[derive(Clone, Debug, PartialEq, ListResource)]
#[tf(lists = Vault)]
pub struct Vaults {
    /// What they have in common.
    pub word: Secret<String>,
}

impl ListResource for Vaults {
    async fn list(bank: &mut Operation<'_, String>, input: VaultsInput, _: &mut Listing<Vault>) -> Result<()> {
        bank.warn(path!(word), format!("All vaults know {}", input.word.expose()), "");
        Ok(())
    }
}

/// Opens a vault.
#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_unlock")]
pub struct Unlock {
    /// With what.
    pub word: Secret<String>,
}

impl Action for Unlock {
    type Api = String;

    async fn invoke(_: &mut Operation<'_, String>, _: UnlockInput, _: &Progress) -> Result<()> {
        Ok(())
    }

    async fn plan(bank: &mut Operation<'_, String>, _: UnlockConfig) -> Result<()> {
        let master = bank.api().clone();
        bank.warn(path!(word), format!("{master} would do"), "");
        Ok(())
    }
}

async fn core() -> Core {
    let provider = Provider::new::<Bank, _>("sample/bank", |config: BankConfig| async move {
        let Some(bank) = config.known() else { return Ok(None) };
        Ok(Some(bank.master.expose().clone()))
    });
    Core::start::<_, Bank>(
        provider.resource::<Vault>().list_resource::<Vaults>().action::<Unlock>(),
        &master("master-key"),
    )
    .await
    .unwrap()
}

fn master(master: &str) -> BankConfig {
    BankConfig { master: Value::Known(Secret::new(master.into())) }
}

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIB\n-----END CERTIFICATE-----\n";

fn vault(name: &str) -> VaultConfig {
    VaultConfig {
        name: Value::Known(name.into()),
        key: Value::Known(Secret::new("rosebud".into())),
        pin_wo: Value::Known("4711-0815".into()),
        lock: Value::Known(LockConfig { pem: Value::Known(PEM.into()) }),
        ..VaultConfig::default()
    }
}

/// What a test says that creates and destroys a vault.
fn said(name: &str) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let run = || {
        runtime.block_on(async {
            let mut instance = core().await.resource::<Vault>();
            if instance.apply(&vault(name)).await.is_ok() {
                let _ = instance.destroy().await;
            }
        });
    };
    let panic = std::panic::catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(panic.downcast_ref::<String>().unwrap().clone())
}

#[test]
fn a_secret_in_a_diagnostic_of_any_operation_is_found_and_not_repeated() {
    for (name, expected) in [
        ("validate", "sample_vault.key has a diagnostic that shows the value of `key`: Weak key: (secret) is weak."),
        (
            "plan",
            "sample_vault.pin_wo has a diagnostic that shows the value of `pin_wo`: Known pin: Others have (secret)",
        ),
        (
            "error",
            "sample_vault has a diagnostic that shows the value of `key`: The vault is jammed: It was opened with",
        ),
        (
            "warning",
            "sample_vault.pin_wo has a diagnostic that shows the value of `pin_wo`: (secret) is easy to guess: ",
        ),
        ("read", "sample_vault has a diagnostic that shows the value of `key`: Some(\"(secret)\") does not fit"),
        ("delete", "sample_vault has a diagnostic that shows the value of `key`: The key is in it: (secret)"),
        ("master", "sample_vault has a diagnostic that shows the value of `master`: Not with (secret)"),
        ("line", "sample_vault has a diagnostic that shows the value of `lock.pem`: Bad certificate: near"),
    ] {
        let text = said(name).expect(name);
        assert!(text.starts_with(&format!("A diagnostic shows a secret:\n  {expected}")), "{name}: {text}");
        assert!(!["rosebud", "4711-0815", "master-key", "MIIB"].iter().any(|secret| text.contains(secret)), "{text}");
    }
}

#[test]
fn a_write_only_value_that_is_kept_is_found() {
    let text = said("keeps").unwrap();
    assert_eq!(
        text,
        "A write-only value is kept:\n  sample_vault.remark holds the value of `pin_wo`, which is write-only"
    );
    let text = said("hides").unwrap();
    assert!(
        text.contains("sample_vault has in its private state the value of `pin_wo`, which is write-only"),
        "{text}"
    );
}

#[tokio::test]
#[should_panic(
    expected = "sample_vault.word has a diagnostic that shows the value of `word`: All vaults know (secret)"
)]
async fn a_secret_in_a_warning_of_a_search_is_found() {
    let config = VaultsConfig { word: Value::Known(Secret::new("open-sesame".into())) };
    let _ = core().await.list_resource::<Vaults>().all(&config).await;
}

#[tokio::test]
#[should_panic(expected = "sample_unlock.word has a diagnostic that shows the value of `master`: (secret) would do")]
async fn a_secret_in_a_warning_of_an_action_is_found() {
    let config = UnlockConfig { word: Value::Known(Secret::new("open-sesame".into())) };
    let _ = core().await.action::<Unlock>().plan(&config).await;
}

#[test]
fn what_says_nothing_secret_passes() {
    assert_eq!(said("quiet"), None);
    assert_eq!(said("header"), None, "that it is a certificate is no secret");
}

#[tokio::test]
#[should_panic(
    expected = "provider has a diagnostic that shows the value of `master`: The bank does not know \"(secret)\""
)]
async fn a_secret_of_the_provider_block_is_found_while_configuring() {
    let provider = Provider::new::<Bank, _>("sample/bank", |config: BankConfig| async move {
        Err::<Option<String>, _>(Error::new(format!(
            "The bank does not know {:?}",
            config.master.known().unwrap().expose()
        )))
    });
    let _ = Core::start::<_, Bank>(provider, &master("wrong-master")).await;
}
