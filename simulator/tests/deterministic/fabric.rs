//! Datagrams between simulated addresses: lost, doubled, delayed and overtaken as the weather has it, by the seed.
//!
//! ```text
//!  Port::try_send ──► weather: lost | once | twice, each with a delay ──► the port that has the address then
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use clb_model::chance::Chance;
use clb_simulator::data_plane::host::UdpPort;
use quinn::udp::{EcnCodepoint, RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::trace::Trace;

/// What becomes of datagrams. Shares are of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    /// Milliseconds that each takes.
    pub delay: u64,
    /// Milliseconds that it may take more, so that it is overtaken.
    pub jitter: u64,
}

pub struct Fabric {
    trace: Arc<Trace>,
    inner: Mutex<Inner>,
}

struct Inner {
    chance: Chance,
    weather: Weather,
    ports: BTreeMap<SocketAddr, Arc<Port>>,
    number: u64,
}

impl Fabric {
    pub fn new(trace: Arc<Trace>, chance: Chance) -> Arc<Self> {
        let inner = Inner { chance, weather: Weather::default(), ports: BTreeMap::new(), number: 0 };
        Arc::new(Self { trace, inner: Mutex::new(inner) })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub fn turn(&self, weather: Weather) {
        self.inner().weather = weather;
    }

    pub fn open(self: &Arc<Self>, address: SocketAddr) -> io::Result<Arc<Port>> {
        let mut inner = self.inner();
        if inner.ports.contains_key(&address) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let inbox = Inbox { address, waiting: BTreeMap::new(), alarm: None, reader: None };
        let port = Arc::new(Port { fabric: Arc::clone(self), inbox: Mutex::new(inbox) });
        inner.ports.insert(address, Arc::clone(&port));
        Ok(port)
    }

    pub fn is_open(&self, address: SocketAddr) -> bool {
        self.inner().ports.contains_key(&address)
    }

    fn send(&self, from: SocketAddr, to: SocketAddr, ecn: Option<EcnCodepoint>, bytes: &[u8]) {
        let mut inner = self.inner();
        let weather = inner.weather;
        let copies = match inner.chance.below(1000) {
            roll if roll < weather.lost => 0,
            roll if roll < weather.lost + weather.doubled => 2,
            _ => 1,
        };
        self.trace.event(&format!("udp {from} -> {to}: {} bytes, {copies} copies", bytes.len()));
        for _ in 0..copies {
            let delay = weather.delay + inner.chance.below(weather.jitter + 1);
            inner.number += 1;
            let place = (Instant::now() + Duration::from_millis(delay), inner.number);
            if let Some(port) = inner.ports.get(&to) {
                port.deliver(place, Datagram { from, ecn, bytes: bytes.to_vec() });
            }
        }
    }
}

struct Datagram {
    from: SocketAddr,
    ecn: Option<EcnCodepoint>,
    bytes: Vec<u8>,
}

/// A UDP port of the fabric.
pub struct Port {
    fabric: Arc<Fabric>,
    inbox: Mutex<Inbox>,
}

struct Inbox {
    /// Where others see it.
    address: SocketAddr,
    /// By the time of arrival, and in the order of sending where that is the same.
    waiting: BTreeMap<(Instant, u64), Datagram>,
    alarm: Option<Pin<Box<Sleep>>>,
    reader: Option<Waker>,
}

impl Port {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap()
    }

    fn deliver(&self, place: (Instant, u64), datagram: Datagram) {
        let mut inbox = self.inbox();
        inbox.waiting.insert(place, datagram);
        if let Some(reader) = inbox.reader.take() {
            reader.wake();
        }
    }

    /// A NAT on the way gives the port another address; what is on its way to the old one arrives, later ones do not.
    pub fn rebind(self: &Arc<Self>, address: SocketAddr) {
        let mut fabric = self.fabric.inner();
        let old = std::mem::replace(&mut self.inbox().address, address);
        fabric.ports.remove(&old);
        fabric.ports.insert(address, Arc::clone(self));
    }

    /// From now on it swallows what is sent and receives nothing.
    pub fn shut(&self) {
        let mut inbox = self.inbox();
        inbox.waiting.clear();
        let address = inbox.address;
        drop(inbox);
        self.fabric.inner().ports.remove(&address);
    }
}

impl UdpPort for Port {
    async fn close(&self) {
        self.shut();
    }
}

impl AsyncUdpSocket for Port {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysRoom)
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        let from = self.inbox().address;
        if self.fabric.is_open(from) {
            let size = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
            for datagram in transmit.contents.chunks(size) {
                self.fabric.send(from, transmit.destination, transmit.ecn, datagram);
            }
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut inbox = self.inbox();
        let now = Instant::now();
        let mut count = 0;
        while count < bufs.len().min(meta.len()) {
            let Some(next) = inbox.waiting.first_entry() else { break };
            if next.key().0 > now {
                break;
            }
            let datagram = next.remove();
            let len = datagram.bytes.len();
            bufs[count][..len].copy_from_slice(&datagram.bytes);
            meta[count] = RecvMeta { addr: datagram.from, len, stride: len, ecn: datagram.ecn, dst_ip: None };
            count += 1;
        }
        if count > 0 {
            return Poll::Ready(Ok(count));
        }
        inbox.reader = Some(cx.waker().clone());
        if let Some(&(at, _)) = inbox.waiting.keys().next() {
            let alarm = inbox.alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
            alarm.as_mut().reset(at);
            if alarm.as_mut().poll(cx).is_ready() {
                cx.waker().wake_by_ref();
            }
        }
        Poll::Pending
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.inbox().address)
    }

    fn may_fragment(&self) -> bool {
        false
    }

    /// As with a kernel that splits for the sender.
    fn max_transmit_segments(&self) -> usize {
        8
    }
}

#[derive(Debug)]
struct AlwaysRoom;

impl UdpPoller for AlwaysRoom {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").finish_non_exhaustive()
    }
}
