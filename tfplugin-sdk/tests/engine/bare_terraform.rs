//! The real `terraform` with nothing around it, for tests that count what it asks: one command is one run.
//!
//! Not here: what tests of resources want to know; that is `testing::terraform`.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tfplugin_sdk::{Provider, Reattach};

use crate::garden::Town;

/// A folder with a configuration, and the provider in this process.
pub struct BareTerraform {
    folder: TempDir,
    attached: Reattach,
}

impl BareTerraform {
    pub async fn with(provider: Provider<Arc<Town>>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), attached: tfplugin_sdk::reattach(provider).await }
    }

    /// Runs a command on these resources; its exit code and what it printed.
    pub async fn run(&self, resources: &str, arguments: &'static [&str]) -> (i32, String) {
        let head = "terraform {\n  required_providers {\n    sample = { source = \"sample/garden\" }\n  }\n}\n\
                    provider \"sample\" { owner = \"ann\" }\n";
        fs::write(self.folder.path().join("main.tf"), format!("{head}{resources}")).unwrap();
        let settings = self.folder.path().join("cli.tfrc");
        fs::write(&settings, "disable_checkpoint = true\n").unwrap();
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(self.folder.path());
        command.env("TF_REATTACH_PROVIDERS", self.attached.env_value()).env("TF_IN_AUTOMATION", "1");
        command.env("TF_CLI_CONFIG_FILE", settings).env_remove("TF_LOG");
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        let output = output.unwrap_or_else(|error| panic!("this test needs `terraform` on PATH: {error}"));
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap_or(-1), text.into_owned())
    }

    /// The state file.
    pub fn state(&self) -> String {
        fs::read_to_string(self.folder.path().join("terraform.tfstate")).unwrap()
    }
}
