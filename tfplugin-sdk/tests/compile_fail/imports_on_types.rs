//! What cannot be part of an import id.

use tfplugin_sdk::{Newtype, Resource};

#[derive(Clone, Debug, PartialEq, Newtype)]
struct Id(String);

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{sound}/{option}/{list}")]
struct Thing {
    sound: Id,
    option: Option<String>,
    list: Vec<String>,
}
