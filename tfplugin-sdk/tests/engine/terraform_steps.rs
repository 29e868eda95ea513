//! The steps under Terraform themselves: what each expectation says when it is not met.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tfplugin_sdk::testing::terraform::{
    Step, Terraform, absent, apply, changed, destroy, import_verify, kept, known, matching, null, plan, plan_again,
    plan_is_empty, refresh, satisfying, sensitive, set, taint, then, unknown, validate,
};
use tfplugin_sdk::testing::{Action, recorded};
use tfplugin_sdk::{Dynamic, path};

use crate::shed::{Shed, provider};

const SAW: &str = "resource \"shed_tool\" \"a\" {\n  name = \"saw\"\n}\n";

/// A saw with one more argument.
fn saw(argument: &str) -> String {
    format!("resource \"shed_tool\" \"a\" {{\n  name = \"saw\"\n  {argument}\n}}\n")
}

fn in_the_shed<'a>(shed: &Arc<Shed>, steps: impl IntoIterator<Item = Step<'a>>) -> Terraform<'a> {
    Terraform::with(provider(shed)).steps(steps)
}

/// What a test says that has to fail.
async fn failure(test: Terraform<'static>) -> String {
    let failed = tokio::spawn(test.into_future()).await.expect_err("it has to fail").into_panic();
    text_of(failed.as_ref())
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap()
}

/// The same of one with these steps in an empty shed.
async fn failure_of(steps: impl IntoIterator<Item = Step<'static>>) -> String {
    let shed = Arc::default();
    let said = failure(in_the_shed(&shed, steps)).await;
    assert!(shed.tools().is_empty(), "what failed is cleaned up: {shed:?}");
    said
}

/// Fails unless exactly these pairs of what is expected and what is found are reported.
#[track_caller]
fn assert_reports(said: &str, pairs: &[(&str, &str)]) {
    for (expected, found) in pairs {
        let pair = said.split("  expected: ").find(|pair| pair.starts_with(expected));
        let pair = pair.unwrap_or_else(|| panic!("{expected:?} is not reported:\n{said}"));
        let after = pair.split("  found:    ").nth(1).unwrap();
        assert!(after.starts_with(found), "{found:?} is not found:\n{pair}");
    }
    assert_eq!(said.matches("  expected: ").count(), pairs.len(), "{said}");
}

#[tokio::test]
async fn everything_in_a_plan_that_is_not_as_expected_is_reported_at_once_and_nothing_is_applied() {
    let said = failure_of([apply(saw("code = \"1234\"") + "output \"o\" { value = 7 }")
        .plans("shed_tool.a", Action::Update)
        .plans("shed_tool.b", Action::Create)
        .planned("shed_tool.a", path!(colour), "red")
        .planned("shed_tool.a", path!(tool_id), known())
        .planned("shed_tool.a", path!(colour), unknown())
        .planned("shed_tool.a", path!(remark), "r")
        .planned("shed_tool.a", path!(name), sensitive("saw"))
        .planned("shed_tool.a", path!(code), "4321")
        .planned("shed_tool.a", path!(color), "grey")
        .planned_output("o", 8)
        .planned_output("p", 7)
        .moves("shed_tool.z", "shed_tool.a")
        .imports("shed_tool.a")
        .forgets("shed_tool.a")
        .drifts("shed_tool.a", Action::Update)])
    .await;
    let attributes = "there is no attribute `color`: it has `code`, `colour`, ";
    assert_reports(
        &said,
        &[
            ("shed_tool.a to be updated", "it is to be created"),
            ("shed_tool.b to be created", "the plan has nothing for it, only for shed_tool.a"),
            ("in the plan, `colour` of shed_tool.a to be \"red\"", "\"grey\""),
            ("in the plan, `tool_id` of shed_tool.a to be known before apply", "(known after apply)"),
            ("in the plan, `colour` of shed_tool.a to be not known before apply", "\"grey\""),
            ("in the plan, `remark` of shed_tool.a to be \"r\"", "null"),
            ("in the plan, `name` of shed_tool.a to be \"saw\", sensitive", "\"saw\""),
            ("in the plan, `code` of shed_tool.a to be \"4321\"", "(sensitive value)"),
            ("in the plan, `color` of shed_tool.a to be \"grey\"", attributes),
            ("in the plan, output o to be 8", "7"),
            ("in the plan, output p to be 7", "the plan has no such output"),
            ("shed_tool.z to be moved to shed_tool.a", "it is not moved"),
            ("shed_tool.a to be imported", "it is to be created"),
            ("shed_tool.a to be forgotten", "it is to be created"),
            ("shed_tool.a to be seen to be updated, outside of Terraform", "it is as Terraform left it"),
        ],
    );
    assert!(said.contains("step 1 (apply) is not as expected") && said.contains("$ terraform plan -json"), "{said}");
    assert!(!said.contains("$ terraform apply"), "a plan that is not as expected is not applied:\n{said}");
    assert!(said.contains("  2    name = \"saw\""), "the configuration is shown:\n{said}");
}

