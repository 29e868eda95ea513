//! Terraform in a folder of its own with the providers of this process: what every step of one test shares.
//!
//! Not here: what a step runs (`trial`).

use std::collections::BTreeMap;

use regex::Regex;

use super::folder::{Files, Folder, are_kept};
use super::process::{Program, Ran};
use super::step::Options;
use crate::{Engine, Reattach};

/// The file that a step's configuration stands in; line numbers are those of its text.
pub(super) const MAIN: &str = "main.tf";
/// The file with the `terraform` and `provider` blocks.
pub(super) const HEAD: &str = "provider.tf";
const STATE: &str = "terraform.tfstate";

/// The configuration and what belongs to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub files: Files,
    pub variables: BTreeMap<String, String>,
}

/// The folder, Terraform, and the providers while they serve.
#[derive(Debug)]
pub(super) struct Session {
    folder: Folder,
    program: Program,
    environment: Vec<(String, String)>,
    /// What was applied last: what a step only looks at does not stay.
    pub applied: Layout,
    pub engines: Vec<Engine>,
    served: Vec<Reattach>,
}

impl Layout {
    /// With another configuration, and what a step adds to it.
    pub(super) fn with(&self, configuration: &str, options: &Options) -> Self {
        let mut layout = self.clone();
        layout.files.insert(MAIN.to_owned(), configuration.into());
        layout.files.extend(options.files.clone());
        layout.variables.extend(options.variables.clone());
        layout
    }

    /// The configuration as text.
    pub(super) fn main(&self) -> String {
        self.files.get(MAIN).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default()
    }

    /// Whether it calls modules: these have to be known to Terraform before it plans.
    fn has_modules(&self) -> bool {
        let call = Regex::new(r#"(?m)^\s*module\s+""#).expect("this is a regular expression");
        self.files.values().any(|text| call.is_match(&String::from_utf8_lossy(text)))
    }
}

impl Session {
    /// Serves the providers and makes the folder. Terraform gets `environment` besides what it needs.
    pub(super) fn open(
        program: Program,
        engines: Vec<Engine>,
        environment: Vec<(String, String)>,
        provider_block: &str,
        mut base: Layout,
    ) -> Self {
        let mut folder = Folder::new(are_kept());
        folder.write("cli.tfrc", b"disable_checkpoint = true\n");
        base.files.insert(HEAD.to_owned(), head(&engines, provider_block).into_bytes());
        folder.lay(&base.files);
        let serve = |engine: &Engine| Reattach::serve(engine.clone()).unwrap_or_else(|reason| panic!("{reason}"));
        let served = engines.iter().map(serve).collect();
        Self { folder, program, environment, applied: base, engines, served }
    }

    /// Lays out the files. The run that makes modules known, where there are any.
    pub(super) async fn lay(&mut self, layout: &Layout) -> Option<Ran> {
        self.folder.lay(&layout.files);
        if layout.has_modules() { Some(self.run(&["get", "-no-color"], layout).await) } else { None }
    }

    /// Lays out again what was applied last.
    pub(super) fn lay_applied(&mut self) {
        self.folder.lay(&self.applied.files);
    }

    /// Runs Terraform to its end.
    pub(super) async fn run(&self, arguments: &[&str], layout: &Layout) -> Ran {
        let variables = layout.variables.iter().map(|(name, value)| (format!("TF_VAR_{name}"), value.clone()));
        let attached = ("TF_REATTACH_PROVIDERS".to_owned(), Reattach::env_value_of(&self.served));
        let environment: Vec<_> = std::iter::once(attached).chain(variables).chain(self.environment.clone()).collect();
        self.program.run(self.folder.path(), &environment, arguments).await
    }

    /// The state file as it is; empty when there is none.
    pub(super) fn state_file(&self) -> Vec<u8> {
        self.folder.read(STATE).unwrap_or_default()
    }

    /// Puts a state file back.
    pub(super) fn restore_state(&self, state: &[u8]) {
        self.folder.write(STATE, state);
    }

    /// Whether Terraform has anything to destroy.
    pub(super) fn has_resources(&self) -> bool {
        let state: serde_json::Value = serde_json::from_slice(&self.state_file()).unwrap_or_default();
        state["resources"].as_array().is_some_and(|resources| !resources.is_empty())
    }
}

/// Which providers there are, and their configuration.
fn head(engines: &[Engine], provider_block: &str) -> String {
    let required =
        engines.iter().map(|engine| format!("    {} = {{ source = \"{}\" }}\n", name(engine), engine.address()));
    let required: String = required.collect();
    format!("terraform {{\n  required_providers {{\n{required}  }}\n}}\n\n{provider_block}\n")
}

/// What a provider is called in a configuration: what the names of its types begin with, since Terraform looks for the
/// provider of a type under that name; where it has no types, the last part of its address.
fn name(engine: &Engine) -> &str {
    let schema = engine.schema();
    let types = [&schema.resources, &schema.data_sources, &schema.ephemeral_resources, &schema.actions];
    let first = types.into_iter().flat_map(|schemas| schemas.keys()).next();
    let of_address = || engine.address().rsplit('/').next().unwrap_or_default();
    first.and_then(|name| name.split('_').next()).unwrap_or_else(of_address)
}
