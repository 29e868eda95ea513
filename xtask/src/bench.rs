//! `cargo xtask bench`: figures a user feels, measured on this machine with released programs.
//!
//! One file per suite; this one only names them.

mod api_economy;
mod comparable;
mod contestant;
mod control_plane;
mod data_plane;
mod data_plane_servers;
mod load;
mod measure;
mod plot;
mod rival;
mod sign;
mod start;
mod terraform;

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// What to measure; everything when it is not given.
    #[command(subcommand)]
    suite: Option<Suite>,
}

#[derive(clap::Subcommand)]
enum Suite {
    /// Calls of the cloud's API and time of whole Terraform commands, with calls merged and without; writes
    /// target/bench/api-economy.json.
    ApiEconomy(api_economy::Arguments),
    /// Signed calls, start and memory of the simulator against moto and ministack, and calls with many listeners; writes
    /// target/bench/control-plane.json.
    ControlPlane(control_plane::Arguments),
    /// Bulk, new connections, small requests, latency and memory of the data plane beside bare quinn and TCP proxies;
    /// writes target/bench/data-plane.json.
    DataPlane(data_plane::Arguments),
    /// Start of this project's own programs, and one load balancer against the simulator.
    Start(start::Arguments),
    /// Whole Terraform commands with an SDK provider against Terraform alone; writes target/bench/terraform.json.
    Terraform(terraform::Arguments),
}

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    match &arguments.suite {
        Some(Suite::ApiEconomy(arguments)) => api_economy::run(arguments),
        Some(Suite::ControlPlane(arguments)) => control_plane::run(arguments),
        Some(Suite::DataPlane(arguments)) => data_plane::run(arguments),
        Some(Suite::Start(arguments)) => start::run(arguments),
        Some(Suite::Terraform(arguments)) => terraform::run(arguments),
        None => {
            start::run(&start::Arguments::default())?;
            println!();
            control_plane::run(&control_plane::Arguments::default())?;
            println!();
            data_plane::run(&data_plane::Arguments::default())?;
            println!();
            api_economy::run(&api_economy::Arguments::default())?;
            println!();
            terraform::run(&terraform::Arguments::default())
        }
    }
}
