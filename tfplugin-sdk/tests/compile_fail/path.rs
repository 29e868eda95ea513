//! Paths to attributes that are not there.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Object, Path, path};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Backend {
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Listener {
    days: u16,
    single: Option<Backend>,
    list: Vec<Backend>,
    map: Option<BTreeMap<String, Backend>>,
    set: BTreeSet<Backend>,
}

fn paths() -> Vec<Path> {
    vec![
        path!(Listener: dayz),
        path!(Listener: single.prot),
        path!(Listener: days.x),
        path!(Listener: list.port),
        path!(Listener: list["a"]),
        path!(Listener: map[0].port),
        path!(Listener: set[0]),
        path!(Listener: single[0]),
        path!(Listener: list[0].prot),
        path!(listener: days),
    ]
}
