//! What the provider says of configurations and plans while there is no platform to ask: it stands in a miniature of
//! Terraform's core, and its own configuration is not known yet.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test, which is the point")]

mod backend_binding;
mod certificate;
mod import;
mod load_balancer;
mod official;
mod quic_listener;

use clb_provider::provider::{Settings, SettingsConfig};
use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{Refinements, Report, Resource, Value};

/// A resource that does not exist yet, of a provider without a connection.
async fn offline<R: Resource>() -> Instance<R> {
    let settings = SettingsConfig { secret_id: unknown(), ..SettingsConfig::default() };
    Core::start::<_, Settings>(clb_provider::provider(), &settings).await.unwrap().resource()
}

fn unknown<T>() -> Value<T> {
    Value::Unknown(Refinements::none())
}

fn text(text: &str) -> Value<String> {
    Value::Known(text.to_owned())
}

/// The attributes at which something is wrong.
fn places(report: &Report) -> Vec<String> {
    report.diagnostics().iter().map(|found| found.path.to_string()).collect()
}

/// What is said, without the summaries.
fn details(report: &Report) -> Vec<String> {
    report.diagnostics().iter().map(|found| found.detail.clone()).collect()
}
