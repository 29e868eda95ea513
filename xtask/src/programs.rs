//! Programs the tasks start: cargo for the project's own, Terraform, and what cargo has built.
//!
//! xtask links none of the project's crates; it runs their programs as a user would.

use std::env::consts::{ARCH, EXE_SUFFIX, OS};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The provider's program.
pub const PROVIDER: &str = "terraform-provider-clb";
/// The simulator's program.
pub const SIMULATOR: &str = "clb-simulator";

/// The folder of the workspace manifest.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask/ lies in the repository").to_owned()
}

/// The programs of the workspace, built.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Builds the programs in the profile the tests use, all together: cargo gives shared dependencies the features of
    /// what is built together, so building one program alone would build half of them again. Progress goes to the
    /// terminal.
    pub fn build() -> Result<Self, String> {
        Self::build_in("debug", &[])
    }

    /// Builds the programs as they are released.
    pub fn build_released() -> Result<Self, String> {
        Self::build_in("release", &["--release"])
    }

    /// Builds the programs as they are released, to run on any machine of this platform: for musl where that can be built,
    /// and else for this machine's C library, as it says.
    pub fn build_to_be_released() -> Result<Self, String> {
        let Some(target) = static_target() else {
            eprintln!(
                "the target for musl or its C compiler is not installed: the programs need this machine's C library"
            );
            return Self::build_released();
        };
        Self::build_in(&format!("{target}/release"), &["--release", "--target", &target])
    }

    /// Programs that are there already.
    pub fn lying_in(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Builds one example of one package as it is released, as an author of a provider builds theirs: with the features
    /// that this package asks for and no others.
    pub fn build_example(package: &str, name: &str) -> Result<PathBuf, String> {
        build(&["--release", "--package", package, "--example", name])?;
        Ok(target_folder()?.join("release/examples").join(format!("{name}{EXE_SUFFIX}")))
    }

    /// Builds one program as it is released, for suites that need no other: with the features that its own package asks
    /// for.
    pub fn build_released_alone(name: &str) -> Result<PathBuf, String> {
        build(&["--release", "--package", name, "--bin", name])?;
        Ok(target_folder()?.join("release").join(format!("{name}{EXE_SUFFIX}")))
    }

    fn build_in(folder: &str, options: &[&str]) -> Result<Self, String> {
        build(&[&["--workspace", "--bins"], options].concat())?;
        Ok(Self { folder: target_folder()?.join(folder) })
    }

    /// Where a program lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{EXE_SUFFIX}"))
    }
}

/// The target whose programs need nothing of the machine they run on, if it can be built for here: its standard library
/// is installed, and so is the C compiler that ring asks for.
fn static_target() -> Option<String> {
    let target = format!("{ARCH}-unknown-linux-musl");
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let library = Path::new(String::from_utf8_lossy(&sysroot.stdout).trim()).join("lib/rustlib").join(&target);
    let compilers = [format!("{ARCH}-linux-musl-gcc"), "musl-gcc".to_owned()];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_found = |name: &String| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    (OS == "linux" && library.is_dir() && compilers.iter().any(is_found)).then_some(target)
}

