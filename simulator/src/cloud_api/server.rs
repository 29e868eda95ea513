//! The HTTP side of the cloud API: connections and their bounds. What a request means is not here.
//!
//! HTTP/1.1, or HTTPS where that is asked for. Requests in absolute form (a client that uses us as its proxy) are taken
//! like any other; tunnels (CONNECT) are refused. Every other answer, unless a fault says otherwise, has status 200 and
//! exactly `application/json`, as official clients expect; none is compressed, whatever a client would take.

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
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::places::{Held, Place, Places};
use super::request::Asked;
use super::wire_rule::WireRule;
use super::{Answer, CloudApi};
use crate::config::door::Limits;

/// What all connections share.
struct Door {
    api: Arc<CloudApi>,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    large_bodies: Semaphore,
}

/// Serves until `stop` says so (or its sender is gone); then lets the calls that are being answered end.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    api: Arc<CloudApi>,
    limits: Limits,
    mut stop: watch::Receiver<()>,
) {
    let places = Places::new(limits.connections);
    let ending_within = limits.ending_within;
    let large_bodies = Semaphore::new(limits.large_bodies);
    let door = Arc::new(Door { api, tls, limits, large_bodies });
    let mut connections = JoinSet::new();
    loop {
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
        let held = tokio::select! {
            held = places.take() => held,
            _ = stop.changed() => break,
        };
        let (door, stop) = (Arc::clone(&door), stop.clone());
        connections.spawn(async move { connection(stream, held, door, stop).await });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = tokio::time::timeout(ending_within, async { while connections.join_next().await.is_some() {} }).await;
}

async fn connection(stream: TcpStream, held: Held, door: Arc<Door>, stop: watch::Receiver<()>) {
    // A reply is one small write; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok();
    let Some(tls) = door.tls.clone() else { return speak(stream, peer, &held, door, stop).await };
    let opened = tokio::select! {
        opened = tokio::time::timeout(door.limits.head_within, tls.accept(stream)) => opened,
        () = held.place().given_up() => return,
    };
    // An error is the client's: it has gone, does not speak TLS or does not trust us.
    if let Ok(Ok(stream)) = opened {
        speak(stream, peer, &held, door, stop).await;
    }
}

/// The answer of the cloud API is lost on purpose: hyper closes the connection.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer is lost by an injected fault")]
struct Lost;

/// Speaks HTTP until one side has enough, the client makes us wait too long, or another is given its place.
async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: Option<SocketAddr>,
    held: &Held,
    door: Arc<Door>,
    mut stop: watch::Receiver<()>,
) {
    let (place, limits) = (Arc::clone(held.place()), door.limits.clone());
    let service = service_fn(move |request| {
        let (door, place) = (Arc::clone(&door), Arc::clone(&place));
        async move { answer(&door, &place, peer, request).await }
    });
    let mut http = http1::Builder::new();
    // How long a head may take is counted here, and with it how long an answer may take to be taken. A client that closes
    // its side has given up: which of both it has closed cannot be told before an answer is sent.
    http.header_read_timeout(None)
        .max_headers(limits.headers)
        .max_header_size(limits.head)
        .max_buf_size(limits.head.max(8192));
    let mut serving = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut stopping = false;
    loop {
        let since = held.place().waiting_since();
        if since.is_some_and(|since| since.elapsed() >= limits.head_within) {
            return;
        }
        tokio::select! {
            // An error is the client's: it has gone, or does not speak HTTP.
            _ = serving.as_mut() => return,
            () = held.place().given_up() => return,
            () = tokio::time::sleep_until(since.unwrap_or_else(Instant::now) + limits.head_within) => {}
            _ = stop.changed(), if !stopping => {
                stopping = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    door: &Door,
    place: &Place,
    peer: Option<SocketAddr>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    if head.method == Method::CONNECT {
        return Ok(no_tunnel());
    }
    place.wait();
    let large = body.size_hint().upper().is_none_or(|bytes| bytes > door.limits.large_body);
    // Held until the answer is there, as the body is.
    let _large = if large { door.large_bodies.acquire().await.ok() } else { None };
    let body = read(body, &door.limits).await;
    place.work();
    let asked = Asked { method: &head.method, target: &head.uri, headers: &head.headers, peer, body };
    let answer = door.api.answer(asked).await;
    place.wait();
    match answer {
        Answer::Given { status, body, is_json } => Ok(response(status, body, is_json)),
        Answer::Lost => Err(Lost),
    }
}

/// With status 200 the client would take us for a tunnel and start TLS in it.
fn no_tunnel() -> Response<Full<Bytes>> {
    let text = "clb-simulator is no tunnel. Use it as HTTP_PROXY with protocol HTTP, or start it with --https and reach it \
                by name.\n";
    response(StatusCode::METHOD_NOT_ALLOWED.as_u16(), text.into(), false)
}

fn response(status: u16, body: Vec<u8>, is_json: bool) -> Response<Full<Bytes>> {
    let content_type = if is_json { "application/json" } else { "text/plain" };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The body, or what is wrong with it.
async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, (WireRule, String)> {
    let collected = tokio::time::timeout(limits.body_within, Limited::new(body, limits.body).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((WireRule::BodySize, format!("the body has more than {} bytes", limits.body)))
        }
        Ok(Err(_)) => Err((WireRule::Request, "the body could not be read".to_owned())),
        Err(_) => Err((WireRule::Request, format!("the body did not arrive within {:?}", limits.body_within))),
    }
}
