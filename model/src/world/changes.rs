//! What differs between two states of a world, told by identity: entities are shared between copies until they change, so
//! one that is the same in memory is the same.
//!
//! Used to bring a forwarding table up to date, and to store what a write has changed. Not a history: a thing that was
//! changed twice is in here once, as it is now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Account, World};
use crate::certificate::Certificate;
use crate::client_token::ClientToken;
use crate::id::{CertificateId, InstanceId, ListenerId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use crate::listener::Listener;
use crate::load_balancer::{Deletions, LoadBalancer};
use crate::network::{Instance, Network, Subnet, Vpc};
use crate::region::Region;
use crate::security_group::SecurityGroup;
use crate::tag::{ResourceName, Tags};
use crate::task::{Task, TaskId, Tasks};

/// One thing that is different now: as it is, or `None` when it is gone.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "named like what they hold")]
pub enum Change {
    Account(Account),
    Certificate(CertificateId, Option<Arc<Certificate>>),
    Tags(ResourceName, Option<Arc<Tags>>),
    /// In the region with that name.
    In(Arc<str>, RegionChange),
}

/// The same, within a region.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "named like what they hold")]
pub enum RegionChange {
    /// The region itself is there, or is not any more; what is in it has changes of its own.
    Exists(bool),
    Vpc(VpcId, Option<Arc<Vpc>>),
    Subnet(SubnetId, Option<Arc<Subnet>>),
    Instance(InstanceId, Option<Arc<Instance>>),
    SecurityGroup(SecurityGroupId, Option<Arc<SecurityGroup>>),
    /// Its own attributes; its listeners have changes of their own, before this one when it is gone and after it when it
    /// is there.
    LoadBalancer(LoadBalancerId, Option<Arc<LoadBalancer>>),
    Listener(LoadBalancerId, ListenerId, Option<Arc<Listener>>),
    Task(TaskId, Option<Arc<Task>>),
    ClientToken(String, Option<Arc<ClientToken>>),
    Deletions(Deletions),
}

impl World {
    /// What has changed since `before`. Entities that both share cost a comparison of pointers each.
    pub fn changes_since(&self, before: &Self) -> Vec<Change> {
        let Self { account, quotas: _, certificates, tags, regions } = self;
        let mut changes = Vec::new();
        if *account != before.account {
            changes.push(Change::Account(account.clone()));
        }
        compare(certificates, &before.certificates, |id, now| changes.push(Change::Certificate(id.clone(), now)));
        compare(tags, &before.tags, |name, now| changes.push(Change::Tags(name.clone(), now)));
        for (name, region) in regions {
            let mut within = Vec::new();
            if let Some(before) = before.regions.get(name) {
                region.changes_since(before, &mut within);
            } else {
                within.push(RegionChange::Exists(true));
                region.changes_since(&Region::new(name), &mut within);
            }
            push_within(name, within, &mut changes);
        }
        for (name, gone) in before.regions.iter().filter(|(name, _)| !regions.contains_key(*name)) {
            let mut within = Vec::new();
            Region::new(name).changes_since(gone, &mut within);
            within.push(RegionChange::Exists(false));
            push_within(name, within, &mut changes);
        }
        changes
    }

    /// Makes a change that was found in another state of this world, or read from where it was stored. Nothing is checked
    /// here; [`World::broken_invariants`] tells whether the whole makes sense. A listener needs its load balancer, and
    /// what is in a region needs the region.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Account(account) => self.account = account,
            Change::Certificate(id, now) => put(&mut self.certificates, id, now),
            Change::Tags(name, now) => put(&mut self.tags, name, now),
            Change::In(name, RegionChange::Exists(false)) => drop(self.regions.remove(&*name)),
            Change::In(name, RegionChange::Exists(true)) => {
                self.regions.entry(name.as_ref().to_owned()).or_insert_with(|| Region::new(&name));
            }
            Change::In(name, change) => {
                if let Some(region) = self.regions.get_mut(&*name) {
                    region.apply(change);
                }
            }
        }
    }
}

impl Region {
    fn changes_since(&self, before: &Self, changes: &mut Vec<RegionChange>) {
        use RegionChange as Is;
        let Self { name: _, network, tasks, security_groups, load_balancers, client_tokens, deletions } = self;
        let Network { vpcs, subnets, instances } = network;
        compare(vpcs, &before.network.vpcs, |id, now| changes.push(Is::Vpc(id.clone(), now)));
        compare(subnets, &before.network.subnets, |id, now| changes.push(Is::Subnet(id.clone(), now)));
        compare(instances, &before.network.instances, |id, now| changes.push(Is::Instance(id.clone(), now)));
        compare(security_groups, &before.security_groups, |id, now| {
            changes.push(Is::SecurityGroup(id.clone(), now));
        });
        compare(load_balancers, &before.load_balancers, |id, now| {
            load_balancer_changes(id, now.as_ref(), before.load_balancers.get(id), changes);
        });
        tasks.changes_since(&before.tasks, changes);
        if *deletions != before.deletions {
            changes.push(Is::Deletions(deletions.clone()));
        }
        let tokens = client_tokens.since(&before.client_tokens);
        changes.extend(tokens.forgotten.into_iter().map(|token| Is::ClientToken(token, None)));
        changes.extend(tokens.new.into_iter().map(|(token, now)| Is::ClientToken(token, Some(now))));
    }

