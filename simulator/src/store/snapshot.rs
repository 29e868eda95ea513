//! Snapshots: worlds as a JSON document that people read and compare. Its keys are sorted, so the same worlds give the
//! same text.
//!
//! ```text
//!  worlds / ACCOUNT / account, certificate, tags
//!                   / regions / REGION / vpc, subnet, ..., load_balancer, listener / ID → as in the state file
//! ```
//!
//! Not in a snapshot: tasks, tokens of creating calls, health, and what is counted. Private keys only when asked for. A
//! listener names certificates that its account has, and holds a copy of those that are gone from it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clb_model::certificate::Certificate;
use clb_model::load_balancer::LoadBalancer;
use clb_model::region::Region;
use clb_model::vip_pool::VipPool;
use clb_model::world::World;
use serde_json::{Map, Value, json};

use super::row::{BadRow, Key, Kind, encode, worlds};

/// The version of snapshots. Another one is refused.
pub const VERSION: u64 = 1;
/// What a snapshot says it is.
const FORMAT: &str = "clb-simulator snapshot";
/// The differences that are told at most.
const MOST_DIFFERENCES: usize = 10_000;

/// Worlds as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot(Value);

/// Whether a snapshot has private keys in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateKeys {
    /// It has.
    Included,
    /// It has not: where it is loaded, they are taken from a certificate with the same fingerprint.
    Left,
}

/// Why a snapshot cannot be read or loaded.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is no JSON.
    #[error("this is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is something else.
    #[error("this is no snapshot of clb-simulator: `format` has to be \"{FORMAT}\"")]
    Foreign,
    /// A newer program wrote it.
    #[error(
        "the snapshot has version {0}, and this program knows version {VERSION}: load it with the newer clb-simulator"
    )]
    Newer(u64),
    /// Its form is not right.
    #[error("the snapshot has {found} at {path}, where {expected} belongs")]
    Form {
        /// Where.
        path: String,
        /// What is there.
        found: &'static str,
        /// What should be.
        expected: &'static str,
    },
    /// Something in it cannot be.
    #[error("the snapshot cannot be loaded: {0}")]
    Row(#[from] BadRow),
    /// What it holds does not fit together, or not beside what stays.
    #[error("the snapshot cannot be loaded: {0}")]
    Broken(String),
    /// A private key is nowhere.
    #[error(
        "the snapshot has no private key for certificate {id} of world {world}, and no certificate here has its \
         fingerprint {fingerprint}: save it with --with-private-keys, or upload the certificate with its key first"
    )]
    NoPrivateKey {
        /// The certificate.
        id: String,
        /// The account.
        world: String,
        /// SHA-1 of the certificate.
        fingerprint: String,
    },
    /// The world that was asked for is not there.
    #[error("there is no world {0}")]
    NoSuchWorld(String),
}

/// One place where two snapshots differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The keys that lead there, divided by `/`.
    pub path: String,
    /// What was there.
    pub before: Option<Value>,
    /// What is there.
    pub after: Option<Value>,
}

