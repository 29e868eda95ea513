//! Connections to backends that are not what they should be: slow, broken off, or ended at the wrong time, as
//! [`crate::faults::backends`] decides. Wrapped round the two halves of a connection, they look to the bridge like a
//! backend that behaves so.
//!
//! Not here: connections that are refused or not answered, which are not made in the first place.

use std::future::Future;
use std::io;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::faults::backends::{AnswerEnd, Impairment, Slowness};

/// Most bytes of one piece.
const PIECE: usize = 16 << 10;
/// Pieces of a slow direction are as small as what passes in this time.
const BEAT: u64 = 20;

/// The reading half of an impaired connection: what the backend says.
pub struct Answers<R> {
    inner: R,
    pace: Pace,
    end: AnswerEnd,
    life: Life,
    /// Bytes that were passed on.
    passed: u64,
    /// What the backend has said and was not passed on.
    held: BytesMut,
    /// The backend has ended its answer.
    is_ended: bool,
}

/// The writing half of an impaired connection: what the client says.
pub struct Requests<W> {
    inner: W,
    pace: Pace,
    life: Life,
    /// The next piece has been held back for its time.
    has_waited: bool,
}

/// The halves of a connection, impaired from now on.
pub fn impaired<R, W>(impairment: &Impairment, reading: R, writing: W) -> (Answers<R>, Requests<W>) {
    let now = Instant::now();
    let life = || Life(impairment.reset_after.map(|life| Box::pin(sleep_until(now + life))));
    let answers = Answers {
        inner: reading,
        pace: Pace::new(impairment.answers),
        end: impairment.end,
        life: life(),
        passed: 0,
        held: BytesMut::new(),
        is_ended: false,
    };
    let pace = Pace::new(impairment.requests);
    (answers, Requests { inner: writing, pace, life: life(), has_waited: false })
}

/// When a connection breaks.
struct Life(Option<Pin<Box<Sleep>>>);

impl Life {
    fn check(&mut self, cx: &mut Context) -> io::Result<()> {
        let is_over = self.0.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready());
        if is_over { Err(reset()) } else { Ok(()) }
    }
}

/// What the bridge is told of a connection that the backend resets.
fn reset() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "reset by a fault of the simulator")
}

/// How fast a direction is.
struct Pace {
    rate: Option<NonZeroU64>,
    delay: Duration,
    rest: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new(slowness: Slowness) -> Self {
        Self { rate: slowness.rate, delay: slowness.delay, rest: None }
    }

    /// Most bytes of the next piece.
    fn piece(&self) -> usize {
        self.rate.map_or(PIECE, |rate| usize::try_from(rate.get() / BEAT).unwrap_or(PIECE).clamp(1, PIECE))
    }

    fn rest(&mut self, time: Duration) {
        if !time.is_zero() {
            self.rest = Some(Box::pin(sleep_until(Instant::now() + time)));
        }
    }

    /// So many bytes have passed: the next have to wait until these would be through.
    fn passed(&mut self, bytes: usize) {
        if let Some(rate) = self.rate {
            let nanoseconds = (bytes as u64).saturating_mul(1_000_000_000) / rate;
            self.rest(Duration::from_nanos(nanoseconds));
        }
    }

    fn poll_rested(&mut self, cx: &mut Context) -> Poll<()> {
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(cx));
            self.rest = None;
        }
        Poll::Ready(())
    }
}

impl<R: AsyncRead + Unpin> Answers<R> {
    /// How many bytes more may pass before the end; what the end is, when none.
    fn left(&self) -> Result<usize, io::Result<()>> {
        let (limit, end) = match self.end {
            AnswerEnd::ResetAfter(limit) => (limit, Err(reset())),
            AnswerEnd::EndAfter(limit) => (limit, Ok(())),
            AnswerEnd::AsItIs | AnswerEnd::Never => return Ok(usize::MAX),
        };
        match limit.saturating_sub(self.passed) {
            0 => Err(end),
            left => Ok(usize::try_from(left).unwrap_or(usize::MAX)),
        }
    }

