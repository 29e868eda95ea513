//! The connection journal, as the admin door shows it: as a list and as a stream.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use clb_model::forwarding::BackendAddress;
use clb_model::id::ListenerId;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Admin, FOLLOWERS};
use crate::data_plane::counters::Label;
use crate::data_plane::journal::{AttemptKind, Change, ConnectionRecord, Ending, FailedAttempt};
use crate::generated::clbsim as wire;

/// How many changes a stream has on its way to a client.
const ON_THEIR_WAY: usize = 64;

type Followed = Result<wire::ConnectionEvent, Status>;

pub(super) fn list(admin: &Admin, request: &wire::ListConnectionsRequest) -> wire::ListConnectionsReply {
    let totals = admin.connections.totals();
    let newest = request.newest.and_then(|newest| usize::try_from(newest).ok()).unwrap_or(usize::MAX);
    let connections = admin.connections.list().into_iter().filter(|it| is_of(request, &it.opening.listener_id));
    let attempts = admin.connections.failed_attempts().into_iter().filter(|it| is_of(request, &it.listener_id));
    wire::ListConnectionsReply {
        connections: newest_of(connections.collect(), newest).map(view).collect(),
        totals: Some(wire::ConnectionTotals {
            opened: totals.opened,
            closed: totals.closed,
            failed_handshakes: totals.failed_handshakes,
            refused: totals.refused,
            forgotten: totals.forgotten,
        }),
        failed_attempts: newest_of(attempts.collect(), newest).map(view_attempt).collect(),
    }
}

pub(super) fn follow(admin: &Admin, request: wire::ListConnectionsRequest) -> Result<ReceiverStream<Followed>, Status> {
    let place = Arc::clone(&admin.followers)
        .try_acquire_owned()
        .map_err(|_| Status::resource_exhausted(format!("{FOLLOWERS} clients follow a journal, which is the most")))?;
    let (sender, receiver) = mpsc::channel(ON_THEIR_WAY);
    tokio::spawn(send(admin.clone(), request, sender, place));
    Ok(ReceiverStream::new(receiver))
}

/// Sends changes until the client has gone or the simulator stops.
async fn send(
    admin: Admin,
    request: wire::ListConnectionsRequest,
    sender: mpsc::Sender<Followed>,
    _place: OwnedSemaphorePermit,
) {
    let mut revision = admin.connections.subscribe();
    let mut stop = admin.stop.clone();
    let (mut seen, mut most) = (0, request.newest.and_then(|newest| usize::try_from(newest).ok()));
    loop {
        revision.mark_unchanged();
        let (changes, now) = admin.connections.changes(seen);
        let wanted = changes.into_iter().filter(|change| is_of(&request, listener_of(change))).collect();
        for change in newest_of(wanted, most.take().unwrap_or(usize::MAX)) {
            tokio::select! {
                biased;
                sent = sender.send(Ok(view_change(change))) => if sent.is_err() { return },
                _ = stop.changed() => return,
            }
        }
        seen = now;
        tokio::select! {
            biased;
            newer = revision.changed() => if newer.is_err() { return },
            () = sender.closed() => return,
            _ = stop.changed() => return,
        }
    }
}

fn is_of(request: &wire::ListConnectionsRequest, listener_id: &ListenerId) -> bool {
    request.listener_id.is_empty() || request.listener_id == listener_id.as_str()
}

fn listener_of(change: &Change) -> &ListenerId {
    match change {
        Change::Connection(record) => &record.opening.listener_id,
        Change::FailedAttempt(attempt) => &attempt.listener_id,
    }
}

fn newest_of<T>(all: Vec<T>, newest: usize) -> impl Iterator<Item = T> {
    let skipped = all.len().saturating_sub(newest);
    all.into_iter().skip(skipped)
}

fn view_change(change: Change) -> wire::ConnectionEvent {
    match change {
        Change::Connection(record) => {
            wire::ConnectionEvent { connection: Some(view(*record)), ..wire::ConnectionEvent::default() }
        }
        Change::FailedAttempt(attempt) => {
            wire::ConnectionEvent { failed_attempt: Some(view_attempt(attempt)), ..wire::ConnectionEvent::default() }
        }
    }
}

fn view(record: ConnectionRecord) -> wire::Connection {
    let (closed, Ending { code, reason, .. }, closed_by) = match record.closed {
        Some(closed) => (Some(super::timestamp(closed.at)), closed.ending.clone(), closed.ending.by.word()),
        None => (None, Ending::by_silence(""), ""),
    };
    wire::Connection {
        number: record.number,
        load_balancer_id: record.opening.load_balancer_id.to_string(),
        listener_id: record.opening.listener_id.to_string(),
        client: record.opening.client.to_string(),
        alpn: record.opening.alpn.map(Vec::from),
        server_name: record.opening.server_name.map(String::from),
        backend: record.backend.map(|backend| backend.to_string()),
        opened: Some(super::timestamp(record.opened)),
        closed,
        close_reason: reason.into_owned(),
        streams: record.streams,
        bytes_from_client: record.bytes_from_client,
        bytes_to_client: record.bytes_to_client,
        notes: record.notes,
        close_code: code,
        closed_by: closed_by.to_owned(),
        streams_open: record.streams_open,
        streams_reset: record.streams_reset,
        client_certificate_subject: record.opening.certificate_subject.map(String::from),
        moves: record.moves.into_iter().map(view_move).collect(),
        earlier_backends: record.earlier_backends.into_iter().map(view_earlier).collect(),
    }
}

fn view_move((at, client): (SystemTime, SocketAddr)) -> wire::ClientMove {
    wire::ClientMove { at: Some(super::timestamp(at)), client: client.to_string() }
}

fn view_earlier((until, backend): (SystemTime, BackendAddress)) -> wire::EarlierBackend {
    wire::EarlierBackend { until: Some(super::timestamp(until)), backend: backend.to_string() }
}

fn view_attempt(attempt: FailedAttempt) -> wire::FailedAttempt {
    let (kind, class) = match attempt.kind {
        AttemptKind::Handshake(failure) => ("handshake", failure.name()),
        AttemptKind::Refused(refused) => ("refused", refused.name()),
    };
    wire::FailedAttempt {
        at: Some(super::timestamp(attempt.at)),
        load_balancer_id: attempt.load_balancer_id.to_string(),
        listener_id: attempt.listener_id.to_string(),
        client: attempt.client.to_string(),
        kind: kind.to_owned(),
        class: class.to_owned(),
        code: attempt.ending.code,
        closed_by: attempt.ending.by.word().to_owned(),
        reason: attempt.ending.reason.into_owned(),
    }
}
