//! Where the kernel does not allow a private network: a sentence that names the setting.

use std::process::Command;

use crate::network::{is_allowed, output, text};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clb-simulator");

/// What `exec` says within a namespace of users whose limits are set by `script`, as root of it.
fn said_after(script: &str) -> String {
    let mut command = Command::new("unshare");
    // Its own view of users only: the limits of the machine are left alone.
    command.args(["--user", "--map-root-user", "sh", "-e", "-c", script, PROGRAM]);
    let output = output(command);
    assert_eq!(output.status.code(), Some(125), "{}", text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn a_limit_of_the_kernel_is_named_with_what_to_do() {
    if !is_allowed() {
        return;
    }
    let limit = |name: &str| format!("echo 0 > /proc/sys/user/{name}; exec \"$0\" exec -- true");
    let none = said_after(&limit("max_net_namespaces"));
    assert!(none.starts_with("error: this machine does not allow a private network"), "{none}");
    assert!(
        none.contains("user.max_net_namespaces is 0") && none.contains("sysctl -w user.max_net_namespaces="),
        "{none}"
    );
}

#[test]
fn real_addresses_outside_of_a_private_network_are_refused() {
    let mut command = Command::new(PROGRAM);
    command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--vip-pool", "203.0.113.0/24"]);
    let output = output(command);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("clb-simulator exec -- COMMAND"), "{}", text(&output.stderr));
}
