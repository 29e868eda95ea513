//! The servers that are compared: this project's simulator, and moto and ministack from the package index.
//!
//! Each is a child process on a free port, ended by its own id when dropped.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::measure::milliseconds;
use crate::programs::{clear, run, write};

/// The rivals, as pip is told.
const REQUIREMENTS: &str = "moto[server]==5.2.5\nministack==1.5.33\n";
/// How long a server may take until it answers.
const ANSWERS_WITHIN: Duration = Duration::from_mins(1);
/// How long to wait before asking again whether a server answers.
const BETWEEN_QUESTIONS: Duration = Duration::from_micros(200);

/// Who serves.
#[derive(Clone, Debug)]
pub enum Kind {
    /// This project's simulator: its program.
    Simulator(PathBuf),
    /// `moto_server`, of that virtual environment.
    Moto(PathBuf),
    /// `ministack`, of that virtual environment.
    Ministack(PathBuf),
}

/// A running server.
pub struct Server {
    child: Child,
    /// Where it answers.
    pub address: SocketAddr,
    /// From its start until the first byte of its first answer.
    pub ready: f64,
}

impl Kind {
    /// In the table and in names of metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Simulator(_) => "clb-simulator",
            Self::Moto(_) => "moto",
            Self::Ministack(_) => "ministack",
        }
    }

    /// Starts it and waits for its first answer, whatever that is. `core` binds it to one core.
    pub fn start(&self, folder: &Path, core: Option<usize>) -> Result<Server, String> {
        let address = free_address()?;
        let (program, arguments) = self.command_line(address);
        let mut command = match core {
            None => Command::new(program),
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", &core.to_string()]).arg(program);
                command
            }
        };
        let log = folder.join(format!("{}.log", self.name()));
        let file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        command.args(arguments).env("GATEWAY_PORT", address.port().to_string()).stdin(Stdio::null());
        let started = Instant::now();
        let child = command
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{} does not start (taskset is of util-linux): {error}", self.name()))?;
        let mut server = Server { child, address, ready: 0.0 };
        while !answers(address) {
            let ended = server.child.try_wait().map_err(|error| format!("{}: {error}", self.name()))?;
            if ended.is_some() || started.elapsed() > ANSWERS_WITHIN {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("{} does not answer at {address}:\n{said}", self.name()));
            }
            thread::sleep(BETWEEN_QUESTIONS);
        }
        server.ready = milliseconds(started);
        Ok(server)
    }

    fn command_line(&self, address: SocketAddr) -> (PathBuf, Vec<String>) {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::Simulator(program) => {
                // Addresses of its load balancers: of no other simulator that runs here.
                let pool = format!("127.{}.0.0/16", 121 + address.port() % 100);
                let api = address.to_string();
                (program.clone(), words(&["serve", "--api", &api, "--admin", "127.0.0.1:0", "--vip-pool", &pool]))
            }
            Self::Moto(venv) => {
                (venv.join("bin/moto_server"), words(&["-H", "127.0.0.1", "-p", &address.port().to_string()]))
            }
            Self::Ministack(venv) => (venv.join("bin/ministack"), Vec::new()),
        }
    }
}

impl Server {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The virtual environment of the rivals, made when it is not there.
pub fn environment(folder: &Path) -> Result<PathBuf, String> {
    environment_with(folder, REQUIREMENTS)
}

/// A virtual environment with these packages, made when it is not there.
pub fn environment_with(folder: &Path, requirements: &str) -> Result<PathBuf, String> {
    let (venv, made_for) = (folder.join("venv"), folder.join("made-for.txt"));
    if std::fs::read_to_string(&made_for).is_ok_and(|text| text == requirements) {
        return Ok(venv);
    }
    clear(folder)?;
    let file = folder.join("requirements.txt");
    write(&file, requirements)?;
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    run(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&file))?;
    write(&made_for, requirements)?;
    Ok(venv)
}

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| format!("no free port: {error}"))?;
    listener.local_addr().map_err(|error| format!("no free port: {error}"))
}

/// Whether a server answers at all.
fn answers(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
        stream.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        stream.read(&mut [0])
    };
    ask().is_ok_and(|bytes| bytes > 0)
}
