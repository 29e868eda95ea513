//! What beside the derives is needed.

use tfplugin_sdk::{Object, Resource};

#[derive(Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    a: u8,
}

#[derive(Clone, Debug, Object)]
struct Part {
    a: u8,
}
