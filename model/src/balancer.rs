//! Which backend a new connection goes to, and how many each one has.
//!
//! A [`Balancer`] is the scheduling state of one listener: its backends, the place in their turn, and one counter per
//! backend. It decides only; it does not dial, does not judge health (the table's `eligible` is the verdict) and does
//! not lock: whoever owns it does. A decision looks at every backend once or twice and allocates nothing.
//!
//! ```text
//! Forwarding.backends ──update──► Balancer ──choose──► Lease (counted while held)
//! ```

mod least_connections;
mod weighted_round_robin;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::forwarding::{Backend, BackendAddress, Scheduler};

/// The scheduling state of one listener.
#[derive(Debug)]
pub struct Balancer {
    scheduler: Scheduler,
    /// The backends, in the order of the table.
    seats: Vec<Seat>,
    /// Leases held, by address, for each backend that is bound. An address that left the table stays while leases of it
    /// are held, so that a backend which comes back is not taken for an idle one; each update forgets those that have
    /// none. Bounded by the backends bound before and after the last update plus the leases held then.
    held: BTreeMap<BackendAddress, Held>,
}

/// The leases of one address.
#[derive(Debug, Default)]
struct Held {
    count: Arc<AtomicU32>,
    /// Whether the newest table has it.
    bound: bool,
}

/// One chosen backend. It counts as one connection of that backend until it is dropped, on every path.
#[derive(Debug)]
pub struct Lease {
    address: BackendAddress,
    held: Arc<AtomicU32>,
}

/// One backend as the schedulers see it.
#[derive(Debug)]
struct Seat {
    backend: Backend,
    /// How far it is in its turn: see [`weighted_round_robin`].
    turn: i64,
    /// Its connections, as they are at this moment: one that ends meanwhile lowers it.
    held: Arc<AtomicU32>,
}

impl Seat {
    /// Whether it may be given a connection. Weight 0 and ineligible backends get nothing, nor do those in `except`.
    fn takes(&self, except: &[BackendAddress]) -> bool {
        self.backend.eligible && self.backend.weight > 0 && !except.contains(&self.backend.address)
    }
}

impl Balancer {
    /// The state of a listener that has not scheduled anything yet.
    pub fn new(scheduler: Scheduler, backends: &[Backend]) -> Self {
        let mut balancer = Self { scheduler, seats: Vec::new(), held: BTreeMap::new() };
        balancer.seat(backends);
        balancer
    }

    /// Takes over what a newer table says. Counters stay; the turn begins anew only if this listener's backends,
    /// weights, verdicts or scheduler differ, so that shares are exact from any such change on.
    pub fn update(&mut self, scheduler: Scheduler, backends: &[Backend]) {
        if self.scheduler == scheduler && self.seats.iter().map(|seat| &seat.backend).eq(backends) {
            return;
        }
        self.scheduler = scheduler;
        self.seat(backends);
    }

    fn seat(&mut self, backends: &[Backend]) {
        for held in self.held.values_mut() {
            held.bound = false;
        }
        let seat = |backend: &Backend| {
            let held = self.held.entry(backend.address).or_default();
            held.bound = true;
            Seat { backend: backend.clone(), turn: 0, held: Arc::clone(&held.count) }
        };
        self.seats = backends.iter().map(seat).collect();
        self.held.retain(|_, held| held.bound || held.count.load(Ordering::Relaxed) > 0);
    }

    /// The backend for one new connection; `None` if none may have it. Weight 0 and ineligible backends get nothing,
    /// nor do those in `except` (the ones that have just failed to answer).
    pub fn choose(&mut self, except: &[BackendAddress]) -> Option<Lease> {
        let takes = |seat: &Seat| seat.takes(except);
        let chosen = match self.scheduler {
            Scheduler::WeightedRoundRobin => weighted_round_robin::choose(&mut self.seats, takes),
            Scheduler::LeastConnections => least_connections::choose(&mut self.seats, takes),
        }?;
        let seat = self.seats.get(chosen)?;
        seat.held.fetch_add(1, Ordering::Relaxed);
        Some(Lease { address: seat.backend.address, held: Arc::clone(&seat.held) })
    }

    /// Connections a backend has now, bound or not.
    pub fn connections(&self, address: BackendAddress) -> u32 {
        self.held.get(&address).map_or(0, |held| held.count.load(Ordering::Relaxed))
    }

