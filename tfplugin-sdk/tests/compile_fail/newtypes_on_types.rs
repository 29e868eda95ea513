//! What a newtype cannot hold.

use tfplugin_sdk::Newtype;

#[derive(Clone, Debug, PartialEq, Newtype)]
struct Names(Vec<String>);
