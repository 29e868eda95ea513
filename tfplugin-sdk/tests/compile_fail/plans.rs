//! What a plan makes of an attribute.

use tfplugin_sdk::{Object, Resource, Timeouts, Value};

fn always(_: &u8, _: &Value<u8>) -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(keep)]
    kept: u8,
    #[tf(keep_non_null)]
    kept_unless_null: Option<u8>,
    #[tf(computed, keep, keep_non_null)]
    kept_twice: Option<u8>,
    #[tf(prefix = "x")]
    prefix: String,
    #[tf(computed, replace)]
    computed_replaces: u8,
    #[tf(replace, replace_if = always)]
    replaces_twice: u8,
    #[tf(computed_when(kept))]
    not_computed: u8,
    #[tf(computed, computed_when(keeps))]
    no_such_cause: u8,
    #[tf(computed, computed_when(kept, kept))]
    same_cause_twice: u8,
    #[tf(computed, keep, computed_when(kept))]
    kept_already: u8,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    a: u8,
    #[tf(computed, computed_when(a))]
    computed_when: u8,
    #[tf(replace_if = always)]
    replace_if: u8,
    #[tf(timeouts(create = "5m"))]
    timeouts: Option<Timeouts>,
}
