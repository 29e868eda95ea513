//! Names that Terraform keeps for itself, or could not read.

use tfplugin_sdk::{Action, DataSource, EphemeralResource, Function, Object, ProviderConfig, Resource};

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "sample_thing")]
struct Thing {
    count: u8,
    provider: String,
    Port: u8,
    größe: u8,
}

#[derive(Clone, Debug, PartialEq, DataSource)]
#[tf(name = "sample_thing")]
struct Source {
    for_each: u8,
}

#[derive(Clone, Debug, PartialEq, EphemeralResource)]
#[tf(name = "sample_thing")]
struct Token {
    depends_on: u8,
}

#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_thing")]
struct Press {
    lifecycle: u8,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {
    alias: String,
    version: String,
    source: String,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    count: u8,
    Inner: u8,
}

#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "a_function")]
struct Call {
    Argument: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "Sample-Thing")]
struct TypeName {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Resource)]
#[tf(name = "1_thing")]
struct FirstLetter {
    a: u8,
}
