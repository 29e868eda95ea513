//! How often an account may call an action, as the admin door shows and sets it.

use tonic::Status;

use super::Admin;
use crate::generated::clbsim as wire;
use crate::rate_limit::RateLimits;

pub(super) fn show(admin: &Admin) -> wire::RateLimits {
    admin.control.weather(|weather| view(&weather.rates))
}

pub(super) fn set(admin: &Admin, request: &wire::SetRateLimitRequest) -> Result<wire::RateLimits, Status> {
    let account = Some(request.world.as_str()).filter(|account| !account.is_empty());
    if let Some(account) = account {
        // An account that may be used has a world from now on.
        admin.control.read(account, |_| ()).map_err(|error| Status::not_found(error.to_string()))?;
    }
    admin.control.weather(|weather| {
        if weather.rates.set(account, request.limit) {
            return Ok(view(&weather.rates));
        }
        Err(Status::resource_exhausted("there are too many accounts with a limit of their own"))
    })
}

fn view(rates: &RateLimits) -> wire::RateLimits {
    let (default_limit, accounts) = rates.view();
    let account = |(world, limit): (&str, _)| wire::AccountRateLimit { world: world.to_owned(), limit };
    wire::RateLimits { default_limit, accounts: accounts.map(account).collect() }
}
