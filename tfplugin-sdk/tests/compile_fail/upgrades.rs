//! Upgrades from older versions.

use tfplugin_sdk::{Object, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
struct Old {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", version = 2, upgrade(1 = Old, 0 = Old))]
struct OutOfOrder {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", version = 2, upgrade(1 = Old, 1 = Old))]
struct Twice {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", upgrade(0 = Old))]
struct NotOlder {
    a: u8,
}
