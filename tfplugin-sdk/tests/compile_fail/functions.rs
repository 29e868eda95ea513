//! Parameters of functions.

use tfplugin_sdk::{Function, Object, Timeouts};

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "a_function")]
struct Call {
    #[tf(computed)]
    computed: u8,
    #[tf(default = 1)]
    default: u8,
    #[tf(block)]
    block: Part,
    #[tf(sensitive)]
    sensitive: String,
    #[tf(timeouts(create = "5m"))]
    timeouts: Option<Timeouts>,
    #[tf(deprecated = "old")]
    deprecated: u8,
    #[tf(variadic)]
    not_the_last: Vec<u8>,
    last: u8,
}
