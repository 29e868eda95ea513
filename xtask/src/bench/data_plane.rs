//! `cargo xtask bench data-plane`: what the data plane carries and what it costs, beside a bare quinn server (which has
//! no backend), a plain TCP proxy and HAProxy (which have no QUIC), and the backend asked directly.
//!
//! All take turns in one run, so that a busy moment of the machine meets all of them: ratios and processor time mean more
//! than times. Servers are bound to one core, load generator and backend to the other; where the other core was the
//! limit, the column `server busy` shows it. A table on stdout, all figures in target/bench/data-plane.json, the same as
//! bars in target/bench/data-plane.svg. Who takes part is in `data_plane_servers.rs`.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use super::data_plane_servers::{Kit, LOAD_CORE, Party, REQUIREMENTS};
use super::measure::median;
use super::plot;
use super::rival::environment_with;
use crate::programs::{clear, repository, write};

/// Connections that are being made at a time: fewer than the listener asks for a proof of address at.
const CONNECTING: &str = "32";
/// Small requests at a time on one connection.
const AT_A_TIME: &str = "64";
/// Backends of the growth, and idle connections.
const MANY_BACKENDS: usize = 1000;
const MANY_CONNECTIONS: usize = 10_000;
/// How long connections are left alone before memory and processor time are looked at.
const SETTLE: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(3);
/// How often an idle connection is kept from timing out; the listener lets it be silent for 30 seconds.
const PING_SECONDS: u32 = 20;
const GIB: f64 = 1_073_741_824.0;

/// Options of the suite.
#[derive(clap::Args)]
pub struct Arguments {
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Two rounds, shorter, with fewer connections and backends.
    #[arg(long)]
    quick: bool,
    /// Only some of it.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Measure this simulator and build none: to compare a change with what was before it.
    #[arg(long, value_name = "PROGRAM")]
    simulator: Option<PathBuf>,
    /// The load generator and what the data plane is compared with (example data_plane_peers), when it is built already.
    #[arg(long, value_name = "PROGRAM")]
    peers: Option<PathBuf>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { rounds: 5, quick: false, only: Vec::new(), simulator: None, peers: None }
    }
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// One stream of one connection, down and up.
    Bulk,
    /// New connections: ECDSA P-256, no resumption.
    Handshakes,
    /// Small requests, many at a time.
    Streams,
    /// Small requests, one at a time.
    Latency,
    /// Memory and processor time of connections that say nothing.
    Idle,
    /// A download through Caddy and Envoy, from HTTP/3 to HTTP/1.1, for scale.
    Http,
    /// The same with many connections and many backends.
    Growth,
}

/// How much is done.
struct Size {
    rounds: u32,
    bytes: String,
    seconds: f64,
    idle: usize,
    many_connections: usize,
    many_backends: usize,
}

/// One kind of load.
struct Job<'a> {
    name: &'static str,
    words: Vec<&'a str>,
    unit: &'static str,
}

/// What was measured of one party under one load: an entry for each round.
#[derive(Default)]
struct Samples {
    /// Gbit/s, or things per second.
    rate: Vec<f64>,
    /// Processor seconds of the server: per GiB, or per million things.
    cost: Vec<f64>,
    /// Part of the time in which the server used its core.
    busy: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
}

