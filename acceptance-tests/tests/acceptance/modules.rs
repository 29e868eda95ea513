//! The module that users take over from examples/: its own tests pass, and what it makes serves QUIC clients.

use std::path::PathBuf;

use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;
use serde_json::Value;

fn module() -> PathBuf {
    project_root().join("examples/modules/quic-service")
}

/// The names of the `variable` or `output` blocks of a file.
fn blocks(file: &str, kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(module().join(file)).unwrap();
    let opening = format!("{kind} \"");
    text.lines().filter_map(|line| Some(line.strip_prefix(&opening)?.split_once('"')?.0.to_owned())).collect()
}

/// Where the module's tests run: as in a checkout, with the provider as users install it.
fn checkout() -> Sandbox {
    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    world.terraform.copy_from(&module());
    world.terraform.must(&["init", "-no-color"]);
    world
}

#[test]
fn the_tests_of_the_module_pass_with_mocks_and_against_a_simulator() {
    let world = checkout();
    let said = world.terraform.must(&["test", "-no-color"]).output;
    super::expect_words(
        &said,
        &[
            "tests/validation.tftest.hcl... pass",
            "tests/plan.tftest.hcl... pass",
            "tests/apply.tftest.hcl... pass",
            " 0 failed.",
        ],
    );
    assert!(!said.contains("skip"), "{said}");
}

#[test]
fn the_tests_of_the_module_with_mocks_need_no_cloud() {
    let mut world = checkout();
    // Nobody listens there.
    world.terraform.set_environment("CLB_ENDPOINT", "http://127.0.0.1:1");
    let suites = ["tests/plan.tftest.hcl", "tests/validation.tftest.hcl"].map(|suite| format!("-filter={suite}"));
    world.terraform.must(&["test", "-no-color", &suites[0], &suites[1]]);
}

#[test]
fn the_module_serves_quic_clients_and_turns_from_blue_to_green_in_place() {
    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.copy_below("quic-service", &module());
    let configuration = |blue_weight: u32, green_weight: u32| {
        format!(
            "{REQUIRED_PROVIDERS}module \"web\" {{\n  source = \"./quic-service\"\n  name = \"web\"\n  \
             vpc_id = \"vpc-demo0001\"\n  port = 8443\n  certificate_pem = file(\"server.pem\")\n  \
             private_key_pem = file(\"server.key\")\n  health_check = {{ enabled = false }}\n  pools = {{\n    \
             blue = [{{ address = \"10.0.1.5\", port = {}, weight = {blue_weight} }}]\n    \
             green = [{{ address = \"10.0.1.6\", port = {}, weight = {green_weight} }}]\n  }}\n}}\n\
             output \"address\" {{ value = module.web.address }}\n",
            blue.port, green.port
        )
    };
    world.terraform.write("main.tf", &configuration(100, 0));
    world.terraform.must(&["init", "-no-color"]);
    world.terraform.apply(&configuration(100, 0));
    let address = world.terraform.must(&["output", "-raw", "address"]).output.parse().unwrap();
    assert_eq!(world.client().ask(address, b"hello").unwrap().backend, "blue");

    let plan = world.terraform.plan(&configuration(0, 100));
    assert_eq!(plan.actions("module.web.clb_backend_binding.pool[\"blue\"]"), ["update"]);
    assert_eq!(plan.actions("module.web.clb_quic_listener.this"), ["no-op"]);
    world.terraform.apply(&configuration(0, 100));
    assert_eq!(world.client().ask(address, b"hello").unwrap().backend, "green");

    let state: Value = serde_json::from_str(&world.terraform.state_file()).unwrap();
    assert!(!state.to_string().contains("PRIVATE KEY"), "the key is in the state");
    world.terraform.destroy();
    std::net::UdpSocket::bind(address).unwrap();
}

#[test]
fn the_tables_of_the_module_name_its_inputs_and_outputs() {
    let readme = std::fs::read_to_string(module().join("README.md")).unwrap();
    for (file, kind, heading) in [("variables.tf", "variable", "## Inputs"), ("outputs.tf", "output", "## Outputs")] {
        let (_, table) = readme.split_once(heading).unwrap();
        let table = table.split("\n## ").next().unwrap();
        let mut listed: Vec<_> =
            table.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect();
        let mut there = blocks(file, kind);
        listed.sort();
        there.sort();
        assert_eq!(listed, there, "{heading} of the module's README");
        let text = std::fs::read_to_string(module().join(file)).unwrap();
        for line in text.lines().filter_map(|line| line.strip_prefix("  description = \"")) {
            let description = line.trim_end_matches('"');
            assert!(table.contains(&format!("| {description} |")), "{heading} has another text than {description:?}");
        }
    }
}
