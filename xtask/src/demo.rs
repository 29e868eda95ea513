//! `cargo xtask demo`: the whole journey in one command, and a proof that it held.
//!
//! ```text
//! simulator + two backends ── terraform apply ── 400 QUIC connections ── other weights, applied in place
//!        ── 400 more ── empty second plan ── destroy ── the port is closed
//! ```
//!
//! Everything runs in processes of its own on free ports and is ended by its id; nothing is installed. What happened
//! lies in target/demo/summary.json.

mod narrator;
mod traffic;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cast::{BackendProcess, SimulatorProcess};
use crate::programs::{PROVIDER, Programs, SIMULATOR, Terraform, clear, repository, write};
use narrator::Narrator;
use traffic::Traffic;

/// How many QUIC connections are sent each time.
const CONNECTIONS: u32 = 400;
/// An address of the client's own, so that what the backends see cannot be anyone else's.
const CLIENT_ADDRESS: &str = "127.0.0.77";
/// Weights of blue and green at first, and after the change.
const FIRST_WEIGHTS: Weights = Weights { blue: 30, green: 10 };
const OTHER_WEIGHTS: Weights = Weights { blue: 10, green: 30 };
/// The example's health check passes after five seconds; a busy machine may take longer.
const HEALTHY_WITHIN: Duration = Duration::from_mins(1);
const BETWEEN_TRIES: Duration = Duration::from_millis(200);
/// The binding in examples/quic-listener.
const BINDING: &str = "clb_backend_binding.web";
/// The name in the throw-away certificate.
const SERVER_NAME: &str = "quic.example.test";

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Leave everything running, and say what to try next.
    #[arg(long)]
    keep: bool,
}

#[derive(Clone, Copy)]
struct Weights {
    blue: u32,
    green: u32,
}

impl Weights {
    fn by_name(self) -> BTreeMap<String, u32> {
        BTreeMap::from([("blue".to_owned(), self.blue), ("green".to_owned(), self.green)])
    }
}

/// What held, as it is written to target/demo/summary.json.
#[derive(Default, serde::Serialize)]
struct Summary {
    /// QUIC connections answered in each of the two rounds of traffic.
    connections: u32,
    /// The first round, by backend.
    per_backend: BTreeMap<String, traffic::Part>,
    /// The second round, by backend.
    per_backend_after_reweighing: BTreeMap<String, traffic::Part>,
    /// The client address the backends saw; the only one, or the demo fails.
    client_address_seen: String,
    /// Median time of a QUIC handshake in the first round.
    handshake_milliseconds: f64,
    replan_empty: bool,
    reweighed_in_place: bool,
    destroyed: bool,
    /// All of it.
    seconds: f64,
    /// What building took of it: little when everything is built.
    seconds_building: f64,
}

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let started = Instant::now();
    let mut say = Narrator::new();
    let folder = repository().join("target/demo");
    say.step("building the simulator and the provider");
    let programs = Programs::build()?;
    let mut summary = Summary { seconds_building: tenths(started), ..Summary::default() };
    let stage = Stage::set(&mut say, &programs, &folder)?;
    let told = tell(&mut say, &stage, &mut summary, arguments.keep);
    summary.seconds = tenths(started);
    let written = serde_json::to_string_pretty(&summary).map_err(|error| error.to_string())?;
    write(&folder.join("summary.json"), &format!("{written}\n"))?;
    told?;
    if arguments.keep {
        stage.leave(&say);
        return Ok(());
    }
    say.done(&format!("all of it held, in {:.1} s; target/demo/summary.json has the figures", summary.seconds));
    Ok(())
}

/// Seconds since then, as people say them.
fn tenths(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10.0).round() / 10.0
}

