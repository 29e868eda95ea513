//! From a listening socket to connections that may speak gRPC, and how many of them are open.
//!
//! Each TLS handshake is a task of its own with a deadline, so that a silent stranger does not keep Terraform waiting.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time;
use tokio_rustls::TlsAcceptor;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// Handshakes under way at once; further connections wait in the socket's queue.
const MAX_HANDSHAKES: usize = 64;

/// Time for one TLS handshake. Terraform's takes a few milliseconds.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Pause after a failed accept, which is a lack of file descriptors or memory and passes or does not.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections are open. Strangers that were refused do not count.
#[derive(Clone, Debug)]
pub(super) struct Open(watch::Sender<usize>);

impl Open {
    /// None yet.
    pub(super) fn none() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Waits until no connection has been open for `time` on end.
    pub(super) async fn left_alone_for(&self, time: Duration) {
        let mut open = self.0.subscribe();
        loop {
            // `self` holds the sender, so waiting cannot fail.
            let _ = open.wait_for(|open| *open == 0).await;
            if time::timeout(time, open.wait_for(|open| *open > 0)).await.is_err() {
                return;
            }
        }
    }
}

/// Accepts connections until the stream is dropped.
pub(super) fn accept(
    listener: UnixListener,
    tls: Option<TlsAcceptor>,
    open: Open,
) -> impl Stream<Item = io::Result<Connection>> {
    let (ready, stream) = mpsc::channel(MAX_HANDSHAKES);
    tokio::spawn(async move {
        tokio::select! {
            () = ready.closed() => {}
            () = accept_all(&listener, tls, &open, &ready) => {}
        }
    });
    ReceiverStream::new(stream)
}

async fn accept_all(
    listener: &UnixListener,
    tls: Option<TlsAcceptor>,
    open: &Open,
    ready: &mpsc::Sender<io::Result<Connection>>,
) {
    let handshakes = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    loop {
        let Ok(permit) = Arc::clone(&handshakes).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((socket, _)) => {
                tokio::spawn(greet(socket, tls.clone(), open.clone(), ready.clone(), permit));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection, from accepted to ready; a refused one is only logged.
async fn greet(
    socket: UnixStream,
    tls: Option<TlsAcceptor>,
    open: Open,
    ready: mpsc::Sender<io::Result<Connection>>,
    _permit: OwnedSemaphorePermit,
) {
    let io: Box<dyn Io> = match tls {
        None => Box::new(socket),
        Some(acceptor) => match time::timeout(HANDSHAKE_DEADLINE, acceptor.accept(socket)).await {
            Ok(Ok(encrypted)) => Box::new(encrypted),
            Ok(Err(error)) => return tracing::warn!(%error, "refused a connection"),
            Err(_) => return tracing::warn!("refused a connection that did not finish its TLS handshake"),
        },
    };
    // Nobody takes it any more when the server is ending.
    let _ = ready.send(Ok(Connection::new(io, open))).await;
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection that has been let in; counted while it lives.
pub(super) struct Connection {
    io: Box<dyn Io>,
    open: Open,
}

impl Connection {
    fn new(io: Box<dyn Io>, open: Open) -> Self {
        open.0.send_modify(|open| *open += 1);
        Self { io, open }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.0.send_modify(|open| *open -= 1);
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_is_left_alone_only_while_nobody_is_connected() {
        let open = Open::none();
        let connection = Connection::new(Box::new(tokio::io::duplex(1).0), open.clone());
        let soon = Duration::from_millis(10);
        let connected = time::timeout(soon * 3, open.left_alone_for(soon)).await;
        assert!(connected.is_err(), "a connection is open");
        drop(connection);
        open.left_alone_for(soon).await;
    }
}
