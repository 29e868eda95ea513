//! Files that were damaged: refused, or right after all; never something else, and never a panic.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clb_model::chance::Chance;
use clb_model::quota::Quotas;
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_simulator::store::Store;
use clb_simulator::{Config, Simulator};

use crate::program::pool;
use crate::sandbox::{Sandbox, client};

/// Each world, in words; the reason when the file is refused.
fn read(path: &Path, pool: ipnet::Ipv4Net) -> Result<BTreeMap<String, String>, String> {
    let vips = VipPool::new(pool.network(), pool.prefix_len());
    let store = Store::opened(path, Arc::default(), vips, Chance::seeded(1), Quotas::default(), Timestamp::default())
        .map_err(|e| e.to_string())?;
    Ok(store.worlds().map(|(account, world)| (account.clone(), format!("{world:?}"))).collect())
}

#[tokio::test]
async fn a_damaged_file_is_refused_or_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, copy) = (folder.path().join("state.redb"), folder.path().join("copy.redb"));
    let pool: ipnet::Ipv4Net = pool().parse().expect("a network");
    let config = Config { state: Some(path.clone()), vip_pool: pool, ..Config::default() };
    let simulator = Simulator::start(config).await.expect("it starts");
    let demo = (clb_simulator::config::DEMO_SECRET_ID, clb_simulator::config::DEMO_SECRET_KEY);
    let client = client(simulator.api_address(), demo.0, demo.1);
    let sandbox = Sandbox { simulator, client };
    sandbox.listener().await;
    sandbox.simulator.stop().await;
    let good = std::fs::read(&path).expect("the file is there");
    let before = read(&path, pool).expect("the file is good");
    assert!(before["demo"].contains("lbl-"));

    let (mut refused, mut right) = (0, 0);
    let used = good.iter().rposition(|byte| *byte != 0).expect("not empty") + 1;
    for seed in 0..300 {
        let mut chance = Chance::seeded(seed);
        let mut bytes = good.clone();
        let mut anywhere = |below: usize| usize::try_from(chance.below(below as u64)).expect("small");
        match seed % 3 {
            0 => bytes.truncate(anywhere(used)),
            1 => bytes[anywhere(used)] ^= 1 << anywhere(8),
            _ => {
                // As a disk that lost a page would leave it.
                let page = anywhere(used) / 4096 * 4096;
                let end = (page + 4096).min(bytes.len());
                bytes[page..end].fill(0);
            }
        }
        std::fs::write(&copy, &bytes).expect("written");
        match read(&copy, pool) {
            // An empty file is none, and begins with the seed.
            Ok(_) if bytes.is_empty() => {}
            Ok(worlds) => {
                assert!(worlds == before, "seed {seed}: the file is taken and holds something else");
                right += 1;
            }
            Err(said) => {
                assert!(said.contains("copy.redb"), "seed {seed}: {said}");
                refused += 1;
            }
        }
    }
    assert!(refused > 50, "only {refused} of 300 were refused, {right} were right");
}
