//! The two orders to the kernel that a private network needs, over its routing socket (rtnetlink(7)): bring `lo` up,
//! and make every address of a family local. Messages are written by hand, so that no `ip` has to be installed.

use std::io::{self, Read, Write};

use socket2::{Domain, Protocol, Type};

/// `lo` is the first interface of every network namespace.
const LOOPBACK: u32 = 1;

/// Versions of IP.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// `AF_INET` and `AF_INET6`, as wide as the kernel has them here.
    fn number(self) -> u8 {
        match self {
            Self::V4 => 2,
            Self::V6 => 10,
        }
    }
}

/// A socket to the kernel's routing.
#[derive(Debug)]
pub struct Socket {
    socket: socket2::Socket,
    sequence: u32,
}

impl Socket {
    /// Opens it in the network namespace of this thread.
    pub fn open() -> io::Result<Self> {
        let protocol = Protocol::from(libc::NETLINK_ROUTE);
        let socket = socket2::Socket::new(Domain::from(libc::AF_NETLINK), Type::RAW, Some(protocol))?;
        Ok(Self { socket, sequence: 0 })
    }

    /// `ip link set lo up`.
    pub fn bring_loopback_up(&mut self) -> io::Result<()> {
        self.ask(libc::RTM_NEWLINK, 0, &link_up(LOOPBACK))
    }

    /// `ip route add local default dev lo`: what is sent to any address comes in here, and any may be sent from.
    pub fn make_every_address_local(&mut self, family: Family) -> io::Result<()> {
        self.ask(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &local_default(family, LOOPBACK))
    }

    /// Sends one order and waits for the kernel's answer to it.
    fn ask(&mut self, kind: u16, flags: libc::c_int, body: &[u8]) -> io::Result<()> {
        self.sequence += 1;
        let flags = flags | libc::NLM_F_REQUEST | libc::NLM_F_ACK;
        let message = message(kind, u16::try_from(flags).map_err(io::Error::other)?, self.sequence, body)?;
        self.socket.write_all(&message)?;
        let mut answer = [0; 4096];
        let length = self.socket.read(&mut answer)?;
        outcome(answer.get(..length).unwrap_or_default(), self.sequence)
    }
}

/// `struct nlmsghdr` and what follows it. Lengths of everything here are multiples of four, as netlink wants.
fn message(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(16 + body.len()).map_err(io::Error::other)?;
    let mut message = Vec::with_capacity(16 + body.len());
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend(sequence.to_ne_bytes());
    // The sender: filled in by the kernel.
    message.extend(0_u32.to_ne_bytes());
    message.extend(body);
    Ok(message)
}

/// `struct ifinfomsg`: family, padding, type, index, flags, and which flags are meant.
fn link_up(interface: u32) -> Vec<u8> {
    let up = (libc::IFF_UP as u32).to_ne_bytes();
    let mut body = vec![0; 4];
    body.extend(interface.to_ne_bytes());
    body.extend(up);
    body.extend(up);
    body
}

/// `struct rtmsg` with the interface as its one attribute. Without a destination it is the default route: of length 0.
fn local_default(family: Family, interface: u32) -> Vec<u8> {
    let (destination_length, source_length, type_of_service) = (0, 0, 0);
    let mut body = vec![
        family.number(),
        destination_length,
        source_length,
        type_of_service,
        libc::RT_TABLE_LOCAL,
        libc::RTPROT_STATIC,
        libc::RT_SCOPE_HOST,
        libc::RTN_LOCAL,
    ];
    body.extend(0_u32.to_ne_bytes());
    // Its length with its head, which kind, which interface.
    body.extend(8_u16.to_ne_bytes());
    body.extend(libc::RTA_OIF.to_ne_bytes());
    body.extend(interface.to_ne_bytes());
    body
}

/// Reads `struct nlmsgerr`: a negative error number, or 0 for done.
fn outcome(answer: &[u8], sequence: u32) -> io::Result<()> {
    let field = |from: usize| answer.get(from..from + 4).and_then(|bytes| bytes.try_into().ok());
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    let is_answer =
        kind.map(i32::from) == Some(libc::NLMSG_ERROR) && field(8).map(u32::from_ne_bytes) == Some(sequence);
    match field(16).map(i32::from_ne_bytes) {
        Some(0) if is_answer => Ok(()),
        Some(code) if is_answer => Err(io::Error::from_raw_os_error(code.saturating_neg())),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer of the kernel to the order with that number.
    fn answer(sequence: u32, code: i32) -> Vec<u8> {
        let kind = u16::try_from(libc::NLMSG_ERROR).expect("small");
        message(kind, 0, sequence, &code.to_ne_bytes()).expect("short")
    }

    #[test]
    fn families_have_the_kernels_numbers() {
        assert_eq!(i32::from(Family::V4.number()), libc::AF_INET);
        assert_eq!(i32::from(Family::V6.number()), libc::AF_INET6);
    }

    #[test]
    fn messages_have_the_lengths_of_the_kernels_structures() {
        assert_eq!(link_up(LOOPBACK).len(), 16);
        assert_eq!(local_default(Family::V6, LOOPBACK).len(), 12 + 8);
        let sent = message(libc::RTM_NEWLINK, 5, 1, &link_up(LOOPBACK)).expect("short");
        assert_eq!((sent.len(), &sent[..4]), (32, &32_u32.to_ne_bytes()[..]));
    }

    #[test]
    fn the_kernels_answer_is_read_or_refused() {
        assert!(outcome(&answer(7, 0), 7).is_ok());
        let refused = outcome(&answer(7, -libc::EPERM), 7).expect_err("refused");
        assert_eq!(refused.raw_os_error(), Some(libc::EPERM));
        for strange in [answer(6, 0), answer(7, 0)[..18].to_vec(), Vec::new()] {
            assert_eq!(outcome(&strange, 7).expect_err("strange").kind(), io::ErrorKind::InvalidData);
        }
    }
}
