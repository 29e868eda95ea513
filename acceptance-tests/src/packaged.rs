//! The provider as users get it: a built binary in a filesystem mirror, found by `terraform init`; or the folder it was built
//! into, which overrides what would be installed. The archive of a release is tested as its guide installs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::terraform::{PROVIDER_SOURCE, Terraform};
use crate::{project_root, target_folder};

/// The version the workspace carries.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds the programs of the workspace, and gives the folder they lie in. Cargo does nothing when they are fresh.
pub fn programs() -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--workspace", "--bins", "--target-dir"]).arg(target_folder()).current_dir(project_root());
    // What the cargo that runs this test says about its package: build scripts that look at it (ring's does) would take
    // everything for changed.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name.to_string_lossy().starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let output = cargo.output().expect("cargo runs, it has built this test");
    assert!(output.status.success(), "cargo build failed:\n{}", String::from_utf8_lossy(&output.stderr));
    target_folder().join("debug")
}

/// Puts the provider into a mirror inside Terraform's folder and points its CLI configuration there. The configuration
/// must already be written: it says which host the provider's address is completed with.
pub fn install_mirror(terraform: &Terraform, provider: &Path) {
    let mirror = terraform.folder().join("mirror");
    let folder = mirror.join(terraform.registry_host()).join(PROVIDER_SOURCE).join(VERSION).join(platform(terraform));
    std::fs::create_dir_all(&folder).expect("a writable temporary folder");
    std::fs::copy(provider, folder.join(format!("terraform-provider-clb_v{VERSION}"))).expect("a built provider");
    write_installation(terraform, &format!("filesystem_mirror {{ path = \"{}\" }}", mirror.display()));
}

/// Has Terraform take the provider from the folder it is built into, whatever would be installed.
pub fn override_installed(terraform: &Terraform) {
    let folder = programs();
    let text = format!("dev_overrides {{ \"{PROVIDER_SOURCE}\" = \"{}\" }}\n  direct {{}}", folder.display());
    write_installation(terraform, &text);
}

fn write_installation(terraform: &Terraform, methods: &str) {
    let text = format!("disable_checkpoint = true\nprovider_installation {{\n  {methods}\n}}\n");
    terraform.write("terraform.rc", &text);
}

/// Operating system and processor as Terraform names them, e.g. `linux_amd64`.
fn platform(terraform: &Terraform) -> String {
    let said = terraform.must(&["version", "-json"]).output;
    let version: serde_json::Value = serde_json::from_str(&said).expect("version -json gives JSON");
    version["platform"].as_str().expect("a platform").to_owned()
}
