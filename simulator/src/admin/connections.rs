//! The connection journal, as the admin door shows it.

use super::Admin;
use crate::data_plane::journal::ConnectionRecord;
use crate::generated::clbsim::{Connection, ConnectionTotals, ListConnectionsReply, ListConnectionsRequest};

pub(super) fn list(admin: &Admin, request: &ListConnectionsRequest) -> ListConnectionsReply {
    let totals = admin.connections.totals();
    let listener_id = request.listener_id.as_str();
    let wanted =
        |record: &ConnectionRecord| listener_id.is_empty() || record.opening.listener_id.as_str() == listener_id;
    ListConnectionsReply {
        connections: admin.connections.list().into_iter().filter(wanted).map(view).collect(),
        totals: Some(ConnectionTotals {
            opened: totals.opened,
            closed: totals.closed,
            failed_handshakes: totals.failed_handshakes,
            refused: totals.refused,
            forgotten: totals.forgotten,
        }),
    }
}

fn view(record: ConnectionRecord) -> Connection {
    Connection {
        number: record.number,
        load_balancer_id: record.opening.load_balancer_id.to_string(),
        listener_id: record.opening.listener_id.to_string(),
        client: record.opening.client.to_string(),
        alpn: record.opening.alpn,
        server_name: record.opening.server_name,
        backend: record.backend.map(|backend| backend.to_string()),
        opened: Some(super::timestamp(record.opened)),
        closed: record.closed.as_ref().map(|closed| super::timestamp(closed.at)),
        close_reason: record.closed.map(|closed| closed.reason).unwrap_or_default(),
        streams: record.streams,
        bytes_from_client: record.bytes_from_client,
        bytes_to_client: record.bytes_to_client,
        notes: record.notes,
    }
}
