//! The address of the client that backends see: as the TCP source, where that address can be bound on this machine.
//!
//! After a migration the address changes only once the new path is validated ([`SeenAddress`]). Streams that have
//! their backend connection keep the source address they were dialled with: a TCP connection cannot change it.
//! A backend of IPv4 sees an address of IPv4 in place of a client's of IPv6 ([`shown`]): that is NAT64.
//! Not here: the PROXY protocol header, which works everywhere.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use super::host::Dialled;

/// How long a new address must stay, and no PATH_CHALLENGE be sent, before it counts as validated.
///
/// quinn adopts a new address at once and falls back to the old one if the path is not validated within three times
/// the larger probe timeout of both paths. It has no "validated" signal; that the address is still there after that
/// time says the same, as long as it was there all the time: somebody who lets the client's datagrams pass under
/// another address has that address adopted again right after each fallback, which nobody need notice. But with each
/// adoption, and with every packet on a path that is not validated, quinn sends a PATH_CHALLENGE. On a fresh path the
/// probe timeout is 333 ms + 4 × 166.5 ms + 25 ms, about 1.03 s; a client that announces a long acknowledgement delay
/// makes its own longer, which is not looked at.
const FALLBACK: Duration = Duration::from_millis(3_300);

/// Addresses of IPv4 that stand for clients of IPv6: the range the platform takes its own from (100.64.0.0/10, RFC
/// 6598). Which ones its backends see is not documented; these are a choice of ours.
const TRANSLATED: (Ipv4Addr, u32) = (Ipv4Addr::new(100, 64, 0, 0), 10);

/// The address of a client as a backend sees it: its own, or, between a client of IPv6 and a backend of IPv4, one that
/// stands for it. The same client is always seen at the same address; two clients may share one.
pub fn shown(client: IpAddr, backend: IpAddr) -> IpAddr {
    let client = client.to_canonical();
    let IpAddr::V6(ipv6) = client else { return client };
    if backend.is_ipv6() {
        return client;
    }
    let (network, prefix_len) = TRANSLATED;
    // FNV-1a: neighbours come out apart, and every machine gets the same.
    let hash =
        ipv6.octets().iter().fold(0x811c_9dc5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    IpAddr::V4(Ipv4Addr::from(u32::from(network) | hash >> prefix_len))
}

/// Which address of a client counts: the one its path is validated for.
#[derive(Debug)]
pub struct SeenAddress {
    validated: SocketAddr,
    candidate: Option<Candidate>,
}

/// What a connection's path looks like from outside quinn, but for the client's address.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    /// How many PATH_CHALLENGEs the connection has sent.
    pub challenges: u64,
    /// Its round-trip time: a slow path falls back later.
    pub rtt: Duration,
}

/// An address that waits for its time.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    client: SocketAddr,
    challenges: u64,
    since: Instant,
}

impl SeenAddress {
    /// The address the handshake was completed with; a handshake validates its path.
    pub fn new(client: SocketAddr) -> Self {
        Self { validated: client, candidate: None }
    }

    /// The address that counts.
    pub fn get(&self) -> SocketAddr {
        self.validated
    }

    /// Whether a new address waits for its time: then look again soon.
    pub fn is_changing(&self) -> bool {
        self.candidate.is_some()
    }

    /// Takes in the connection's current address, validated or not, and its path if that is asked for. Returns the new
    /// address when it has just become validated.
    pub fn observe(&mut self, now: Instant, client: SocketAddr, path: impl FnOnce() -> Path) -> Option<SocketAddr> {
        if client == self.validated {
            self.candidate = None;
            return None;
        }
        let Path { challenges, rtt } = path();
        let undisturbed = |it: &Candidate| it.client == client && it.challenges == challenges;
        let Some(candidate) = self.candidate.filter(undisturbed) else {
            self.candidate = Some(Candidate { client, challenges, since: now });
            return None;
        };
        if now.duration_since(candidate.since) < FALLBACK.max(rtt * 12) {
            return None;
        }
        self.validated = client;
        self.candidate = None;
        Some(client)
    }
}

