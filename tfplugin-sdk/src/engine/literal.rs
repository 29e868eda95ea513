//! How a diagnostic shows a value: short, as a user would write it, and never when it is sensitive.

use crate::Dynamic;
use crate::schema::Attribute;

/// Longer texts are cut.
const MAX_CHARACTERS: usize = 80;

/// A value for the reader; of collections and objects only what they are, since parts of them may be sensitive.
pub(crate) fn shown(value: &Dynamic, sensitive: bool) -> String {
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

/// An object for the reader who has to find it among others: those of its attributes that can be shown, and that `by`
/// names if it names any.
pub(super) fn outline(attributes: &[Attribute], object: &Dynamic, by: &[String]) -> String {
    let parts = attributes.iter().filter(|attribute| by.is_empty() || by.contains(&attribute.name));
    let parts = parts.filter(|attribute| !attribute.is_secret()).filter_map(|attribute| {
        let value = object.attribute(&attribute.name);
        let is_plain = matches!(value, Dynamic::String(_) | Dynamic::Number(_) | Dynamic::Bool(_));
        is_plain.then(|| format!("{} = {}", attribute.name, shown(value, false)))
    });
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { kind_of(object) } else { format!("{{ {} }}", parts.join(", ")) }
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
