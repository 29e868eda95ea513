//! The balancer against a naive reference, step by step: changes of the table, choices and ends of connections in any
//! order. The reference is written from the definitions and does all its bookkeeping from the beginning each time.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use clb_model::balancer::{Balancer, Lease};
use clb_model::forwarding::{Backend, BackendAddress, Scheduler};

/// Numbers that look random and are the same for the same seed (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("below a usize")
    }
}

fn address(number: usize) -> BackendAddress {
    let [high, low] = u16::try_from(number).expect("few backends").to_be_bytes();
    BackendAddress { ip: IpAddr::V4(Ipv4Addr::new(10, 0, high, low)), port: 8080 }
}

fn backend(number: usize, weight: u8) -> Backend {
    Backend { address: address(number), weight, eligible: true }
}

/// What happened at one choice: who could be chosen, with which weights, and who was.
struct Choice {
    candidates: Vec<(BackendAddress, i64)>,
    chosen: BackendAddress,
}

/// The definitions, carried out without any state but what has happened.
#[derive(Default)]
struct Reference {
    least_connections: bool,
    backends: Vec<Backend>,
    /// Choices since the table last changed: a change begins a new cycle.
    choices: Vec<Choice>,
    /// Whom each open connection went to.
    open: Vec<BackendAddress>,
}

impl Reference {
    fn connections(&self, address: BackendAddress) -> i64 {
        i64::try_from(self.open.iter().filter(|open| **open == address).count()).expect("few connections")
    }

    /// Weighted round robin: each time a backend could be chosen it has earned its weight, and each time it was chosen
    /// it has spent the weights of all who could be. Whoever has most left, the new earning included, is next; the first
    /// of equals in the order of the table.
    fn turn(&self, candidates: &[(BackendAddress, i64)]) -> Option<BackendAddress> {
        let left = |address: BackendAddress, weight: i64| {
            let mut left = weight;
            for choice in &self.choices {
                let earned = choice.candidates.iter().filter(|(other, _)| *other == address).map(|(_, weight)| weight);
                left += earned.sum::<i64>();
                if choice.chosen == address {
                    left -= choice.candidates.iter().map(|(_, weight)| weight).sum::<i64>();
                }
            }
            left
        };
        let most = candidates.iter().map(|&(address, weight)| left(address, weight)).max()?;
        candidates.iter().find(|&&(address, weight)| left(address, weight) == most).map(|(address, _)| *address)
    }

    /// Who gets the next connection: of the backends that take one, all or those with the smallest quotient of
    /// connections and weight, whoever's turn it is.
    fn choose(&mut self, except: &[BackendAddress]) -> Option<BackendAddress> {
        let takes = |backend: &&Backend| backend.eligible && backend.weight != 0 && !except.contains(&backend.address);
        let mut candidates: Vec<(BackendAddress, i64)> =
            self.backends.iter().filter(takes).map(|it| (it.address, i64::from(it.weight))).collect();
        if self.least_connections {
            let all = candidates.clone();
            let is_least = |&(address, weight): &(BackendAddress, i64)| {
                let busier_or_equal = |&(other, other_weight): &(BackendAddress, i64)| {
                    self.connections(address) * other_weight <= self.connections(other) * weight
                };
                all.iter().all(busier_or_equal)
            };
            candidates.retain(is_least);
        }
        let chosen = self.turn(&candidates)?;
        self.choices.push(Choice { candidates, chosen });
        self.open.push(chosen);
        Some(chosen)
    }

    fn update(&mut self, least_connections: bool, backends: Vec<Backend>) {
        if (self.least_connections, &self.backends) != (least_connections, &backends) {
            (self.least_connections, self.backends) = (least_connections, backends);
            self.choices.clear();
        }
    }
}

/// Backends drawn from twelve, in any order, with any weight and verdict.
fn any_backends(numbers: &mut Numbers) -> Vec<Backend> {
    let mut backends = Vec::new();
    for number in 0..12 {
        if numbers.below(3) > 0 {
            let weight = [0, 1, 1, 2, 5, 10, 100][numbers.below(7)];
            let place = numbers.below(backends.len() + 1);
            backends.insert(place, Backend { eligible: numbers.below(5) > 0, ..backend(number, weight) });
        }
    }
    backends
}

/// One thing that changes: a weight, a verdict, or nothing at all.
fn changed(backends: &[Backend], numbers: &mut Numbers) -> Vec<Backend> {
    let mut backends = backends.to_vec();
    if !backends.is_empty() {
        let place = numbers.below(backends.len());
        match numbers.below(3) {
            0 => backends[place].weight = [0, 1, 3, 10][numbers.below(4)],
            1 => backends[place].eligible = !backends[place].eligible,
            _ => {}
        }
    }
    backends
}

