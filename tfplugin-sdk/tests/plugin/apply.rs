//! Claims about the ordinary life of a resource under the real Terraform: in this process step by step, and where the
//! process matters in one that Terraform starts, over mutual TLS.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tfplugin_sdk::testing::Action;
use tfplugin_sdk::testing::terraform::{
    Terraform, apply, changed, destroy, import_verify, kept, matching, null, plan, plan_again, plan_is_empty, refresh,
    set, taint, then, unknown, validate,
};
use tfplugin_sdk::{Number, path};

use super::notes;
use super::sandbox::Sandbox;

/// The notes of a folder under Terraform.
fn notes_in<'a>(folder: &TempDir) -> Terraform<'a> {
    let block = format!("provider \"notes\" {{ folder = \"{}\" }}", folder.path().display());
    Terraform::with(notes::provider()).provider_block(block)
}

fn note(title: &str, text: &str) -> String {
    format!("resource \"notes_note\" \"a\" {{\n  title = \"{title}\"\n  text = \"{text}\"\n}}\n")
}

fn text(folder: &Path, id: &str) -> String {
    fs::read_to_string(folder.join(id)).unwrap()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn a_resource_is_created_changed_replaced_tainted_imported_and_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    notes_in(&folder)
        .steps([
            apply(note("a", "one"))
                .plans("notes_note.a", Action::Create)
                .plans_nothing_else()
                .planned("notes_note.a", path!(id), unknown())
                .planned("notes_note.a", path!(author), null())
                .state("notes_note.a", path!(id), "note-a"),
            then(|| async { assert_eq!(text(here, "note-a"), "one") }),
            apply(note("a", "two")).plans("notes_note.a", Action::Update).plans_nothing_else().state(
                "notes_note.a",
                path!(id),
                kept(),
            ),
            then(|| async { assert_eq!(text(here, "note-a"), "two") }),
            import_verify("notes_note.a"),
            import_verify("notes_note.a").by_command(),
            import_verify("notes_note.a").id("note-x").fails("Cannot import what does not exist"),
            plan(note("b", "two")).plans("notes_note.a", Action::Replace).because(path!(title)),
            plan_is_empty(),
            apply(note("b", "two")).plans("notes_note.a", Action::Replace).state("notes_note.a", path!(id), changed()),
            taint("notes_note.a").tainted("notes_note.a"),
            plan_again().plans("notes_note.a", Action::Replace).planned("notes_note.a", path!(id), unknown()),
            apply(note("b", "two")).plans("notes_note.a", Action::Replace),
            destroy().plans("notes_note.a", Action::Delete).plans_nothing_else().gone("notes_note.a"),
        ])
        .destroyed(|| async { is_empty(here) })
        .await;
}

#[tokio::test]
async fn what_is_written_or_deleted_by_others_is_read_and_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("note-a");
    notes_in(&folder)
        .steps([
            apply(note("a", "one")),
            then(|| async { fs::write(&file, "scribble").unwrap() }),
            plan_again().drifts("notes_note.a", Action::Update).plans("notes_note.a", Action::Update),
            plan_again().without_refresh().plans("notes_note.a", Action::NoOp),
            refresh().state("notes_note.a", path!(text), "scribble"),
            apply(note("a", "one")).plans("notes_note.a", Action::Update),
            then(|| async { fs::remove_file(&file).unwrap() }),
            refresh().drifts("notes_note.a", Action::Delete).gone("notes_note.a"),
            apply(note("a", "one")).plans("notes_note.a", Action::Create),
        ])
        .destroyed(|| async { is_empty(folder.path()) })
        .await;
}

#[tokio::test]
async fn numbers_reach_the_state_digit_by_digit() {
    let numbers = ["0.1", "9007199254740993", "18446744073709551616", "-0.000000000000000000000000000001"];
    let resource =
        |(at, number)| format!("resource \"notes_note\" \"n{at}\" {{\n  title = \"n{at}\"\n  number = {number}\n}}\n");
    let all = apply(numbers.iter().enumerate().map(resource).collect::<String>());
    let all = numbers.iter().enumerate().fold(all, |all, (at, number)| {
        all.state(format!("notes_note.n{at}"), path!(number), number.parse::<Number>().unwrap())
    });
    notes_in(&tempfile::tempdir().unwrap()).step(all).await;
}

