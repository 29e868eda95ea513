//! What a provider is given that is not what it takes.

use tfplugin_sdk::{Context, DataSource, Provider, ProviderConfig, Resource, Result};

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {}

struct NotDerived {
    a: u8,
}

impl Resource for NotDerived {
    type Api = ();

    async fn create(_: &mut Context<'_, Self>, _: Self::Plan) -> Result<Self> {
        Ok(Self { a: 1 })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct NoOperations {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_thing")]
struct NotRead {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_other")]
struct OtherConnection {
    a: u8,
}

impl Resource for OtherConnection {
    type Api = String;

    async fn create(_: &mut Context<'_, Self>, plan: OtherConnectionPlan) -> Result<Self> {
        Ok(Self { a: plan.a })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

fn provider() -> Provider<()> {
    Provider::new::<Settings, _>("example/sample", |_: SettingsConfig| async { Ok(Some(())) })
        .resource::<NotDerived>()
        .resource::<NoOperations>()
        .resource::<OtherConnection>()
        .data_source::<NotRead>()
}

fn other_settings() -> Provider<()> {
    Provider::new::<NotDerived, _>("example/sample", |_| async { Ok(Some(())) })
}
