//! A folder with a configuration, the sample provider and the real `terraform`.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::process::example;

/// Where one test runs Terraform. Nothing outside it is read or written.
pub struct Sandbox {
    provider: &'static str,
    folder: TempDir,
    /// More variables for Terraform's environment.
    pub variables: Vec<(String, String)>,
}

impl Sandbox {
    /// With the binary in place of a published provider (`dev_overrides`), so that no `init` is needed.
    pub fn new(resources: &str) -> Self {
        Self::of("notes", resources)
    }

    /// The same with another example.
    pub fn of(provider: &'static str, resources: &str) -> Self {
        let sandbox = Self { provider, folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        let binaries = sandbox.path("bin");
        fs::create_dir(&binaries).unwrap();
        fs::create_dir(sandbox.notes()).unwrap();
        symlink(example(provider), binaries.join(format!("terraform-provider-{provider}"))).unwrap();
        let overrides = format!(
            "disable_checkpoint = true\nprovider_installation {{\n  dev_overrides {{ \"example/{provider}\" = \"{}\" }}\n  \
             direct {{}}\n}}\n",
            binaries.display()
        );
        fs::write(sandbox.path("cli.tfrc"), overrides).unwrap();
        sandbox.configure(resources);
        sandbox
    }

    /// Replaces the resources.
    pub fn configure(&self, resources: &str) {
        let provider = self.provider;
        let argument = if provider == "folder" { "path" } else { "folder" };
        let text = format!(
            "terraform {{\n  required_providers {{\n    {provider} = {{ source = \"example/{provider}\" }}\n  }}\n}}\n\
             provider \"{provider}\" {{ {argument} = \"{}\" }}\n{resources}\n",
            self.notes().display()
        );
        fs::write(self.path("main.tf"), text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder in which the provider keeps its notes.
    pub fn notes(&self) -> PathBuf {
        self.path("notes")
    }

    /// A Terraform command in this folder, alone in a process group.
    pub fn terraform(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(self.folder.path());
        for name in ["TF_LOG", "TF_LOG_PROVIDER", "TF_REATTACH_PROVIDERS", "TF_PLUGIN_MAGIC_COOKIE"] {
            command.env_remove(name);
        }
        command.env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc")).env("TF_IN_AUTOMATION", "1");
        // A provider that crashes leaves its socket.
        command.env("TMPDIR", self.folder.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }

    /// Starts it.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let started = self.terraform(arguments).spawn();
        started.unwrap_or_else(|error| panic!("these tests need the program `terraform` on PATH: {error}"))
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran(self.start(arguments).wait_with_output().unwrap())
    }

    /// Runs `terraform apply` without questions.
    pub fn apply(&self) -> Ran {
        self.run(&["apply", "-auto-approve", "-no-color"])
    }

    /// Whether a plan finds nothing to do.
    pub fn is_settled(&self) -> bool {
        self.run(&["plan", "-detailed-exitcode", "-no-color"]).code() == 0
    }

    /// What Terraform remembers, as text.
    pub fn state(&self) -> String {
        fs::read_to_string(self.path("terraform.tfstate")).unwrap_or_default()
    }

    /// Names of the notes that exist.
    pub fn existing(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(self.notes()).unwrap().map(name).collect();
        names.sort();
        names
    }

    /// The text of a note.
    pub fn text(&self, id: &str) -> String {
        fs::read_to_string(self.notes().join(Path::new(id))).unwrap()
    }
}

/// A Terraform command that has ended.
pub struct Ran(pub Output);

impl Ran {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    /// What it printed, stdout first. Lines that Terraform wrapped in its error box are joined again.
    pub fn text(&self) -> String {
        let text = [&self.0.stdout[..], &self.0.stderr[..]].map(String::from_utf8_lossy).concat();
        text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
    }

    /// Fails the test, with everything printed, unless it succeeded.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert!(self.0.status.success(), "{}", self.text());
        self
    }

    /// Fails the test unless it failed and said this.
    #[track_caller]
    pub fn fails_saying(self, what: &str) -> Self {
        assert!(!self.0.status.success(), "succeeded:\n{}", self.text());
        assert!(self.text().contains(what), "{what:?} is not in:\n{}", self.text());
        self
    }
}
