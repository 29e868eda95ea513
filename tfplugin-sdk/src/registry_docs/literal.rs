//! Values as users write them in a configuration.

use crate::Dynamic;

/// A value as it is written in a configuration.
pub(super) fn literal(value: &Dynamic) -> String {
    match value {
        // No default is unknown; `Provider::assert_valid` holds authors to that.
        Dynamic::Null | Dynamic::Unknown(_) => "null".to_owned(),
        Dynamic::String(text) => quoted(text),
        Dynamic::Number(number) => number.to_string(),
        Dynamic::Bool(answer) => answer.to_string(),
        Dynamic::List(elements) | Dynamic::Set(elements) => {
            format!("[{}]", elements.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Dynamic::Map(elements) => braced(elements.iter().map(|(key, value)| (quoted(key), value))),
        Dynamic::Object(attributes) => braced(attributes.iter().map(|(name, value)| (name.clone(), value))),
        Dynamic::Typed(typed) => literal(&typed.1),
    }
}

fn braced<'a>(parts: impl Iterator<Item = (String, &'a Dynamic)>) -> String {
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name} = {}", literal(value))).collect();
    if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) }
}

/// A text in quotes, with what HCL would take for something else escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_hcl_has_them() {
        let text = |text: &str| Dynamic::String(text.to_owned());
        let object = Dynamic::Object([("a".to_owned(), text("x")), ("b".to_owned(), Dynamic::Null)].into());
        for (value, written) in [
            (text("a \"b\"\\\n"), r#""a \"b\"\\\n""#),
            (text("${a} %{b} $c"), r#""$${a} %%{b} $c""#),
            (Dynamic::Number(7.into()), "7"),
            (Dynamic::Bool(true), "true"),
            (Dynamic::List(vec![text("a"), text("b")]), r#"["a", "b"]"#),
            (Dynamic::Set(Vec::new()), "[]"),
            (Dynamic::Map([("k-1".to_owned(), Dynamic::Bool(false))].into()), r#"{ "k-1" = false }"#),
            (Dynamic::Map([].into()), "{}"),
            (object, r#"{ a = "x", b = null }"#),
        ] {
            assert_eq!(literal(&value), written);
        }
    }
}
