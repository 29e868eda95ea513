//! `ctl worlds` and `ctl reset`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::{ListWorldsRequest, ResetRequest};

pub(super) async fn list(door: &mut Door) -> Result<(), Trouble> {
    print(&door.list_worlds(ListWorldsRequest {}).await?.into_inner())
}

pub(super) async fn reset(door: &mut Door) -> Result<(), Trouble> {
    print(&door.reset(ResetRequest {}).await?.into_inner())
}
