//! Who is asking (service `sts`, version 2018-08-13).

use serde::{Deserialize, Serialize};

use crate::action::{Action, Service};

/// Says whose keys sign a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct GetCallerIdentity {}

impl Action for GetCallerIdentity {
    const SERVICE: Service = Service::Sts;
    const NAME: &'static str = "GetCallerIdentity";
    type Reply = GetCallerIdentityReply;

    /// It only reads, though its name does not say so.
    fn is_repeatable(&self) -> bool {
        true
    }
}

/// What [`GetCallerIdentity`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct GetCallerIdentityReply {
    /// Resource name of the caller.
    pub arn: String,
    /// Number of the account.
    pub account_id: String,
    /// Number of the user.
    pub user_id: String,
    /// Number of the account that the keys belong to.
    pub principal_id: String,
    /// Kind of caller, such as CAMUser.
    #[serde(rename = "Type")]
    pub kind: String,
}
