//! The real program with a state file, as a child of the test. It is killed when it is dropped.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};

use clb_cloud_api::client::{Client, ClientConfig, Retry};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};

use crate::sandbox::REGION;

pub struct Program {
    child: Child,
    api: SocketAddr,
}

/// An address pool that no other test, and no other run of the tests, uses.
pub fn pool() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let run = 130 + u8::try_from(std::process::id() % 60).expect("below 60");
    format!("127.{run}.{}.0/24", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn command(state: &Path, pool: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clb-simulator"));
    command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--vip-pool", pool, "--state"]).arg(state);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

impl Program {
    /// Starts it; returns when it has said that it is ready.
    pub fn start(state: &Path, pool: &str) -> Self {
        let mut child = command(state, pool).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let Some(api) = line.split("cloud API http://").nth(1).and_then(|rest| rest.split(',').next()) else {
            let mut said = String::new();
            child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
            panic!("it is not ready: {line}{said}");
        };
        Self { child, api: api.parse().expect("an address") }
    }

    /// Starts it and kills it before, while or after it becomes ready.
    pub fn killed_after(state: &Path, pool: &str, pause: std::time::Duration) {
        let mut child = command(state, pool).spawn().expect("it starts");
        // Not a wait for something: the moment of the kill is what the test varies.
        std::thread::sleep(pause);
        child.kill().expect("its own child");
        child.wait().expect("it ends");
    }

    /// What it says when it does not start.
    pub fn refused(state: &Path, pool: &str) -> String {
        let output = command(state, pool).output().expect("it runs");
        assert!(!output.status.success(), "it starts");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    /// A client that asks once: whoever is killed does not answer later.
    pub fn client(&self) -> Client {
        let mut config = ClientConfig::new(REGION, DEMO_SECRET_ID, DEMO_SECRET_KEY);
        config.endpoint = Some(format!("http://{}", self.api));
        config.retry = Retry { attempts: 1, connect_attempts: 1, ..Retry::default() };
        Client::new(config).expect("a usable endpoint")
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("its own child");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
