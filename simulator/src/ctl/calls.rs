//! `ctl calls`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::ListCallsRequest;

pub(super) async fn list(door: &mut Door) -> Result<(), Trouble> {
    print(&door.list_calls(ListCallsRequest {}).await?.into_inner())
}
