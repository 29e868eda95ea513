//! The id something is imported by, made from its template and a state: what importing takes apart, put together.

use crate::Dynamic;

/// An import id, from its template and the state: `{town}/{garden_id}`.
pub(crate) fn filled(template: &str, state: &Dynamic) -> Result<String, String> {
    let mut id = String::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| format!("{template:?} is no template"))?;
        id.push_str(text);
        match state.attribute(name) {
            Dynamic::String(text) => id.push_str(text),
            Dynamic::Number(number) => id.push_str(&number.to_string()),
            Dynamic::Bool(answer) => id.push_str(&answer.to_string()),
            _ => return Err(format!("`{name}` of the state cannot stand in an id ({template:?})")),
        }
        rest = after;
    }
    Ok(id + rest)
}
