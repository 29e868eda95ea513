//! Rules of VPCs and subnets.

use clb_model::id::VpcId;
use clb_model::load_balancer::LoadBalancerDraft;
use clb_model::network::{SubnetChange, SubnetDraft, VpcChange, VpcDraft};
use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};

use crate::bench::{Bench, REGION, public};

fn vpc(cidr: &str) -> VpcDraft {
    VpcDraft { name: "vpc".into(), cidr: Some(cidr.into()), ..VpcDraft::default() }
}

fn subnet(vpc: &str, cidr: &str) -> SubnetDraft {
    SubnetDraft {
        vpc_id: vpc.into(),
        name: "subnet".into(),
        cidr: Some(cidr.into()),
        zone: "ap-guangzhou-3".into(),
        tags: Tags::default(),
    }
}

fn created(bench: &mut Bench, draft: &VpcDraft) -> Result<String, Rule> {
    let created = bench.ask(|world, occasion| world.create_vpc(REGION, draft, occasion));
    created.map(|id| id.to_string()).map_err(|refusal| refusal.rule)
}

fn created_subnet(bench: &mut Bench, draft: &SubnetDraft) -> Result<String, Rule> {
    let created = bench.ask(|world, occasion| world.create_subnet(REGION, draft, occasion));
    created.map(|id| id.to_string()).map_err(|refusal| refusal.rule)
}

#[test]
fn a_vpc_lies_in_a_private_range() {
    let mut bench = Bench::new();
    for cidr in ["10.0.0.0/12", "10.15.255.240/28", "172.31.0.0/16", "192.168.0.0/16"] {
        assert!(created(&mut bench, &vpc(cidr)).is_ok(), "{cidr}");
    }
    for cidr in ["10.16.0.0/16", "10.0.0.0/8", "192.168.0.0/29", "172.32.0.0/16", "8.8.8.0/24"] {
        assert_eq!(created(&mut bench, &vpc(cidr)), Err(Rule::VpcCidrRange), "{cidr}");
    }
    for cidr in ["10.0.0.1/16", "10.0.0.0", "fd00::/64", "ten"] {
        assert_eq!(created(&mut bench, &vpc(cidr)), Err(Rule::NetworkCidrFormat), "{cidr}");
    }
    let without = VpcDraft { cidr: None, ..vpc("") };
    assert_eq!(bench.refused(|world, occasion| world.create_vpc(REGION, &without, occasion)), Rule::VpcCidrRequired);
}

#[test]
fn a_vpcs_name_has_60_bytes_and_its_servers_are_four_addresses() {
    let mut bench = Bench::new();
    let named = |name: &str| VpcDraft { name: name.into(), ..vpc("10.2.0.0/16") };
    assert_eq!(created(&mut bench, &named(&"名".repeat(21))), Err(Rule::VpcNameMax60Bytes));
    let id = created(&mut bench, &named(&"名".repeat(20))).expect("60 bytes");
    assert!(VpcId::is_well_formed(&id));
    let servers = |servers: &[&str]| VpcDraft {
        dns_servers: servers.iter().map(|it| (*it).to_owned()).collect(),
        ..vpc("10.2.0.0/16")
    };
    assert!(created(&mut bench, &servers(&["1.1.1.1"; 4])).is_ok());
    assert_eq!(created(&mut bench, &servers(&["1.1.1.1"; 5])), Err(Rule::VpcDnsServersMax4));
    assert_eq!(created(&mut bench, &servers(&["one"])), Err(Rule::VpcDnsServerFormat));
    let switched = |word: &str| VpcDraft { multicast: Some(word.into()), ..vpc("10.2.0.0/16") };
    assert!(created(&mut bench, &switched("true")).is_ok());
    assert_eq!(created(&mut bench, &switched("on")), Err(Rule::NetworkSwitchWords));
}

#[test]
fn a_vpc_is_changed_where_a_request_says_so() {
    let mut bench = Bench::new();
    let id = created(&mut bench, &vpc("10.2.0.0/16")).expect("valid");
    let before = bench.region().network.vpc(&id).expect("there").clone();
    assert_eq!(before.dns_servers.len(), 2, "the platform's own");
    let change = VpcChange { name: Some("other".into()), multicast: Some("true".into()), ..VpcChange::default() };
    bench.ask(|world, _| world.modify_vpc(REGION, &id, &change)).expect("valid");
    let after = bench.region().network.vpc(&id).expect("there").clone();
    assert_eq!((after.name.as_str(), after.multicast, &after.dns_servers), ("other", true, &before.dns_servers));
    let long = VpcChange { name: Some("a".repeat(61)), ..VpcChange::default() };
    assert_eq!(bench.refused(|world, _| world.modify_vpc(REGION, &id, &long)), Rule::VpcNameMax60Bytes);
    assert_eq!(bench.refused(|world, _| world.modify_vpc(REGION, "vpc-99999999", &change)), Rule::VpcMustExist);
}

