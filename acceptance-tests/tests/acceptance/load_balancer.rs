//! `clb_load_balancer`: its address, what changes in place, what replaces it, import.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{LISTENER, LOAD_BALANCER, REQUIRED_PROVIDERS, Service};
use clb_cloud_api::clb;
use clb_simulator::generated::clbsim::Fault;

fn balancer(arguments: &str) -> String {
    format!(
        "{REQUIRED_PROVIDERS}resource \"clb_load_balancer\" \"web\" {{\n  network_type = \"public\"\n  \
         vpc_id = \"vpc-demo0001\"\n  {arguments}\n}}\n"
    )
}

#[test]
fn a_load_balancer_has_an_id_and_an_address() {
    let world = Sandbox::start();
    world.terraform.apply(&balancer("name = \"web\""));
    assert!(world.terraform.text(LOAD_BALANCER, "load_balancer_id").starts_with("lb-"));
    assert_eq!(world.terraform.attribute(LOAD_BALANCER, "vips").as_array().unwrap().len(), 1);
}

#[test]
fn each_argument_that_can_change_in_place_does() {
    let world = Sandbox::start();
    world.terraform.apply(&balancer("name = \"web\""));
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    for arguments in [
        "name = \"renamed\"",
        "name = \"renamed\"\n  bandwidth = 20",
        "name = \"renamed\"\n  internet_charge_type = \"bandwidth_postpaid_by_hour\"",
        "name = \"renamed\"\n  internet_charge_type = \"bandwidth_package\"\n  bandwidth = 30",
        "name = \"renamed\"\n  project_id = 7",
        "name = \"renamed\"\n  snat_pro = true",
        "name = \"renamed\"\n  sla_type = \"clb.c2.medium\"",
        "name = \"renamed\"\n  sla_type = \"clb.c3.small\"\n  bandwidth = 4000",
        "name = \"renamed\"\n  pass_to_target = true",
        "name = \"renamed\"\n  security_group_ids = [\"sg-demo0001\"]",
        "name = \"renamed\"\n  delete_protection = true",
        "name = \"renamed\"\n  delete_protection = false",
        "name = \"renamed\"\n  tags = { stage = \"test\", team = \"edge\" }",
        "name = \"renamed\"\n  tags = { stage = \"live\" }",
    ] {
        let changed = balancer(arguments);
        assert_eq!(world.terraform.plan(&changed).actions(LOAD_BALANCER), ["update"], "{arguments}");
        world.terraform.apply(&changed);
        assert_eq!(world.terraform.text(LOAD_BALANCER, "load_balancer_id"), id, "{arguments}");
    }
}

#[test]
fn each_argument_that_cannot_change_in_place_replaces_the_load_balancer() {
    let world = Sandbox::start();
    let base = balancer("");
    world.terraform.apply(&base);
    let internal = balancer("subnet_id = \"subnet-demo0001\"").replace("\"public\"", "\"internal\"");
    let elsewhere = base.replace("vpc-demo0001", "vpc-demo0002");
    let vip = world.terraform.text(LOAD_BALANCER, "vip");
    let another = format!("{}.200", vip.rsplit_once('.').unwrap().0);
    let carrier = "vip_isp = \"CMCC\"\n  internet_charge_type = \"bandwidth_package\"";
    for changed in [
        internal,
        elsewhere,
        balancer("address_ip_version = \"ipv6_nat64\"\n  subnet_id = \"subnet-demo0001\""),
        balancer(&format!("vip = \"{another}\"")),
        balancer("zone = \"ap-guangzhou-4\""),
        balancer("zone = \"ap-guangzhou-4\"\n  backup_zone = \"ap-guangzhou-3\""),
        balancer(carrier),
    ] {
        assert_eq!(world.terraform.plan(&changed).actions(LOAD_BALANCER), ["delete", "create"], "{changed}");
        world.terraform.apply(&changed);
    }
}

