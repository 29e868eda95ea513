//! The sample provider under the real Terraform: what the miniature core accepts, the real one accepts too.

use std::sync::Arc;

use tfplugin_sdk::path;
use tfplugin_sdk::testing::Action;
use tfplugin_sdk::testing::terraform::{
    Terraform, apply, changed, destroy, import_verify, kept, matching, plan, sensitive, then, unknown, validate,
};
use tfplugin_sdk::{Number, Provider};

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

const SMALLEST: &str = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 7\n}\n";

/// The sample provider, and what is added to it, under Terraform.
pub fn under_terraform<'a>(provider: Provider<Arc<Town>>) -> Terraform<'a> {
    Terraform::with(provider).provider_block("provider \"sample\" { owner = \"ann\" }")
}

fn only(town: &Town) -> Garden {
    let state = town.state();
    assert_eq!(state.gardens.len(), 1);
    state.gardens.values().next().unwrap().clone()
}

#[tokio::test]
async fn everything_a_resource_can_have_is_created_changed_replaced_and_destroyed() {
    let town = &Arc::new(Town::default());
    let depth: Number = "100000000000000000000000000001.5".parse().unwrap();
    let changed_text = FULL.replace("fence = 0.1", "fence = 0.30000000000000004\n  style = \"wild\"");
    let changed_text =
        changed_text.replace("{ kind = \"oak\" }", "{ kind = \"yew\" }").replace("[{ plant = \"rose\" }, ", "[");
    let moved = changed_text.replace("plot  = 7", "plot  = 8");
    under_terraform(provider(town))
        .steps([
            apply(FULL)
                .plans("sample_garden.a", Action::Create)
                .planned("sample_garden.a", path!(garden_id), unknown())
                .planned("sample_garden.a", path!(beds[1].plant), unknown())
                .planned("sample_garden.a", path!(gate.width), sensitive(2))
                // That an id is not null is known while it is not.
                .planned_output("known_early", "set")
                .state("sample_garden.a", path!(ponds["deep"].depth), depth)
                .state("sample_garden.a", path!(ponds["deep"].inspection.passed), true)
                .state("sample_garden.a", path!(labels), tfplugin_sdk::testing::recorded(r#"{"a":"b"}"#))
                .hides("sesame")
                .hides("1234"),
            then(|| async {
                assert_eq!(town.state().keys, ["sesame", "1234"]);
                assert_eq!(only(town).ponds.unwrap()["deep"].depth.to_string(), "100000000000000000000000000001.5");
            }),
            apply(changed_text.as_str())
                .plans("sample_garden.a", Action::Update)
                .plans_nothing_else()
                .state("sample_garden.a", path!(garden_id), kept())
                .state("sample_garden.a", path!(fence), 0.300_000_000_000_000_04)
                .state("sample_garden.a", path!(changes), 2),
            then(|| async { assert_eq!(only(town).style, Style::Wilderness) }),
            apply(moved)
                .plans("sample_garden.a", Action::Replace)
                .because(path!(plot))
                .plans_nothing_else()
                .state("sample_garden.a", path!(garden_id), changed())
                .state("sample_garden.a", path!(changes), 1),
            destroy()
                .plans("sample_garden.a", Action::Delete)
                .plans("terraform_data.later", Action::Delete)
                .plans_nothing_else()
                .warns("A garden goes"),
        ])
        .destroyed(|| async { town.state().gardens.is_empty() })
        .await;
}

#[tokio::test]
async fn mistakes_are_shown_at_their_lines_all_at_once() {
    let wrong = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 1000\n  name = \"NO\"\n  \
                 gate = { width = 12 }\n}\n";
    under_terraform(provider(&Arc::default()))
        .step(
            validate(wrong)
                .fails("`plot` must be a whole number from 1 to 999; 1000 was given.")
                .at("sample_garden.a", path!(plot))
                .fails("`name` must be: lower-case letters only; \"NO\" was given.")
                .at("sample_garden.a", path!(name))
                .fails("a sensitive value that")
                .at("sample_garden.a", path!(gate.width)),
        )
        .await;
}

#[tokio::test]
async fn what_exists_is_imported_by_its_id() {
    let town = &Arc::new(Town::default());
    let import = format!("{SMALLEST}import {{\n  to = sample_garden.a\n  id = \"york/gdn-1\"\n}}\n");
    let lost = "resource \"sample_garden\" \"a\" {\n  town = \"york\"\n  plot = 7\n}\n\
                import {\n  to = sample_garden.a\n  id = \"york/gdn-9\"\n}\n";
    under_terraform(provider(town))
        .steps([
            apply(SMALLEST),
            import_verify("sample_garden.a"),
            import_verify("sample_garden.a").by_command(),
            import_verify("sample_garden.a").id("gdn-1").fails(matching("expected|form")),
            apply("removed {\n  from = sample_garden.a\n  lifecycle { destroy = false }\n}\n")
                .forgets("sample_garden.a"),
            plan(lost).fails("Cannot import what does not exist"),
            apply(import).imports("sample_garden.a").plans("sample_garden.a", Action::NoOp).plans_nothing_else(),
        ])
        .destroyed(|| async { town.state().gardens.is_empty() })
        .await;
}