#[tokio::test]
async fn every_report_says_where_in_the_test_it_stands() {
    let line = line!();
    let looked_at = plan(SAW);
    let looked_at = looked_at.plans("shed_tool.a", Action::Update);
    let looked_at = looked_at.plans("shed_tool.a", Action::Delete);
    let said = failure_of([apply(SAW), looked_at]).await;
    let place = |down: u32| format!("{}:{}:", file!(), line + down);
    assert!(said.starts_with(&place(1)) && said.contains(": step 2 (plan) is not as expected"), "{said}");
    assert!(said.contains(&format!("to be updated   ({}", place(2))), "{said}");
    assert!(said.contains(&format!("to be deleted   ({}", place(3))), "{said}");
}

#[tokio::test]
async fn everything_in_a_state_that_is_not_as_expected_is_reported_at_once() {
    let more = "words = [\"b\", \"a\"]\n  labels = { k = \"v\" }\n  code = \"1234\"";
    let said = failure_of([apply(saw(more) + "output \"o\" { value = shed_tool.a.uses }")
        .state("shed_tool.a", path!(name), "axe")
        .state("shed_tool.a", path!(name), null())
        .state("shed_tool.a", path!(name), matching("^s.e$"))
        .state("shed_tool.a", path!(name), absent())
        .state("shed_tool.a", path!(name), sensitive("saw"))
        .state("shed_tool.a", path!(code), sensitive("4321"))
        .state("shed_tool.a", path!(uses), satisfying("an even number", |value| *value == Dynamic::Number(2.into())))
        .state("shed_tool.a", path!(uses), kept())
        .state("shed_tool.a", path!(uses), changed())
        .state("shed_tool.a", path!(words), set(["a"]))
        .state("shed_tool.a", path!(words), ["b", "a"])
        .state("shed_tool.a", path!(labels["x"]), "v")
        .state("shed_tool.a", path!(labels), recorded(r#"{"k":"w"}"#))
        .state("shed_tool.b", path!(name), "saw")
        .gone("shed_tool.a")
        .tainted("shed_tool.a")
        .tainted("shed_tool.b")
        .output("o", 2)
        .output("p", 1)])
    .await;
    assert_reports(
        &said,
        &[
            ("`name` of shed_tool.a to be \"axe\"", "\"saw\""),
            ("`name` of shed_tool.a to be null", "\"saw\""),
            ("`name` of shed_tool.a to be a text that matches /^s.e$/", "\"saw\""),
            ("`name` of shed_tool.a to be nothing there", "\"saw\""),
            ("`name` of shed_tool.a to be \"saw\", sensitive", "\"saw\""),
            ("`code` of shed_tool.a to be \"4321\", sensitive", "(sensitive value)"),
            ("`uses` of shed_tool.a to be an even number", "1"),
            ("`uses` of shed_tool.a to be the same as before", "1"),
            ("`uses` of shed_tool.a to be another one than before", "1"),
            ("`words` of shed_tool.a to be [\"a\"] in any order", "[\"a\", \"b\"]"),
            ("`words` of shed_tool.a to be [\"b\", \"a\"]", "[\"a\", \"b\"]"),
            ("`labels[\"x\"]` of shed_tool.a to be \"v\"", "nothing there"),
            ("`labels` of shed_tool.a to be { k = \"w\" }", "{ k = \"v\" }"),
            ("`name` of shed_tool.b to be \"saw\"", "the state has nothing there, only shed_tool.a"),
            ("shed_tool.a to be gone", "it is in the state"),
            ("shed_tool.a to be tainted", "it is whole"),
            ("shed_tool.b to be tainted", "the state has nothing there, only shed_tool.a"),
            ("output o to be 2", "1"),
            ("output p to be 1", "there is no such output, only o"),
        ],
    );
    assert_eq!(said.matches("1234").count(), 1, "a secret is only in the test's own configuration:\n{said}");
}

#[tokio::test]
async fn the_reason_of_a_replacement_and_what_is_compared_with_before_are_looked_at() {
    let red = saw("colour = \"red\"");
    let said =
        failure_of([apply(SAW), plan(red.as_str()).plans("shed_tool.a", Action::Replace).because(path!(name))]).await;
    let expected = "shed_tool.a to be replaced, because of `name`";
    assert_reports(&said, &[(expected, "it is to be replaced, because of `colour`")]);
    let said = failure_of([
        apply(SAW),
        apply(saw("remark = \"r\"")).state("shed_tool.a", path!(tool_id), changed()).state(
            "shed_tool.a",
            path!(uses),
            kept(),
        ),
    ])
    .await;
    assert_reports(
        &said,
        &[
            ("`tool_id` of shed_tool.a to be another one than before", "\"tool-1\", and before it was \"tool-1\""),
            ("`uses` of shed_tool.a to be the same as before", "2, and before it was 1"),
        ],
    );
    let both = SAW.to_owned() + "resource \"shed_tool\" \"b\" { name = \"axe\" }\n";
    let said = failure_of([plan(both).plans("shed_tool.a", Action::Create).plans_nothing_else()]).await;
    assert_reports(&said, &[("nothing else in the plan", "shed_tool.b to be created")]);
}

#[tokio::test]
async fn a_plan_that_is_not_empty_after_an_apply_is_noticed_with_what_it_would_change() {
    let said = failure_of([apply(saw("quirk = \"wordy\"\n  words = [\"a\"]"))]).await;
    assert_reports(&said, &[("a plan that is empty   (", "shed_tool.a is to be updated\n")]);
    assert!(said.contains("`words`: [\"a\", \"word-1\"] -> [\"a\"]"), "{said}");
    let said = failure_of([apply(saw("quirk = \"restless\""))]).await;
    let found = "shed_tool.a is to be updated\n              `uses`: 1 -> (known after apply)";
    assert_reports(&said, &[("a plan that is empty, without refresh", found), ("a plan that is empty   (", found)]);
    let expected = [apply(saw("quirk = \"restless\"")).leaves_changes(), plan_is_empty()];
    assert!(failure_of(expected).await.contains("step 2 (plan_again)"));
    let said = failure_of([apply(SAW).leaves_changes()]).await;
    assert_reports(&said, &[("a plan afterwards that is not empty", "it is empty")]);
}

#[tokio::test]
async fn an_error_has_to_come_as_expected_and_alone() {
    let wrong = saw("colour = null\n  quirk = \"odd\"").replace("saw", "s");
    let length = "must have 2 to 8 characters";
    let expected =
        plan(wrong.as_str()).fails(length).at("shed_tool.a", path!(name)).fails(matching("`quirk` must be .wordy"));
    in_the_shed(&Arc::default(), [expected]).await;

    let said = failure_of([plan(wrong.as_str()).fails(length)]).await;
    assert_reports(&said, &[("no other error", "Error: Invalid value for `quirk`")]);
    let said =
        failure_of([plan(wrong.as_str()).fails(length).at("shed_tool.a", path!(quirk)).fails("`quirk` must be")]).await;
    let expected = "an error: \"must have 2 to 8 characters\", at `quirk` of shed_tool.a";
    assert_reports(
        &said,
        &[(expected, "terraform plan failed"), ("no other error", "Error: Invalid value for `name`")],
    );
    let said = failure_of([validate(wrong.as_str())]).await;
    assert_reports(&said, &[("success", "terraform validate failed\n            Error: Invalid value")]);
    let said = failure_of([plan(SAW).fails(length)]).await;
    assert_reports(&said, &[("an error: \"must have 2 to 8 characters\"", "plan succeeded")]);
    let said = failure_of([apply(wrong).fails(length).fails("`quirk` must be")]).await;
    assert_reports(&said, &[("a plan without errors, and then an error while it is applied", "terraform plan failed")]);
}

#[tokio::test]
async fn an_error_while_applying_leaves_what_there_is_in_the_state() {
    let brittle = saw("quirk = \"brittle\"");
    let shed = &Arc::<Shed>::default();
    in_the_shed(
        shed,
        [
            apply(brittle.as_str())
                .fails("It broke: Take another.")
                .at("shed_tool.a", path!(quirk))
                .tainted("shed_tool.a")
                .state("shed_tool.a", path!(tool_id), "tool-1"),
            apply(SAW).plans("shed_tool.a", Action::Replace),
        ],
    )
    .destroyed(|| async { shed.tools().is_empty() })
    .await;
    let said = failure_of([apply(brittle)]).await;
    assert_reports(&said, &[("success", "terraform apply failed\n            Error: It broke: Take another.")]);
}

#[tokio::test]
async fn a_warning_has_to_be_shown() {
    let sharp = apply(SAW).warns("It is sharp: Mind your fingers.").at("shed_tool.a", path!(name));
    in_the_shed(&Arc::default(), [sharp]).await;
    let said = failure_of([apply(SAW).warns("It is blunt").warns("sharp").at("shed_tool.a", path!(colour))]).await;
    let found = "other warnings:\n            Warning: It is sharp: Mind your fingers.";
    let second = "a warning: \"sharp\", at `colour` of shed_tool.a";
    assert_reports(&said, &[("a warning: \"It is blunt\"", found), (second, found)]);
}

#[tokio::test]
async fn a_secret_has_to_be_nowhere() {
    let said = failure_of([apply(saw("remark = \"hush\"")).hides("hush").hides("saw\"").hides("unheard-of")]).await;
    assert_reports(
        &said,
        &[("\"hush\" to be nowhere", "it is in the plan"), ("\"saw\\\"\" to be nowhere", "it is in the plan")],
    );
}

#[tokio::test]
async fn an_import_has_to_give_back_every_attribute() {
    let remarked = saw("remark = \"r\"\n  code = \"1234\"");
    let said = failure_of([apply(remarked.as_str()), import_verify("shed_tool.a")]).await;
    assert_reports(
        &said,
        &[
            ("`remark` of shed_tool.a, imported, to be \"r\"", "null"),
            ("after the import of shed_tool.a, a plan that leaves `remark` as it is", "null -> \"r\""),
        ],
    );
    let said = failure_of([apply(SAW), import_verify("shed_tool.a").id("tool-9")]).await;
    assert_reports(
        &said,
        &[("success", "terraform plan failed\n            Error: Cannot import what does not exist")],
    );
    let said = failure_of([apply(SAW), import_verify("shed_tool.b")]).await;
    assert_reports(&said, &[("shed_tool.b in the state", "the state has only [\"shed_tool.a\"]")]);
    let shed = Arc::<Shed>::default();
    let seen = shed.clone();
    let repaint = || async move { seen.tools().get_mut("tool-1").unwrap().colour = "rusty".to_owned() };
    let said = failure(in_the_shed(&shed, [apply(SAW), then(repaint), import_verify("shed_tool.a")])).await;
    let replaced = "it is to be replaced, because of `colour`";
    assert_reports(
        &said,
        &[
            ("`colour` of shed_tool.a, imported, to be \"grey\"", "\"rusty\""),
            ("after the import of shed_tool.a, a plan that keeps it", replaced),
        ],
    );
    let (id, lost) = ("tool-9", "Cannot import what does not exist");
    in_the_shed(
        &Arc::default(),
        [
            apply(remarked),
            import_verify("shed_tool.a").ignoring(path!(remark)),
            import_verify("shed_tool.a").by_command().ignoring(path!(remark)),
            import_verify("shed_tool.a").id(id).fails(lost),
            import_verify("shed_tool.a").id(id).by_command().fails("does not exist: There is no shed_tool with"),
            // Left out by Terraform 1.11, which cannot.
            import_verify("shed_tool.a").by_identity().ignoring(path!(remark)),
            plan_is_empty(),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_changes_behind_terraforms_back_is_seen_and_taken_over() {
    let shed = &Arc::<Shed>::default();
    let blunt = || async {
        shed.tools().get_mut("tool-1").unwrap().colour = "rusty".to_owned();
    };
    let steal = || async { drop(shed.tools().remove("tool-1")) };
    in_the_shed(
        shed,
        [
            apply(SAW),
            then(blunt),
            plan_again().drifts("shed_tool.a", Action::Update).plans("shed_tool.a", Action::Replace),
            plan_again().without_refresh().plans("shed_tool.a", Action::NoOp),
            refresh().drifts("shed_tool.a", Action::Update).state("shed_tool.a", path!(colour), "rusty"),
            refresh().state("shed_tool.a", path!(colour), kept()),
            then(steal),
            refresh().drifts("shed_tool.a", Action::Delete).gone("shed_tool.a"),
            apply(SAW).plans("shed_tool.a", Action::Create),
            taint("shed_tool.a").tainted("shed_tool.a"),
            plan_again().plans("shed_tool.a", Action::Replace),
            apply(SAW).replacing("shed_tool.a").plans("shed_tool.a", Action::Replace),
        ],
    )
    .await;
}

#[tokio::test]
async fn variables_files_modules_and_blocks_about_the_state_are_just_configuration() {
    let shed = &Arc::<Shed>::default();
    let head = "variable \"name\" {}\nvariable \"words\" { type = set(string) }\n";
    let tool = |label: &str, more: &str| {
        format!("{head}resource \"shed_tool\" \"{label}\" {{\n  name = var.name\n  words = var.words\n  {more}\n}}\n")
    };
    let of_module = format!("{head}module \"box\" {{\n  source = \"./box\"\n  name = file(\"name.txt\")\n}}\n");
    let inside = "terraform {\n  required_providers {\n    shed = { source = \"example/shed\" }\n  }\n}\n\
                  variable \"name\" {}\nresource \"shed_tool\" \"inner\" { name = var.name }\n";
    in_the_shed(
        shed,
        [
            apply(tool("a", "")).state("shed_tool.a", path!(words), set(["y", "x"])),
            apply(tool("a", "")).variable("words", "[\"z\"]").state("shed_tool.a", path!(words), ["z"]),
            apply(tool("b", "") + "moved {\n  from = shed_tool.a\n  to = shed_tool.b\n}\n")
                .moves("shed_tool.a", "shed_tool.b")
                .plans("shed_tool.b", Action::NoOp),
            apply(tool("b", "") + &of_module.replace(head, ""))
                .file("name.txt", "axe")
                .plans("module.box.shed_tool.inner", Action::Create)
                .targeting("module.box.shed_tool.inner")
                .state("module.box.shed_tool.inner", path!(name), "axe"),
            apply(of_module + "removed {\n  from = shed_tool.b\n  lifecycle { destroy = false }\n}\n")
                .forgets("shed_tool.b")
                .plans_nothing_else()
                .gone("shed_tool.b"),
            import_verify("module.box.shed_tool.inner"),
        ],
    )
    .provider_block("provider \"shed\" { owner = \"ann\" }")
    .variable("name", "saw")
    .variable("words", "[\"x\", \"y\"]")
    .file("box/main.tf", inside)
    .environment("TF_LOG", "off")
    .destroyed(|| async { shed.tools().keys().eq(["tool-1"]) })
    .await;
}

#[tokio::test]
async fn a_mistake_in_the_provider_block_is_at_the_provider() {
    let wrong = plan(SAW).fails("`owner` must be \"ann\"").at("provider.shed", path!(owner));
    in_the_shed(&Arc::default(), [wrong]).provider_block("provider \"shed\" { owner = \"eve\" }").await;
}

#[tokio::test]
async fn a_check_of_the_author_ends_the_test_as_it_ended_and_everything_is_destroyed_all_the_same() {
    let said =
        failure_of([apply(SAW), then(|| async { panic!("the {} is blunt", "saw") }), plan(SAW).fails("no")]).await;
    assert_eq!(said, "the saw is blunt");
}

#[tokio::test]
async fn what_is_left_at_the_end_is_told() {
    let shed = Arc::<Shed>::default();
    let asked = shed.clone();
    let said = failure(in_the_shed(&shed, [apply(SAW)]).destroyed(|| async move { !asked.tools().is_empty() })).await;
    assert!(said.ends_with("everything was destroyed, and the platform says that something is left"), "{said}");

    let heavy = saw("quirk = \"heavy\"");
    let said = failure(in_the_shed(&shed, [apply(heavy.as_str())])).await;
    assert!(said.contains("the clean-up at the end is not as expected") && said.contains("It does not move"), "{said}");
    let said = failure(in_the_shed(&shed, [apply(heavy.as_str()), plan(heavy).fails("no")])).await;
    assert!(said.contains("step 2 (plan)") && said.contains("Afterwards not everything could be destroyed"), "{said}");
    let stuck = in_the_shed(&shed, [apply(saw("quirk = \"heavy\"")), destroy().fails("It does not move")]);
    assert!(failure(stuck).await.contains("the clean-up at the end"));
}

#[tokio::test]
async fn a_run_over_its_deadline_is_interrupted_and_what_it_made_is_cleaned_up() {
    let shed = Arc::<Shed>::default();
    let endless = in_the_shed(&shed, [apply(saw("quirk = \"endless\""))]).deadline(Duration::from_secs(5));
    let said = failure(endless).await;
    assert_reports(&said, &[("success", "terraform apply did not end within 5s")]);
    assert!(shed.tools().is_empty(), "{said}");
}

#[test]
fn what_says_nothing_about_a_step_is_refused_where_it_is_written() {
    let refused = |step: fn() -> Step<'static>| text_of(std::panic::catch_unwind(step).unwrap_err().as_ref());
    assert_eq!(refused(|| plan_is_empty().ignoring(path!(a))), "`ignoring` says nothing about plan_again");
    assert_eq!(refused(|| apply("").is_empty()), "`is_empty` says nothing about apply");
    assert_eq!(refused(|| plan("").state("a.b", path!(c), 1)), "`state` says nothing about plan");
    assert_eq!(refused(|| import_verify("a.b").plans("a.b", Action::NoOp)), "`plans` says nothing about import_verify");
    assert_eq!(refused(|| then(|| async {}).fails("x")), "`fails` says nothing about then");
    assert_eq!(refused(|| apply("").at("a.b", path!(c))), "`at` stands after `fails` or `warns`, once");
    let because = refused(|| apply("").plans("a.b", Action::Update).because(path!(c)));
    assert_eq!(because, "`because` stands after `plans(…, Action::Replace)`");
    assert!(refused(|| apply("").file("provider.tf", "")).contains("written by the test itself"));
    assert!(refused(|| apply("").file("../x", "")).contains("leads out of the folder"));
    assert!(refused(|| apply("").fails(matching("("))).contains("unclosed group"));
}
