//! Claims about Ctrl-C: it reaches the provider too, and nothing that was created may be forgotten.

use std::fs;
use std::process::Child;

use super::process::{eventually, signal};
use super::sandbox::{Ran, Sandbox};

/// Applies until the note has been written and its creation waits.
pub fn in_the_middle_of_a_create(sandbox: &Sandbox) -> Child {
    let until = sandbox.path("until");
    let until = until.display();
    sandbox.configure(&format!("resource \"notes_note\" \"a\" {{\n  title = \"a\"\n  until = \"{until}\"\n}}"));
    let terraform = sandbox.start(&["apply", "-auto-approve", "-no-color"]);
    eventually("the note is written", || (sandbox.existing() == ["note-a"]).then_some(()));
    terraform
}

#[test]
fn a_create_interrupted_from_the_terminal_is_in_the_state() {
    let sandbox = Sandbox::new("");
    let terraform = in_the_middle_of_a_create(&sandbox);
    // As a terminal does it: to Terraform and the provider at once.
    signal(format!("-{}", terraform.id()), "INT");
    let ended = Ran(terraform.wait_with_output().unwrap()).fails_saying("Interrupted");
    assert!(sandbox.state().contains("\"id\": \"note-a\""), "{}\n{}", ended.text(), sandbox.state());
}

#[test]
fn a_process_group_that_is_told_to_terminate_leaves_its_objects_in_the_state() {
    let sandbox = Sandbox::new("");
    let terraform = in_the_middle_of_a_create(&sandbox);
    signal(format!("-{}", terraform.id()), "TERM");
    let ended = Ran(terraform.wait_with_output().unwrap());
    assert!(sandbox.state().contains("\"id\": \"note-a\""), "{}\n{}", ended.text(), sandbox.state());
}

#[test]
fn a_signal_to_the_provider_alone_does_not_disturb_a_create() {
    let sandbox = Sandbox::new("");
    let terraform = in_the_middle_of_a_create(&sandbox);
    for process in children(terraform.id()) {
        signal(process, "INT");
    }
    fs::write(sandbox.path("until"), "").unwrap();
    Ran(terraform.wait_with_output().unwrap()).succeeds();
    assert!(sandbox.is_settled());
}

#[test]
fn a_terraform_that_is_killed_leaves_no_provider_behind() {
    let sandbox = Sandbox::new("");
    let mut terraform = in_the_middle_of_a_create(&sandbox);
    let providers = children(terraform.id());
    terraform.kill().unwrap();
    terraform.wait().unwrap();
    for provider in providers {
        // A process that has ended and that nobody has waited for yet is gone too: it is a zombie.
        let ended = || match fs::read_to_string(format!("/proc/{provider}/stat")) {
            Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
            Err(_) => true,
        };
        eventually("the provider ends", || ended().then_some(()));
    }
    assert_eq!(sandbox.existing(), ["note-a"], "what was begun is there, and an import finds it");
}

fn children(of: u32) -> Vec<u32> {
    let listed = std::process::Command::new("ps").args(["-o", "pid=", "--ppid", &of.to_string()]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let children: Vec<u32> = listed.split_whitespace().map(|id| id.parse().unwrap()).collect();
    assert!(!children.is_empty());
    children
}
