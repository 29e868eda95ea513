//! Whose traffic a fault is for, where that is said by an address: all ports of an IP, or one.

use std::fmt::{Display, Formatter};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// An IP with every port, or with one. An IPv4 address that is written as IPv6 is the IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressFilter {
    ip: IpAddr,
    /// `None` for every port.
    port: Option<u16>,
}

impl AddressFilter {
    /// Whether the address is one of those.
    pub fn admits(self, address: SocketAddr) -> bool {
        self.ip == address.ip().to_canonical() && self.port.is_none_or(|port| port == address.port())
    }
}

/// As people write it: `IP` or `IP:PORT`.
impl FromStr for AddressFilter {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self { ip: ip.to_canonical(), port: None });
        }
        let address = text.parse::<SocketAddr>()?;
        Ok(Self { ip: address.ip().to_canonical(), port: Some(address.port()) })
    }
}

impl Display for AddressFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.ip, port).fmt(f),
            None => self.ip.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AddressFilter;

    fn filter(text: &str) -> AddressFilter {
        text.parse().expect("a filter")
    }

    #[test]
    fn an_ip_is_for_every_port_and_an_address_for_its_own() {
        let address = |text: &str| text.parse().expect("an address");
        assert!(filter("127.0.0.7").admits(address("127.0.0.7:4000")));
        assert!(filter("127.0.0.7:4000").admits(address("127.0.0.7:4000")));
        assert!(!filter("127.0.0.7:4001").admits(address("127.0.0.7:4000")));
        assert!(!filter("127.0.0.8").admits(address("127.0.0.7:4000")));
        assert!(filter("127.0.0.7").admits(address("[::ffff:127.0.0.7]:4000")));
    }

    #[test]
    fn it_is_shown_as_it_is_written_and_what_is_no_address_is_none() {
        for text in ["127.0.0.1", "127.0.0.1:80", "::1", "[::1]:443"] {
            assert_eq!(filter(text).to_string(), text);
        }
        for text in ["", "localhost", "127.0.0.1:x", "127.0.0.0/8"] {
            assert!(text.parse::<AddressFilter>().is_err(), "{text}");
        }
    }
}
