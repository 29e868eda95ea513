//! `clb_security_group`: rules in their order, changes in place that count at once, and whom they keep out.

use std::net::IpAddr;

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{REQUIRED_PROVIDERS, Service};

const GROUP: &str = "clb_security_group.web";

fn group(arguments: &str) -> String {
    format!("resource \"clb_security_group\" \"web\" {{\n{arguments}\n}}\n")
}

fn alone(arguments: &str) -> String {
    format!("{REQUIRED_PROVIDERS}{}", group(arguments))
}

#[test]
fn rules_are_kept_as_they_are_written_and_plan_empty_afterwards() {
    let world = Sandbox::start();
    let rules = r#"
  name        = "web"
  description = "who may come"
  tags        = { team = "edge" }
  ingress = [
    { action = "drop", cidr = "203.0.113.7", description = "one address" },
    { action = "accept", protocol = "udp", ports = "443, 8443", cidr = "10.0.0.0/8" },
    { action = "accept", protocol = "tcp", ports = "8000-8999", cidr = "2001:DB8::/32" },
    { action = "accept", protocol = "icmpv6", cidr = "::/0" },
  ]
  egress = [{ action = "accept", cidr = "0.0.0.0/0" }]"#;
    world.terraform.apply(&alone(rules));
    assert_eq!(world.terraform.attribute(GROUP, "ingress")[0]["protocol"], "all");
    assert_eq!(world.terraform.attribute(GROUP, "ingress")[1]["ports"], "443, 8443");
    assert_eq!(world.terraform.plan(&alone(rules)).actions(GROUP), ["no-op"]);
}

#[test]
fn another_project_is_another_group() {
    let world = Sandbox::start();
    world.terraform.apply(&alone("  name = \"web\"\n  project_id = 3"));
    let moved = alone("  name = \"web\"\n  project_id = 4");
    assert_eq!(world.terraform.plan(&moved).actions(GROUP), ["delete", "create"]);
    world.terraform.apply(&moved);
}

#[test]
fn everything_is_changed_in_place() {
    let world = Sandbox::start();
    world.terraform.apply(&alone("  name = \"first\"\n  ingress = [{ action = \"drop\", cidr = \"::/0\" }]"));
    let id = world.terraform.text(GROUP, "security_group_id");
    for changed in [
        "  name = \"second\"\n  ingress = [{ action = \"drop\", cidr = \"::/0\" }]",
        "  name = \"second\"\n  description = \"new\"\n  ingress = [{ action = \"accept\", cidr = \"::/0\" }]",
        "  name = \"second\"\n  description = \"new\"\n  egress = [{ action = \"drop\", cidr = \"10.0.0.0/8\" }]",
        "  name = \"second\"\n  tags = { a = \"1\" }",
        "  name = \"second\"\n  tags = { b = \"2\" }",
    ] {
        assert_eq!(world.terraform.plan(&alone(changed)).actions(GROUP), ["update"], "{changed}");
        world.terraform.apply(&alone(changed));
        assert_eq!(world.terraform.plan(&alone(changed)).actions(GROUP), ["no-op"], "{changed}");
    }
    assert_eq!(world.terraform.text(GROUP, "security_group_id"), id);
}

#[test]
fn a_rule_that_can_match_nothing_is_refused_before_anything_is_sent() {
    let world = Sandbox::start();
    for (rule, words) in [
        ("{ action = \"accept\", ports = \"443\", cidr = \"0.0.0.0/0\" }", vec!["ports", "tcp and udp"]),
        ("{ action = \"accept\", protocol = \"udp\", ports = \"9-1\", cidr = \"0.0.0.0/0\" }", vec!["ports", "range"]),
        ("{ action = \"accept\", cidr = \"10.1.2.3/8\" }", vec!["cidr", "10.0.0.0/8"]),
        ("{ action = \"accept\", cidr = \"everyone\" }", vec!["cidr", "network"]),
        ("{ action = \"accept\" }", vec!["cidr", "security_group_id"]),
        ("{ action = \"accept\", protocol = \"icmp\", cidr = \"::/0\" }", vec!["icmpv6"]),
        (
            "{ action = \"drop\", cidr = \"::/0\" }, { action = \"drop\", cidr = \"::/0\", description = \"x\" }",
            vec!["twice"],
        ),
    ] {
        let said = world.terraform.refused_plan(&alone(&format!("  name = \"web\"\n  ingress = [{rule}]")));
        super::expect_words(&said, &words);
    }
}