    /// Whether the backend is still bound to the listener, whatever its weight or health.
    pub fn is_bound(&self, address: BackendAddress) -> bool {
        self.held.get(&address).is_some_and(|held| held.bound)
    }
}

impl Lease {
    /// The backend that was chosen.
    pub fn address(&self) -> BackendAddress {
        self.address
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.held.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn backend(last: u8, weight: u8) -> Backend {
        let address = BackendAddress { ip: IpAddr::V4(Ipv4Addr::new(10, 0, 1, last)), port: 80 };
        Backend { address, weight, eligible: true }
    }

    /// Seats of idle backends.
    pub(super) fn seats(weights: &[u8]) -> Vec<Seat> {
        let backends: Vec<Backend> = (0_u8..).zip(weights).map(|(last, &weight)| backend(last, weight)).collect();
        Balancer::new(Scheduler::WeightedRoundRobin, &backends).seats
    }

    fn next(balancer: &mut Balancer) -> Option<BackendAddress> {
        balancer.choose(&[]).map(|lease| lease.address())
    }

    #[test]
    fn weight_zero_and_ineligible_backends_get_nothing() {
        let mut backends = vec![backend(1, 0), backend(2, 10), backend(3, 7)];
        backends[1].eligible = false;
        for scheduler in [Scheduler::WeightedRoundRobin, Scheduler::LeastConnections] {
            let mut balancer = Balancer::new(scheduler, &backends);
            for _ in 0..20 {
                assert_eq!(next(&mut balancer), Some(backends[2].address), "{scheduler:?}");
            }
        }
    }

    #[test]
    fn without_a_candidate_nothing_is_chosen() {
        let mut balancer = Balancer::new(Scheduler::WeightedRoundRobin, &[]);
        assert_eq!(next(&mut balancer), None);
        balancer.update(Scheduler::WeightedRoundRobin, &[backend(1, 0)]);
        assert_eq!(next(&mut balancer), None);
        balancer.update(Scheduler::WeightedRoundRobin, &[backend(1, 1)]);
        assert!(balancer.choose(&[backend(1, 1).address]).is_none(), "the only one has just failed");
    }

    #[test]
    fn a_lease_counts_while_held() {
        let only = backend(1, 10);
        let mut balancer = Balancer::new(Scheduler::LeastConnections, std::slice::from_ref(&only));
        let first = balancer.choose(&[]).expect("one candidate");
        let second = balancer.choose(&[]).expect("one candidate");
        assert_eq!(balancer.connections(only.address), 2);
        drop(first);
        assert_eq!(balancer.connections(only.address), 1);
        drop(second);
        assert_eq!(balancer.connections(only.address), 0);
    }

    #[test]
    fn a_backend_that_comes_back_still_has_its_connections() {
        let (stays, leaves) = (backend(1, 10), backend(2, 10));
        let both = [stays.clone(), leaves.clone()];
        let mut balancer = Balancer::new(Scheduler::LeastConnections, std::slice::from_ref(&leaves));
        let lease = balancer.choose(&[]).expect("one candidate");
        balancer.update(Scheduler::LeastConnections, std::slice::from_ref(&stays));
        assert!(!balancer.is_bound(leaves.address));
        balancer.update(Scheduler::LeastConnections, &both);
        assert_eq!(balancer.connections(leaves.address), 1);
        assert_eq!(next(&mut balancer), Some(stays.address), "the other one is idle");
        drop(lease);
        assert_eq!(balancer.connections(leaves.address), 0);
    }

    #[test]
    fn counters_of_backends_that_left_do_not_pile_up() {
        let mut balancer = Balancer::new(Scheduler::WeightedRoundRobin, &[]);
        for last in 0..200 {
            balancer.update(Scheduler::WeightedRoundRobin, &[backend(last, 1)]);
            assert!(next(&mut balancer).is_some());
        }
        assert_eq!(balancer.held.len(), 1);
    }

    #[test]
    fn the_same_table_again_does_not_disturb_the_turn() {
        let backends = [backend(1, 2), backend(2, 1)];
        let mut undisturbed = Balancer::new(Scheduler::WeightedRoundRobin, &backends);
        let mut told_again = Balancer::new(Scheduler::WeightedRoundRobin, &backends);
        for _ in 0..9 {
            told_again.update(Scheduler::WeightedRoundRobin, &backends);
            assert_eq!(next(&mut told_again), next(&mut undisturbed));
        }
    }
}
