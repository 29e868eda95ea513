//! Words that the platform does not know are refused with those it knows. Typed configurations cannot say them, so they stand in one
//! run of Terraform; `plan_truth.rs` counts the rules that they break.

use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;

/// Rules whose words a typed configuration cannot break, with what breaks them in Terraform's language, and where.
pub const WORDS: &[(&[&str], &str, &str)] = &[
    (&["lb-type-enum"], "clb_load_balancer network_type = \"OPEN\"", "network_type"),
    (&["lb-ip-version-enum"], "clb_load_balancer address_ip_version = \"IPV6\"", "address_ip_version"),
    (&["lb-vip-isp-enum"], "clb_load_balancer vip_isp = \"ISP\"", "vip_isp"),
    (&["lb-charge-type-enum"], "clb_load_balancer internet_charge_type = \"free\"", "internet_charge_type"),
    (&["lb-sla-type-enum", "lb-sla-specification"], "clb_load_balancer sla_type = \"clb.c9.huge\"", "sla_type"),
    (&["scheduler-enum", "scheduler-ip-hash-refused-on-l4"], "clb_quic_listener scheduler = \"ip_hash\"", "scheduler"),
    (
        &["certificate-ssl-mode-enum"],
        "clb_quic_listener tls = { mode = \"none\", certificate_id = \"abcdEFGH\" }",
        "mode",
    ),
    (
        &["certificate-verify-client-enum"],
        "clb_quic_listener tls = { mode = \"one_way\", certificate_id = \"abcdEFGH\", verify_client = \"maybe\" }",
        "verify_client",
    ),
    (&["health-check-type"], "clb_quic_listener health_check = { type = \"ping\" }", "type"),
    (&["health-check-http-method"], "clb_quic_listener health_check = { http_method = \"POST\" }", "http_method"),
    (&["health-check-http-version"], "clb_quic_listener health_check = { http_version = \"HTTP/2\" }", "http_version"),
    (&["health-check-source-ip-type"], "clb_quic_listener health_check = { source_ip = \"any\" }", "source_ip"),
    (&["health-check-switch"], "clb_quic_listener health_check = { enabled = 2 }", "enabled"),
    (
        &["security-group-rule-protocol"],
        "clb_security_group ingress = [{ action = \"accept\", protocol = \"sctp\", cidr = \"::/0\" }]",
        "protocol",
    ),
    (
        &["security-group-rule-action"],
        "clb_security_group ingress = [{ action = \"allow\", cidr = \"::/0\" }]",
        "action",
    ),
    (&["certificate-upload-type-enum"], "clb_certificate type = \"SVR\"", "type"),
];

#[test]
fn words_that_the_platform_does_not_know_are_refused_with_those_it_knows() {
    let world = Sandbox::start();
    let complete = |kind: &str, argument: &str| {
        let mut arguments = vec![argument.to_owned()];
        let rest: &[&str] = match kind {
            "clb_load_balancer" => &["network_type = \"public\""],
            "clb_quic_listener" => {
                &["load_balancer_id = \"lb-00000000\"", "port = 443", "tls = { certificate_id = \"abcdEFGH\" }"]
            }
            "clb_security_group" => &["name = \"web\""],
            _ => &["certificate = file(\"server.pem\")", "private_key_wo = file(\"server.key\")"],
        };
        let is_said = |other: &&&str| argument.split(" = ").next() != other.split(" = ").next();
        arguments.extend(rest.iter().filter(is_said).map(|other| (*other).to_owned()));
        arguments.join("\n  ")
    };
    let blocks = WORDS.iter().enumerate().map(|(number, (_, wrong, _))| {
        let (kind, argument) = wrong.split_once(' ').unwrap();
        format!("resource \"{kind}\" \"r{number}\" {{\n  {}\n}}\n", complete(kind, argument))
    });
    let configuration = REQUIRED_PROVIDERS.to_owned() + &blocks.collect::<Vec<_>>().concat();
    world.terraform.write("main.tf", &configuration);
    let said = world.terraform.run(&["validate", "-no-color"]);
    assert_ne!(said.code, 0);
    let said = said.sentence();
    for (number, (rules, wrong, attribute)) in WORDS.iter().enumerate() {
        let kind = wrong.split(' ').next().unwrap();
        let block = format!("in resource \"{kind}\" \"r{number}\"");
        let at = said.find(&block).unwrap_or_else(|| panic!("{rules:?}: nothing is said of {wrong}:\n{said}"));
        let end = said[at..].find("Error:").map_or(said.len(), |end| at + end);
        assert!(said[at..end].contains(attribute), "{rules:?}: {attribute} is not named: {}", &said[at..end]);
    }
}
