//! How much of everything an account may have.

use serde::{Deserialize, Serialize};

use crate::action::actions;

actions! { Clb:
    DescribeQuota => DescribeQuotaReply;
}

/// Asks for the limits of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeQuota {}

/// What [`DescribeQuota`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeQuotaReply {
    /// The limits.
    pub quota_set: Vec<Quota>,
}

/// A limit of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Quota {
    /// Such as TOTAL_OPEN_CLB_QUOTA.
    pub quota_id: String,
    /// Used amount, null when not meaningful.
    pub quota_current: Option<i64>,
    /// Limit.
    pub quota_limit: i64,
}
