//! TCP between the simulated machine and its backends, as Linux has it where the bridge can tell the difference.
//!
//! ```text
//!  write ──► unsent ──► in flight (latency) ──► received ──► read        one way; there are two
//!            bounded    bounded together by the reader's window
//! ```
//!
//! - What is written is delivered in order, and not read is not sent: backpressure through two bounded buffers.
//! - FIN comes after what was written. RST takes back what is not in flight yet; what has arrived can still be read.
//! - After RST one read or write fails: `ConnectionReset`, or `BrokenPipe` if FIN had come before. Then reads see an end.
//! - A close with bytes unread is RST, and so is the answer to what arrives after a close.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use clb_model::chance::Chance;
use clb_simulator::data_plane::host::{Dialled, TcpConnection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, sleep_until};

use crate::trace::Trace;

/// Most bytes of one segment.
const SEGMENT: usize = 4096;

/// How an address takes new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Accepts,
    Refuses,
    /// Nothing comes back.
    Silent,
    /// It accepts after so many milliseconds.
    Slow(u64),
}

/// The addresses that can be dialled.
pub struct Backends {
    trace: Arc<Trace>,
    /// Connections of which the data plane holds its end.
    held: Arc<AtomicUsize>,
    inner: Mutex<Inner>,
}

struct Inner {
    chance: Chance,
    doors: BTreeMap<SocketAddr, (Door, mpsc::UnboundedSender<Stream>)>,
    number: u64,
}

impl Backends {
    pub fn new(trace: Arc<Trace>, chance: Chance) -> Arc<Self> {
        let inner = Mutex::new(Inner { chance, doors: BTreeMap::new(), number: 0 });
        Arc::new(Self { trace, held: Arc::default(), inner })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// An address that accepts; the connections come out of the receiver.
    pub fn add(&self, address: SocketAddr) -> mpsc::UnboundedReceiver<Stream> {
        let (accepted, incoming) = mpsc::unbounded_channel();
        self.inner().doors.insert(address, (Door::Accepts, accepted));
        incoming
    }

    pub fn set(&self, address: SocketAddr, door: Door) {
        if let Some(known) = self.inner().doors.get_mut(&address) {
            known.0 = door;
        }
    }

    /// Connections of which the data plane holds its end.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    pub async fn connect(&self, source: IpAddr, to: SocketAddr) -> io::Result<Dialled<Stream>> {
        let latency = Duration::from_millis(1 + self.inner().chance.below(5));
        sleep(latency).await;
        let door = self.inner().doors.get(&to).map_or(Door::Refuses, |(door, _)| *door);
        self.trace.event(&format!("tcp {source} -> {to}: {door:?}"));
        match door {
            Door::Accepts => {}
            Door::Refuses => return Err(io::ErrorKind::ConnectionRefused.into()),
            Door::Silent => std::future::pending().await,
            Door::Slow(wait) => sleep(Duration::from_millis(wait)).await,
        }
        let mut inner = self.inner();
        inner.number += 1;
        let rooms = [(); 4].map(|()| [200, 4_096, 16_384, 65_536][usize::try_from(inner.chance.below(4)).unwrap_or(0)]);
        let unbound = (inner.chance.below(8) == 0).then(|| io::ErrorKind::AddrNotAvailable.into());
        let name = format!("tcp {}", inner.number);
        let (near, far) = Wire::between(Arc::clone(&self.trace), Arc::clone(&self.held), name, latency, rooms);
        match inner.doors.get(&to) {
            Some((_, accepted)) if accepted.send(far).is_ok() => Ok(Dialled { stream: near, unbound }),
            _ => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }
}

enum Segment {
    Data(Vec<u8>),
    Fin,
    Rst,
}

/// One direction.
struct Way {
    unsent: Vec<u8>,
    /// FIN follows what is unsent.
    is_ending: bool,
    fin_is_sent: bool,
    flight: VecDeque<(Instant, Segment)>,
    in_flight: usize,
    received: Vec<u8>,
    has_ended: bool,
    send_room: usize,
    receive_room: usize,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct End {
    reader: Option<Waker>,
    writer: Option<Waker>,
    watcher: Option<Waker>,
    error: Option<io::ErrorKind>,
    /// Errors are told once, as by a kernel; a backend's are told whenever it asks, so that none is mistaken for an end.
    is_the_machines: bool,
    /// RST was sent or has come.
    is_dead: bool,
    /// RST has come.
    is_broken: bool,
    is_closed: bool,
    closes_cleanly: bool,
    /// What was not acknowledged when RST came.
    owed: usize,
}

impl End {
    /// The error of a connection that is broken.
    fn report(&mut self) -> Option<io::ErrorKind> {
        if self.is_the_machines { self.error.take() } else { self.error }
    }