impl Snapshot {
    /// A snapshot of these worlds.
    pub fn of<'a>(
        all: impl Iterator<Item = (&'a String, &'a World)>,
        keys: PrivateKeys,
    ) -> Result<Self, SnapshotError> {
        let mut accounts = Map::new();
        for (account, world) in all {
            accounts.insert(account.clone(), view(account, world, keys)?);
        }
        Ok(Self(json!({ "format": FORMAT, "version": VERSION, "worlds": accounts })))
    }

    /// Reads a snapshot's text.
    pub fn parse(text: &str) -> Result<Self, SnapshotError> {
        let value: Value = serde_json::from_str(text)?;
        if value["format"] != FORMAT {
            return Err(SnapshotError::Foreign);
        }
        match value["version"].as_u64() {
            Some(VERSION) => {}
            Some(other) => return Err(SnapshotError::Newer(other)),
            None => return Err(SnapshotError::Foreign),
        }
        object(&value["worlds"], "worlds")?;
        Ok(Self(value))
    }

    /// Its text: sorted, indented, with a newline at the end.
    pub fn text(&self) -> String {
        format!("{:#}\n", self.0)
    }

    /// Whose worlds it has.
    pub fn accounts(&self) -> Vec<String> {
        self.0["worlds"].as_object().map(|worlds| worlds.keys().cloned().collect()).unwrap_or_default()
    }

    /// The same without private keys.
    #[must_use]
    pub fn without_private_keys(mut self) -> Self {
        leave_private_keys(&mut self.0);
        self
    }

    /// Whether it has a private key.
    pub fn has_private_keys(&self) -> bool {
        self.clone().without_private_keys() != *self
    }

    /// The worlds it has; only that one, when one is named. Private keys that it leaves out come from `known`.
    pub fn worlds<'a>(
        &self,
        only: Option<&str>,
        known: impl Iterator<Item = &'a World>,
    ) -> Result<BTreeMap<String, World>, SnapshotError> {
        let keys = private_keys(known);
        let mut rows = BTreeMap::new();
        for (account, world) in object(&self.0["worlds"], "worlds")? {
            if only.is_none_or(|only| only == account) {
                read_world(account, world, &keys, &mut rows)?;
            }
        }
        match only {
            Some(only) if rows.is_empty() => Err(SnapshotError::NoSuchWorld(only.to_owned())),
            _ => Ok(worlds(&rows)?),
        }
    }

    /// Where the two differ, by path; at most 10,000 places.
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        compare("worlds", Some(&self.0["worlds"]), Some(&after.0["worlds"]), &mut found);
        found
    }
}

/// Takes the addresses of worlds from a pool that has those of what stays, and says what does not fit.
pub fn take_vips(
    worlds: &BTreeMap<String, World>,
    staying: &[&World],
    mut vips: VipPool,
) -> Result<VipPool, SnapshotError> {
    let broken = |about: String| Err(SnapshotError::Broken(about));
    let mut listeners: BTreeSet<_> = staying.iter().flat_map(|world| listener_ids(world)).collect();
    for (account, world) in worlds {
        for LoadBalancer { id, vip, .. } in world.regions().flat_map(Region::load_balancers) {
            if !vips.contains(*vip) {
                return broken(format!(
                    "{id} of world {account} has the address {vip}, which is not in the address pool: start with a \
                     --vip-pool that has it"
                ));
            }
            if !vips.take_exactly(*vip) {
                return broken(format!("{id} of world {account} has the address {vip}, which another one has"));
            }
        }
        if let Some(twice) = listener_ids(world).find(|id| !listeners.insert(id.clone())) {
            return broken(format!("the listener {twice} of world {account} is there already, in another world"));
        }
    }
    let sentences: Vec<String> = worlds.values().flat_map(|world| world.broken_invariants(&vips)).collect();
    if sentences.is_empty() { Ok(vips) } else { broken(sentences.join("; ")) }
}

fn listener_ids(world: &World) -> impl Iterator<Item = String> + '_ {
    let load_balancers = world.regions().flat_map(Region::load_balancers);
    load_balancers.flat_map(LoadBalancer::listeners).map(|listener| listener.id.to_string())
}

