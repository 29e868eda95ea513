//! Tables over all attributes of all resources: what somebody else changes is seen, what a change replaces, what is sent.
//!
//! A new attribute has to find its place in them: each test compares with the attributes the state has.

use std::collections::BTreeSet;

use clb_acceptance_tests::certificates::{Authority, Identity};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{BINDING, CERTIFICATE, LISTENER, LOAD_BALANCER, REQUIRED_PROVIDERS};
use clb_acceptance_tests::terraform::attribute_names;
use clb_cloud_api::{clb, ssl, tag, vpc};
use serde_json::Value;

const GROUP: &str = "clb_security_group.web";
const RESOURCES: [&str; 5] = [LOAD_BALANCER, CERTIFICATE, GROUP, LISTENER, BINDING];

/// One resource of each kind, all called `web`, and others to be changed to. Files: two server certificates and a CA.
const EVERYTHING: &str = r#"
resource "clb_security_group" "web" {
  name    = "web"
  ingress = [{ action = "accept", protocol = "udp", cidr = "127.0.0.0/8" }]
}
resource "clb_load_balancer" "web" {
  name         = "web"
  network_type = "public"
  vpc_id       = "vpc-demo0001"
}
resource "clb_load_balancer" "other" {
  network_type = "public"
  vpc_id       = "vpc-demo0001"
  sla_type     = "clb.c2.medium"
}
resource "clb_certificate" "web" {
  name                   = "web"
  certificate            = file("server.pem")
  private_key_wo         = file("server.key")
  private_key_wo_version = 1
}
resource "clb_certificate" "other" {
  certificate    = file("other.pem")
  private_key_wo = file("other.key")
}
resource "clb_certificate" "clients" {
  type        = "client_ca"
  certificate = file("ca.pem")
}
resource "clb_quic_listener" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  port             = 8443
  name             = "web"
  tls              = { certificate_id = clb_certificate.web.certificate_id }
}
resource "clb_quic_listener" "other" {
  load_balancer_id = clb_load_balancer.other.load_balancer_id
  port             = 8443
  tls              = { certificate_id = clb_certificate.other.certificate_id }
}
resource "clb_backend_binding" "web" {
  load_balancer_id = clb_load_balancer.web.load_balancer_id
  listener_id      = clb_quic_listener.web.listener_id
  backends         = [{ eni_ip = "10.0.1.5", port = 8080, weight = 10 }]
}
"#;

fn start() -> Sandbox {
    let world = Sandbox::start();
    let other = Identity::server();
    world.terraform.write("other.pem", &other.certificate_pem);
    world.terraform.write("other.key", &other.private_key_pem);
    world.terraform.write("ca.pem", &Authority::new().certificate_pem);
    world
}

fn everything() -> String {
    format!("{REQUIRED_PROVIDERS}{EVERYTHING}")
}

/// [`EVERYTHING`] with other arguments in the resources called `web`.
fn with(arguments: &[(&str, &str)]) -> String {
    let mut text = everything();
    for (address, arguments) in arguments {
        let head = format!("resource \"{}\" {{\n", address.replace('.', "\" \""));
        let start = text.find(&head).unwrap_or_else(|| panic!("no {head}")) + head.len();
        let end = start + text[start..].find("\n}").unwrap();
        text.replace_range(start..end, arguments);
    }
    text
}

fn set<'a>(names: impl IntoIterator<Item = &'a &'a str>) -> BTreeSet<String> {
    names.into_iter().map(|name| (*name).to_owned()).collect()
}

fn names(world: &Sandbox, address: &str) -> BTreeSet<String> {
    attribute_names(&world.terraform.attributes(address).unwrap())
}

/// What no call can change on a thing that exists, and what is not on the platform.
const NOBODY_CHANGES: [(&str, &[&str]); 5] = [
    (
        LOAD_BALANCER,
        &[
            "load_balancer_id",
            "network_type",
            "vpc_id",
            "subnet_id",
            "address_ip_version",
            "vip_isp",
            "vip",
            "zone",
            "backup_zone",
            "vips",
            "domain",
            "status",
            "timeouts",
        ],
    ),
    (
        CERTIFICATE,
        &[
            "certificate_id",
            "type",
            "certificate",
            "private_key_wo",
            "private_key_wo_version",
            "domain",
            "subject_alternative_names",
            "not_before",
            "not_after",
            "fingerprint",
        ],
    ),
    (GROUP, &["security_group_id", "project_id"]),
    (LISTENER, &["listener_id", "load_balancer_id", "port", "timeouts"]),
    (
        BINDING,
        &[
            "load_balancer_id",
            "listener_id",
            "default_port",
            "exclusive",
            "drain_timeout",
            "wait_for_healthy",
            "timeouts",
        ],
    ),
];

