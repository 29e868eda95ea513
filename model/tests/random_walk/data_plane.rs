//! What the data plane reports, and time.

use std::collections::BTreeMap;
use std::time::Duration;

use clb_model::forwarding::{BackendAddress, Observation};
use clb_model::id::ListenerId;

use super::bench::REGION;
use super::{TAKES, Walk};

impl Walk {
    pub fn probe(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let host = self.pick(&[5, 6, 9]);
        let passed = self.chance.below(2) == 0;
        for _ in 0..3 {
            let address = BackendAddress { ip: [10, 0, 1, host].into(), port: 80 };
            let (load_balancer_id, listener_id) = (load_balancer.as_str().into(), id.as_str().into());
            self.bench.observe(&Observation::Probed { load_balancer_id, listener_id, address, passed });
        }
        "probe a backend"
    }

    /// The newest table is in effect but for some listeners, and every task ends.
    pub fn apply(&mut self) -> &'static str {
        let load_balancers = self.bench.region().load_balancers();
        let listeners: Vec<ListenerId> =
            load_balancers.flat_map(|it| it.listeners().map(|listener| listener.id.clone())).collect();
        let failed: BTreeMap<ListenerId, String> = listeners
            .into_iter()
            .filter(|_| self.chance.below(20) == 0)
            .map(|id| (id, "by chance".to_owned()))
            .collect();
        self.bench.apply(failed);
        self.bench.pass(TAKES);
        let polled: Vec<String> = self.bench.region().tasks.running().map(|task| task.id.to_string()).collect();
        for id in polled {
            assert_eq!(self.bench.world.poll_task(REGION, &id, self.bench.now()), Ok(None), "a question holds it");
        }
        self.bench.pass(Duration::ZERO);
        assert_eq!(self.bench.region().tasks.running().count(), 0, "every task has ended");
        "apply"
    }
}