    fn apply(&mut self, change: RegionChange) {
        match change {
            // The world's business.
            RegionChange::Exists(_) => {}
            RegionChange::Vpc(id, now) => put(&mut self.network.vpcs, id, now),
            RegionChange::Subnet(id, now) => put(&mut self.network.subnets, id, now),
            RegionChange::Instance(id, now) => put(&mut self.network.instances, id, now),
            RegionChange::SecurityGroup(id, now) => put(&mut self.security_groups, id, now),
            RegionChange::LoadBalancer(id, now) => self.put_attributes(id, now),
            RegionChange::Listener(load_balancer, id, now) => {
                if let Some(load_balancer) = self.load_balancers.get_mut(&load_balancer) {
                    put(&mut Arc::make_mut(load_balancer).listeners, id, now);
                }
            }
            RegionChange::Task(_, Some(now)) => self.tasks.put(now),
            RegionChange::Task(id, None) => self.tasks.forget(&id),
            RegionChange::Deletions(now) => self.deletions = now,
            RegionChange::ClientToken(token, Some(now)) => self.client_tokens.remember(token, now),
            RegionChange::ClientToken(token, None) => self.client_tokens.forget(&token),
        }
    }

    /// A load balancer's attributes, whatever listeners come with them: it keeps those it has.
    fn put_attributes(&mut self, id: LoadBalancerId, now: Option<Arc<LoadBalancer>>) {
        let Some(mut now) = now else {
            self.load_balancers.remove(&id);
            return;
        };
        let mut listeners = self.load_balancers.remove(&id).map(|it| it.listeners.clone()).unwrap_or_default();
        let it = Arc::make_mut(&mut now);
        std::mem::swap(&mut it.listeners, &mut listeners);
        self.load_balancers.insert(id, now);
    }
}

fn load_balancer_changes(
    id: &LoadBalancerId,
    now: Option<&Arc<LoadBalancer>>,
    before: Option<&Arc<LoadBalancer>>,
    changes: &mut Vec<RegionChange>,
) {
    let none = BTreeMap::new();
    let listeners = now.map_or(&none, |it| &it.listeners);
    let listeners_before = before.map_or(&none, |it| &it.listeners);
    let same = now.zip(before).is_some_and(|(now, before)| now.has_attributes_of(before));
    let gone = now.is_none();
    if !same && !gone {
        changes.push(RegionChange::LoadBalancer(id.clone(), now.cloned()));
    }
    compare(listeners, listeners_before, |listener, now| {
        changes.push(RegionChange::Listener(id.clone(), listener.clone(), now));
    });
    if gone {
        changes.push(RegionChange::LoadBalancer(id.clone(), None));
    }
}

impl Tasks {
    fn changes_since(&self, before: &Self, changes: &mut Vec<RegionChange>) {
        let Self { running, ended, busy: _, names: _ } = self;
        let difference = ended.since(&before.ended);
        changes.extend(difference.forgotten.into_iter().map(|id| RegionChange::Task(id, None)));
        changes.extend(difference.new.into_iter().map(|(id, now)| RegionChange::Task(id, Some(now))));
        compare(running, &before.running, |id, now| {
            // One that has ended is in the list above.
            if now.is_some() || ended.get(id).is_none() {
                changes.push(RegionChange::Task(id.clone(), now));
            }
        });
    }
}

fn push_within(region: &str, within: Vec<RegionChange>, changes: &mut Vec<Change>) {
    if !within.is_empty() {
        let region: Arc<str> = Arc::from(region);
        changes.extend(within.into_iter().map(|change| Change::In(Arc::clone(&region), change)));
    }
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, Arc<V>>, key: K, now: Option<Arc<V>>) {
    match now {
        Some(now) => drop(map.insert(key, now)),
        None => drop(map.remove(&key)),
    }
}

/// Tells every key whose entry is not the same any more, with what is there now.
fn compare<K: Ord, V>(
    now: &BTreeMap<K, Arc<V>>,
    before: &BTreeMap<K, Arc<V>>,
    mut differs: impl FnMut(&K, Option<Arc<V>>),
) {
    let (mut now, mut before) = (now.iter().peekable(), before.iter().peekable());
    loop {
        match (now.peek(), before.peek()) {
            (None, None) => break,
            (Some((key, is)), Some((old, was))) if Arc::ptr_eq(is, was) && key == old => {
                now.next();
                before.next();
            }
            (Some((key, is)), Some((old, _))) if key <= old => {
                differs(key, Some(Arc::clone(is)));
                if key == old {
                    before.next();
                }
                now.next();
            }
            (Some((key, is)), None) => {
                differs(key, Some(Arc::clone(is)));
                now.next();
            }
            (_, Some((old, _))) => {
                differs(old, None);
                before.next();
            }
        }
    }
}