#[test]
fn a_load_balancer_deleted_behind_terraforms_back_is_created_again() {
    let world = Sandbox::start();
    let configuration = balancer("");
    world.terraform.apply(&configuration);
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    world.cloud_task(&clb::DeleteLoadBalancer {
        load_balancer_ids: vec![id.clone()],
        ..clb::DeleteLoadBalancer::default()
    });
    assert_eq!(world.terraform.plan(&configuration).actions(LOAD_BALANCER), ["create"]);
    world.terraform.apply(&configuration);
    assert_ne!(world.terraform.text(LOAD_BALANCER, "load_balancer_id"), id);
    assert_eq!(world.terraform.text(LOAD_BALANCER, "status"), "running");
}

#[test]
fn an_imported_load_balancer_needs_no_change() {
    let world = Sandbox::start();
    world.terraform.apply(&balancer("name = \"imported\"\n  tags = { stage = \"test\" }"));
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    let before = world.terraform.attributes(LOAD_BALANCER);
    world.terraform.forget(LOAD_BALANCER);

    world.terraform.import(LOAD_BALANCER, &id);

    assert_eq!(world.terraform.attributes(LOAD_BALANCER), before);
    world.terraform.expect_empty_plan();
}

#[test]
fn a_protected_load_balancer_is_not_destroyed_and_the_message_says_why() {
    let world = Sandbox::start();
    world.terraform.apply(&balancer("delete_protection = true"));
    let refused = world.terraform.run(&["destroy", "-auto-approve", "-no-color"]);
    assert_ne!(refused.code, 0);
    super::expect_words(&refused.sentence(), &["delete_protection"]);
    world.terraform.apply(&balancer("delete_protection = false"));
    world.terraform.destroy();
}

#[test]
fn a_protected_load_balancer_is_not_planned_for_replacement() {
    let world = Sandbox::start();
    world.terraform.apply(&balancer("delete_protection = true"));
    let elsewhere = balancer("delete_protection = true").replace("vpc-demo0001", "vpc-demo0002");
    super::expect_words(&world.terraform.refused_plan(&elsewhere), &["delete_protection"]);
    world.terraform.apply(&balancer("delete_protection = false"));
}

#[test]
fn an_address_of_one_carrier_without_a_bandwidth_package_is_refused() {
    let world = Sandbox::start();
    for paid in ["", "internet_charge_type = \"traffic_postpaid_by_hour\""] {
        let said = world.terraform.refused_plan(&balancer(&format!("vip_isp = \"CTCC\"\n  {paid}")));
        super::expect_words(&said, &["internet_charge_type", "CTCC", "bandwidth_package"]);
    }
}

#[test]
fn an_internal_load_balancer_has_nothing_to_pay_on_the_internet() {
    let world = Sandbox::start();
    let internal = |argument: &str| {
        balancer(&format!("subnet_id = \"subnet-demo0001\"\n  {argument}")).replace("\"public\"", "\"internal\"")
    };
    for argument in [
        "bandwidth = 10",
        "internet_charge_type = \"bandwidth_package\"",
        "vip_isp = \"BGP\"",
        "zone = \"ap-guangzhou-3\"",
        "backup_zone = \"ap-guangzhou-3\"",
    ] {
        let name = argument.split(' ').next().unwrap();
        super::expect_words(&world.terraform.refused_plan(&internal(argument)), &[name, "network_type"]);
    }
    world.terraform.apply(&internal(""));
    assert!(world.terraform.attribute(LOAD_BALANCER, "domain").is_null());
}

#[test]
fn a_load_balancer_whose_security_groups_cannot_be_set_is_kept_and_carries_no_listener_until_they_are() {
    let world = Sandbox::start();
    let refused = Fault {
        action: "SetLoadBalancerSecurityGroups".to_owned(),
        code: "FailedOperation".to_owned(),
        message: "try again".to_owned(),
        count: Some(1),
        ..Fault::default()
    };
    world.block_on(world.levers().add_fault(refused));
    let service = Service::new().load_balancer("security_group_ids = [\"sg-demo0001\"]").hcl();
    let said = world.terraform.refused_apply(&service);
    super::expect_words(&said, &["could not be set up completely", "Apply again"]);
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");

    let plan = world.terraform.plan(&service);
    assert_eq!(plan.actions(LOAD_BALANCER), ["update"]);
    assert_eq!(plan.actions(LISTENER), ["create"]);
    world.terraform.apply(&service);

    assert_eq!(world.terraform.text(LOAD_BALANCER, "load_balancer_id"), id);
}