/// The story itself; every sentence is checked, and the first that does not hold ends it.
fn tell(say: &mut Narrator, stage: &Stage, summary: &mut Summary, keep: bool) -> Result<(), String> {
    let port = stage.simulator.listener_port;
    say.step(&format!("terraform apply: load balancer, certificate, QUIC listener on {port}, two backends"));
    stage.write_weights(FIRST_WEIGHTS)?;
    stage.terraform.run(&["apply", "-auto-approve", "-no-color"])?;
    let address = stage.listener_address()?;
    say.fact(&format!("udp {address} is open"));

    say.step("waiting for the first health checks: until they have passed, a backend gets no connections");
    stage.wait_until_both_answer(address)?;

    say.step(&format!("{CONNECTIONS} QUIC connections from {CLIENT_ADDRESS}"));
    let first = stage.send_traffic(address)?;
    summary.per_backend = first.parts(&FIRST_WEIGHTS.by_name())?;
    summary.client_address_seen = first.only_client_address()?;
    summary.handshake_milliseconds = first.handshake_milliseconds();
    summary.connections = first.connections();
    say.table(&first.table(&summary.per_backend));

    say.step("other weights, applied again");
    summary.reweighed_in_place = stage.reweigh(say, OTHER_WEIGHTS)?;
    let second = stage.send_traffic(address)?;
    summary.per_backend_after_reweighing = second.parts(&OTHER_WEIGHTS.by_name())?;
    say.table(&second.table(&summary.per_backend_after_reweighing));

    say.step("a second plan");
    summary.replan_empty = stage.replan_is_empty()?;
    say.fact("no changes");

    if keep {
        return Ok(());
    }
    say.step("terraform destroy");
    stage.terraform.run(&["destroy", "-auto-approve", "-no-color"])?;
    Stage::expect_closed(address)?;
    summary.destroyed = true;
    say.fact(&format!("udp {address} is closed"));
    Ok(())
}

/// Everything that runs, and the folder Terraform works in.
struct Stage {
    simulator: SimulatorProcess,
    backends: Vec<BackendProcess>,
    terraform: Terraform,
    configuration: PathBuf,
    client: PathBuf,
}

impl Stage {
    fn set(say: &mut Narrator, programs: &Programs, folder: &Path) -> Result<Self, String> {
        clear(folder)?;
        say.step("starting the simulator and two backends on free ports");
        let binary = programs.path(SIMULATOR);
        let simulator = SimulatorProcess::start(&binary, folder)?;
        say.fact(&format!("cloud API at {}", simulator.endpoints.api));
        let backends = vec![
            BackendProcess::start(&binary, folder, "blue", "127.10.1.5:0")?,
            BackendProcess::start(&binary, folder, "green", "127.10.1.6:0")?,
        ];
        for backend in &backends {
            say.fact(&format!("backend {} at {}", backend.name, backend.address));
        }

        say.step("terraform init, with the provider from a filesystem mirror");
        let configuration = folder.join("configuration");
        copy_example(&repository().join("examples/quic-listener"), &configuration)?;
        let mut terraform = Terraform::with_provider(&configuration, folder, &programs.path(PROVIDER))?;
        terraform.set_environment(simulator.endpoints.environment());
        let stage = Self { simulator, backends, terraform, configuration, client: binary };
        stage.write_certificate()?;
        stage.write_weights(FIRST_WEIGHTS)?;
        stage.terraform.run(&["init", "-no-color"])?;
        Ok(stage)
    }

    /// A certificate for this run only; nobody else trusts it.
    fn write_certificate(&self) -> Result<(), String> {
        let made = rcgen::generate_simple_self_signed([SERVER_NAME.to_owned()])
            .map_err(|error| format!("no throw-away certificate: {error}"))?;
        write(&self.configuration.join("server.pem"), &made.cert.pem())?;
        write(&self.configuration.join("server.key"), &made.signing_key.serialize_pem())
    }

    fn write_weights(&self, weights: Weights) -> Result<(), String> {
        let port = |name: &str| {
            self.backends.iter().find(|backend| backend.name == name).map_or(0, |backend| backend.address.port())
        };
        let variables = serde_json::json!({
            "endpoint": self.simulator.endpoints.api,
            "port": self.simulator.listener_port,
            "certificate_file": "server.pem",
            "private_key_file": "server.key",
            "blue": { "address": "10.0.1.5", "port": port("blue"), "weight": weights.blue },
            "green": { "address": "10.0.1.6", "port": port("green"), "weight": weights.green },
        });
        write(&self.configuration.join("terraform.tfvars.json"), &format!("{variables:#}\n"))
    }

    fn listener_address(&self) -> Result<SocketAddr, String> {
        let outputs = self.terraform.json(&["output", "-json"])?;
        let address = outputs["address"]["value"].as_str().ok_or("the example has no output \"address\"")?;
        address.parse().map_err(|_| format!("the example's output \"address\" is {address:?}"))
    }

