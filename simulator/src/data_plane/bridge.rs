//! One QUIC stream and one TCP connection, joined both ways.
//!
//! ```text
//!  client                        bridge                        backend
//!  FIN            ──────────►    shutdown(write)   ─────────►  end of input      the other way goes on
//!  end of stream  ◄──────────    finish            ◄─────────  FIN               the other way goes on
//!  RESET_STREAM   ──────────►    linger 0, close   ─────────►  RST
//!  STOP_SENDING   ──────────►    stops reading     ─────────►  is not read       RST once the other way is delivered
//!  RESET_STREAM   ◄──────────    reset, stop       ◄─────────  RST
//!  STOP_SENDING   ◄──────────    stop              ◄─────────  RST after FIN     the answer stays whole
//! ```
//!
//! What cannot be delivered is not read, in either direction, so a slow reader slows the sender and no buffer grows.
//! TCP cannot break one direction alone: a client that resets its half loses the answer too.
//!
//! Left to themselves, both ends lie when dropped: a quinn `SendStream` sends a clean end, a `TcpStream` a clean FIN.
//! [`Reply`] and [`Abortable`] turn that round: whatever was not ended on purpose is reset. Not here: which backend,
//! and who dials it.

use std::io::{self, IoSlice};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use quinn::{ReadError, RecvStream, ResetError, SendStream, VarInt, WriteError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep;

use super::backend_faults::impaired;
use super::close_code;
use super::host::TcpConnection;
use super::journal::Entry;
use crate::faults::backends::Impairment;

/// Most bytes taken from a backend at a time.
const READ_SIZE: usize = 64 * 1024;
/// A block of memory takes further answers until it has less room than this.
const LEAST_ROOM: usize = 4 * 1024;
/// A write to a backend that takes so long is taken to be stuck.
const STUCK: Duration = Duration::from_millis(500);
/// How often the kernel is asked whether a backend has all that was written to it; it does not say so by itself.
const DELIVERY_TICK: Duration = Duration::from_millis(10);
/// A stream on which neither side has said anything for so long since it was opened is ended: it costs a connection to a
/// backend and is of no use to anyone. From the first byte or end on, silence is nobody's business: a request may be
/// answered after hours. Our choice.
const SILENCE: Duration = Duration::from_mins(1);
/// Most chunks of a stream (one is at most a packet's payload) written to a backend at a time.
const CHUNKS: usize = 48;

/// How a bridge ended.
#[derive(Debug)]
pub enum Ended {
    /// Both directions came to their end.
    Whole,
    /// The client wanted no more of the answer (STOP_SENDING).
    Unwanted,
    /// The client reset its half.
    ClientReset,
    /// The backend reset the connection, or it broke.
    BackendLost(io::Error),
    /// Neither side said anything.
    Silent,
    /// The QUIC connection is gone.
    ConnectionLost,
}

/// What ends both directions at once.
enum Broken {
    ClientReset,
    Backend(io::Error),
    Silence,
    Connection,
}

/// How the backend-to-client direction ended by itself.
enum Answer {
    Delivered,
    Unwanted,
}

/// Carries bytes both ways until both directions have ended or one broke. A fault of the simulator may impair it.
pub async fn bridge<T: TcpConnection>(
    send: SendStream,
    mut recv: RecvStream,
    mut backend: Abortable<T>,
    impairment: Option<&Impairment>,
    entry: &Entry,
) -> Ended {
    let mut reply = Reply { stream: send, settled: false };
    let (tcp_read, tcp_write) = backend.0.split();
    let carried = match impairment {
        None => carry::<T>(tcp_read, tcp_write, &mut recv, &mut reply, entry).await,
        Some(impairment) => {
            let (tcp_read, tcp_write) = impaired(impairment, tcp_read, tcp_write);
            // Boxed, so that streams without a fault are no larger for it.
            Box::pin(carry::<T>(tcp_read, tcp_write, &mut recv, &mut reply, entry)).await
        }
    };
    match carried {
        Ok(((), Answer::Delivered)) => {
            backend.settle();
            Ended::Whole
        }
        Ok(((), Answer::Unwanted)) => {
            backend.delivered().await;
            Ended::Unwanted
        }
        Err(Broken::ClientReset) => {
            reply.reset(close_code::CLIENT_RESET);
            Ended::ClientReset
        }
        Err(Broken::Backend(error)) => {
            refuse(reply, recv, close_code::BACKEND_RESET);
            Ended::BackendLost(error)
        }
        Err(Broken::Silence) => {
            refuse(reply, recv, close_code::SILENT_STREAM);
            Ended::Silent
        }
        Err(Broken::Connection) => Ended::ConnectionLost,
    }
}

/// Carries bytes between the halves of a stream and those of a connection.
async fn carry<T: TcpConnection>(
    tcp_read: impl AsyncRead + Unpin,
    tcp_write: impl AsyncWrite + AsRef<T> + Unpin,
    recv: &mut RecvStream,
    reply: &mut Reply,
    entry: &Entry,
) -> Result<((), Answer), Broken> {
    // Closed as soon as the download is over.
    let (answering, answered) = watch::channel(());
    let spoken = Spoken::default();
    let download = async {
        let _answering = answering;
        download(tcp_read, reply, &spoken, entry).await
    };
    let both = async { tokio::try_join!(upload::<T>(recv, tcp_write, answered, &spoken, entry), download) };
    tokio::select! {
        biased;
        carried = both => carried,
        () = spoken.never() => Err(Broken::Silence),
    }
}

/// Whether either side has said anything.
#[derive(Default)]
struct Spoken(AtomicBool);

impl Spoken {
    fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Ends if nobody has said anything for too long.
    async fn never(&self) {
        sleep(SILENCE).await;
        if self.0.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

/// Ends both halves of a stream with `code`.
fn refuse(mut reply: Reply, mut recv: RecvStream, code: VarInt) {
    reply.reset(code);
    // An error says that the client has ended this half by itself.
    let _ = recv.stop(code);
}

/// Ends a stream that never got a backend.
pub fn refuse_stream(send: SendStream, recv: RecvStream, code: VarInt) {
    refuse(Reply { stream: send, settled: false }, recv, code);
}

/// Client to backend.
async fn upload<T: TcpConnection>(
    recv: &mut RecvStream,
    mut tcp: impl AsyncWrite + AsRef<T> + Unpin,
    mut answered: watch::Receiver<()>,
    spoken: &Spoken,
    entry: &Entry,
) -> Result<(), Broken> {
    loop {
        let mut chunks: [Bytes; CHUNKS] = std::array::from_fn(|_| Bytes::new());
        let read = tokio::select! {
            biased;
            // First: a client that says much does not keep the loss unseen, since writing tells it too.
            read = recv.read_chunks(&mut chunks) => read?,
            () = lost_after_answer(tcp.as_ref(), &mut answered) => {
                let _ = recv.stop(close_code::BACKEND_CLOSED);
                return Ok(());
            }
        };
        spoken.now();
        let Some(count) = read else { break };
        let size = chunks.iter().map(Bytes::len).sum();
        // While the backend takes nothing, a reset must not wait behind the bytes that precede it.
        let written = {
            let mut writing = pin!(write_all(&mut tcp, &mut chunks[..count]));
            tokio::select! {
                biased;
                written = &mut writing => written,
                reset = reset_while_stuck(recv) => match reset {
                    Ok(Some(_)) => return Err(Broken::ClientReset),
                    Ok(None) => writing.await,
                    Err(ResetError::ConnectionLost(_) | ResetError::ZeroRttRejected) => return Err(Broken::Connection),
                },
            }
        };
        match written {
            Ok(()) => entry.sent_by_client(size),
            // The kernel says this only if the backend had ended its answer before it closed: that answer is whole.
            // (After a bare RST it says ConnectionReset, once; a read after that would look like a clean end.)
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                let _ = recv.stop(close_code::BACKEND_CLOSED);
                return Ok(());
            }
            Err(error) => return Err(Broken::Backend(error)),
        }
    }
    // Fails only if the connection is gone already, and then the other direction reads why.
    let _ = tcp.shutdown().await;
    Ok(())
}

/// Ends when the client resets its half, once the backend has taken nothing for a while.
///
/// Not from the start: quinn 0.11 keeps the waker of a reset that is no longer waited for. If the end of the stream had
/// come before, it stays in the connection until that ends; quinn's debug assertion about it (`RecvStream::drop`) is
/// switched off in the workspace's profile.
async fn reset_while_stuck(recv: &mut RecvStream) -> Result<Option<VarInt>, ResetError> {
    sleep(STUCK).await;
    recv.received_reset().await
}

/// Ends when the backend is lost although its answer is over. Until then the download is who learns of it: it must
/// first read what came before.
async fn lost_after_answer(tcp: &impl TcpConnection, answered: &mut watch::Receiver<()>) {
    while answered.changed().await.is_ok() {}
    if tcp.broken().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Writes every chunk, several with one call.
async fn write_all(tcp: &mut (impl AsyncWrite + Unpin), mut chunks: &mut [Bytes]) -> io::Result<()> {
    loop {
        let empty = chunks.iter().take_while(|chunk| chunk.is_empty()).count();
        chunks = chunks.get_mut(empty..).unwrap_or_default();
        if chunks.is_empty() {
            return Ok(());
        }
        let mut slices = [IoSlice::new(&[]); CHUNKS];
        for (slice, chunk) in slices.iter_mut().zip(chunks.iter()) {
            *slice = IoSlice::new(chunk);
        }
        let mut written = tcp.write_vectored(&slices).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        for chunk in chunks.iter_mut() {
            let taken = written.min(chunk.len());
            chunk.advance(taken);
            written -= taken;
        }
    }
}

/// Backend to client.
async fn download(
    mut tcp: impl AsyncRead + Unpin,
    reply: &mut Reply,
    spoken: &Spoken,
    entry: &Entry,
) -> Result<Answer, Broken> {
    let mut stopped = pin!(reply.stream.stopped());
    let mut buffer = BytesMut::new();
    loop {
        make_room(&mut buffer);
        let read = tokio::select! {
            biased;
            // First: a backend that says much does not keep the stop unseen, since writing tells it too.
            read = tcp.read_buf(&mut buffer) => read.map_err(Broken::Backend)?,
            stop = &mut stopped => {
                let code = stop.map_err(|_| Broken::Connection)?;
                reply.reset(code.unwrap_or(close_code::STOPPED));
                return Ok(Answer::Unwanted);
            }
        };
        spoken.now();
        if read == 0 {
            break;
        }
        match reply.stream.write_chunk(buffer.split().freeze()).await {
            Ok(()) => entry.sent_to_client(read),
            Err(WriteError::Stopped(code)) => {
                reply.reset(code);
                return Ok(Answer::Unwanted);
            }
            Err(WriteError::ConnectionLost(_) | WriteError::ClosedStream | WriteError::ZeroRttRejected) => {
                return Err(Broken::Connection);
            }
        }
    }
    reply.finish();
    // Until all of it is acknowledged the bridge counts as busy, so nobody closes the connection under it.
    stopped.await.map_err(|_| Broken::Connection)?;
    Ok(Answer::Delivered)
}

/// A chunk keeps its whole block alive until the client has it. So small answers share one: a backend that says little
/// at a time to a client that acknowledges nothing does not hold a block for each word.
fn make_room(buffer: &mut BytesMut) {
    if buffer.capacity() - buffer.len() < LEAST_ROOM {
        buffer.reserve(READ_SIZE);
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Reset(_) => Self::ClientReset,
            _ => Self::Connection,
        }
    }
}

/// The sending half of a stream. Dropped without [`Reply::finish`], it is reset, never ended cleanly.
struct Reply {
    stream: SendStream,
    settled: bool,
}

impl Reply {
    /// The answer is complete.
    fn finish(&mut self) {
        self.settled = true;
        // An error says that the client has stopped the stream or the connection is gone; both are seen elsewhere.
        let _ = self.stream.finish();
    }

    /// The answer is not complete and will not be.
    fn reset(&mut self, code: VarInt) {
        self.settled = true;
        let _ = self.stream.reset(code);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.settled {
            self.reset(close_code::INTERNAL);
        }
    }
}

/// A TCP connection to a backend that sends RST when it is dropped, unless its bridge ended whole.
pub struct Abortable<T>(T);

impl<T: TcpConnection> From<T> for Abortable<T> {
    fn from(stream: T) -> Self {
        Self(stream)
    }
}

impl<T: TcpConnection> Abortable<T> {
    /// Sends bytes before the client's first.
    pub async fn write_first(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// Both directions have ended: what is still on its way to the backend is delivered.
    fn settle(self) {
        self.0.end_cleanly();
    }

    /// Waits until the backend's machine has everything that was written: RST takes back what it has not. A backend
    /// that reads nothing is waited for as long as its QUIC connection lives; one that resets is not.
    async fn delivered(&self) {
        while self.0.unacknowledged().is_ok_and(|bytes| bytes > 0) {
            tokio::select! {
                biased;
                _ = self.0.broken() => return,
                () = sleep(DELIVERY_TICK) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_answers_share_a_block_of_memory() {
        let mut buffer = BytesMut::new();
        let mut kept = Vec::new();
        let mut blocks = 0;
        let mut next: *const u8 = std::ptr::null();
        for _ in 0..READ_SIZE {
            make_room(&mut buffer);
            assert!(buffer.capacity() >= LEAST_ROOM);
            buffer.extend_from_slice(b"x");
            let chunk = buffer.split().freeze();
            blocks += usize::from(chunk.as_ptr() != next);
            next = chunk.as_ptr().wrapping_add(1);
            kept.push(chunk);
        }
        assert!(blocks <= 2, "{blocks} blocks for {READ_SIZE} answers of one byte");
    }
}
