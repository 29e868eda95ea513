//! How a diagnostic shows a value: short, as a user would write it, and never when it is sensitive.

use crate::Dynamic;

/// Longer texts are cut.
const MAX_CHARACTERS: usize = 80;

/// A value for the reader; of collections and objects only what they are, since parts of them may be sensitive.
pub(super) fn shown(value: &Dynamic, sensitive: bool) -> String {
    match value {
        _ if sensitive => "a sensitive value that is not shown".to_owned(),
        Dynamic::String(text) if text.chars().count() > MAX_CHARACTERS => {
            let start: String = text.chars().take(MAX_CHARACTERS).collect();
            format!("{start:?}... ({} characters)", text.chars().count())
        }
        Dynamic::String(text) => format!("{text:?}"),
        Dynamic::Number(number) => number.to_string(),
        Dynamic::Bool(answer) => answer.to_string(),
        other => kind_of(other),
    }
}

/// What a value is, without its content.
pub(super) fn kind_of(value: &Dynamic) -> String {
    let elements = |count: usize| if count == 1 { "1 element".to_owned() } else { format!("{count} elements") };
    match value {
        Dynamic::Null => "null".to_owned(),
        Dynamic::Unknown(_) => "a value that is not known yet".to_owned(),
        Dynamic::String(_) => "a text".to_owned(),
        Dynamic::Number(_) => "a number".to_owned(),
        Dynamic::Bool(_) => "a boolean".to_owned(),
        Dynamic::List(list) => format!("a list of {}", elements(list.len())),
        Dynamic::Set(set) => format!("a set of {}", elements(set.len())),
        Dynamic::Map(map) => format!("a map of {}", elements(map.len())),
        Dynamic::Object(_) => "an object".to_owned(),
        Dynamic::Typed(typed) => kind_of(&typed.1),
    }
}
