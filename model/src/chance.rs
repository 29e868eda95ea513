//! Chance as an argument: a small generator of random bits. The same seed gives the same ids.
//!
//! Good for ids and for random walks, never for secrets.

/// A stream of random bits (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// The stream of that seed.
    pub const fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Where the stream is: the stream of that seed continues this one.
    pub const fn position(&self) -> u64 {
        self.state
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.bits() % bound }
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn the_same_seed_gives_the_same_bits() {
        let (mut one, mut two) = (Chance::seeded(7), Chance::seeded(7));
        let first: Vec<u64> = (0..8).map(|_| one.bits()).collect();
        let second: Vec<u64> = (0..8).map(|_| two.bits()).collect();
        assert_eq!(first, second);
        assert_ne!(first[0], first[1]);
    }
}
