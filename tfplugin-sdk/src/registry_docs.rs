//! Pages for the Terraform Registry, from a provider's schema and its examples.
//!
//! One test keeps them right. `folder` is the one that holds `docs/` and `examples/`: that of the crate, or of the
//! repository.
//!
//! ```no_run
//! # use std::path::Path;
//! # use tfplugin_sdk::{Provider, ProviderConfig};
//! # /// Nothing to set.
//! # #[derive(Clone, Debug, PartialEq, ProviderConfig)]
//! # pub struct Settings {}
//! # fn provider() -> Provider<()> {
//! #     Provider::new::<Settings, _>("example/board", |_: SettingsConfig| async { Ok(Some(())) })
//! # }
//! # /*
//! #[test]
//! # */
//! fn the_registry_pages_are_fresh() {
//!     tfplugin_sdk::registry_docs::assert_fresh(&provider(), Path::new(env!("CARGO_MANIFEST_DIR")));
//! }
//! ```
//!
//! It fails with a list of the pages that are stale, and writes them with the variable `WRITE_REGISTRY_DOCS=1` in its
//! environment. What must be there:
//!
//! | thing | page | example |
//! |---|---|---|
//! | provider block | `docs/index.md` | `examples/provider/provider.tf` |
//! | resource `board_note` | `docs/resources/note.md` | `examples/resources/board_note/resource.tf` |
//! | data source `board_notes` | `docs/data-sources/notes.md` | `examples/data-sources/board_notes/data-source.tf` |
//! | ephemeral resource `board_key` | `docs/ephemeral-resources/key.md` | `examples/ephemeral-resources/board_key/ephemeral-resource.tf` |
//! | action `board_wipe` | `docs/actions/wipe.md` | `examples/actions/board_wipe/action.tf` |
//! | list resource `board_note` | `docs/list-resources/note.md` | `examples/list-resources/board_note/list-resource.tfquery.hcl` |
//! | function `shorten` | `docs/functions/shorten.md` | `examples/functions/shorten/function.tf` |
//!
//! A resource that can be imported may have `import-by-string-id.tf`, `import.sh` and `import-by-identity.tf` beside its
//! example; what is missing is made up from the form of its id and from its identity.
//!
//! A page has what authors wrote (descriptions, examples) and what the schema knows: defaults, rules in words, what
//! replaces the resource, deprecations, timeouts. What a description says in its own words is not said again. Guides
//! (`docs/guides/`) are written by hand and left alone.
//!
//! Not here: Terraform. Nothing is started and no provider is built to make a page.

mod attributes;
mod examples;
mod facts;
mod files;
mod import;
mod kind;
mod layout;
mod literal;
mod markdown;
mod page;
mod type_name;

use std::collections::BTreeMap;
use std::path::Path;

use crate::Provider;
use examples::Examples;
use kind::{FUNCTION, Kind};

/// The environment variable that has [`assert_fresh`] write the pages.
const WRITE: &str = "WRITE_REGISTRY_DOCS";

/// The text of every page by its place: `docs/resources/note.md`. Reads the examples below `folder` and writes nothing.
///
/// # Errors
///
/// Everything that is wrong with the examples, each as one sentence that begins with the file.
pub fn pages<A: Send + Sync + 'static>(
    provider: &Provider<A>,
    folder: &Path,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let (name, schema) = (local_name(provider), provider.schema());
    let mut examples = Examples::of(folder);
    let mut pages = BTreeMap::from([("docs/index.md".to_owned(), page::index(name, &schema.provider, &mut examples))]);
    for (kind, things) in kind::declared(schema) {
        for (thing, schema) in things {
            pages.insert(kind.page(name, thing), page::thing(kind, name, thing, schema, &mut examples));
        }
    }
    for (function, schema) in &schema.functions {
        pages.insert(FUNCTION.page(name, function), page::function(name, function, schema, &mut examples));
    }
    let problems = examples.into_problems();
    if problems.is_empty() { Ok(pages) } else { Err(problems) }
}

/// Everything below `folder` that the Registry would not read as it is meant, each as one sentence that begins with the
/// file: pages of nothing, things without a page, folders and files it does not take, pages whose head is wrong, and
/// examples of nothing. They are the rules of `tfplugindocs validate`, for guides too.
pub fn layout_problems<A: Send + Sync + 'static>(provider: &Provider<A>, folder: &Path) -> Vec<String> {
    layout::problems(folder, local_name(provider), &kind::names(provider.schema()))
}

/// Checks that the pages below `folder` are those that the schema and the examples make, and that the Registry reads
/// them; meant for one test of every provider. With `WRITE_REGISTRY_DOCS=1` in the environment it writes them first:
/// pages that differ are rewritten, and pages of things that are no more are removed.
///
/// # Panics
///
/// With one line for everything that is wrong.
#[track_caller]
pub fn assert_fresh<A: Send + Sync + 'static>(provider: &Provider<A>, folder: &Path) {
    let kinds: Vec<Kind> = kind::names(provider.schema()).into_iter().map(|(kind, _)| kind).collect();
    let pages = pages(provider, folder).unwrap_or_else(|problems| panic!("{}", listed("the examples", &problems)));
    if std::env::var_os(WRITE).is_some_and(|value| value == "1") {
        let done = files::write(folder, &pages, &kinds);
        for line in done.unwrap_or_else(|error| panic!("the registry pages cannot be written: {error}")) {
            println!("{line}");
        }
    }
    let stale = files::stale(folder, &pages, &kinds);
    let remedy = format!("run this test again with {WRITE}=1 in its environment to write them");
    assert!(stale.is_empty(), "{}\n{remedy}", listed("the registry pages", &stale));
    let problems = layout_problems(provider, folder);
    assert!(problems.is_empty(), "{}", listed("the layout of docs/ and examples/", &problems));
}

fn listed(what: &str, problems: &[String]) -> String {
    format!("{what}, {} wrong:\n  {}", problems.len(), problems.join("\n  "))
}

/// What modules call the provider: the last part of its source address.
fn local_name<A: Send + Sync + 'static>(provider: &Provider<A>) -> &str {
    let address = provider.address();
    address.rsplit_once('/').map_or(address, |(_, name)| name)
}
