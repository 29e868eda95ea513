//! `slug`: a file name from any words.

use tfplugin_sdk::{Error, Function, Result, path};

/// A file name made from words.
///
/// Letters become small, and everything that is neither a letter nor a digit becomes one dash.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "slug")]
pub struct Slug {
    /// The words, separated by anything.
    #[tf(not_empty)]
    pub words: String,
    /// More words.
    #[tf(variadic)]
    pub more: Vec<String>,
}

impl Function for Slug {
    type Output = String;

    fn call(self) -> Result<String> {
        let all = [vec![self.words], self.more].concat().join(" ").to_lowercase();
        let words: Vec<&str> =
            all.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Err(Error::new("There is no letter and no digit in it").at(path!(Self: words)));
        }
        Ok(words.join("-"))
    }
}