/// Runs the suite.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if cores <= LOAD_CORE {
        return Err("two cores are needed: one for servers, one for load".to_owned());
    }
    let began = Instant::now();
    let folder = repository().join("target/bench/data-plane");
    clear(&folder)?;
    let kit = Kit::new(arguments.simulator.as_deref(), arguments.peers.as_deref(), &folder)?;
    let size = Size::of(arguments);
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut metrics = Map::new();
    let load_before = load_average();
    {
        let (_backend, address) = kit.backend(1)?;
        let ours = kit.simulator(address.port(), 1)?;
        let bare = kit.bare_quinn()?;
        let proxy = kit.proxy(address)?;
        let haproxy = kit.haproxy(address)?;
        let direct = kit.direct()?;
        if haproxy.is_none() {
            println!("HAProxy is left out: it is not installed (Debian: apt-get install haproxy)");
        }
        let tcp: Vec<&Party> = [Some(&proxy), haproxy.as_ref()].into_iter().flatten().collect();
        if wanted(Part::Bulk) {
            bulk(&kit, &[&[&ours, &bare], tcp.as_slice()].concat(), &size, &mut metrics)?;
        }
        if wanted(Part::Handshakes) {
            handshakes(&kit, &[&ours, &bare], &size, &mut metrics)?;
        }
        if wanted(Part::Streams) {
            streams(&kit, &[&[&ours, &bare], tcp.as_slice()].concat(), &size, &mut metrics)?;
        }
        if wanted(Part::Latency) {
            latency(&kit, &[&[&ours, &direct, &bare], tcp.as_slice()].concat(), &size, &mut metrics)?;
        }
    }
    if wanted(Part::Idle) {
        idle(&kit, &size, &mut metrics)?;
    }
    if wanted(Part::Http) {
        // For scale only: what of other people's programs does not work here is no reason to lose our own figures.
        if let Err(error) = http(&kit, &size, &mut metrics) {
            println!("\nHTTP/3 proxies are left out from here on: {error}");
        }
    }
    if wanted(Part::Growth) {
        growth(&kit, &size, &mut metrics)?;
    }
    let load = format!("{load_before} before, {} after", load_average());
    println!("\n{:.0} s; load average of the machine {load}", began.elapsed().as_secs_f64());
    write(&repository().join("target/bench/data-plane.svg"), &plot::bars("Data plane", &charts(&metrics)))?;
    let report = json!({
        "suite": "data-plane", "cores": cores, "rounds": size.rounds, "load_average": load, "metrics": metrics,
    });
    let text = serde_json::to_string_pretty(&report).map_err(|error| format!("the report is no JSON: {error}"))?;
    write(&repository().join("target/bench/data-plane.json"), &format!("{text}\n"))
}

impl Size {
    fn of(arguments: &Arguments) -> Self {
        if arguments.quick {
            Self {
                rounds: 2,
                bytes: (1_u64 << 29).to_string(),
                seconds: 1.0,
                idle: 2000,
                many_connections: 2000,
                many_backends: 200,
            }
        } else {
            Self {
                rounds: arguments.rounds,
                bytes: (1_u64 << 30).to_string(),
                seconds: 3.0,
                idle: 5000,
                many_connections: MANY_CONNECTIONS - 100,
                many_backends: MANY_BACKENDS,
            }
        }
    }
}

fn bulk(kit: &Kit, parties: &[&Party], size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    for (direction, word) in [("download", ""), ("upload", "upload_")] {
        let job = Job { name: direction, words: vec![direction, &size.bytes], unit: "Gbit/s" };
        for (party, samples) in parties.iter().zip(turns(kit, parties, &job, size)?) {
            let prefix = prefix(party);
            let prefix = format!("{prefix}{}{word}", own(party, "bulk_"));
            set(metrics, &format!("{prefix}cpu_s_per_gib"), median(samples.cost));
            set(metrics, &format!("{prefix}gbit_s"), median(samples.rate));
        }
    }
    Ok(())
}

fn handshakes(kit: &Kit, parties: &[&Party], size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    let seconds = size.seconds.to_string();
    let job = Job { name: "connections", words: vec!["connections", CONNECTING, &seconds], unit: "per s" };
    let samples = turns(kit, parties, &job, size)?;
    for (party, samples) in parties.iter().zip(&samples) {
        let prefix = prefix(party);
        set(metrics, &format!("{prefix}handshakes_per_s"), median(samples.rate.clone()));
        set(metrics, &format!("{prefix}handshake_cpu_us"), median(samples.cost.clone()));
    }
    set(metrics, "handshakes_ratio", ratio(&samples[0].rate, &samples[1].rate));
    set(metrics, "handshakes_cpu_ratio", ratio(&samples[1].cost, &samples[0].cost));
    Ok(())
}

