//! `cargo xtask bench control-plane`: signed calls of the simulator's cloud API against those of moto, start and memory
//! against moto and ministack, and what a call costs with many listeners.
//!
//! All take turns in one run, so that a busy moment of the machine meets all of them: ratios mean more than times. Servers
//! are bound to one core and the load generator to another. A table on stdout, all figures in
//! target/bench/control-plane.json. What each server is asked is in `comparable.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::comparable::{Calls, SIZES, filled, moto, simulator};
use super::load::{self, Load};
use super::measure::{median, own_processor_time, resident};
use super::rival::{self, Kind, Server};
use crate::programs::{Programs, SIMULATOR, clear, repository, run as run_program, write};

/// Connections of the load.
const CONNECTIONS: usize = 32;
/// Where servers run, and where the load generator.
const SERVER_CORE: usize = 0;
const GENERATOR_CORE: usize = 1;
/// Where to look among times of calls for what the server needs by itself: a busy machine moves the middle.
const UNDISTURBED: f64 = 0.1;
/// How long a server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);

/// Options of the suite.
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// Seconds of load in each round.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Measure this simulator and build none: to compare a change with what was before it.
    #[arg(long, value_name = "PROGRAM")]
    simulator: Option<PathBuf>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { rounds: 7, seconds: 1.0, simulator: None }
    }
}

/// What was measured of one call of one server: one entry for each round.
#[derive(Default)]
struct Samples {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Of the server, in microseconds per call.
    processor: Vec<f64>,
}

/// Runs the suite.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let program = match &arguments.simulator {
        Some(program) => program.clone(),
        None => Programs::build_released_alone(SIMULATOR)?,
    };
    let folder = repository().join("target/bench/control-plane");
    clear(&folder)?;
    let venv = rival::environment(&repository().join("target/bench/rivals"))?;
    let ours = Kind::Simulator(program);
    let (moto_kind, ministack) = (Kind::Moto(venv.clone()), Kind::Ministack(venv));
    let mut metrics = Map::new();
    // Before the generator is bound to one of them.
    let cores = thread::available_parallelism().map_or(0, usize::from);

    starts(&[&ours, &moto_kind, &ministack], arguments.rounds, &folder, &mut metrics)?;
    let core = bind_generator()?;
    throughput(&ours, &moto_kind, arguments, &folder, core, &mut metrics)?;
    growth(&ours, arguments, &folder, core, &mut metrics)?;

    let report = json!({
        "suite": "control-plane",
        "cores": cores,
        "rounds": arguments.rounds,
        "metrics": metrics,
    });
    let text = serde_json::to_string_pretty(&report).map_err(|error| format!("the report is no JSON: {error}"))?;
    write(&repository().join("target/bench/control-plane.json"), &format!("{text}\n"))
}

/// Time from the start to the first answer, and memory afterwards.
fn starts(kinds: &[&Kind], rounds: u32, folder: &Path, metrics: &mut Map<String, Json>) -> Result<(), String> {
    println!("{:<16}{:>12}{:>14}", "", "ready ms", "idle MiB");
    let mut times = vec![Vec::new(); kinds.len()];
    let mut memory = vec![None; kinds.len()];
    for _ in 0..rounds {
        for (at, kind) in kinds.iter().enumerate() {
            let server = kind.start(folder, None)?;
            times[at].push(server.ready);
            if memory[at].is_none() {
                thread::sleep(IDLE);
                memory[at] = resident(server.id());
            }
        }
    }
    for (at, kind) in kinds.iter().enumerate() {
        let ready = median(times[at].clone());
        let idle = memory[at].unwrap_or_default();
        println!("{:<16}{ready:>12.1}{idle:>14.1}", kind.name());
        let prefix = prefix(kind);
        set(metrics, &format!("{prefix}ready_ms"), ready);
        set(metrics, &format!("{prefix}idle_rss_mib"), idle);
    }
    Ok(())
}

/// Calls per second of both under load, and the time of a call when there is only one at a time.
fn throughput(
    ours: &Kind,
    rival: &Kind,
    arguments: &Arguments,
    folder: &Path,
    core: Option<usize>,
    metrics: &mut Map<String, Json>,
) -> Result<(), String> {
    let servers = [ours.start(folder, core)?, rival.start(folder, core)?];
    let calls = [simulator(servers[0].address, CONNECTIONS)?, moto(servers[1].address, CONNECTIONS)?];
    let mut samples: [[Samples; 2]; 2] = Default::default();
    for _ in 0..arguments.rounds {
        for (at, server) in servers.iter().enumerate() {
            let requests = [&calls[at].describe, &calls[at].write];
            for (samples, requests) in samples[at].iter_mut().zip(requests) {
                samples.add(server, requests, &calls[at], arguments.seconds)?;
            }
        }
    }
    println!(
        "\n{:<16}{:<10}{:>12}{:>16}{:>12}{:>12}   ({CONNECTIONS} connections; times of one connection)",
        "signed calls", "", "calls/s", "processor µs", "p50 µs", "p99 µs"
    );
    for (kind, samples) in [ours, rival].iter().zip(&samples) {
        for (name, samples) in ["describe", "write"].iter().zip(samples) {
            samples.print(kind.name(), name);
            let word = if *name == "describe" { "" } else { "write_" };
            let prefix = prefix(kind);
            set(metrics, &format!("{prefix}{word}calls_per_s"), median(samples.per_second.clone()));
            set(metrics, &format!("{prefix}{word}processor_us"), median(samples.processor.clone()));
            set(metrics, &format!("{prefix}{word}p50_us"), median(samples.p50.clone()));
            set(metrics, &format!("{prefix}{word}p99_us"), median(samples.p99.clone()));
        }
    }
    for (at, word) in ["", "write_"].iter().enumerate() {
        let pairs = samples[0][at].per_second.iter().zip(&samples[1][at].per_second);
        let ratio = median(pairs.map(|(ours, rival)| ours / rival).collect());
        println!("{word:<16}{ratio:.0} times the calls per second of {}", rival.name());
        set(metrics, &format!("{word}calls_ratio_to_moto"), ratio);
        let ratio = median(samples[1][at].processor.clone()) / median(samples[0][at].processor.clone());
        set(metrics, &format!("{word}processor_ratio_to_moto"), ratio);
    }
    Ok(())
}

