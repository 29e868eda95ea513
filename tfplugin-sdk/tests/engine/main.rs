//! The engine, met as Terraform's core meets it.
#![allow(missing_docs, clippy::unwrap_used, clippy::float_cmp, clippy::struct_field_names)]

mod action;
mod apply;
mod bare_terraform;
mod block;
mod caller;
mod computed_bounds;
mod data_source;
mod ephemeral_resource;
mod faults;
mod function;
mod garden;
mod identity;
mod import_and_upgrade;
mod life;
mod list_resource;
mod plan;
mod private;
mod promises;
mod provider_block;
mod random_walk;
mod real_terraform;
mod replace;
mod rules;
mod secrets;
mod shed;
mod terraform_steps;
mod timeouts;
mod transfer;
mod unknowns;
mod validate;

use std::sync::Arc;

use garden::{Garden, GardenConfig, Settings, SettingsConfig, Town};
use tfplugin_sdk::testing::{Core, Instance};
use tfplugin_sdk::{Report, Secret, Value};

/// A core with the sample provider, configured.
async fn core(town: &Arc<Town>) -> Core {
    let settings = SettingsConfig { owner: Value::Known("ann".into()), key: Value::Known(Secret::new("k".into())) };
    Core::start::<_, Settings>(garden::provider(town), &settings).await.unwrap()
}

/// A garden that does not exist yet.
async fn garden(town: &Arc<Town>) -> Instance<Garden> {
    core(town).await.resource()
}

/// The smallest configuration.
fn smallest() -> GardenConfig {
    GardenConfig { town: Value::Known("york".into()), plot: Value::Known(7), ..GardenConfig::default() }
}

/// The errors and warnings of a report, one a line: `path: summary: detail`.
fn lines(report: &Report) -> Vec<String> {
    report.diagnostics().iter().map(|found| format!("{}: {}: {}", found.path, found.summary, found.detail)).collect()
}

#[test]
fn the_sample_provider_is_declared_soundly() {
    garden::provider(&Arc::default()).assert_valid();
}
