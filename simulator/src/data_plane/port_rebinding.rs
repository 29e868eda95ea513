//! Clients that seem to have another port than they have: what a NAT between them and the load balancer would do that
//! forgets them now and then. Their addresses stay.
//!
//! What is sent to a port that a client no longer has reaches nobody, as with a real one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

/// Most ports that are remembered, those that clients had before too. A client gets no other when they are used up.
const MOST: usize = 4096;
/// A client of which nothing was heard for so long is forgotten: its connection is long gone.
const IDLE: Duration = Duration::from_mins(2);
/// How often those that are idle are looked for.
const LOOK: Duration = Duration::from_secs(5);
/// Ports that clients get.
const PORTS: std::ops::RangeInclusive<u16> = 1024..=u16::MAX;

/// Which port each client seems to have.
#[derive(Debug)]
pub struct Nat {
    /// From a client that has another port to how it is seen.
    seen: HashMap<SocketAddr, SocketAddr>,
    /// From how a client is or was seen to where it is.
    ways: HashMap<SocketAddr, Way>,
    looked: Instant,
}

#[derive(Debug)]
struct Way {
    back: WayBack,
    used: Instant,
}

/// Where a datagram to a client goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// To the client.
    To(SocketAddr),
    /// To nobody: no client has that port any longer.
    Nobody,
}

impl Nat {
    /// Every client is seen as it is.
    pub fn new(now: Instant) -> Self {
        Self { seen: HashMap::new(), ways: HashMap::new(), looked: now }
    }

    /// Whether every client is seen as it is.
    pub fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// How a client is seen.
    pub fn inward(&mut self, client: SocketAddr, now: Instant) -> SocketAddr {
        if self.ways.is_empty() {
            return client;
        }
        if let Some(seen) = self.seen.get(&client) {
            let way = self.ways.entry(*seen).or_insert(Way { back: WayBack::To(client), used: now });
            way.used = now;
            return *seen;
        }
        match self.ways.get(&client).map(|way| way.back) {
            // Another is seen with the port that this one has.
            Some(WayBack::To(_)) => self.rebind(client, 0, now),
            Some(WayBack::Nobody) => {
                self.ways.remove(&client);
                client
            }
            None => client,
        }
    }

    /// Gives a client another port; the dice say from where to look for one. Gives how it is seen from now on.
    pub fn rebind(&mut self, client: SocketAddr, dice: u64, now: Instant) -> SocketAddr {
        let before = self.seen.get(&client).copied().unwrap_or(client);
        if self.ways.len() + 2 > MOST {
            tracing::debug!(%client, "keeps its port: {MOST} ports are in use");
            return before;
        }
        let seen = self.free(client, dice);
        let is_of_another = self.ways.get(&before).is_some_and(|way| way.back != WayBack::To(client));
        if !is_of_another {
            self.ways.insert(before, Way { back: WayBack::Nobody, used: now });
        }
        self.seen.insert(client, seen);
        self.ways.insert(seen, Way { back: WayBack::To(client), used: now });
        seen
    }

    /// Where a datagram to a client that is seen so goes.
    pub fn outward(&mut self, seen: SocketAddr, now: Instant) -> WayBack {
        let Some(way) = self.ways.get_mut(&seen) else { return WayBack::To(seen) };
        if way.back != WayBack::Nobody {
            way.used = now;
        }
        way.back
    }

    /// Forgets clients of which nothing was heard for long.
    pub fn forget_idle(&mut self, now: Instant) {
        if self.ways.is_empty() || now.duration_since(self.looked) < LOOK {
            return;
        }
        self.looked = now;
        self.ways.retain(|_, way| now.duration_since(way.used) < IDLE);
        let ways = &self.ways;
        self.seen.retain(|_, seen| ways.contains_key(seen));
    }

    /// An address of the client that nobody is seen with. There is one: fewer are remembered than there are ports.
    fn free(&self, client: SocketAddr, dice: u64) -> SocketAddr {
        let ports = u64::from(PORTS.end() - PORTS.start()) + 1;
        let mut port = PORTS.start() + u16::try_from(dice % ports).unwrap_or_default();
        loop {
            let seen = SocketAddr::new(client.ip(), port);
            if seen != client && !self.ways.contains_key(&seen) {
                return seen;
            }
            port = if port == *PORTS.end() { *PORTS.start() } else { port + 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 7], port))
    }

    #[test]
    fn a_client_that_was_rebound_is_reached_by_its_new_port_alone() {
        let now = Instant::now();
        let mut nat = Nat::new(now);
        assert_eq!(nat.inward(client(4000), now), client(4000));
        let first = nat.rebind(client(4000), 76, now);
        assert_eq!(first, client(1100));
        assert_eq!(nat.inward(client(4000), now), first);
        assert_eq!(nat.outward(first, now), WayBack::To(client(4000)));
        assert_eq!(nat.outward(client(4000), now), WayBack::Nobody, "the port it had");
        let second = nat.rebind(client(4000), 76, now);
        assert_eq!((second, nat.inward(client(4000), now)), (client(1101), client(1101)));
        assert_eq!(nat.outward(first, now), WayBack::Nobody);
        assert_eq!(nat.outward(client(5000), now), WayBack::To(client(5000)), "others are left alone");
    }

    #[test]
    fn a_client_whose_port_another_is_seen_with_gets_one_too() {
        let now = Instant::now();
        let mut nat = Nat::new(now);
        assert_eq!(nat.rebind(client(4000), 76, now), client(1100));
        let other = nat.inward(client(1100), now);
        assert_ne!(other, client(1100));
        assert_eq!(nat.outward(other, now), WayBack::To(client(1100)));
        assert_eq!(nat.outward(client(1100), now), WayBack::To(client(4000)));
    }

    #[test]
    fn who_is_not_heard_of_is_forgotten() {
        let now = Instant::now();
        let mut nat = Nat::new(now);
        let seen = nat.rebind(client(4000), 76, now);
        nat.inward(client(4000), now + IDLE / 2);
        nat.forget_idle(now + IDLE);
        assert_eq!(nat.outward(seen, now + IDLE), WayBack::To(client(4000)));
        nat.forget_idle(now + IDLE * 3);
        assert!(nat.is_empty() && nat.seen.is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let now = Instant::now();
        let mut nat = Nat::new(now);
        for dice in 0..10_000 {
            nat.rebind(client(4000), dice, now);
        }
        assert!(nat.ways.len() <= MOST);
        let seen = nat.inward(client(4000), now);
        assert_eq!(nat.outward(seen, now), WayBack::To(client(4000)));
    }
}
