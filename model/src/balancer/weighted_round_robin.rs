//! Smooth weighted round robin, as nginx has had it since 2012 (commit 52327e062): over a cycle of as many choices as
//! the weights add up to, each backend gets exactly its weight, spread as evenly as it can be.
//!
//! Not here: nginx's lowering of the weight after failures. Health is judged elsewhere.

use super::Seat;

/// The place of the seat whose turn it is, among those that take part: each one's turn grows by its weight, the largest
/// is chosen (the first of equals) and pays the sum of the weights. Between choices all turns add up to zero.
pub(super) fn choose(seats: &mut [Seat], takes_part: impl Fn(&Seat) -> bool) -> Option<usize> {
    let mut total = 0;
    let mut best: Option<(usize, i64)> = None;
    for (place, seat) in seats.iter_mut().enumerate().filter(|(_, seat)| takes_part(seat)) {
        let weight = i64::from(seat.backend.weight);
        seat.turn += weight;
        total += weight;
        if best.is_none_or(|(_, largest)| seat.turn > largest) {
            best = Some((place, seat.turn));
        }
    }
    let (place, _) = best?;
    seats.get_mut(place)?.turn -= total;
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::super::tests::seats;
    use super::*;

    fn picks(weights: &[u8], count: usize) -> Vec<usize> {
        let mut seats = seats(weights);
        (0..count).map(|_| choose(&mut seats, |_| true).expect("there are candidates")).collect()
    }

    /// The naive reference: choice `n` of a cycle is whoever is furthest behind its due share `n × w / sum`, with
    /// the bookkeeping done from the beginning each time.
    fn reference(weights: &[u8], count: usize) -> Vec<usize> {
        let sum: i64 = weights.iter().map(|&w| i64::from(w)).sum();
        let mut chosen: Vec<usize> = Vec::new();
        for n in 1..=count {
            let due = |place: usize| {
                let taken = chosen.iter().filter(|&&p| p == place).count();
                i64::try_from(n).unwrap_or(0) * i64::from(weights[place]) - i64::try_from(taken).unwrap_or(0) * sum
            };
            let mut best = 0;
            for place in 1..weights.len() {
                if due(place) > due(best) {
                    best = place;
                }
            }
            chosen.push(best);
        }
        chosen
    }

    #[test]
    fn five_one_one_comes_out_as_nginx_documents_it() {
        assert_eq!(picks(&[5, 1, 1], 14), [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn every_whole_cycle_is_exact_and_agrees_with_the_reference() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move |below: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % below
        };
        for round in 0..120 {
            let backends = usize::try_from(1 + random(6)).expect("small");
            let weights: Vec<u8> = (0..backends).map(|_| u8::try_from(1 + random(40)).expect("small")).collect();
            let sum: usize = weights.iter().map(|&w| usize::from(w)).sum();
            let picked = picks(&weights, sum * 2);
            for cycle in picked.chunks(sum) {
                for (place, &weight) in weights.iter().enumerate() {
                    let got = cycle.iter().filter(|&&p| p == place).count();
                    assert_eq!(got, usize::from(weight), "round {round}, weights {weights:?}, backend {place}");
                }
            }
            assert_eq!(picked[..sum], reference(&weights, sum), "round {round}, weights {weights:?}");
        }
    }
}