    fn wake(&mut self) {
        for waker in [self.reader.take(), self.writer.take(), self.watcher.take()].into_iter().flatten() {
            waker.wake();
        }
    }
}

/// A connection: `ways[0]` is from end 0 (the data plane's) to end 1 (the backend's).
pub struct Wire {
    trace: Arc<Trace>,
    held: Arc<AtomicUsize>,
    name: String,
    latency: Duration,
    stirred: Notify,
    line: Mutex<Line>,
}

struct Line {
    ways: [Way; 2],
    ends: [End; 2],
}

impl Wire {
    /// The data plane's end and the backend's.
    fn between(
        trace: Arc<Trace>,
        held: Arc<AtomicUsize>,
        name: String,
        latency: Duration,
        rooms: [usize; 4],
    ) -> (Stream, Stream) {
        let way = |send_room, receive_room| Way {
            unsent: Vec::new(),
            is_ending: false,
            fin_is_sent: false,
            flight: VecDeque::new(),
            in_flight: 0,
            received: Vec::new(),
            has_ended: false,
            send_room,
            receive_room,
        };
        let line = Line { ways: [way(rooms[0], rooms[1]), way(rooms[2], rooms[3])], ends: Default::default() };
        let wire = Arc::new(Self { trace, held, name, latency, stirred: Notify::new(), line: Mutex::new(line) });
        // Ends of applications close cleanly unless they say otherwise; the machine's do not.
        wire.line().ends[1].closes_cleanly = true;
        wire.line().ends[0].is_the_machines = true;
        wire.held.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(Arc::clone(&wire).carry());
        (Stream { wire: Arc::clone(&wire), end: 0 }, Stream { wire, end: 1 })
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap()
    }

    /// Moves what is in flight until nothing can move any more.
    async fn carry(self: Arc<Self>) {
        loop {
            let next = {
                let mut line = self.line();
                for from in 0..2 {
                    self.arrive(&mut line, from);
                }
                if line.ends.iter().all(|end| end.is_closed) && line.ways.iter().all(|way| way.flight.is_empty()) {
                    return;
                }
                line.ways.iter().filter_map(|way| way.flight.front().map(|(at, _)| *at)).min()
            };
            match next {
                Some(at) => tokio::select! {
                    biased;
                    () = sleep_until(at) => {}
                    () = self.stirred.notified() => {}
                },
                None => self.stirred.notified().await,
            }
        }
    }

    /// Takes in what has arrived of what end `from` has sent.
    fn arrive(&self, line: &mut Line, from: usize) {
        let (now, to) = (Instant::now(), 1 - from);
        while line.ways[from].flight.front().is_some_and(|(at, _)| *at <= now) {
            let Some((_, segment)) = line.ways[from].flight.pop_front() else { break };
            match segment {
                Segment::Data(bytes) => {
                    line.ways[from].in_flight -= bytes.len();
                    if line.ends[to].is_closed && !line.ends[to].is_dead {
                        line.ends[to].is_dead = true;
                        self.launch(&mut line.ways[to], Segment::Rst);
                    } else if !line.ends[to].is_dead {
                        line.ways[from].received.extend(bytes);
                    }
                    self.send(line, from);
                    for waker in [line.ends[to].reader.take(), line.ends[from].writer.take()].into_iter().flatten() {
                        waker.wake();
                    }
                }
                Segment::Fin => {
                    line.ways[from].has_ended = true;
                    self.trace.event(&format!("{}: FIN at end {to}", self.name));
                    if let Some(reader) = line.ends[to].reader.take() {
                        reader.wake();
                    }
                }
                Segment::Rst if line.ends[to].is_dead => {}
                Segment::Rst => {
                    self.trace.event(&format!("{}: RST at end {to}", self.name));
                    let owed = line.ways[to].unacknowledged();
                    let had_ended = line.ways[from].has_ended;
                    let end = &mut line.ends[to];
                    (end.is_dead, end.is_broken, end.owed) = (true, true, owed);
                    end.error =
                        Some(if had_ended { io::ErrorKind::BrokenPipe } else { io::ErrorKind::ConnectionReset });
                    end.wake();
                    line.ways[to].unsent.clear();
                }
            }
        }
    }

    fn launch(&self, way: &mut Way, segment: Segment) {
        way.flight.push_back((Instant::now() + self.latency, segment));
        self.stirred.notify_one();
    }

    /// Sends what the window of the other end takes.
    fn send(&self, line: &mut Line, from: usize) {
        if line.ends[from].is_dead {
            return;
        }
        let way = &mut line.ways[from];
        loop {
            let room = way.receive_room.saturating_sub(way.in_flight + way.received.len());
            let size = way.unsent.len().min(room).min(SEGMENT);
            if size == 0 {
                break;
            }
            let rest = way.unsent.split_off(size);
            let bytes = std::mem::replace(&mut way.unsent, rest);
            way.in_flight += size;
            self.launch(way, Segment::Data(bytes));
        }
        if way.unsent.is_empty() && way.is_ending && !way.fin_is_sent {
            way.fin_is_sent = true;
            self.launch(way, Segment::Fin);
        }
    }
}

impl Way {
    fn unacknowledged(&self) -> usize {
        let fin = usize::from(self.is_ending && !self.has_ended);
        self.unsent.len() + self.in_flight + fin
    }
}

/// One end of a connection.
pub struct Stream {
    wire: Arc<Wire>,
    end: usize,
}

impl Stream {
    /// RST, now.
    pub fn reset(self) {
        self.wire.line().ends[self.end].closes_cleanly = false;
    }

