//! A plugin process started as Terraform starts it, and what can be seen of it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs};

use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};

/// The sign by which Terraform tells a plugin that it is one.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Long enough for anything that happens at all, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The sample provider's binary.
pub fn sample() -> PathBuf {
    example("notes")
}

/// The binary of an example, which `cargo test -p tfplugin-sdk` builds beside the tests.
pub fn example(name: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let built = tests.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    let remedy = "cargo build -p tfplugin-sdk --examples (cargo test --test builds no examples)";
    assert!(built.exists(), "{} is not there; run {remedy}", built.display());
    let note = fs::read_to_string(built.with_extension("d")).unwrap();
    let stale = sources(&note).find(|source| changed(Path::new(source)) > changed(&built));
    assert_eq!(stale, None, "{} is older than that; run {remedy}", built.display());
    built
}

/// The files that something was built from, as cargo notes them beside it.
fn sources(note: &str) -> impl Iterator<Item = String> {
    let (_, sources) = note.lines().next().and_then(|line| line.split_once(": ")).unwrap();
    // A space in a name is written with a backslash.
    let marked = sources.replace("\\ ", "\0");
    marked.split(' ').map(|source| source.replace('\0', " ")).collect::<Vec<_>>().into_iter()
}

/// When a file was last changed; one that is gone was, just now.
fn changed(file: &Path) -> SystemTime {
    file.metadata().and_then(|file| file.modified()).unwrap_or_else(|_| SystemTime::now())
}

/// A running plugin process; killed when dropped.
pub struct Plugin {
    pub child: Child,
    /// Where its socket is, unless a test says otherwise: what it does not remove itself goes with this.
    _folder: TempDir,
    /// The socket of the handshake line.
    pub socket: PathBuf,
    /// The certificate of the handshake line, empty without TLS.
    pub certificate: String,
}

impl Plugin {
    /// Starts one without TLS.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with more variables in its environment, and reads its handshake line.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::run("notes", variables)
    }

    /// Starts another example.
    pub fn of(name: &str) -> Self {
        Self::run(name, &[])
    }

    fn run(name: &str, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command_of(name, &[("PLUGIN_UNIX_SOCKET_DIR", folder.path().to_str().unwrap())]);
        let mut child = command.envs(variables.iter().copied()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let fields: Vec<&str> = line.trim_end_matches('\n').split('|').collect();
        let [core, protocol, network, socket, kind, certificate] = fields[..] else { panic!("{line:?}") };
        assert_eq!((core, protocol, network, kind), ("1", "6", "unix", "grpc"));
        Self { child, _folder: folder, socket: socket.into(), certificate: certificate.to_owned() }
    }

    /// A gRPC connection to it, as Terraform's when TLS is disabled.
    pub async fn connect(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("unix://{}", self.socket.display())).unwrap();
        endpoint.connect().await.unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end, and says how long that took.
    pub fn ended(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        let status = eventually("the process ends", || self.child.try_wait().unwrap());
        (status, started.elapsed())
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        // It may have ended already, which is what most tests are about.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The sample provider with the cookie and the protocols of Terraform 1.x, in a process group of its own.
pub fn command(variables: &[(&str, &str)]) -> Command {
    command_of("notes", variables)
}

fn command_of(name: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(example(name));
    command.env_clear().env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "5,6");
    command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command
}

/// Everything a process that ends by itself prints: status, stdout, stderr.
pub fn output(mut command: Command) -> (ExitStatus, String, String) {
    let mut child = command.spawn().unwrap();
    let status = eventually("the process ends", || child.try_wait().unwrap());
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (status, out, err)
}

/// Sends a signal to a process, or with a leading `-` to a group.
pub fn signal(to: impl std::fmt::Display, name: &str) {
    let sent = Command::new("kill").args(["-s", name, "--"]).arg(to.to_string()).status().unwrap();
    assert!(sent.success(), "kill -s {name} {to}");
}

/// What `look` finds, as soon as it finds something.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
