//! `cargo xtask bench api-economy`: what Terraform's commands cost in calls of the cloud's API, and in time.
//!
//! Real Terraform with the released provider, against a simulator whose tasks take a second and which allows 20 calls of an action
//! per second, as the platform does. One life for each size: apply, an empty plan, another weight for every backend, destroy.
//! What was called is what the simulator's call journal says. A table on stdout, all figures in target/bench/api-economy.json.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use super::measure::milliseconds;
use crate::cast::SimulatorProcess;
use crate::programs::{PROVIDER, Programs, SIMULATOR, Terraform, clear, repository, run as run_program, write};

/// The simulator's weather.
const WEATHER: [&str; 4] = ["--pace", "1s", "--rate-limit", "20"];
/// How many resources Terraform works on at once when it is not told otherwise.
const USUAL_PARALLELISM: u32 = 10;
/// Backends of each listener.
const BACKENDS: u32 = 20;
/// The size that the aims are about.
const WHOLE: (u32, u32) = (1, 50);
/// Beside it: load balancers, and listeners on each.
const GROWTH: [(u32, u32); 3] = [(1, 1), (1, 10), (5, 10)];

/// Options of the suite.
#[derive(clap::Args)]
pub struct Arguments {
    /// How many resources Terraform works on at once where everything can go out together.
    #[arg(long, default_value_t = 60)]
    parallelism: u32,
    /// Leave out what takes minutes: the same with merging switched off.
    #[arg(long)]
    quick: bool,
    /// Measure these programs, in this folder, and build none.
    #[arg(long, value_name = "FOLDER")]
    programs: Option<std::path::PathBuf>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { parallelism: 60, quick: false, programs: None }
    }
}

/// One life.
#[derive(Clone, Copy)]
struct Size {
    load_balancers: u32,
    listeners: u32,
    parallelism: u32,
    merging: bool,
}

/// What one command has cost.
struct Cost {
    command: &'static str,
    seconds: f64,
    /// By action.
    calls: BTreeMap<String, u64>,
    /// Calls that the platform refused for their rate, or because it was busy with another write.
    refused: u64,
}

/// Runs the suite.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let (provider, simulator) = if let Some(folder) = &arguments.programs {
        (folder.join(PROVIDER), folder.join(SIMULATOR))
    } else {
        let programs = Programs::build_released()?;
        (programs.path(PROVIDER), programs.path(SIMULATOR))
    };
    let folder = repository().join("target/bench/api-economy");
    clear(&folder)?;
    let whole = |parallelism, merging| Size { load_balancers: WHOLE.0, listeners: WHOLE.1, parallelism, merging };
    let mut sizes =
        vec![("", whole(arguments.parallelism, true)), ("_usual_parallelism", whole(USUAL_PARALLELISM, true))];
    if !arguments.quick {
        sizes.push(("_unmerged", whole(arguments.parallelism, false)));
    }
    let mut metrics = Map::new();
    let mut lives = Vec::new();
    for (suffix, size) in &sizes {
        let costs = size.live(&provider, &simulator, &folder.join(format!("whole{suffix}")))?;
        size.print(&costs);
        add(&mut metrics, &costs, suffix);
        lives.push(size.json(&costs));
    }
    for (load_balancers, listeners) in GROWTH {
        let size = Size { load_balancers, listeners, parallelism: arguments.parallelism, merging: true };
        let costs = size.live(&provider, &simulator, &folder.join(format!("{load_balancers}x{listeners}")))?;
        size.print(&costs);
        add(&mut metrics, &costs, &format!("_{load_balancers}x{listeners}"));
        lives.push(size.json(&costs));
    }
    println!();
    for (name, value) in &metrics {
        println!("{name:<36} {value}");
    }
    let report = json!({ "suite": "api-economy", "metrics": metrics, "lives": lives });
    let text = serde_json::to_string_pretty(&report).map_err(|error| format!("the report is no JSON: {error}"))?;
    write(&repository().join("target/bench/api-economy.json"), &format!("{text}\n"))
}

