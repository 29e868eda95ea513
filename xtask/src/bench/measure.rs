//! Measuring: time on the clock, processor time of children, memory of a process, a start up to the handshake line.
//!
//! What only Linux tells (`/proc`) is absent elsewhere. Not here: what is measured, and what becomes of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::programs::repository;

/// What Terraform gives every plugin it starts, so that a plugin started by hand by mistake can say what it is.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A certificate as Terraform announces one, so that the provider sets up TLS.
const CLIENT_CERTIFICATE: &str = "tfplugin-sdk/tests/plugin/terraform-client.pem";

/// What `/proc` counts processor time in, on every Linux that has Rust.
const MILLISECONDS_PER_TICK: f64 = 10.0;

/// A provider that was started as Terraform starts it and that nobody speaks to. Ends with its owner.
pub struct Greeted {
    child: Child,
    /// From its start to its handshake line.
    pub milliseconds: f64,
}

impl Greeted {
    /// Starts `provider` and reads its handshake line.
    pub fn start(provider: &Path) -> Result<Self, String> {
        let certificate = repository().join(CLIENT_CERTIFICATE);
        let certificate =
            std::fs::read_to_string(&certificate).map_err(|error| format!("{}: {error}", certificate.display()))?;
        let mut command = Command::new(provider);
        command.env(COOKIE.0, COOKIE.1).env("PLUGIN_PROTOCOL_VERSIONS", "6").env("PLUGIN_CLIENT_CERT", certificate);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = Instant::now();
        let child = command.spawn().map_err(|error| format!("the provider does not start: {error}"))?;
        let mut this = Self { child, milliseconds: 0.0 };
        let output = this.child.stdout.take().ok_or("a piped output is there")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|error| format!("no handshake: {error}"))?;
        this.milliseconds = milliseconds(started);
        if line.starts_with("1|6|") { Ok(this) } else { Err(format!("no handshake line: {line:?}")) }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Greeted {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, in MiB.
pub fn resident(id: u32) -> Option<f64> {
    memory(id, "VmRSS:")
}

/// The most that was ever resident, in MiB.
pub fn peak(id: u32) -> Option<f64> {
    memory(id, "VmHWM:")
}

fn memory(id: u32, entry: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(entry))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// Processor time (user and system) of all children of this process that have ended, and of theirs; in milliseconds,
/// to the tick.
pub fn children_processor_time() -> Option<f64> {
    processor_time("self", [13, 14])
}

/// Processor time of a running process by itself.
pub fn own_processor_time(id: u32) -> Option<f64> {
    processor_time(&id.to_string(), [11, 12])
}

/// Two fields of `/proc/…/stat`, counted after the program's name, which may itself hold spaces.
fn processor_time(process: &str, fields: [usize; 2]) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields_after_name: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields_after_name.get(at)?.parse::<f64>().ok();
    Some((ticks(fields[0])? + ticks(fields[1])?) * MILLISECONDS_PER_TICK)
}

/// The middle of values; zero of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds that have passed.
pub fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
