//! Terraform in a private network: the guide's script as it stands, with port 443 and the client's own address.

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::packaged;
use clb_acceptance_tests::project_root;
use clb_acceptance_tests::service::Service;
use clb_acceptance_tests::terraform::Terraform;

/// Where clients connect.
const OUTPUT: &str = "output \"address\" {\n  \
     value = \"${tolist(clb_load_balancer.web.vips)[0]}:${clb_quic_listener.web.port}\"\n}\n";

/// The block of the guide that runs Terraform.
fn script() -> String {
    let guide = std::fs::read_to_string(project_root().join("docs/guides/real-addresses.md")).unwrap();
    let mut blocks = guide.split("\n```shell\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    blocks.find(|block| block.contains("terraform apply")).unwrap().to_owned()
}

/// Runs the script where this service can be applied; gives what is said.
fn run(script: &str, service: &Service, output: &str) -> String {
    let programs = packaged::programs();
    let terraform = Terraform::new(Vec::new());
    let server = Identity::server();
    terraform.write("server.pem", &server.certificate_pem);
    terraform.write("server.key", &server.private_key_pem);
    terraform.write("main.tf", &format!("{}provider \"clb\" {{}}\n{output}", service.hcl()));
    packaged::install_mirror(&terraform, &programs.join("terraform-provider-clb"));
    // As the guide says: before, since no registry can be reached in there.
    terraform.must(&["init", "-no-color"]);
    let outcome = terraform.shell(script, &programs);
    assert_eq!(outcome.code, 0, "{}", outcome.text());
    outcome.output
}

fn service() -> Service {
    Service::new().port(443).backend_text("{ eni_ip = \"10.0.1.5\", port = 8080, weight = 10 }")
}

#[test]
fn terraform_applies_in_a_private_network_and_quic_clients_are_served_on_port_443() {
    let said = run(&script(), &service(), OUTPUT);
    super::expect_words(
        &said,
        &["address = \"203.0.113.1:443\"", "blue 198.51.100.7:", "Destroy complete! Resources: 4 destroyed."],
    );
}

#[test]
fn a_nat64_load_balancer_is_reached_by_ipv6() {
    let script = script().replace("198.51.100.7", "2001:db8::7");
    let output =
        OUTPUT.replace("${tolist(clb_load_balancer.web.vips)[0]}", "[${tolist(clb_load_balancer.web.vips)[0]}]");
    let service = service().load_balancer("address_ip_version = \"ipv6_nat64\"");
    let said = run(&script, &service, &output);
    super::expect_words(&said, &["address = \"[2001:db8::cb00:7101]:443\"", "blue 100.", "Resources: 4 destroyed."]);
}
