//! The examples are what users copy: each is a valid configuration, and the walk-through applies as it stands.

use std::path::{Path, PathBuf};

use clb_acceptance_tests::certificates::Authority;
use clb_acceptance_tests::project_root;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::REQUIRED_PROVIDERS;

fn examples(folder: &str) -> PathBuf {
    project_root().join("examples").join(folder)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// The file of an authority, beside the server's files that are there.
fn lay_files(world: &Sandbox) {
    world.terraform.write("client-ca.pem", &Authority::new().certificate_pem);
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

/// The examples of one kind, one after the other, and how many there are.
fn all_of(kind: &str, file: &str) -> (String, usize) {
    let folders: Vec<PathBuf> = std::fs::read_dir(examples(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
    (folders.iter().map(|folder| read(&folder.join(file))).collect(), folders.len())
}

#[test]
fn the_examples_of_data_sources_and_functions_apply_beside_those_of_the_resources() {
    let world = Sandbox::start();
    lay_files(&world);
    let (resources, _) = all_of("resources", "resource.tf");
    let (data_sources, looked_up) = all_of("data-sources", "data-source.tf");
    let (functions, called) = all_of("functions", "function.tf");
    assert_eq!((looked_up, called), (5, 4), "an example for each of them");
    // An ordinary user may not bind a port below 1024.
    let resources = resources.replace("= 443\n", "= 8443\n");
    world.terraform.apply(&format!("{REQUIRED_PROVIDERS}{resources}{data_sources}{functions}"));

    let said: serde_json::Value = serde_json::from_str(&world.terraform.must(&["output", "-json"]).output).unwrap();
    assert_eq!(said["ports_with_the_certificate"]["value"], serde_json::json!([8443]));
    assert_eq!(said["parts_of_an_attachment"]["value"], "lbl-5e6f7a8b");
    world.terraform.destroy();
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
