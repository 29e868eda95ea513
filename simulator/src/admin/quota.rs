//! Quotas, as the admin door lists and sets them.

use clb_model::quota::Quota;
use clb_model::world::World;
use tonic::Status;

use super::Admin;
use crate::account::NoWorld;
use crate::generated::clbsim as wire;

pub(super) fn list(admin: &Admin, world: &str) -> Result<wire::ListQuotasReply, Status> {
    let worlds = if world.is_empty() {
        admin.control.worlds(|name, _, world| view(name, world))
    } else {
        vec![admin.control.read(world, |it| view(world, it)).map_err(unknown)?]
    };
    Ok(wire::ListQuotasReply { worlds })
}

pub(super) fn set(admin: &Admin, request: &wire::SetQuotaRequest) -> Result<wire::ListQuotasReply, Status> {
    let quota = Quota::by_name(&request.name).ok_or_else(|| {
        let names = Quota::ALL.map(Quota::name).join(", ");
        Status::invalid_argument(format!("there is no quota `{}`; there are {names}", request.name))
    })?;
    let account = Some(request.world.as_str()).filter(|account| !account.is_empty());
    admin.control.set_quota(account, quota, request.limit).map_err(unknown)?;
    list(admin, &request.world)
}

fn unknown(error: NoWorld) -> Status {
    Status::not_found(error.to_string())
}

fn view(name: &str, world: &World) -> wire::WorldQuotas {
    let quota = |(quota, limit): (Quota, u32)| wire::Quota {
        name: quota.name().to_owned(),
        limit,
        platform_default: quota.default_limit(),
    };
    wire::WorldQuotas { world: name.to_owned(), quotas: world.quotas.iter().map(quota).collect() }
}