#[test]
fn a_region_holds_so_many_vpcs_and_a_vpc_so_many_subnets() {
    let mut bench = Bench::new();
    for _ in 2..20 {
        created(&mut bench, &vpc("10.2.0.0/16")).expect("valid");
    }
    assert_eq!(created(&mut bench, &vpc("10.2.0.0/16")), Err(Rule::VpcQuota));
    for number in 0..99 {
        created_subnet(&mut bench, &subnet("vpc-00000001", &format!("10.0.{}.0/24", number + 2))).expect("valid");
    }
    assert_eq!(created_subnet(&mut bench, &subnet("vpc-00000001", "10.0.200.0/24")), Err(Rule::SubnetQuota));
}

#[test]
fn a_subnet_lies_in_its_vpc_and_meets_no_other() {
    let mut bench = Bench::new();
    let mut ask = |cidr: &str| created_subnet(&mut bench, &subnet("vpc-00000001", cidr));
    for cidr in ["10.1.0.0/24", "10.0.0.0/15", "10.0.2.0/29"] {
        assert_eq!(ask(cidr), Err(Rule::SubnetInsideVpc), "{cidr}");
    }
    assert_eq!(ask("10.0.2.1/24"), Err(Rule::NetworkCidrFormat));
    assert_eq!(ask(""), Err(Rule::VpcCidrRequired));
    for cidr in ["10.0.1.0/24", "10.0.1.128/28", "10.0.0.0/16"] {
        assert_eq!(ask(cidr), Err(Rule::SubnetNoOverlap), "{cidr}");
    }
    for cidr in ["10.0.2.0/28", "10.0.2.16/28", "10.0.128.0/17"] {
        assert!(ask(cidr).is_ok(), "{cidr}");
    }
}

#[test]
fn a_subnet_needs_a_vpc_a_zone_and_a_name_of_60_bytes() {
    let mut bench = Bench::new();
    let valid = subnet("vpc-00000001", "10.0.2.0/24");
    let far = SubnetDraft { zone: "ap-beijing-1".into(), ..valid.clone() };
    assert_eq!(created_subnet(&mut bench, &far), Err(Rule::SubnetZoneMustFit));
    let long = SubnetDraft { name: "a".repeat(61), ..valid.clone() };
    assert_eq!(created_subnet(&mut bench, &long), Err(Rule::SubnetNameMax60Bytes));
    let lost = SubnetDraft { vpc_id: "vpc-99999999".into(), ..valid.clone() };
    assert_eq!(created_subnet(&mut bench, &lost), Err(Rule::VpcMustExist));
    let id = created_subnet(&mut bench, &SubnetDraft { name: "a".repeat(60), ..valid }).expect("valid");
    let change = |word: &str| SubnetChange { name: Some("new".into()), broadcast: Some(word.into()) };
    bench.ask(|world, _| world.modify_subnet(REGION, &id, &change("true"))).expect("valid");
    let changed = bench.region().network.subnet(&id).expect("there");
    assert_eq!((changed.name.as_str(), changed.broadcast), ("new", true));
    let rule = bench.refused(|world, _| world.modify_subnet(REGION, &id, &change("yes")));
    assert_eq!(rule, Rule::NetworkSwitchWords);
    let rule = bench.refused(|world, _| world.modify_subnet(REGION, "subnet-99999999", &change("true")));
    assert_eq!(rule, Rule::VpcMustExist);
}

#[test]
fn addresses_in_use_are_not_free() {
    let mut bench = Bench::new();
    let free = |bench: &Bench| {
        let region = bench.region();
        region.addresses_of(region.network.subnet("subnet-00000001").expect("there"))
    };
    let (total, before) = free(&bench);
    assert_eq!(total, 253);
    let internal = LoadBalancerDraft {
        exposure: "INTERNAL".into(),
        vpc_id: Some("vpc-00000001".into()),
        subnet_id: Some("subnet-00000001".into()),
        ..LoadBalancerDraft::default()
    };
    bench.create_load_balancer(&internal);
    assert_eq!(free(&bench), (total, before - 1));
}

