//! Which crate may depend on which. The two halves meet on the wire and nowhere else: the provider never links the
//! model, so that two readings of the same documentation can contradict each other and a test fails.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::{expect_none, root};

/// A package of the workspace and the packages of the workspace it may name, in any kind of dependency.
const RULES: &[(&str, &[&str])] = &[
    ("clb-model", &[]),
    ("clb-cloud-api", &[]),
    ("tfplugin-macros", &[]),
    ("tfplugin-sdk", &["tfplugin-macros"]),
    ("clb-simulator", &["clb-model", "clb-cloud-api"]),
    ("clb-provider", &["tfplugin-sdk", "clb-cloud-api"]),
    ("clb-acceptance-tests", &["clb-provider", "clb-simulator", "clb-cloud-api", "tfplugin-sdk"]),
    ("xtask", &[]),
];

/// All that the model may take from outside: it is pure.
const MODEL_MAY_TAKE: &[&str] = &["thiserror"];

/// A second crypto provider, or a C library in its place.
const BANNED: &[&str] = &["aws-lc-sys", "aws-lc-rs", "openssl", "openssl-sys", "native-tls"];

/// Package name -> names of everything it depends on (normal, build and development).
type Graph = BTreeMap<String, BTreeSet<String>>;

fn graph() -> Graph {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &serde_json::Value| value["name"].as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (name(package), package["dependencies"].as_array().unwrap().iter().map(name).collect()))
        .collect()
}

fn violations(graph: &Graph) -> Vec<String> {
    let rules: BTreeMap<&str, &[&str]> = RULES.iter().copied().collect();
    let mut found = Vec::new();
    for (package, dependencies) in graph {
        let Some(allowed) = rules.get(package.as_str()) else {
            found.push(format!("{package} has no rule: say in RULES what it may depend on"));
            continue;
        };
        for dependency in dependencies {
            if graph.contains_key(dependency) && !allowed.contains(&dependency.as_str()) {
                found.push(format!("{package} must not depend on {dependency}"));
            }
            if package == "clb-model" && !MODEL_MAY_TAKE.contains(&dependency.as_str()) {
                found.push(format!("clb-model is pure and must not depend on {dependency}"));
            }
        }
    }
    found
}

/// Banned packages in the text of a lock file.
fn banned(lock: &str) -> Vec<String> {
    BANNED
        .iter()
        .filter(|name| lock.contains(&format!("name = \"{name}\"\n")))
        .map(|name| format!("{name} is in the dependency tree; crypto is ring only"))
        .collect()
}

/// Dependencies of a crate manifest that do not take their version from the workspace.
fn own_versions(manifest: &str) -> Vec<String> {
    let mut in_dependencies = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.ends_with("dependencies]");
        } else if in_dependencies && line.contains('=') && !line.contains("workspace = true") {
            found.push(line.to_owned());
        }
    }
    found
}

/// Names in `[workspace.dependencies]` of the first manifest that none of the others takes.
fn unused_versions(workspace: &str, crates: &str) -> Vec<String> {
    let shared = workspace.split("[workspace.dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let lines = shared.unwrap_or_default().lines().filter_map(|line| line.split_once(" = "));
    let is_used = |name: &str| {
        crates.lines().any(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(".workspace") || rest.starts_with(" = { workspace"))
        })
    };
    lines.map(|(name, _)| name.to_owned()).filter(|name| !is_used(name)).collect()
}

fn graph_of(edges: &[(&str, &[&str])]) -> Graph {
    edges
        .iter()
        .map(|(name, to)| ((*name).to_owned(), to.iter().map(|dependency| (*dependency).to_owned()).collect()))
        .collect()
}

#[test]
fn crates_depend_only_on_what_the_design_allows() {
    expect_none(&violations(&graph()));
}

#[test]
fn a_provider_that_links_the_model_is_noticed() {
    let broken = graph_of(&[("clb-model", &[]), ("clb-provider", &["clb-model"])]);
    assert_eq!(violations(&broken), ["clb-provider must not depend on clb-model"]);
}

#[test]
fn a_model_that_takes_more_than_thiserror_is_noticed() {
    let broken = graph_of(&[("clb-model", &["thiserror", "tokio"])]);
    assert_eq!(violations(&broken), ["clb-model is pure and must not depend on tokio"]);
}

#[test]
fn a_crate_without_a_rule_is_noticed() {
    let broken = graph_of(&[("clb-newcomer", &[])]);
    assert_eq!(violations(&broken), ["clb-newcomer has no rule: say in RULES what it may depend on"]);
}

#[test]
fn every_rule_names_a_crate_that_exists() {
    let graph = graph();
    for (package, _) in RULES {
        assert!(graph.contains_key(*package), "{package} has a rule but is not in the workspace");
    }
}

#[test]
fn crypto_is_ring_only() {
    expect_none(&banned(&std::fs::read_to_string(root().join("Cargo.lock")).unwrap()));
}

#[test]
fn a_second_crypto_provider_is_noticed() {
    assert_eq!(banned("[[package]]\nname = \"aws-lc-sys\"\nversion = \"0.30.0\"\n").len(), 1);
}

#[test]
fn versions_stand_in_the_workspace_manifest_only() {
    let manifests = super::project_files().into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let mut found = Vec::new();
    for path in manifests.filter(|path| path.components().count() > 1) {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        // The fuzz targets are a workspace of their own.
        if text.lines().any(|line| line == "[workspace]") {
            continue;
        }
        found.extend(own_versions(&text).into_iter().map(|line| format!("{}: {line}", path.display())));
    }
    expect_none(&found);
}

#[test]
fn every_shared_version_is_used() {
    let manifests = super::project_files().into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let (own, crates): (Vec<_>, Vec<_>) = manifests.partition(|path| path.components().count() == 1);
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(root().join(path)).unwrap();
    expect_none(&unused_versions(&read(&own[0]), &crates.iter().map(read).collect::<String>()));
}

#[test]
fn a_shared_version_that_nobody_takes_is_noticed() {
    let workspace = "[workspace.dependencies]\na = \"1\"\nab = \"1\"\n\n[profile.dev]\nc = 1\n";
    assert_eq!(unused_versions(workspace, "a.workspace = true\n"), ["ab"]);
}

#[test]
fn a_version_in_a_crate_manifest_is_noticed() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\nb = { workspace = true }\nc = \"1\"\n";
    assert_eq!(own_versions(manifest), ["c = \"1\""]);
}
