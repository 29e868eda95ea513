//! Older shapes that become nothing.

use tfplugin_sdk::{Object, Resource};

#[derive(Clone, Debug, PartialEq, Object)]
struct ThingV0 {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct ThingV1 {
    a: u8,
}

struct NoObject {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", version = 2, upgrade(0 = ThingV0, 1 = ThingV1))]
struct Thing {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_other", version = 1, upgrade(0 = NoObject))]
struct Other {
    a: u8,
}

impl From<NoObject> for Other {
    fn from(old: NoObject) -> Self {
        Self { a: old.a }
    }
}