#[test]
fn networks_in_use_stay() {
    let mut bench = Bench::new();
    let vpc_id = created(&mut bench, &vpc("10.2.0.0/16")).expect("valid");
    let subnet_id = created_subnet(&mut bench, &subnet(&vpc_id, "10.2.1.0/24")).expect("valid");
    assert_eq!(bench.refused(|world, _| world.delete_vpc(REGION, &vpc_id)), Rule::VpcInUse, "by a subnet");
    let inside = LoadBalancerDraft {
        exposure: "INTERNAL".into(),
        vpc_id: Some(vpc_id.clone()),
        subnet_id: Some(subnet_id.clone()),
        ..LoadBalancerDraft::default()
    };
    let load_balancer = bench.create_load_balancer(&inside);
    assert_eq!(bench.refused(|world, _| world.delete_subnet(REGION, &subnet_id)), Rule::SubnetInUse);
    bench
        .ask(|world, occasion| world.delete_load_balancers(REGION, &[load_balancer], false, occasion))
        .expect("nothing holds it");
    bench.ask(|world, _| world.delete_subnet(REGION, &subnet_id)).expect("empty");
    let outside = LoadBalancerDraft { vpc_id: Some(vpc_id.clone()), ..public() };
    let load_balancer = bench.create_load_balancer(&outside);
    assert_eq!(bench.refused(|world, _| world.delete_vpc(REGION, &vpc_id)), Rule::VpcInUse, "by a load balancer");
    bench
        .ask(|world, occasion| world.delete_load_balancers(REGION, &[load_balancer], false, occasion))
        .expect("nothing holds it");
    bench.ask(|world, _| world.delete_vpc(REGION, &vpc_id)).expect("empty");
    assert_eq!(bench.refused(|world, _| world.delete_vpc(REGION, &vpc_id)), Rule::VpcNotFound);
    assert_eq!(bench.refused(|world, _| world.delete_subnet(REGION, &subnet_id)), Rule::VpcNotFound);
}

#[test]
fn a_subnet_has_the_main_route_table_of_its_vpc() {
    let mut bench = Bench::new();
    let mut replace = |table: &str| {
        bench.ask(|world, _| world.replace_route_table(REGION, "subnet-00000001", table)).map_err(|no| no.rule)
    };
    assert_eq!(replace("rtb-00000001"), Ok(()));
    assert_eq!(replace("rtb-00000002"), Err(Rule::RouteTableNotFound));
}

#[test]
fn assistant_cidrs_hold_subnets_too() {
    let mut bench = Bench::new();
    let mut change = |add: &[&str], remove: &[&str]| {
        let texts = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (add, remove) = (texts(add), texts(remove));
        let done = bench.ask(|world, _| world.modify_assistant_cidrs(REGION, "vpc-00000001", &add, &remove));
        done.map_err(|refusal| refusal.rule)
    };
    assert_eq!(change(&["172.16.0.0/16"], &[]), Ok(()));
    assert_eq!(change(&["172.16.1.0/24"], &[]), Err(Rule::AssistantCidrNoOverlap));
    assert_eq!(change(&["10.0.0.0/16"], &[]), Err(Rule::AssistantCidrNoOverlap));
    assert_eq!(change(&["8.8.0.0/16"], &[]), Err(Rule::VpcCidrRange));
    assert_eq!(change(&[], &["172.17.0.0/16"]), Err(Rule::AssistantCidrNotFound));
    let ten: Vec<String> = (20..30).map(|number| format!("172.{number}.0.0/16")).collect();
    let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
    assert_eq!(change(&ten, &[]), Err(Rule::AssistantCidrQuota), "one is there already");
    assert_eq!(change(&ten[..9], &[]), Ok(()));
    created_subnet(&mut bench, &subnet("vpc-00000001", "172.16.1.0/24")).expect("inside the assistant");
    let rule = bench
        .refused(|world, _| world.modify_assistant_cidrs(REGION, "vpc-00000001", &[], &["172.16.0.0/16".to_owned()]));
    assert_eq!(rule, Rule::AssistantCidrInUse);
}

#[test]
fn tags_come_with_a_network_and_go_with_it() {
    let mut bench = Bench::new();
    let tags = Tags([("team".to_owned(), "game".to_owned())].into());
    let id = created(&mut bench, &VpcDraft { tags, ..vpc("10.2.0.0/16") }).expect("valid");
    let name = ResourceName::vpc(&id.as_str().into());
    assert_eq!(bench.world.tags(&name).count(), 1);
    bench.ask(|world, _| world.delete_vpc(REGION, &id)).expect("empty");
    assert_eq!(bench.world.tags(&name).count(), 0);
}
