//! Claims about the process: when it starts, and when it ends.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::generated::goplugin::Empty;
use super::generated::goplugin::grpc_controller_client::GrpcControllerClient;
use super::generated::goplugin::grpc_stdio_client::GrpcStdioClient;
use super::generated::tfplugin6 as wire;
use super::generated::tfplugin6::provider_client::ProviderClient;
use super::process::{COOKIE, Plugin, command, eventually, output, sample, signal};
use super::sandbox::Sandbox;

#[test]
fn started_by_hand_it_explains_itself() {
    let mut by_hand = command(&[]);
    by_hand.env_remove(COOKIE.0);
    let (status, out, err) = output(by_hand);
    assert_eq!((status.code(), out.as_str()), (Some(1), ""));
    assert!(err.contains("Terraform provider") && err.contains("terraform init"), "{err}");
}

#[test]
fn a_terraform_of_other_protocols_is_told_so_in_the_one_line_it_shows() {
    let (status, out, _) = output(command(&[("PLUGIN_PROTOCOL_VERSIONS", "4,5")]));
    assert_eq!(status.code(), Some(1));
    assert!(out.contains("4,5") && out.lines().count() == 1, "{out}");
}

#[test]
fn a_start_that_fails_is_told_in_one_line_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(100));
    let barred = folder.path().join("a|b");
    for parent in [&long, &barred] {
        std::fs::create_dir(parent).unwrap();
    }
    for (parent, remedy) in [
        (Path::new("/nonexistent"), "a folder that exists and that you may write to"),
        (long.as_path(), "a shorter path"),
        (barred.as_path(), "a folder with a plain name"),
    ] {
        let (status, out, _) = output(command(&[("PLUGIN_UNIX_SOCKET_DIR", parent.to_str().unwrap())]));
        assert_eq!(status.code(), Some(1));
        assert!(out.contains(&*parent.to_string_lossy()) && out.trim_end().ends_with(remedy), "{out}");
        assert_eq!(out.lines().count(), 1, "{out}");
    }
    assert_eq!(long.read_dir().unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn the_socket_is_where_it_was_asked_for_and_nobody_else_can_reach_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let plugin = Plugin::start_with(&[("PLUGIN_UNIX_SOCKET_DIR", parent.path().to_str().unwrap())]);
    let folder = plugin.socket.parent().unwrap();
    assert_eq!(folder.parent(), Some(parent.path()));
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn shutdown_ends_the_process_at_once_and_removes_the_socket() {
    let mut plugin = Plugin::start();
    let channel = plugin.connect().await;
    // Terraform opens this stream right away and never closes it.
    let _output = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap();
    let answer = GrpcControllerClient::new(channel).shutdown(Empty {}).await;
    let (status, waited) = plugin.ended();
    assert!(status.success(), "{status} {answer:?}");
    // Terraform kills what still runs after two seconds.
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    assert!(!plugin.socket.parent().unwrap().exists());
}

// Several threads: the connection must be able to take part in its end while the test waits.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_the_process_in_an_orderly_way_and_sigint_does_not() {
    let mut plugin = Plugin::start();
    let channel = plugin.connect().await;
    let _output = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap();
    plugin.signal("INT");
    ProviderClient::new(channel).get_metadata(wire::get_metadata::Request {}).await.unwrap();
    plugin.signal("TERM");
    assert!(plugin.ended().0.success());
    assert!(!plugin.socket.parent().unwrap().exists());
}

#[test]
fn a_process_whose_terraform_was_killed_ends() {
    // A shell in Terraform's place: it starts the plugin and passes its handshake on.
    let mut parent = Command::new("sh")
        .args(["-c", "\"$0\" & wait"])
        .arg(sample())
        .env(COOKIE.0, COOKIE.1)
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let socket = Path::new(line.split('|').nth(3).unwrap()).to_owned();
    assert!(socket.exists());
    signal(parent.id(), "KILL");
    parent.wait().unwrap();
    eventually("the orphan ends and removes its socket", || (!socket.parent().unwrap().exists()).then_some(()));
}

#[test]
fn terraform_shows_why_a_start_failed() {
    let mut sandbox = Sandbox::new("resource \"notes_note\" \"a\" { title = \"a\" }");
    sandbox.variables = vec![("TMPDIR".into(), "/nonexistent".into())];
    let said = sandbox.run(&["plan", "-no-color"]).fails_saying("cannot make a unix socket").text().replace('\n', " ");
    assert!(said.contains("set TMPDIR to a folder that exists and that you may write to"), "{said}");
}

#[tokio::test]
async fn bytes_that_are_no_value_are_a_diagnostic_at_the_attribute_not_a_status() {
    let plugin = Plugin::start();
    let mut client = ProviderClient::new(plugin.connect().await);
    let config = wire::DynamicValue { msgpack: b"\x81\xa6folder\x07".to_vec(), json: Vec::new() };
    let request = wire::validate_provider_config::Request { config: Some(config) };
    let answer = client.validate_provider_config(request).await.unwrap().into_inner();
    let first = &answer.diagnostics[0];
    assert_eq!(first.severity(), wire::diagnostic::Severity::Error);
    assert_eq!(first.attribute.as_ref().unwrap().steps.len(), 1, "{first:?}");
}