fn view(account: &str, world: &World, keys: PrivateKeys) -> Result<Value, SnapshotError> {
    let mut tree = Map::new();
    let mut regions = Map::new();
    for change in world.changes_since(&World::default()) {
        let key = Key::of(account, &change);
        if matches!(key.kind, Kind::Task | Kind::ClientToken) {
            continue;
        }
        let Some(json) = encode(&change)? else { continue };
        let mut value: Value = serde_json::from_slice(&json)?;
        match key.kind {
            // Its task is not in here; where the snapshot is loaded it is there at once.
            Kind::LoadBalancer => value["phase"] = "running".into(),
            Kind::Listener => each_certificate(&mut value, &mut |copy| name_certificate(copy, &tree)),
            _ => {}
        }
        let place = if key.region.is_empty() { &mut tree } else { branch(&mut regions, &key.region) };
        match key.kind {
            Kind::Account => drop(place.insert(key.kind.word().to_owned(), value)),
            Kind::Region => {}
            kind => drop(branch(place, kind.word()).insert(key.id, value)),
        }
    }
    tree.insert("regions".to_owned(), Value::Object(regions));
    let mut tree = Value::Object(tree);
    if keys == PrivateKeys::Left {
        leave_private_keys(&mut tree);
    }
    Ok(tree)
}

/// The object at that key, made when it is not there.
fn branch<'a>(tree: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = tree.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made an object above"),
    }
}

/// Every certificate in a listener's row: what has a `pem` of its own, or only an id.
fn each_certificate(value: &mut Value, act: &mut dyn FnMut(&mut Value)) {
    let tls = &mut value["listener"]["tls"];
    if tls.is_object() {
        act(&mut tls["server"]);
        for further in tls["further"].as_array_mut().into_iter().flatten() {
            act(further);
        }
        if tls["clients"]["mutual"].is_object() {
            act(&mut tls["clients"]["mutual"]["ca"]);
        }
    }
}

/// Puts the id in place of a copy that is what the account has.
fn name_certificate(copy: &mut Value, tree: &Map<String, Value>) {
    let id = copy["id"].clone();
    let known = tree.get("certificate").and_then(|all| all.get(id.as_str()?));
    if known == Some(copy) {
        *copy = json!({ "id": id });
    }
}

/// Puts the account's certificate in place of its id.
fn fetch_certificate(copy: &mut Value, certificates: &Value) {
    let alone = copy.as_object().is_some_and(|map| map.len() == 1);
    if let Some(known) = copy["id"].as_str().filter(|_| alone).and_then(|id| certificates.get(id)) {
        *copy = known.clone();
    }
}

fn leave_private_keys(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if key == "private_key_pem" { *value = Value::Null } else { leave_private_keys(value) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_private_keys),
        _ => {}
    }
}

/// Private keys of worlds, by the fingerprint of their certificates.
fn private_keys<'a>(worlds: impl Iterator<Item = &'a World>) -> BTreeMap<String, Arc<str>> {
    let mut keys = BTreeMap::new();
    let mut keep = |certificate: &Certificate| {
        if let Some(key) = &certificate.private_key_pem {
            keys.insert(certificate.facts.fingerprint.clone(), Arc::clone(key));
        }
    };
    for world in worlds {
        world.certificates().for_each(|it| keep(it));
        for listener in world.regions().flat_map(Region::load_balancers).flat_map(LoadBalancer::listeners) {
            listener.certificates().for_each(|it| keep(it));
        }
    }
    keys
}

