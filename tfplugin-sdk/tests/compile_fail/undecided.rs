//! `Value` is for parameters of functions.

use tfplugin_sdk::{DataSource, Function, Object, Resource, Value};

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    value: Value<String>,
}

#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_thing")]
struct Source {
    values: Vec<Value<String>>,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    value: Option<Value<u8>>,
}

#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "a_function")]
struct Sound {
    value: Value<String>,
}
