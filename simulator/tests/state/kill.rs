//! SIGKILL at any moment under load: what was answered is there, what was refused is not, and what was in flight is there
//! wholly or not at all.
//!
//! Longer: `CLB_KILL_ROUNDS=500 cargo test -p clb-simulator --test state kill`; another walk: `CLB_KILL_SEED`.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clb_cloud_api::action::Action;
use clb_cloud_api::client::Client;
use clb_cloud_api::task::Wait;
use clb_cloud_api::{CallError, clb, ssl};
use clb_model::chance::Chance;
use clb_simulator::seed::INSTANCES;

use crate::program::{Program, pool};
use crate::sandbox::{instance, listener, public, register, server};

const WORKERS: usize = 4;
const PORTS: [u16; 3] = [7001, 7002, 7003];

/// What one worker has, as the API shows it; ids are left out, since who is killed tells none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Belongings {
    /// Whether its load balancer is there, and is protected from being deleted.
    load_balancer: Option<bool>,
    /// Name and weights by target port, by port of the listener.
    listeners: BTreeMap<u16, (String, BTreeMap<i64, i64>)>,
    /// Names of its certificates.
    certificates: Vec<String>,
}

/// A client that works on things of its own, one write at a time.
struct Worker {
    name: String,
    chance: Chance,
    /// What it must have.
    has: Belongings,
    /// What it may have instead: a write was in flight.
    may_have: Option<Belongings>,
    newest_task: Option<String>,
    count: usize,
}

/// What came of a write.
enum Came {
    Accepted(String),
    Refused,
    Unknown,
}

async fn write<A: Action>(client: &Client, action: &A) -> Came {
    match client.call(action).await {
        Ok(answer) => Came::Accepted(answer.request_id),
        Err(CallError::Api(error)) if error.code == "InternalError" => Came::Unknown,
        Err(CallError::Api(_)) => Came::Refused,
        Err(_) => Came::Unknown,
    }
}

/// Ids of what a worker has: its load balancer, and listeners by port.
#[derive(Default)]
struct Ids {
    load_balancer: String,
    vip: String,
    listeners: BTreeMap<u16, String>,
    certificates: Vec<(String, String)>,
}

impl Worker {
    /// Looks at everything it has.
    async fn look(&self, client: &Client) -> Result<(Belongings, Ids), CallError> {
        let (mut has, mut ids) = (Belongings::default(), Ids::default());
        let named = clb::DescribeLoadBalancers { load_balancer_name: Some(self.name.clone()), ..Default::default() };
        for it in client.call(&named).await?.reply.load_balancer_set {
            assert_eq!(has.load_balancer, None, "{} has one load balancer", self.name);
            ids.load_balancer = it.load_balancer_id.clone();
            ids.vip = it.load_balancer_vips[0].clone();
            let protected = it.attribute_flags.iter().any(|flag| flag == "DeleteProtect");
            has.load_balancer = Some(protected);
            let listeners =
                clb::DescribeListeners { load_balancer_id: it.load_balancer_id.clone(), ..Default::default() };
            let targets = clb::DescribeTargets { load_balancer_id: it.load_balancer_id, ..Default::default() };
            for listener in client.call(&listeners).await?.reply.listeners {
                let port = u16::try_from(listener.port).expect("a port");
                ids.listeners.insert(port, listener.listener_id);
                has.listeners.insert(port, (listener.listener_name, BTreeMap::new()));
            }
            for listener in client.call(&targets).await?.reply.listeners {
                let port = u16::try_from(listener.port).expect("a port");
                let weights = listener.targets.into_iter().map(|it| (it.port, it.weight)).collect();
                has.listeners.get_mut(&port).expect("both describe the same").1 = weights;
            }
        }
        let all =
            ssl::DescribeCertificates { search_key: Some(self.name.clone()), limit: Some(1000), ..Default::default() };
        for it in client.call(&all).await?.reply.certificates {
            if it.alias.starts_with(&format!("{}-", self.name)) {
                has.certificates.push(it.alias.clone());
                ids.certificates.push((it.alias, it.certificate_id));
            }
        }
        has.certificates.sort();
        Ok((has, ids))
    }