#[test]
fn whatever_somebody_else_changes_is_seen_and_put_right_in_place() {
    let world = start();
    world.terraform.apply(&everything());
    change_all_that_calls_can_change(&world);

    let seen = world.terraform.refresh_only();
    for (address, unchanged) in NOBODY_CHANGES {
        let expected: BTreeSet<String> = names(&world, address).difference(&set(unchanged)).cloned().collect();
        assert_eq!(seen.drifted(address), expected, "{address}");
    }

    let plan = world.terraform.plan(&everything());
    for address in RESOURCES {
        assert_eq!(plan.actions(address), ["update"], "{address}");
    }
    world.terraform.apply(&everything());
}

/// Through the cloud's API, behind Terraform's back.
fn change_all_that_calls_can_change(world: &Sandbox) {
    change_load_balancer(world);
    let id = |address: &str, name: &str| world.terraform.text(address, name);
    let (load_balancer_id, listener_id) = (id(LOAD_BALANCER, "load_balancer_id"), id(LISTENER, "listener_id"));
    let text = |text: &str| Some(text.to_owned());
    world.cloud_task(&clb::ModifyListener {
        load_balancer_id: load_balancer_id.clone(),
        listener_id: listener_id.clone(),
        listener_name: text("theirs"),
        scheduler: text("LEAST_CONN"),
        certificate: Some(clb::CertificateInput {
            ssl_mode: text("MUTUAL"),
            ssl_verify_client: text("OPTIONAL"),
            cert_id: Some(id("clb_certificate.other", "certificate_id")),
            cert_ca_id: Some(id("clb_certificate.clients", "certificate_id")),
            ..Default::default()
        }),
        health_check: Some(clb::HealthCheck {
            health_switch: Some(0),
            time_out: Some(3),
            interval_time: Some(30),
            health_num: Some(4),
            un_health_num: Some(5),
            source_ip_type: Some(1),
            check_type: text("HTTP"),
            http_check_domain: text("a.test"),
            http_check_path: text("/up"),
            http_check_method: text("GET"),
            http_version: text("HTTP/1.0"),
            http_code: Some(2),
            ..Default::default()
        }),
        proxy_protocol: Some(true),
        snat_enable: Some(true),
        max_conn: Some(100),
        max_cps: Some(10),
        ..Default::default()
    });
    let target = clb::Target { eni_ip: text("10.0.1.5"), port: 8080, ..Default::default() };
    let targets = vec![target];
    world.cloud_task(&clb::ModifyTargetWeight {
        load_balancer_id,
        listener_id,
        targets,
        weight: Some(90),
        ..Default::default()
    });
    change_certificate(world);
    change_security_group(world);
}

fn change_load_balancer(world: &Sandbox) {
    let id = world.terraform.text(LOAD_BALANCER, "load_balancer_id");
    let specification = clb::SlaUpdateParam { load_balancer_id: id.clone(), sla_type: "clb.c2.medium".to_owned() };
    world.cloud_task(&clb::ModifyLoadBalancerSla { load_balancer_sla: vec![specification], force: None });
    world.cloud_task(&clb::ModifyLoadBalancersProject { load_balancer_ids: vec![id.clone()], project_id: 5 });
    let security_groups = Some(vec!["sg-demo0001".to_owned()]);
    world.cloud_task(&clb::SetLoadBalancerSecurityGroups { load_balancer_id: id.clone(), security_groups });
    retag(world, &format!("qcs::clb:ap-guangzhou:uin/:clb/{id}"));
    world.cloud_task(&clb::ModifyLoadBalancerAttributes {
        load_balancer_id: id,
        load_balancer_name: Some("theirs".to_owned()),
        internet_charge_info: Some(clb::InternetAccessible {
            internet_charge_type: Some("BANDWIDTH_POSTPAID_BY_HOUR".to_owned()),
            internet_max_bandwidth_out: Some(77),
            ..Default::default()
        }),
        switch_flag: Some(2),
        load_balancer_pass_to_target: Some(true),
        snat_pro: Some(true),
        delete_protect: Some(true),
        ..Default::default()
    });
}