    /// Takes the next piece from the backend.
    fn poll_take(&mut self, cx: &mut Context) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let mut room = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut room))?;
        self.held.extend_from_slice(room.filled());
        self.is_ended = room.filled().is_empty();
        if !self.is_ended {
            self.pace.rest(self.pace.delay);
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Answers<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let me = &mut *self;
        loop {
            me.life.check(cx)?;
            let left = match me.left() {
                Ok(left) => left,
                Err(end) => return Poll::Ready(end),
            };
            ready!(me.pace.poll_rested(cx));
            let length = me.held.len().min(buf.remaining()).min(me.pace.piece()).min(left);
            if length > 0 {
                buf.put_slice(me.held.get(..length).unwrap_or_default());
                me.held.advance(length);
                me.passed += length as u64;
                me.pace.passed(length);
                return Poll::Ready(Ok(()));
            }
            if buf.remaining() == 0 || me.is_ended && me.end != AnswerEnd::Never {
                return Poll::Ready(Ok(()));
            }
            if me.is_ended {
                // Only the end of the connection's life, if it has one, wakes who waits here.
                return Poll::Pending;
            }
            ready!(me.poll_take(cx))?;
        }
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Requests<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let me = &mut *self;
        me.life.check(cx)?;
        ready!(me.pace.poll_rested(cx));
        if !me.has_waited {
            me.has_waited = true;
            me.pace.rest(me.pace.delay);
            ready!(me.pace.poll_rested(cx));
        }
        let piece = buf.get(..buf.len().min(me.pace.piece())).unwrap_or_default();
        let written = ready!(Pin::new(&mut me.inner).poll_write(cx, piece))?;
        me.has_waited = false;
        me.pace.passed(written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl<T, W: AsRef<T>> AsRef<T> for Requests<W> {
    fn as_ref(&self) -> &T {
        self.inner.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn through(impairment: &Impairment) -> (Answers<DuplexStream>, Requests<DuplexStream>, DuplexStream, DuplexStream) {
        let ((reading, said), (writing, heard)) = (duplex(1 << 20), duplex(1 << 20));
        let (answers, requests) = impaired(impairment, reading, writing);
        (answers, requests, said, heard)
    }

    fn slow(rate: u64, delay: Duration) -> Slowness {
        Slowness { rate: NonZeroU64::new(rate), delay }
    }

    #[tokio::test]
    async fn a_slow_direction_takes_its_time_and_loses_nothing() {
        let slowness = slow(200_000, Duration::ZERO);
        let impairment = Impairment { requests: slowness, answers: slowness, ..Impairment::default() };
        let (mut answers, mut requests, mut said, mut heard) = through(&impairment);
        let bytes: Vec<u8> = (0..20_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let start = Instant::now();
        said.write_all(&bytes).await.expect("room");
        said.shutdown().await.expect("open");
        let mut got = Vec::new();
        answers.read_to_end(&mut got).await.expect("whole");
        assert!(got == bytes);
        // The last piece is not waited for.
        let least = Duration::from_millis(50);
        assert!(start.elapsed() >= least, "{:?}", start.elapsed());
        requests.write_all(&bytes).await.expect("open");
        drop(requests);
        let mut got = Vec::new();
        heard.read_to_end(&mut got).await.expect("whole");
        assert!(got == bytes && start.elapsed() >= least * 2, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn a_piece_is_held_back_for_its_delay() {
        let delay = Duration::from_millis(30);
        let slowness = slow(0, delay);
        let impairment = Impairment { requests: slowness, answers: slowness, ..Impairment::default() };
        let (mut answers, mut requests, mut said, mut heard) = through(&impairment);
        let start = Instant::now();
        let mut got = [0; 5];
        for round in 1..=2 {
            requests.write_all(b"hello").await.expect("open");
            heard.read_exact(&mut got).await.expect("whole");
            said.write_all(b"hello").await.expect("room");
            answers.read_exact(&mut got).await.expect("whole");
            assert!(start.elapsed() >= delay * 2 * round, "{:?}", start.elapsed());
        }
    }

    #[tokio::test]
    async fn an_answer_ends_where_it_is_told_to() {
        let ends = async |end| {
            let (mut answers, _requests, mut said, _heard) = through(&Impairment { end, ..Impairment::default() });
            said.write_all(b"hello").await.expect("room");
            drop(said);
            let mut got = Vec::new();
            let read = tokio::time::timeout(Duration::from_millis(100), answers.read_to_end(&mut got)).await;
            (got, read.ok().map(|read| read.map_err(|error| error.kind())))
        };
        let whole = |bytes: &[u8]| (bytes.to_vec(), Some(Ok(bytes.len())));
        assert_eq!(ends(AnswerEnd::AsItIs).await, whole(b"hello"));
        assert_eq!(ends(AnswerEnd::EndAfter(2)).await, whole(b"he"));
        assert_eq!(ends(AnswerEnd::EndAfter(0)).await, whole(b""));
        let reset = Some(Err(io::ErrorKind::ConnectionReset));
        assert_eq!(ends(AnswerEnd::ResetAfter(3)).await, (b"hel".to_vec(), reset));
        assert_eq!(ends(AnswerEnd::ResetAfter(0)).await, (Vec::new(), reset));
        assert_eq!(ends(AnswerEnd::Never).await, (b"hello".to_vec(), None));
    }

    #[tokio::test]
    async fn a_connection_breaks_when_its_time_is_over() {
        let reset_after = Some(Duration::from_millis(200));
        let impairment = Impairment { reset_after, end: AnswerEnd::Never, ..Impairment::default() };
        let (mut answers, mut requests, said, _heard) = through(&impairment);
        drop(said);
        let start = Instant::now();
        requests.write_all(b"hello").await.expect("it lives");
        let error = answers.read_u8().await.expect_err("broken");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert!(start.elapsed() >= Duration::from_millis(190), "{:?}", start.elapsed());
        assert_eq!(requests.write_all(b"hello").await.map_err(|error| error.kind()), Err(error.kind()));
    }
}
