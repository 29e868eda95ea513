//! The simulator's admin door in the hands of a test: faults, how long tasks take, the clock, the calls that came, and what
//! there is.
//!
//! For what a program would say, [`crate::simulator_program`] has `ctl`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use clb_simulator::ctl::{self, Door};
use clb_simulator::generated::clbsim::{
    AdvanceClockRequest, Call, ClearFaultsRequest, Fault, ListCallsRequest, SaveSnapshotRequest, SetPaceRequest,
    SetQuotaRequest, SetRateLimitRequest,
};
use serde_json::Value;

use crate::sandbox::REGION;

/// The door of one simulator. Clones are the same door.
#[derive(Clone, Debug)]
pub struct Levers {
    door: Door,
}

/// The ids of what an account has in [`REGION`], by kind. Two of them are equal when the same things exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Load balancers.
    pub load_balancers: BTreeSet<String>,
    /// Listeners.
    pub listeners: BTreeSet<String>,
    /// Certificates.
    pub certificates: BTreeSet<String>,
    /// Security groups.
    pub security_groups: BTreeSet<String>,
    /// Bound backends: `LISTENER ADDRESS:PORT`.
    pub bindings: BTreeSet<String>,
}

impl Levers {
    /// Opens the door at an address.
    pub async fn open(address: SocketAddr) -> Self {
        Self { door: ctl::open(address).await.expect("the admin door of a running simulator") }
    }

    /// Lets calls go wrong; gives the fault's id.
    pub async fn add_fault(&self, fault: Fault) -> u64 {
        self.door.clone().add_fault(fault).await.expect("a fault that can be").into_inner().id
    }

    /// Lets nothing go wrong any more.
    pub async fn clear_faults(&self) {
        self.door.clone().clear_faults(ClearFaultsRequest {}).await.expect("an answer");
    }

    /// How long tasks take from now on: of one action, or (empty) of all that have no pace of their own.
    pub async fn set_pace(&self, action: &str, pace: &str) {
        let request = SetPaceRequest { action: action.to_owned(), pace: pace.to_owned() };
        self.door.clone().set_pace(request).await.expect("a pace that can be");
    }

    /// How many of something an account may have from now on, such as `listeners`.
    pub async fn set_quota(&self, account: &str, name: &str, limit: u32) {
        let request = SetQuotaRequest { world: account.to_owned(), name: name.to_owned(), limit };
        self.door.clone().set_quota(request).await.expect("a quota that there is");
    }

    /// The calls of an action since the journal had `before` calls, oldest first; an action may be a beginning and `*`.
    pub async fn calls_of(&self, action: &str, before: usize) -> Vec<Call> {
        let calls = self.calls().await.into_iter().skip(before);
        let fits = |call: &Call| match action.strip_suffix('*') {
            Some(beginning) => call.action.starts_with(beginning),
            None => call.action == action,
        };
        calls.filter(fits).collect()
    }

    /// How many calls of one action an account may make in a second from now on.
    pub async fn set_rate_limit(&self, calls_per_second: u32) {
        let request = SetRateLimitRequest { limit: Some(calls_per_second), ..SetRateLimitRequest::default() };
        self.door.clone().set_rate_limit(request).await.expect("a limit that can be");
    }

    /// Lets time pass, so that tasks end which would still be running.
    pub async fn advance_clock(&self, by: Duration) {
        let request = AdvanceClockRequest { seconds: by.as_secs_f64() };
        self.door.clone().advance_clock(request).await.expect("a clock that can be put forward");
    }

    /// The calls of the cloud API so far, oldest first.
    pub async fn calls(&self) -> Vec<Call> {
        self.door.clone().list_calls(ListCallsRequest::default()).await.expect("a journal").into_inner().calls
    }

    /// What exists in the world of an account.
    pub async fn world(&self, account: &str) -> Value {
        let request = SaveSnapshotRequest { world: account.to_owned(), ..SaveSnapshotRequest::default() };
        let reply = self.door.clone().save_snapshot(request).await.expect("a snapshot").into_inner();
        let snapshot: Value = serde_json::from_str(&reply.snapshot_json).expect("a snapshot is JSON");
        snapshot["worlds"][account].clone()
    }

    /// The ids of what exists in the world of an account.
    pub async fn inventory(&self, account: &str) -> Inventory {
        Inventory::of(&self.world(account).await)
    }
}

impl Inventory {
    /// What a world of a snapshot has.
    pub fn of(world: &Value) -> Self {
        let region = &world["regions"][REGION];
        let ids = |of: &Value| of.as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect();
        let bindings = region["listener"].as_object().into_iter().flatten().flat_map(|(id, listener)| {
            let bound = listener["listener"]["bindings"].as_array().into_iter().flatten();
            bound.map(move |binding| {
                let address = &binding["address"];
                format!("{id} {}:{}", address["ip"].as_str().unwrap_or_default(), address["port"])
            })
        });
        Self {
            load_balancers: ids(&region["load_balancer"]),
            listeners: ids(&region["listener"]),
            certificates: ids(&world["certificate"]),
            security_groups: ids(&region["security_group"]),
            bindings: bindings.collect(),
        }
    }

    /// What is here and is not there.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let rest = |own: &BTreeSet<String>, other: &BTreeSet<String>| own.difference(other).cloned().collect();
        Self {
            load_balancers: rest(&self.load_balancers, &other.load_balancers),
            listeners: rest(&self.listeners, &other.listeners),
            certificates: rest(&self.certificates, &other.certificates),
            security_groups: rest(&self.security_groups, &other.security_groups),
            bindings: rest(&self.bindings, &other.bindings),
        }
    }
}