fn streams(kit: &Kit, parties: &[&Party], size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    let seconds = size.seconds.to_string();
    let job = Job { name: "requests", words: vec!["requests", AT_A_TIME, &seconds], unit: "per s" };
    let samples = turns(kit, parties, &job, size)?;
    for (party, samples) in parties.iter().zip(&samples) {
        let prefix = prefix(party);
        set(metrics, &format!("{prefix}streams_per_s"), median(samples.rate.clone()));
        set(metrics, &format!("{prefix}stream_cpu_us"), median(samples.cost.clone()));
    }
    // One TCP connection for each request through the plain proxy, one stream for each through the data plane: both make
    // one TCP connection to the backend for each.
    set(metrics, "streams_ratio_to_tcp_proxy", ratio(&samples[0].rate, &samples[2].rate));
    set(metrics, "streams_cpu_ratio_to_tcp_proxy", ratio(&samples[2].cost, &samples[0].cost));
    Ok(())
}

fn latency(kit: &Kit, parties: &[&Party], size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    let seconds = size.seconds.to_string();
    let job = Job { name: "one at a time", words: vec!["requests", "1", &seconds], unit: "per s" };
    let samples = turns(kit, parties, &job, size)?;
    for (party, samples) in parties.iter().zip(&samples) {
        let prefix = prefix(party);
        set(metrics, &format!("{prefix}latency_p50_us"), median(samples.p50.clone()));
        set(metrics, &format!("{prefix}latency_p99_us"), median(samples.p99.clone()));
    }
    let direct = parties.iter().position(|party| party.name == "backend").ok_or("no backend to compare with")?;
    for (at, party) in parties.iter().enumerate().filter(|(at, _)| *at != direct) {
        let added = |of: fn(&Samples) -> &Vec<f64>| {
            median(
                of(&samples[at])
                    .iter()
                    .zip(of(&samples[direct]))
                    .map(|(through, directly)| through - directly)
                    .collect(),
            )
        };
        set(metrics, &format!("{}added_latency_us", prefix(party)), added(|samples| &samples.p50));
        set(metrics, &format!("{}added_latency_p99_us", prefix(party)), added(|samples| &samples.p99));
    }
    Ok(())
}

/// Memory and processor time of connections that say nothing; servers of their own, whose memory nothing has grown yet.
fn idle(kit: &Kit, size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    println!("\n{:<16}{:>14}{:>22}   ({} connections)", "idle", "KiB each", "server ms per second", size.idle);
    for party in [kit.simulator(1, 1)?, kit.bare_quinn()?] {
        let before = party.usage().1;
        let held = kit.idle(&party.target, size.idle, 0)?;
        thread::sleep(SETTLE);
        let (processor, resident) = party.usage();
        let began = Instant::now();
        thread::sleep(IDLE);
        let busy = (party.usage().0 - processor) * 1000.0 / began.elapsed().as_secs_f64();
        held.finish()?;
        let each = (resident - before) * 1024.0 / count(size.idle);
        println!("{:<16}{each:>14.1}{busy:>22.1}", party.name);
        let prefix = prefix(&party);
        set(metrics, &format!("{prefix}idle_kib_per_connection"), each);
        set(metrics, &format!("{prefix}idle_ms_per_s"), busy);
    }
    Ok(())
}

