//! `cargo xtask dist`: what a release consists of, for this machine's platform, in `target/dist`.
//!
//! ```text
//! terraform-provider-clb_VERSION_OS_ARCH.zip      the provider, in the Registry's naming, with the licences
//! terraform-provider-clb_VERSION_manifest.json    that it speaks protocol 6.0
//! terraform-provider-clb_VERSION_SHA256SUMS       of both
//! clb-simulator_VERSION_OS_ARCH.zip               the simulator, with the licences
//! clb-simulator_VERSION_SHA256SUMS
//! ```
//!
//! The same programs give the same bytes. Not here: the signature of the sums, which the key's owner makes, and uploading
//! (CONTRIBUTING.md says both).

mod archive;

use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use archive::Archive;

use crate::programs::{PROVIDER, Programs, SIMULATOR, clear, repository, write};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the Registry is told of a provider: which protocols Terraform may speak with it.
const MANIFEST: &str = "{\n  \"version\": 1,\n  \"metadata\": {\n    \"protocol_versions\": [\"6.0\"]\n  }\n}\n";

/// What lies beside the program in each archive.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Programs and texts, as file systems know them.
const EXECUTABLE: u32 = 0o755;
const READABLE: u32 = 0o644;

/// Options of the task.
#[derive(clap::Args)]
pub struct Arguments {
    /// Pack the programs that lie in this folder, and build none
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Where to put everything [default: target/dist]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Runs the task.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let out = arguments.out.clone().unwrap_or_else(|| repository().join("target/dist"));
    let programs = match &arguments.programs {
        Some(folder) => Programs::lying_in(folder),
        None => Programs::build_to_be_released()?,
    };
    clear(&out)?;
    let platform = platform();
    let manifest = format!("{PROVIDER}_{VERSION}_manifest.json");
    write(&out.join(&manifest), MANIFEST)?;
    let provider = format!("{PROVIDER}_{VERSION}_{platform}.zip");
    pack(&out.join(&provider), &programs.path(PROVIDER), &format!("{PROVIDER}_v{VERSION}{EXE_SUFFIX}"))?;
    let simulator = format!("{SIMULATOR}_{VERSION}_{platform}.zip");
    pack(&out.join(&simulator), &programs.path(SIMULATOR), &format!("{SIMULATOR}{EXE_SUFFIX}"))?;
    write_sums(&out, PROVIDER, &[&provider, &manifest])?;
    write_sums(&out, SIMULATOR, &[&simulator])?;
    println!("{}", out.display());
    Ok(())
}

/// Operating system and processor as Terraform and the Registry name them, such as `linux_amd64`.
fn platform() -> String {
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{processor}")
}

/// An archive of one program, under the name it is to have, and the licences.
fn pack(path: &Path, program: &Path, name: &str) -> Result<(), String> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut archive = Archive::default();
    archive.add(name, EXECUTABLE, &read(program)?)?;
    for licence in LICENCES {
        archive.add(licence, READABLE, &read(&repository().join(licence))?)?;
    }
    std::fs::write(path, archive.into_bytes()?).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes the checksums of files as `sha256sum` does, in the order of their names.
fn write_sums(folder: &Path, name: &str, files: &[&str]) -> Result<(), String> {
    let mut files = files.to_vec();
    files.sort_unstable();
    let mut text = String::new();
    for file in files {
        let bytes = std::fs::read(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
        for byte in Sha256::digest(bytes) {
            let _ = write!(text, "{byte:02x}");
        }
        let _ = writeln!(text, "  {file}");
    }
    write(&folder.join(format!("{name}_{VERSION}_SHA256SUMS")), &text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test, which is the point")]

    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let said = pack(&folder.path().join("a.zip"), &folder.path().join("nothing"), "b").unwrap_err();
        assert!(said.contains("nothing"), "{said}");
    }

    #[test]
    fn sums_are_those_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b"), "abc").unwrap();
        std::fs::write(folder.path().join("a"), "").unwrap();
        write_sums(folder.path(), "x", &["b", "a"]).unwrap();
        let sums = std::fs::read_to_string(folder.path().join(format!("x_{VERSION}_SHA256SUMS"))).unwrap();
        assert_eq!(
            sums,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
        );
    }
}
