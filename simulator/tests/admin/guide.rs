//! The guides to the admin door: what they tell people to type is typed here, block by block.

use std::path::Path;
use std::process::Command;

use crate::sandbox::Sandbox;

/// The blocks of a Markdown text that a shell can run.
fn blocks(markdown: &str) -> Vec<String> {
    let fences = markdown.split("\n```sh\n").skip(1);
    fences.map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn every_command_of_the_guides_works() {
    let guides = ["simulator-levers.md", "observing.md"].map(|name| {
        let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides").join(name);
        blocks(&std::fs::read_to_string(guide).expect("the guide is there"))
    });
    assert!(guides[0].len() >= 6 && !guides[1].is_empty(), "{guides:?}");
    let blocks = guides.concat();
    let sandbox = Sandbox::start().await;
    sandbox.listener().await;
    let folder = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_clb-simulator")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("there is one"));
    for block in blocks {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &block]).current_dir(folder.path());
        shell.env("PATH", &path).env("CLB_SIMULATOR_ADMIN", sandbox.simulator.admin_address().to_string());
        let output = tokio::task::spawn_blocking(move || shell.output()).await.expect("no panic").expect("it runs");
        assert!(output.status.success(), "{block}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