/// Connects to `destination` from `source`, or from any address if `source` cannot be bound here.
///
/// The connection is one that ends with RST when it is dropped, at whatever moment that is: a clean end is said on
/// purpose (see [`super::bridge::Abortable`]), never by accident.
pub async fn connect(source: IpAddr, destination: SocketAddr) -> io::Result<Dialled<TcpStream>> {
    let socket = socket2::Socket::new(socket2::Domain::for_address(destination), socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    let unbound = bind_source(&socket, source).err();
    let stream = TcpSocket::from_std_stream(socket.into()).connect(destination).await?;
    Ok(Dialled { stream, unbound })
}

fn bind_source(socket: &socket2::Socket, source: IpAddr) -> io::Result<()> {
    choose_port_at_connect(socket)?;
    socket.bind(&SocketAddr::new(source, 0).into())
}

/// Without this a bound source address takes one port of the whole machine's range for each connection, whatever the
/// destination; with it the port only has to be free for this destination.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "socket2 has no setter for IP_BIND_ADDRESS_NO_PORT")]
fn choose_port_at_connect(socket: &socket2::Socket) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let on: libc::c_int = 1;
    let length = libc::socklen_t::try_from(size_of_val(&on)).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open for the length of the borrow, and the option is read from a live c_int of the
    // length given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            std::ptr::from_ref(&on).cast(),
            length,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(not(target_os = "linux"))]
fn choose_port_at_connect(_: &socket2::Socket) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Duration = Duration::from_millis(1);

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, last], 4000))
    }

    const PATH: Path = Path { challenges: 2, rtt: RTT };

    #[test]
    fn a_backend_of_ipv4_sees_an_address_of_ipv4_in_place_of_one_of_ipv6() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let network: ipnet::IpNet = "100.64.0.0/10".parse().expect("a network");
        let (one, other) = (shown(ip("2001:db8::7"), ip("10.0.1.5")), shown(ip("2001:db8::8"), ip("10.0.1.5")));
        assert!(network.contains(&one) && network.contains(&other), "{one} {other}");
        assert_ne!(one, other);
        assert_eq!(one, shown(ip("2001:db8::7"), ip("10.0.1.6")));
        assert_eq!(shown(ip("198.51.100.7"), ip("10.0.1.5")), ip("198.51.100.7"));
        assert_eq!(shown(ip("::ffff:198.51.100.7"), ip("10.0.1.5")), ip("198.51.100.7"));
        assert_eq!(shown(ip("2001:db8::7"), ip("fd00::5")), ip("2001:db8::7"));
    }

    #[test]
    fn a_new_address_counts_only_after_the_fallback_time() {
        let start = Instant::now();
        let mut seen = SeenAddress::new(address(1));
        assert_eq!(seen.observe(start, address(2), || PATH), None);
        assert_eq!(seen.observe(start + FALLBACK / 2, address(2), || PATH), None);
        assert_eq!(seen.get(), address(1));
        assert_eq!(seen.observe(start + FALLBACK, address(2), || PATH), Some(address(2)));
        assert_eq!(seen.get(), address(2));
    }

    #[test]
    fn an_address_that_was_given_up_begins_anew() {
        let start = Instant::now();
        let mut seen = SeenAddress::new(address(1));
        seen.observe(start, address(2), || PATH);
        assert!(seen.is_changing());
        seen.observe(start + FALLBACK / 2, address(1), || PATH);
        assert!(!seen.is_changing(), "quinn fell back");
        seen.observe(start + FALLBACK / 2, address(2), || PATH);
        assert_eq!(seen.observe(start + FALLBACK, address(2), || PATH), None);
        assert_eq!(seen.observe(start + FALLBACK, address(3), || PATH), None, "and another address is another path");
        assert_eq!(seen.get(), address(1));
    }

    #[test]
    fn an_address_that_is_still_being_challenged_begins_anew() {
        let start = Instant::now();
        let mut seen = SeenAddress::new(address(1));
        seen.observe(start, address(2), || PATH);
        let challenged = || Path { challenges: 3, ..PATH };
        assert_eq!(seen.observe(start + FALLBACK, address(2), challenged), None, "given up and adopted again, unseen");
        assert_eq!(seen.observe(start + FALLBACK * 2, address(2), challenged), Some(address(2)));
    }

    #[test]
    fn a_slow_path_is_given_longer() {
        let start = Instant::now();
        let rtt = Duration::from_secs(1);
        let slow = || Path { rtt, ..PATH };
        let mut seen = SeenAddress::new(address(1));
        seen.observe(start, address(2), slow);
        assert_eq!(seen.observe(start + FALLBACK, address(2), slow), None);
        assert!(seen.observe(start + rtt * 12, address(2), slow).is_some());
    }
}
