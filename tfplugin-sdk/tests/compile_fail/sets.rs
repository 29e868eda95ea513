//! What a set cannot hold.

use std::collections::BTreeSet;

use tfplugin_sdk::Object;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Key {
    #[tf(write_only)]
    text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Keys {
    keys: BTreeSet<Key>,
    inside: Vec<Option<BTreeSet<Key>>>,
}