    /// Whether a drop sends FIN, and not RST because something is unread.
    pub fn would_close_cleanly(&self) -> bool {
        let line = self.wire.line();
        !line.ends[self.end].is_dead && line.ways[1 - self.end].received.is_empty()
    }

    pub fn name(&self) -> &str {
        &self.wire.name
    }

    fn poll_read(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut line = self.wire.line();
        let from = 1 - self.end;
        let size = buf.remaining().min(line.ways[from].received.len());
        if size > 0 {
            buf.put_slice(&line.ways[from].received[..size]);
            line.ways[from].received.drain(..size);
            self.wire.send(&mut line, from);
            return Poll::Ready(Ok(()));
        }
        if line.ways[from].has_ended {
            return Poll::Ready(Ok(()));
        }
        let end = &mut line.ends[self.end];
        if let Some(error) = end.report() {
            return Poll::Ready(Err(error.into()));
        }
        if end.is_dead {
            return Poll::Ready(Ok(()));
        }
        end.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_write(&self, cx: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut line = self.wire.line();
        let (end, way) = (&mut line.ends[self.end], self.end);
        if let Some(error) = end.report() {
            return Poll::Ready(Err(error.into()));
        }
        if end.is_dead || line.ways[way].is_ending {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let way = &mut line.ways[way];
        let mut room = way.send_room.saturating_sub(way.unsent.len() + way.in_flight);
        if room == 0 {
            line.ends[self.end].writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut written = 0;
        for slice in slices {
            let size = slice.len().min(room);
            way.unsent.extend_from_slice(&slice[..size]);
            (room, written) = (room - size, written + size);
        }
        self.wire.send(&mut line, self.end);
        Poll::Ready(Ok(written))
    }

    fn shut_down(&self) -> io::Result<()> {
        let mut line = self.wire.line();
        if line.ends[self.end].is_dead {
            return Err(io::ErrorKind::NotConnected.into());
        }
        line.ways[self.end].is_ending = true;
        self.wire.send(&mut line, self.end);
        Ok(())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut line = self.wire.line();
        if self.end == 0 {
            self.wire.held.fetch_sub(1, Ordering::Relaxed);
        }
        let is_read = line.ways[1 - self.end].received.is_empty();
        let end = &mut line.ends[self.end];
        end.is_closed = true;
        if !end.is_dead {
            if end.closes_cleanly && is_read {
                line.ways[self.end].is_ending = true;
                self.wire.send(&mut line, self.end);
            } else {
                end.is_dead = true;
                line.ways[self.end].unsent.clear();
                self.wire.launch(&mut line.ways[self.end], Segment::Rst);
            }
        }
        self.wire.trace.event(&format!("{}: end {} closed", self.wire.name, self.end));
        self.wire.stirred.notify_one();
    }
}

/// One half of an end that is split.
pub struct Half<'a>(&'a Stream);

impl AsRef<Stream> for Half<'_> {
    fn as_ref(&self) -> &Stream {
        self.0
    }
}

impl TcpConnection for Stream {
    type Reading<'a> = Half<'a>;
    type Writing<'a> = Half<'a>;

    fn split(&mut self) -> (Half<'_>, Half<'_>) {
        (Half(self), Half(self))
    }

    fn end_cleanly(&self) {
        self.wire.line().ends[self.end].closes_cleanly = true;
    }

    fn unacknowledged(&self) -> io::Result<usize> {
        let line = self.wire.line();
        let end = &line.ends[self.end];
        Ok(if end.is_dead { end.owed } else { line.ways[self.end].unacknowledged() })
    }

    async fn broken(&self) -> io::Result<()> {
        poll_fn(|cx| {
            let end = &mut self.wire.line().ends[self.end];
            if end.is_broken {
                return Poll::Ready(Ok(()));
            }
            end.watcher = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}

macro_rules! io_of_stream {
    ($type:ty, $stream:ident => $inner:expr) => {
        impl AsyncRead for $type {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
                let $stream = self;
                Stream::poll_read($inner, cx, buf)
            }
        }

        impl AsyncWrite for $type {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                let $stream = self;
                Stream::poll_write($inner, cx, &[io::IoSlice::new(buf)])
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                let $stream = self;
                Stream::poll_write($inner, cx, slices)
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                let $stream = self;
                Poll::Ready(Stream::shut_down($inner))
            }
        }
    };
}

io_of_stream!(Stream, stream => &stream);
io_of_stream!(Half<'_>, half => half.0);
