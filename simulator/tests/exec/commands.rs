//! The command: what it is told, what is done with its exit code and with signals, and who it is.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::network::{Who, is_allowed, output, text};

/// What the command prints, for everybody who can start it.
#[track_caller]
fn printed(script: &str) -> Vec<String> {
    let print = |who: Who| {
        let output = output(who.exec(&["--", "sh", "-c", script]));
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    Who::all().into_iter().map(print).collect()
}

#[test]
fn the_exit_code_is_the_commands() {
    if !is_allowed() {
        return;
    }
    let code = |words: &[&str]| output(Who::Me.exec(words)).status.code();
    assert_eq!(code(&["--", "sh", "-c", "exit 7"]), Some(7));
    assert_eq!(code(&["--", "sh", "-c", "kill -9 $$"]), Some(137), "as a shell says it");
    assert_eq!(code(&["--", "no-such-program"]), Some(127));
    assert_eq!(code(&["--", "/"]), Some(126));
    assert_eq!(code(&["--vip-pool", "203.0.113.0/31", "--", "true"]), Some(125), "the simulator does not start");
}

#[test]
fn the_command_is_told_where_the_simulator_is_and_nothing_of_the_cloud_or_of_proxies() {
    if !is_allowed() {
        return;
    }
    let mut command = Who::Me.exec(&["--", "sh", "-c", "env"]);
    command.env("TENCENTCLOUD_SECRET_ID", "AKIDreal").env("TENCENTCLOUD_SECURITY_TOKEN", "real");
    command.env("HTTPS_PROXY", "http://proxy.example:3128").env("TENCENTCLOUD_REGION", "ap-shanghai");
    let environment = text(&output(command).stdout);
    let lines: Vec<&str> = environment.lines().collect();
    for line in [
        "CLB_ENDPOINT=http://127.0.0.1:9000",
        "CLB_SIMULATOR_ADMIN=http://127.0.0.1:9001",
        "TENCENTCLOUD_SECRET_ID=AKIDdemo00000000000000000000000000",
        "TENCENTCLOUD_SECRET_KEY=demo-secret-key-of-the-simulator",
        "TENCENTCLOUD_REGION=ap-shanghai",
    ] {
        assert!(lines.contains(&line), "{line}: {environment}");
    }
    assert!(!environment.contains("AKIDreal") && !environment.contains("SECURITY_TOKEN"), "{environment}");
    assert!(!environment.contains("proxy.example"), "{environment}");
}

#[test]
fn standard_input_and_output_are_the_commands_own() {
    if !is_allowed() {
        return;
    }
    let mut command = Who::Me.exec(&["--", "cat"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"as it is").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"as it is");
}

#[test]
fn nothing_is_left_but_what_the_command_wrote_and_that_is_its_users() {
    if !is_allowed() {
        return;
    }
    for who in Who::all() {
        let folder = tempfile::tempdir_in(match &who {
            Who::Me => std::env::temp_dir(),
            Who::Nobody(folder) => folder.path().to_owned(),
        });
        let folder = folder.unwrap();
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let file = folder.path().join("written");
        let script = format!("id -u; touch {}", file.display());
        let said = text(&output(who.exec(&["--", "sh", "-c", &script])).stdout);
        assert_eq!(said.trim(), std::fs::metadata(file).unwrap().uid().to_string());
    }
}

#[test]
fn nothing_leads_out_of_the_private_network_and_nothing_in() {
    if !is_allowed() {
        return;
    }
    for lines in printed("wc -l < /proc/self/net/route; grep -vc ' lo$' /proc/self/net/if_inet6 || true") {
        assert_eq!(lines.lines().collect::<Vec<_>>(), ["1", "0"], "a heading without routes, and no other address");
    }
    // What listens outside is not there inside, on the same address.
    let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = outside.local_addr().unwrap().port();
    let program = env!("CARGO_BIN_EXE_clb-simulator");
    let inside = output(Who::Me.exec(&["--", program, "ctl", "--admin", &format!("127.0.0.1:{port}"), "health"]));
    assert!(!inside.status.success());
    assert!(text(&inside.stderr).contains("nobody answers"), "{}", text(&inside.stderr));
}

/// Sends signals to a command that says which one it gets, and then ends.
fn signalled(signal: &str) -> (String, Option<i32>) {
    let script = "for name in INT TERM HUP QUIT USR1; do trap \"echo $name; exit 3\" $name; done\n\
                  echo ready\nwhile :; do sleep 0.05; done";
    let mut command = Who::Me.exec(&["--", "sh", "-c", script]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    (lines.next().unwrap().unwrap(), child.wait().unwrap().code())
}

#[test]
fn signals_are_handed_on_and_the_command_decides_how_it_ends() {
    if !is_allowed() {
        return;
    }
    for signal in ["INT", "TERM", "HUP", "QUIT", "USR1"] {
        assert_eq!(signalled(&format!("-{signal}")), (signal.to_owned(), Some(3)));
    }
}

/// A command, in Python: leaves the terminal, so that only this program can send it signals, and counts interrupts until
/// another signal comes.
const COUNTING: &str = r"
import os, signal
os.setsid()
ours, kernels = os.pipe()
os.set_blocking(kernels, False)
signal.set_wakeup_fd(kernels)
for number in (signal.SIGINT, signal.SIGUSR1):
    signal.signal(number, lambda *_: None)
print('ready', flush=True)
came = b''
while signal.SIGUSR1 not in came:
    came += os.read(ours, 100)
os.set_blocking(ours, False)
try:
    came += os.read(ours, 100)
except BlockingIOError:
    pass
print(f'interrupts: {came.count(signal.SIGINT)}.', flush=True)
";

/// A terminal, in Python: starts the program in it, types an interrupt, and sends a signal that the program handles after
/// its own interrupt. Prints what the command says to that.
const TERMINAL: &str = r"
import os, pty, signal, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'exec', '--', 'python3', '-c', sys.argv[2]])
said = b''
def wait_for(words):
    global said
    while words not in said:
        said += os.read(terminal, 1000)
wait_for(b'ready')
os.write(terminal, b'\x03')
wait_for(b'^C')
os.kill(child, signal.SIGUSR1)
wait_for(b'.\r\n')
print(said.decode())
os.waitpid(child, 0)
";

#[test]
fn an_interrupt_that_is_typed_is_left_to_the_terminal() {
    if !is_allowed() {
        return;
    }
    let mut python = Command::new("python3");
    python.args(["-c", TERMINAL, env!("CARGO_BIN_EXE_clb-simulator"), COUNTING]);
    let output = output(python);
    assert!(text(&output.stdout).contains("interrupts: 0."), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn the_state_file_is_outside_and_stays() {
    if !is_allowed() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.redb");
    let run = || output(Who::Me.exec(&["--state", state.to_str().unwrap(), "--", "true"]));
    assert!(run().status.success());
    assert!(Path::new(&state).exists());
    assert!(run().status.success(), "and it is read again");
}