/// The nearest others there are: they end HTTP/3 and speak HTTP/1.1 to the backend. No rival of the same kind.
fn http(kit: &Kit, size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    let (_backend, address) = kit.backend(1)?;
    let venv = match environment_with(&repository().join("target/bench/http3-rivals"), REQUIREMENTS) {
        Ok(venv) => venv,
        Err(error) => {
            println!("\nHTTP/3 proxies are left out: no client for them: {error}");
            return Ok(());
        }
    };
    let caddy = kit.caddy(address)?;
    if caddy.is_none() {
        println!("\nCaddy is left out: it is not installed (Debian: apt-get install caddy)");
    }
    let parties: Vec<Party> = caddy.into_iter().chain([kit.envoy(&venv, address)?]).collect();
    println!("\n{:<16}{:>12}{:>22}   (download from HTTP/3 to HTTP/1.1, libcurl)", "", "Gbit/s", "server s per GiB");
    for party in &parties {
        let mut samples = Samples::default();
        for _ in 0..size.rounds.min(3) {
            let before = party.usage().0;
            let said =
                kit.http_download(&venv, party, &size.bytes).map_err(|error| format!("{}: {error}", party.name))?;
            samples.take(&said, party.usage().0 - before)?;
        }
        let (rate, cost) = (median(samples.rate), median(samples.cost));
        println!("{:<16}{rate:>12.2}{cost:>22.2}", party.name);
        set(metrics, &format!("{}_gbit_s", prefix(party).trim_end_matches('_')), rate);
        set(metrics, &format!("{}_cpu_s_per_gib", prefix(party).trim_end_matches('_')), cost);
    }
    Ok(())
}

/// What a request and a connection cost beside many idle connections, and with many backends.
fn growth(kit: &Kit, size: &Size, metrics: &mut Map<String, Json>) -> Result<(), String> {
    let seconds = size.seconds.to_string();
    let requests = Job { name: "requests", words: vec!["requests", AT_A_TIME, &seconds], unit: "per s" };
    let connections = Job { name: "connections", words: vec!["connections", CONNECTING, &seconds], unit: "per s" };
    let (_backend, address) = kit.backend(size.many_backends)?;
    let plain = kit.simulator(address.port(), 1)?;
    let crowded = kit.simulator(address.port(), 1)?;
    let broad = kit.simulator(address.port(), size.many_backends)?;
    let held = kit.idle(&crowded.target, size.many_connections, PING_SECONDS)?;
    println!(
        "\ngrowth: with one backend; beside {} idle connections; with {} backends",
        size.many_connections, size.many_backends
    );
    for (job, name) in [(&requests, "stream"), (&connections, "handshake")] {
        let samples = turns(kit, &[&plain, &crowded, &broad], job, size)?;
        set(metrics, &format!("{name}_growth_connections"), ratio(&samples[1].cost, &samples[0].cost));
        set(metrics, &format!("{name}_growth_backends"), ratio(&samples[2].cost, &samples[0].cost));
    }
    held.finish()
}

/// Every party under the same load, in turn, as often as there are rounds; prints what came of it.
fn turns(kit: &Kit, parties: &[&Party], job: &Job<'_>, size: &Size) -> Result<Vec<Samples>, String> {
    let mut samples: Vec<Samples> = parties.iter().map(|_| Samples::default()).collect();
    for _ in 0..size.rounds {
        for (party, samples) in parties.iter().zip(&mut samples) {
            samples.add(kit, party, job)?;
        }
    }
    let is_bulk = job.unit == "Gbit/s";
    println!(
        "\n{:<16}{:>12}{:>22}{:>14}{:>12}{:>12}",
        job.name,
        job.unit,
        if is_bulk { "server s per GiB" } else { "server µs for each" },
        "server busy",
        if is_bulk { "" } else { "p50 µs" },
        if is_bulk { "" } else { "p99 µs" }
    );
    for (party, samples) in parties.iter().zip(&samples) {
        let median = |values: &Vec<f64>| median(values.clone());
        let rate = median(&samples.rate);
        let rate = if is_bulk { format!("{rate:.2}") } else { format!("{rate:.0}") };
        print!("{:<16}{rate:>12}{:>22.2}{:>13.0}%", party.name, median(&samples.cost), 100.0 * median(&samples.busy));
        if median(&samples.p50) > 0.0 {
            print!("{:>12.0}{:>12.0}", median(&samples.p50), median(&samples.p99));
        }
        println!();
    }
    Ok(samples)
}

