//! What cannot be written as blocks, and what must be.

use std::collections::BTreeMap;

use tfplugin_sdk::{Dynamic, Object, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Anything {
    any: Option<Dynamic>,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Parts {
    #[tf(block)]
    part: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(block)]
    no_object: String,
    #[tf(block)]
    no_objects: Vec<String>,
    #[tf(block)]
    never_null: Option<Vec<Part>>,
    #[tf(block)]
    dynamic: Vec<Anything>,
    #[tf(block)]
    dynamic_by_name: BTreeMap<String, Anything>,
    block_inside: Option<Parts>,
    blocks_inside: Vec<Parts>,
    #[tf(block)]
    sound: Vec<Parts>,
    #[tf(block)]
    one_dynamic: Option<Anything>,
}
