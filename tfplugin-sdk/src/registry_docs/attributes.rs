//! The schema section: attributes and blocks by who sets them, one a line, and a section of its own for what is nested.

use super::facts::facts;
use super::markdown::{indent_below, item};
use super::type_name::{kind_title, nesting_title, type_parts};
use crate::schema::{Attribute, AttributeKind, Constraint, Nesting, Presence, Validator};

/// Attributes by who sets them, in the order of the groups.
const GROUPS: [(Group, &str); 3] =
    [(Group::Required, "Required"), (Group::Optional, "Optional"), (Group::ReadOnly, "Read-Only")];

/// Who sets an attribute, as the Registry's readers know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

/// All attributes of a schema, as blocks of Markdown.
pub(super) fn section(attributes: &[Attribute], constraints: &[Constraint]) -> Vec<String> {
    let mut blocks = vec!["## Schema".to_owned()];
    if attributes.is_empty() {
        blocks.push("There is nothing to set.".to_owned());
    }
    blocks.extend(object(attributes, &constraints.iter().collect::<Vec<_>>(), &[]));
    blocks
}

/// The attributes of an object and the rules between them, and after it what is nested in it.
fn object(attributes: &[Attribute], constraints: &[&Constraint], path: &[&str]) -> Vec<String> {
    let mut blocks = Vec::new();
    if !constraints.is_empty() {
        let sentences: Vec<String> =
            constraints.iter().map(|constraint| format!("- {}", constraint.sentence())).collect();
        blocks.push(sentences.join("\n"));
    }
    let sorted = sorted(attributes);
    for (group, title) in GROUPS {
        let lines: Vec<String> = sorted
            .iter()
            .filter(|attribute| group_of(attribute) == group)
            .map(|attribute| line(attribute, path))
            .collect();
        if !lines.is_empty() {
            blocks.push(if path.is_empty() { format!("### {title}") } else { format!("{title}:") });
            blocks.push(lines.join("\n"));
        }
    }
    blocks.extend(sections_of(&sorted, path));
    blocks
}

/// A section for each attribute with something nested, what must be set first.
pub(super) fn nested_sections(attributes: &[Attribute]) -> Vec<String> {
    sections_of(&sorted(attributes), &[])
}

fn sections_of(sorted: &[&Attribute], path: &[&str]) -> Vec<String> {
    let of_group = |group| sorted.iter().filter(move |attribute| group_of(attribute) == group);
    let mut blocks = Vec::new();
    for attribute in GROUPS.iter().flat_map(|(group, _)| of_group(*group)) {
        if let AttributeKind::Nested(_, inner) = &attribute.kind {
            let path: Vec<&str> = path.iter().copied().chain([attribute.name.as_str()]).collect();
            let title = format!("### Nested Schema for `{}`", path.join("."));
            blocks.push(format!("<a id=\"{}\"></a>\n{title}", anchor(attribute, &path)));
            let constraints: Vec<&Constraint> = attribute.validators.iter().filter_map(between).collect();
            blocks.extend(object(inner, &constraints, &path));
        }
    }
    blocks
}

/// The rule between attributes of the objects inside, if it is one.
fn between(validator: &Validator) -> Option<&Constraint> {
    match validator {
        Validator::Between(constraint) => Some(constraint),
        Validator::Each(rule) => between(rule),
        _ => None,
    }
}

fn sorted(attributes: &[Attribute]) -> Vec<&Attribute> {
    let mut sorted: Vec<&Attribute> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted
}

fn group_of(attribute: &Attribute) -> Group {
    let is_many = !matches!(attribute.kind, AttributeKind::Nested(Nesting::Single, _));
    match attribute.presence {
        Presence::Computed => Group::ReadOnly,
        // Blocks of which there may be none.
        Presence::Required if attribute.block && is_many && fewest(attribute) == 0 => Group::Optional,
        Presence::Required => Group::Required,
        Presence::Optional | Presence::OptionalComputed => Group::Optional,
    }
}

fn fewest(block: &Attribute) -> i64 {
    block.validators.iter().find_map(Validator::bounds).map_or(0, |(fewest, _)| fewest)
}

/// One attribute: name, type, meaning, and where what is nested in it stands.
fn line(attribute: &Attribute, path: &[&str]) -> String {
    described(&format!("- `{}` ({})", attribute.name, brackets(attribute)), attribute, &more(attribute, path))
}

/// A parameter of a function.
pub(super) fn parameter(parameter: &Attribute, is_variadic: bool) -> String {
    let variadic = if is_variadic { "Variadic, " } else { "" };
    let nullable = if parameter.presence == Presence::Required { "" } else { ", Nullable" };
    let opening = format!("1. `{}` ({variadic}{}{nullable})", parameter.name, brackets(parameter));
    described(&opening, parameter, &more(parameter, &[]))
}

/// What is said after the description.
fn more(attribute: &Attribute, path: &[&str]) -> Vec<String> {
    let mut more = facts(attribute);
    if matches!(attribute.kind, AttributeKind::Nested(..)) {
        let path: Vec<&str> = path.iter().copied().chain([attribute.name.as_str()]).collect();
        more.push(format!("(see [below for nested schema](#{}))", anchor(attribute, &path)));
    }
    more
}

/// An attribute of an identity: only what it is.
pub(super) fn plain_line(attribute: &Attribute) -> String {
    described(&format!("- `{}` ({})", attribute.name, kind_title(&attribute.kind)), attribute, &[])
}

fn described(opening: &str, attribute: &Attribute, more: &[String]) -> String {
    let parts = match &attribute.kind {
        AttributeKind::Plain(of) => type_parts(of, indent_below(opening)),
        AttributeKind::Nested(..) => String::new(),
    };
    item(opening, &attribute.description, more) + &parts
}

fn anchor(attribute: &Attribute, path: &[&str]) -> String {
    let kind = if attribute.block { "nestedblock" } else { "nestedatt" };
    format!("{kind}--{}", path.join("--"))
}

/// What stands in brackets after a name: the type, and who may see the value.
fn brackets(attribute: &Attribute) -> String {
    let mut parts = match (&attribute.kind, attribute.block) {
        (AttributeKind::Nested(nesting, _), true) => block_brackets(*nesting, attribute),
        (kind, _) => vec![kind_title(kind)],
    };
    let marks = [
        (attribute.sensitive, "Sensitive"),
        (attribute.deprecated.is_some(), "Deprecated"),
        (attribute.write_only, "Write-only"),
    ];
    parts.extend(marks.iter().filter(|(is, _)| *is).map(|(_, mark)| (*mark).to_owned()));
    parts.join(", ")
}

fn block_brackets(nesting: Nesting, block: &Attribute) -> Vec<String> {
    let mut parts = vec![format!("Block{}", nesting_title(nesting))];
    if nesting == Nesting::Single {
        let presence = match group_of(block) {
            Group::Required => "Required",
            Group::Optional => "Optional",
            Group::ReadOnly => "Read-only",
        };
        parts.push(presence.to_owned());
    }
    if let Some((fewest, most)) = block.validators.iter().find_map(Validator::bounds) {
        let counts = [("Min", fewest), ("Max", most)].into_iter().filter(|(_, count)| *count > 0);
        parts.extend(counts.map(|(word, count)| format!("{word}: {count}")));
    }
    parts
}
