//! Faults of backends, as the admin door takes and shows them.

use tokio::time::Instant;
use tonic::Status;

use super::Admin;
use crate::faults::backends::{AnswerEnd, BackendDraft, BackendEffect, BackendFault, Impairment, Tallies};
use crate::faults::{Listed, Occasions};
use crate::generated::clbsim as wire;

pub(super) fn add(admin: &Admin, request: wire::BackendFault) -> Result<wire::AddBackendFaultReply, Status> {
    let counts = [request.matched, request.hits, request.probes_matched, request.probes_hits];
    if request.id != 0 || counts != [0; 4] {
        return Err(Status::invalid_argument("id and the counts are given by the simulator: leave them out"));
    }
    let fault = read(request).check().map_err(|error| Status::invalid_argument(error.to_string()))?;
    let added = admin.traffic_faults.backends.add(fault, Instant::now());
    let id = added.map_err(|error| Status::resource_exhausted(error.to_string()))?;
    Ok(wire::AddBackendFaultReply { id })
}

pub(super) fn list(admin: &Admin) -> wire::ListBackendFaultsReply {
    wire::ListBackendFaultsReply { faults: admin.traffic_faults.backends.list().into_iter().map(view).collect() }
}

pub(super) fn remove(
    admin: &Admin,
    request: wire::RemoveBackendFaultRequest,
) -> Result<wire::RemoveBackendFaultReply, Status> {
    if admin.traffic_faults.backends.remove(request.id) {
        return Ok(wire::RemoveBackendFaultReply {});
    }
    Err(Status::not_found(format!("there is no fault of backends {}", request.id)))
}

pub(super) fn clear(admin: &Admin) -> wire::ClearBackendFaultsReply {
    wire::ClearBackendFaultsReply { removed: admin.traffic_faults.backends.clear() as u64 }
}

fn read(request: wire::BackendFault) -> BackendDraft {
    BackendDraft {
        listener: request.listener_id,
        backend: request.backend,
        strikes: request.strikes,
        after: request.after,
        count: request.count,
        probability: request.probability,
        seed: request.seed,
        lasting: request.for_seconds,
        refuse: request.refuse,
        no_answer: request.no_answer,
        reset_after_bytes: request.reset_after_bytes,
        reset_after_seconds: request.reset_after_seconds,
        end_after_bytes: request.end_after_bytes,
        never_end: request.never_end,
        request_rate: request.request_bytes_per_second,
        request_delay: request.request_delay_seconds,
        answer_rate: request.answer_bytes_per_second,
        answer_delay: request.answer_delay_seconds,
    }
}

fn view(listed: Listed<BackendFault, Tallies>) -> wire::BackendFault {
    let BackendFault { listener, backend, strikes_dials, strikes_probes, occasions, lasting, effect } = listed.fault;
    let Occasions { after, count, share } = occasions;
    let Tallies { dials, probes } = listed.tally;
    let strikes = match (strikes_dials, strikes_probes) {
        (true, true) => "both",
        (false, true) => "probes",
        (_, false) => "dials",
    };
    let mut shown = wire::BackendFault {
        id: listed.id,
        listener_id: listener.unwrap_or_default(),
        backend: backend.map(|filter| filter.to_string()).unwrap_or_default(),
        strikes: strikes.to_owned(),
        after,
        count,
        probability: share.map(|(share, _)| share),
        seed: share.map(|(_, seed)| seed),
        for_seconds: lasting.map(|lasting| lasting.as_secs_f64()),
        matched: dials.matched,
        hits: dials.hits,
        probes_matched: probes.matched,
        probes_hits: probes.hits,
        ..wire::BackendFault::default()
    };
    match effect {
        BackendEffect::Refuse => shown.refuse = true,
        BackendEffect::NoAnswer => shown.no_answer = true,
        BackendEffect::Impair(impairment) => show_impairment(&mut shown, &impairment),
    }
    shown
}

fn show_impairment(shown: &mut wire::BackendFault, impairment: &Impairment) {
    let Impairment { requests, answers, end, reset_after } = impairment;
    shown.request_bytes_per_second = requests.rate.map_or(0, std::num::NonZeroU64::get);
    shown.request_delay_seconds = requests.delay.as_secs_f64();
    shown.answer_bytes_per_second = answers.rate.map_or(0, std::num::NonZeroU64::get);
    shown.answer_delay_seconds = answers.delay.as_secs_f64();
    shown.reset_after_seconds = reset_after.map(|life| life.as_secs_f64());
    match *end {
        AnswerEnd::AsItIs => {}
        AnswerEnd::ResetAfter(bytes) => shown.reset_after_bytes = Some(bytes),
        AnswerEnd::EndAfter(bytes) => shown.end_after_bytes = Some(bytes),
        AnswerEnd::Never => shown.never_end = true,
    }
}
