//! Terraform in a folder of its own: runs the real binary and reads what it says.
//!
//! Isolated from the user's machine: own CLI configuration, own home, no checkpoint call. Every apply is followed by a
//! second plan, which must be empty.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The source address of the provider, in the short form of `required_providers`.
pub const PROVIDER_SOURCE: &str = "quic-clb/clb";

/// A folder with a configuration, and the environment Terraform runs in.
pub struct Terraform {
    folder: TempDir,
    binary: PathBuf,
    environment: Vec<(String, String)>,
}

/// A run of Terraform that is not over yet.
pub struct Running {
    child: Child,
}

/// What one run of Terraform gave.
pub struct Outcome {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error: diagnostics, and the log when it is on.
    pub errors: String,
}

/// A plan, as `terraform show -json` writes it.
pub struct Plan(Value);

impl Terraform {
    /// An empty folder; `environment` is added to what every run sees.
    pub fn new(environment: Vec<(String, String)>) -> Self {
        Self::with_binary(find(), environment)
    }

    /// An empty folder with OpenTofu in Terraform's place; `None` when there is no `tofu` on the PATH.
    pub fn opentofu() -> Option<Self> {
        Some(Self::with_binary(on_path("tofu")?, Vec::new()))
    }

    fn with_binary(binary: PathBuf, environment: Vec<(String, String)>) -> Self {
        let folder = tempfile::Builder::new().prefix("clb-acceptance-").tempdir().expect("a temporary folder");
        let this = Self { folder, binary, environment };
        this.write("terraform.rc", "disable_checkpoint = true\n");
        this
    }

