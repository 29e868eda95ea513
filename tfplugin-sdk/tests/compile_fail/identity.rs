//! What identifies a resource.

use tfplugin_sdk::Resource;

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity(idd))]
struct NotThere {
    id: String,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity(id, id))]
struct Twice {
    id: String,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity())]
struct Empty {
    id: String,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity(id, key))]
struct Hidden {
    #[tf(sensitive)]
    id: String,
    #[tf(write_only)]
    key: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", identity_version = 1)]
struct OnlyAVersion {
    id: String,
}
