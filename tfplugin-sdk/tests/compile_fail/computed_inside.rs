//! What is computed inside something.

use tfplugin_sdk::{Action, Function, Object, ProviderConfig};

#[derive(Clone, Debug, PartialEq, Object)]
struct Port {
    #[tf(computed)]
    number: u16,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct NoPlanForm {
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Object)]
#[tf(plan)]
struct PlanForm {
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Default {
    #[tf(default = 1)]
    number: u16,
}

#[derive(Clone, Debug, PartialEq, Action)]
#[tf(name = "sample_thing")]
struct Press {
    ports: Vec<PlanForm>,
    default: Option<Default>,
}

#[derive(Clone, Debug, PartialEq, ProviderConfig)]
struct Settings {
    port: Port,
    sound: Default,
}

#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "a_function")]
struct Call {
    port: Port,
    sound: Default,
}
