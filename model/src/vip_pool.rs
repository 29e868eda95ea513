//! The pool that load balancers get their addresses from.
//!
//! An address is given out again only after all others have been, so that a port that is just closing is not bound
//! again at once. No sockets here: the pool only counts.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A range of IPv4 addresses, and those of it that are in use.
#[derive(Clone, Debug)]
pub struct VipPool {
    first: u32,
    size: u32,
    next: u32,
    taken: BTreeSet<Ipv4Addr>,
    /// The first 96 bits of the addresses of IPv6 that go with them, if there are any.
    ipv6: Option<Ipv6Addr>,
}

impl VipPool {
    /// The addresses of the network `base`/`prefix_len`, its first (the network's own) left out. A prefix longer than
    /// 30 is taken as 30.
    pub fn new(base: Ipv4Addr, prefix_len: u8) -> Self {
        let host_bits = 32 - u32::from(prefix_len.min(30));
        let hosts = u32::try_from(1_u64 << host_bits).unwrap_or(u32::MAX);
        let network = u32::from(base) & !(hosts - 1);
        Self { first: network + 1, size: hosts - 2, next: 0, taken: BTreeSet::new(), ipv6: None }
    }

    /// The same pool with an address of IPv6 for each of its own: the first 96 bits of `prefix`, then the address, as
    /// RFC 6052 embeds one in the other.
    #[must_use]
    pub fn with_ipv6(self, prefix: Ipv6Addr) -> Self {
        Self { ipv6: Some(prefix), ..self }
    }

    /// The address of IPv6 that goes with an address of the pool.
    pub fn ipv6_of(&self, address: Ipv4Addr) -> Option<Ipv6Addr> {
        let embedded = |prefix: Ipv6Addr| u128::from(prefix) & !u128::from(u32::MAX) | u128::from(u32::from(address));
        self.ipv6.map(|prefix| Ipv6Addr::from(embedded(prefix)))
    }

    /// Which address is tried next, counted from the first: [`VipPool::at`] of it goes on from here.
    pub fn position(&self) -> u32 {
        self.next
    }

    /// The same pool, trying that address next.
    #[must_use]
    pub fn at(self, position: u32) -> Self {
        Self { next: position % self.size, ..self }
    }

    /// A free address, or `None` when all are in use.
    pub fn take(&mut self) -> Option<Ipv4Addr> {
        if self.taken.len() as u64 >= u64::from(self.size) {
            return None;
        }
        loop {
            let address = Ipv4Addr::from(self.first + self.next);
            self.next = (self.next + 1) % self.size;
            if self.taken.insert(address) {
                return Some(address);
            }
        }
    }

    /// The last free address: for load balancers that are there from the start, so that the first one created gets the
    /// first address.
    pub fn take_last(&mut self) -> Option<Ipv4Addr> {
        let free = (0..self.size).rev().map(|offset| Ipv4Addr::from(self.first + offset));
        let address = free.into_iter().find(|address| !self.taken.contains(address))?;
        self.taken.insert(address);
        Some(address)
    }

    /// That very address, unless it is in use or no address of the pool.
    pub fn take_exactly(&mut self, address: Ipv4Addr) -> bool {
        self.contains(address) && self.taken.insert(address)
    }

    /// The address is free again.
    pub fn give_back(&mut self, address: Ipv4Addr) {
        self.taken.remove(&address);
    }

    /// Whether the address belongs to the pool.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address).checked_sub(self.first).is_some_and(|offset| offset < self.size)
    }

    /// Whether the address is in use.
    pub fn is_taken(&self, address: Ipv4Addr) -> bool {
        self.taken.contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::VipPool;

    #[test]
    fn addresses_are_given_out_once_and_again_only_after_all_others() {
        let mut pool = VipPool::new(Ipv4Addr::new(127, 80, 0, 0), 29);
        let first = pool.take();
        assert_eq!(first, Some(Ipv4Addr::new(127, 80, 0, 1)));
        pool.give_back(Ipv4Addr::new(127, 80, 0, 1));
        for last in 2..=6 {
            assert_eq!(pool.take(), Some(Ipv4Addr::new(127, 80, 0, last)));
        }
        assert_eq!(pool.take(), first);
        assert_eq!(pool.take(), None);
    }

    #[test]
    fn an_address_of_ipv6_goes_with_each_where_the_pool_has_them() {
        let address = Ipv4Addr::new(203, 0, 113, 1);
        let pool = VipPool::new(address, 24);
        assert_eq!(pool.ipv6_of(address), None);
        let prefix = "2001:db8::ffff:ffff".parse().expect("an address");
        assert_eq!(pool.with_ipv6(prefix).ipv6_of(address), "2001:db8::cb00:7101".parse().ok());
    }

    #[test]
    fn an_address_outside_the_pool_cannot_be_taken() {
        let mut pool = VipPool::new(Ipv4Addr::new(127, 80, 0, 0), 16);
        assert!(pool.take_exactly(Ipv4Addr::new(127, 80, 0, 9)));
        assert!(!pool.take_exactly(Ipv4Addr::new(127, 80, 0, 9)));
        assert!(!pool.take_exactly(Ipv4Addr::new(10, 0, 0, 9)));
        assert!(!pool.contains(Ipv4Addr::new(127, 80, 0, 0)));
    }
}
