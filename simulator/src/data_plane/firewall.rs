//! The security groups of a load balancer, between the network and QUIC: datagrams of addresses that are not let in are
//! gone before anything looks into them.
//!
//! ```text
//!  quinn ──► firewall ──► the layers below ──► the machine's socket
//!            in:  dropped by source address     out: everything passes
//! ```
//!
//! It holds for every datagram from the moment the rules change, so a connection that is open hears no more of a client
//! that is not let in any longer, and ends when it has been silent for too long; one whose client moves to an address
//! that is not let in stays on its old path. What is sent passes: answers to those who were let in belong to their
//! connections, as with the platform's groups, which know connections. All that come and go are counted. Not here: what the groups of backends say.

use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use clb_model::security_group::filter::{Packet, PacketFilter};
use clb_model::security_group::policy::{Protocol, Verdict};
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};

use super::address_plan::AddressPlan;
use super::counters::{DatagramDrop, ListenerCounters};

/// Addresses whose verdict is remembered; with one more all are forgotten. Rules can be many, clients come back.
const REMEMBERED: usize = 1024;

/// A socket that receives only what the security groups let in. Without groups it costs a count per call.
#[derive(Debug)]
pub struct Firewall {
    inner: Arc<dyn AsyncUdpSocket>,
    /// The listener's port.
    port: u16,
    /// Rules name the cloud's addresses: a client at 127.10.1.5 is 10.0.1.5 to them, by the default plan.
    plan: Arc<AddressPlan>,
    /// Whether there is a filter in `rules`.
    is_up: AtomicBool,
    rules: Mutex<Rules>,
    /// Where datagrams are counted that were not let in.
    counters: Arc<ListenerCounters>,
}

#[derive(Debug, Default)]
struct Rules {
    filter: Option<Arc<PacketFilter>>,
    known: HashMap<IpAddr, Verdict>,
}

impl Firewall {
    /// In front of `inner`, for the listener on `port`; what it drops is counted in `counters`.
    pub fn new(
        inner: Arc<dyn AsyncUdpSocket>,
        port: u16,
        plan: Arc<AddressPlan>,
        filter: Option<Arc<PacketFilter>>,
        counters: Arc<ListenerCounters>,
    ) -> Arc<Self> {
        let firewall = Self { inner, port, plan, is_up: AtomicBool::new(false), rules: Mutex::default(), counters };
        firewall.put(filter);
        Arc::new(firewall)
    }

    /// Another filter, for the next datagram on; `None` lets everyone in.
    pub fn put(&self, filter: Option<Arc<PacketFilter>>) {
        let mut rules = self.rules();
        self.is_up.store(filter.is_some(), Ordering::Release);
        *rules = Rules { filter, known: HashMap::new() };
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Empties what came from addresses that are not let in; quinn takes what is empty for nothing.
    fn sift(&self, received: &mut [RecvMeta]) {
        let mut rules = self.rules();
        for meta in received {
            if rules.decide(self.plan.cloud(meta.addr.ip()), self.port) == Verdict::Drop {
                // Of one source: the kernel joins only datagrams of the same one.
                let datagrams = datagrams(meta.len, meta.stride);
                self.counters.datagrams_dropped.add(DatagramDrop::SecurityGroup, datagrams);
                meta.len = 0;
            }
        }
    }
}

impl Rules {
    fn decide(&mut self, client: IpAddr, port: u16) -> Verdict {
        let Some(filter) = &self.filter else { return Verdict::Accept };
        if let Some(verdict) = self.known.get(&client) {
            return *verdict;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let verdict = filter.decide(&Packet { peer: client, protocol: Protocol::Udp, port: Some(port) });
        self.known.insert(client, verdict);
        verdict
    }
}

/// How many datagrams the kernel takes or gives as one buffer, each of `size` bytes but the last.
fn datagrams(bytes: usize, size: usize) -> u64 {
    bytes.div_ceil(size.max(1)) as u64
}

impl AsyncUdpSocket for Firewall {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        self.inner.try_send(transmit)?;
        let size = transmit.segment_size.unwrap_or(transmit.contents.len());
        self.counters.datagrams_sent.add(datagrams(transmit.contents.len(), size));
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let received = ready!(self.inner.poll_recv(cx, bufs, meta))?;
        let meta = meta.get_mut(..received).unwrap_or_default();
        self.counters.datagrams_received.add(meta.iter().map(|meta| datagrams(meta.len, meta.stride)).sum());
        if self.is_up.load(Ordering::Acquire) {
            self.sift(meta);
        }
        Poll::Ready(Ok(received))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn may_fragment(&self) -> bool {
        self.inner.may_fragment()
    }

    fn max_transmit_segments(&self) -> usize {
        self.inner.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.inner.max_receive_segments()
    }
}
