//! One run of the program `terraform`: found, shielded from its user's settings, and ended when it takes too long.
//!
//! Not here: what is run (`session`), and what its output means (`diagnostic`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fmt};

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::diagnostic;

/// How long one run of Terraform may take, unless a test says otherwise.
pub const DEADLINE: Duration = Duration::from_mins(10);

/// A run that is over its deadline is interrupted, so that it can write down what exists; after this long (or after
/// the deadline has passed once more, whichever comes first) it is killed.
const GRACE: Duration = Duration::from_secs(30);

/// What is passed on of the environment. All else might change what Terraform does.
const INHERITED: [&str; 4] = ["PATH", "TMPDIR", "LANG", "SSL_CERT_FILE"];

/// How Terraform is run.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    deadline: Duration,
}

/// A run that has ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub arguments: Vec<String>,
    /// The exit code; `None` when it was ended by a signal.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// The deadline that it did not keep.
    pub overran: Option<Duration>,
}

impl Program {
    /// The one of `TF_ACC_TERRAFORM_PATH`, else the first on the PATH. The error says what to install.
    pub(super) fn find(variable: impl Fn(&str) -> Option<OsString>, deadline: Duration) -> Result<Self, String> {
        if let Some(path) = variable("TF_ACC_TERRAFORM_PATH").map(PathBuf::from) {
            let missing = format!("TF_ACC_TERRAFORM_PATH names {}, which is no file", path.display());
            // Terraform runs in a folder of its own.
            return path
                .canonicalize()
                .ok()
                .filter(|path| path.is_file())
                .map(|path| Self { path, deadline })
                .ok_or(missing);
        }
        let folders = variable("PATH").unwrap_or_default();
        let found = env::split_paths(&folders).map(|folder| folder.join("terraform")).find(|path| path.is_file());
        let path = found.and_then(|path| path.canonicalize().ok()).ok_or(
            "this test runs a real Terraform (1.5 or newer), and there is none on the PATH: install it, or name it in \
             TF_ACC_TERRAFORM_PATH",
        )?;
        Ok(Self { path, deadline })
    }

