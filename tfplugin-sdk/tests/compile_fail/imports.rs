//! Templates of import ids.

use tfplugin_sdk::Resource;

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{b}")]
struct NotThere {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{a}{b}")]
struct NothingBetween {
    a: u8,
    b: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{a")]
struct NotClosed {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "a")]
struct NoAttribute {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{a}/{a}")]
struct Twice {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import = "{a}", import_also("#{b}"))]
struct OtherAttributes {
    a: u8,
    b: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing", import_also("#{a}"))]
struct OnlyFurtherForms {
    a: u8,
}
