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
