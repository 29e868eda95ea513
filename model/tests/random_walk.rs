//! Random operations on a world, its invariants after every step. A failure prints the seed, the step and the last steps.
//!
//! `CLB_WALK_SEED=7` walks that seed again. The long form is 1,000 seeds of 5,000 steps:
//! `CLB_WALK_SEEDS=1000 CLB_WALK_STEPS=5000 cargo test --release -p clb-model --test random_walk`.

#[path = "rules/bench.rs"]
#[allow(dead_code)]
mod bench;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clb_model::binding::TargetDraft;
use clb_model::binding::batch::{BatchTarget, TagRule, WeightRule};
use clb_model::chance::Chance;
use clb_model::forwarding::{BackendAddress, ForwardingTable, Observation};
use clb_model::health::HealthCheckDraft;
use clb_model::id::ListenerId;
use clb_model::listener::{CertificateChoice, ListenerChange, RunningDraft, TlsDraft};
use clb_model::load_balancer::{LoadBalancerChange, LoadBalancerDraft};
use clb_model::region::Region;
use clb_model::task::Pace;
use clb_model::world::World;

use bench::{BASIC, BLUE, Bench, CLASSIC, FAR, GREEN, REGION, certificate, listener, public, targets};

/// How long a task takes that takes time.
const TAKES: Duration = Duration::from_secs(5);
/// The short form.
const SEEDS: u64 = 12;
const STEPS: usize = 600;

struct Walk {
    bench: Bench,
    chance: Chance,
    accepted: usize,
    refused: usize,
    /// The world and its table, brought up to date by differences after every step.
    followed: World,
    table: ForwardingTable,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut bench = Bench::new();
        bench.applies = false;
        let followed = bench.world.clone();
        let table = ForwardingTable::default();
        Self { bench, chance: Chance::seeded(seed), accepted: 0, refused: 0, followed, table }
    }

    /// Takes in what the step has changed: the table is the one that would be made anew, and the world the same.
    fn follow(&mut self, whole: bool) {
        let world = &self.bench.world;
        let changes = world.changes_since(&self.followed);
        self.table.take_in(world, &changes);
        for change in changes {
            self.followed.apply(change);
        }
        let anew: BTreeMap<_, _> = world.forwardings().map(|(id, forwarding)| (id, Arc::new(forwarding))).collect();
        assert_eq!(self.table.listeners, anew);
        assert_eq!(world.changes_since(&self.followed), []);
        if whole {
            let same = format!("{:?}", self.followed) == format!("{world:?}");
            assert!(same, "the world that followed is another");
        }
    }
}

/// A number from the environment, or the short form's.
fn asked_for(variable: &str, otherwise: u64) -> u64 {
    match std::env::var(variable) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{variable} is a number")),
        Err(_) => otherwise,
    }
}

#[test]
fn invariants_hold_after_every_step() {
    let steps = usize::try_from(asked_for("CLB_WALK_STEPS", STEPS as u64)).expect("a number of steps");
    let (first, end) = match std::env::var_os("CLB_WALK_SEED") {
        Some(_) => (asked_for("CLB_WALK_SEED", 0), asked_for("CLB_WALK_SEED", 0) + 1),
        None => (0, asked_for("CLB_WALK_SEEDS", SEEDS)),
    };
    let next = AtomicU64::new(first);
    let walks = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            walk(seed, steps);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(walks);
        }
    });
}

/// The last steps of a walk; says them when something panics.
struct Recent {
    seed: u64,
    steps: VecDeque<(usize, &'static str)>,
}

/// How many steps a failure shows.
const SHOWN: usize = 12;

impl Recent {
    fn add(&mut self, number: usize, name: &'static str) {
        if self.steps.len() == SHOWN {
            self.steps.pop_front();
        }
        self.steps.push_back((number, name));
    }
}

impl Drop for Recent {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self.steps.back().map_or(0, |(number, _)| number + 1);
            eprintln!("seed {}: it happened in step {last} or at its end, after {:?}", self.seed, self.steps);
        }
    }
}