fn change_certificate(world: &Sandbox) {
    let id = world.terraform.text(CERTIFICATE, "certificate_id");
    world.cloud(&ssl::ModifyCertificateAlias { certificate_id: id.clone(), alias: Some("theirs".to_owned()) });
    world.cloud(&ssl::ModifyCertificateProject { certificate_id_list: vec![id.clone()], project_id: 5 });
    retag(world, &format!("qcs::ssl:ap-guangzhou:uin/:certificate/{id}"));
}

fn change_security_group(world: &Sandbox) {
    let id = world.terraform.text(GROUP, "security_group_id");
    world.cloud(&vpc::ModifySecurityGroupAttribute {
        security_group_id: id.clone(),
        group_name: Some("theirs".to_owned()),
        group_description: Some("theirs".to_owned()),
    });
    let rule = vpc::SecurityGroupPolicy {
        action: Some("DROP".to_owned()),
        protocol: Some("ALL".to_owned()),
        port: Some("ALL".to_owned()),
        cidr_block: Some("10.0.0.0/8".to_owned()),
        ..Default::default()
    };
    world.cloud(&vpc::ModifySecurityGroupPolicies {
        security_group_id: id.clone(),
        security_group_policy_set: vpc::SecurityGroupPolicySet {
            ingress: Some(vec![rule.clone()]),
            egress: Some(vec![rule]),
            ..Default::default()
        },
        sort_policys: Some(false),
    });
    retag(world, &format!("qcs::cvm:ap-guangzhou:uin/:sg/{id}"));
}

fn retag(world: &Sandbox, resource: &str) {
    let theirs = tag::Tag { tag_key: "owner".to_owned(), tag_value: "theirs".to_owned(), ..tag::Tag::default() };
    let (resource, replace_tags) = (resource.to_owned(), Some(vec![theirs]));
    world.cloud(&tag::ModifyResourceTags { resource, replace_tags, delete_tags: None });
}

/// Attributes whose change replaces the resource, because no call of the platform changes them.
const REPLACING: [(&str, &[&str]); 5] = [
    (
        LOAD_BALANCER,
        &["network_type", "vpc_id", "subnet_id", "address_ip_version", "vip_isp", "vip", "zone", "backup_zone"],
    ),
    (CERTIFICATE, &["type", "certificate", "private_key_wo_version"]),
    (GROUP, &["project_id"]),
    (LISTENER, &["load_balancer_id", "port"]),
    (BINDING, &["load_balancer_id", "listener_id"]),
];

/// What only the provider says, and what cannot be seen in a plan.
const NOT_ARGUMENTS: [(&str, &[&str]); 5] = [
    (LOAD_BALANCER, &["load_balancer_id", "vips", "domain", "status"]),
    (
        CERTIFICATE,
        &[
            "certificate_id",
            "private_key_wo",
            "domain",
            "subject_alternative_names",
            "not_before",
            "not_after",
            "fingerprint",
        ],
    ),
    (GROUP, &["security_group_id"]),
    (LISTENER, &["listener_id"]),
    (BINDING, &[]),
];

const INTERNAL: &str = r#"
  network_type       = "internal"
  vpc_id             = "vpc-demo0002"
  subnet_id          = "subnet-demo0002"
  name               = "changed"
  security_group_ids = ["sg-demo0001"]
  pass_to_target     = true
  delete_protection  = true
  project_id         = 5
  snat_pro           = true
  sla_type           = "clb.c3.small"
  tags               = { a = "b" }
  timeouts {
    create = "1h"
  }"#;

const NAT64: &str = r#"
  network_type       = "public"
  vpc_id             = "vpc-demo0001"
  address_ip_version = "ipv6_nat64""#;

const PLACED: &str = r#"
  network_type         = "public"
  vpc_id               = "vpc-demo0001"
  bandwidth            = 77
  internet_charge_type = "bandwidth_package"
  vip_isp              = "CMCC"
  vip                  = "127.9.9.9"
  zone                 = "ap-guangzhou-4"
  backup_zone          = "ap-guangzhou-3""#;

const ANOTHER_KEY: &str = r#"
  name                   = "changed"
  certificate            = file("other.pem")
  private_key_wo         = file("other.key")
  private_key_wo_version = 2
  project_id             = 5
  tags                   = { a = "b" }"#;

const AUTHORITY: &str = r#"
  type        = "client_ca"
  certificate = file("ca.pem")"#;

const ANOTHER_GROUP: &str = r#"
  name        = "changed"
  description = "changed"
  project_id  = 5
  egress      = [{ action = "drop", cidr = "::/0" }]
  tags        = { a = "b" }"#;

