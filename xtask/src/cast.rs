//! The processes of the demo and the bench: a simulator and backends, each ended by its own id when it is dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A child process that ends with its owner.
struct Process {
    child: Option<Child>,
}

/// A running `clb-simulator serve`.
pub struct SimulatorProcess {
    process: Process,
    /// Where its doors are.
    pub endpoints: Endpoints,
}

/// A running `clb-simulator backend`.
pub struct BackendProcess {
    process: Process,
    /// The name it answers with.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// The simulator's endpoints file.
#[derive(serde::Deserialize)]
pub struct Endpoints {
    /// The cloud API.
    pub api: String,
    /// The demo key pair's id.
    pub secret_id: String,
    /// The demo key pair's key; public by design.
    pub secret_key: String,
}

impl Endpoints {
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
        let file = folder.join("endpoints.json");
        let mut command = Command::new(binary);
        command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--endpoints-file"]).arg(&file);
        let (process, _ready) = Process::start(&mut command)?;
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let endpoints = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { process, endpoints })
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

impl BackendProcess {
    /// Starts a backend; port 0 takes a free one.
    pub fn start(binary: &Path, name: &str, listen: &str) -> Result<Self, String> {
        let mut command = Command::new(binary);
        command.args(["backend", "--json", "--name", name, "--listen", listen]);
        let (process, ready) = Process::start(&mut command)?;
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

impl Process {
    /// Starts a program and waits for the line that says it is ready.
    fn start(command: &mut Command) -> Result<(Self, String), String> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
        let output = child.stdout.take().ok_or("a piped output is there")?;
        let process = Self { child: Some(child) };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|error| format!("no line from a child: {error}"))?;
        if line.is_empty() {
            return Err(format!(
                "{} ended before it was ready; what it said stands above",
                command.get_program().display()
            ));
        }
        Ok((process, line))
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