    /// Runs it in `folder` to its end, whatever that is.
    pub(super) async fn run(&self, folder: &Path, environment: &[(String, String)], arguments: &[&str]) -> Ran {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(folder).env_clear();
        command.envs(INHERITED.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command
            .env("HOME", folder)
            .env("TF_CLI_CONFIG_FILE", folder.join("cli.tfrc"))
            .env("TF_DATA_DIR", folder.join(".terraform"))
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let mut ran = self.see_to_its_end(child).await;
        ran.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        ran
    }

    async fn see_to_its_end(&self, mut child: Child) -> Ran {
        let id = child.id();
        let (mut out, mut err, mut status) = (Vec::new(), Vec::new(), None::<ExitStatus>);
        let pipes = (child.stdout.take(), child.stderr.take());
        let mut overran = None;
        {
            let reading_out = async {
                if let Some(mut pipe) = pipes.0 {
                    pipe.read_to_end(&mut out).await.ok();
                }
            };
            let reading_err = async {
                if let Some(mut pipe) = pipes.1 {
                    pipe.read_to_end(&mut err).await.ok();
                }
            };
            let ending = async { status = child.wait().await.ok() };
            let mut all = std::pin::pin!(async { tokio::join!(reading_out, reading_err, ending) });
            let grace = GRACE.min(self.deadline);
            if timeout(self.deadline, &mut all).await.is_err() {
                overran = Some(self.deadline);
                signal(id, libc::SIGINT);
                if timeout(grace, &mut all).await.is_err() {
                    signal(id, libc::SIGKILL);
                    // Its own children may hold the pipes open: they are not waited for.
                    let _ = timeout(grace, &mut all).await;
                }
            }
        }
        Ran {
            arguments: Vec::new(),
            code: status.and_then(|status| status.code()),
            out: text(out),
            err: text(err),
            overran,
        }
    }
}

/// Terraform has not been waited for yet, so the id is still its own.
fn signal(id: Option<u32>, signal: libc::c_int) {
    let Some(id) = id.and_then(|id| libc::pid_t::try_from(id).ok()) else { return };
    // SAFETY: kill takes two numbers and touches no memory of ours.
    #[allow(unsafe_code, reason = "the standard library has no call for it")]
    let _ = unsafe { libc::kill(id, signal) };
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

impl Ran {
    /// Whether it did what it was told. A plan with changes ends with 2.
    pub(super) fn succeeded(&self) -> bool {
        matches!(self.code, Some(0 | 2)) && self.overran.is_none()
    }

    /// Whether it is how a plan or a state is read, which prints it whole.
    pub(super) fn is_show(&self) -> bool {
        self.arguments.first().is_some_and(|command| command == "show")
    }

    /// How it ended, for the reader.
    pub(super) fn ending(&self) -> String {
        let command = self.arguments.first().map_or("", String::as_str);
        match (self.overran, self.code) {
            (Some(deadline), _) => format!("terraform {command} did not end within {deadline:?}"),
            (None, Some(0 | 2)) => format!("terraform {command} succeeded"),
            (None, Some(_)) => format!("terraform {command} failed"),
            (None, None) => format!("terraform {command} was killed"),
        }
    }
}

/// As a person would see it: the command, and what it printed.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ terraform {}", self.arguments.join(" "))?;
        if self.is_show() && self.succeeded() {
            // Long, and with every secret there is.
            return writeln!(f, "({} bytes of JSON)", self.out.len());
        }
        for line in self.out.lines().chain(self.err.lines()) {
            writeln!(f, "{}", diagnostic::readable(line))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::terraform::folder::Folder;

    fn found(path: &str, variable: Option<&Path>) -> Result<PathBuf, String> {
        let variables = |name: &str| match name {
            "PATH" => Some(path.into()),
            _ => variable.map(|path| path.as_os_str().to_owned()),
        };
        Program::find(variables, DEADLINE).map(|program| program.path)
    }

    #[test]
    fn a_missing_terraform_is_said_with_what_to_do() {
        let reason = found("/nonexistent", None).unwrap_err();
        assert!(reason.contains("install it, or name it in TF_ACC_TERRAFORM_PATH"), "{reason}");
        let reason = found("", Some(Path::new("/nonexistent/terraform"))).unwrap_err();
        assert_eq!(reason, "TF_ACC_TERRAFORM_PATH names /nonexistent/terraform, which is no file");
    }

    #[test]
    fn the_variable_comes_before_the_path() {
        let folder = Folder::new(false);
        let (named, on_path) = (folder.path().join("tf"), folder.path().join("terraform"));
        fs::write(&named, "").unwrap();
        fs::write(&on_path, "").unwrap();
        let path = folder.path().to_str().unwrap();
        assert_eq!(found(path, None), Ok(on_path.canonicalize().unwrap()));
        assert_eq!(found(path, Some(&named)), Ok(named.canonicalize().unwrap()));
    }

    #[tokio::test]
    async fn what_ignores_an_interruption_is_killed() {
        let folder = Folder::new(false);
        let deaf = Program { path: "/bin/sh".into(), deadline: Duration::from_millis(300) };
        let script = "trap '' INT; echo started; while :; do sleep 60 & wait; done";
        let ran = deaf.run(folder.path(), &[], &["-c", script]).await;
        assert_eq!((ran.code, ran.overran, ran.out.as_str()), (None, Some(deaf.deadline), "started\n"));
        assert!(!ran.succeeded() && ran.ending().ends_with("did not end within 300ms"), "{ran:?}");
    }

    #[tokio::test]
    async fn nothing_of_the_users_environment_reaches_it_but_what_is_needed() {
        let folder = Folder::new(false);
        let shell = Program { path: "/bin/sh".into(), deadline: DEADLINE };
        let ran = shell.run(folder.path(), &[("A".into(), "b".into())], &["-c", "env"]).await;
        let mut names: Vec<&str> = ran.out.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        names.retain(|name| !INHERITED.contains(name) && !matches!(*name, "PWD" | "SHLVL" | "_" | "OLDPWD"));
        names.sort_unstable();
        let expected =
            ["A", "CHECKPOINT_DISABLE", "HOME", "TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_INPUT", "TF_IN_AUTOMATION"];
        assert_eq!(names, expected);
    }
}