impl Size {
    /// From nothing to nothing.
    fn live(self, provider: &Path, simulator: &Path, folder: &Path) -> Result<Vec<Cost>, String> {
        let running = SimulatorProcess::start_with(simulator, folder, &WEATHER)?;
        let configuration = folder.join("configuration");
        write(&configuration.join("main.tf"), &self.configuration())?;
        let identity = rcgen::generate_simple_self_signed(vec!["quic.example.test".to_owned()]);
        let identity = identity.map_err(|error| format!("no certificate: {error}"))?;
        write(&configuration.join("server.pem"), &identity.cert.pem())?;
        write(&configuration.join("server.key"), &identity.signing_key.serialize_pem())?;
        let mut terraform = Terraform::with_provider(&configuration, folder, provider)?;
        let mut environment = running.endpoints.environment();
        if !self.merging {
            environment.push(("CLB_MERGE_CALLS".to_owned(), "off".to_owned()));
        }
        terraform.set_environment(environment);
        terraform.run(&["init", "-no-color"])?;

        let parallelism = format!("-parallelism={}", self.parallelism);
        let changing = |command, weight| [command, "-auto-approve", "-no-color", &parallelism, weight];
        let commands: [(&'static str, Vec<&str>); 4] = [
            ("apply", changing("apply", "-var=weight=10").to_vec()),
            ("plan", vec!["plan", "-detailed-exitcode", "-no-color", &parallelism, "-var=weight=10"]),
            ("reweigh", changing("apply", "-var=weight=20").to_vec()),
            ("destroy", changing("destroy", "-var=weight=20").to_vec()),
        ];
        let mut costs = Vec::new();
        let mut seen = 0;
        for (command, arguments) in commands {
            let started = Instant::now();
            terraform.run(&arguments)?;
            let seconds = milliseconds(started) / 1000.0;
            let journal = calls(simulator, running.endpoints.admin_address(), seen)?;
            seen = journal.iter().filter_map(|call| call["number"].as_u64()).fold(seen, u64::max);
            costs.push(Cost::of(command, seconds, &journal));
        }
        Ok(costs)
    }

    fn configuration(self) -> String {
        let Self { load_balancers, listeners, .. } = self;
        format!(
            r#"terraform {{
  required_providers {{
    clb = {{ source = "quic-clb/clb" }}
  }}
}}

variable "weight" {{
  type = number
}}

locals {{
  listeners = merge([for balancer in range({load_balancers}) : {{
    for listener in range({listeners}) : "${{balancer}}-${{listener}}" => {{ balancer = balancer, listener = listener }}
  }}]...)
}}

resource "clb_certificate" "web" {{
  name                   = "web"
  certificate            = file("server.pem")
  private_key_wo         = file("server.key")
  private_key_wo_version = 1
}}

resource "clb_load_balancer" "web" {{
  count        = {load_balancers}
  name         = "web-${{count.index}}"
  network_type = "public"
  vpc_id       = "vpc-demo0001"
}}

resource "clb_quic_listener" "web" {{
  for_each         = local.listeners
  load_balancer_id = clb_load_balancer.web[each.value.balancer].load_balancer_id
  port             = 8000 + each.value.listener
  name             = "web-${{each.key}}"
  tls              = {{ certificate_id = clb_certificate.web.certificate_id }}
  health_check     = {{ enabled = false }}
}}

resource "clb_backend_binding" "web" {{
  for_each         = local.listeners
  load_balancer_id = clb_quic_listener.web[each.key].load_balancer_id
  listener_id      = clb_quic_listener.web[each.key].listener_id
  backends = [for number in range({BACKENDS}) : {{
    eni_ip = "10.0.1.5"
    port   = 20000 + each.value.listener * {BACKENDS} + number
    weight = var.weight
  }}]
}}
"#
        )
    }

    fn print(self, costs: &[Cost]) {
        let Self { load_balancers, listeners, parallelism, merging } = self;
        let how = if merging { "merged" } else { "every resource for itself" };
        println!(
            "\n{load_balancers} load balancers x {listeners} listeners x {BACKENDS} backends, -parallelism={parallelism}, {how}"
        );
        for Cost { command, seconds, calls, refused } in costs {
            let named: Vec<String> = calls.iter().map(|(action, count)| format!("{action} {count}")).collect();
            let (writes, all) = (writes(calls), calls.values().sum::<u64>());
            println!(
                "{command:<8} {seconds:6.1} s  {writes:4} writes  {all:4} calls  {refused} refused   {}",
                named.join(", ")
            );
        }
    }

    fn json(self, costs: &[Cost]) -> Json {
        let commands = costs.iter().map(|cost| {
            let Cost { command, seconds, calls, refused } = cost;
            ((*command).to_owned(), json!({ "seconds": rounded(*seconds), "calls": calls, "refused": refused }))
        });
        json!({
            "load_balancers": self.load_balancers,
            "listeners": self.listeners,
            "backends": BACKENDS,
            "parallelism": self.parallelism,
            "merging": self.merging,
            "commands": Json::Object(commands.collect()),
        })
    }
}

impl Cost {
    fn of(command: &'static str, seconds: f64, journal: &[Json]) -> Self {
        let mut counted = BTreeMap::new();
        for call in journal {
            *counted.entry(call["action"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        let refused = journal.iter().filter(|call| {
            let code = call["error_code"].as_str().unwrap_or_default();
            code.starts_with("RequestLimitExceeded") || code == "FailedOperation.ResourceInOperating"
        });
        Self { command, seconds, calls: counted, refused: refused.count() as u64 }
    }
}

/// Calls that do more than ask.
fn writes(calls: &BTreeMap<String, u64>) -> u64 {
    calls.iter().filter(|(action, _)| !action.starts_with("Describe")).map(|(_, count)| count).sum()
}

fn add(metrics: &mut Map<String, Json>, costs: &[Cost], suffix: &str) {
    for Cost { command, seconds, calls, refused } in costs {
        metrics.insert(format!("{command}_writes{suffix}"), writes(calls).into());
        metrics.insert(format!("{command}_calls{suffix}"), calls.values().sum::<u64>().into());
        metrics.insert(format!("{command}_s{suffix}"), rounded(*seconds).into());
        metrics.insert(format!("{command}_refused{suffix}"), (*refused).into());
    }
}

/// The calls after the one with this number.
fn calls(simulator: &Path, admin: &str, after: u64) -> Result<Vec<Json>, String> {
    let mut command = Command::new(simulator);
    let output = run_program(command.args(["ctl", "--admin", admin, "calls", "--after", &after.to_string()]))?;
    let journal: Json =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("ctl calls gives no JSON: {error}"))?;
    match journal["calls"].as_array() {
        Some(calls) if journal["forgotten"] == 0 => Ok(calls.clone()),
        _ => Err("the simulator does not remember every call".to_owned()),
    }
}

/// To two places.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
