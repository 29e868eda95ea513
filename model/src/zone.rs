//! Availability zones: a region has seven, by number. Which one a load balancer is in changes nothing but what it says.

/// A zone of a region, by its number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(u8);

/// How many zones a region has; ours.
const ZONES: u8 = 7;
/// What the platform's numbers of zones start with, by region (SDK samples: `ap-guangzhou-3` is 100003).
const BASES: [(&str, u64); 5] = [
    ("ap-guangzhou", 100_000),
    ("ap-shanghai", 200_000),
    ("ap-hongkong", 300_000),
    ("ap-beijing", 800_000),
    ("ap-singapore", 900_000),
];
/// The same for regions whose numbers are not known; ours.
const OTHER_BASE: u64 = 990_000;

/// The third, as in the platform's samples (SDK).
impl Default for Zone {
    fn default() -> Self {
        Self(3)
    }
}

impl Zone {
    /// The zone of the region that a request means, by name (`ap-guangzhou-3`) or number (`100003`).
    pub fn parse(region: &str, text: &str) -> Option<Self> {
        (1..=ZONES).map(Self).find(|zone| zone.name(region) == text || zone.number(region).to_string() == text)
    }

    /// The zone with that place in its region; `None` when there is none.
    pub fn at(place: u8) -> Option<Self> {
        (1..=ZONES).contains(&place).then_some(Self(place))
    }

    /// Its place in its region, from 1.
    pub const fn place(self) -> u8 {
        self.0
    }

    /// Its name.
    pub fn name(self, region: &str) -> String {
        format!("{region}-{}", self.0)
    }

    /// Its number on the platform.
    pub fn number(self, region: &str) -> u64 {
        let base = BASES.iter().find(|(name, _)| *name == region).map_or(OTHER_BASE, |(_, base)| *base);
        base + u64::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn a_zone_is_meant_by_name_or_number() {
        let third = Some(Zone::default());
        assert_eq!(Zone::parse("ap-guangzhou", "ap-guangzhou-3"), third);
        assert_eq!(Zone::parse("ap-guangzhou", "100003"), third);
        for wrong in ["ap-beijing-3", "800003", "ap-guangzhou-8", "100000", ""] {
            assert_eq!(Zone::parse("ap-guangzhou", wrong), None, "{wrong}");
        }
    }
}
