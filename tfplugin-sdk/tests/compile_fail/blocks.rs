//! Blocks.

use tfplugin_sdk::{Object, ProviderConfig, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(block, sensitive)]
    sensitive: Part,
    #[tf(block, optional, computed)]
    optional: Vec<Part>,
    #[tf(block, computed, keep)]
    kept: Vec<Part>,
    #[tf(block, write_only)]
    write_only: Option<Part>,
    #[tf(block, default = Vec::new())]
    default: Vec<Part>,
    #[tf(block)]
    locals: Option<Part>,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {
    #[tf(block)]
    lifecycle: Option<Part>,
}