    fn send_traffic(&self, address: SocketAddr) -> Result<Traffic, String> {
        self.send(address, CONNECTIONS)
    }

    fn send(&self, address: SocketAddr, connections: u32) -> Result<Traffic, String> {
        let trusted = self.configuration.join("server.pem");
        Traffic::send(&self.client, address, &trusted, SERVER_NAME, CLIENT_ADDRESS, connections)
    }

    /// Tries small rounds until one is answered by both backends.
    fn wait_until_both_answer(&self, address: SocketAddr) -> Result<(), String> {
        let deadline = Instant::now() + HEALTHY_WITHIN;
        loop {
            let tried = self.send(address, 4).and_then(|round| round.parts(&FIRST_WEIGHTS.by_name()));
            let Err(failure) = tried else { return Ok(()) };
            if Instant::now() > deadline {
                return Err(format!("after {HEALTHY_WITHIN:?} the backends are still not healthy: {failure}"));
            }
            std::thread::sleep(BETWEEN_TRIES);
        }
    }

    /// Applies other weights; whether the plan said "update" and nothing else.
    fn reweigh(&self, say: &mut Narrator, weights: Weights) -> Result<bool, String> {
        self.write_weights(weights)?;
        self.terraform.run(&["plan", "-out", "reweighed.plan", "-no-color"])?;
        let plan = self.terraform.json(&["show", "-json", "reweighed.plan"])?;
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let planned: Vec<String> = changes
            .iter()
            .filter(|change| change["change"]["actions"] != serde_json::json!(["no-op"]))
            .map(|change| format!("{} {}", change["address"], change["change"]["actions"]).replace('"', ""))
            .collect();
        if planned != [format!("{BINDING} [update]")] {
            return Err(format!("the new weights were not planned in place: {}", planned.join(", ")));
        }
        self.terraform.run(&["apply", "-no-color", "reweighed.plan"])?;
        say.fact(&format!("{BINDING} updated in place"));
        Ok(true)
    }

    fn replan_is_empty(&self) -> Result<bool, String> {
        let (code, said) = self.terraform.code(&["plan", "-detailed-exitcode", "-no-color"])?;
        if code == Some(0) { Ok(true) } else { Err(format!("a second plan is not empty:\n{said}")) }
    }

    fn expect_closed(address: SocketAddr) -> Result<(), String> {
        // A UDP port is closed when its address can be bound again: nobody holds it.
        std::net::UdpSocket::bind(address)
            .map(|_| ())
            .map_err(|error| format!("after the destroy {address} is still taken: {error}"))
    }

    /// Lets the processes live on, and says what can be done with them.
    fn leave(self, say: &Narrator) {
        let address = self.listener_address().map_or_else(|_| "ADDRESS".to_owned(), |address| address.to_string());
        let relative = |path: &Path| path.strip_prefix(repository()).unwrap_or(path).display().to_string();
        let configuration = relative(&self.configuration);
        let client = self.client.display();
        let processes: Vec<String> = std::iter::once(self.simulator.id())
            .chain(self.backends.iter().map(BackendProcess::id))
            .map(|id| id.to_string())
            .collect();
        let mut lines = vec![
            "Everything is still running. Try next:".to_owned(),
            String::new(),
            format!("  export TF_CLI_CONFIG_FILE={}", self.terraform.cli_configuration().display()),
        ];
        lines.extend(
            self.simulator.endpoints.environment().iter().map(|(name, value)| format!("  export {name}={value}")),
        );
        lines.extend([
            format!("  {client} client {address} --ca {configuration}/server.pem --server-name {SERVER_NAME} --line hello --connections 8"),
            format!("  {client} ctl --admin {} connections", self.simulator.endpoints.admin_address()),
            format!("  (edit weights in {configuration}/terraform.tfvars.json)"),
            format!("  terraform -chdir={configuration} apply"),
            format!("  terraform -chdir={configuration} destroy"),
            format!("  kill {}", processes.join(" ")),
        ]);
        say.paragraph(&lines);
        self.simulator.leave();
        self.backends.into_iter().for_each(BackendProcess::leave);
    }
}

/// The example's .tf files; whatever else lies there is someone's own run.
fn copy_example(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::create_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    for entry in std::fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if let (Some("tf"), Some(name)) = (path.extension().and_then(|end| end.to_str()), path.file_name()) {
            std::fs::copy(&path, to.join(name)).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}