/// What a call costs in worlds of several sizes, which take turns.
fn growth(
    ours: &Kind,
    arguments: &Arguments,
    folder: &Path,
    core: Option<usize>,
    metrics: &mut Map<String, Json>,
) -> Result<(), String> {
    let names = ["describe", "targets", "write"];
    let mut worlds = Vec::new();
    for size in SIZES {
        let server = ours.start(folder, core)?;
        let calls = filled(server.address, size)?;
        worlds.push((server, calls));
    }
    let mut times = vec![vec![Vec::new(); names.len()]; SIZES.len()];
    for _ in 0..arguments.rounds {
        for (times, (server, calls)) in times.iter_mut().zip(&worlds) {
            for (times, requests) in times.iter_mut().zip(calls) {
                let time = Duration::from_secs_f64(arguments.seconds / 4.0);
                let load = load::run(server.address, std::slice::from_ref(requests), time, is_reply)?;
                times.push(load.percentile(UNDISTURBED));
            }
        }
    }
    println!(
        "\n{:<16}{:>12}{:>12}{:>12}{:>12}   (µs of one connection, tenth percentile)",
        "listeners", "describe", "targets", "write", "MiB"
    );
    for (at, size) in SIZES.iter().enumerate() {
        let figures: Vec<f64> = times[at].iter().map(|times| median(times.clone())).collect();
        let memory = resident(worlds[at].0.id()).unwrap_or_default();
        println!("{size:<16}{:>12.0}{:>12.0}{:>12.0}{memory:>12.1}", figures[0], figures[1], figures[2]);
        for (name, figure) in names.iter().zip(figures) {
            set(metrics, &format!("{name}_{size}_us"), figure);
        }
        set(metrics, &format!("rss_{size}_mib"), memory);
    }
    for (of, name) in names.iter().enumerate() {
        let growth = median(times[SIZES.len() - 1][of].clone()) / median(times[0][of].clone());
        println!("{name:<16}{growth:.2} times with {} what it takes with {}", SIZES[SIZES.len() - 1], SIZES[0]);
        set(metrics, &format!("{name}_growth"), growth);
    }
    Ok(())
}

impl Samples {
    fn add(&mut self, server: &Server, requests: &[Vec<Vec<u8>>], calls: &Calls, seconds: f64) -> Result<(), String> {
        let before = own_processor_time(server.id());
        let Load { per_second, calls: count, .. } =
            load::run(server.address, requests, Duration::from_secs_f64(seconds), calls.is_good)?;
        let after = own_processor_time(server.id());
        self.per_second.push(per_second);
        if let (Some(before), Some(after)) = (before, after) {
            #[allow(clippy::cast_precision_loss, reason = "far fewer calls than 2^52")]
            self.processor.push((after - before) * 1000.0 / count.max(1) as f64);
        }
        let alone = load::run(server.address, &requests[..1], Duration::from_secs_f64(seconds / 2.0), calls.is_good)?;
        self.p50.push(alone.percentile(0.5));
        self.p99.push(alone.percentile(0.99));
        Ok(())
    }

    fn print(&self, server: &str, call: &str) {
        println!(
            "{server:<16}{call:<10}{:>12.0}{:>16.0}{:>12.0}{:>12.0}",
            median(self.per_second.clone()),
            median(self.processor.clone()),
            median(self.p50.clone()),
            median(self.p99.clone())
        );
    }
}

/// Whether an answer of the simulator is a reply and no error.
fn is_reply(answer: &[u8]) -> bool {
    !answer.starts_with(b"{\"Response\":{\"Error\"")
}

/// Binds this process to its core and says which one servers get. Without a second core nobody is bound.
fn bind_generator() -> Result<Option<usize>, String> {
    if thread::available_parallelism().map_or(1, usize::from) <= GENERATOR_CORE {
        println!("\none core only: servers and load generator share it");
        return Ok(None);
    }
    let own = std::process::id().to_string();
    run_program(Command::new("taskset").args(["--cpu-list", "--pid", &GENERATOR_CORE.to_string(), &own]))?;
    Ok(Some(SERVER_CORE))
}

/// Before the names of metrics; ours need none.
fn prefix(kind: &Kind) -> String {
    if matches!(kind, Kind::Simulator(_)) { String::new() } else { format!("{}_", kind.name()) }
}

/// To three places.
fn set(metrics: &mut Map<String, Json>, name: &str, value: f64) {
    metrics.insert(name.to_owned(), ((value * 1000.0).round() / 1000.0).into());
}
