//! A simulator as users start it: the program, on free ports, found by its endpoints file.
//!
//! For clients that are not ours and ask nothing of this process. [`crate::sandbox::Sandbox`] runs one in this process.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::packaged;
use crate::sandbox::own_network;

/// A running `clb-simulator serve`; it ends when dropped.
pub struct SimulatorProgram {
    program: PathBuf,
    child: Child,
    endpoints: Value,
    folder: TempDir,
}

impl SimulatorProgram {
    /// Starts one; it serves when this returns.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with further arguments of `serve`. What it is told to write goes where it says in its folder: `{folder}`
    /// in an argument.
    pub fn start_with(arguments: &[&str]) -> Self {
        let program = packaged::programs().join("clb-simulator");
        let folder = tempfile::tempdir().expect("a writable temporary folder");
        let file = folder.path().join("endpoints.json");
        let mut command = Command::new(&program);
        command.args(["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--vip-pool", &own_network()]);
        let folder_name = folder.path().to_string_lossy();
        command.args(arguments.iter().map(|argument| argument.replace("{folder}", &folder_name)));
        command.arg("--endpoints-file").arg(&file).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the simulator was built, so it starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("a piped output is there");
        BufReader::new(output).read_line(&mut line).expect("a ready line");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("it said {line:?}, but: {error}"));
        let endpoints = serde_json::from_str(&text).expect("the endpoints file is JSON");
        Self { program, child, endpoints, folder }
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    /// What official clients read from the environment, and where the cloud API is.
    pub fn environment(&self) -> [(&'static str, &str); 4] {
        [
            ("CLB_ENDPOINT", self.endpoint("api")),
            ("TENCENTCLOUD_SECRET_ID", self.endpoint("secret_id")),
            ("TENCENTCLOUD_SECRET_KEY", self.endpoint("secret_key")),
            ("TENCENTCLOUD_REGION", crate::sandbox::REGION),
        ]
    }

    /// Service and action of every call that was answered without an error.
    pub fn answered(&self) -> BTreeSet<String> {
        let journal = self.ctl(&["calls"]);
        let calls = journal["calls"].as_array().expect("a list of calls");
        assert_eq!(journal["forgotten"], 0, "the journal remembers every call");
        let word = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        let good = calls.iter().filter(|call| word(call, "error_code").is_empty());
        good.map(|call| format!("{} {}", word(call, "service"), word(call, "action"))).collect()
    }

    /// What `clb-simulator ctl` prints.
    #[track_caller]
    pub fn ctl(&self, arguments: &[&str]) -> Value {
        let admin = self.endpoint("admin").strip_prefix("http://").expect("plain HTTP");
        let output = Command::new(&self.program).args(["ctl", "--admin", admin]).args(arguments).output();
        let output = output.expect("the simulator was built, so it runs");
        assert!(output.status.success(), "ctl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("ctl prints JSON")
    }

    fn endpoint(&self, name: &str) -> &str {
        self.endpoints[name].as_str().expect("an entry of the endpoints file")
    }
}

impl Drop for SimulatorProgram {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
