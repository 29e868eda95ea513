//! `clb-simulator serve` as a program: its ready line, its endpoints file, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.arg("serve").args(["--api", "127.0.0.1:0", "--admin", "127.0.0.1:0"]).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn fails(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    let Output { status, stderr, .. } = command.arg("serve").args(arguments).output().expect("it runs");
    assert!(!status.success());
    String::from_utf8(stderr).expect("UTF-8")
}

fn ready_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
    line
}

#[test]
fn the_endpoints_file_is_there_when_the_ready_line_is_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("endpoints.json");
    let mut child = program(&["--endpoints-file", file.to_str().expect("UTF-8")]).spawn().expect("it starts");
    let line = ready_line(&mut child);
    let endpoints: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).expect("the file is there")).expect("JSON");
    let mode = std::fs::metadata(&file).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for name in ["api", "admin"] {
        let url = endpoints[name].as_str().expect("a URL");
        assert!(line.contains(url), "{line}");
        TcpStream::connect(url.strip_prefix("http://").expect("plain HTTP")).expect("the door is open");
    }
    assert!(endpoints["secret_id"].is_string() && endpoints["secret_key"].is_string());
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing is left beside it");
    stop(child, "-TERM");
}

#[test]
fn the_environment_of_clients_is_written_as_a_shell_reads_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("simulator.env");
    let mut child = program(&["--env-file", file.to_str().expect("UTF-8")]).spawn().expect("it starts");
    let line = ready_line(&mut child);
    let script = format!("set -a; . {}; env", file.display());
    let Output { stdout, .. } = Command::new("sh").args(["-c", &script]).env_clear().output().expect("a shell");
    let environment = String::from_utf8(stdout).expect("UTF-8");
    for name in ["CLB_ENDPOINT", "CLB_SIMULATOR_ADMIN"] {
        let value = environment.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).expect(name);
        assert!(line.contains(value), "{value} is not in {line}");
    }
    for name in ["TENCENTCLOUD_SECRET_ID=AKID", "TENCENTCLOUD_SECRET_KEY=", "TENCENTCLOUD_REGION=ap-guangzhou"] {
        assert!(environment.contains(name), "{environment}");
    }
    let mode = std::fs::metadata(&file).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    stop(child, "-TERM");
}

/// Sends the signal to the program and waits for its end, which is a success.
fn stop(mut child: Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let status = child.wait().expect("it ends");
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
    assert!(status.success(), "{status}: {said}");
}

#[test]
fn signatures_can_be_off_and_the_door_can_speak_https() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (file, ca_file) = (path("endpoints.json"), path("ca.pem"));
    let mut child =
        program(&["--endpoints-file", &file, "--https", "--https-ca-file", &ca_file]).spawn().expect("starts");
    ready_line(&mut child);
    let endpoints: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("there")).expect("JSON");
    assert!(endpoints["api"].as_str().expect("a URL").starts_with("https://127.0.0.1:"));
    assert_eq!(endpoints["api_ca_file"], ca_file);
    assert!(std::fs::read_to_string(&ca_file).expect("there").starts_with("-----BEGIN CERTIFICATE-----"));
    stop(child, "-TERM");

    let mut child = program(&["--endpoints-file", &file, "--signatures", "off"]).spawn().expect("starts");
    ready_line(&mut child);
    let endpoints: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("there")).expect("JSON");
    assert_eq!(endpoints["api_ca_file"], serde_json::Value::Null);
    let api = endpoints["api"].as_str().expect("a URL").strip_prefix("http://").expect("plain HTTP").to_owned();
    let mut stream = TcpStream::connect(&api).expect("the door is open");
    let target = "/?Action=DescribeLoadBalancers&Version=2018-03-17&Region=ap-guangzhou";
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\r\n").expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("LoadBalancerSet"), "{answer}");
    stop(child, "-TERM");
}

#[test]
fn both_signals_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut child = program(&[]).spawn().expect("it starts");
        ready_line(&mut child);
        stop(child, signal);
    }
}

#[test]
fn it_serves_also_when_nobody_reads_its_ready_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("endpoints.json");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = program(&["--endpoints-file", file.to_str().expect("UTF-8")]).stdout(writer).spawn();
    let mut child = child.expect("it starts");
    while !file.exists() {
        assert_eq!(child.try_wait().expect("its own child"), None, "it still runs");
        std::thread::yield_now();
    }
    let ask = || {
        let endpoints: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("there")).expect("JSON");
        let admin = endpoints["admin"].as_str().expect("a URL")["http://".len()..].to_owned();
        let mut ctl = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
        ctl.args(["ctl", "--admin", &admin, "health"]).output().expect("it runs")
    };
    assert!(ask().status.success());
    stop(child, "-TERM");
}

#[test]
fn what_cannot_be_is_said_clearly() {
    let reachable = fails(&["--api", "0.0.0.0:0"]);
    assert!(reachable.contains("--api 0.0.0.0:0") && reachable.contains("--allow-non-loopback"), "{reachable}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = fails(&["--api", &address]);
    assert!(said.contains(&address) && said.contains("cloud API"), "{said}");
    let said = fails(&["--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--endpoints-file", "/nowhere/file"]);
    assert!(said.contains("/nowhere/file"), "{said}");
    assert!(fails(&["--vip-pool", "10.0.0.0/16"]).contains("loopback"));
    assert!(fails(&["--https"]).contains("--https-ca-file"));
    let https = ["--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--https", "--https-ca-file", "/nowhere/ca.pem"];
    assert!(fails(&https).contains("/nowhere/ca.pem"));
}
