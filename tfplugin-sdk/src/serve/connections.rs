//! From a listening socket to connections that speak gRPC, and how many of them are open.
//!
//! Each is a task of its own, with a deadline for its TLS handshake, so that a silent stranger does not keep Terraform
//! waiting. Not here: which call is whose (`services`).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time;
use tokio_rustls::TlsAcceptor;

use super::Ends;
use super::services::Services;

/// Handshakes under way at once; further connections wait in the socket's queue.
const MAX_HANDSHAKES: usize = 64;

/// Time for one TLS handshake. Terraform's takes a few milliseconds.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);

/// Pause after a failed accept, which is a lack of file descriptors or memory and passes or does not.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bytes in flight per stream and connection; HTTP/2's own 64 KiB make large values slow.
const WINDOW: u32 = 1 << 20;

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

    /// Counts one more until it is dropped.
    fn one(&self) -> One {
        self.0.send_modify(|open| *open += 1);
        One(self.clone())
    }
}

/// An open connection.
struct One(Open);

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}

/// Serves all who connect until `ends`, then answers what is under way.
pub(super) async fn serve(
    listener: &UnixListener,
    tls: Option<TlsAcceptor>,
    open: &Open,
    services: &Services,
    ends: &Ends,
) {
    let handshakes = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = ends.reached() => break,
            // Only so that those that have ended are forgotten.
            Some(_) = connections.join_next() => {}
            (socket, permit) = next(listener, &handshakes) => {
                let (tls, open, services, ends) = (tls.clone(), open.clone(), services.clone(), ends.clone());
                connections.spawn(async move {
                    let greeted = tokio::select! {
                        () = ends.reached() => None,
                        greeted = greet(socket, tls, permit) => greeted,
                    };
                    if let Some(io) = greeted {
                        let _open = open.one();
                        hold(io, services, &ends).await;
                    }
                });
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

/// The next connection, and the right to shake hands with it.
async fn next(listener: &UnixListener, handshakes: &Arc<Semaphore>) -> (UnixStream, OwnedSemaphorePermit) {
    let permit = Arc::clone(handshakes).acquire_owned().await.expect("nobody closes the semaphore");
    loop {
        match listener.accept().await {
            Ok((socket, _)) => return (socket, permit),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection, from accepted to ready; a refused one is only logged.
async fn greet(socket: UnixStream, tls: Option<TlsAcceptor>, _permit: OwnedSemaphorePermit) -> Option<Box<dyn Io>> {
    let Some(acceptor) = tls else { return Some(Box::new(socket)) };
    match time::timeout(HANDSHAKE_DEADLINE, acceptor.accept(socket)).await {
        Ok(Ok(encrypted)) => return Some(Box::new(encrypted)),
        Ok(Err(error)) => tracing::warn!(%error, "refused a connection"),
        Err(_) => tracing::warn!("refused a connection that did not finish its TLS handshake"),
    }
    None
}

/// Speaks HTTP/2 with one that has been let in, until either side ends it.
async fn hold(io: Box<dyn Io>, services: Services, ends: &Ends) {
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(io), services)
    );
    let served = tokio::select! {
        served = &mut connection => served,
        () = ends.reached() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Plain or encrypted: HTTP/2 is compiled once for both.
trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_is_left_alone_only_while_nobody_is_connected() {
        let open = Open::none();
        let connection = open.one();
        let soon = Duration::from_millis(10);
        let connected = time::timeout(soon * 3, open.left_alone_for(soon)).await;
        assert!(connected.is_err(), "a connection is open");
        drop(connection);
        open.left_alone_for(soon).await;
    }
}
