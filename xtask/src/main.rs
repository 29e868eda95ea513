//! The project's own tasks: `cargo xtask <task>`.
//!
//! One file per task; this one only names them.

mod bench;
mod cast;
mod codegen;
mod demo;
mod dist;
mod docs;
mod programs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure start-up, plan, apply, destroy and memory.
    Bench(bench::Arguments),
    /// Compile proto/ into the Rust files that are checked in.
    Codegen(codegen::Arguments),
    /// Apply, send QUIC traffic, change weights in place, destroy: the whole journey.
    Demo(demo::Arguments),
    /// Pack the programs as they are released: archives in the Registry's naming, manifest and checksums.
    Dist(dist::Arguments),
    /// Write the registry pages in docs/ from the provider's schema and the examples.
    Docs(docs::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Codegen(arguments) => codegen::run(&arguments),
        Task::Demo(arguments) => demo::run(&arguments),
        Task::Dist(arguments) => dist::run(&arguments),
        Task::Docs(arguments) => docs::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
