//! Rows: one for each thing of a world, with a key and a value in JSON. From changes of worlds, and back to worlds.
//!
//! Not here: where rows are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use clb_model::world::World;
use clb_model::world::changes::{Change, RegionChange};

use super::account::AccountRecord;
use super::certificate::CertificateRecord;
use super::deletions::DeletionsRow;
use super::listener::ListenerRow;
use super::load_balancer::LoadBalancerRecord;
use super::network::{InstanceRecord, SubnetRecord, VpcRecord};
use super::security_group::SecurityGroupRecord;
use super::tag::TagsRow;
use super::task::{ClientTokenRecord, TaskRecord};
use super::written::{from_json, to_json};

/// Which thing of which world a row is. In the order of keys everything comes after what it needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The account.
    pub account: String,
    /// The region; empty for what has none.
    pub region: String,
    /// What it is.
    pub kind: Kind,
    /// Which one; empty where there is one only.
    pub id: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, kind, id } = self;
        write!(f, "{account}/{region}/{}/{id}", kind.word())
    }
}

macro_rules! kinds {
    ($($kind:ident $word:literal,)*) => {
        /// What a row is about. In this order: what stands further down may need what stands above.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// The kind's word.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }

            /// The kind of that word.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$kind),)*
                    _ => None,
                }
            }
        }
    };
}
kinds! {
    Account "account",
    Certificate "certificate",
    Tags "tags",
    Region "region",
    Vpc "vpc",
    Subnet "subnet",
    Instance "instance",
    SecurityGroup "security_group",
    LoadBalancer "load_balancer",
    Listener "listener",
    Task "task",
    ClientToken "client_token",
    Deletions "deletions",
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
#[error("the row {key} {about}")]
pub struct BadRow {
    key: String,
    about: String,
}

impl BadRow {
    /// A row with that key.
    pub fn new(key: impl fmt::Display, about: impl fmt::Display) -> Self {
        Self { key: key.to_string(), about: about.to_string() }
    }
}

impl Key {
    /// The row of what has changed in the world of an account.
    pub fn of(account: &str, change: &Change) -> Self {
        let (region, kind, id): (&str, Kind, String) = match change {
            Change::Account(_) => ("", Kind::Account, String::new()),
            Change::Certificate(id, _) => ("", Kind::Certificate, id.to_string()),
            Change::Tags(name, _) => ("", Kind::Tags, name.to_string()),
            Change::In(region, change) => {
                let (kind, id) = match change {
                    RegionChange::Exists(_) => (Kind::Region, String::new()),
                    RegionChange::Vpc(id, _) => (Kind::Vpc, id.to_string()),
                    RegionChange::Subnet(id, _) => (Kind::Subnet, id.to_string()),
                    RegionChange::Instance(id, _) => (Kind::Instance, id.to_string()),
                    RegionChange::SecurityGroup(id, _) => (Kind::SecurityGroup, id.to_string()),
                    RegionChange::LoadBalancer(id, _) => (Kind::LoadBalancer, id.to_string()),
                    RegionChange::Listener(_, id, _) => (Kind::Listener, id.to_string()),
                    RegionChange::Task(id, _) => (Kind::Task, id.to_string()),
                    RegionChange::ClientToken(token, _) => (Kind::ClientToken, token.clone()),
                    RegionChange::Deletions(_) => (Kind::Deletions, String::new()),
                };
                (region, kind, id)
            }
        };
        Self { account: account.to_owned(), region: region.to_owned(), kind, id }
    }

    /// The row that an account has as long as it has a world.
    pub fn account(account: &str) -> Self {
        Self { account: account.to_owned(), region: String::new(), kind: Kind::Account, id: String::new() }
    }
}

/// The value of the row of a change, in JSON; `None` when the row is to go.
pub fn encode(change: &Change) -> Result<Option<Vec<u8>>, serde_json::Error> {
    Ok(Some(match change {
        Change::Account(account) => to_json::<AccountRecord, _>(account)?,
        Change::Certificate(_, Some(it)) => to_json::<CertificateRecord, _>(&**it)?,
        Change::Tags(name, Some(tags)) => serde_json::to_vec(&TagsRow::new(name, tags))?,
        Change::In(_, change) => match change {
            RegionChange::Exists(true) => b"{}".to_vec(),
            RegionChange::Vpc(_, Some(it)) => to_json::<VpcRecord, _>(&**it)?,
            RegionChange::Subnet(_, Some(it)) => to_json::<SubnetRecord, _>(&**it)?,
            RegionChange::Instance(_, Some(it)) => to_json::<InstanceRecord, _>(&**it)?,
            RegionChange::SecurityGroup(_, Some(it)) => to_json::<SecurityGroupRecord, _>(&**it)?,
            RegionChange::LoadBalancer(_, Some(it)) => to_json::<LoadBalancerRecord, _>(&**it)?,
            RegionChange::Listener(owner, _, Some(it)) => {
                serde_json::to_vec(&ListenerRow { load_balancer_id: owner.clone(), listener: Arc::clone(it) })?
            }
            RegionChange::Task(_, Some(it)) => to_json::<TaskRecord, _>(&**it)?,
            RegionChange::ClientToken(_, Some(it)) => to_json::<ClientTokenRecord, _>(&**it)?,
            RegionChange::Deletions(it) => serde_json::to_vec(&DeletionsRow::new(it))?,
            RegionChange::Exists(false)
            | RegionChange::Vpc(_, None)
            | RegionChange::Subnet(_, None)
            | RegionChange::Instance(_, None)
            | RegionChange::SecurityGroup(_, None)
            | RegionChange::LoadBalancer(_, None)
            | RegionChange::Listener(_, _, None)
            | RegionChange::Task(_, None)
            | RegionChange::ClientToken(_, None) => return Ok(None),
        },
        Change::Certificate(_, None) | Change::Tags(_, None) => return Ok(None),
    }))
}

/// The change that makes a row's thing. The thing names itself, so its key tells whether it is in its place.
fn decode(key: &Key, json: &[u8]) -> Result<Change, serde_json::Error> {
    let within = |change| Change::In(Arc::from(key.region.as_str()), change);
    Ok(match key.kind {
        Kind::Account => Change::Account(from_json::<AccountRecord, _>(json)?),
        Kind::Certificate => {
            let it = Arc::new(from_json::<CertificateRecord, clb_model::certificate::Certificate>(json)?);
            Change::Certificate(it.id.clone(), Some(it))
        }
        Kind::Tags => {
            let (name, tags) = serde_json::from_slice::<TagsRow>(json)?.into_parts();
            Change::Tags(name, Some(tags))
        }
        Kind::Region => within(RegionChange::Exists(true)),
        Kind::Vpc => {
            let it = Arc::new(from_json::<VpcRecord, clb_model::network::Vpc>(json)?);
            within(RegionChange::Vpc(it.id.clone(), Some(it)))
        }
        Kind::Subnet => {
            let it = Arc::new(from_json::<SubnetRecord, clb_model::network::Subnet>(json)?);
            within(RegionChange::Subnet(it.id.clone(), Some(it)))
        }
        Kind::Instance => {
            let it = Arc::new(from_json::<InstanceRecord, clb_model::network::Instance>(json)?);
            within(RegionChange::Instance(it.id.clone(), Some(it)))
        }
        Kind::SecurityGroup => {
            let it = Arc::new(from_json::<SecurityGroupRecord, clb_model::security_group::SecurityGroup>(json)?);
            within(RegionChange::SecurityGroup(it.id.clone(), Some(it)))
        }
        Kind::LoadBalancer => {
            let it = Arc::new(from_json::<LoadBalancerRecord, clb_model::load_balancer::LoadBalancer>(json)?);
            within(RegionChange::LoadBalancer(it.id.clone(), Some(it)))
        }
        Kind::Listener => {
            let ListenerRow { load_balancer_id, listener } = serde_json::from_slice(json)?;
            within(RegionChange::Listener(load_balancer_id, listener.id.clone(), Some(listener)))
        }
        Kind::Task => {
            let it = Arc::new(from_json::<TaskRecord, clb_model::task::Task>(json)?);
            within(RegionChange::Task(it.id.clone(), Some(it)))
        }
        Kind::ClientToken => {
            let it = Arc::new(from_json::<ClientTokenRecord, clb_model::client_token::ClientToken>(json)?);
            within(RegionChange::ClientToken(key.id.clone(), Some(it)))
        }
        Kind::Deletions => {
            within(RegionChange::Deletions(serde_json::from_slice::<DeletionsRow>(json)?.into_deletions()))
        }
    })
}

/// The worlds that rows are of. Whether they make sense is [`World::broken_invariants`]'s to say.
pub fn worlds(rows: &BTreeMap<Key, Vec<u8>>) -> Result<BTreeMap<String, World>, BadRow> {
    let mut worlds: BTreeMap<String, World> = BTreeMap::new();
    let mut remembered = Vec::new();
    for (key, json) in rows {
        let change = decode(key, json).map_err(|error| BadRow::new(key, format_args!("cannot be read: {error}")))?;
        if Key::of(&key.account, &change) != *key {
            return Err(BadRow::new(key, "holds another thing than its key says"));
        }
        if key.kind == Kind::Account {
            worlds.insert(key.account.clone(), World::default());
        }
        let world = worlds.get_mut(&key.account).ok_or_else(|| BadRow::new(key, "belongs to no account"))?;
        check_place(world, &change).map_err(|about| BadRow::new(key, about))?;
        match age(&change) {
            Some(age) => remembered.push((age, key.account.clone(), change)),
            None => world.apply(change),
        }
    }
    // The oldest of these is forgotten first, so their order counts.
    remembered.sort_by_key(|(age, ..)| *age);
    for (_, account, change) in remembered {
        if let Some(world) = worlds.get_mut(&account) {
            world.apply(change);
        }
    }
    Ok(worlds)
}

/// Refuses what would have no place in the world.
fn check_place(world: &World, change: &Change) -> Result<(), &'static str> {
    let Change::In(region, change) = change else { return Ok(()) };
    if matches!(change, RegionChange::Exists(_)) {
        return Ok(());
    }
    let region = world.region(region).map_err(|_| "belongs to no region")?;
    match change {
        RegionChange::Listener(owner, ..) if !region.has_load_balancer(owner.as_str()) => {
            Err("belongs to no load balancer")
        }
        _ => Ok(()),
    }
}

/// The number of the table that held the change first, for what is remembered in order.
fn age(change: &Change) -> Option<u64> {
    match change {
        Change::In(_, RegionChange::Task(_, Some(task))) => Some(task.awaits),
        Change::In(_, RegionChange::ClientToken(_, Some(token))) => Some(token.generation),
        _ => None,
    }
}
