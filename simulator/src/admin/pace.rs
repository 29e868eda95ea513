//! How long tasks take, as the admin door shows and sets it.

use tonic::Status;

use super::Admin;
use crate::generated::clbsim as wire;
use crate::pace::{PaceTable, WrittenPace};

pub(super) fn show(admin: &Admin) -> wire::Paces {
    admin.control.weather(|weather| view(&weather.paces))
}

pub(super) fn set(admin: &Admin, request: &wire::SetPaceRequest) -> Result<wire::Paces, Status> {
    let wrong = |error: crate::pace::PaceError| Status::invalid_argument(error.to_string());
    let WrittenPace(pace) = request.pace.parse().map_err(wrong)?;
    let action = Some(request.action.as_str()).filter(|action| !action.is_empty());
    admin.control.weather(|weather| {
        weather.paces.set(action, pace).map_err(wrong)?;
        Ok(view(&weather.paces))
    })
}

fn view(paces: &PaceTable) -> wire::Paces {
    let (default, actions) = paces.view();
    let written = |pace| WrittenPace(pace).to_string();
    let action = |(action, pace): (&str, _)| wire::ActionPace { action: action.to_owned(), pace: written(pace) };
    wire::Paces { default: written(default), actions: actions.map(action).collect() }
}