#[tokio::test]
async fn objects_sets_and_maps_keep_what_the_configuration_says() {
    let note = |name: &str, author: &str| {
        format!(
            "resource \"notes_note\" \"{name}\" {{\n  title = \"{name}\"\n  author = {author}\n  \
             readers = [\"me\", \"you\", \"me\"]\n  keywords = {{ \"ä b\" = \"x\", c = \"\" }}\n}}\n"
        )
    };
    let first = note("a", "{ name = \"Ann\", email = null }");
    let second = note("b", "{ name = notes_note.a.id, email = \"ann@example.org\" }");
    notes_in(&tempfile::tempdir().unwrap())
        .steps([
            apply(first + &second)
                .planned("notes_note.b", path!(author.name), unknown())
                .state("notes_note.a", path!(readers), set(["you", "me"]))
                .state("notes_note.a", path!(keywords["ä b"]), "x")
                .state("notes_note.a", path!(author.email), null())
                .state("notes_note.b", path!(author.name), "note-a"),
            // Without it the attribute is null again, which is a change in place.
            apply(note("a", "null") + &note("b", "null"))
                .plans("notes_note.a", Action::Update)
                .plans("notes_note.b", Action::Update)
                .plans_nothing_else(),
        ])
        .await;
}

#[tokio::test]
async fn what_is_known_of_an_unknown_id_decides_a_count_at_plan() {
    let two = "resource \"notes_note\" \"a\" { title = \"a\" }\n\
               resource \"notes_note\" \"b\" {\n  count = startswith(notes_note.a.id, \"note-\") ? 1 : 0\n  title = \"b\"\n}";
    let created = apply(two).plans("notes_note.b[0]", Action::Create).state("notes_note.b[0]", path!(id), "note-b");
    notes_in(&tempfile::tempdir().unwrap()).step(created).await;
}

#[tokio::test]
async fn an_existing_object_is_imported_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("note-a"), "found").unwrap();
    let import = note("a", "found") + "import {\n  to = notes_note.a\n  id = \"note-a\"\n}\n";
    let imported = apply(import).imports("notes_note.a").plans("notes_note.a", Action::NoOp);
    notes_in(&folder).step(imported.state("notes_note.a", path!(title), "a")).await;
}

#[tokio::test]
async fn an_error_stands_at_its_attribute_and_the_object_is_not_forgotten() {
    let mistaken = "resource \"notes_note\" \"a\" {\n  title = \"a\"\n  mistake = \"error\"\n}";
    let failed = apply(mistaken).fails("The ink is dry").at("notes_note.a", path!(mistake));
    let folder = tempfile::tempdir().unwrap();
    notes_in(&folder)
        .step(failed.tainted("notes_note.a").state("notes_note.a", path!(id), "note-a"))
        .destroyed(|| async { is_empty(folder.path()) })
        .await;
}

#[tokio::test]
async fn a_value_out_of_range_is_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let untitled = "resource \"notes_note\" \"a\" { title = \"\" }";
    notes_in(&folder)
        .steps([
            validate(untitled).fails(matching("`title` must have 1 to 60 characters")).at("notes_note.a", path!(title)),
            plan(untitled).fails("Invalid value for `title`").at("notes_note.a", path!(title)),
            then(|| async { assert!(is_empty(folder.path())) }),
        ])
        .await;
}

#[test]
fn terraform_starts_the_provider_and_ends_it_in_every_command() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = \"one\"\n}");
    sandbox.apply().succeeds();
    assert_eq!(sandbox.text("note-a"), "one");
    assert!(sandbox.is_settled());

    sandbox.configure("resource \"notes_note\" \"a\" {\n  title = \"b\"\n  text = \"two\"\n}");
    let plan = sandbox.apply().succeeds().text();
    assert!(plan.contains("forces replacement") && plan.contains("1 added, 0 changed, 1 destroyed"), "{plan}");
    assert_eq!(sandbox.text("note-b"), "two");

    sandbox.run(&["destroy", "-auto-approve", "-no-color"]).succeeds();
    assert_eq!(sandbox.existing(), Vec::<String>::new());
}

#[test]
fn a_panic_is_shown_once_with_its_place_and_what_was_done_is_in_the_state() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  mistake = \"panic\"\n}");
    let said = sandbox.apply().fails_saying("The provider panicked").text().replace('\n', " ");
    assert!(said.contains("creating a notes_note, at tfplugin-sdk/examples/notes.rs:"), "{said}");
    assert_eq!(said.matches("the inkwell is empty").count(), 1, "{said}");
    assert!(!said.contains("Stack trace"), "nothing crashed: {said}");
    assert!(sandbox.state().contains("\"id\": \"note-a\""), "{}", sandbox.state());
}

#[test]
fn a_panic_that_ends_the_process_is_shown_all_the_same() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  mistake = \"panic_twice\"\n}");
    // Terraform says "Plugin did not respond" or "Request cancelled" before, whichever it notices first.
    let said = sandbox.apply().fails_saying("plugin crashed!").text();
    assert!(said.contains("panic: the inkwell falls") && said.contains("and then: the ink is on the floor"), "{said}");
}
