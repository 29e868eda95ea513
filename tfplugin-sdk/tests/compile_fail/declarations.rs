//! Data sources, ephemeral resources, actions and provider blocks have no plan.

use tfplugin_sdk::{Action, DataSource, EphemeralResource, ProviderConfig, Timeouts};

#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_thing")]
struct Source {
    #[tf(replace)]
    replace: u8,
    #[tf(computed, keep)]
    keep: u8,
    #[tf(write_only)]
    write_only: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, EphemeralResource)]
#[tf(name = "sample_thing")]
struct Token {
    #[tf(computed, prefix = "x")]
    prefix: String,
}

#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_thing")]
struct Press {
    #[tf(computed)]
    computed: u8,
    #[tf(default = 1)]
    default: u8,
    #[tf(replace)]
    replace: u8,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {
    #[tf(computed)]
    computed: u8,
    #[tf(default = 1)]
    default: u8,
    #[tf(write_only)]
    write_only: Option<u8>,
    #[tf(timeouts(create = "5m"))]
    timeouts: Option<Timeouts>,
}
