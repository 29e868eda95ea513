//! Smooth weighted round robin, as nginx has had it since 2012 (commit 52327e062): over a cycle of as many choices as
//! the weights add up to, each backend gets exactly its weight, spread as evenly as it can be.
//!
//! Not here: nginx's lowering of the weight after failures. Health is judged elsewhere.

use super::Candidate;

/// How far each backend is in its turn, by place in the listener's list. Between choices the values add up to zero.
#[derive(Clone, Debug)]
pub(super) struct Turns(Vec<i64>);

impl Turns {
    /// The beginning of a cycle.
    pub(super) fn new(backends: usize) -> Self {
        Self(vec![0; backends])
    }

    /// The place of the candidate whose turn it is: each one's value grows by its weight, the largest is chosen (the
    /// first of equals) and pays the sum of the weights.
    pub(super) fn next(&mut self, candidates: &[Candidate]) -> Option<usize> {
        let mut total = 0;
        let mut best: Option<(usize, i64)> = None;
        for candidate in candidates {
            let weight = i64::from(candidate.weight);
            let value = self.0.get_mut(candidate.place)?;
            *value += weight;
            total += weight;
            if best.is_none_or(|(_, largest)| *value > largest) {
                best = Some((candidate.place, *value));
            }
        }
        let (place, _) = best?;
        *self.0.get_mut(place)? -= total;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(weights: &[u32]) -> Vec<Candidate> {
        let candidate = |(place, &weight)| Candidate { place, weight, connections: 0 };
        weights.iter().enumerate().map(candidate).collect()
    }

    fn picks(weights: &[u32], count: usize) -> Vec<usize> {
        let candidates = candidates(weights);
        let mut turns = Turns::new(weights.len());
        (0..count).map(|_| turns.next(&candidates).expect("there are candidates")).collect()
    }

    /// The naive reference: choice `n` of a cycle is whoever is furthest behind its due share `n × w / sum`, with
    /// the bookkeeping done from the beginning each time.
    fn reference(weights: &[u32], count: usize) -> Vec<usize> {
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
            let weights: Vec<u32> = (0..backends).map(|_| u32::try_from(1 + random(40)).expect("small")).collect();
            let sum: usize = weights.iter().map(|&w| w as usize).sum();
            let picked = picks(&weights, sum * 2);
            for cycle in picked.chunks(sum) {
                for (place, &weight) in weights.iter().enumerate() {
                    let got = cycle.iter().filter(|&&p| p == place).count();
                    assert_eq!(got, weight as usize, "round {round}, weights {weights:?}, backend {place}");
                }
            }
            assert_eq!(picked[..sum], reference(&weights, sum), "round {round}, weights {weights:?}");
        }
    }
}
