//! The worlds, in numbers, and their way back to the seed. What is in a world is the cloud API's to show.

use std::time::Duration;

use clb_model::load_balancer::LoadBalancer;
use clb_model::region::Region;
use clb_model::world::{QuicAdmission, World};
use tonic::Status;

use super::Admin;
use crate::config::KeyPair;
use crate::generated::clbsim as wire;
use crate::seed::Seed;

/// How long a reset waits for the data plane to close what is gone.
const RESET_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn list(admin: &Admin) -> wire::ListWorldsReply {
    wire::ListWorldsReply { worlds: admin.control.worlds(view) }
}

pub(super) async fn reset(admin: &Admin, request: &wire::ResetRequest) -> Result<wire::ResetReply, Status> {
    let seed = match request.seed_toml.as_str() {
        "" => None,
        text => Some(Seed::parse(text).map_err(|error| Status::invalid_argument(error.to_string()))?),
    };
    if let Some(seed) = &seed {
        check(seed, admin.control.seed(), &request.world)?;
    }
    if !request.world.is_empty() {
        let done = admin.control.reset_world(&request.world, seed.as_ref(), RESET_WITHIN).await;
        return match done {
            Some((generation, true)) => Ok(wire::ResetReply { generation }),
            Some((_, false)) => Err(late()),
            None => Err(Status::not_found(format!("there is no world {:?}", request.world))),
        };
    }
    let (generation, in_effect) = admin.control.reset(seed, RESET_WITHIN).await;
    if !in_effect {
        return Err(late());
    }
    admin.connections.clear();
    admin.calls.clear();
    admin.faults.clear();
    admin.traffic_faults.datagrams.clear();
    admin.traffic_faults.backends.clear();
    admin.control.clock().resume();
    Ok(wire::ResetReply { generation })
}

fn late() -> Status {
    Status::deadline_exceeded("the reset is done, but the data plane has not followed in time")
}

/// Whether worlds can be put back to another seed: who may sign is settled when the simulator starts.
fn check(seed: &Seed, first: &Seed, world: &str) -> Result<(), Status> {
    if world.is_empty() && seed.accounts() != first.accounts() {
        let text = format!("the seed's accounts have to be those of the start: {}", first.accounts().join(", "));
        return Err(Status::failed_precondition(text));
    }
    let known = first.key_pairs();
    let is_known = |pair: &KeyPair| known.iter().any(|it| it == pair);
    match seed.key_pairs().iter().find(|pair| !is_known(pair)) {
        None => Ok(()),
        Some(KeyPair { secret_id, .. }) => Err(Status::failed_precondition(format!(
            "key pairs are settled when the simulator starts, and {secret_id} is none of them: leave key_pairs out, or \
             start another simulator with this seed"
        ))),
    }
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
