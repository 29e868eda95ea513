//! The simulator's clock, as the admin door shows and sets it.

use std::time::Duration;

use tonic::Status;

use super::Admin;
use crate::clock::Reading;
use crate::generated::clbsim as wire;

pub(super) fn show(admin: &Admin) -> wire::ClockReading {
    view(admin.control.clock().read())
}

pub(super) fn freeze(admin: &Admin) -> wire::ClockReading {
    view(admin.control.clock().freeze())
}

pub(super) fn advance(admin: &Admin, request: wire::AdvanceClockRequest) -> Result<wire::ClockReading, Status> {
    let by = Duration::try_from_secs_f64(request.seconds)
        .map_err(|_| Status::invalid_argument("seconds is a number from 0: the clock goes forward only"))?;
    let advanced = admin.control.clock().advance(by);
    advanced.map(view).map_err(|error| Status::invalid_argument(error.to_string()))
}

pub(super) fn resume(admin: &Admin) -> wire::ClockReading {
    view(admin.control.clock().resume())
}

fn view(reading: Reading) -> wire::ClockReading {
    wire::ClockReading {
        now: Some(super::timestamp(reading.now)),
        frozen: reading.frozen,
        ahead_seconds: reading.ahead.as_secs_f64(),
    }
}
