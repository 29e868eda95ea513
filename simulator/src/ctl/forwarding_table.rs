//! `ctl forwarding-table`.

use super::{Door, Trouble, print};
use crate::generated::clbsim::ShowForwardingTableRequest;

pub(super) async fn show(door: &mut Door) -> Result<(), Trouble> {
    print(&door.show_forwarding_table(ShowForwardingTableRequest {}).await?.into_inner())
}