fn build(options: &[&str]) -> Result<(), String> {
    let status =
        cargo().arg("build").args(options).status().map_err(|error| format!("cargo does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err("cargo build failed; what it said stands above".to_owned()) }
}

/// Where cargo builds, as cargo itself says it.
fn target_folder() -> Result<PathBuf, String> {
    let output = run(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata gives no JSON: {error}"))?;
    let folder = metadata["target_directory"].as_str().ok_or("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(folder))
}

/// Cargo, without what the cargo that runs this task has put into the environment about xtask: build scripts that look
/// at it (ring's does) would take everything for changed.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name.to_string_lossy().starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// Terraform in one folder, with a CLI configuration that finds the built provider and asks no network.
pub struct Terraform {
    binary: PathBuf,
    folder: PathBuf,
    cli_configuration: PathBuf,
    environment: Vec<(String, String)>,
}

impl Terraform {
    /// For a folder that holds a configuration naming the provider. The mirror and the CLI configuration are written
    /// beside it, into `support`.
    pub fn with_provider(folder: &Path, support: &Path, provider: &Path) -> Result<Self, String> {
        let this = Self::alone(folder, support)?;
        let mirror = support.join("mirror");
        let text = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
            mirror.display().to_string()
        );
        write(&this.cli_configuration, &text)?;
        this.fill_mirror(&mirror, provider)?;
        Ok(this)
    }

    /// For a folder whose configuration needs no provider that would have to be found.
    pub fn alone(folder: &Path, support: &Path) -> Result<Self, String> {
        let cli_configuration = support.join("terraform.rc");
        write(&cli_configuration, "disable_checkpoint = true\n")?;
        Ok(Self { binary: find_terraform()?, folder: folder.to_owned(), cli_configuration, environment: Vec::new() })
    }

    /// What every run sees beside what this process has.
    pub fn set_environment(&mut self, environment: Vec<(String, String)>) {
        self.environment = environment;
    }

    /// The CLI configuration, for people who go on by hand.
    pub fn cli_configuration(&self) -> &Path {
        &self.cli_configuration
    }

    /// Runs Terraform; an error is what it said.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, String> {
        let output = run(&mut self.command(arguments))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs Terraform and gives its exit code, whatever it is.
    pub fn code<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<(Option<i32>, String), String> {
        let output = self.command(arguments).output().map_err(|error| format!("terraform does not start: {error}"))?;
        Ok((output.status.code(), said(&output)))
    }

    /// Runs Terraform and reads its output as JSON.
    pub fn json(&self, arguments: &[&str]) -> Result<serde_json::Value, String> {
        let text = self.run(arguments)?;
        serde_json::from_str(&text).map_err(|error| format!("terraform {} gives no JSON: {error}", arguments.join(" ")))
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("TF_CLI_CONFIG_FILE", &self.cli_configuration)
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env_remove("TF_REATTACH_PROVIDERS")
            .env_remove("TF_DISABLE_PLUGIN_TLS")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Lays the provider where `terraform init` looks for it: HOST/NAMESPACE/TYPE/VERSION/PLATFORM. Terraform itself is
    /// asked for the host that it completes the provider's short address with.
    fn fill_mirror(&self, mirror: &Path, provider: &Path) -> Result<(), String> {
        let said = self.run(&["providers", "-no-color"])?;
        let address = said
            .split_once("provider[")
            .and_then(|(_, rest)| rest.split_once(']'))
            .map(|(address, _)| address)
            .ok_or_else(|| format!("`terraform providers` names no provider:\n{said}"))?;
        let version = env!("CARGO_PKG_VERSION");
        let platform = self.json(&["version", "-json"])?["platform"].as_str().unwrap_or_default().to_owned();
        let name = address.rsplit('/').next().unwrap_or(address);
        let folder = mirror.join(address).join(version).join(platform);
        let file = folder.join(format!("terraform-provider-{name}_v{version}{EXE_SUFFIX}"));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        std::fs::copy(provider, &file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(())
    }
}

/// Makes an empty folder: what an earlier run left is from other ports and other builds.
pub fn clear(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Writes a file, and the folder it lies in.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Runs a program to its end; a failure is what it said.
pub fn run(command: &mut Command) -> Result<Output, String> {
    let output =
        command.output().map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(output);
    }
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(format!("`{program} {}` failed:\n{}", words.join(" "), said(&output)))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Terraform from TF_ACC_TERRAFORM_PATH, else from the PATH.
fn find_terraform() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("TF_ACC_TERRAFORM_PATH") {
        return Ok(PathBuf::from(path));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("terraform{EXE_SUFFIX}");
    std::env::split_paths(&folders).map(|folder| folder.join(&name)).find(|path| path.is_file()).ok_or_else(|| {
        "no terraform on the PATH: install Terraform 1.11 or newer, or name it in TF_ACC_TERRAFORM_PATH".to_owned()
    })
}
