//! Claims about serving without being started by Terraform.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::notes;
use super::process::{sample, signal};
use super::sandbox::Sandbox;

/// A sandbox whose Terraform cannot start the provider.
fn attached(value: String, resources: &str) -> Sandbox {
    let mut sandbox = Sandbox::new(resources);
    std::fs::remove_file(sandbox.path("bin/terraform-provider-notes")).unwrap();
    std::fs::write(sandbox.path("cli.tfrc"), "disable_checkpoint = true\n").unwrap();
    sandbox.variables = vec![("TF_REATTACH_PROVIDERS".into(), value)];
    sandbox
}

#[tokio::test(flavor = "multi_thread")]
async fn terraform_uses_a_provider_inside_the_test() {
    let provider = tfplugin_sdk::reattach(notes::provider()).await;
    let socket = {
        let value: serde_json::Value = serde_json::from_str(&provider.env_value()).unwrap();
        value["example/notes"]["Addr"]["String"].as_str().unwrap().to_owned()
    };
    let sandbox = attached(provider.env_value(), "resource \"notes_note\" \"a\" { title = \"a\" }");
    tokio::task::spawn_blocking(move || {
        sandbox.apply().succeeds();
        assert_eq!(sandbox.existing(), ["note-a"]);
        assert!(sandbox.is_settled());
        sandbox.run(&["destroy", "-auto-approve", "-no-color"]).succeeds();
        assert_eq!(sandbox.existing(), Vec::<String>::new());
    })
    .await
    .unwrap();
    drop(provider);
    assert!(!std::path::Path::new(&socket).exists());
}

#[test]
fn terraform_finds_a_process_started_for_debugging_by_what_it_prints() {
    let mut process = Command::new(sample()).arg("-debug").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let value = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.strip_suffix('\'')?.to_owned()))
        .unwrap();
    let sandbox = attached(value, "resource \"notes_note\" \"a\" { title = \"a\" }");
    sandbox.apply().succeeds();
    assert!(sandbox.is_settled());
    signal(process.id(), "INT");
    assert!(process.wait().unwrap().success());
}
