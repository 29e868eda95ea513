//! Claims about the log.

use super::sandbox::Sandbox;

#[test]
fn the_log_has_structured_entries_of_each_call() {
    let mut sandbox = Sandbox::new("resource \"notes_note\" \"a\" { title = \"a\" }");
    sandbox.variables = vec![("TF_LOG_PROVIDER".into(), "debug".into())];
    let text = sandbox.apply().succeeds().text();
    let entry =
        |what: &str| text.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what} in {text}"));
    let answered = entry("tf_rpc=ApplyResourceChange");
    assert!(answered.contains("[DEBUG]") && answered.contains("call answered"), "{answered}");
    for field in ["tf_resource_type=notes_note", "tf_req_id=", "tf_req_duration_ms=", "@module=tfplugin_sdk"] {
        assert!(answered.contains(field), "{field} in {answered}");
    }
    let authors = entry("using the folder");
    assert!(authors.contains("[INFO]") && authors.contains("tf_rpc=ConfigureProvider"), "{authors}");
}

#[test]
fn without_being_asked_nothing_is_logged() {
    let sandbox = Sandbox::new("resource \"notes_note\" \"a\" { title = \"a\" }");
    let text = sandbox.apply().succeeds().text();
    assert!(!text.contains("using the folder") && !text.contains("tf_rpc"), "{text}");
}

#[test]
fn what_the_user_is_told_is_in_the_log_with_its_call_and_its_attribute() {
    let mut sandbox = Sandbox::new("resource \"notes_note\" \"a\" {\n  title = \"a\"\n  mistake = \"error\"\n}");
    sandbox.variables = vec![("TF_LOG_PROVIDER".into(), "error".into())];
    let text = sandbox.apply().fails_saying("The ink is dry").text();
    let entry = text.lines().find(|line| line.contains("[ERROR]") && line.contains("The ink is dry")).unwrap();
    for field in ["diagnostic_attribute=mistake", "tf_rpc=ApplyResourceChange", "tf_resource_type=notes_note"] {
        assert!(entry.contains(field), "{field} in {entry}");
    }
    assert!(!text.contains("call answered"), "only what was asked for: {text}");
}

#[test]
fn no_secret_is_in_the_log_whatever_is_logged() {
    let file =
        "resource \"folder_file\" \"a\" {\n  name = \"a\"\n  secret_wo = \"hush-hush\"\n  secret_wo_version = 1\n}";
    let mut sandbox = Sandbox::of("folder", file);
    sandbox.variables = ["TF_LOG_PROVIDER", "TF_LOG_SDK"].map(|name| (name.into(), "trace".into())).to_vec();
    let text = sandbox.apply().succeeds().text();
    assert!(text.contains("tf_rpc=ApplyResourceChange") && text.contains("[TRACE]"), "{text}");
    assert!(!text.contains("hush"), "{text}");
    assert_eq!(std::fs::read_to_string(sandbox.notes().join(".a.secret")).unwrap(), "hush-hush");
}
