//! `cargo xtask bench`: the figures a user feels, measured on this machine with released programs.
//!
//! Provider start to handshake; plan, apply and destroy of one resource against Terraform alone, alternating in one run;
//! simulator start to ready, and its memory when idle. Not here: throughput of the data plane.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::cast::SimulatorProcess;
use crate::programs::{PROVIDER, Programs, SIMULATOR, Terraform, clear, repository, write};

/// What Terraform gives every plugin it starts, so that a plugin started by hand by mistake can say what it is.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// A resource that needs nothing else.
const ONE_RESOURCE: &str = "terraform {\n  required_providers {\n    clb = { source = \"quic-clb/clb\" }\n  }\n}\n\
                            resource \"clb_load_balancer\" \"one\" {\n  network_type = \"public\"\n  \
                            vpc_id = \"vpc-demo0001\"\n}\n";
/// The same with a resource Terraform has built in: Terraform alone.
const TERRAFORM_ALONE: &str = "resource \"terraform_data\" \"one\" {}\n";

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 15)]
    runs: u32,
}

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let programs = Programs::build_released()?;
    let folder = repository().join("target/bench");
    clear(&folder)?;
    let times = |measure: &mut dyn FnMut() -> Result<f64, String>| median(arguments.runs, measure);

    println!("provider start to handshake: {:6.1} ms", times(&mut || handshake(&programs.path(PROVIDER)))?);
    let simulator = programs.path(SIMULATOR);
    let ready = times(&mut || {
        let started = Instant::now();
        SimulatorProcess::start(&simulator, &folder)?;
        Ok(milliseconds(started))
    })?;
    println!("simulator start to ready:    {ready:6.1} ms");
    let running = SimulatorProcess::start(&simulator, &folder)?;
    if let Some(mebibytes) = resident_mebibytes(running.id()) {
        println!("simulator memory when idle:  {mebibytes:6.1} MiB");
    }

    let ours = prepare(&folder.join("ours"), ONE_RESOURCE, &programs, &running)?;
    let alone = prepare(&folder.join("alone"), TERRAFORM_ALONE, &programs, &running)?;
    println!("\none resource       plan    apply   destroy   (ms, median of {})", arguments.runs);
    let mut rows = [("clb provider", &ours, Vec::new()), ("terraform alone", &alone, Vec::new())];
    for _ in 0..arguments.runs {
        // Alternating, so that a busy moment of the machine meets both.
        for (_, terraform, samples) in &mut rows {
            samples.push(cycle(terraform)?);
        }
    }
    for (name, _, samples) in &rows {
        let column = |at: usize| middle(samples.iter().map(|sample| sample[at]).collect());
        println!("{name:<16} {:6.0}   {:6.0}    {:6.0}", column(0), column(1), column(2));
    }
    Ok(())
}

/// One life of the resource: times of plan, apply and destroy.
fn cycle(terraform: &Terraform) -> Result<[f64; 3], String> {
    let timed = |arguments: &[&str]| {
        let started = Instant::now();
        terraform.run(arguments).map(|_| milliseconds(started))
    };
    Ok([
        timed(&["plan", "-no-color"])?,
        timed(&["apply", "-auto-approve", "-no-color"])?,
        timed(&["destroy", "-auto-approve", "-no-color"])?,
    ])
}

fn prepare(
    folder: &Path,
    configuration: &str,
    programs: &Programs,
    simulator: &SimulatorProcess,
) -> Result<Terraform, String> {
    let main = folder.join("configuration/main.tf");
    // The mirror is filled for the provider that a configuration names, so both begin with the one that names it.
    write(&main, ONE_RESOURCE)?;
    let mut terraform = Terraform::with_provider(&folder.join("configuration"), folder, &programs.path(PROVIDER))?;
    write(&main, configuration)?;
    terraform.set_environment(simulator.endpoints.environment());
    terraform.run(&["init", "-no-color"])?;
    Ok(terraform)
}

/// From the start of the provider to its handshake line.
fn handshake(provider: &Path) -> Result<f64, String> {
    let started = Instant::now();
    let mut child = Command::new(provider)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("the provider does not start: {error}"))?;
    let output = child.stdout.take().ok_or("a piped output is there")?;
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line);
    let taken = milliseconds(started);
    // Nobody will speak to it.
    let _ = child.kill();
    let _ = child.wait();
    read.map_err(|error| format!("no handshake: {error}"))?;
    if line.starts_with("1|6|") { Ok(taken) } else { Err(format!("no handshake line: {line:?}")) }
}

/// Resident memory of a process, where the system tells it.
fn resident_mebibytes(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes / 1024.0)
}

fn median(runs: u32, measure: &mut dyn FnMut() -> Result<f64, String>) -> Result<f64, String> {
    (0..runs).map(|_| measure()).collect::<Result<Vec<_>, _>>().map(middle)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
