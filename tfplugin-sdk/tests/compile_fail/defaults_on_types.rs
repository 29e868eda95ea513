//! Defaults that do not go with the type.

use tfplugin_sdk::{Number, Object};

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    #[tf(default = 1.into())]
    takes_the_place_of_null: Option<Number>,
    #[tf(default = 300)]
    too_large: u8,
    #[tf(default = 1)]
    no_text: String,
}
