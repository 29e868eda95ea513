//! Who is asking.

use clb_cloud_api::sts;

use super::Call;
use super::refusal::Fault;

/// Keys are those of an account's only user. The form of the name is that of a sub-account's (SDK samples).
pub(super) fn describe(call: &Call<'_>, _: sts::GetCallerIdentity) -> Result<sts::GetCallerIdentityReply, Fault> {
    call.world(|world| {
        let uin = &world.account.uin;
        Ok(sts::GetCallerIdentityReply {
            arn: format!("qcs::cam::uin/{uin}:uin/{uin}"),
            account_id: uin.clone(),
            user_id: uin.clone(),
            principal_id: uin.clone(),
            kind: "CAMUser".to_owned(),
        })
    })
}
