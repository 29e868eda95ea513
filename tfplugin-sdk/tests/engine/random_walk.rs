//! Random configurations, one after the other, each planned with random parts unknown and applied; the miniature core
//! checks its rules after every step. The seed and the step of a failure are printed.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use tfplugin_sdk::{Codec, Dynamic, Number, Path, Refinements, Report, Secret, Value};

use crate::garden::{BedConfig, Garden, GardenConfig, GateConfig, PondConfig, Style, Town, TreeConfig, WoodConfig};
use crate::{core, lines};

const WALKS: u64 = 20;
const STEPS: u32 = 25;

/// A small generator (xorshift), so that a seed is a walk on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_in(&mut self, odds: u64) -> bool {
        self.below(odds) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Value<T> {
        if self.one_in(3) { Value::Null } else { Value::Known(make(self)) }
    }
}

fn config(chance: &mut Chance) -> GardenConfig {
    let gate = |chance: &mut Chance| GateConfig {
        width: chance.maybe(|chance| chance.of(&[2, 3])),
        material: chance.maybe(|chance| chance.of(&["oak", "iron"]).to_owned()),
        code_wo: chance.maybe(|_| Secret::new("1234".to_owned())),
    };
    let bed = |chance: &mut Chance| BedConfig {
        plant: Value::Known(chance.of(&["rose", "lily", "iris"]).to_owned()),
        number: Value::Null,
    };
    let beds = |chance: &mut Chance| (0..chance.below(4)).map(|_| Value::Known(bed(chance))).collect();
    let trees = |chance: &mut Chance| {
        let mut kinds = vec!["ash", "elm", "oak"];
        kinds.truncate(usize::try_from(chance.below(4)).unwrap());
        let tree = |kind: &str, chance: &mut Chance| TreeConfig {
            kind: Value::Known(kind.to_owned()),
            height: chance.maybe(|chance| chance.of(&[1, 5])),
        };
        let mut trees: Vec<_> = kinds.into_iter().map(|kind| Value::Known(tree(kind, chance))).collect();
        if chance.one_in(2) {
            // Next to one whose height is left out, this is the one that must not be taken for it.
            trees.push(Value::Known(TreeConfig { kind: Value::Known("oak".into()), height: Value::Known(9) }));
        }
        trees
    };
    let woods = |chance: &mut Chance| {
        let wood = |chance: &mut Chance, name: &str| WoodConfig {
            name: Value::Known(name.to_owned()),
            trees: Value::Known(trees(chance)),
        };
        ["a", "b"].map(|name| Value::Known(wood(chance, name))).to_vec()
    };
    let ponds = |chance: &mut Chance| {
        let pond = |chance: &mut Chance| PondConfig {
            depth: Value::Known(chance.of(&["0.1", "2.5", "100000000000000000000001"]).parse::<Number>().unwrap()),
            inspection: Value::Null,
        };
        let named = (0..chance.below(3)).map(|_| (chance.of(&["a", "b", "c"]).to_owned(), Value::Known(pond(chance))));
        named.collect::<BTreeMap<_, _>>()
    };
    GardenConfig {
        town: Value::Known("york".into()),
        plot: Value::Known(if chance.one_in(8) { 2 } else { 1 }),
        name: chance.maybe(|chance| chance.of(&["rosy", "lilac"]).to_owned()),
        style: chance.maybe(|chance| chance.of(&[Style::FormalGarden, Style::Wilderness])),
        gardener: chance.maybe(|chance| chance.of(&["ann", "bob"]).to_owned()),
        gate: chance.maybe(gate),
        beds: chance.maybe(beds),
        trees: chance.maybe(trees),
        ponds: chance.maybe(ponds),
        labels: chance.maybe(|_| BTreeMap::from([("a".to_owned(), Value::Known("b".to_owned()))])),
        spare_key_wo: Value::Null,
        woods: chance.maybe(woods),
        shed_key_wo: chance.maybe(|_| Secret::new("sesame".to_owned())),
        shed_key_wo_version: chance.maybe(|chance| chance.of(&[1, 2])),
        notes: chance.maybe(|chance| chance.of(&[Dynamic::Bool(true), Dynamic::String("x".into())]).encode()),
        ..GardenConfig::default()
    }
}

/// The same with some known parts unknown.
fn veiled(value: &Dynamic, chance: &mut Chance) -> Dynamic {
    match value {
        Dynamic::Null => Dynamic::Null,
        _ if chance.one_in(12) => Dynamic::Unknown(Refinements::none()),
        Dynamic::List(elements) => Dynamic::List(elements.iter().map(|element| veiled(element, chance)).collect()),
        Dynamic::Map(elements) => {
            Dynamic::Map(elements.iter().map(|(key, element)| (key.clone(), veiled(element, chance))).collect())
        }
        Dynamic::Object(parts) => {
            Dynamic::Object(parts.iter().map(|(name, part)| (name.clone(), veiled(part, chance))).collect())
        }
        known => known.clone(),
    }
}

fn partly_unknown(config: &GardenConfig, chance: &mut Chance) -> GardenConfig {
    let Dynamic::Object(parts) = config.encode() else { unreachable!("a configuration is an object") };
    let parts = parts.iter().map(|(name, part)| (name.clone(), veiled(part, chance))).collect();
    GardenConfig::decode(&Dynamic::Object(parts), &Path::root(), &mut Report::new()).expect("it has the same shape")
}

async fn walk(seed: u64) {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let town = Arc::new(Town::default());
    let mut garden = core(&town).await.resource::<Garden>();
    for step in 0..STEPS {
        let config = config(&mut chance);
        let planned = partly_unknown(&config, &mut chance);
        let applied = garden.apply_after(&planned, &config).await;
        if let Err(report) = applied {
            panic!("step {step}: {}", lines(&report).join("\n"));
        }
        let again = garden.plan(&config).await.unwrap();
        assert_eq!(again.planned, *garden.stored(), "step {step}: a plan that changes nothing is the state");
        assert_eq!(town.state().gardens.len(), 1, "step {step}: a garden was lost");
        if chance.one_in(10) {
            garden.destroy().await.unwrap();
        }
    }
}

#[test]
fn no_sequence_of_configurations_breaks_a_rule_of_core() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for seed in 1..=WALKS {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(walk(seed))));
        assert!(outcome.is_ok(), "the walk with seed {seed} failed");
    }
}
