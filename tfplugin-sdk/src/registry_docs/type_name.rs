//! Types in words, as the Registry's pages have them.

use crate::Type;
use crate::schema::{AttributeKind, Nesting};

/// A type as signatures have it: `list of string`.
pub(super) fn type_name(of: &Type) -> String {
    match of {
        Type::String => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Dynamic => "dynamic".to_owned(),
        Type::List(element) => format!("list of {}", type_name(element)),
        Type::Set(element) => format!("set of {}", type_name(element)),
        Type::Map(element) => format!("map of {}", type_name(element)),
        Type::Object(_) => "object".to_owned(),
        Type::Tuple(_) => "tuple".to_owned(),
    }
}

/// A type as the lists of attributes have it: `List of String`.
pub(super) fn type_title(of: &Type) -> String {
    let title = |word: &str| match word {
        "of" => word.to_owned(),
        "bool" => "Boolean".to_owned(),
        word => capital(word),
    };
    type_name(of).split(' ').map(title).collect::<Vec<_>>().join(" ")
}

/// The same of what an attribute holds: objects with rules of their own are `Attributes`.
pub(super) fn kind_title(kind: &AttributeKind) -> String {
    match kind {
        AttributeKind::Plain(of) => type_title(of),
        AttributeKind::Nested(nesting, _) => format!("Attributes{}", nesting_title(*nesting)),
    }
}

/// How objects are held together, to follow `Attributes` or `Block`.
pub(super) fn nesting_title(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "",
        Nesting::List => " List",
        Nesting::Set => " Set",
        Nesting::Map => " Map",
    }
}

/// The parts of an object in a plain type, one a line; those of an object inside them are indented. Nothing for a type
/// without an object.
pub(super) fn type_parts(of: &Type, indent: &str) -> String {
    match of {
        Type::List(element) | Type::Set(element) | Type::Map(element) => type_parts(element, indent),
        Type::Object(attributes) => {
            let part = |(name, of): (&String, &Type)| {
                format!("\n{indent}- `{name}` ({}){}", type_title(of), type_parts(of, &format!("{indent}  ")))
            };
            attributes.iter().map(part).collect()
        }
        _ => String::new(),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_for_signatures_and_for_lists() {
        let of = Type::list(Type::map(Type::Bool));
        assert_eq!(
            (type_name(&of).as_str(), type_title(&of).as_str()),
            ("list of map of bool", "List of Map of Boolean")
        );
        let inner = Type::Object([("c".to_owned(), Type::Number)].into());
        let outer = Type::set(Type::Object([("a".to_owned(), Type::String), ("b".to_owned(), inner)].into()));
        assert_eq!(type_parts(&outer, ""), "\n- `a` (String)\n- `b` (Object)\n  - `c` (Number)");
        assert_eq!(type_parts(&Type::list(Type::String), ""), "");
    }
}
