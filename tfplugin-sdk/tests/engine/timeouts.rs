//! How long operations may take, and waiting for what a platform does in the background.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tfplugin_sdk::testing::{Core, Instance, recorded};
use tfplugin_sdk::{
    Context, Error, Planned, Provider, ProviderConfig, Resource, Result, Timeouts, TimeoutsConfig, Value,
};

use crate::lines;

/// Nothing to configure.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Nothing {}

/// A cake that takes its time.
#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_cake")]
pub struct Cake {
    /// How often to look before it is done.
    pub looks: u32,
    /// Its id.
    #[tf(computed, keep)]
    pub id: String,
    /// How long it may take.
    #[tf(timeouts(create = "10m", delete = "1m"))]
    pub timeouts: Option<Timeouts>,
}

impl Resource for Cake {
    type Api = ();

    async fn create(cx: &mut Context<'_, Self>, plan: CakePlan) -> Result<Self> {
        cx.checkpoint(|state| state.id = Planned::Known("cake-1".into()));
        let looked = AtomicU32::new(0);
        let done = || async {
            match looked.fetch_add(1, Ordering::Relaxed) {
                13 => Err(Error::new("It burnt")),
                looked => Ok((looked >= plan.looks).then_some(looked)),
            }
        };
        cx.wait_until(Duration::from_mins(1), done).await?;
        Ok(Self { looks: plan.looks, id: "cake-1".into(), timeouts: None })
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        assert_eq!(cx.remaining(), None, "nothing limits reading");
        Ok(Some(Self { timeouts: None, ..state }))
    }

    async fn update(cx: &mut Context<'_, Self>, _: Self, plan: CakePlan) -> Result<Self> {
        assert!(cx.remaining() > Some(Duration::from_hours(1)), "{:?}", cx.remaining());
        Ok(Self { looks: plan.looks, id: "cake-1".into(), timeouts: None })
    }

    async fn delete(cx: &mut Context<'_, Self>, _: Self) -> Result<()> {
        cx.unless_cancelled(std::future::pending()).await
    }
}

async fn cake() -> Instance<Cake> {
    let provider = Provider::new::<Nothing, _>("sample/cakes", |_: NothingConfig| async { Ok(Some(())) });
    Core::start::<_, Nothing>(provider.resource::<Cake>(), &NothingConfig {}).await.unwrap().resource()
}

fn looks(looks: u32) -> CakeConfig {
    CakeConfig { looks: Value::Known(looks), ..CakeConfig::default() }
}

fn within(limits: TimeoutsConfig, config: CakeConfig) -> CakeConfig {
    CakeConfig { timeouts: Value::Known(limits), ..config }
}

fn creating(duration: Duration) -> TimeoutsConfig {
    TimeoutsConfig { create: Value::Known(duration), ..TimeoutsConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_the_answer_or_with_what_the_question_says() {
    cake().await.apply(&looks(5)).await.unwrap();
    let longer = within(creating(Duration::from_hours(1)), looks(20));
    assert_eq!(lines(&cake().await.apply(&longer).await.unwrap_err()), [": It burnt: "]);
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_over_the_error_says_which_setting_it_was_and_what_was_done_is_in_the_state() {
    let mut cake = cake().await;
    let found = lines(&cake.apply(&looks(12)).await.unwrap_err());
    assert!(found[0].contains("This took longer than 10m.") && found[0].contains("`timeouts.create`"), "{found:?}");
    assert_eq!(cake.state().map(|cake| cake.id).as_deref(), Some("cake-1"));
    assert!(cake.is_tainted());
}

#[tokio::test(start_paused = true)]
async fn what_the_user_writes_comes_before_what_is_declared_and_is_kept_as_written() {
    let mut cake = cake().await;
    let limits = TimeoutsConfig { update: Value::Known(Duration::from_hours(2)), ..creating(Duration::from_mins(12)) };
    cake.apply(&within(limits.clone(), looks(11))).await.unwrap();
    assert_eq!(*cake.stored().attribute("timeouts").attribute("create"), recorded(r#""12m""#));
    cake.apply(&within(limits, looks(3))).await.unwrap();
    let found = lines(&cake.destroy().await.unwrap_err());
    assert!(found[0].contains("longer than 1m") && found[0].contains("`timeouts.delete`"), "{found:?}");
}
