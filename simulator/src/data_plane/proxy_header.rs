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
    use ::proxy_header::{ParseConfig, ProxiedAddress, ProxyHeader};

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

    /// A repeatable source of numbers (xorshift).
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn address(&mut self) -> SocketAddr {
            let [a, b, c, d, port @ .., _, _] = self.next().to_be_bytes();
            let ip = match self.next() % 3 {
                0 => IpAddr::from([a, b, c, d]),
                1 => IpAddr::from((u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes()),
                // Short ones have zeros in the middle.
                _ => IpAddr::from((u128::from(a) << 112 | u128::from(d)).to_be_bytes()),
            };
            SocketAddr::new(ip, u16::from_be_bytes(port))
        }
    }

    #[test]
    fn another_implementation_reads_what_was_meant_and_writes_the_same() {
        let mut random = Random(0x5eed);
        for _ in 0..10_000 {
            let (client, listener) = (random.address(), random.address());
            let mut bytes = version_2(client, listener);
            let length = if client.is_ipv4() && listener.is_ipv4() { 28 } else { 52 };
            // Both of one family; the header has only one.
            let same = |address: SocketAddr| match address.ip() {
                IpAddr::V4(ip) if length == 52 => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
                _ => address,
            };
            let meant = ProxiedAddress::stream(same(client), same(listener));
            let mut written = Vec::new();
            ProxyHeader::with_address(meant.clone()).encode_v2(&mut written).expect("it fits");
            assert_eq!(bytes, written, "{client} {listener}");
            bytes.extend(b"\r\n\r\n\0\r\nQUIT\nbytes of the client");
            let (header, read) = ProxyHeader::parse(&bytes, ParseConfig::default()).expect("a header");
            assert_eq!((header.proxied_address(), read), (Some(&meant), length), "{client} {listener}");
            assert_eq!(header.tlvs().count(), 0);
        }
    }
}
