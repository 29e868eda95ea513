//! Who is asking, and taking on a role (service `sts`, version 2018-08-13).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::action::{Action, Service};
use crate::secret::Secret;

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

/// Asks for temporary keys of a role. Fields: the API specification in tccli 3.1.189.1.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AssumeRole {
    /// The role, such as `qcs::cam::uin/100000000001:roleName/deployer`.
    pub role_arn: String,
    /// What the session is called in audit logs: 2 to 128 letters, digits and `+=,.@_-`.
    pub role_session_name: String,
    /// How long the keys last, in seconds: 7,200 if absent, 43,200 at most.
    pub duration_seconds: Option<i64>,
    /// What the owner of the role wants to be told by those who take it on.
    pub external_id: Option<String>,
}

impl Action for AssumeRole {
    const SERVICE: Service = Service::Sts;
    const NAME: &'static str = "AssumeRole";
    type Reply = AssumeRoleReply;

    /// Asked twice there are two pairs of keys, and no harm.
    fn is_repeatable(&self) -> bool {
        true
    }
}

/// What [`AssumeRole`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AssumeRoleReply {
    /// The keys.
    pub credentials: Credentials,
    /// When they end, in Unix seconds.
    pub expired_time: i64,
    /// The same as text, in ISO 8601 and UTC.
    pub expiration: String,
}

/// Temporary keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Credentials {
    /// The session token that goes with them.
    pub token: Secret,
    /// The public half.
    pub tmp_secret_id: String,
    /// The secret half.
    pub tmp_secret_key: Secret,
}