    /// Where the configuration lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the configuration.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).expect("a writable temporary folder");
    }

    /// Copies what is in a folder into the configuration, without what Terraform left there.
    pub fn copy_from(&self, folder: &Path) {
        copy(folder, self.folder());
    }

    /// Copies a folder into one of the configuration, as [`Terraform::copy_from`] does: a module that it calls.
    pub fn copy_below(&self, name: &str, folder: &Path) {
        copy(folder, &self.folder().join(name));
    }

    /// Sets a variable of the environment for the runs that follow.
    pub fn set_environment(&mut self, name: &str, value: &str) {
        self.environment.retain(|(existing, _)| existing != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Runs Terraform and gives what it said, whatever that is.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        let mut command = self.command(&self.binary);
        command.args(arguments);
        Outcome::of(&mut command)
    }

    /// Starts Terraform and does not wait for its end.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Running {
        let mut command = self.command(&self.binary);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { child: command.spawn().expect("Terraform was found, so it runs") }
    }

    /// Runs a script of a shell that finds this Terraform and the programs of a folder, and gives what it said.
    pub fn shell(&self, script: &str, programs: &Path) -> Outcome {
        let own = self.folder().join("bin");
        std::fs::create_dir_all(&own).expect("a writable temporary folder");
        let link = own.join("terraform");
        if !link.exists() {
            std::os::unix::fs::symlink(&self.binary, link).expect("a writable temporary folder");
        }
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = [own, programs.to_owned()].into_iter().chain(std::env::split_paths(&inherited));
        let mut command = self.command(Path::new("sh"));
        command.args(["-e", "-c", script]).env("PATH", std::env::join_paths(folders).expect("folders of a PATH"));
        Outcome::of(&mut command)
    }

    /// A program in the folder, with an environment of its own.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).env_clear();
        for inherited in ["PATH", "TMPDIR", "LANG"] {
            if let Some(value) = std::env::var_os(inherited) {
                command.env(inherited, value);
            }
        }
        command
            .env("HOME", self.folder())
            .env("TF_CLI_CONFIG_FILE", self.folder().join("terraform.rc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs Terraform and expects it to succeed.
    #[track_caller]
    pub fn must<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        let outcome = self.run(arguments);
        assert!(outcome.code == 0, "terraform {} failed:\n{}", words(arguments), outcome.text());
        outcome
    }

    /// Writes `main.tf`, applies it, and expects a second plan to be empty.
    #[track_caller]
    pub fn apply(&self, configuration: &str) -> Outcome {
        self.write("main.tf", configuration);
        let outcome = self.must(&["apply", "-auto-approve", "-no-color"]);
        self.expect_empty_plan();
        outcome
    }

    /// Expects a plan without any change.
    #[track_caller]
    pub fn expect_empty_plan(&self) {
        let again = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert!(again.code == 0, "a second plan is not empty:\n{}", again.text());
    }

    /// Writes `main.tf` and plans it.
    #[track_caller]
    pub fn plan(&self, configuration: &str) -> Plan {
        self.plan_with(configuration, &[])
    }

    /// Writes `main.tf` and plans it with further options.
    #[track_caller]
    pub fn plan_with(&self, configuration: &str, options: &[&str]) -> Plan {
        self.write("main.tf", configuration);
        self.must(&[&["plan", "-out", "saved.plan", "-no-color"], options].concat());
        let shown = self.must(&["show", "-json", "saved.plan"]);
        Plan(serde_json::from_str(&shown.output).expect("show -json gives JSON"))
    }

    /// What somebody else has changed since the last run, as a plan that changes nothing itself.
    #[track_caller]
    pub fn refresh_only(&self) -> Plan {
        self.must(&["plan", "-refresh-only", "-out", "saved.plan", "-no-color"]);
        let shown = self.must(&["show", "-json", "saved.plan"]);
        Plan(serde_json::from_str(&shown.output).expect("show -json gives JSON"))
    }

    /// Writes `main.tf` and expects the plan to fail; gives the diagnostics as one line of words.
    #[track_caller]
    pub fn refused_plan(&self, configuration: &str) -> String {
        self.refused(configuration, &["plan", "-no-color"])
    }

    /// Writes `main.tf` and expects the apply to fail; gives the diagnostics as one line of words.
    #[track_caller]
    pub fn refused_apply(&self, configuration: &str) -> String {
        self.refused(configuration, &["apply", "-auto-approve", "-no-color"])
    }

    #[track_caller]
    fn refused(&self, configuration: &str, arguments: &[&str]) -> String {
        self.write("main.tf", configuration);
        let outcome = self.run(arguments);
        assert!(outcome.code != 0, "terraform {} was expected to fail:\n{}", words(arguments), outcome.text());
        sentence(&outcome.errors)
    }

    /// Destroys everything.
    #[track_caller]
    pub fn destroy(&self) -> Outcome {
        self.must(&["destroy", "-auto-approve", "-no-color"])
    }

    /// Imports an existing object into an address of the configuration.
    #[track_caller]
    pub fn import(&self, address: &str, id: &str) -> Outcome {
        self.must(&["import", "-no-color", address, id])
    }

    /// Forgets a resource without touching what it stands for.
    #[track_caller]
    pub fn forget(&self, address: &str) {
        self.must(&["state", "rm", address]);
    }

    /// The attributes of a resource in the state; `None` when it is not there.
    pub fn attributes(&self, address: &str) -> Option<Value> {
        let shown = self.must(&["show", "-json"]);
        let state: Value = serde_json::from_str(&shown.output).expect("show -json gives JSON");
        let resources = state["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        resources.into_iter().find(|resource| resource["address"] == address).map(|resource| resource["values"].clone())
    }

    /// One attribute of a resource in the state.
    #[track_caller]
    pub fn attribute(&self, address: &str, name: &str) -> Value {
        let attributes = self.attributes(address).unwrap_or_else(|| panic!("{address} is not in the state"));
        assert!(attributes.get(name).is_some(), "{address} has no attribute {name}: {attributes}");
        attributes[name].clone()
    }

    /// One text attribute of a resource in the state.
    #[track_caller]
    pub fn text(&self, address: &str, name: &str) -> String {
        let value = self.attribute(address, name);
        value.as_str().unwrap_or_else(|| panic!("{address}.{name} is {value}, not a text")).to_owned()
    }

    /// The state file, as it lies on the disk.
    pub fn state_file(&self) -> String {
        std::fs::read_to_string(self.folder().join("terraform.tfstate")).expect("a state has been written")
    }

    /// The host that Terraform completes [`PROVIDER_SOURCE`] with. Asked from Terraform itself, because OpenTofu's is
    /// another.
    #[track_caller]
    pub fn registry_host(&self) -> String {
        let said = self.must(&["providers", "-no-color"]).output;
        let end = said.find(&format!("/{PROVIDER_SOURCE}]")).unwrap_or_else(|| panic!("no provider in:\n{said}"));
        let start = said[..end].rfind('[').expect("the address stands in brackets");
        said[start + 1..end].to_owned()
    }
}

impl Outcome {
    fn of(command: &mut Command) -> Self {
        Self::from(&command.output().expect("the program was found, so it runs"))
    }

    fn from(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Everything that was said.
    pub fn text(&self) -> String {
        format!("{}{}", self.output, self.errors)
    }

    /// The diagnostics as one line of words.
    pub fn sentence(&self) -> String {
        sentence(&self.errors)
    }
}

impl Running {
    /// Sends Terraform a signal, such as `INT` for Ctrl-C.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Sends the provider that Terraform has started a signal; false when there is none (any more).
    pub fn signal_provider(&self, name: &str) -> bool {
        let id = self.child.id();
        let children =
            std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten().flat_map(|thread| {
                let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
                children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()).collect::<Vec<_>>()
            });
        let is_provider = |id: &u32| {
            let name = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
            // The kernel keeps 15 characters.
            name.starts_with("terraform-provi")
        };
        let providers: Vec<u32> = children.filter(is_provider).collect();
        for id in &providers {
            signal(*id, name);
        }
        !providers.is_empty()
    }

    /// Waits for its end; the code is -1 when it was killed.
    pub fn outcome(self) -> Outcome {
        let output = self.child.wait_with_output().expect("a started program ends");
        Outcome::from(&output)
    }
}

fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.to_string()]).stderr(Stdio::null()).status();
    sent.expect("kill is everywhere");
}

