//! The page of the rules for the documentation, from the rule book.

use std::fmt::Write as _;

use super::asides::{ASIDES, Aside, Fate};
use super::{Entry, Kind, NOUNS, entries};

const HEAD: &str = r#"---
page_title: "Rules of the platform"
subcategory: ""
description: |-
  Every constraint and behaviour of the platform that the simulator keeps: sentence, code, how sure it is, source.
---

# Rules of the platform

<!-- Made from the program's own tables by `cargo xtask docs`; edit those. -->

What `clb-simulator` knows of the platform. `clb-simulator rules` prints the same, with `--json` for programs.

How sure a statement is:

- **documented**: rule and code are both published.
- **official-client**: seen in what official clients handle or rely on.
- **seed**: named by the page about QUIC listeners that this project started from.
- **choice**: the platform's documentation is silent about the rule, about its code, or about whether the argument is
  refused or ignored; the simulator chose, as strictly as a client can expect.

Sources: SDK (the official API pages and SDKs), GO (lists of codes in the official Go SDK), TFP (the official Terraform
provider), TKE (the platform's Kubernetes controller), QD and INTL (documentation of the China and the international
site), GitHub (issues there), SEED (the page this project started from), ours.

What the simulator does otherwise than the cloud stands in [Known differences](known-differences.md).
"#;

/// The page, in Markdown.
pub fn page() -> String {
    let entries = entries();
    let mut page = HEAD.to_owned();
    for (noun, _) in NOUNS {
        let of_noun: Vec<&Entry> = entries.iter().filter(|entry| entry.noun == noun).collect();
        let _ = write!(page, "\n## {noun}\n");
        rules(&mut page, &of_noun);
        behaviours(&mut page, &of_noun);
    }
    asides(&mut page);
    page
}

fn rules(page: &mut String, entries: &[&Entry]) {
    let mut rows = entries.iter().filter(|entry| entry.kind == Kind::Rule).peekable();
    if rows.peek().is_some() {
        page.push_str("\n| Rule | Refused with | How sure | Source |\n|---|---|---|---|\n");
    }
    for entry in rows {
        let code = entry.code.unwrap_or_default();
        let _ = writeln!(page, "| {} | `{code}` | {} | {} |", statement(entry), entry.status, cell(entry.source));
    }
}

fn behaviours(page: &mut String, entries: &[&Entry]) {
    let mut rows = entries.iter().filter(|entry| entry.kind == Kind::Behaviour).peekable();
    if rows.peek().is_some() {
        page.push_str("\n| Behaviour | How sure | Source |\n|---|---|---|\n");
    }
    for entry in rows {
        let _ = writeln!(page, "| {} | {} | {} |", statement(entry), entry.status, cell(entry.source));
    }
}

fn asides(page: &mut String) {
    page.push_str("\n## Not simulated\n\n| The platform | Why not here |\n|---|---|\n");
    for Aside { sentence, reason, .. } in ASIDES.iter().filter(|aside| aside.fate == Fate::NotSimulated) {
        let _ = writeln!(page, "| {} | {} |", cell(sentence), cell(reason));
    }
    page.push_str("\n## Part of another rule\n\n| The platform | Part of |\n|---|---|\n");
    for aside in ASIDES {
        if let Fate::PartOf(other) = aside.fate {
            let _ = writeln!(page, "| {} | `{other}`: {} |", cell(aside.sentence), cell(aside.reason));
        }
    }
}

/// The sentence, and below it the id, by which the journal of calls names a rule.
fn statement(entry: &Entry) -> String {
    format!("{}<br>`{}`", cell(entry.sentence), entry.id)
}

/// Text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*")
}