    fn pick(&mut self, below: usize) -> usize {
        usize::try_from(self.chance.below(below as u64)).expect("small")
    }

    fn number(&mut self, below: u64) -> i64 {
        i64::try_from(self.chance.below(below)).expect("small")
    }

    /// Writes until the simulator is gone. Each write that is answered counts down.
    async fn work(mut self, client: Client, left: Arc<AtomicI64>) -> Self {
        loop {
            let Ok((seen, ids)) = self.look(&client).await else { return self };
            assert_eq!(seen, self.has, "{}", self.name);
            let (came, after) = self.step(&client, &ids).await;
            match came {
                Came::Refused => {}
                Came::Unknown => {
                    self.may_have = Some(after);
                    return self;
                }
                Came::Accepted(task) => {
                    left.fetch_sub(1, Ordering::SeqCst);
                    self.has = after;
                    self.newest_task = Some(task.clone());
                    // Certificates have no tasks, and a kill may come first.
                    let wait = Wait { timeout: Duration::from_secs(20), ..Wait::default() };
                    let _ = client.wait_for(&task, wait).await;
                }
            }
        }
    }

    /// One write, and what the worker has when it is accepted.
    async fn step(&mut self, client: &Client, ids: &Ids) -> (Came, Belongings) {
        let mut after = self.has.clone();
        self.count += 1;
        let port = PORTS[self.pick(PORTS.len())];
        let listener_id = ids.listeners.get(&port).cloned();
        let load_balancer_id = ids.load_balancer.clone();
        if self.has.load_balancer.is_none() {
            after.load_balancer = Some(false);
            let create = clb::CreateLoadBalancer { load_balancer_name: Some(self.name.clone()), ..public() };
            return (write(client, &create).await, after);
        }
        match (self.pick(10), listener_id, ids.certificates.first()) {
            (0 | 1, None, Some((_, certificate))) => {
                let name = format!("listener-{}", self.count);
                let create = clb::CreateListener {
                    ports: vec![i64::from(port)],
                    listener_names: Some(vec![name.clone()]),
                    ..listener(&load_balancer_id, certificate)
                };
                after.listeners.insert(port, (name, BTreeMap::new()));
                (write(client, &create).await, after)
            }
            // The port is taken: refused.
            (0, Some(_), Some((_, certificate))) => {
                let create =
                    clb::CreateListener { ports: vec![i64::from(port)], ..listener(&load_balancer_id, certificate) };
                (write(client, &create).await, after)
            }
            (1..=3, Some(id), _) => {
                let target = 9000 + i64::from(port - 7000) * 10 + self.number(4);
                let weight = self.number(101);
                let mut target_draft = instance(INSTANCES[0].0, target);
                target_draft.weight = Some(weight);
                after.listeners.entry(port).or_default().1.insert(target, weight);
                (write(client, &register(&load_balancer_id, &id, vec![target_draft])).await, after)
            }
            (4, Some(id), _) => {
                let name = format!("renamed-{}", self.count);
                after.listeners.entry(port).or_default().0.clone_from(&name);
                let modify = clb::ModifyListener {
                    load_balancer_id,
                    listener_id: id,
                    listener_name: Some(name),
                    ..clb::ModifyListener::default()
                };
                (write(client, &modify).await, after)
            }
            (5, Some(id), _) => {
                after.listeners.remove(&port);
                (write(client, &clb::DeleteListener { load_balancer_id, listener_id: id }).await, after)
            }
            (6, ..) => {
                let protected = self.pick(2) == 0;
                after.load_balancer = Some(protected);
                let modify = clb::ModifyLoadBalancerAttributes {
                    load_balancer_id,
                    delete_protect: Some(protected),
                    ..clb::ModifyLoadBalancerAttributes::default()
                };
                (write(client, &modify).await, after)
            }
            (7, ..) => {
                // Refused while it is protected.
                after.load_balancer = None;
                after.listeners.clear();
                let ids = vec![load_balancer_id];
                let delete = clb::DeleteLoadBalancer { load_balancer_ids: ids, ..clb::DeleteLoadBalancer::default() };
                (write(client, &delete).await, after)
            }
            (8, _, Some((alias, id))) if ids.certificates.len() > 2 => {
                after.certificates.retain(|known| known != alias);
                let delete = ssl::DeleteCertificate { certificate_id: id.clone(), ..ssl::DeleteCertificate::default() };
                (write(client, &delete).await, after)
            }
            _ => {
                let alias = format!("{}-{}", self.name, self.count);
                let material = server();
                let upload = ssl::UploadCertificate {
                    certificate_public_key: material.certificate,
                    certificate_private_key: Some(material.key.as_str().into()),
                    certificate_type: Some("SVR".into()),
                    alias: Some(alias.clone()),
                    ..ssl::UploadCertificate::default()
                };
                after.certificates.push(alias);
                after.certificates.sort();
                (write(client, &upload).await, after)
            }
        }
    }

