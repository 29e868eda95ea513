//! The worlds, in numbers, and their way back to the seed. What is in a world is the cloud API's to show.

use std::time::Duration;

use clb_model::load_balancer::LoadBalancer;
use clb_model::region::Region;
use clb_model::world::{QuicAdmission, World};
use tonic::Status;

use super::Admin;
use crate::generated::clbsim as wire;

/// How long a reset waits for the data plane to close what is gone.
const RESET_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn list(admin: &Admin) -> wire::ListWorldsReply {
    wire::ListWorldsReply { worlds: admin.control.worlds(view) }
}

pub(super) async fn reset(admin: &Admin) -> Result<wire::ResetReply, Status> {
    let (generation, in_effect) = admin.control.reset(RESET_WITHIN).await;
    if !in_effect {
        return Err(Status::deadline_exceeded("the worlds are reset, but the data plane has not followed in time"));
    }
    admin.connections.clear();
    admin.calls.clear();
    admin.faults.clear();
    Ok(wire::ResetReply { generation })
}

fn view(name: &str, made_on_use: bool, world: &World) -> wire::World {
    wire::World {
        name: name.to_owned(),
        uin: world.account.uin.clone(),
        quic_admitted: world.account.quic == QuicAdmission::Admitted,
        made_on_use,
        certificates: world.certificates().count() as u64,
        regions: world.regions().map(view_region).collect(),
    }
}

fn view_region(region: &Region) -> wire::RegionCounts {
    wire::RegionCounts {
        name: region.name.clone(),
        vpcs: region.network.vpcs().count() as u64,
        subnets: region.network.subnets().count() as u64,
        instances: region.network.instances().count() as u64,
        load_balancers: region.load_balancers().count() as u64,
        listeners: region.load_balancers().flat_map(LoadBalancer::listeners).count() as u64,
        backends: region.load_balancers().map(LoadBalancer::target_count).sum::<usize>() as u64,
        running_tasks: region.tasks.running().count() as u64,
    }
}
