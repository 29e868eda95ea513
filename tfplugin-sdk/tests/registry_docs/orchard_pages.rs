//! What a page says of everything a schema can have.

use tfplugin_sdk::registry_docs;

use crate::orchard::{EXAMPLES, provider, repository};

/// A page of the orchard, with these files beside its examples.
fn page(place: &str, files: &[(&str, &str)]) -> String {
    let folder = repository(&[&EXAMPLES[..], files].concat());
    registry_docs::pages(&provider(), folder.path()).unwrap().remove(place).unwrap()
}

/// These parts, in this order.
#[track_caller]
fn has(page: &str, parts: &[&str]) {
    let mut rest = page;
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not there, or not here, in:\n{page}")).1;
    }
}

#[test]
fn a_page_opens_with_what_the_thing_is_and_an_example() {
    has(
        &page("docs/resources/tree.md", &[]),
        &[
            "page_title: \"orchard_tree Resource - orchard\"\nsubcategory: \"\"\n",
            "description: |-\n  A tree of an orchard, with its fruit.\n---\n\n",
            "# orchard_tree (Resource)\n\n~> **Deprecated:** Use `orchard_bush`.\n\n",
            "A `tree` of an [orchard](https://example.com/orchard),\nwith its fruit.\n\nIt grows slowly.\n\n",
            "## Example Usage\n\n```terraform\nresource \"orchard_tree\" \"apple\" {}\n```\n\n## Schema\n",
        ],
    );
}

#[test]
fn attributes_stand_under_who_sets_them_with_what_the_schema_knows() {
    has(
        &page("docs/resources/tree.md", &[]),
        &[
            "## Schema\n\n- Exactly one of `seed` or `graft` must be set.\n\n### Required\n\n",
            "- `key_wo` (String, Sensitive, Write-only) Key of the gate. Never stored in plan or state. Needs Terraform 1.11",
            "- `orchard` (String) Where it stands. Must be `\"north\"` or `\"south\"`. Changing this replaces the resource.\n",
            "- `picker` (Block List, Min: 1, Max: 2) Who may pick. (see [below for nested schema](#nestedblock--picker))\n",
            "\n### Optional\n\n",
            "- `graft` (String) What it is grafted on:\n\n  - `quince`, for pears\n  - anything else\n\n  Must not be `\"oak\"`.\n",
            "- `price` (Number, Deprecated) What it cost. Must be a whole number of at least 0. **Deprecated:** Trees are",
            "- `pruning` (String) Time from one pruning to the next. Defaults to `\"48h\"`. Must be a duration, such as",
            "5m or 1h30m. Some changes of it replace the resource.\n",
            "- `rows` (List of Number) In which rows. Each element must be a whole number from 0 to 255.\n",
            "- `scarecrow` (Block, Optional) What keeps birds away. (see",
            "- `seed` (String) What it grows from.\n",
            "- `stakes` (Attributes Set) Its stakes. (see [below for nested schema](#nestedatt--stakes))\n",
            "- `visitor` (Block Set) Who may look. (see",
            "- `watering` (Attributes) How it is watered. Without it the defaults below hold. (see",
            "\n### Read-Only\n\n",
            "- `harvests` (List of List of Object) What grew, by year and branch.\n  - `bird` (String)\n",
            "- `nests` (Attributes Map) Its nests, by branch. (see",
            "- `id` (String) Id of the tree.\n",
        ],
    );
}

#[test]
fn what_is_nested_has_a_section_with_an_anchor() {
    has(
        &page("docs/resources/tree.md", &[]),
        &[
            "\n<a id=\"nestedblock--picker\"></a>\n### Nested Schema for `picker`\n\nRequired:\n\n- `name` (String) The name.\n",
            "Optional:\n\n- `ladder` (Block List) What they pick with. (see [below for nested schema](#nestedblock--picker--ladder))",
            "<a id=\"nestedblock--picker--ladder\"></a>\n### Nested Schema for `picker.ladder`\n\nRequired:\n",
            "### Nested Schema for `stakes`\n\n- Only one of `wood` or `iron` can be set.\n\nOptional:\n\n- `iron` (String)",
            "<a id=\"nestedatt--watering\"></a>\n### Nested Schema for `watering`\n",
            "- `every` (String) Time between. Defaults to `\"1h\"`. Must be a duration, such as 30s, 5m or 1h30m.\n",
            "- `litres` (Number) Litres at a time. Defaults to `5`. Must be a whole number from 1 to 50.\n",
            "### Nested Schema for `nests`\n\nRead-Only:\n\n- `bird` (String) Whose it is.\n",
        ],
    );
}

