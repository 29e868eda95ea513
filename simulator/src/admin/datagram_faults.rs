//! Faults of datagrams, as the admin door takes and shows them.

use tokio::time::Instant;
use tonic::Status;

use super::Admin;
use crate::faults::datagrams::{DatagramDraft, DatagramEffect, DatagramFault, Datagrams, Direction};
use crate::faults::{Listed, Occasions};
use crate::generated::clbsim as wire;

pub(super) fn add(admin: &Admin, request: wire::DatagramFault) -> Result<wire::AddDatagramFaultReply, Status> {
    if request.id != 0 || request.matched != 0 || request.hits != 0 {
        return Err(Status::invalid_argument("id, matched and hits are given by the simulator: leave them out"));
    }
    let fault = read(request).check().map_err(|error| Status::invalid_argument(error.to_string()))?;
    let added = admin.traffic_faults.datagrams.add(fault, Instant::now());
    let id = added.map_err(|error| Status::resource_exhausted(error.to_string()))?;
    Ok(wire::AddDatagramFaultReply { id })
}

pub(super) fn list(admin: &Admin) -> wire::ListDatagramFaultsReply {
    let faults = &admin.traffic_faults.datagrams;
    wire::ListDatagramFaultsReply {
        faults: faults.list().into_iter().map(view).collect(),
        overflowed: faults.overflowed(),
    }
}

pub(super) fn remove(
    admin: &Admin,
    request: wire::RemoveDatagramFaultRequest,
) -> Result<wire::RemoveDatagramFaultReply, Status> {
    if admin.traffic_faults.datagrams.remove(request.id) {
        return Ok(wire::RemoveDatagramFaultReply {});
    }
    Err(Status::not_found(format!("there is no fault of datagrams {}", request.id)))
}

pub(super) fn clear(admin: &Admin) -> wire::ClearDatagramFaultsReply {
    wire::ClearDatagramFaultsReply { removed: admin.traffic_faults.datagrams.clear() as u64 }
}

fn read(request: wire::DatagramFault) -> DatagramDraft {
    DatagramDraft {
        listener: request.listener_id,
        client: request.client,
        direction: request.direction,
        longer_than: request.longer_than,
        after: request.after,
        count: request.count,
        probability: request.probability,
        seed: request.seed,
        lasting: request.for_seconds,
        lose: request.lose,
        duplicate: request.duplicate,
        delay: request.delay_seconds,
        jitter: request.jitter_seconds,
        reorder: request.reorder,
        rebind: request.rebind,
    }
}

fn view(listed: Listed<DatagramFault>) -> wire::DatagramFault {
    let DatagramFault { datagrams, occasions, lasting, effect } = listed.fault;
    let Datagrams { listener, client, direction, longer_than } = datagrams;
    let Occasions { after, count, share } = occasions;
    let direction = direction.map_or("", |direction| match direction {
        Direction::FromClients => "from_clients",
        Direction::ToClients => "to_clients",
    });
    let mut shown = wire::DatagramFault {
        id: listed.id,
        listener_id: listener.unwrap_or_default(),
        client: client.map(|filter| filter.to_string()).unwrap_or_default(),
        direction: direction.to_owned(),
        longer_than: longer_than.and_then(|bytes| u32::try_from(bytes).ok()),
        after,
        count,
        probability: share.map(|(share, _)| share),
        seed: share.map(|(_, seed)| seed),
        for_seconds: lasting.map(|lasting| lasting.as_secs_f64()),
        matched: listed.tally.matched,
        hits: listed.tally.hits,
        ..wire::DatagramFault::default()
    };
    match effect {
        DatagramEffect::Lose => shown.lose = true,
        DatagramEffect::Duplicate(copies) => shown.duplicate = copies,
        DatagramEffect::Delay { by, jitter } => {
            (shown.delay_seconds, shown.jitter_seconds) = (by.as_secs_f64(), jitter.as_secs_f64());
        }
        DatagramEffect::Reorder(behind) => shown.reorder = behind,
        DatagramEffect::Rebind => shown.rebind = true,
    }
    shown
}
