//! `cargo xtask bench start`: this project's own programs.
//!
//! Provider start to handshake; plan, apply and destroy of one load balancer against Terraform alone, alternating in
//! one run; simulator start to ready, and its memory when idle.

use std::path::Path;
use std::time::Instant;

use super::measure::{Greeted, median, milliseconds, resident};
use crate::cast::SimulatorProcess;
use crate::programs::{PROVIDER, Programs, SIMULATOR, Terraform, clear, repository, write};

/// A resource that needs nothing else.
const ONE_RESOURCE: &str = "terraform {\n  required_providers {\n    clb = { source = \"quic-clb/clb\" }\n  }\n}\n\
                            resource \"clb_load_balancer\" \"one\" {\n  network_type = \"public\"\n  \
                            vpc_id = \"vpc-demo0001\"\n}\n";
/// The same with a resource Terraform has built in: Terraform alone.
const TERRAFORM_ALONE: &str = "resource \"terraform_data\" \"one\" {}\n";

/// Options of the suite.
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 15)]
    runs: u32,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { runs: 15 }
    }
}

/// Runs the suite.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let programs = Programs::build_released()?;
    let folder = repository().join("target/bench/start");
    clear(&folder)?;
    let times = |measure: &mut dyn FnMut() -> Result<f64, String>| {
        (0..arguments.runs).map(|_| measure()).collect::<Result<Vec<_>, _>>().map(median)
    };

    let handshake = times(&mut || Greeted::start(&programs.path(PROVIDER)).map(|provider| provider.milliseconds))?;
    println!("provider start to handshake: {handshake:6.1} ms");
    let simulator = programs.path(SIMULATOR);
    let ready = times(&mut || {
        let started = Instant::now();
        SimulatorProcess::start(&simulator, &folder)?;
        Ok(milliseconds(started))
    })?;
    println!("simulator start to ready:    {ready:6.1} ms");
    let running = SimulatorProcess::start(&simulator, &folder)?;
    if let Some(mebibytes) = resident(running.id()) {
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
        let column = |at: usize| median(samples.iter().map(|sample| sample[at]).collect());
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
