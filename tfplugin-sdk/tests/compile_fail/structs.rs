//! Structs that declare nothing.

use tfplugin_sdk::{Action, DataSource, Function, ListResource, Object, ProviderConfig, Resource};

#[derive(Clone, Debug, PartialEq, Resource)]
struct NoName {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, DataSource)]
struct NoNameEither {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Function)]
struct NoFunctionName {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, ListResource)]
struct FindsNothing {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(nam = "sample_thing")]
struct Misspelt {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_thing", identity(a))]
struct NoState {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
#[tf(name = "sample")]
struct NoType {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Tuple(u8);

#[derive(Clone, Debug, PartialEq, Object)]
enum NoStruct {
    A,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Generic<T> {
    a: T,
}