    /// After a new start: nothing is missing, nothing is there that should not be, ports are open, tasks end.
    async fn check(&mut self, client: &Client) {
        let (seen, ids) = self.look(client).await.expect("answered");
        let in_flight = self.may_have.take();
        assert!(
            seen == self.has || Some(&seen) == in_flight.as_ref(),
            "{}: there is\n{seen:?}\nand there should be\n{:?}\nor\n{in_flight:?}",
            self.name,
            self.has
        );
        self.has = seen;
        for port in ids.listeners.keys() {
            let address = format!("{}:{port}", ids.vip);
            UdpSocket::bind(&address).expect_err(&format!("{}: UDP {address} is open", self.name));
        }
        if let Some(task) = self.newest_task.take() {
            let wait = Wait { timeout: Duration::from_secs(20), ..Wait::default() };
            // A certificate's request is no task: then the platform knows no such id.
            match client.wait_for(&task, wait).await {
                Ok(_) | Err(clb_cloud_api::TaskError::Unknown { .. }) => {}
                Err(other) => panic!("{}: the task of the newest write does not end: {other}", self.name),
            }
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_there_whenever_the_program_is_killed() {
    let (rounds, seed) = (setting("CLB_KILL_ROUNDS", 12), setting("CLB_KILL_SEED", 1));
    let folder = tempfile::tempdir().expect("a folder");
    let (path, pool) = (folder.path().join("state.redb"), pool());
    let mut chance = Chance::seeded(seed);
    let mut workers: Vec<Worker> = (0..WORKERS)
        .map(|number| Worker {
            name: format!("worker{number}"),
            chance: Chance::seeded(chance.bits()),
            has: Belongings::default(),
            may_have: None,
            newest_task: None,
            count: 0,
        })
        .collect();
    let mut answered = 0;
    for round in 0..rounds {
        println!("seed {seed}, round {round}");
        let program = Program::start(&path, &pool);
        for worker in &mut workers {
            worker.check(&program.client()).await;
        }
        let writes = 1 + i64::try_from(chance.below(40)).expect("small");
        let left = Arc::new(AtomicI64::new(writes));
        let working: Vec<_> =
            workers.drain(..).map(|worker| tokio::spawn(worker.work(program.client(), Arc::clone(&left)))).collect();
        while left.load(Ordering::SeqCst) > 0 && !working.iter().any(tokio::task::JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        // Somewhere within the next writes: the moment is what the test varies, nothing is waited for.
        tokio::time::sleep(Duration::from_micros(chance.below(8000))).await;
        program.kill();
        for worker in working {
            workers.push(worker.await.expect("a worker that found everything in order"));
        }
        answered += writes - left.load(Ordering::SeqCst).min(0);
    }
    assert!(answered >= i64::try_from(rounds).expect("small"));
}
