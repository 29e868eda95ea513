//! Faults of datagrams, carried out: a socket between the machine's and the layers above, which loses, doubles, holds
//! back and renumbers what passes as [`crate::faults::datagrams`] decides.
//!
//! ```text
//!  quinn ──► firewall ──► faulty socket ──► the machine's socket
//!            in:   split, fate, the client's new port, held back until due, handed up
//!            out:  the client's own port, split, fate, held back until due, sent
//! ```
//!
//! Each datagram has a fate of its own, so batches (GSO, GRO) are split while any fault stands. What is held back is
//! bounded ([`super::datagram_lane::MOST_HELD`]); what does not fit is lost, and counted. Without a fault everything passes straight
//! through, for two loads.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::counters::{DatagramDrop, ListenerCounters};
use super::datagram_lane::{Held, Lane};
use super::port_rebinding::{Nat, WayBack};
use crate::faults::TrafficFaults;
use crate::faults::datagrams::{Datagram, Direction, Fate};

/// A socket with faults.
#[derive(Debug)]
pub struct FaultySocket {
    shared: Arc<Shared>,
    /// Wakes who receives when something that was held back is due.
    timer: Mutex<Option<Pin<Box<Sleep>>>>,
}

/// What the socket and its pump share.
#[derive(Debug)]
struct Shared {
    inner: Arc<dyn AsyncUdpSocket>,
    faults: Arc<TrafficFaults>,
    /// The listener it is for, and where datagrams are counted that are lost here.
    counters: Arc<ListenerCounters>,
    /// Whether something is held back on its way in, or a client has another port: then there is work without faults.
    is_busy: AtomicBool,
    state: Mutex<State>,
    /// Tells the pump that something may be due earlier than it thinks.
    earlier: Notify,
}

#[derive(Debug)]
struct State {
    incoming: Lane,
    outgoing: Lane,
    nat: Nat,
    /// Whether a task sends what is due on its way out.
    is_pumping: bool,
}

/// What is left on its way out.
enum Left {
    Nothing,
    Until(Instant),
    /// The socket takes no more for now.
    Blocked,
}

impl FaultySocket {
    /// In front of `inner`, for the listener that `counters` are of.
    pub fn new(
        inner: Arc<dyn AsyncUdpSocket>,
        faults: Arc<TrafficFaults>,
        counters: Arc<ListenerCounters>,
    ) -> Arc<Self> {
        let state = State {
            incoming: Lane::default(),
            outgoing: Lane::default(),
            nat: Nat::new(Instant::now()),
            is_pumping: false,
        };
        let shared = Shared {
            inner,
            faults,
            counters,
            is_busy: AtomicBool::new(false),
            state: Mutex::new(state),
            earlier: Notify::new(),
        };
        Arc::new(Self { shared: Arc::new(shared), timer: Mutex::default() })
    }

    /// Receives as the faults have it.
    fn poll_faulty(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.shared.state();
        loop {
            let handed = hand_up(&mut state.incoming, Instant::now(), bufs, meta);
            if handed > 0 {
                self.shared.look_whether_busy(&state);
                return Poll::Ready(Ok(handed));
            }
            match self.shared.inner.poll_recv(cx, bufs, meta) {
                Poll::Ready(received) => {
                    let received = received?;
                    self.shared.take_in(&mut state, bufs, meta.get(..received).unwrap_or_default());
                    let handed = hand_up(&mut state.incoming, Instant::now(), bufs, meta);
                    self.shared.look_whether_busy(&state);
                    if handed > 0 {
                        return Poll::Ready(Ok(handed));
                    }
                    // An empty one counts as work, so that quinn comes back in its own time; it takes it for nothing.
                    if let Some(first) = meta.first_mut() {
                        first.len = 0;
                    }
                    return Poll::Ready(Ok(received.min(1)));
                }
                Poll::Pending => {}
            }
            self.shared.look_whether_busy(&state);
            let Some(due) = state.incoming.earliest() else { return Poll::Pending };
            ready!(self.poll_timer(cx, due));
        }
    }

