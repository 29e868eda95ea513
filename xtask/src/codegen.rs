//! `cargo xtask codegen`: proto/ → generated Rust, without protoc. `--check` compares instead of writing.
//!
//! Not a build script: the result is checked in, so that building needs nothing of this and a reader can open it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a checked-in file differs from what would be written.
    #[arg(long)]
    check: bool,
}

/// One generated file and where it comes from.
struct Unit {
    /// Folders or files below proto/; a folder stands for every .proto in it.
    sources: &'static str,
    /// The protobuf package, which is also the name of the file that the compiler makes.
    package: &'static str,
    /// Where the result is checked in.
    target: &'static str,
    /// Messages whose `Debug` is written by hand, because they carry user data that must not reach a log.
    opaque: &'static [&'static str],
}

const UNITS: [Unit; 3] = [
    Unit {
        sources: "tfplugin6.proto",
        package: "tfplugin6",
        target: "tfplugin-sdk/src/generated/tfplugin6.rs",
        opaque: &[".tfplugin6.DynamicValue", ".tfplugin6.RawState"],
    },
    Unit { sources: "goplugin", package: "plugin", target: "tfplugin-sdk/src/generated/goplugin.rs", opaque: &[] },
    Unit { sources: "clbsim/v1", package: "clbsim.v1", target: "simulator/src/generated/clbsim.rs", opaque: &[] },
];

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let root = repository();
    let generated = generate(&root)?;
    if arguments.check {
        return stale(&root, &generated);
    }
    for (target, text) in &generated {
        let path = root.join(target);
        let folder = path.parent().ok_or("a generated file has a folder")?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {target}");
    }
    Ok(())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the repository").to_owned()
}

/// Text of every generated file by its place in the repository.
fn generate(root: &Path) -> Result<BTreeMap<&'static str, String>, String> {
    UNITS.iter().map(|unit| Ok((unit.target, compile(root, unit)?))).collect()
}

fn compile(root: &Path, unit: &Unit) -> Result<String, String> {
    let proto = root.join("proto");
    let sources = sources(&proto.join(unit.sources))?;
    let descriptors = protox::compile(&sources, [&proto]).map_err(|error| format!("{error:?}"))?;
    let scratch = tempfile::tempdir().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
    tonic_prost_build::configure()
        .out_dir(scratch.path())
        .generate_default_stubs(true)
        .skip_debug(unit.opaque)
        .compile_fds(descriptors)
        .map_err(|error| format!("proto/{}: {error}", unit.sources))?;
    let made = scratch.path().join(format!("{}.rs", unit.package));
    let code = fs::read_to_string(&made)
        .map_err(|error| format!("proto/{} does not define package {}: {error}", unit.sources, unit.package))?;
    Ok(format!("// Made by `cargo xtask codegen` from proto/{}. Do not edit.\n{code}", unit.sources))
}

/// The file itself, or every .proto of a folder in the order of their names.
fn sources(place: &Path) -> Result<Vec<PathBuf>, String> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let entries = fs::read_dir(place).map_err(|error| format!("{}: {error}", place.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "proto"))
        .collect();
    files.sort();
    Ok(files)
}

/// An error that names every checked-in file that is not what `generate` makes.
fn stale(root: &Path, generated: &BTreeMap<&'static str, String>) -> Result<(), String> {
    let stale: Vec<&str> = generated
        .iter()
        .filter(|(target, text)| fs::read_to_string(root.join(target)).ok().as_ref() != Some(text))
        .map(|(target, _)| *target)
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("not what proto/ says any more: {}\nrun `cargo xtask codegen` and commit the result", stale.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_files_are_what_proto_says() {
        let root = repository();
        let generated = generate(&root).expect("proto/ compiles");
        stale(&root, &generated).expect("nothing is stale");
    }

    #[test]
    fn a_changed_file_is_named_with_the_remedy() {
        let root = tempfile::tempdir().expect("a folder");
        let generated = BTreeMap::from([("a.rs", "new".to_owned()), ("b.rs", "same".to_owned())]);
        fs::write(root.path().join("a.rs"), "old").expect("written");
        fs::write(root.path().join("b.rs"), "same").expect("written");
        let message = stale(root.path(), &generated).expect_err("a.rs differs");
        assert!(message.contains("a.rs") && message.contains("cargo xtask codegen"), "{message}");
        assert!(!message.contains("b.rs"), "{message}");
    }
}
