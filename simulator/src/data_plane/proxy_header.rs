//! The PROXY protocol header, version 2: who the client is, in front of the first byte a backend gets.
//!
//! Version 2 only, as on the platform; the transport is given as STREAM, because the backend's leg is TCP. No TLVs.
//! Format: HAProxy's `proxy-protocol.txt`, section 2.2.

use std::net::{IpAddr, SocketAddr};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
const VERSION_2_PROXY: u8 = 0x21;
const IPV4_STREAM: u8 = 0x11;
const IPV6_STREAM: u8 = 0x21;

/// The header for a client at `client` that came in at `listener`: 28 bytes for IPv4, 52 for IPv6.
pub fn version_2(client: SocketAddr, listener: SocketAddr) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    header.push(VERSION_2_PROXY);
    match (client.ip(), listener.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.extend([IPV4_STREAM, 0, 12]);
            header.extend(from.octets());
            header.extend(to.octets());
        }
        (from, to) => {
            header.extend([IPV6_STREAM, 0, 36]);
            header.extend(as_v6(from));
            header.extend(as_v6(to));
        }
    }
    header.extend(client.port().to_be_bytes());
    header.extend(listener.port().to_be_bytes());
    header
}

fn as_v6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ipv4_header_is_the_documented_one() {
        let client = "198.51.100.7:50000".parse().expect("an address");
        let listener = "203.0.113.10:443".parse().expect("an address");
        let expected = [
            0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 0xc6, 0x33,
            0x64, 0x07, 0xcb, 0x00, 0x71, 0x0a, 0xc3, 0x50, 0x01, 0xbb,
        ];
        assert_eq!(version_2(client, listener), expected);
    }

    #[test]
    fn the_ipv6_header_has_52_bytes() {
        let client = "[2001:db8::7]:50000".parse().expect("an address");
        let listener = "[2001:db8::10]:443".parse().expect("an address");
        let header = version_2(client, listener);
        assert_eq!((header.len(), header[13], header[15]), (52, 0x21, 36));
    }
}
