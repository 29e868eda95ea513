//! Actions: planned, invoked with news on the way, and never stored.

use std::sync::Arc;

use tfplugin_sdk::testing::{Core, Trigger};
use tfplugin_sdk::{Action, Error, Operation, Progress, Refinements, Report, Result, Secret, Value, path};

use crate::garden::{Settings, SettingsConfig, Town, provider};
use crate::lines;

/// Waters gardens.
#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_water")]
pub struct Water {
    /// How many times.
    #[tf(range(..=100))]
    pub times: u32,
    /// With what.
    pub with: Option<String>,
}

impl Action for Water {
    type Api = Arc<Town>;

    async fn invoke(operation: &mut Operation<'_, Arc<Town>>, input: WaterInput, progress: &Progress) -> Result<()> {
        for time in 1..=input.times {
            progress.report(format!("watered {time}")).await;
        }
        match input.with.as_deref() {
            Some("fire") => Err(Error::new("That is not water").at(path!(with))),
            Some("air") => panic!("the can is empty"),
            Some("patience") => {
                operation.api().state().keys.push("waiting".into());
                operation.unless_cancelled(std::future::pending::<()>()).await
            }
            _ => {
                operation.warn(path!(times), "It is wet now", "");
                operation.api().state().keys.push("watered".into());
                Ok(())
            }
        }
    }

    async fn plan(operation: &mut Operation<'_, Arc<Town>>, config: WaterConfig) -> Result<()> {
        let gardens = operation.api().state().gardens.len();
        match config.with.known().map(String::as_str) {
            Some("wine") => Err(Error::new(format!("Too dear for {gardens} gardens")).at(path!(with))),
            _ => Ok(()),
        }
    }

    fn validate(config: &WaterConfig, report: &mut Report) {
        if config.times == Value::Known(0) {
            report.error(path!(times), "Never is not an action", "Leave it out.");
        }
    }
}

async fn owned_by(owner: Value<String>, town: &Arc<Town>) -> Core {
    let settings = SettingsConfig { owner, key: Value::Known(Secret::new("k".into())) };
    Core::start::<_, Settings>(provider(town).action::<Water>(), &settings).await.unwrap()
}

async fn water(town: &Arc<Town>) -> Trigger<Water> {
    owned_by(Value::Known("ann".into()), town).await.action()
}

fn of(times: u32, with: &str) -> WaterConfig {
    WaterConfig { times: Value::Known(times), with: Value::Known(with.into()) }
}

#[tokio::test]
async fn it_tells_how_far_it_is_in_order_and_loses_nothing_of_it() {
    let town = Arc::<Town>::default();
    let done = water(&town).await.invoke(&of(50, "water")).await.unwrap();
    assert_eq!(done.progress, (1..=50).map(|time| format!("watered {time}")).collect::<Vec<_>>());
    assert_eq!(lines(&done.report), ["times: It is wet now: "]);
    assert_eq!(town.state().keys, ["watered"]);
}

#[tokio::test]
async fn what_is_wrong_is_found_before_anything_is_done() {
    let town = Arc::<Town>::default();
    let water = water(&town).await;
    let of_rule = water.invoke(&of(101, "water")).await.unwrap_err();
    assert!(lines(&of_rule)[0].starts_with("times: Invalid value for `times`"), "{of_rule:?}");
    assert_eq!(
        lines(&water.invoke(&of(0, "water")).await.unwrap_err()),
        ["times: Never is not an action: Leave it out."]
    );
    assert_eq!(lines(&water.invoke(&of(1, "wine")).await.unwrap_err()), ["with: Too dear for 0 gardens: "]);
    assert!(town.state().keys.is_empty());
    let undecided =
        WaterConfig { times: Value::Unknown(Refinements::none()), with: Value::Unknown(Refinements::none()) };
    assert_eq!(water.plan(&undecided).await, Ok(Report::new()));
}

#[tokio::test]
async fn an_error_and_a_panic_of_the_author_become_diagnostics() {
    let water = water(&Arc::default()).await;
    assert_eq!(lines(&water.invoke(&of(1, "fire")).await.unwrap_err()), ["with: That is not water: "]);
    let panicked = lines(&water.invoke(&of(1, "air")).await.unwrap_err()).join("\n");
    assert!(panicked.contains("invoking a sample_water") && panicked.contains("the can is empty"), "{panicked}");
}

#[tokio::test]
async fn it_waits_for_the_configuration_of_the_provider() {
    let town = Arc::default();
    let water = owned_by(Value::Unknown(Refinements::none()), &town).await.action::<Water>();
    assert_eq!(water.plan(&of(1, "wine")).await, Ok(Report::new()));
    let refused = water.invoke(&of(1, "water")).await.unwrap_err();
    assert!(lines(&refused)[0].contains("The provider's configuration is not known yet"), "{refused:?}");
}

#[tokio::test]
async fn it_ends_early_when_terraform_is_interrupted() {
    let town = Arc::<Town>::default();
    let core = owned_by(Value::Known("ann".into()), &town).await;
    let water = core.action::<Water>();
    let config = of(1, "patience");
    let interrupt = async {
        while town.state().keys.is_empty() {
            tokio::task::yield_now().await;
        }
        core.interrupt();
    };
    let (done, ()) = tokio::join!(water.invoke(&config), interrupt);
    assert!(lines(&done.unwrap_err())[0].contains("Interrupted"));
}
