//! The UDP socket below quinn, which can be closed while connections are still being forgotten above it.
//!
//! quinn keeps its socket until the last connection has drained, three probe timeouts after it was closed. A deleted
//! listener's port must be free at once, so this socket lets go of the file descriptor when told to; from then on it
//! swallows what is sent and receives nothing. It does not look into datagrams.

use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};

use quinn::udp::{RecvMeta, Transmit, UdpSocketState};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::io::Interest;
use tokio::sync::watch;

/// Kernel buffer asked for in each direction, in bytes. The kernel gives what its own limit allows.
const KERNEL_BUFFER: usize = 4 << 20;

/// Datagrams that quinn may join in one call while nobody sends much: as many as a server may send a client before it has
/// proven its address, and one more.
const FEW: usize = 4;
/// Sends after the last that joined so many until nobody sends much.
const SMALL_SENDS: u32 = 256;

/// A UDP socket for quinn that [`ClosableSocket::close`] really closes.
#[derive(Debug)]
pub struct ClosableSocket {
    open: RwLock<Option<Arc<Open>>>,
    address: SocketAddr,
    /// Becomes `true` with the order to close; those who wait for room to send then let go.
    closing: watch::Sender<bool>,
    /// Its sender lives in `Open`: it ends when the file descriptor is closed.
    closed: watch::Receiver<()>,
    batches: Batches,
    max_receive_segments: usize,
    may_fragment: bool,
}

#[derive(Debug)]
struct Open {
    // Declared first, so dropped first: the descriptor is closed when `_closed` ends.
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
    _closed: watch::Sender<()>,
}

impl ClosableSocket {
    /// Binds `address` alone (no address reuse: a taken port is an error). Must be called within a tokio runtime.
    pub fn bind(address: SocketAddr) -> io::Result<Arc<Self>> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::DGRAM, None)?;
        socket.set_nonblocking(true)?;
        // Best effort: smaller buffers cost speed under load, nothing else.
        let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
        let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
        socket.bind(&address.into())?;
        let socket: UdpSocket = socket.into();
        let state = UdpSocketState::new((&socket).into())?;
        let (alive, closed) = watch::channel(());
        Ok(Arc::new(Self {
            address: socket.local_addr()?,
            closing: watch::channel(false).0,
            closed,
            batches: Batches::new(state.max_gso_segments()),
            max_receive_segments: state.gro_segments(),
            may_fragment: state.may_fragment(),
            open: RwLock::new(Some(Arc::new(Open {
                io: tokio::net::UdpSocket::from_std(socket)?,
                state,
                _closed: alive,
            }))),
        }))
    }

    /// Closes the port. When this returns, the address can be bound again.
    pub async fn close(&self) {
        drop(self.open.write().unwrap_or_else(PoisonError::into_inner).take());
        self.closing.send_replace(true);
        let mut closed = self.closed.clone();
        while closed.changed().await.is_ok() {}
    }

    fn open(&self) -> Option<Arc<Open>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AsyncUdpSocket for ClosableSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(RoomToSend { socket: self, waiting: None })
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        let Some(open) = self.open() else { return Ok(()) };
        self.batches.sent(transmit.segment_size.map_or(1, |size| transmit.contents.len().div_ceil(size.max(1))));
        open.io.try_io(Interest::WRITABLE, || open.state.send((&open.io).into(), transmit))
    }

    fn poll_recv(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let Some(open) = self.open() else { return Poll::Pending };
        loop {
            ready!(open.io.poll_recv_ready(cx))?;
            if let Ok(received) = open.io.try_io(Interest::READABLE, || open.state.recv((&open.io).into(), bufs, meta))
            {
                return Poll::Ready(Ok(received));
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn may_fragment(&self) -> bool {
        self.may_fragment
    }

    fn max_transmit_segments(&self) -> usize {
        self.batches.most()
    }

    fn max_receive_segments(&self) -> usize {
        self.max_receive_segments
    }
}

/// How many datagrams are joined in one call.
///
/// quinn gives each connection a buffer for a whole batch with the first thing it sends, and never takes it back: with
/// ten datagrams 12 KB, a third of what an idle connection takes. So batches are small until somebody fills one.
#[derive(Debug)]
struct Batches {
    largest: usize,
    /// How many small sends are left until batches are small again.
    large_for: AtomicU32,
}

impl Batches {
    fn new(largest: usize) -> Self {
        Self { largest, large_for: AtomicU32::new(0) }
    }

    fn most(&self) -> usize {
        if self.large_for.load(Ordering::Relaxed) > 0 { self.largest } else { self.largest.min(FEW) }
    }

    /// Two that count at the same time may count as one: it need not be exact.
    fn sent(&self, datagrams: usize) {
        if datagrams >= FEW {
            self.large_for.store(SMALL_SENDS, Ordering::Relaxed);
        } else {
            let left = self.large_for.load(Ordering::Relaxed);
            if left > 0 {
                self.large_for.store(left - 1, Ordering::Relaxed);
            }
        }
    }
}

/// Waits, for one connection, until the socket takes datagrams again. A closed socket always takes them.
struct RoomToSend {
    socket: Arc<ClosableSocket>,
    waiting: Option<Pin<Box<dyn Future<Output = io::Result<()>> + Send + Sync>>>,
}

impl UdpPoller for RoomToSend {
    fn poll_writable(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        let socket = Arc::clone(&self.socket);
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(room_to_send(socket)));
        let result = ready!(waiting.as_mut().poll(cx));
        self.waiting = None;
        Poll::Ready(result)
    }
}

async fn room_to_send(socket: Arc<ClosableSocket>) -> io::Result<()> {
    let mut closing = socket.closing.subscribe();
    let Some(open) = socket.open() else { return Ok(()) };
    tokio::select! {
        biased;
        writable = open.io.writable() => writable,
        _ = closing.wait_for(|closing| *closing) => Ok(()),
    }
}

impl std::fmt::Debug for RoomToSend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoomToSend").field("waiting", &self.waiting.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_large_while_somebody_fills_them() {
        let batches = Batches::new(64);
        batches.sent(FEW - 1);
        assert_eq!(batches.most(), FEW, "a handshake sends fewer");
        batches.sent(FEW);
        assert_eq!(batches.most(), 64);
        for _ in 1..SMALL_SENDS {
            batches.sent(1);
        }
        assert_eq!(batches.most(), 64, "acknowledgements between them change nothing");
        batches.sent(1);
        assert_eq!(batches.most(), FEW);
        assert_eq!(Batches::new(1).most(), 1, "a machine that cannot join any");
    }
}
