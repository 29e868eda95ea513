//! Private networks of tests: who makes them, and how a test gets inside.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clb-simulator");
/// Set for the tests that run inside.
const INSIDE: &str = "CLB_SIMULATOR_TEST_INSIDE";
/// The user and the group of nobody.
const NOBODY: u32 = 65_534;

/// Whoever starts the program.
pub enum Who {
    /// The user of the tests, whoever that is.
    Me,
    /// A user without any privilege, who has copies of the programs that it may run. Only root can start those.
    Nobody(TempDir),
}

impl Who {
    /// Everybody this test can be.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::Me];
        if is_root() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
            all.push(Self::Nobody(folder));
        }
        all
    }

    /// Somebody without privileges.
    pub fn unprivileged() -> Self {
        Self::all().pop().unwrap()
    }

    /// `clb-simulator exec` with these words, as this user.
    pub fn exec<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(self.own(Path::new(PROGRAM)));
        command.arg("exec").args(words);
        self.run_as(&mut command);
        command
    }

    /// A shell that finds `clb-simulator`, as this user, in a folder of its own if it has one.
    pub fn shell(&self, script: &str) -> Command {
        let program = self.own(Path::new(PROGRAM));
        let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-e", "-c", script]).env("PATH", path);
        self.run_as(&mut command);
        command
    }

    fn run_as(&self, command: &mut Command) {
        if let Self::Nobody(folder) = self {
            command.uid(NOBODY).gid(NOBODY).current_dir(folder.path());
        }
    }

    /// The program as a file that this user may run.
    pub fn own(&self, program: &Path) -> PathBuf {
        let Self::Nobody(folder) = self else { return program.to_owned() };
        let own = folder.path().join(program.file_name().unwrap());
        // A folder above the original may be closed to others.
        if !own.exists() && std::fs::hard_link(program, &own).is_err() {
            std::fs::copy(program, &own).unwrap();
        }
        own
    }
}

pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Runs it to its end.
#[track_caller]
pub fn output(mut command: Command) -> Output {
    command.output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether this machine allows private networks. If not, says so; and fails where `CI` is set.
#[track_caller]
pub fn is_allowed() -> bool {
    let output = output(Who::unprivileged().exec(&["--", "true"]));
    if output.status.success() {
        return true;
    }
    let why = text(&output.stderr);
    assert!(std::env::var_os("CI").is_none(), "this machine must allow private networks: {why}");
    eprintln!("NOT TESTED: {why}");
    false
}

/// Runs the test of that name, which calls this, once more: below `exec` with these options, where its body is run.
#[track_caller]
pub fn inside(test: &str, options: &[&str], body: impl Future<Output = ()>) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        return runtime.unwrap().block_on(body);
    }
    if !is_allowed() {
        return;
    }
    for who in Who::all() {
        let this = who.own(&std::env::current_exe().unwrap());
        let mut command = who.exec(options);
        command.arg("--").arg(this).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
        let output = output(command);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{said}\n{}", text(&output.stderr));
        assert!(said.contains("1 passed"), "{test} is the name of a test: {said}");
    }
}
