//! Rules that say nothing of values of the type.

use std::collections::BTreeMap;

use tfplugin_sdk::{Object, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
#[tf(less_than(range, length))]
struct Part {
    #[tf(range(1..))]
    range: bool,
    #[tf(port)]
    port: String,
    #[tf(length(1..))]
    length: u8,
    #[tf(not_empty)]
    not_empty: u8,
    #[tf(pattern = "x")]
    pattern: Vec<String>,
    #[tf(one_of("a"))]
    one_of: u8,
    #[tf(none_of("a"))]
    none_of: bool,
    #[tf(cidr)]
    cidr: Option<u8>,
    #[tf(unique)]
    unique: String,
    #[tf(unique(name))]
    unique_by: Vec<String>,
    #[tf(each(range(1..)))]
    each: u8,
    #[tf(each(range(1..)))]
    each_text: Vec<String>,
    #[tf(each(length(1..), pattern = "x"))]
    each_number: BTreeMap<String, u8>,
    #[tf(keys(pattern = "x"))]
    keys_of_a_list: Vec<String>,
    #[tf(keys(range(1..)))]
    keys_are_texts: BTreeMap<String, u8>,
    #[tf(computed, prefix = "x")]
    prefix: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(computed, length(1..=9))]
    promised_length: String,
    #[tf(computed, range(1..=9))]
    promised_range: String,
    #[tf(timeouts(create = "5m"))]
    timeouts: Option<String>,
}
