//! Steps on networks, and on the tags of everything.

use clb_model::network::{SubnetChange, SubnetDraft, VpcChange, VpcDraft};
use clb_model::tag::{ResourceName, Tags};

use super::Walk;
use super::bench::{BLUE, FAR, GREEN, REGION};

/// Longer than any name may be.
pub const LONG: &str = "a name with a length that nobody has asked for and that is not allowed at all";

impl Walk {
    fn any_vpc(&mut self) -> String {
        let ids: Vec<String> = self.bench.region().network.vpcs().map(|it| it.id.to_string()).collect();
        self.mostly(&ids, &["vpc-99999999"])
    }

    fn any_subnet(&mut self) -> String {
        let ids: Vec<String> = self.bench.region().network.subnets().map(|it| it.id.to_string()).collect();
        self.mostly(&ids, &["subnet-99999999"])
    }

    pub fn change_networks(&mut self) -> &'static str {
        let (vpc, name) = (self.any_vpc(), self.pick(&["name", "name", LONG]));
        let cidr = self.pick(&["172.16.0.0/16", "10.2.0.0/16", "192.168.0.0/24", "8.8.8.0/24", "x"]).to_owned();
        match self.chance.below(4) {
            0 => {
                let draft = VpcDraft { name: name.into(), cidr: Some(cidr), ..VpcDraft::default() };
                self.asked("create a VPC", |world, occasion| world.create_vpc(REGION, &draft, occasion))
            }
            1 => {
                let change = VpcChange { name: Some(name.into()), ..VpcChange::default() };
                self.asked("modify a VPC", |world, _| world.modify_vpc(REGION, &vpc, &change))
            }
            2 => self.asked("delete a VPC", |world, _| world.delete_vpc(REGION, &vpc)),
            _ => {
                let (add, remove) = if self.chance.below(2) == 0 { (vec![cidr], vec![]) } else { (vec![], vec![cidr]) };
                self.asked("change ranges of a VPC", |world, _| {
                    world.modify_assistant_cidrs(REGION, &vpc, &add, &remove)
                })
            }
        }
    }

    pub fn change_subnets(&mut self) -> &'static str {
        let (vpc_id, subnet, name) = (self.any_vpc(), self.any_subnet(), self.pick(&["name", "name", LONG]));
        match self.chance.below(3) {
            0 => {
                let cidr = self.pick(&[
                    "10.0.1.0/25",
                    "10.0.2.0/24",
                    "10.0.3.0/24",
                    "10.1.2.0/24",
                    "10.1.3.0/24",
                    "172.16.0.0/24",
                ]);
                let zone = self.pick(&["ap-guangzhou-3", "ap-guangzhou-3", "mars-1"]).into();
                let cidr = Some(cidr.to_owned());
                let draft = SubnetDraft { vpc_id, name: name.into(), cidr, zone, ..SubnetDraft::default() };
                self.asked("create a subnet", |world, occasion| world.create_subnet(REGION, &draft, occasion))
            }
            1 => {
                let change = SubnetChange { name: Some(name.into()), ..SubnetChange::default() };
                self.asked("modify a subnet", |world, _| world.modify_subnet(REGION, &subnet, &change))
            }
            _ => self.asked("delete a subnet", |world, _| world.delete_subnet(REGION, &subnet)),
        }
    }

    /// As a seed or a snapshot does it: no API changes the groups or the address of an instance.
    pub fn change_instance(&mut self) -> &'static str {
        let mut region = self.bench.region().clone();
        let id = self.pick(&[BLUE, GREEN, FAR]);
        let mut instance = region.network.instance(id).expect("the fixtures stay").clone();
        let groups = (0..self.chance.below(3)).map(|_| self.any_group());
        instance.security_groups =
            groups.filter(|group| region.security_group(group).is_ok()).map(|group| group.as_str().into()).collect();
        // The last one is what listeners have bound by its address, too.
        instance.primary_ip = [10, u8::from(id == FAR), 1, self.pick(&[5, 6, 7, 9])].into();
        region.network.add_instance(instance);
        self.bench.world.add_region(region);
        "change an instance"
    }

    pub fn change_tags(&mut self) -> &'static str {
        let name = match self.chance.below(4) {
            0 => ResourceName::load_balancer(&self.any_load_balancer().as_str().into()),
            1 => ResourceName::certificate(&self.any_certificate().as_str().into()),
            2 => ResourceName::security_group(&self.any_group().as_str().into()),
            _ => ResourceName::vpc(&self.any_vpc().as_str().into()),
        };
        let key = self.pick(&["one", "two", "three"]).to_owned();
        let set = (self.chance.below(2) == 0).then(|| (key.clone(), "value".to_owned()));
        let remove = if set.is_some() { Vec::new() } else { vec![key] };
        let set = Tags(set.into_iter().collect());
        self.asked("change tags", |world, _| world.modify_tags(&name, &set, &remove))
    }
}
