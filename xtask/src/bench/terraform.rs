//! `cargo xtask bench terraform`: whole commands with the SDK's example provider, against Terraform without any.
//!
//! All ways alternate in one run, so that a busy moment of the machine meets all of them; what counts is the median,
//! and the ratio to Terraform alone more than the time. A table on stdout, all figures in target/bench/terraform.json.

use std::path::Path;
use std::thread;

use serde_json::{Map, Value as Json, json};

use super::contestant::{COMMANDS, Contestant, Sample, Way, process_starts};
use super::measure::{Greeted, median, peak, resident};
use crate::programs::{Programs, clear, repository, write};

/// Rounds of one resource, if nothing else is asked for.
const RUNS: u32 = 15;
/// Numbers of resources, if nothing else is asked for.
const SIZES: [u32; 4] = [1, 100, 300, 1000];
/// Of many resources fewer rounds are enough: a command takes longer, and varies less.
const MANY: u32 = 100;

/// Options of the suite.
#[derive(clap::Args)]
pub struct Arguments {
    /// Rounds of one resource; from 100 resources on a fifth of them, from 1000 on an eighth.
    #[arg(long, default_value_t = RUNS)]
    runs: u32,
    /// Numbers of resources.
    #[arg(long, value_delimiter = ',', default_values_t = SIZES)]
    sizes: Vec<u32>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { runs: RUNS, sizes: SIZES.to_vec() }
    }
}

/// What was measured with one number of resources.
struct Size {
    resources: u32,
    rounds: u32,
    /// By way and command.
    figures: [[Sample; 3]; 3],
    /// Of the attached provider after all rounds, in MiB: resident, and the most that ever was.
    memory: Option<(f64, f64)>,
}

/// Runs the suite.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let provider = Programs::build_example("tfplugin-sdk", "notes")?;
    let folder = repository().join("target/bench/terraform");
    clear(&folder)?;
    let mut metrics = Map::new();

    let size = std::fs::metadata(&provider).map_err(|error| format!("{}: {error}", provider.display()))?.len();
    set(&mut metrics, "binary_mib", bytes_to_mebibytes(size));
    let mut memory = None;
    let mut times = Vec::new();
    for _ in 0..arguments.runs {
        let greeted = Greeted::start(&provider)?;
        times.push(greeted.milliseconds);
        memory = resident(greeted.id());
    }
    set(&mut metrics, "handshake_ms", median(times));
    if let Some(memory) = memory {
        set(&mut metrics, "rss_mib", memory);
    }
    let starts = process_starts(&provider, &folder.join("starts"))?;
    for ((command, _), starts) in COMMANDS.iter().zip(starts) {
        metrics.insert(format!("{command}_starts"), starts.into());
    }

    let mut sizes = Vec::new();
    for resources in &arguments.sizes {
        let size = Size::measure(*resources, arguments.runs, &provider, &folder.join(resources.to_string()))?;
        size.print();
        size.add_to(&mut metrics);
        sizes.push(size);
    }
    add_growth(&mut metrics, &sizes);
    println!();
    for (name, value) in &metrics {
        println!("{name:<28} {value}");
    }
    let report = json!({
        "suite": "terraform",
        "cores": thread::available_parallelism().map_or(0, usize::from),
        "metrics": metrics,
        "sizes": sizes.iter().map(Size::json).collect::<Vec<_>>(),
    });
    let file = repository().join("target/bench/terraform.json");
    let text = serde_json::to_string_pretty(&report).map_err(|error| format!("the report is no JSON: {error}"))?;
    write(&file, &format!("{text}\n"))
}

impl Size {
    fn measure(resources: u32, runs: u32, provider: &Path, folder: &Path) -> Result<Self, String> {
        let rounds = match resources {
            ..MANY => runs,
            MANY..1000 => runs.div_ceil(5),
            1000.. => runs.div_ceil(8),
        };
        let contestants = Way::ALL
            .into_iter()
            .map(|way| Contestant::prepare(way, provider, &folder.join(way.name()), resources))
            .collect::<Result<Vec<_>, _>>()?;
        let mut samples: [[Vec<Sample>; 3]; 3] = Default::default();
        for round in 0..rounds as usize {
            // Each of them begins a round as often as the others.
            for turn in 0..contestants.len() {
                let at = (round + turn) % contestants.len();
                for (samples, (_, arguments)) in samples[at].iter_mut().zip(COMMANDS) {
                    samples.push(contestants[at].run(arguments)?);
                }
            }
        }
        let memory = contestants
            .iter()
            .find_map(|contestant| contestant.server.as_ref())
            .and_then(|server| Some((resident(server.id())?, peak(server.id())?)));
        Ok(Self { resources, rounds, figures: samples.map(|way| way.map(|samples| Sample::of(&samples))), memory })
    }

