//! Clients that are not ours: the official Python SDK of the cloud, its command line `tccli`, and aioquic, which live in a
//! virtual environment under the target folder, made once and shared by all tests; and a small program on ngtcp2 and
//! GnuTLS, compiled beside it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::target_folder;

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

/// Without dependencies, because the list names all of them: `tccli` asks for the SDKs of all services at once (some
/// 400 MB and half a minute) and needs those of the services it is used for. Without compiling, because that is done at
/// the first use of the few modules that are used.
const PIP_INSTALL: [&str; 7] = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--requirement"];

/// The virtual environment.
pub struct Python {
    interpreter: PathBuf,
    /// Where Python keeps what it has compiled: not beside the sources.
    compiled: PathBuf,
}

impl Python {
    /// Finds the virtual environment, or makes it. Tests that start together wait for the one that makes it.
    pub fn ready() -> Self {
        let folder = target_folder().join("independent-clients");
        fs::create_dir_all(&folder).expect("a writable target folder");
        let lock = File::create(folder.join("lock")).expect("a writable target folder");
        lock.lock().expect("a lock on a local file");
        let interpreter = folder.join("venv/bin/python");
        let made_for = folder.join("made-for.txt");
        if fs::read_to_string(&made_for).is_ok_and(|text| text == REQUIREMENTS) && interpreter.exists() {
            return Self { interpreter, compiled: folder.join("compiled") };
        }
        make(&folder, &interpreter);
        fs::write(&made_for, REQUIREMENTS).expect("a writable target folder");
        Self { interpreter, compiled: folder.join("compiled") }
    }

    /// Runs a script of `acceptance-tests/python` and gives what it printed; fails with its error text otherwise.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: &[&str]) -> String {
        let output = self.command().arg(script).args(arguments).output().expect("the venv's Python runs");
        assert!(output.status.success(), "{script} failed:\n{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a package of `acceptance-tests/python`, perhaps with arguments after its name, in this environment and gives
    /// what it printed; fails with all that it said otherwise.
    #[track_caller]
    pub fn run_package(&self, name: &str, environment: &[(&str, &str)]) -> String {
        let mut command = self.command();
        command.arg("-m").args(name.split(' ')).envs(environment.iter().copied());
        let output = command.output().expect("the venv's Python runs");
        assert!(output.status.success(), "python -m {name} failed:\n{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Python in the folder of the scripts, without what this process's environment says of proxies: everything is on
    /// this machine.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("python"));
        command.env("PYTHONPYCACHEPREFIX", &self.compiled);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command
    }
}

/// The program `acceptance-tests/c/ngtcp2_moving.c`, compiled.
pub struct Ngtcp2(PathBuf);

impl Ngtcp2 {
    /// Compiles the program, once for all tests. `None`, with the reason on standard error, where ngtcp2 is not installed
    /// and nobody has promised that it is (`CI=true`).
    pub fn ready() -> Option<Self> {
        const PURPOSE: &str =
            "compiling on ngtcp2 and GnuTLS (Debian: libngtcp2-dev libngtcp2-crypto-gnutls-dev libgnutls28-dev)";
        let folder = target_folder().join("independent-clients");
        fs::create_dir_all(&folder).expect("a writable target folder");
        let lock = File::create(folder.join("ngtcp2-lock")).expect("a writable target folder");
        lock.lock().expect("a lock on a local file");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("c/ngtcp2_moving.c");
        let program = folder.join("ngtcp2_moving");
        let mut command = Command::new("cc");
        command
            .args(["-std=c11", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror"])
            .arg(source)
            .arg("-o")
            .arg(&program);
        command.args(["-lngtcp2_crypto_gnutls", "-lngtcp2", "-lgnutls"]);
        let is_promised = std::env::var("CI").is_ok_and(|value| value == "true");
        if is_promised {
            expect(&mut command, PURPOSE);
        } else if !command.output().is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: {PURPOSE} does not work here");
            return None;
        }
        Some(Self(program))
    }

    /// Runs it and gives what it printed; fails with its error text otherwise.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.0).args(arguments).output().expect("a compiled program runs");
        assert!(output.status.success(), "ngtcp2 failed:\n{}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn make(folder: &Path, interpreter: &Path) {
    let venv = folder.join("venv");
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).expect("a writable target folder");
    expect(
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv),
        "python3 -m venv: install Python 3 with venv (Debian: python3 python3-venv)",
    );
    expect(
        Command::new(interpreter).args(PIP_INSTALL).arg(&requirements),
        "pip install: the official SDK and aioquic come from the package index, which must be reachable once",
    );
}

fn expect(command: &mut Command, purpose: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{purpose}: {error}"));
    assert!(output.status.success(), "{purpose}:\n{}", said(&output));
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
