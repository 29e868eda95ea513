//! The kinds of things a provider has pages of. Another kind is another value here.

use std::collections::BTreeMap;

use super::import::IMPORT_FILES;
use crate::schema::{ProviderSchema, Schema};

/// A kind of thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// Its folder, in `docs/` and in `examples/`.
    pub folder: &'static str,
    /// What one is, in titles.
    pub title: &'static str,
    /// The file with the example of one, in a folder of its name.
    pub example: &'static str,
    /// Whether its name begins with the provider's, which that of its page does not.
    pub is_prefixed: bool,
    /// What readers must know before they use one; nothing where everybody knows. `{name}` and `{provider}` stand for
    /// its name and that of the provider.
    pub note: &'static str,
    /// The operations that take the time its `timeouts` block gives.
    pub timed: &'static [&'static str],
}

/// Resources.
pub(super) const RESOURCE: Kind = Kind {
    folder: "resources",
    title: "Resource",
    example: "resource.tf",
    is_prefixed: true,
    note: "",
    timed: &["create", "read", "update", "delete"],
};

const DATA_SOURCE: Kind = Kind {
    folder: "data-sources",
    title: "Data Source",
    example: "data-source.tf",
    is_prefixed: true,
    note: "",
    timed: &["read"],
};

const EPHEMERAL_RESOURCE: Kind = Kind {
    folder: "ephemeral-resources",
    title: "Ephemeral Resource",
    example: "ephemeral-resource.tf",
    is_prefixed: true,
    note: "Ephemeral resources need Terraform 1.10 or later. Nothing of them is stored in plan or state.",
    timed: &[],
};

const ACTION: Kind = Kind {
    folder: "actions",
    title: "Action",
    example: "action.tf",
    is_prefixed: true,
    note: "Actions need Terraform 1.14 or later. A resource triggers one (`action_trigger` in its `lifecycle` block), or \
           somebody invokes it: `terraform apply -invoke=action.{name}.LABEL`.",
    timed: &[],
};

const LIST_RESOURCE: Kind = Kind {
    folder: "list-resources",
    title: "List Resource",
    example: "list-resource.tfquery.hcl",
    is_prefixed: true,
    note: "List resources need Terraform 1.14 or later: write the block into a file that ends in `.tfquery.hcl` and run \
           `terraform query`.",
    timed: &[],
};

/// Functions.
pub(super) const FUNCTION: Kind = Kind {
    folder: "functions",
    title: "function",
    example: "function.tf",
    is_prefixed: false,
    note: "Functions of providers need Terraform 1.8 or later. This one is called as `provider::{provider}::{name}`.",
    timed: &[],
};

impl Kind {
    /// The place of a thing's page.
    pub fn page(&self, provider: &str, name: &str) -> String {
        let short = name.strip_prefix(provider).and_then(|rest| rest.strip_prefix('_')).filter(|rest| !rest.is_empty());
        format!("docs/{}/{}.md", self.folder, short.filter(|_| self.is_prefixed).unwrap_or(name))
    }

    /// The files in the folder of a thing's example that its page shows.
    pub fn shown_files(&self) -> Vec<&'static str> {
        let imports: &[&str] = if self.folder == RESOURCE.folder { &IMPORT_FILES } else { &[] };
        [&[self.example], imports].concat()
    }

    /// The place of an example of a thing.
    pub fn example(&self, name: &str, file: &str) -> String {
        format!("examples/{}/{name}/{file}", self.folder)
    }
}

/// The things that have a schema, by kind.
pub(super) fn declared(schema: &ProviderSchema) -> [(Kind, &BTreeMap<String, Schema>); 5] {
    [
        (RESOURCE, &schema.resources),
        (DATA_SOURCE, &schema.data_sources),
        (EPHEMERAL_RESOURCE, &schema.ephemeral_resources),
        (ACTION, &schema.actions),
        (LIST_RESOURCE, &schema.list_resources),
    ]
}

/// The names of all things, by kind.
pub(super) fn names(schema: &ProviderSchema) -> Vec<(Kind, Vec<&str>)> {
    let declared = declared(schema).map(|(kind, things)| (kind, things.keys().map(String::as_str).collect()));
    declared.into_iter().chain([(FUNCTION, schema.functions.keys().map(String::as_str).collect())]).collect()
}