impl Plan {
    /// What will be done to a resource: `["update"]`, `["delete", "create"]`, `["no-op"]` ...; empty when unknown.
    pub fn actions(&self, address: &str) -> Vec<String> {
        let change = self.listed("resource_changes", address);
        let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
        actions.iter().filter_map(|action| action.as_str().map(str::to_owned)).collect()
    }

    /// Where a resource was before it was moved; empty when it was not.
    pub fn previous_address(&self, address: &str) -> String {
        self.listed("resource_changes", address)["previous_address"].as_str().unwrap_or_default().to_owned()
    }

    /// The attributes whose change replaces a resource, such as `port` or `tls.mode`.
    pub fn replacing(&self, address: &str) -> BTreeSet<String> {
        let paths =
            self.listed("resource_changes", address)["change"]["replace_paths"].as_array().cloned().unwrap_or_default();
        let names = |path: &Value| {
            let steps = path.as_array().into_iter().flatten().filter_map(Value::as_str);
            steps.collect::<Vec<_>>().join(".")
        };
        paths.iter().map(names).collect()
    }

    /// The attributes that this plan gives another value which is known, such as `port` or `tls.mode`.
    pub fn changing(&self, address: &str) -> BTreeSet<String> {
        differing(&self.listed("resource_changes", address)["change"])
    }

    /// The attributes that somebody else has changed since the last run, such as `port` or `tls.mode`.
    pub fn drifted(&self, address: &str) -> BTreeSet<String> {
        differing(&self.listed("resource_drift", address)["change"])
    }

    /// What one of the plan's lists says of a resource.
    fn listed(&self, list: &str, address: &str) -> Value {
        let changes = self.0[list].as_array().cloned().unwrap_or_default();
        changes.into_iter().find(|change| change["address"] == address).unwrap_or_default()
    }

    /// The plan as text, to look for what must not be in it.
    pub fn json(&self) -> String {
        self.0.to_string()
    }
}

/// The names of attributes, with those inside objects.
pub fn attribute_names(attributes: &Value) -> BTreeSet<String> {
    flattened(attributes).into_keys().collect()
}

/// What differs between `before` and `after` of a change; what will be known only later does not count.
fn differing(change: &Value) -> BTreeSet<String> {
    let (before, after) = (flattened(&change["before"]), flattened(&change["after"]));
    let differs =
        |(name, value): &(&String, &Value)| before.get(*name) != Some(*value) && !change_is_unknown(change, name);
    after.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

/// Whether a value is to be known only after the apply.
fn change_is_unknown(change: &Value, name: &str) -> bool {
    let mut unknown = &change["after_unknown"];
    for step in name.split('.') {
        unknown = &unknown[step];
    }
    unknown == true
}

/// Attributes by name; those of objects as `object.attribute`. Maps of the user's count as one.
fn flattened(attributes: &Value) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (name, value) in attributes.as_object().into_iter().flatten() {
        match value.as_object().filter(|_| !matches!(name.as_str(), "tags" | "timeouts")) {
            Some(inner) => flat.extend(inner.iter().map(|(inner, value)| (format!("{name}.{inner}"), value.clone()))),
            None => _ = flat.insert(name.clone(), value.clone()),
        }
    }
    flat
}

/// Copies a folder with all that is in it, but for names that begin with a dot.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a writable temporary folder");
    for entry in std::fs::read_dir(from).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().expect("an entry has a name");
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let copied = to.join(name);
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            std::fs::copy(&path, &copied).expect("a writable temporary folder");
        }
    }
}

fn words<S: AsRef<OsStr>>(arguments: &[S]) -> String {
    arguments.iter().map(|word| word.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A text without frames and line breaks: Terraform wraps its messages at the terminal's width.
fn sentence(text: &str) -> String {
    text.split_whitespace().filter(|word| !matches!(*word, "│" | "╷" | "╵")).collect::<Vec<_>>().join(" ")
}

/// Terraform from TF_ACC_TERRAFORM_PATH, else from the PATH.
fn find() -> PathBuf {
    if let Some(path) = std::env::var_os("TF_ACC_TERRAFORM_PATH") {
        let path = PathBuf::from(path);
        assert!(path.is_file(), "TF_ACC_TERRAFORM_PATH names {}, which is no file", path.display());
        return path;
    }
    on_path("terraform").unwrap_or_else(|| {
        panic!(
            "the acceptance tests need a real Terraform (1.11 or newer): none is on the PATH. \
             Install one, or name it in TF_ACC_TERRAFORM_PATH."
        )
    })
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}
