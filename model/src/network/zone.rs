//! Zones: parts of a region that fail apart. Which there are is a fact of the platform; nothing here fails.

use crate::region::Region;

/// How many zones every region says it has. Regions of the platform have one to nine; this is our choice.
const ZONES: u8 = 7;

/// The number that the zones of a region start after: `ap-guangzhou-3` is 100003 (SDK samples). Regions that are not
/// named here share one number, which is our choice.
const fn base(region: &str) -> u32 {
    match region.as_bytes() {
        b"ap-guangzhou" => 100_000,
        b"ap-shanghai" => 200_000,
        b"ap-hongkong" => 300_000,
        b"ap-beijing" => 800_000,
        b"ap-singapore" => 900_000,
        _ => 990_000,
    }
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name, such as `ap-guangzhou-3`.
    pub name: String,
    /// Its number, such as 100003.
    pub number: u32,
}

impl Region {
    /// Its zones, in order.
    pub fn zones(&self) -> impl Iterator<Item = Zone> + '_ {
        (1..=ZONES)
            .map(|zone| Zone { name: format!("{}-{zone}", self.name), number: base(&self.name) + u32::from(zone) })
    }

    /// Whether it has a zone of that name.
    pub fn has_zone(&self, name: &str) -> bool {
        self.zones().any(|zone| zone.name == name)
    }
}

#[cfg(test)]
mod tests {
    use crate::region::Region;

    #[test]
    fn zones_have_the_platforms_numbers() {
        let zones: Vec<_> = Region::new("ap-guangzhou").zones().collect();
        assert_eq!((zones[2].name.as_str(), zones[2].number), ("ap-guangzhou-3", 100_003));
        assert!(Region::new("ap-beijing").has_zone("ap-beijing-1"));
        assert!(!Region::new("ap-beijing").has_zone("ap-guangzhou-1"));
    }
}
