//! The rule book: what is known of the platform, from the program itself. Rules of the model and of the wire with their
//! codes, behaviours, and what is not simulated; `clb-simulator rules` and the page of the rules are made of it.

pub mod asides;
pub mod behaviours;
pub mod command;
pub mod page;

use clb_model::rules::{Rule, Status};
use serde::Serialize;

use crate::cloud_api::refusal::{code, wire_code};
pub use crate::cloud_api::wire_rule::WireRule;
use behaviours::BEHAVIOURS;

/// The nouns that statements are about, in the order of the page, with the beginnings of the ids that belong to them.
const NOUNS: [(&str, &[&str]); 11] = [
    ("The wire", &["api-", "action-", "argument-"]),
    ("Tasks", &["task-", "lb-task-"]),
    ("Load balancers", &["lb-", "project-", "quota-", "clb-region-"]),
    ("QUIC listeners", &["quic-"]),
    (
        "Listeners",
        &[
            "listener-",
            "scheduler-",
            "session-",
            "max-con",
            "max-cps",
            "connection-limit-",
            "proxy-protocol-",
            "snat-",
            "idle-connect-",
            "reschedule-",
            "start-status-",
            "lb-stop-",
        ],
    ),
    ("Certificates of listeners", &["certificate-", "multi-cert-", "mutual-tls-", "ssl-close-", "cert-"]),
    ("Health checks", &["health-"]),
    ("Targets", &["target-", "wrr-", "least-conn-", "nat64-"]),
    ("Security groups", &["lb-sg-", "lb-pass-to-target-", "security-group-"]),
    ("Networks and instances", &["vpc-", "subnet-", "network-", "assistant-", "cvm-", "address-", "route-"]),
    ("Tags", &["tag-"]),
];

/// What kind of statement an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It can refuse a call.
    Rule,
    /// It happens without refusing anything.
    Behaviour,
}

/// One statement about the platform that the simulator keeps.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// What it is about.
    pub noun: &'static str,
    /// Its stable name.
    pub id: &'static str,
    /// Whether it refuses.
    pub kind: Kind,
    /// The statement.
    pub sentence: &'static str,
    /// The code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// How sure it is: a word of [`Status`].
    pub status: &'static str,
    /// Where it was found.
    pub source: &'static str,
}

/// Every statement, by noun; inside a noun rules before behaviours, in the order of their tables.
pub fn entries() -> Vec<Entry> {
    let rules =
        Rule::ALL.iter().map(|rule| entry(rule.id(), rule.sentence(), Some(code(*rule)), rule.status(), rule.source()));
    let wire = WireRule::ALL
        .iter()
        .map(|rule| entry(rule.id(), rule.sentence(), Some(wire_code(*rule)), rule.status(), rule.source()));
    let behaviours = BEHAVIOURS.iter().map(|it| entry(it.id, it.sentence, None, it.status, it.source));
    let mut all: Vec<Entry> = wire.chain(rules).chain(behaviours).collect();
    all.sort_by_key(|entry| NOUNS.iter().position(|(noun, _)| *noun == entry.noun));
    all
}

fn entry(
    id: &'static str,
    sentence: &'static str,
    code: Option<&'static str>,
    status: Status,
    source: &'static str,
) -> Entry {
    let kind = if code.is_some() { Kind::Rule } else { Kind::Behaviour };
    Entry { noun: noun(id), id, kind, sentence, code, status: status.word(), source }
}

/// What an id is about: the noun with the longest beginning of it.
fn noun(id: &str) -> &'static str {
    let fitting =
        NOUNS.iter().flat_map(|(noun, beginnings)| beginnings.iter().map(move |beginning| (*noun, *beginning)));
    let fitting = fitting.filter(|(_, beginning)| id.starts_with(beginning));
    fitting.max_by_key(|(_, beginning)| beginning.len()).map_or(OTHER, |(noun, _)| noun)
}

/// The noun of an id that fits none; a test holds that there is no such id.
const OTHER: &str = "Other";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::asides::{ASIDES, Fate};
    use super::{OTHER, entries, noun};

    #[test]
    fn no_two_statements_share_an_id() {
        let mut ids: Vec<&str> = entries().iter().map(|entry| entry.id).chain(ASIDES.iter().map(|it| it.id)).collect();
        ids.sort_unstable();
        let twice: Vec<&str> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn every_statement_has_a_noun_a_sentence_and_a_source() {
        for entry in entries() {
            assert_ne!(entry.noun, OTHER, "{}: add the beginning of its id to NOUNS", entry.id);
            assert!(entry.sentence.ends_with('.') && !entry.source.is_empty(), "{}", entry.id);
        }
    }

    #[test]
    fn the_longest_beginning_counts() {
        assert_eq!(noun("lb-sg-must-exist"), "Security groups");
        assert_eq!(noun("lb-type-enum"), "Load balancers");
    }

    #[test]
    fn what_is_part_of_another_statement_is_part_of_one_that_is_there() {
        let ids: BTreeSet<&str> = entries().iter().map(|entry| entry.id).collect();
        for aside in ASIDES {
            if let Fate::PartOf(other) = aside.fate {
                assert!(ids.contains(other), "{}: {other}", aside.id);
            }
        }
    }
}