    fn ratio(&self, way: usize, command: usize) -> f64 {
        self.figures[way][command].wall / self.figures[0][command].wall
    }

    /// Processor time beside what Terraform needs alone, in milliseconds: of times that differ by little, the clock tells
    /// too little.
    fn added(&self, way: usize, command: usize) -> f64 {
        self.figures[way][command].processor - self.figures[0][command].processor
    }

    fn print(&self) {
        let of = if self.resources == 1 { "resource" } else { "resources" };
        let title = format!("{} {of}, {} rounds", self.resources, self.rounds);
        println!("\n{title:<24}{:>18}{:>18}{:>18}   (median ms, ratio; mean processor ms)", "plan", "apply", "destroy");
        for (at, way) in Way::ALL.iter().enumerate() {
            print!("{:<24}", way.title());
            for command in 0..COMMANDS.len() {
                let Sample { wall, processor } = self.figures[at][command];
                print!("{wall:7.0} {:4.2} {processor:5.0}", self.ratio(at, command));
            }
            println!();
        }
    }

    /// One resource counts in milliseconds and ratios, many in seconds.
    fn add_to(&self, metrics: &mut Map<String, Json>) {
        let resources = self.resources;
        for (at, way) in Way::ALL.iter().enumerate() {
            let way = way.prefix();
            for (of, (command, _)) in COMMANDS.iter().enumerate() {
                let wall = self.figures[at][of].wall;
                if resources == 1 {
                    set(metrics, &format!("{way}{command}_ms"), wall);
                    if at > 0 {
                        set(metrics, &format!("{way}{command}_ratio"), self.ratio(at, of));
                    }
                } else {
                    set(metrics, &format!("{way}{command}_{resources}_s"), wall / 1000.0);
                }
            }
        }
        if let Some((resident, peak)) = self.memory {
            set(metrics, &format!("rss_after_{resources}_mib"), resident);
            set(metrics, &format!("rss_peak_{resources}_mib"), peak);
        }
    }

    fn json(&self) -> Json {
        let ways = Way::ALL.iter().zip(&self.figures).map(|(way, figures)| {
            let commands = COMMANDS.iter().zip(figures).map(|((command, _), figures)| {
                let figures = json!({ "wall_ms": rounded(figures.wall), "processor_ms": rounded(figures.processor) });
                ((*command).to_owned(), figures)
            });
            (way.name().to_owned(), Json::Object(commands.collect()))
        });
        json!({ "resources": self.resources, "rounds": self.rounds, "ways": Json::Object(ways.collect()) })
    }
}

impl Sample {
    fn of(samples: &[Self]) -> Self {
        let count = u32::try_from(samples.len()).map_or(1.0, f64::from).max(1.0);
        Self {
            wall: median(samples.iter().map(|sample| sample.wall).collect()),
            processor: samples.iter().map(|sample| sample.processor).sum::<f64>() / count,
        }
    }
}

/// From the smallest number of many resources to the largest: time against number, so that 1 is linear. Terraform's own
/// time grows faster than that, so the processor time that a provider adds to it has figures of its own.
fn add_growth(metrics: &mut Map<String, Json>, sizes: &[Size]) {
    let many = || sizes.iter().filter(|size| size.resources >= MANY);
    let (Some(small), Some(large)) =
        (many().min_by_key(|size| size.resources), many().max_by_key(|size| size.resources))
    else {
        return;
    };
    if small.resources == large.resources {
        return;
    }
    let more = f64::from(large.resources) / f64::from(small.resources);
    for (at, way) in Way::ALL.iter().enumerate() {
        let way = way.prefix();
        for (of, (command, _)) in COMMANDS.iter().enumerate() {
            let growth = large.figures[at][of].wall / small.figures[at][of].wall / more;
            set(metrics, &format!("{way}{command}_growth"), growth);
            if at > 0 {
                set(metrics, &format!("{way}{command}_added_growth"), large.added(at, of) / small.added(at, of) / more);
            }
        }
    }
}

fn set(metrics: &mut Map<String, Json>, name: &str, value: f64) {
    metrics.insert(name.to_owned(), rounded(value).into());
}

/// To three places.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[allow(clippy::cast_precision_loss, reason = "a program is far smaller than 2^52 bytes")]
fn bytes_to_mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
