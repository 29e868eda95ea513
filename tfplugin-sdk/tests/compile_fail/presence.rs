//! Who sets an attribute.

use tfplugin_sdk::{Object, Resource};

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(required)]
    required_by_its_type: u8,
    #[tf(optional)]
    optional_by_its_type: u8,
    #[tf(required, computed)]
    required_and_computed: u8,
    #[tf(computed, default = 1)]
    computed_with_default: u8,
    #[tf(sensitive, sensitive)]
    twice: u8,
    #[tf(computed, variadic)]
    variadic: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    #[tf(required)]
    required_by_its_type: u8,
}
