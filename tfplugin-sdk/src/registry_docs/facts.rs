//! What the schema says of an attribute beyond its description, in sentences: its default, its rules, what a change of
//! it does, what Terraform it needs.
//!
//! Not here: rules between attributes, which belong to the object ([`super::attributes`]).

use super::literal::{literal, quoted};
use super::markdown::code;
use crate::schema::{Attribute, AttributeKind, Nesting, Validator};
use crate::{Dynamic, Number, Type};

/// A sentence, and the words by which one sees that a description says it already.
struct Fact {
    sentence: String,
    words: Vec<String>,
}

impl Fact {
    /// One that is always said.
    fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), words: Vec::new() }
    }

    /// One that need not be said where all these words are.
    fn unless<S: Into<String>>(sentence: impl Into<String>, words: impl IntoIterator<Item = S>) -> Self {
        Self { sentence: sentence.into(), words: words.into_iter().map(Into::into).collect() }
    }

    fn is_in(&self, description: &str) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| says(description, word))
    }
}

/// Whether a text has a word, or one that begins with it. A number is not found in a longer one.
fn says(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let joins = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_number = word.ends_with(|letter: char| letter.is_ascii_digit());
    text.match_indices(&word).any(|(at, _)| {
        let is_part_before = text[..at].ends_with(joins);
        let is_part_after = is_number && text[at + word.len()..].starts_with(joins);
        !(is_part_before || is_part_after)
    })
}

/// Everything the schema says of it that its description does not. What authors have put into their own words stands
/// as they put it, and nothing is said twice.
pub(super) fn facts(attribute: &Attribute) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(default(attribute));
    facts.extend(attribute.validators.iter().filter_map(|validator| match validator {
        // What a block says in brackets: at least and at most how many.
        Validator::Length { .. } if attribute.block => None,
        rule => rule_of(rule, &attribute.value_type(), "Must"),
    }));
    if attribute.plan.replace {
        facts.push(Fact::unless("Changing this replaces the resource.", ["replace"]));
    }
    if attribute.plan.may_replace {
        facts.push(Fact::unless("Some changes of it replace the resource.", ["replace"]));
    }
    if attribute.write_only {
        facts.push(Fact::unless("Never stored in plan or state.", ["state"]));
        facts.push(Fact::unless("Needs Terraform 1.11 or later.", ["1.11"]));
    }
    facts.retain(|fact| !fact.is_in(&attribute.description));
    if let Some(text) = &attribute.deprecated {
        facts.push(Fact::new(format!("**Deprecated:** {text}")));
    }
    facts.into_iter().map(|fact| fact.sentence).collect()
}

fn default(attribute: &Attribute) -> Option<Fact> {
    let default = attribute.default.as_ref().filter(|_| !attribute.sensitive)?;
    if let AttributeKind::Nested(Nesting::Single, inner) = &attribute.kind
        && inner.iter().all(|inner| inner.default.as_ref().unwrap_or(&Dynamic::Null) == default.attribute(&inner.name))
    {
        return Some(Fact::unless("Without it the defaults below hold.", ["default"]));
    }
    let value = match default {
        Dynamic::String(text) => Some(text.clone()),
        Dynamic::Number(_) | Dynamic::Bool(_) => Some(literal(default)),
        _ => None,
    };
    let words = std::iter::once("default".to_owned()).chain(value);
    Some(Fact::unless(format!("Defaults to {}.", code(&literal(default))), words))
}

/// The rule of a validator for values of type `of`, after `subject`; `None` where there is nothing to say, or another
/// place to say it.
fn rule_of(validator: &Validator, of: &Type, subject: &str) -> Option<Fact> {
    let sentence = |rule: String| format!("{subject} {rule}.");
    match validator {
        Validator::Range { min, max, whole } => {
            let (min, max) = (stated(min.as_ref()), stated(max.as_ref()));
            let words = bounds(min.map(Number::to_string), max.map(Number::to_string));
            let narrowed = Validator::Range { min: min.cloned(), max: max.cloned(), whole: *whole };
            let says_nothing = !whole && words.is_empty();
            (!says_nothing).then(|| Fact::unless(sentence(narrowed.rule(&Dynamic::Null)), words))
        }
        Validator::Length { min: Some(1), max: None } => Some(Fact::new(sentence("not be empty".to_owned()))),
        Validator::Length { min, max } => {
            let min = min.filter(|min| *min > 0);
            let words = bounds(min.map(|min| min.to_string()), max.map(|max| max.to_string()));
            let rule = Validator::Length { min, max: *max }.rule(&sample(of));
            (!words.is_empty()).then(|| Fact::unless(sentence(rule), words))
        }
        Validator::Pattern(pattern) if pattern.message().is_none() => {
            Some(Fact::new(sentence(format!("match {}", code(pattern.as_str())))))
        }
        Validator::OneOf(allowed) if !allowed.is_empty() => {
            Some(Fact::unless(sentence(format!("be {}", alternatives(allowed))), allowed))
        }
        Validator::NoneOf(refused) => Some(Fact::new(sentence(format!("not be {}", alternatives(refused))))),
        Validator::Pattern(_) | Validator::OneOf(_) | Validator::Format(_) | Validator::Unique(_) => {
            Some(Fact::new(sentence(validator.rule(&Dynamic::Null))))
        }
        Validator::Each(rule) => rule_of(rule, element(of)?, "Each element must"),
        Validator::Keys(rule) => rule_of(rule, &Type::String, "Each key must"),
        // That null is no element goes without saying; a function cannot be put into words.
        Validator::NoNulls | Validator::Custom(_) | Validator::Between(_) => None,
    }
}