const ANOTHER_LISTENER: &str = r#"
  load_balancer_id               = clb_load_balancer.other.load_balancer_id
  port                           = 9443
  name                           = "changed"
  scheduler                      = "least_connections"
  proxy_protocol                 = true
  snat                           = true
  max_connections                = 100
  max_new_connections_per_second = 10
  tls = {
    mode                     = "mutual"
    certificate_id           = clb_certificate.other.certificate_id
    client_ca_certificate_id = clb_certificate.clients.certificate_id
    verify_client            = "optional"
  }
  health_check = {
    enabled             = false
    type                = "http"
    interval            = 30
    timeout             = 3
    healthy_threshold   = 4
    unhealthy_threshold = 5
    source_ip           = "100.64.0.0/10"
    http_domain         = "a.test"
    http_path           = "/up"
    http_method         = "GET"
    http_version        = "HTTP/1.0"
    http_status_classes = ["2xx"]
  }
  timeouts {
    create = "1h"
  }"#;

const ANOTHER_BINDING: &str = r#"
  load_balancer_id = clb_load_balancer.other.load_balancer_id
  listener_id      = clb_quic_listener.other.listener_id
  default_port     = 9090
  exclusive        = true
  drain_timeout    = "5s"
  wait_for_healthy = true
  backends         = [{ eni_ip = "10.0.1.6", port = 8080 }]
  timeouts {
    create = "1h"
  }"#;

#[test]
fn a_change_replaces_only_what_no_call_can_change() {
    let world = start();
    world.terraform.apply(&everything());
    let plans = [
        vec![
            (LOAD_BALANCER, INTERNAL),
            (CERTIFICATE, ANOTHER_KEY),
            (GROUP, ANOTHER_GROUP),
            (LISTENER, ANOTHER_LISTENER),
            (BINDING, ANOTHER_BINDING),
        ],
        vec![(LOAD_BALANCER, NAT64), (CERTIFICATE, AUTHORITY)],
        vec![(LOAD_BALANCER, PLACED)],
    ]
    .map(|arguments| world.terraform.plan(&with(&arguments)));
    for ((address, replacing), (_, not_arguments)) in REPLACING.into_iter().zip(NOT_ARGUMENTS) {
        // A resource that is replaced for another's sake is so in every plan.
        let replaced: BTreeSet<String> = plans.iter().flat_map(|plan| plan.replacing(address)).collect();
        assert_eq!(replaced, set(replacing), "{address}");
        let changed: BTreeSet<String> = plans.iter().flat_map(|plan| plan.changing(address)).collect();
        let arguments: BTreeSet<String> = names(&world, address).difference(&set(not_arguments)).cloned().collect();
        assert_eq!(changed, arguments, "not every argument of {address} was changed");
    }
}

#[test]
fn only_what_changed_is_sent() {
    let world = start();
    world.terraform.apply(&everything());
    let renamed = everything().replace("  = \"web\"\n", "  = \"renamed\"\n");
    assert_eq!(
        sent_by(&world, &renamed),
        [
            "ModifyCertificateAlias Alias CertificateId",
            "ModifyListener ListenerId ListenerName LoadBalancerId",
            "ModifyLoadBalancerAttributes LoadBalancerId LoadBalancerName",
            "ModifySecurityGroupAttribute GroupName SecurityGroupId",
        ]
    );
    let slower = "port             = 8443\n  name             = \"renamed\"\n  health_check     = { interval = 20 }";
    let checked = renamed.replacen("port             = 8443\n  name             = \"renamed\"", slower, 1);
    assert_eq!(sent_by(&world, &checked), ["ModifyListener HealthCheck ListenerId LoadBalancerId"]);
}

/// The writes that an apply sends, with the names of what each says, in the order of their names.
fn sent_by(world: &Sandbox, configuration: &str) -> Vec<String> {
    let levers = world.levers();
    let before = world.block_on(levers.calls()).len();
    world.terraform.apply(configuration);
    let calls = world.block_on(levers.calls());
    let mut writes: Vec<String> = calls[before..]
        .iter()
        .filter(|call| !call.action.starts_with("Describe"))
        .map(|call| {
            let said: Value = serde_json::from_str(&call.request_json).unwrap();
            let mut names: Vec<&str> = said.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            format!("{} {}", call.action, names.join(" "))
        })
        .collect();
    writes.sort_unstable();
    writes
}
