//! Faults, as the admin door takes and shows them.

use tonic::Status;

use super::Admin;
use crate::faults::{Calls, Effect, Fault, FaultDraft, Listed, Occasions, Outcome};
use crate::generated::clbsim as wire;

pub(super) fn add(admin: &Admin, request: wire::Fault) -> Result<wire::AddFaultReply, Status> {
    if request.id != 0 || request.matched != 0 || request.hits != 0 {
        return Err(Status::invalid_argument("id, matched and hits are given by the simulator: leave them out"));
    }
    let fault = read(request).check().map_err(|error| Status::invalid_argument(error.to_string()))?;
    let id = admin.faults.add(fault).map_err(|error| Status::resource_exhausted(error.to_string()))?;
    Ok(wire::AddFaultReply { id })
}

pub(super) fn list(admin: &Admin) -> wire::ListFaultsReply {
    wire::ListFaultsReply { faults: admin.faults.list().into_iter().map(view).collect() }
}

pub(super) fn remove(admin: &Admin, request: wire::RemoveFaultRequest) -> Result<wire::RemoveFaultReply, Status> {
    if admin.faults.remove(request.id) {
        return Ok(wire::RemoveFaultReply {});
    }
    Err(Status::not_found(format!("there is no fault {}", request.id)))
}

pub(super) fn clear(admin: &Admin) -> wire::ClearFaultsReply {
    wire::ClearFaultsReply { removed: admin.faults.clear() as u64 }
}

fn read(request: wire::Fault) -> FaultDraft {
    FaultDraft {
        service: request.service,
        action: request.action,
        resource: request.resource,
        world: request.world,
        after: request.after,
        count: request.count,
        probability: request.probability,
        seed: request.seed,
        delay: request.delay_seconds,
        code: request.code,
        message: request.message,
        status: request.http_status,
        lose_answer: request.lose_answer,
        fail_task: request.fail_task,
    }
}

fn view(listed: Listed<Fault>) -> wire::Fault {
    let Fault { calls, occasions, effect } = listed.fault;
    let Calls { service, action, resource, world } = calls;
    let Occasions { after, count, share } = occasions;
    let Effect { delay, outcome } = effect;
    let mut shown = wire::Fault {
        id: listed.id,
        service: service.unwrap_or_default(),
        action: action.unwrap_or_default(),
        resource: resource.unwrap_or_default(),
        world: world.unwrap_or_default(),
        after,
        count,
        probability: share.map(|(share, _)| share),
        seed: share.map(|(_, seed)| seed),
        delay_seconds: delay.as_secs_f64(),
        matched: listed.tally.matched,
        hits: listed.tally.hits,
        ..wire::Fault::default()
    };
    match outcome {
        Outcome::Served => {}
        Outcome::Refused { code, message, status } => {
            (shown.code, shown.message, shown.http_status) = (code, message, Some(u32::from(status)));
        }
        Outcome::Status(status) => shown.http_status = Some(u32::from(status)),
        Outcome::LostBefore => "before".clone_into(&mut shown.lose_answer),
        Outcome::LostAfter => "after".clone_into(&mut shown.lose_answer),
        Outcome::TaskFails(reason) => shown.fail_task = reason,
    }
    shown
}