#[test]
fn timeouts_tell_what_holds_without_them() {
    has(
        &page("docs/resources/tree.md", &[]),
        &[
            "<a id=\"nestedblock--timeouts\"></a>\n### Nested Schema for `timeouts`\n\nOptional:\n\n",
            "- `create` (String) How long creating it may take, such as `10m`. Defaults to `\"5m\"`.\n",
            "- `delete` (String) How long deleting it may take, such as `10m`. Without it there is no limit.\n",
        ],
    );
    let of_data_source = page("docs/data-sources/trees.md", &[]);
    has(
        &of_data_source,
        &["Optional:\n\n- `read` (String) How long reading it may take, such as `1m`. Defaults to `\"1m\"`."],
    );
    assert!(!of_data_source.contains("`create`"), "a data source only reads:\n{of_data_source}");
}

#[test]
fn an_import_without_files_is_made_up_from_the_schema() {
    let section = [
        "\n## Import\n\nThe id is made of attributes: `{orchard}/{id}`.\n\n",
        "```terraform\nimport {\n  to = orchard_tree.apple\n  id = \"<orchard>/<id>\"\n}\n```\n",
        "```shell\nterraform import orchard_tree.apple '<orchard>/<id>'\n```\n",
        "  identity = {\n    orchard = \"<orchard>\"\n    id      = \"<id>\"\n    rows    = [\"<rows>\"]\n  }\n",
        "### Identity Schema\n\n#### Required\n\n- `orchard` (String) Where it stands\n",
        "- `rows` (List of Number) In which rows.\n",
    ];
    has(&page("docs/resources/tree.md", &[]), &section);
    assert!(!page("docs/resources/fence.md", &[]).contains("## Import"), "a fence cannot be imported");
}

#[test]
fn an_import_with_files_shows_them() {
    let files = [
        ("examples/resources/orchard_tree/import.sh", "terraform import orchard_tree.apple north/7\n"),
        ("examples/resources/orchard_tree/import-by-string-id.tf", "# by id\n"),
        ("examples/resources/orchard_tree/import-by-identity.tf", "# by identity\n"),
    ];
    let section = [
        "made of attributes",
        "(Terraform 1.5 or later):\n\n```terraform\n# by id\n```\n",
        "```shell\nterraform import orchard_tree.apple north/7\n```\n",
        "(Terraform 1.12 or later):\n\n```terraform\n# by identity\n```\n",
        "### Identity Schema",
    ];
    has(&page("docs/resources/tree.md", &files), &section);
}

#[test]
fn a_function_has_its_signature_its_arguments_and_what_it_gives() {
    has(
        &page("docs/functions/weigh.md", &[]),
        &[
            "page_title: \"weigh function - orchard\"\nsubcategory: \"\"\ndescription: |-\n  Weighs fruit.\n---\n\n",
            "# function: weigh\n\nWeighs fruit.\n\nEach kind by itself.\n\n",
            "called as `provider::orchard::weigh`.\n\n## Example Usage\n",
            "## Signature\n\n```text\nweigh(unit string, scales object, fruit string...) list of object\n```\n\n## Arguments\n\n",
            "1. `unit` (String, Nullable) In which unit, or null. Must be `\"g\"` or `\"kg\"`.\n",
            "1. `scales` (Attributes) With which scales. (see [below for nested schema](#nestedatt--scales))\n",
            "1. `fruit` (Variadic, String) The fruit. Must not be empty.\n\n",
            "has all of its attributes; null leaves out one that is optional.\n\n<a id=\"nestedatt--scales\"></a>\n",
            "## Return Type\n\nList of Object with:\n\n- `kind` (String)\n- `worms` (List of Object)\n  - `bird` (String)\n",
        ],
    );
}

#[test]
fn the_provider_has_the_index_which_is_in_no_category() {
    let page = page("docs/index.md", &[]);
    has(
        &page,
        &["page_title: \"orchard Provider\"\ndescription: |-\n  Nothing to set.\n---\n\n# orchard Provider\n\n"],
    );
    has(&page, &["## Schema\n\nThere is nothing to set.\n"]);
    assert!(!page.contains("subcategory"), "{page}");
}

#[test]
fn everything_that_is_wrong_with_the_examples_is_said_at_once() {
    let folder =
        repository(&[EXAMPLES[0], EXAMPLES[2], EXAMPLES[4], ("examples/resources/orchard_fence/import.sh", "")]);
    let found = registry_docs::pages(&provider(), folder.path()).unwrap_err();
    assert_eq!(
        found,
        [
            "examples/resources/orchard_fence/import.sh: orchard_fence cannot be imported: remove this file, or declare \
             `import`",
            "examples/resources/orchard_tree/resource.tf: write this file, an example of the resource orchard_tree",
            "examples/data-sources/orchard_trees/data-source.tf: write this file, an example of the data source \
             orchard_trees",
        ]
    );
}
