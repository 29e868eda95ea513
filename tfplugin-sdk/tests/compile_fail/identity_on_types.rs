//! What cannot identify a resource.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Dynamic, Object, Resource, Secret};

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity(id, list, map, set, object, objects, lists, dynamic, secret))]
struct Thing {
    id: String,
    list: Vec<u8>,
    map: BTreeMap<String, String>,
    set: BTreeSet<String>,
    object: Part,
    objects: Vec<Part>,
    lists: Vec<Vec<u8>>,
    dynamic: Option<Dynamic>,
    secret: Secret<String>,
}
