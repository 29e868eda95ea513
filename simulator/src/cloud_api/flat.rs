//! Arguments as text: the pairs of a query or a form, and the tree that their dotted names describe
//! (`Filters.0.Values.0=a`, counted from zero; MEAS, SDK). Which of them are numbers or lists is not known here: see
//! [`super::arguments`].

use serde_json::map::Entry;
use serde_json::{Map, Value};

/// The most arguments of a request.
const MOST: usize = 10_000;
/// The deepest name, in parts. No documented action needs more than eight.
const DEEPEST: usize = 16;

/// Why pairs are no arguments. The texts complete "the request is not valid: ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlatError {
    /// A name or a value is no UTF-8 when it is decoded.
    #[error("what is %-encoded in its arguments has to be UTF-8")]
    Encoding,
    /// More than [`MOST`].
    #[error("it has more than {MOST} arguments")]
    Many,
    /// More parts than [`DEEPEST`], or an empty one.
    #[error("an argument's name is parts with dots between, {DEEPEST} at most, and `{0}` is not")]
    Name(String),
    /// The same name twice, or a name that is the beginning of another.
    #[error("the argument `{0}` is given twice")]
    Twice(String),
}

/// Name and value of each argument of `a=1&b=2`, decoded.
pub fn pairs(encoded: &str) -> Result<Vec<(String, String)>, FlatError> {
    let parts = encoded.split('&').filter(|part| !part.is_empty());
    let mut pairs = Vec::new();
    for part in parts {
        if pairs.len() == MOST {
            return Err(FlatError::Many);
        }
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        pairs.push((decoded(name)?, decoded(value)?));
    }
    Ok(pairs)
}

/// The tree of arguments with dotted names.
pub fn tree<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Map<String, Value>, FlatError> {
    let mut tree = Map::new();
    for (name, value) in pairs {
        let parts: Vec<&str> = name.split('.').take(DEEPEST + 1).collect();
        if parts.len() > DEEPEST || parts.iter().any(|part| part.is_empty()) {
            return Err(FlatError::Name(shown(name)));
        }
        insert(&mut tree, &parts, value).ok_or_else(|| FlatError::Twice(shown(name)))?;
    }
    Ok(tree)
}

/// `None` when the place is taken.
fn insert(tree: &mut Map<String, Value>, parts: &[&str], value: &str) -> Option<()> {
    let (first, deeper) = parts.split_first()?;
    match (tree.entry(*first), deeper) {
        (Entry::Vacant(vacant), []) => {
            vacant.insert(value.into());
            Some(())
        }
        (Entry::Occupied(_), []) => None,
        (entry, deeper) => insert(entry.or_insert_with(|| Map::new().into()).as_object_mut()?, deeper, value),
    }
}

/// Reads `%41` as `A` and `+` as a blank. A `%` without two hexadecimal digits stands for itself.
fn decoded(text: &str) -> Result<String, FlatError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push((hex_digit(*high) << 4) | hex_digit(*low));
                rest = after;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| FlatError::Encoding)
}

fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase() - b'a') + 10,
    }
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{FlatError, pairs, tree};

    fn read(encoded: &str) -> Result<Value, FlatError> {
        let pairs = pairs(encoded)?;
        tree(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).map(Value::Object)
    }

    #[test]
    fn dotted_names_are_a_tree() {
        let read =
            read("Filters.0.Name=zone&Filters.0.Values.0=a+b&Filters.0.Values.1=%E5%90%8D&Limit=20&&Empty=&Bare");
        let values = json!({"0": "a b", "1": "名"});
        assert_eq!(
            read,
            Ok(json!({"Filters": {"0": {"Name": "zone", "Values": values}}, "Limit": "20", "Empty": "", "Bare": ""}))
        );
    }

    #[test]
    fn a_percent_sign_alone_stands_for_itself() {
        assert_eq!(read("a=100%&b=%4&c=%zz&d=%2541"), Ok(json!({"a": "100%", "b": "%4", "c": "%zz", "d": "%41"})));
        assert_eq!(read("a=%ff"), Err(FlatError::Encoding));
    }

    #[test]
    fn what_contradicts_itself_or_has_no_bound_is_refused() {
        for twice in ["a=1&a=1", "a=1&a.b=2", "a.b=2&a=1", "a.0=1&a.0=2"] {
            assert!(matches!(read(twice), Err(FlatError::Twice(_))), "{twice}");
        }
        let deep = |parts: usize| format!("{}=1", vec!["a"; parts].join("."));
        assert!(read(&deep(16)).is_ok());
        for name in [deep(17), "a..b=1".into(), ".a=1".into(), "=1".into()] {
            assert!(matches!(read(&name), Err(FlatError::Name(_))), "{name}");
        }
        assert_eq!(read(&"a&".repeat(10_001)), Err(FlatError::Many));
    }
}
