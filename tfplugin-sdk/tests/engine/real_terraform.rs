//! The sample provider under the real Terraform: what the miniature core accepts, the real one accepts too.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use tfplugin_sdk::{Provider, Reattach};

use crate::garden::{Garden, Style, Town, provider};

const FULL: &str = r#"
resource "terraform_data" "later" { input = "rosy" }

resource "sample_garden" "a" {
  town  = "york"
  plot  = 7
  name  = terraform_data.later.output
  fence = 0.1
  gate  = { material = "oak", code_wo = "1234" }
  beds  = [{ plant = "rose" }, { plant = terraform_data.later.output }]
  trees = [{ kind = "oak" }, { kind = "elm", height = 3 }, { kind = "${terraform_data.later.output}-ash" }]
  woods = [{ name = "a", trees = [{ kind = "oak" }, { kind = "oak", height = 9 }] }, { name = "b", trees = [] }]
  ponds = { deep = { depth = 100000000000000000000000000001.5 } }
  labels = { a = "b" }
  shed_key_wo = "sesame"
  shed_key_wo_version = 1
  notes = ["any", 1, true]
}

output "known_early" { value = sample_garden.a.garden_id == null ? "null" : "set" }
"#;

/// A folder with a configuration, and the provider in this process.
pub struct Terraform {
    folder: TempDir,
    attached: Reattach,
}

impl Terraform {
    async fn new(town: &Arc<Town>) -> Self {
        Self::with(provider(town)).await
    }

    /// With the sample provider and what was added to it.
    pub async fn with(provider: Provider<Arc<Town>>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), attached: tfplugin_sdk::reattach(provider).await }
    }

    /// Runs a command on these resources; its exit code and what it printed.
    pub async fn run(&self, resources: &str, arguments: &'static [&str]) -> (i32, String) {
        let head = "terraform {\n  required_providers {\n    sample = { source = \"sample/garden\" }\n  }\n}\n\
                    provider \"sample\" { owner = \"ann\" }\n";
        fs::write(self.folder.path().join("main.tf"), format!("{head}{resources}")).unwrap();
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(self.folder.path());
        command.env("TF_REATTACH_PROVIDERS", self.attached.env_value()).env("TF_IN_AUTOMATION", "1");
        let settings = self.folder.path().join("cli.tfrc");
        fs::write(&settings, "disable_checkpoint = true\n").unwrap();
        command.env("TF_CLI_CONFIG_FILE", settings).env_remove("TF_LOG");
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        let output = output.unwrap_or_else(|error| panic!("this test needs `terraform` on PATH: {error}"));
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap_or(-1), text.into_owned())
    }

    pub async fn apply(&self, resources: &str) -> String {
        let (code, text) = self.run(resources, &["apply", "-auto-approve"]).await;
        assert_eq!(code, 0, "{text}");
        let (code, again) = self.run(resources, &["plan", "-detailed-exitcode"]).await;
        assert_eq!(code, 0, "the plan after apply is not empty:\n{again}");
        text
    }

    pub fn state(&self) -> String {
        fs::read_to_string(self.folder.path().join("terraform.tfstate")).unwrap()
    }
}

fn only(town: &Town) -> Garden {
    let state = town.state();
    assert_eq!(state.gardens.len(), 1);
    state.gardens.values().next().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_a_resource_can_have_is_created_changed_replaced_and_destroyed() {
    let town = Arc::new(Town::default());
    let terraform = Terraform::new(&town).await;
    let text = terraform.apply(FULL).await;
    assert!(text.contains("+ known_early = \"set\""), "that an id is not null is known when planning:\n{text}");
    assert_eq!(town.state().keys, ["sesame", "1234"]);
    assert!(!terraform.state().contains("sesame"));
    let depth = only(&town).ponds.unwrap()["deep"].depth.to_string();
    assert_eq!(depth, "100000000000000000000000000001.5");
    assert!(terraform.state().contains(&depth), "no digit is lost");

    let changed = FULL.replace("fence = 0.1", "fence = 0.30000000000000004\n  style = \"wild\"");
    let changed = changed.replace("{ kind = \"oak\" }", "{ kind = \"yew\" }").replace("[{ plant = \"rose\" }, ", "[");
    let text = terraform.apply(&changed).await;
    assert!(text.contains("1 to add, 1 to change") || text.contains("0 to add, 1 to change"), "{text}");
    assert_eq!((only(&town).style, only(&town).changes), (Style::Wilderness, 2));

    let text = terraform.apply(&changed.replace("plot  = 7", "plot  = 8")).await;
    assert!(text.contains("plot                = 7 -> 8 # forces replacement"), "{text}");
    assert_eq!((only(&town).plot, only(&town).changes), (8, 1));

    let (code, text) = terraform.run(&changed, &["destroy", "-auto-approve"]).await;
    assert_eq!(code, 0, "{text}");
    assert!(town.state().gardens.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_shown_at_their_lines_all_at_once() {
    let terraform = Terraform::new(&Arc::default()).await;
    let wrong = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 1000\n  name = \"NO\"\n  \
                 gate = { width = 12 }\n}\n";
    let (code, text) = terraform.run(wrong, &["validate"]).await;
    assert_eq!(code, 1);
    for expected in [
        "`plot` must be a whole number from 1 to 999; 1000 was given.",
        "on main.tf line 9, in resource",
        "`name` must be: lower-case letters only; \"NO\" was given.",
        "a sensitive value that",
        "on main.tf line 11, in resource",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exists_is_imported_by_its_id() {
    let town = Arc::new(Town::default());
    let first = Terraform::new(&town).await;
    let smallest = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 7\n}\n";
    first.apply(smallest).await;
    let second = Terraform::new(&town).await;
    let import = format!("{smallest}import {{\n  to = sample_garden.a\n  id = \"york/gdn-1\"\n}}\n");
    let text = second.apply(&import).await;
    assert!(text.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{text}");
}
