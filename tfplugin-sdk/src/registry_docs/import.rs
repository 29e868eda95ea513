//! The import section of a resource: how its id is made, and how an object is imported by its id and by its identity.

use super::attributes::plain_line;
use super::examples::Examples;
use super::kind::Kind;
use super::markdown::{block, code};
use crate::Type;
use crate::schema::{Attribute, IdentitySchema, Presence, Schema};

/// Files with an import block that names the id, with the command, and with an import block that names the identity.
const BY_ID: &str = "import-by-string-id.tf";
const COMMAND: &str = "import.sh";
const BY_IDENTITY: &str = "import-by-identity.tf";

/// All of them.
pub(super) const IMPORT_FILES: [&str; 3] = [BY_ID, COMMAND, BY_IDENTITY];

/// The section, as blocks of Markdown; empty where nothing can be imported. What has no file is made up from the schema,
/// for the resource that `example` has.
pub(super) fn section(
    kind: Kind,
    name: &str,
    schema: &Schema,
    example: &str,
    examples: &mut Examples<'_>,
) -> Vec<String> {
    let Some(template) = &schema.import else {
        for file in [BY_ID, COMMAND, BY_IDENTITY] {
            let why = format!("{name} cannot be imported: remove this file, or declare `import`");
            examples.refused(&kind.example(name, file), &why);
        }
        return Vec::new();
    };
    let mut file = |file: &str| examples.optional(&kind.example(name, file));
    let address = format!("{name}.{}", label(name, example));
    let id = template.replace('{', "<").replace('}', ">");
    let by_id = file(BY_ID).unwrap_or_else(|| format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}"));
    let command = file(COMMAND).unwrap_or_else(|| format!("terraform import {address} '{id}'"));
    let mut blocks = vec![
        "## Import".to_owned(),
        made_of(template) + &read_too(&schema.import_also),
        "With an `import` block (Terraform 1.5 or later):".to_owned(),
        block("terraform", &by_id),
        "With the command:".to_owned(),
        block("shell", &command),
    ];
    if let Some(identity) = &schema.identity {
        let by_identity = file(BY_IDENTITY).unwrap_or_else(|| import_by_identity(&address, identity));
        blocks.push("By its identity (Terraform 1.12 or later):".to_owned());
        blocks.push(block("terraform", &by_identity));
        blocks.extend(identity_schema(identity));
    } else {
        let why = format!("{name} has no identity: remove this file, or declare `identity`");
        examples.refused(&kind.example(name, BY_IDENTITY), &why);
    }
    blocks
}

/// How an id is made of attributes.
fn made_of(template: &str) -> String {
    let only = template.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).filter(|name| !name.contains('{'));
    match only {
        Some(name) => format!("The id is the `{name}`."),
        None => format!("The id is made of attributes: {}.", code(template)),
    }
}

/// Which other forms of an id are read.
fn read_too(forms: &[String]) -> String {
    let forms: Vec<String> = forms.iter().map(|form| code(form)).collect();
    if forms.is_empty() { String::new() } else { format!(" Read too: {}.", forms.join(", ")) }
}

/// What the example calls its resource.
fn label<'a>(name: &str, example: &'a str) -> &'a str {
    let label = || example.split_once(&format!("resource \"{name}\" \""))?.1.split_once('"').map(|(label, _)| label);
    label().unwrap_or("example")
}

fn import_by_identity(address: &str, identity: &IdentitySchema) -> String {
    let width = identity.attributes.iter().map(|attribute| attribute.name.len()).max().unwrap_or(0);
    let part = |attribute: &Attribute| {
        let value = format!("\"<{}>\"", attribute.name);
        let value = if matches!(attribute.value_type(), Type::List(_)) { format!("[{value}]") } else { value };
        format!("    {:width$} = {value}\n", attribute.name)
    };
    let parts: String = identity.attributes.iter().map(part).collect();
    format!("import {{\n  to = {address}\n  identity = {{\n{parts}  }}\n}}")
}

fn identity_schema(identity: &IdentitySchema) -> Vec<String> {
    let mut blocks = vec!["### Identity Schema".to_owned()];
    for (title, is_required) in [("Required", true), ("Optional", false)] {
        let of_group = |attribute: &&Attribute| (attribute.presence == Presence::Required) == is_required;
        let lines: Vec<String> = identity.attributes.iter().filter(of_group).map(plain_line).collect();
        if !lines.is_empty() {
            blocks.push(format!("#### {title}"));
            blocks.push(lines.join("\n"));
        }
    }
    blocks
}
