//! Least connections for the weight: the smallest `connections / weight` is chosen, ties by smooth weighted round
//! robin, as the platform describes its `LEAST_CONN` (up at dispatch, down at close).
//!
//! Not here: counting. The connections come with the candidates.

use super::Candidate;
use super::weighted_round_robin::Turns;

/// The place of the candidate with the smallest quotient. Compared crosswise, so nothing is divided.
pub(super) fn choose(candidates: &[Candidate], turns: &mut Turns) -> Option<usize> {
    let mut tied: Vec<Candidate> = Vec::with_capacity(candidates.len());
    for &candidate in candidates {
        match tied.first().map(|least| quotient_order(&candidate, least)) {
            None | Some(std::cmp::Ordering::Equal) => tied.push(candidate),
            Some(std::cmp::Ordering::Less) => {
                tied.clear();
                tied.push(candidate);
            }
            Some(std::cmp::Ordering::Greater) => {}
        }
    }
    turns.next(&tied)
}

/// Orders `a.connections / a.weight` against `b.connections / b.weight`.
fn quotient_order(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    let left = u64::from(a.connections) * u64::from(b.weight);
    let right = u64::from(b.connections) * u64::from(a.weight);
    left.cmp(&right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(place: usize, weight: u32, connections: u32) -> Candidate {
        Candidate { place, weight, connections }
    }

    #[test]
    fn the_smallest_quotient_wins() {
        let mut turns = Turns::new(3);
        let candidates = [candidate(0, 10, 5), candidate(1, 20, 9), candidate(2, 1, 1)];
        assert_eq!(choose(&candidates, &mut turns), Some(1), "9/20 is less than 5/10 and 1/1");
    }

    #[test]
    fn idle_backends_take_turns_by_weight() {
        let mut turns = Turns::new(2);
        let idle = [candidate(0, 2, 0), candidate(1, 1, 0)];
        let picked: Vec<_> = (0..6).filter_map(|_| choose(&idle, &mut turns)).collect();
        assert_eq!(picked, [0, 1, 0, 0, 1, 0]);
    }

    #[test]
    fn connections_that_stay_settle_at_the_weights() {
        let weights = [3_u32, 2, 1];
        let mut connections = [0_u32; 3];
        let mut turns = Turns::new(3);
        for _ in 0..60 {
            let candidates: Vec<_> = (0..3).map(|p| candidate(p, weights[p], connections[p])).collect();
            let place = choose(&candidates, &mut turns).expect("there are candidates");
            connections[place] += 1;
        }
        assert_eq!(connections, [30, 20, 10]);
    }
}