/// The rows of one world.
fn read_world(
    account: &str,
    world: &Value,
    keys: &BTreeMap<String, Arc<str>>,
    rows: &mut BTreeMap<Key, Vec<u8>>,
) -> Result<(), SnapshotError> {
    let mut lacking = None;
    let mut fill = |certificate: &mut Value| {
        if certificate["purpose"] == "server" && certificate["private_key_pem"].is_null() {
            let fingerprint = certificate["facts"]["fingerprint"].as_str().unwrap_or_default().to_owned();
            if let Some(key) = keys.get(&fingerprint) {
                certificate["private_key_pem"] = Value::from(&**key);
            } else {
                let id = certificate["id"].as_str().unwrap_or_default().to_owned();
                lacking.get_or_insert(SnapshotError::NoPrivateKey { id, world: account.to_owned(), fingerprint });
            }
        }
    };
    let root = format!("worlds/{account}");
    let mut certificates = world["certificate"].clone();
    certificates.as_object_mut().into_iter().flatten().for_each(|(_, it)| fill(it));
    let mut put = |region: &str, kind: &str, id: &str, value: &Value| -> Result<(), SnapshotError> {
        let key = || format!("{root}/{region}/{kind}/{id}");
        let kind = Kind::of(kind).ok_or_else(|| BadRow::new(key(), "is of an unknown kind"))?;
        let key = Key { account: account.to_owned(), region: region.to_owned(), kind, id: id.to_owned() };
        rows.insert(key, serde_json::to_vec(value)?);
        Ok(())
    };
    for (kind, entries) in object(world, &root)? {
        match kind.as_str() {
            "account" => put("", kind, "", entries)?,
            "regions" => {}
            "certificate" => {
                for (id, value) in certificates.as_object().into_iter().flatten() {
                    put("", kind, id, value)?;
                }
            }
            _ => {
                for (id, value) in object(entries, &format!("{root}/{kind}"))? {
                    put("", kind, id, value)?;
                }
            }
        }
    }
    for (region, kinds) in object(&world["regions"], &format!("{root}/regions"))? {
        put(region, Kind::Region.word(), "", &json!({}))?;
        for (kind, entries) in object(kinds, &format!("{root}/regions/{region}"))? {
            for (id, value) in object(entries, &format!("{root}/regions/{region}/{kind}"))? {
                let mut value = value.clone();
                if kind == Kind::Listener.word() {
                    each_certificate(&mut value, &mut |copy| {
                        fetch_certificate(copy, &certificates);
                        fill(copy);
                    });
                }
                put(region, kind, id, &value)?;
            }
        }
    }
    lacking.map_or(Ok(()), Err)
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, SnapshotError> {
    value.as_object().ok_or_else(|| {
        let found = match value {
            Value::Null => "nothing",
            Value::Array(_) => "a list",
            _ => "a single value",
        };
        SnapshotError::Form { path: path.to_owned(), found, expected: "an object" }
    })
}

/// What leads from one to the other; whole where something is new or gone.
fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    if before == after || found.len() >= MOST_DIFFERENCES {
        return;
    }
    match (before, after) {
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            for key in keys {
                compare(&format!("{path}/{key}"), was.get(key), is.get(key), found);
            }
        }
        (Some(Value::Array(was)), Some(Value::Array(is))) => {
            for index in 0..was.len().max(is.len()) {
                compare(&format!("{path}/{index}"), was.get(index), is.get(index), found);
            }
        }
        _ => found.push(Difference { path: path.to_owned(), before: before.cloned(), after: after.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, SnapshotError};

    #[test]
    fn what_is_no_snapshot_or_a_newer_one_is_refused() {
        let said = |text: &str| Snapshot::parse(text).expect_err("refused").to_string();
        assert!(said("{").contains("no JSON"));
        assert!(said("{}").contains("no snapshot"));
        assert!(said(r#"{"format": "clb-simulator snapshot", "version": 2, "worlds": {}}"#).contains("version 2"));
        let listed = Snapshot::parse(r#"{"format": "clb-simulator snapshot", "version": 1, "worlds": []}"#);
        assert!(matches!(listed, Err(SnapshotError::Form { .. })));
    }

    #[test]
    fn differences_are_told_by_path() {
        let of = |worlds: &str| {
            Snapshot::parse(&format!(r#"{{"format": "clb-simulator snapshot", "version": 1, "worlds": {worlds}}}"#))
        };
        let before = of(r#"{"a": {"x": 1, "y": [1, 2], "z": 3}}"#).expect("a snapshot");
        let after = of(r#"{"a": {"x": 2, "y": [1]}, "b": {}}"#).expect("a snapshot");
        let paths: Vec<String> = before.differences(&after).into_iter().map(|it| it.path).collect();
        assert_eq!(paths, ["worlds/a/x", "worlds/a/y/1", "worlds/a/z", "worlds/b"]);
        assert_eq!(before.differences(&before), []);
    }
}
