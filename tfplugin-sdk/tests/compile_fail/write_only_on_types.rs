//! Where a write-only value can stand.

use tfplugin_sdk::{Action, DataSource, Object, ProviderConfig, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
struct Key {
    #[tf(write_only)]
    text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(write_only)]
    not_in_the_state: String,
    #[tf(computed)]
    from_the_provider: Option<Key>,
    sound: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_thing")]
struct Source {
    key: Option<Key>,
}

#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_thing")]
struct Press {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {
    key: Key,
}
