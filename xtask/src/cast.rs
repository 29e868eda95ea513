//! The processes of the demo and the bench: a simulator, backends, an attached provider. Each is ended by its own id when
//! it is dropped.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Ports for the example's listener: the one that clients expect, where this user may open it, or else the example's own.
const LISTENER_PORTS: [u16; 2] = [443, 8443];

/// A child process that ends with its owner.
struct Process {
    child: Option<Child>,
}

/// A running `clb-simulator serve`.
pub struct SimulatorProcess {
    process: Process,
    /// Where its doors are.
    pub endpoints: Endpoints,
    /// A port that a listener of its first load balancer can open.
    pub listener_port: u16,
}

/// A running `clb-simulator backend`.
pub struct BackendProcess {
    process: Process,
    /// The name it answers with.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A provider that runs with `-debug`: Terraform attaches to it and starts none of its own.
pub struct ProviderProcess {
    process: Process,
    /// The variable by which Terraform finds it.
    pub found_by: (String, String),
    /// Where it has its socket, which a process that is killed leaves behind.
    _sockets: TempDir,
}

/// The simulator's endpoints file.
#[derive(serde::Deserialize)]
pub struct Endpoints {
    /// The cloud API.
    pub api: String,
    /// The admin door.
    pub admin: String,
    /// The demo key pair's id.
    pub secret_id: String,
    /// The demo key pair's key; public by design.
    pub secret_key: String,
}

impl Endpoints {
    /// The admin door as `clb-simulator ctl` takes it: without the scheme.
    pub fn admin_address(&self) -> &str {
        self.admin.strip_prefix("http://").unwrap_or(&self.admin)
    }

    /// What the provider reads from the environment.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("CLB_ENDPOINT", &self.api),
            ("TENCENTCLOUD_SECRET_ID", &self.secret_id),
            ("TENCENTCLOUD_SECRET_KEY", &self.secret_key),
        ]
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .into()
    }
}

impl SimulatorProcess {
    /// Starts a simulator on free ports; it is ready when this returns.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self, String> {
        Self::start_with(binary, folder, &[])
    }

    /// The same with further options of `serve`.
    pub fn start_with(binary: &Path, folder: &Path, options: &[&str]) -> Result<Self, String> {
        let file = folder.join("endpoints.json");
        let (pool, listener_port) = free_pool()?;
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut command = Command::new(binary);
        command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--vip-pool", &pool]);
        command.arg("--endpoints-file").arg(&file).args(options);
        let (process, _ready) = Process::start(&mut command, &folder.join("simulator.log"), |_| true)?;
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let endpoints = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { process, endpoints, listener_port })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Lets it live on.
    pub fn leave(mut self) {
        self.process.child = None;
    }
}

/// A network for the load balancers' addresses that no other simulator on this machine uses, and the port to use there:
/// simulators bind their listeners' ports, and everyone's first listener is on the same one.
fn free_pool() -> Result<(String, u16), String> {
    let opens = |second: u8, port: u16| UdpSocket::bind((Ipv4Addr::new(127, second, 0, 1), port)).is_ok();
    let found = LISTENER_PORTS.into_iter().find_map(|port| {
        let second = (80..=120).find(|second| opens(*second, port))?;
        Some((format!("127.{second}.0.0/16"), port))
    });
    found.ok_or_else(|| "41 other simulators seem to run on this machine".to_owned())
}

impl BackendProcess {
    /// Starts a backend; port 0 takes a free one.
    pub fn start(binary: &Path, folder: &Path, name: &str, listen: &str) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.args(["backend", "--json", "--name", name, "--listen", listen]);
        let (process, ready) = Process::start(&mut command, &folder.join(format!("{name}.log")), |_| true)?;
        let unreadable = || format!("backend {name} said {ready:?} instead of where it listens");
        let said: serde_json::Value = serde_json::from_str(&ready).map_err(|_| unreadable())?;
        let address = said["listening"].as_str().and_then(|text| text.parse().ok()).ok_or_else(unreadable)?;
        Ok(Self { process, name: name.to_owned(), address })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Lets it live on.
    pub fn leave(mut self) {
        self.process.child = None;
    }
}

impl ProviderProcess {
    /// Starts a provider; it serves when this returns.
    pub fn start(binary: &Path, folder: &Path) -> Result<Self, String> {
        const VARIABLE: &str = "TF_REATTACH_PROVIDERS";
        let sockets = tempfile::tempdir().map_err(|error| format!("no folder for a socket: {error}"))?;
        let mut command = Command::new(binary);
        command.arg("-debug").env("TMPDIR", sockets.path());
        let (process, line) =
            Process::start(&mut command, &folder.join("provider.log"), |line| line.contains(VARIABLE))?;
        let value = line.split('\'').nth(1).ok_or_else(|| format!("the provider said {line:?}"))?;
        Ok(Self { process, found_by: (VARIABLE.to_owned(), value.to_owned()), _sockets: sockets })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Process {
    /// Starts a program and waits for the line that says it is ready. What it says otherwise goes to `log`: it may
    /// outlive this process, and must not hold its output open then.
    fn start(command: &mut Command, log: &Path, is_ready: fn(&str) -> bool) -> Result<(Self, String), String> {
        let file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
        let output = child.stdout.take().ok_or("a piped output is there")?;
        let process = Self { child: Some(child) };
        for line in BufReader::new(output).lines() {
            let line = line.map_err(|error| format!("no line from a child: {error}"))?;
            if is_ready(&line) {
                return Ok((process, line));
            }
        }
        let said = std::fs::read_to_string(log).unwrap_or_default();
        Err(format!("{} ended before it was ready:\n{said}", command.get_program().display()))
    }

    fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