/// A bound, unless it only is what 32 or 64 bits can hold.
fn stated(bound: Option<&Number>) -> Option<&Number> {
    let limits = [i32::MIN.into(), i32::MAX.into(), u32::MAX.into(), i64::MIN.into(), i64::MAX.into(), u64::MAX.into()];
    bound.filter(|bound| bound.to_i128().is_none_or(|bound| !limits.contains(&bound)))
}

/// The words by which a description says bounds: "1 to 9", "at most 9".
fn bounds(min: Option<String>, max: Option<String>) -> Vec<String> {
    match (min, max) {
        (Some(min), Some(max)) => vec![min, max],
        (Some(min), None) => vec![format!("at least {min}")],
        (None, Some(max)) => vec![format!("at most {max}")],
        (None, None) => Vec::new(),
    }
}

/// Any value of a type, for what a rule calls its parts: characters or elements.
fn sample(of: &Type) -> Dynamic {
    if *of == Type::String { Dynamic::String(String::new()) } else { Dynamic::Null }
}

fn element(of: &Type) -> Option<&Type> {
    match of {
        Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
        _ => None,
    }
}

fn alternatives(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| code(&quoted(text))).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(attribute: &Attribute) -> String {
        facts(attribute).join(" ")
    }

    #[test]
    fn rules_are_said_in_words() {
        for (attribute, expected) in [
            (Attribute::of::<u16>("a").range(Some(1.into()), None), "Must be a whole number from 1 to 65535."),
            (Attribute::of::<u64>("a"), "Must be a whole number of at least 0."),
            (Attribute::of::<i64>("a"), "Must be a whole number."),
            (Attribute::of::<f64>("a"), ""),
            (Attribute::of::<f64>("a").range(None, Some(9.into())), "Must be a number of at most 9."),
            (Attribute::of::<String>("a").length(Some(1), None), "Must not be empty."),
            (Attribute::of::<Vec<String>>("a").length(Some(0), Some(2)), "Must have at most 2 elements."),
            (Attribute::of::<String>("a").pattern("^a|b$", None), "Must match `^a|b$`."),
            (Attribute::of::<String>("a").pattern("^a$", Some("an a")), "Must be: an a."),
            (Attribute::of::<String>("a").one_of(&["x", "", "z"]), "Must be `\"x\"`, `\"\"` or `\"z\"`."),
            (Attribute::of::<String>("a").none_of(&["x"]), "Must not be `\"x\"`."),
            (
                Attribute::of::<Vec<u8>>("a").unique(&[]),
                "Each element must be a whole number from 0 to 255. Must have no element twice.",
            ),
            (Attribute::of::<std::time::Duration>("a"), "Must be a duration, such as 30s, 5m or 1h30m."),
            (
                Attribute::of::<Vec<String>>("a").each(Attribute::rules().length(Some(2), Some(2))),
                "Each element must have 2 characters.",
            ),
        ] {
            assert_eq!(said(&attribute), expected);
        }
        let keys = Attribute::rules().pattern("^k", None);
        let labels = Attribute::of::<std::collections::BTreeMap<String, String>>("a").keys(keys);
        assert_eq!(said(&labels), "Each key must match `^k`.");
    }

    #[test]
    fn defaults_and_changes_are_said() {
        let text = |text: &str| Dynamic::String(text.to_owned());
        let of = || Attribute::of::<String>("a");
        assert_eq!(said(&of().default_value(text(""))), "Defaults to `\"\"`.");
        assert_eq!(said(&of().default_value(text("x")).sensitive()), "", "a default of a secret is not shown");
        assert_eq!(said(&of().replace()), "Changing this replaces the resource.");
        assert_eq!(said(&of().may_replace()), "Some changes of it replace the resource.");
        assert_eq!(said(&of().write_only()), "Never stored in plan or state. Needs Terraform 1.11 or later.");
        assert_eq!(said(&of().deprecated("Use `b`.")), "**Deprecated:** Use `b`.");
        let mut check = of().default_value(Dynamic::Object([("on".to_owned(), Dynamic::Bool(true))].into()));
        check.kind = AttributeKind::Nested(
            Nesting::Single,
            vec![Attribute::of::<bool>("on").default_value(Dynamic::Bool(true))],
        );
        assert_eq!(said(&check), "Without it the defaults below hold.");
        check.default = Some(Dynamic::Object([("on".to_owned(), Dynamic::Bool(false))].into()));
        assert_eq!(said(&check), "Defaults to `{ on = false }`.");
    }

    #[test]
    fn what_the_description_says_is_not_said_again() {
        let port = || {
            Attribute::of::<u16>("a").range(Some(1.into()), None).default_value(Dynamic::Number(80.into())).replace()
        };
        assert_eq!(said(&port().description("Port, 1 to 65535. Defaults to 80. A change replaces it.")), "");
        let other = said(&port().description("Port, 10 to 655350. The default is 8080."));
        assert_eq!(
            other,
            "Defaults to `80`. Must be a whole number from 1 to 65535. Changing this replaces the resource."
        );
        let mode = Attribute::of::<String>("a").one_of(&["one_way", "mutual"]);
        assert_eq!(said(&mode.clone().description("Who: `one_way` or `mutual`.")), "");
        assert_eq!(said(&mode.description("Who: `mutual`.")), "Must be `\"one_way\"` or `\"mutual\"`.");
        let tags = Attribute::of::<Vec<String>>("a").length(None, Some(20));
        assert_eq!(said(&tags.description("Tags, at most 20.")), "");
    }
}
