//! Accounts, as they are stored.

use clb_model::world::{Account, QuicAdmission};
use serde::{Deserialize, Serialize};

use super::written::record;

#[derive(Serialize, Deserialize)]
#[serde(remote = "Account", deny_unknown_fields)]
pub struct AccountRecord {
    uin: String,
    #[serde(with = "QuicAdmissionRecord")]
    quic: QuicAdmission,
}
record!(AccountRecord of Account);

#[derive(Serialize, Deserialize)]
#[serde(remote = "QuicAdmission", rename_all = "snake_case")]
enum QuicAdmissionRecord {
    Admitted,
    Closed,
}
