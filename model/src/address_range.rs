//! Ranges of IP addresses: a network address and the length of its prefix, as `10.0.0.0/16` or `fd00::/8` write them. An
//! address alone is a range of one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// A range of addresses of one family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    address: IpAddr,
    prefix: u8,
}

/// The text is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no IP address, or no prefix length that fits it")]
pub struct NotARange;

impl AddressRange {
    /// All IPv4 addresses.
    pub const ALL_IPV4: Self = Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), prefix: 0 };

    /// The range around an IPv4 address; a prefix beyond 32 bits counts as 32.
    pub fn ipv4(address: [u8; 4], prefix: u8) -> Self {
        let prefix = prefix.min(32);
        let address = Ipv4Addr::from(u32::from_be_bytes(address) & mask32(prefix));
        Self { address: IpAddr::V4(address), prefix }
    }

    /// The range around an address; the bits of the host are left out. `None` when the prefix is longer than the address.
    pub fn around(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = match address {
            IpAddr::V4(it) if prefix <= 32 => IpAddr::V4((it.to_bits() & mask32(prefix)).into()),
            IpAddr::V6(it) if prefix <= 128 => IpAddr::V6((it.to_bits() & mask128(prefix)).into()),
            _ => return None,
        };
        Some(Self { address, prefix })
    }

    /// Its first address.
    pub const fn first(&self) -> IpAddr {
        self.address
    }

    /// How many bits all its addresses share.
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether it is one of IPv4 addresses.
    pub const fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// Whether the address is in it. An IPv4 address written as IPv6 is an IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        Self::around(address.to_canonical(), self.prefix).is_some_and(|around| around == *self)
    }

    /// Whether the other range lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.address)
    }

    /// Whether they share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// How many addresses it has, as far as that is a number of 64 bits.
    pub fn size(&self) -> u64 {
        let bits = if self.is_ipv4() { 32 } else { 128 } - u32::from(self.prefix);
        1_u64.checked_shl(bits).unwrap_or(u64::MAX)
    }
}

fn mask32(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

fn mask128(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)
}

impl FromStr for AddressRange {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(prefix.parse().map_err(|_| NotARange)?))
            }
            Some(_) => return Err(NotARange),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotARange)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        Self::around(address, prefix.unwrap_or(whole)).ok_or(NotARange)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::AddressRange;

    fn range(text: &str) -> AddressRange {
        text.parse().expect("a range")
    }

    #[test]
    fn a_range_is_read_without_the_bits_of_its_host() {
        assert_eq!(range("10.1.2.3/16").to_string(), "10.1.0.0/16");
        assert_eq!(range("10.1.2.3").to_string(), "10.1.2.3/32");
        assert_eq!(range("0.0.0.0/0").size(), 1 << 32);
        assert_eq!(range("fd00::1/8").to_string(), "fd00::/8");
        for text in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "fd00::/129", "ten", "10.0.0.0/8/8"] {
            assert_eq!(text.parse::<AddressRange>(), Err(super::NotARange), "{text}");
        }
    }

    #[test]
    fn what_lies_in_a_range() {
        let vpc = range("10.0.0.0/16");
        assert!(vpc.contains("10.0.255.255".parse().expect("an address")));
        assert!(vpc.contains("::ffff:10.0.0.1".parse().expect("an address")));
        assert!(!vpc.contains("10.1.0.0".parse().expect("an address")));
        assert!(!range("::/0").contains("10.0.0.1".parse().expect("an address")));
        assert!(vpc.covers(&range("10.0.1.0/24")) && !range("10.0.1.0/24").covers(&vpc));
        assert!(vpc.overlaps(&range("10.0.0.0/8")) && !vpc.overlaps(&range("10.1.0.0/16")));
    }
}
