//! Write-only values.

use tfplugin_sdk::Resource;

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    #[tf(write_only, computed)]
    computed: Option<String>,
    #[tf(write_only, default = "x")]
    default: String,
    #[tf(write_only, replace)]
    replace: Option<String>,
}