#[test]
fn a_change_of_rules_counts_at_once_for_clients() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let inside: IpAddr = "127.0.0.91".parse().unwrap();
    let outside: IpAddr = "127.0.0.92".parse().unwrap();
    let service = Service::new()
        .load_balancer("security_group_ids = [clb_security_group.web.security_group_id]\n  pass_to_target = true")
        .backend(&blue, 10)
        .hcl();
    let open = "{ action = \"accept\", protocol = \"udp\", ports = \"8443\", cidr = \"127.0.0.91/32\" }";
    let with = |rules: &str| format!("{service}{}", group(&format!("  name = \"web\"\n  ingress = [{rules}]")));

    world.terraform.apply(&with(open));
    assert_eq!(world.client_on(inside).ask(world.address(), b"hello").unwrap().seen.ip(), inside);
    assert!(world.client_on(outside).ask(world.address(), b"hello").is_err(), "nobody let it in");

    world.terraform.apply(&with(&format!("{{ action = \"drop\", cidr = \"127.0.0.91\" }}, {open}")));
    assert!(world.client_on(inside).ask(world.address(), b"hello").is_err(), "the first rule that matches decides");

    world.terraform.apply(&with(&format!("{open}, {{ action = \"accept\", cidr = \"127.0.0.92\" }}")));
    assert_eq!(world.client_on(outside).ask(world.address(), b"hello").unwrap().seen.ip(), outside);
}

#[test]
fn one_that_is_used_elsewhere_is_not_deleted_and_says_by_whom() {
    let world = Sandbox::start();
    let web = group("  name = \"web\"");
    let other = "resource \"clb_security_group\" \"other\" {\n  name = \"other\"\n  ingress = [{ action = \"accept\", \
                 security_group_id = clb_security_group.web.security_group_id }]\n}\n";
    world.terraform.apply(&format!("{REQUIRED_PROVIDERS}{web}{other}"));
    let id = world.terraform.text(GROUP, "security_group_id");
    world.terraform.must(&["state", "rm", "clb_security_group.other"]);

    let said = world.terraform.refused_apply(REQUIRED_PROVIDERS);

    super::expect_words(&said, &[id.as_str(), "1 security group", "ResourceInUse"]);
    assert!(world.terraform.attributes(GROUP).is_some(), "it stays in the state");
}

#[test]
fn one_that_was_changed_or_deleted_elsewhere_is_noticed() {
    use clb_cloud_api::vpc;
    let world = Sandbox::start();
    let rules = alone("  name = \"web\"\n  ingress = [{ action = \"accept\", cidr = \"10.0.0.0/8\" }]");
    world.terraform.apply(&rules);
    let id = world.terraform.text(GROUP, "security_group_id");
    world.cloud(&vpc::ModifySecurityGroupPolicies {
        security_group_id: id.clone(),
        security_group_policy_set: vpc::SecurityGroupPolicySet { version: Some("0".to_owned()), ..Default::default() },
        sort_policys: None,
    });
    assert_eq!(world.terraform.plan(&rules).actions(GROUP), ["update"]);
    world.terraform.apply(&rules);
    world.cloud(&vpc::DeleteSecurityGroup { security_group_id: id });
    assert_eq!(world.terraform.plan(&rules).actions(GROUP), ["create"]);
}

#[test]
fn one_is_imported_by_its_id() {
    let world = Sandbox::start();
    let rules = alone(
        "  name = \"web\"\n  ingress = [{ action = \"accept\", protocol = \"udp\", ports = \"443\", cidr = \"10.0.0.0/8\" }]",
    );
    world.terraform.apply(&rules);
    let id = world.terraform.text(GROUP, "security_group_id");
    world.terraform.must(&["state", "rm", GROUP]);
    world.terraform.must(&["import", "-no-color", GROUP, &id]);
    assert_eq!(world.terraform.plan(&rules).actions(GROUP), ["no-op"]);
}