fn walk(seed: u64, steps: usize) {
    let mut walk = Walk::new(seed);
    let mut recent = Recent { seed, steps: VecDeque::new() };
    for step in 0..steps {
        let name = walk.step();
        walk.follow(step % 50 == 0);
        let broken = walk.bench.world.broken_invariants(&walk.bench.vips);
        assert!(broken.is_empty(), "seed {seed}, step {step} ({name}): {broken:?}");
        recent.add(step, name);
    }
    assert!(walk.accepted > steps / 20, "seed {seed}: only {} of {steps} steps were accepted", walk.accepted);
    assert!(walk.refused > steps / 20, "seed {seed}: only {} of {steps} steps were refused", walk.refused);
}

impl Walk {
    /// Does something, and says what.
    fn step(&mut self) -> &'static str {
        self.bench.pace = self.pick(&[Pace::AtOnce, Pace::AtOnce, Pace::After(TAKES), Pace::Polls(1)]);
        self.bench.fails_with = self.pick(&[None, None, None, Some("by order".to_owned())]);
        match self.chance.below(16) {
            0 | 1 => self.create_load_balancer(),
            2 | 3 => self.create_listener(),
            4 => self.modify_listener(),
            5 => self.delete_or_stop_listeners(),
            6 | 7 => self.register(),
            8 => self.modify_weight(),
            9 => self.deregister(),
            10 => self.batch(),
            11 => self.delete_load_balancer(),
            12 => self.change_certificates(),
            13 => self.probe(),
            _ => self.apply(),
        }
    }

    fn count<T>(&mut self, result: &Result<T, clb_model::refusal::Refusal>) {
        if result.is_ok() { self.accepted += 1 } else { self.refused += 1 }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.chance.below(from.len() as u64)).expect("small")].clone()
    }

    /// Mostly one that is there, sometimes one that cannot do it or is not there.
    fn any_load_balancer(&mut self) -> String {
        let mut ids: Vec<String> = self.bench.region().load_balancers().map(|it| it.id.to_string()).collect();
        ids.extend([CLASSIC, BASIC, "lb-99999999", "nonsense"].map(str::to_owned));
        self.pick(&ids)
    }

    fn any_listener(&mut self) -> (String, String) {
        let load_balancers = self.bench.region().load_balancers();
        let mut pairs: Vec<(String, String)> = load_balancers
            .flat_map(|it| it.listeners().map(move |listener| (it.id.to_string(), listener.id.to_string())))
            .collect();
        pairs.push((CLASSIC.to_owned(), "lbl-99999999".to_owned()));
        self.pick(&pairs)
    }

    fn any_certificate(&mut self) -> String {
        let mut ids: Vec<String> = self.bench.world.certificates().map(|it| it.id.to_string()).collect();
        ids.push("missing0".to_owned());
        self.pick(&ids)
    }

    fn any_target(&mut self) -> TargetDraft {
        let port = self.pick(&[80, 81, 82, 0]);
        let weight = self.pick(&[None, Some(0), Some(50), Some(100), Some(101)]);
        let target = match self.chance.below(3) {
            0 => bench::address(self.pick(&["10.0.1.5", "10.0.1.9", "fd00::1", "x"]), port),
            _ => bench::instance(self.pick(&[BLUE, GREEN, FAR, "ins-99999999"]), port),
        };
        TargetDraft { weight, ..target }
    }

    fn create_load_balancer(&mut self) -> &'static str {
        let draft = LoadBalancerDraft {
            exposure: self.pick(&["OPEN", "OPEN", "INTERNAL", "x"]).into(),
            ip_version: self.pick(&[None, None, Some("IPV6".into()), Some("IPv6FullChain".into())]),
            subnet_id: self.pick(&[None, None, Some("subnet-00000001".into()), Some("subnet-00000002".into())]),
            vpc_id: self.pick(&[None, Some("vpc-00000001".into())]),
            count: self.pick(&[None, Some(2), Some(0)]),
            sla_type: self.pick(&[None, Some("clb.c2.medium".into())]),
            client_token: self.pick(&[None, Some("token".into())]),
            name: self.pick(&[None, Some("name".into()), Some(String::new())]),
            ..public()
        };
        let done = self.bench.ask(|world, occasion| world.create_load_balancers(REGION, &draft, occasion));
        self.count(&done);
        "create load balancers"
    }

    fn create_listener(&mut self) -> &'static str {
        let (load_balancer, certificate) = (self.any_load_balancer(), self.any_certificate());
        let mut draft = listener(&load_balancer, &certificate);
        draft.ports = self.pick(&[vec![443], vec![444, 445], vec![443, 443], vec![0], (1..=20).collect()]);
        draft.protocol = self.pick(&["QUIC", "QUIC", "TCP", "UDP", "TCP_SSL", "HTTP"]).into();
        if self.chance.below(3) > 0 && matches!(draft.protocol.as_str(), "TCP" | "UDP") {
            draft.settings.tls = None;
        }
        draft.settings.of_protocol.session_expire_time = self.pick(&[None, None, Some(0), Some(30)]);
        draft.settings.of_protocol.session_type = self.pick(&[None, None, Some("QUIC_CID".into())]);
        draft.settings.scheduler = self.pick(&[None, None, Some("LEAST_CONN".into())]);
        draft.settings.max_connections = self.pick(&[None, Some(-1), Some(5)]);
        draft.settings.health_check.interval = self.pick(&[None, Some(3), Some(5)]);
        let done = self.bench.ask(|world, occasion| world.create_listeners(REGION, &draft, occasion));
        self.count(&done);
        "create listeners"
    }

    fn modify_listener(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let tls = TlsDraft {
            mode: self.pick(&[None, Some("MUTUAL".into()), Some("UNIDIRECTIONAL".into())]),
            server: self.pick(&[None, Some(())]).map(|()| CertificateChoice::Known(self.any_certificate())),
            client_ca: self.pick(&[None, Some(())]).map(|()| CertificateChoice::Known(self.any_certificate())),
            ..TlsDraft::default()
        };
        let change = ListenerChange {
            tls: self.pick(&[None, Some(tls)]),
            scheduler: self.pick(&[None, None, Some("LEAST_CONN".into())]),
            health_check: HealthCheckDraft {
                check_type: self.pick(&[None, None, Some("TCP".into()), Some("PING".into())]),
                switch: self.pick(&[None, Some(0), Some(1)]),
                timeout: self.pick(&[None, Some(2), Some(60)]),
                interval: self.pick(&[None, Some(5), Some(61)]),
                ..HealthCheckDraft::default()
            },
            ..ListenerChange::default()
        };
        let done =
            self.bench.ask(|world, occasion| world.modify_listener(REGION, &load_balancer, &id, &change, occasion));
        self.count(&done);
        "modify a listener"
    }

    fn delete_or_stop_listeners(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let ids = self.pick(&[Vec::new(), vec![id.clone()], vec![id.clone(), "lbl-99999999".into()]]);
        let operation = self.pick(&["Start", "Stop", "Stop", "x"]);
        let running = RunningDraft {
            operation: operation.into(),
            load_balancer_id: load_balancer.clone(),
            listener_ids: ids.clone(),
        };
        let done = match self.chance.below(6) {
            0 | 1 => self.bench.ask(|world, occasion| world.delete_listener(REGION, &load_balancer, &id, occasion)),
            2 => self.bench.ask(|world, occasion| world.delete_listeners(REGION, &load_balancer, &ids, occasion)),
            _ => self.bench.ask(|world, occasion| world.set_listeners_running(REGION, &running, occasion)),
        };
        self.count(&done);
        "delete, stop or start listeners"
    }

    fn register(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.any_target(), self.any_target()]);
        let done = self.bench.ask(|world, occasion| world.create_bindings(REGION, &draft, occasion));
        self.count(&done);
        "register targets"
    }

    fn modify_weight(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.any_target()]);
        let done = if self.chance.below(2) == 0 {
            self.bench.ask(|world, occasion| world.modify_binding_weights(REGION, &draft, Some(7), occasion))
        } else {
            self.bench.ask(|world, occasion| world.modify_binding_ports(REGION, &draft, 81, occasion))
        };
        self.count(&done);
        "modify weights or ports"
    }

    fn deregister(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.any_target()]);
        let done = self.bench.ask(|world, occasion| world.delete_bindings(REGION, &draft, occasion));
        self.count(&done);
        "deregister targets"
    }

    fn batch(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let (_, other) = self.any_listener();
        let entry = |listener_id: &str, target| BatchTarget { listener_id: listener_id.into(), location: None, target };
        let entries = [entry(&id, self.any_target()), entry(&other, self.any_target())];
        let done = match self.chance.below(4) {
            3 => {
                let targets = vec![entries[0].target.clone()];
                let rules = [TagRule { listener_id: id, location: None, targets, tag: Some("a remark".into()) }];
                self.bench.ask(|world, o| world.modify_binding_tags_in_batch(REGION, &load_balancer, &rules, o))
            }
            0 => {
                self.bench.ask(|world, o| world.create_bindings_in_batch(REGION, &load_balancer, &entries, o)).map(drop)
            }
            1 => {
                self.bench.ask(|world, o| world.delete_bindings_in_batch(REGION, &load_balancer, &entries, o)).map(drop)
            }
            _ => {
                let targets = vec![entries[0].target.clone()];
                let rules = [WeightRule { listener_id: id, location: None, targets, weight: Some(3) }];
                self.bench.ask(|world, o| world.modify_binding_weights_in_batch(REGION, &load_balancer, &rules, o))
            }
        };
        self.count(&done);
        "a batch"
    }

    fn delete_load_balancer(&mut self) -> &'static str {
        let id = self.any_load_balancer();
        if id == CLASSIC || id == BASIC {
            return "nothing: the fixtures stay";
        }
        let protect = LoadBalancerChange {
            delete_protection: self.pick(&[None, Some(true), Some(false)]),
            ..LoadBalancerChange::default()
        };
        let done = if self.chance.below(3) == 0 {
            self.bench.ask(|world, occasion| world.modify_load_balancer(REGION, &id, &protect, occasion)).map(drop)
        } else {
            self.bench.ask(|world, occasion| world.delete_load_balancers(REGION, &[id], false, occasion))
        };
        self.count(&done);
        "modify or delete a load balancer"
    }

    fn change_certificates(&mut self) -> &'static str {
        let draft = certificate(self.pick(&["SVR", "CA", "x"]));
        let id = self.any_certificate();
        let check = self.chance.below(2) == 0;
        let other = CertificateChoice::Known(self.any_certificate());
        let replacement = TlsDraft { server: Some(other.clone()), client_ca: Some(other), ..TlsDraft::default() };
        let done = match self.chance.below(9) {
            0..3 => self.bench.ask(|world, occasion| world.replace_certificate(REGION, &id, &replacement, occasion)),
            3 | 4 => self.bench.ask(|world, _| world.delete_certificate(&id, check)),
            _ => self.bench.ask(|world, occasion| world.create_certificate(&draft, occasion)).map(drop),
        };
        self.count(&done);
        "upload, replace or delete a certificate"
    }

    fn probe(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let host = self.pick(&[5, 6, 9]);
        let passed = self.chance.below(2) == 0;
        for _ in 0..3 {
            let address = BackendAddress { ip: [10, 0, 1, host].into(), port: 80 };
            let (load_balancer_id, listener_id) = (load_balancer.as_str().into(), id.as_str().into());
            self.bench.observe(&Observation::Probed { load_balancer_id, listener_id, address, passed });
        }
        "probe a backend"
    }

    fn apply(&mut self) -> &'static str {
        let running: Vec<ListenerId> = self
            .bench
            .region()
            .load_balancers()
            .flat_map(|it| it.listeners().map(|listener| listener.id.clone()))
            .collect();
        let failed: BTreeMap<ListenerId, String> =
            running.into_iter().filter(|_| self.chance.below(20) == 0).map(|id| (id, "by chance".to_owned())).collect();
        self.bench.apply(failed);
        self.bench.pass(TAKES);
        let polled: Vec<String> = self.bench.region().tasks.running().map(|task| task.id.to_string()).collect();
        for id in polled {
            assert_eq!(self.bench.world.poll_task(REGION, &id, self.bench.now()), Ok(None), "a question holds it");
        }
        self.bench.pass(Duration::ZERO);
        let region: &Region = self.bench.region();
        assert_eq!(region.tasks.running().count(), 0, "every task has ended");
        "apply"
    }
}

#[test]
fn the_same_seed_walks_the_same_way() {
    let walk = || {
        let mut walk = Walk::new(99);
        for _ in 0..200 {
            walk.step();
        }
        format!("{:?}", walk.bench.world)
    };
    assert_eq!(walk(), walk());
}
