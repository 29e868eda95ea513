//! `cargo xtask docs`: the provider's schema and the examples → registry pages in docs/. `--check` compares instead.
//!
//! The schema is asked from the built provider through Terraform, so the pages say what Terraform sees. Guides
//! (docs/guides/) are written by hand and left alone.

mod page;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::programs::{PROVIDER, Programs, Terraform, repository, write};
use schema::ProviderSchema;

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a page differs from what would be written.
    #[arg(long)]
    check: bool,
}

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let root = repository();
    let pages = pages(&root)?;
    if arguments.check {
        return fresh(&root, &pages);
    }
    for (path, text) in &pages {
        write(&root.join(path), text)?;
        println!("wrote {}", path.display());
    }
    for orphan in orphans(&root, &pages) {
        fs::remove_file(root.join(&orphan)).map_err(|error| format!("{}: {error}", orphan.display()))?;
        println!("removed {}", orphan.display());
    }
    Ok(())
}

/// Text of every page by its place in the repository.
fn pages(root: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let schema = ask_provider()?;
    let example = |path: String| read(&root.join("examples").join(path));
    let mut pages = BTreeMap::new();
    pages
        .insert("docs/index.md".into(), page::provider(&schema.provider, &example("provider/provider.tf".to_owned())?));
    for (name, resource) in &schema.resources {
        let text = page::resource(
            name,
            resource,
            &example(format!("resources/{name}/resource.tf"))?,
            &example(format!("resources/{name}/import.sh"))?,
        );
        let file = name.strip_prefix("clb_").unwrap_or(name);
        pages.insert(format!("docs/resources/{file}.md").into(), text);
    }
    Ok(pages)
}

/// Builds the provider, installs it in a mirror and asks Terraform for its schema.
fn ask_provider() -> Result<ProviderSchema, String> {
    let programs = Programs::build()?;
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let configuration = folder.path().join("configuration");
    write(
        &configuration.join("main.tf"),
        "terraform {\n  required_providers {\n    clb = { source = \"quic-clb/clb\" }\n  }\n}\n",
    )?;
    let terraform = Terraform::with_provider(&configuration, folder.path(), &programs.path(PROVIDER))?;
    terraform.run(&["init", "-no-color"])?;
    ProviderSchema::parse(&terraform.json(&["providers", "schema", "-json"])?)
}

fn fresh(root: &Path, pages: &BTreeMap<PathBuf, String>) -> Result<(), String> {
    let differing = pages.iter().filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(text));
    let mut stale: Vec<String> = differing.map(|(path, _)| path.display().to_string()).collect();
    stale.extend(orphans(root, pages).iter().map(|path| format!("{} (of no resource)", path.display())));
    if stale.is_empty() {
        println!("{} registry pages are fresh", pages.len());
        return Ok(());
    }
    Err(format!("stale registry pages, run `cargo xtask docs`:\n  {}", stale.join("\n  ")))
}

/// Resource pages of resources that are no more.
fn orphans(root: &Path, pages: &BTreeMap<PathBuf, String>) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root.join("docs/resources")) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .map(|entry| Path::new("docs/resources").join(entry.file_name()))
        .filter(|path| !pages.contains_key(path))
        .collect()
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}; every resource has an example", path.display()))
}
