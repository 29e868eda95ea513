//! `cargo xtask codegen`: proto/ → generated Rust, without protoc. `--check` compares instead of writing.
//!
//! Not a build script: the result is checked in, so that building needs nothing of this and a reader can open it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::field_descriptor_proto::Type;

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a checked-in file differs from what would be written.
    #[arg(long)]
    check: bool,
}

/// Generated code and where it comes from.
struct Unit {
    /// Folders or files below proto/; a folder stands for every .proto in it.
    sources: &'static str,
    /// The protobuf package, which is also the name of the file that the compiler makes.
    package: &'static str,
    /// Where the result is checked in.
    target: &'static str,
    /// Messages whose `Debug` is written by hand, because they carry user data that must not reach a log.
    opaque: &'static [&'static str],
    /// What a program shows of its own contract: JSON from every message, and the contract as gRPC's reflection reads it.
    shown: Option<Shown>,
}

/// See [`Unit::shown`].
struct Shown {
    /// Where the compiled contract (a `FileDescriptorSet`) is checked in.
    descriptors: &'static str,
    /// The module with the functions that write what serde does not know: `time`, `text` and `embedded`.
    serializers: &'static str,
}

const UNITS: [Unit; 3] = [
    Unit {
        sources: "tfplugin6.proto",
        package: "tfplugin6",
        target: "tfplugin-sdk/src/generated/tfplugin6.rs",
        opaque: &[".tfplugin6.DynamicValue", ".tfplugin6.RawState"],
        shown: None,
    },
    Unit {
        sources: "goplugin",
        package: "plugin",
        target: "tfplugin-sdk/src/generated/goplugin.rs",
        opaque: &[],
        shown: None,
    },
    Unit {
        sources: "clbsim/v1",
        package: "clbsim.v1",
        target: "simulator/src/generated/clbsim.rs",
        opaque: &[],
        shown: Some(Shown { descriptors: "simulator/src/generated/clbsim.binpb", serializers: "crate::generated" }),
    },
];

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let root = repository();
    let generated = generate(&root)?;
    if arguments.check {
        return stale(&root, &generated);
    }
    for (target, content) in &generated {
        let path = root.join(target);
        let folder = path.parent().ok_or("a generated file has a folder")?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote {target}");
    }
    Ok(())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the repository").to_owned()
}

/// What every generated file holds, by its place in the repository.
fn generate(root: &Path) -> Result<BTreeMap<&'static str, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    for unit in &UNITS {
        let proto = root.join("proto");
        let sources = sources(&proto.join(unit.sources))?;
        let descriptors = protox::compile(&sources, [&proto]).map_err(|error| format!("{error:?}"))?;
        if let Some(shown) = &unit.shown {
            files.insert(shown.descriptors, without_comments(descriptors.clone()).encode_to_vec());
        }
        files.insert(unit.target, compile(unit, descriptors)?.into_bytes());
    }
    Ok(files)
}

/// Comments and places in the text are not asked for by reflection.
fn without_comments(mut descriptors: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    descriptors
}

fn compile(unit: &Unit, descriptors: FileDescriptorSet) -> Result<String, String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
    let mut compiler =
        tonic_prost_build::configure().out_dir(scratch.path()).generate_default_stubs(true).skip_debug(unit.opaque);
    if let Some(shown) = &unit.shown {
        compiler = compiler.type_attribute(format!(".{}", unit.package), "#[derive(serde::Serialize)]");
        for (field, function) in unknown_to_serde(&descriptors) {
            let with = format!("{}::{function}", shown.serializers);
            compiler = compiler.field_attribute(field, format!("#[serde(serialize_with = \"{with}\")]"));
        }
    }
    compiler.compile_fds(descriptors).map_err(|error| format!("proto/{}: {error}", unit.sources))?;
    let made = scratch.path().join(format!("{}.rs", unit.package));
    let code = fs::read_to_string(&made)
        .map_err(|error| format!("proto/{} does not define package {}: {error}", unit.sources, unit.package))?;
    Ok(format!("// Made by `cargo xtask codegen` from proto/{}. Do not edit.\n{code}", unit.sources))
}

/// Fields that serde cannot write or would write badly, each with the function that does: times, bytes, and texts that
/// are JSON already, which are called `…_json`.
fn unknown_to_serde(descriptors: &FileDescriptorSet) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for file in &descriptors.file {
        for message in &file.message_type {
            for field in &message.field {
                let function = match (field.r#type(), field.type_name()) {
                    (Type::Message, ".google.protobuf.Timestamp") => "time",
                    (Type::Bytes, _) => "text",
                    (Type::String, _) if field.name().ends_with("_json") => "embedded",
                    _ => continue,
                };
                found.push((format!(".{}.{}.{}", file.package(), message.name(), field.name()), function));
            }
        }
    }
    found
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
fn stale(root: &Path, generated: &BTreeMap<&'static str, Vec<u8>>) -> Result<(), String> {
    let stale: Vec<&str> = generated
        .iter()
        .filter(|(target, content)| fs::read(root.join(target)).ok().as_ref() != Some(content))
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
        let generated = BTreeMap::from([("a.rs", b"new".to_vec()), ("b.rs", b"same".to_vec())]);
        fs::write(root.path().join("a.rs"), "old").expect("written");
        fs::write(root.path().join("b.rs"), "same").expect("written");
        let message = stale(root.path(), &generated).expect_err("a.rs differs");
        assert!(message.contains("a.rs") && message.contains("cargo xtask codegen"), "{message}");
        assert!(!message.contains("b.rs"), "{message}");
    }
}
