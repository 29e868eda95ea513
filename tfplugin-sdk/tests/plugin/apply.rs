//! Claims about the ordinary life of a resource, under the real Terraform over mutual TLS.

use super::sandbox::Sandbox;

#[test]
fn a_resource_is_created_planned_again_without_change_updated_in_place_and_destroyed() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = \"one\"\n}");
    sandbox.apply().succeeds();
    assert_eq!(sandbox.text("note-a"), "one");
    assert!(sandbox.is_settled());

    sandbox.configure("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = \"two\"\n}");
    let plan = sandbox.apply().succeeds().text();
    assert!(plan.contains("0 added, 1 changed, 0 destroyed"), "{plan}");
    assert_eq!(sandbox.text("note-a"), "two");

    sandbox.configure("resource \"notes_note\" \"a\" {\n  title = \"b\"\n  text = \"two\"\n}");
    let plan = sandbox.apply().succeeds().text();
    assert!(plan.contains("forces replacement") && plan.contains("1 added, 0 changed, 1 destroyed"), "{plan}");

    sandbox.run(&["destroy", "-auto-approve", "-no-color"]).succeeds();
    assert_eq!(sandbox.existing(), Vec::<String>::new());
}

#[test]
fn numbers_reach_the_state_digit_by_digit() {
    let numbers = ["0.1", "9007199254740993", "18446744073709551616", "-0.000000000000000000000000000001"];
    let resource =
        |(at, number)| format!("resource \"notes_note\" \"n{at}\" {{\n  title = \"n{at}\"\n  number = {number}\n}}\n");
    let sandbox = Sandbox::new(&numbers.iter().enumerate().map(resource).collect::<String>());
    sandbox.apply().succeeds();
    assert!(sandbox.is_settled());
    for number in &numbers[..3] {
        assert!(sandbox.state().contains(&format!("\"number\": {number},")), "{number} in {}", sandbox.state());
    }
}

#[test]
fn objects_sets_and_maps_keep_what_the_configuration_says() {
    let note = |name: &str, author: &str| {
        format!(
            "resource \"notes_note\" \"{name}\" {{\n  title = \"{name}\"\n  author = {author}\n  \
             readers = [\"me\", \"you\", \"me\"]\n  keywords = {{ \"ä b\" = \"x\", c = \"\" }}\n}}\n"
        )
    };
    let first = note("a", "{ name = \"Ann\", email = null }");
    let second = note("b", "{ name = notes_note.a.id, email = \"ann@example.org\" }");
    let sandbox = Sandbox::new(&(first + &second));
    sandbox.apply().succeeds();
    assert!(sandbox.is_settled());
    assert!(sandbox.state().contains("\"name\": \"note-a\""), "{}", sandbox.state());
    // Without it the attribute is null again, which is a change in place.
    sandbox.configure(&(note("a", "null") + &note("b", "null")));
    let text = sandbox.apply().succeeds().text();
    assert!(text.contains("0 added, 2 changed, 0 destroyed"), "{text}");
    assert!(sandbox.is_settled());
}

#[test]
fn what_is_known_of_an_unknown_id_decides_a_count_at_plan() {
    let sandbox = Sandbox::new(
        "resource \"notes_note\" \"a\" { title = \"a\" }\n\
         resource \"notes_note\" \"b\" {\n  count = startswith(notes_note.a.id, \"note-\") ? 1 : 0\n  title = \"b\"\n}",
    );
    sandbox.apply().succeeds();
    assert_eq!(sandbox.existing(), ["note-a", "note-b"]);
}

#[test]
fn an_existing_object_is_imported_by_its_id() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = \"found\"\n}");
    std::fs::write(sandbox.notes().join("note-a"), "found").unwrap();
    sandbox.run(&["import", "-no-color", "notes_note.a", "note-a"]).succeeds();
    assert!(sandbox.is_settled());
}

#[test]
fn an_error_stands_at_its_attribute_and_the_object_is_not_forgotten() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  mistake = \"error\"\n}");
    let said = sandbox.apply().fails_saying("The ink is dry").text();
    assert!(said.contains("mistake = \"error\""), "the line of the configuration is shown: {said}");
    assert!(sandbox.state().contains("\"id\": \"note-a\"") && sandbox.state().contains("tainted"));
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

#[test]
fn a_value_out_of_range_is_refused_before_anything_is_done() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" { title = \"\" }");
    sandbox.run(&["validate", "-no-color"]).fails_saying("title");
}