impl Samples {
    fn add(&mut self, kit: &Kit, party: &Party, job: &Job<'_>) -> Result<(), String> {
        let before = party.usage().0;
        let said = kit.load(&party.target, &job.words).map_err(|error| format!("{}: {error}", party.name))?;
        self.take(&said, party.usage().0 - before)
    }

    /// What the load generator says, and the processor seconds of the server meanwhile.
    fn take(&mut self, said: &Json, used: f64) -> Result<(), String> {
        let figure = |name: &str| said[name].as_f64();
        let seconds = figure("seconds").filter(|seconds| *seconds > 0.0).ok_or("a load without a time")?;
        self.busy.push((used / seconds).min(1.0));
        if let Some(bytes) = figure("bytes") {
            self.rate.push(bytes * 8.0 / 1e9 / seconds);
            self.cost.push(used * GIB / bytes);
        } else {
            let count = figure("count").filter(|count| *count > 0.0).ok_or("a load that did nothing")?;
            self.rate.push(count / seconds);
            self.cost.push(used * 1e6 / count);
        }
        self.p50.extend(figure("p50_us"));
        self.p99.extend(figure("p99_us"));
        Ok(())
    }
}

/// The middle of the ratios of each round.
fn ratio(of: &[f64], to: &[f64]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of / to.max(f64::MIN_POSITIVE)).collect())
}

fn charts(metrics: &Map<String, Json>) -> Vec<plot::Chart> {
    let chart = |title, ours: &str, suffix: &str| {
        let parties = [("clb-simulator", ours)].into_iter();
        let others =
            ["bare_quinn", "tcp_proxy", "haproxy", "caddy", "envoy"].map(|name| (name, format!("{name}_{suffix}")));
        let all = parties.map(|(name, key)| (name, key.to_owned())).chain(others);
        let bars = all.filter_map(|(name, key)| Some((name.replace('_', " "), metrics.get(&key)?.as_f64()?)));
        plot::Chart { title, bars: bars.collect() }
    };
    vec![
        chart("Bulk down: processor seconds of the server per GiB", "bulk_cpu_s_per_gib", "cpu_s_per_gib"),
        chart("Bulk up: processor seconds of the server per GiB", "bulk_upload_cpu_s_per_gib", "upload_cpu_s_per_gib"),
        chart("Bulk down, one connection: Gbit/s", "bulk_gbit_s", "gbit_s"),
        chart("New connections per second", "handshakes_per_s", "handshakes_per_s"),
        chart("Small requests: µs of the server for each", "stream_cpu_us", "stream_cpu_us"),
        chart("Latency added to the backend's, µs", "added_latency_us", "added_latency_us"),
        chart("KiB per idle connection", "idle_kib_per_connection", "idle_kib_per_connection"),
    ]
}

/// What the machine has to do, of this suite and of anybody else.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Before the names of metrics; ours need none.
fn prefix(party: &Party) -> String {
    if is_ours(party) { String::new() } else { format!("{}_", party.name.to_lowercase().replace(' ', "_")) }
}

/// A word that only our own metrics have in their names.
fn own(party: &Party, word: &'static str) -> &'static str {
    if is_ours(party) { word } else { "" }
}

fn is_ours(party: &Party) -> bool {
    party.name == "clb-simulator"
}

#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
fn count(of: usize) -> f64 {
    of as f64
}

/// To three places.
fn set(metrics: &mut Map<String, Json>, name: &str, value: f64) {
    metrics.insert(name.to_owned(), ((value * 1000.0).round() / 1000.0).into());
}
