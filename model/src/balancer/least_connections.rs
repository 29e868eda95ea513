//! Least connections for the weight: the smallest `connections / weight` is chosen, ties by smooth weighted round
//! robin, as the platform describes its `LEAST_CONN` (up at dispatch, down at close).
//!
//! Not here: counting. The connections stand in the seats, and may fall while one is chosen.

use std::cmp::Ordering;
use std::sync::atomic;

use super::{Seat, weighted_round_robin};

/// How busy a backend is: connections over weight. Compared crosswise, so nothing is divided.
#[derive(Clone, Copy, Debug)]
struct Load {
    connections: u64,
    weight: u64,
}

impl Load {
    fn of(seat: &Seat) -> Self {
        let connections = u64::from(seat.held.load(atomic::Ordering::Relaxed));
        Self { connections, weight: u64::from(seat.backend.weight) }
    }

    fn compared_to(self, other: Self) -> Ordering {
        (self.connections * other.weight).cmp(&(other.connections * self.weight))
    }
}

/// The place of the least busy seat among those that take connections.
pub(super) fn choose(seats: &mut [Seat], takes: impl Fn(&Seat) -> bool) -> Option<usize> {
    let loads = seats.iter().filter(|seat| takes(seat)).map(Load::of);
    let least = loads.min_by(|one, other| one.compared_to(*other))?;
    // One that has become less busy since then is as good as the least busy of before.
    let tied = |seat: &Seat| takes(seat) && Load::of(seat).compared_to(least) != Ordering::Greater;
    weighted_round_robin::choose(seats, tied)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use super::super::tests::seats;
    use super::*;

    fn busy(weights: &[u8], connections: &[u32]) -> Vec<Seat> {
        let seats = seats(weights);
        for (seat, &connections) in seats.iter().zip(connections) {
            seat.held.store(connections, Relaxed);
        }
        seats
    }

    #[test]
    fn the_smallest_quotient_wins() {
        let mut seats = busy(&[10, 20, 1], &[5, 9, 1]);
        assert_eq!(choose(&mut seats, |_| true), Some(1), "9/20 is less than 5/10 and 1/1");
        assert_eq!(choose(&mut seats, |seat| seat.backend.weight != 20), Some(0));
    }

    #[test]
    fn idle_backends_take_turns_by_weight() {
        let mut seats = seats(&[2, 1]);
        let picked: Vec<_> = (0..6).filter_map(|_| choose(&mut seats, |_| true)).collect();
        assert_eq!(picked, [0, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn connections_that_stay_settle_at_the_weights() {
        let mut seats = seats(&[3, 2, 1]);
        for _ in 0..60 {
            let place = choose(&mut seats, |_| true).expect("there are candidates");
            seats[place].held.fetch_add(1, Relaxed);
        }
        let connections: Vec<_> = seats.iter().map(|seat| seat.held.load(Relaxed)).collect();
        assert_eq!(connections, [30, 20, 10]);
    }
}
