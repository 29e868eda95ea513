//! The call journal, as the admin door shows it: as a list, as a stream, and what was not simulated.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Admin, FOLLOWERS};
use crate::call_journal::{CallFilter, CallRecord, NotSimulated};
use crate::generated::clbsim as wire;

/// How many calls a stream has on its way to a client.
const ON_THEIR_WAY: usize = 64;

type Followed = Result<wire::Call, Status>;

pub(super) fn list(admin: &Admin, request: wire::ListCallsRequest) -> wire::ListCallsReply {
    let (filter, newest) = read(request);
    let page = admin.calls.list(&filter, newest);
    wire::ListCallsReply {
        calls: page.calls.iter().map(|call| view(call)).collect(),
        total: page.total,
        forgotten: page.forgotten,
    }
}

pub(super) fn follow(admin: &Admin, request: wire::ListCallsRequest) -> Result<ReceiverStream<Followed>, Status> {
    let place = Arc::clone(&admin.followers)
        .try_acquire_owned()
        .map_err(|_| Status::resource_exhausted(format!("{FOLLOWERS} clients follow a journal, which is the most")))?;
    let (sender, receiver) = mpsc::channel(ON_THEIR_WAY);
    tokio::spawn(send(admin.clone(), request, sender, place));
    Ok(ReceiverStream::new(receiver))
}

pub(super) fn list_not_simulated(admin: &Admin) -> wire::ListNotSimulatedReply {
    let view = |(what, count): (NotSimulated, u64)| wire::NotSimulated {
        service: what.service,
        action: what.action,
        argument: what.argument,
        rule: what.rule.to_owned(),
        count,
    };
    wire::ListNotSimulatedReply { not_simulated: admin.calls.not_simulated().into_iter().map(view).collect() }
}

/// Sends calls until the client has gone or the simulator stops.
async fn send(
    admin: Admin,
    request: wire::ListCallsRequest,
    sender: mpsc::Sender<Followed>,
    _place: OwnedSemaphorePermit,
) {
    let mut newest = admin.calls.subscribe();
    let mut stop = admin.stop.clone();
    let (mut filter, mut most) = read(request);
    loop {
        newest.mark_unchanged();
        let page = admin.calls.list(&filter, most);
        for call in page.calls {
            tokio::select! {
                sent = sender.send(Ok(view(&call))) => if sent.is_err() { return },
                _ = stop.changed() => return,
            }
        }
        (filter.after, most) = (filter.after.max(page.total), usize::MAX);
        tokio::select! {
            changed = newest.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
            _ = stop.changed() => return,
        }
    }
}

/// The filter, and how many calls of those that pass.
fn read(request: wire::ListCallsRequest) -> (CallFilter, usize) {
    let wire::ListCallsRequest { service, action, world, failed, after, newest } = request;
    let newest = newest.and_then(|newest| usize::try_from(newest).ok()).unwrap_or(usize::MAX);
    (CallFilter { service, action, world, failed, after }, newest)
}

fn view(record: &CallRecord) -> wire::Call {
    wire::Call {
        number: record.number,
        at: Some(super::timestamp(record.at)),
        request_id: record.request_id.clone(),
        account: record.account.clone(),
        service: record.service.clone(),
        action: record.action.clone(),
        region: record.region.clone(),
        error_code: record.error_code.clone(),
        took_seconds: record.took.as_secs_f64(),
        secret_id: record.secret_id.clone(),
        client: record.client.clone(),
        peer: record.peer.map(|peer| peer.to_string()).unwrap_or_default(),
        status: u32::from(record.status),
        rule: record.rule.to_owned(),
        fault: record.fault.map(|(id, _)| id),
        fault_effect: record.fault.map(|(_, effect)| effect.to_owned()).unwrap_or_default(),
        request_json: record.request.kept.clone(),
        request_bytes: record.request.bytes as u64,
        reply_json: record.reply.kept.clone(),
        reply_bytes: record.reply.bytes as u64,
    }
}
