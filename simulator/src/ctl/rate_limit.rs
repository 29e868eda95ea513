//! `ctl rate-limit`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{SetRateLimitRequest, ShowRateLimitsRequest};

/// What `ctl rate-limit` can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show how often an account may call an action
    Show,
    /// Set how often; the platform's default is 20
    Set {
        /// Calls per second of one account and one action, or `none`
        limit: String,
        /// Of this account [default: of all that have no limit of their own]
        #[arg(long, value_name = "NAME", default_value_t, hide_default_value = true)]
        world: String,
    },
}

pub(super) async fn ask(door: &mut Door, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Show => print(&door.show_rate_limits(ShowRateLimitsRequest {}).await?.into_inner()),
        Command::Set { limit, world } => {
            let limit = match limit.as_str() {
                "none" => None,
                number => {
                    let wrong = |_| Trouble::Said(format!("`{number}` is neither a number nor `none`"));
                    Some(number.parse().map_err(wrong)?)
                }
            };
            print(&door.set_rate_limit(SetRateLimitRequest { world, limit }).await?.into_inner())
        }
    }
}