    fn poll_timer(&self, cx: &mut Context, due: Instant) -> Poll<()> {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_straight(&self) -> bool {
        !self.faults.datagrams.is_any() && !self.is_busy.load(Ordering::Acquire)
    }

    fn look_whether_busy(&self, state: &State) {
        self.is_busy.store(state.incoming.earliest().is_some() || !state.nat.is_empty(), Ordering::Release);
    }

    /// What becomes of a datagram.
    fn fate(&self, datagram: &Datagram<'_>, now: Instant) -> Fate {
        let fate = self.faults.datagrams.fate(datagram, now);
        if fate.is_lost {
            self.counters.datagrams_dropped.one(DatagramDrop::Fault);
        }
        fate
    }

    /// Decides about every datagram of a batch that has come in.
    fn take_in(&self, state: &mut State, bufs: &[IoSliceMut<'_>], meta: &[RecvMeta]) {
        let now = Instant::now();
        state.nat.forget_idle(now);
        for (meta, buf) in meta.iter().zip(bufs) {
            let batch = buf.get(..meta.len).unwrap_or_default();
            for bytes in batch.chunks(meta.stride.max(1)) {
                let fate = self.fate(&self.seen(meta.addr, Direction::FromClients, bytes), now);
                if let Some(dice) = fate.rebind {
                    state.nat.rebind(meta.addr, dice, now);
                }
                let peer = state.nat.inward(meta.addr, now);
                let held = Held { bytes: bytes.into(), peer, local: meta.dst_ip, ecn: meta.ecn };
                self.faults.datagrams.count_overflowed(state.incoming.put(now, &fate, &held));
            }
        }
    }

    /// Decides about every datagram of a batch that is to go out, and sends those that are due.
    fn send(self: &Arc<Self>, transmit: &Transmit) {
        let now = Instant::now();
        let mut state = self.state();
        let WayBack::To(client) = state.nat.outward(transmit.destination, now) else { return };
        for bytes in transmit.contents.chunks(transmit.segment_size.unwrap_or(transmit.contents.len()).max(1)) {
            let fate = self.fate(&self.seen(client, Direction::ToClients, bytes), now);
            let held = Held { bytes: bytes.into(), peer: client, local: transmit.src_ip, ecn: transmit.ecn };
            self.faults.datagrams.count_overflowed(state.outgoing.put(now, &fate, &held));
        }
        if matches!(self.flush(&mut state), Left::Nothing) {
            return;
        }
        if state.is_pumping {
            self.earlier.notify_one();
        } else if let Ok(runtime) = Handle::try_current() {
            state.is_pumping = true;
            runtime.spawn(Arc::clone(self).pump());
        }
    }

    fn seen<'a>(&'a self, client: SocketAddr, direction: Direction, bytes: &[u8]) -> Datagram<'a> {
        Datagram { listener: self.counters.listener_id.as_str(), client, direction, length: bytes.len() }
    }

    /// Sends what is due.
    fn flush(&self, state: &mut State) -> Left {
        let now = Instant::now();
        while let Some(held) = state.outgoing.due(now) {
            let transmit = Transmit {
                destination: held.peer,
                ecn: held.ecn,
                contents: &held.bytes,
                segment_size: None,
                src_ip: held.local,
            };
            match self.inner.try_send(&transmit) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    state.outgoing.put_back(now, held);
                    return Left::Blocked;
                }
                // What cannot be sent is lost, as it would be on the way.
                Err(error) => tracing::debug!(listener = %self.counters.listener_id, %error, "a datagram was not sent"),
                Ok(()) => {}
            }
        }
        state.outgoing.earliest().map_or(Left::Nothing, Left::Until)
    }

    /// Sends what was held back when it is due, until nothing is.
    async fn pump(self: Arc<Self>) {
        let mut room = Arc::clone(&self.inner).create_io_poller();
        loop {
            let left = {
                let mut state = self.state();
                let left = self.flush(&mut state);
                state.is_pumping = !matches!(left, Left::Nothing);
                left
            };
            match left {
                Left::Nothing => return,
                Left::Until(due) => tokio::select! {
                    biased;
                    () = self.earlier.notified() => {}
                    () = sleep_until(due) => {}
                },
                // An error will be met again by who sends.
                Left::Blocked => drop(std::future::poll_fn(|cx| room.as_mut().poll_writable(cx)).await),
            }
        }
    }
}

/// Fills the buffers with what is due; gives how many.
fn hand_up(lane: &mut Lane, now: Instant, bufs: &mut [IoSliceMut<'_>], meta: &mut [RecvMeta]) -> usize {
    let mut handed = 0;
    for (meta, buf) in meta.iter_mut().zip(bufs) {
        let Some(held) = lane.due(now) else { break };
        let length = held.bytes.len().min(buf.len());
        if let (Some(room), Some(bytes)) = (buf.get_mut(..length), held.bytes.get(..length)) {
            room.copy_from_slice(bytes);
        }
        *meta = RecvMeta { addr: held.peer, len: length, stride: length, ecn: held.ecn, dst_ip: held.local };
        handed += 1;
    }
    handed
}

impl AsyncUdpSocket for FaultySocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.shared.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        if self.shared.is_straight() {
            return self.shared.inner.try_send(transmit);
        }
        self.shared.send(transmit);
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        if self.shared.is_straight() {
            return self.shared.inner.poll_recv(cx, bufs, meta);
        }
        self.poll_faulty(cx, bufs, meta)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.shared.inner.local_addr()
    }

    fn may_fragment(&self) -> bool {
        self.shared.inner.may_fragment()
    }

    fn max_transmit_segments(&self) -> usize {
        self.shared.inner.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.shared.inner.max_receive_segments()
    }
}
