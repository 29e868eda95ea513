//! What is there from the start: two accounts, their networks, and load balancers of kinds that cannot be created.
//!
//! The one place with these names; the README's walk-through and the tests use them.

use std::net::{IpAddr, Ipv4Addr};

use clb_model::address_range::AddressRange;
use clb_model::load_balancer::{Kind, LoadBalancer, Placement};
use clb_model::network::{Instance, Subnet, Vpc};
use clb_model::region::Region;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::policy::Policy;
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::{Account, QuicAdmission, World};

/// The account that may have QUIC listeners.
pub const DEMO_ACCOUNT: &str = "demo";
/// The account that is not admitted to the beta.
pub const CLOSED_ACCOUNT: &str = "closed";
/// The region that has everything below; the others have a default VPC with one subnet.
pub const DEMO_REGION: &str = "ap-guangzhou";
/// Every region there is.
pub const REGIONS: [&str; 5] = [DEMO_REGION, "ap-beijing", "ap-hongkong", "ap-shanghai", "ap-singapore"];
/// The default VPC, 10.0.0.0/16.
pub const VPC: &str = "vpc-demo0001";
/// Its subnet, 10.0.1.0/24.
pub const SUBNET: &str = "subnet-demo0001";
/// Instances of the default VPC: id, name, address.
pub const INSTANCES: [(&str, &str, Ipv4Addr); 2] =
    [("ins-demoblue", "blue", Ipv4Addr::new(10, 0, 1, 5)), ("ins-demogren", "green", Ipv4Addr::new(10, 0, 1, 6))];
/// A second VPC, 10.1.0.0/16, with an instance that load balancers of the first cannot reach.
pub const OTHER_VPC: &str = "vpc-demo0002";
/// The instance in it.
pub const OTHER_INSTANCE: &str = "ins-demofar0";
/// A security group that lets everything through.
pub const SECURITY_GROUP: &str = "sg-demo0001";
/// A load balancer of the classic kind.
pub const CLASSIC_LOAD_BALANCER: &str = "lb-classic0";
/// A load balancer in the basic network.
pub const BASIC_NETWORK_LOAD_BALANCER: &str = "lb-basic000";

/// An account by its name, with everything it has from the start; `None` for any other name.
pub fn world(account: &str, now: Timestamp, vips: &mut VipPool) -> Option<World> {
    let (uin, quic) = match account {
        DEMO_ACCOUNT => ("100000000001", QuicAdmission::Admitted),
        CLOSED_ACCOUNT => ("100000000002", QuicAdmission::Closed),
        _ => return None,
    };
    let mut world = World::new(Account { uin: uin.to_owned(), quic });
    for name in REGIONS {
        let mut region = Region::new(name);
        add_network(&mut region, now);
        if name == DEMO_REGION {
            add_demo(&mut region, now, vips);
        }
        world.add_region(region);
    }
    Some(world)
}

/// A default VPC with one subnet and an open security group.
fn add_network(region: &mut Region, now: Timestamp) {
    let name = |part: &str| format!("{part}-default");
    let vpc = Vpc::new(VPC.into(), &name("vpc"), AddressRange::ipv4([10, 0, 0, 0], 16), now);
    region.network.add_vpc(Vpc { is_default: true, ..vpc });
    region.network.add_subnet(Subnet {
        id: SUBNET.into(),
        vpc_id: VPC.into(),
        name: name("subnet"),
        cidr: AddressRange::ipv4([10, 0, 1, 0], 24),
        zone: zone(region),
        broadcast: false,
        created_at: now,
    });
    let open = Policy { description: "everything".into(), ..Policy::everything(now) };
    region.add_security_group(SecurityGroup {
        version: 1,
        ingress: vec![open.clone()],
        egress: vec![open],
        ..SecurityGroup::new(SECURITY_GROUP.into(), "open", "Lets everything through", now)
    });
}

fn add_demo(region: &mut Region, now: Timestamp, vips: &mut VipPool) {
    let zone = zone(region);
    for (id, name, ip) in INSTANCES {
        region.network.add_instance(instance(id, name, (VPC, SUBNET), ip, &zone, now));
    }
    let other_subnet = "subnet-demo0002";
    region.network.add_vpc(Vpc::new(OTHER_VPC.into(), "other", AddressRange::ipv4([10, 1, 0, 0], 16), now));
    region.network.add_subnet(Subnet {
        id: other_subnet.into(),
        vpc_id: OTHER_VPC.into(),
        name: "other".into(),
        cidr: AddressRange::ipv4([10, 1, 1, 0], 24),
        zone: zone.clone(),
        broadcast: false,
        created_at: now,
    });
    let far = Ipv4Addr::new(10, 1, 1, 5);
    region.network.add_instance(instance(OTHER_INSTANCE, "far", (OTHER_VPC, other_subnet), far, &zone, now));
    let vpc = Placement::Vpc { vpc_id: VPC.into(), subnet_id: None };
    for (id, name, kind, placement) in [
        (CLASSIC_LOAD_BALANCER, "classic", Kind::Classic, vpc),
        (BASIC_NETWORK_LOAD_BALANCER, "basic-network", Kind::Current, Placement::Basic),
    ] {
        // Fixtures come first, so the pool still has addresses: it holds more than there are accounts.
        if let Some(vip) = vips.take_last() {
            region.add_load_balancer(LoadBalancer::fixture(id.into(), name, kind, placement, vip, now));
        }
    }
}

fn zone(region: &Region) -> String {
    format!("{}-3", region.name)
}

fn instance(id: &str, name: &str, place: (&str, &str), ip: Ipv4Addr, zone: &str, now: Timestamp) -> Instance {
    Instance {
        id: id.into(),
        name: name.to_owned(),
        vpc_id: place.0.into(),
        subnet_id: place.1.into(),
        zone: zone.to_owned(),
        primary_ip: IpAddr::V4(ip),
        security_groups: vec![SECURITY_GROUP.into()],
        created_at: now,
    }
}
