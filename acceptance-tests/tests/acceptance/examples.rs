//! The examples are what users copy: each is a valid configuration, and the walk-through applies as it stands.

use std::path::{Path, PathBuf};

use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;

fn examples(folder: &str) -> PathBuf {
    project_root().join("examples").join(folder)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// What an example's files are: any certificate will do.
fn lay_files(world: &Sandbox) {
    for name in ["server.pem", "client-ca.pem"] {
        world.terraform.write(name, &world.server.certificate_pem);
    }
}

#[test]
fn the_walk_through_applies_as_it_stands() {
    // Its provider block takes endpoint and key pair from the environment, as a user's would.
    let world = Sandbox::start_packaged(REQUIRED_PROVIDERS);
    let (blue, green) = (world.backend("blue"), world.backend("green"));
    world.terraform.copy_from(&examples("quic-listener"));
    let variables = serde_json::json!({
        "certificate_file": "server.pem",
        "private_key_file": "server.key",
        "blue": { "address": "10.0.1.5", "port": blue.port, "weight": 30 },
        "green": { "address": "10.0.1.6", "port": green.port, "weight": 10 },
    });
    world.terraform.write("terraform.tfvars.json", &variables.to_string());

    world.terraform.must(&["init", "-no-color"]);
    world.terraform.must(&["apply", "-auto-approve", "-no-color"]);
    world.terraform.expect_empty_plan();
    let address = world.terraform.must(&["output", "-raw", "address"]).output.parse().unwrap();

    world.client().connect(address).unwrap();
    world.terraform.destroy();
}

#[test]
fn the_configuration_in_the_readme_applies_as_it_stands() {
    let world = Sandbox::start();
    let readme = read(&project_root().join("README.md"));
    let (_, from_block) = readme.split_once("```terraform\n").unwrap();
    let (block, _) = from_block.split_once("```").unwrap();
    // The sandbox has a provider block of its own: another endpoint, and a key pair.
    let (_, resources) = block.split_once("}\n").unwrap();
    world.terraform.apply(&format!("{REQUIRED_PROVIDERS}{resources}"));
    assert_eq!(world.client().connect(world.address()).map(|_| ()), Ok(()));
}

#[test]
fn the_examples_of_all_resources_are_one_valid_configuration() {
    let world = Sandbox::start();
    lay_files(&world);
    let mut all = REQUIRED_PROVIDERS.to_owned();
    let mut seen = 0;
    for entry in std::fs::read_dir(examples("resources")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        all += &read(&folder.join("resource.tf"));
        all += &read(&folder.join("import-by-string-id.tf"));
        let import = read(&folder.join("import.sh"));
        assert!(import.starts_with(&format!("terraform import {name}.")), "{name}/import.sh: {import}");
        seen += 1;
    }
    assert_eq!(seen, 5, "an example for each resource");
    world.terraform.write("main.tf", &all);
    world.terraform.must(&["validate", "-no-color"]);
}

#[test]
fn the_example_of_the_provider_block_is_valid() {
    let world = Sandbox::start();
    world.terraform.write("provider.tf", &read(&examples("provider/provider.tf")));
    world.terraform.must(&["validate", "-no-color"]);
}

#[test]
fn the_examples_are_formatted() {
    let world = Sandbox::start();
    let path = project_root().join("examples");
    let checked = world.terraform.run(&["fmt", "-check", "-recursive", &path.to_string_lossy()]);
    assert_eq!(checked.code, 0, "not formatted:\n{}", checked.text());
}
