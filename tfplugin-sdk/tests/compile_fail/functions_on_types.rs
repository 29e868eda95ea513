//! A variadic parameter takes all arguments that follow.

use tfplugin_sdk::Function;

#[derive(Clone, Debug, PartialEq, Function)]
#[tf(name = "a_function")]
struct Call {
    first: String,
    #[tf(variadic)]
    others: Option<u8>,
}
