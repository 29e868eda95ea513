//! Checks of replies: a documented field that may not be null is there in every reply that was seen, each with its JSON
//! type; and codes of refusals are documented ones.

use serde_json::Value;

use crate::baseline::Check;
use crate::contract::{Action, Contract, Field};
use crate::door::Seen;

/// Structures in structures in structures: no documented reply is deeper.
const DEEPEST: usize = 8;

/// Codes that any action may answer with (INTL 214/33849), whatever its own list says.
const COMMON: [&str; 5] =
    ["InvalidParameter", "InvalidParameterValue", "MissingParameter", "UnknownParameter", "UnsupportedOperation"];

/// Codes off an action's list that are answered on purpose, and why.
const EXCEPTIONS: [(&str, &str, &str); 1] =
    [("clb:*", "InvalidParameter.RegionNotFound", "the region is looked up first, whatever the action's list says")];

/// Fields that are there only when they are asked for.
const WHEN_ASKED_FOR: [&str; 1] = ["TargetCount"];

fn may_be_absent(field: &Field) -> bool {
    field.nullable || WHEN_ASKED_FOR.contains(&field.name.as_str())
}

pub fn checks(contract: &Contract, action: &Action, seen: &Seen) -> Vec<Check> {
    let title = action.title();
    let answers = seen.of(&title);
    let replies: Vec<&Value> = answers.iter().flat_map(|answers| &answers.replies).collect();
    let mut checks = Vec::new();
    add(&mut checks, contract, action, &action.reply, &replies, &mut Vec::new());
    // Of some services no codes are recorded.
    if !action.codes.is_empty() {
        let codes = answers.map(|answers| answers.codes.as_slice()).unwrap_or_default();
        let passed = codes.iter().all(|code| is_documented(action, code)) && answers.is_some();
        checks.push(Check { name: format!("{title} codes documented"), passed });
    }
    checks
}

fn is_documented(action: &Action, code: &str) -> bool {
    let excepted = |(of, code_of, _): &(&str, &str, &str)| {
        *code_of == code && (*of == action.title() || *of == format!("{}:*", action.service))
    };
    COMMON.contains(&code) || action.codes.iter().any(|known| known == code) || EXCEPTIONS.iter().any(excepted)
}

fn add<'a>(
    checks: &mut Vec<Check>,
    contract: &'a Contract,
    action: &Action,
    fields: &'a [Field],
    parents: &[&Value],
    above: &mut Vec<String>,
) {
    for field in fields {
        let passed = !parents.is_empty() && parents.iter().all(|parent| is_right(contract, action, field, parent));
        let kind = if may_be_absent(field) { "type" } else { "present" };
        let place = above.iter().map(String::as_str).chain([field.name.as_str()]).collect::<Vec<_>>().join(".");
        checks.push(Check { name: format!("{} reply {place} {kind}", action.title()), passed });
        let Some(deeper) = contract.structure(&action.service, &field.of) else { continue };
        if above.len() < DEEPEST {
            let inside: Vec<&Value> = parents.iter().flat_map(|parent| entries(field, &parent[&field.name])).collect();
            above.push(format!("{}{}", field.name, if field.is_list { "[]" } else { "" }));
            add(checks, contract, action, deeper, &inside, above);
            above.pop();
        }
    }
}

/// The structures in a field.
fn entries<'a>(field: &Field, value: &'a Value) -> Vec<&'a Value> {
    let all: Vec<&Value> = if field.is_list { value.as_array().into_iter().flatten().collect() } else { vec![value] };
    all.into_iter().filter(|value| value.is_object()).collect()
}

fn is_right(contract: &Contract, action: &Action, field: &Field, parent: &Value) -> bool {
    match parent.get(&field.name) {
        None | Some(Value::Null) => may_be_absent(field),
        Some(Value::Array(items)) if field.is_list => items.iter().all(|item| has_type(contract, action, field, item)),
        Some(_) if field.is_list => false,
        Some(value) => has_type(contract, action, field, value),
    }
}

fn has_type(contract: &Contract, action: &Action, field: &Field, value: &Value) -> bool {
    match field.of.as_str() {
        "string" => value.is_string(),
        "int64" => value.is_i64() || value.is_u64(),
        "uint64" => value.is_u64(),
        "float64" => value.is_number(),
        "bool" => value.is_boolean(),
        name => value.is_object() || contract.structure(&action.service, name).is_none(),
    }
}
