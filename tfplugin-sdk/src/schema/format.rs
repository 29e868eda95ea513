//! Texts of a known form: addresses, networks, durations, PEM.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The form of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// An IPv4 or IPv6 address.
    Ip,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A network: an address, a slash and the length of the prefix, without host bits.
    Cidr,
    /// A duration such as `1h30m`.
    Duration,
    /// One or more PEM blocks; with this label, such as `CERTIFICATE`, if there is one.
    Pem(Option<String>),
}

impl Format {
    /// Whether `text` has the form.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Ip => text.parse::<IpAddr>().is_ok(),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Cidr => is_network(text),
            Self::Duration => crate::duration::parse(text).is_some(),
            Self::Pem(label) => is_pem(text, label.as_deref()),
        }
    }

    /// What it is, to follow "must be".
    pub fn rule(&self) -> String {
        match self {
            Self::Ip => "an IP address, such as 10.0.0.1 or 2001:db8::1".to_owned(),
            Self::Ipv4 => "an IPv4 address, such as 10.0.0.1".to_owned(),
            Self::Ipv6 => "an IPv6 address, such as 2001:db8::1".to_owned(),
            Self::Cidr => {
                "a network, such as 10.0.0.0/8 or 2001:db8::/32, with no bits set after the prefix".to_owned()
            }
            Self::Duration => "a duration, such as 30s, 5m or 1h30m".to_owned(),
            Self::Pem(None) => "PEM: -----BEGIN ...-----, base64 lines, -----END ...-----".to_owned(),
            Self::Pem(Some(label)) => format!("PEM that begins with -----BEGIN {label}-----"),
        }
    }
}

fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    // "08" and "+8" are numbers for Rust, and prefixes for nobody.
    if !length.bytes().all(|byte| byte.is_ascii_digit()) || (length.len() > 1 && length.starts_with('0')) {
        return false;
    }
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else { return false };
    let (bits, width) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    length <= width && bits.checked_shl(length).unwrap_or_default() == 0
}

fn is_pem(text: &str, label: Option<&str>) -> bool {
    let mut blocks = 0;
    let mut open: Option<&str> = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let begins = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        let ends = line.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----"));
        match (open, begins, ends) {
            (None, Some(begun), _) if blocks > 0 || label.is_none_or(|label| label == begun) => open = Some(begun),
            (Some(begun), _, Some(ended)) if begun == ended => (open, blocks) = (None, blocks + 1),
            (Some(_), None, None) if line.bytes().all(is_base64) => {}
            _ => return false,
        }
    }
    blocks > 0 && open.is_none()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(format: &Format, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(format.accepts(text), "{format:?} {text:?}");
        }
        for text in wrong {
            assert!(!format.accepts(text), "{format:?} {text:?}");
        }
    }

    #[test]
    fn addresses_and_networks() {
        accepted(&Format::Ip, &["10.0.0.1", "::1"], &["", "10.0.0.256", "10.0.0.1/8", "host", "010.0.0.1"]);
        accepted(&Format::Ipv4, &["10.0.0.1"], &["::1"]);
        accepted(&Format::Ipv6, &["2001:db8::1"], &["10.0.0.1"]);
        let networks = ["10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/32", "::/0", "::1/128"];
        accepted(&Format::Cidr, &networks, &["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "::1/64", "/8"]);
    }

    #[test]
    fn pem_of_a_label() {
        let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\nBB==\n-----END {label}-----\n");
        let certificate = Format::Pem(Some("CERTIFICATE".to_owned()));
        let chain = block("CERTIFICATE") + &block("CERTIFICATE");
        let half = "-----BEGIN CERTIFICATE-----\nAAAA\n";
        accepted(&certificate, &[&chain], &["", "AAAA", half, &block("PRIVATE KEY"), &(chain.clone() + "x")]);
        accepted(&Format::Pem(None), &[&block("PRIVATE KEY")], &["-----BEGIN A-----\n-----END B-----"]);
    }
}
