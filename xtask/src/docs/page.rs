//! One registry page as Markdown, in the shape the registry and its readers know.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::schema::{Attribute, Presence, Schema};

/// The provider's own page.
pub fn provider(schema: &Schema, example: &str) -> String {
    let mut page = front_matter("clb Provider", &schema.description);
    page += "# clb Provider\n\n";
    page += &paragraph(&schema.description);
    page += &usage(example);
    page += &schema_section(&schema.attributes);
    page
}

/// The page of a resource.
pub fn resource(name: &str, schema: &Schema, example: &str, import: &str) -> String {
    let mut page = front_matter(&format!("{name} Resource - clb"), &schema.description);
    // Writing to a String cannot fail.
    let _ = write!(page, "# {name} (Resource)\n\n");
    page += &paragraph(&schema.description);
    page += &usage(example);
    page += &schema_section(&schema.attributes);
    let _ = write!(page, "\n## Import\n\n```shell\n{}\n```\n", import.trim());
    page
}

fn front_matter(title: &str, description: &str) -> String {
    let summary = description.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n---\n\n")
}

fn paragraph(text: &str) -> String {
    format!("{text}\n\n")
}

fn usage(example: &str) -> String {
    format!("## Example Usage\n\n```terraform\n{}\n```\n\n", example.trim())
}

fn schema_section(attributes: &BTreeMap<String, Attribute>) -> String {
    let mut section = "## Schema\n".to_owned();
    section += &by_presence(attributes, "");
    section += &nested_sections(attributes, "");
    section
}

/// The attributes in three groups; a group without attributes has no heading.
fn by_presence(attributes: &BTreeMap<String, Attribute>, path: &str) -> String {
    let groups =
        [(Presence::Required, "Required"), (Presence::Optional, "Optional"), (Presence::ReadOnly, "Read-Only")];
    let mut text = String::new();
    for (presence, title) in groups {
        let lines: Vec<String> = attributes
            .iter()
            .filter(|(_, attribute)| attribute.presence == presence)
            .map(|(name, attribute)| line(name, attribute, path))
            .collect();
        if !lines.is_empty() {
            let heading = if path.is_empty() { format!("### {title}") } else { format!("{title}:") };
            let _ = write!(text, "\n{heading}\n\n{}\n", lines.join("\n"));
        }
    }
    text
}

fn line(name: &str, attribute: &Attribute, path: &str) -> String {
    let kind: Vec<&str> = std::iter::once(attribute.kind.as_str()).chain(attribute.marks.iter().copied()).collect();
    let mut line = format!("- `{name}` ({})", kind.join(", "));
    if !attribute.description.is_empty() {
        let _ = write!(line, " {}", attribute.description.replace('\n', " "));
    }
    if !attribute.nested.is_empty() {
        let _ = write!(line, " (see [below for nested schema](#nestedatt--{}))", anchor(&join(path, name)));
    }
    line
}

fn nested_sections(attributes: &BTreeMap<String, Attribute>, path: &str) -> String {
    let mut text = String::new();
    for (name, attribute) in attributes.iter().filter(|(_, attribute)| !attribute.nested.is_empty()) {
        let path = join(path, name);
        let _ = write!(text, "\n<a id=\"nestedatt--{}\"></a>\n### Nested Schema for `{path}`\n", anchor(&path));
        text += &by_presence(&attribute.nested, &path);
        text += &nested_sections(&attribute.nested, &path);
    }
    text
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn anchor(path: &str) -> String {
    path.replace('.', "--")
}

#[cfg(test)]
mod tests {
    use super::super::schema::ProviderSchema;
    use super::resource;

    const ANSWER: &str = r#"{ "provider_schemas": { "host/quic-clb/clb": { "provider": { "block": {} }, "resource_schemas": {
        "clb_thing": { "block": { "description": "A thing.\n\nMore of it.", "attributes": {
            "id": { "type": "string", "description": "Its id.", "computed": true },
            "key_wo": { "type": "string", "optional": true, "sensitive": true, "write_only": true },
            "ports": { "type": ["set", "number"], "required": true },
            "check": { "optional": true, "nested_type": { "nesting_mode": "single", "attributes": {
                "enabled": { "type": "bool", "optional": true, "description": "Whether it\nruns." } } } } } } } } } } }"#;

    fn page() -> String {
        let schema = ProviderSchema::parse(&serde_json::from_str(ANSWER).expect("JSON")).expect("a schema");
        resource(
            "clb_thing",
            &schema.resources["clb_thing"],
            "resource \"clb_thing\" \"x\" {}\n",
            "terraform import clb_thing.x 1\n",
        )
    }

    #[test]
    fn attributes_stand_under_who_sets_them_with_type_and_marks() {
        let page = page();
        for expected in [
            "### Required\n\n- `ports` (Set of Number)\n",
            "- `key_wo` (String, Sensitive, Write-only)\n",
            "### Read-Only\n\n- `id` (String) Its id.\n",
            "- `check` (Attributes) (see [below for nested schema](#nestedatt--check))\n",
            "### Nested Schema for `check`\n\nOptional:\n\n- `enabled` (Boolean) Whether it runs.\n",
        ] {
            assert!(page.contains(expected), "{expected:?} is not in:\n{page}");
        }
    }

    #[test]
    fn a_page_opens_with_its_first_sentence_and_ends_with_the_import() {
        let page = page();
        assert!(page.starts_with("---\npage_title: \"clb_thing Resource - clb\"\n"), "{page}");
        assert!(page.contains("description: |-\n  A thing.\n---\n"), "{page}");
        assert!(page.ends_with("## Import\n\n```shell\nterraform import clb_thing.x 1\n```\n"), "{page}");
    }
}