#[test]
fn any_history_of_changes_choices_and_ends_goes_as_the_definitions_say() {
    for seed in 1..=150_u64 {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut reference = Reference::default();
        let mut balancer = Balancer::new(Scheduler::WeightedRoundRobin, &[]);
        let mut leases: Vec<Lease> = Vec::new();
        for step in 0..250 {
            let what = numbers.below(20);
            if what < 2 {
                let backends =
                    if what == 0 { any_backends(&mut numbers) } else { changed(&reference.backends, &mut numbers) };
                let least_connections =
                    if numbers.below(4) == 0 { numbers.below(2) == 0 } else { reference.least_connections };
                let scheduler =
                    if least_connections { Scheduler::LeastConnections } else { Scheduler::WeightedRoundRobin };
                balancer.update(scheduler, &backends);
                reference.update(least_connections, backends);
            } else if what < 7 && !leases.is_empty() {
                let ended = numbers.below(leases.len());
                reference.open.remove(ended);
                drop(leases.remove(ended));
            } else {
                let except: Vec<_> = (0..numbers.below(4)).map(|_| address(numbers.below(12))).collect();
                let expected = reference.choose(if what < 12 { &except } else { &[] });
                let lease = balancer.choose(if what < 12 { &except } else { &[] });
                assert_eq!(lease.as_ref().map(Lease::address), expected, "seed {seed}, step {step}");
                leases.extend(lease);
            }
            for number in 0..12 {
                let address = address(number);
                assert_eq!(i64::from(balancer.connections(address)), reference.connections(address), "seed {seed}");
                let bound = reference.backends.iter().any(|backend| backend.address == address);
                assert_eq!(balancer.is_bound(address), bound, "seed {seed}, step {step}");
            }
        }
    }
}

/// How many of so many choices went to whom, none of them held.
fn shares(balancer: &mut Balancer, choices: usize) -> BTreeMap<BackendAddress, usize> {
    let mut shares = BTreeMap::new();
    for _ in 0..choices {
        *shares.entry(balancer.choose(&[]).expect("one takes it").address()).or_default() += 1;
    }
    shares
}

fn due(backends: &[Backend]) -> BTreeMap<BackendAddress, usize> {
    backends.iter().map(|backend| (backend.address, usize::from(backend.weight))).collect()
}

#[test]
fn whole_cycles_are_exact_with_a_hundred_backends_under_both_schedulers() {
    let mut numbers = Numbers(7);
    for scheduler in [Scheduler::WeightedRoundRobin, Scheduler::LeastConnections] {
        let weight = |numbers: &mut Numbers| u8::try_from(1 + numbers.below(100)).expect("at most 100");
        let backends: Vec<Backend> = (0..100).map(|number| backend(number, weight(&mut numbers))).collect();
        let cycle = backends.iter().map(|backend| usize::from(backend.weight)).sum();
        let mut balancer = Balancer::new(scheduler, &backends);
        for _ in 0..2 {
            assert_eq!(shares(&mut balancer, cycle), due(&backends), "{scheduler:?}");
        }
    }
}

#[test]
fn a_change_in_the_middle_of_a_cycle_begins_a_new_one_that_is_exact() {
    let mut numbers = Numbers(11);
    let mut backends: Vec<Backend> = (0..20).map(|number| backend(number, 5)).collect();
    let mut balancer = Balancer::new(Scheduler::WeightedRoundRobin, &backends);
    for _ in 0..50 {
        shares(&mut balancer, numbers.below(100));
        let place = numbers.below(20);
        backends[place].weight = backends[place].weight % 9 + 1;
        balancer.update(Scheduler::WeightedRoundRobin, &backends);
        let cycle = backends.iter().map(|backend| usize::from(backend.weight)).sum();
        assert_eq!(shares(&mut balancer, cycle), due(&backends));
    }
}

#[test]
fn connections_that_stay_settle_at_the_weights_and_a_changed_weight_resets_no_count() {
    let mut backends: Vec<Backend> = (0..100).map(|number| backend(number, 1)).collect();
    let mut balancer = Balancer::new(Scheduler::LeastConnections, &backends);
    let mut held: Vec<Lease> = (0..300).filter_map(|_| balancer.choose(&[])).collect();
    let counts = |balancer: &Balancer| (0..100).map(|number| balancer.connections(address(number))).collect::<Vec<_>>();
    assert_eq!(counts(&balancer), [3; 100]);

    // Three times the weight makes room for six more, and the others are given nothing meanwhile.
    backends[42].weight = 3;
    balancer.update(Scheduler::LeastConnections, &backends);
    assert_eq!(counts(&balancer), [3; 100]);
    for _ in 0..6 {
        let lease = balancer.choose(&[]).expect("one takes it");
        assert_eq!(lease.address(), address(42));
        held.push(lease);
    }
    held.extend((0..102).filter_map(|_| balancer.choose(&[])));
    let mut expected = [4; 100];
    expected[42] = 12;
    assert_eq!(counts(&balancer), expected);

    drop(held);
    assert_eq!(counts(&balancer), [0; 100]);
}
