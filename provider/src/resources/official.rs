//! States of the official Tencent Cloud provider, which `moved` blocks bring here: whose they are, and how it writes what is not
//! there.
//!
//! What each of its types means is in `official.rs` beside the resource that takes it over. All of them put the state into the
//! platform's own words, which it keeps almost one to one, and read it as an answer of the platform is read.
//! Attributes and ids: its release 1.83. Private keys and everything else that is not named there are left behind.

use tfplugin_sdk::{Error, ForeignState, Result, TfType};

/// The official provider, wherever it was installed from.
const PROVIDER: &str = "tencentcloudstack/tencentcloud";

/// The state, if it is one of the official provider's type `type_name`.
pub(super) fn state<T: TfType>(source: &ForeignState, type_name: &str) -> Result<Option<T>> {
    if source.is(PROVIDER, type_name) { source.decode().map(Some) } else { Ok(None) }
}

/// A text that is set: its SDK stores an empty one for one that is not.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// An attribute without which there is nothing to take over.
pub(super) fn required(text: Option<String>, type_name: &str, attribute: &str) -> Result<String> {
    given(text).ok_or_else(|| {
        Error::new(format!("The state of this {type_name} has no {attribute}")).detail(
            "It cannot be told what it stands for. Remove the `moved` block, and import the object by its id instead.",
        )
    })
}
