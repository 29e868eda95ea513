//! The guide to real addresses: what it tells people to type is typed here, block by block, by somebody without
//! privileges. The block with Terraform is run by the acceptance tests.

use std::path::Path;

use crate::network::{Who, is_allowed, text};

#[test]
fn every_command_of_the_guide_works() {
    if !is_allowed() {
        return;
    }
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/real-addresses.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let blocks: Vec<&str> =
        guide.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let who = Who::unprivileged();
        let output = who.shell(block).output().unwrap();
        assert!(output.status.success(), "{block}\n{}", text(&output.stderr));
    }
}
