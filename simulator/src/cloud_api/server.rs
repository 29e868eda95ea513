//! The HTTP side of the cloud API: connections and their bounds. What a request means is not here.
//!
//! HTTP/1.1 without TLS: the door is for this machine. Requests in absolute form (a client that uses us as its proxy)
//! are taken like any other; tunnels (CONNECT) are refused. Every other answer, unless a fault
//! says otherwise, has status 200 and exactly
//! `application/json`, as official clients expect.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::wire_rule::WireRule;
use super::{Answer, Asked, CloudApi};

/// Connections at a time; further ones wait in the kernel's queue.
const CONNECTIONS: usize = 1024;
/// The longest body of a request (INTL 608/33031).
const LONGEST_BODY: usize = 10 * 1024 * 1024;
/// Bodies longer than this, or of a length that is not announced, are large. Of those only some are read at a time, so
/// that clients cannot make us hold 10 MB for every connection. No ordinary call has one.
const LARGE_BODY: u64 = 64 * 1024;
const LARGE_BODIES: usize = 16;
/// The most header fields, and the most bytes of them and the request line.
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 64 * 1024;
/// How long the head of a request, and then its body, may take to arrive. An idle connection ends after the first.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
const BODY_WITHIN: Duration = Duration::from_secs(30);
/// How long calls that are being answered may take when the simulator stops.
const ENDING_WITHIN: Duration = Duration::from_secs(5);

/// What all connections share.
struct Door {
    api: Arc<CloudApi>,
    large_bodies: Semaphore,
}

/// Serves until `stop` says so (or its sender is gone); then lets the calls that are being answered end.
pub async fn serve(listener: TcpListener, api: Arc<CloudApi>, mut stop: watch::Receiver<()>) {
    let door = Arc::new(Door { api, large_bodies: Semaphore::new(LARGE_BODIES) });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            place = Arc::clone(&room).acquire_owned() => place,
            _ = stop.changed() => break,
        };
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, or the client has gone already: others may still come.
                    tracing::warn!(%error, "a connection of the cloud API was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        let (door, stop) = (Arc::clone(&door), stop.clone());
        connections.spawn(async move {
            connection(stream, door, stop).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = tokio::time::timeout(ENDING_WITHIN, async { while connections.join_next().await.is_some() {} }).await;
}

async fn connection(stream: TcpStream, door: Arc<Door>, mut stop: watch::Receiver<()>) {
    // A reply is one small write; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok();
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { answer(&door, peer, request).await }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_headers(HEADERS).max_buf_size(HEADER_BYTES);
    let mut serving = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // An error is the client's: it has gone, or does not speak HTTP.
        _ = serving.as_mut() => return,
        _ = stop.changed() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

/// The answer of the cloud API is lost on purpose: hyper closes the connection.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer is lost by an injected fault")]
struct Lost;

async fn answer(
    door: &Door,
    peer: Option<SocketAddr>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    if head.method == Method::CONNECT {
        // With status 200 the client would take us for a tunnel and start TLS in it.
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        return Ok(response);
    }
    let large = body.size_hint().upper().is_none_or(|bytes| bytes > LARGE_BODY);
    // Held until the answer is there, as the body is.
    let _place = if large { door.large_bodies.acquire().await.ok() } else { None };
    let body = read(body).await;
    let asked = Asked { method: head.method.as_str(), headers: &head.headers, peer, body };
    match door.api.answer(asked).await {
        Answer::Given { status, body, is_json } => Ok(response(status, body, is_json)),
        Answer::Lost => Err(Lost),
    }
}

fn response(status: u16, body: Vec<u8>, is_json: bool) -> Response<Full<Bytes>> {
    let content_type = if is_json { "application/json" } else { "text/plain" };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The body, or what is wrong with it.
async fn read(body: Incoming) -> Result<Bytes, (WireRule, &'static str)> {
    let collected = tokio::time::timeout(BODY_WITHIN, Limited::new(body, LONGEST_BODY).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err((WireRule::BodySize, "the body has more than 10 MB")),
        Ok(Err(_)) => Err((WireRule::Request, "the body could not be read")),
        Err(_) => Err((WireRule::Request, "the body did not arrive within 30 seconds")),
    }
}
