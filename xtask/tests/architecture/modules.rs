//! Which module may name which, inside the simulator and inside the SDK.
//!
//! Paths are read from the token stream of each file (`crate::…`, `super::…`, `self::…`, grouped imports included), so
//! a path in a function body counts as much as one in a `use` line, and one in a comment does not count.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{expect_none, project_files, root};

/// "Files of `module` must not name `forbidden`, except below `except`."
struct Rule {
    module: &'static str,
    forbidden: &'static [&'static str],
    except: &'static [&'static str],
    reason: &'static str,
}

const SIMULATOR: &[Rule] = &[
    Rule {
        module: "data_plane",
        forbidden: &["control", "cloud_api", "admin"],
        except: &[],
        reason: "a connection never takes the control lock; it reads the current table",
    },
    Rule {
        module: "control",
        forbidden: &["cloud_api", "admin", "data_plane"],
        except: &[],
        reason: "doors call the control plane, never the other way round",
    },
    Rule {
        module: "cloud_api",
        forbidden: &["admin", "data_plane"],
        except: &[],
        reason: "the cloud's API is pure: it knows neither the other door nor the traffic",
    },
    Rule {
        module: "admin",
        forbidden: &["cloud_api", "data_plane"],
        except: &["data_plane::journal", "data_plane::counters"],
        reason: "the admin door reads the journal and the counts of the data plane and nothing else of it",
    },
    Rule {
        module: "tls",
        forbidden: &["control", "cloud_api", "admin", "data_plane"],
        except: &[],
        reason: "reading certificates is a leaf",
    },
    Rule {
        module: "store",
        forbidden: &["control", "cloud_api", "admin", "data_plane"],
        except: &[],
        reason: "what is kept does not know who asks for it",
    },
    Rule {
        module: "faults",
        forbidden: &["control", "store", "cloud_api", "admin", "data_plane"],
        except: &[],
        reason: "which calls a fault strikes is decided without the simulator",
    },
];

const SDK: &[Rule] = &[
    Rule {
        module: "engine",
        forbidden: &["wire", "serve", "generated", "testing", "terraform"],
        except: &[],
        reason: "the engine is protocol-free, the wire is at its edge, and tests look at it from outside",
    },
    Rule {
        module: "wire",
        forbidden: &["serve", "testing", "terraform"],
        except: &[],
        reason: "the wire does not know which process it runs in, nor that it is tested",
    },
    Rule {
        module: "schema",
        forbidden: &["engine", "wire", "serve", "generated"],
        except: &[],
        reason: "a schema is a value",
    },
    Rule {
        module: "registry_docs",
        forbidden: &["engine", "wire", "serve", "generated"],
        except: &[],
        reason: "a page is made of a schema and of examples; nothing runs for it",
    },
];

/// Outside crates that speak a protocol; a protocol-free module must not name them.
const PROTOCOL_CRATES: &[&str] = &["tonic", "prost", "rmp", "tonic_prost", "rustls", "tokio_rustls"];

fn broken_rules(rules: &[Rule], module: &[String], source: &str) -> Vec<String> {
    let named = named_paths(module, source);
    let mut found = Vec::new();
    for rule in rules.iter().filter(|rule| module.first().is_some_and(|first| first == rule.module)) {
        for path in &named {
            let path = path.join("::");
            let is_below = |prefix: &str| path == prefix || path.starts_with(&format!("{prefix}::"));
            let is_forbidden = rule.forbidden.iter().any(|prefix| is_below(prefix));
            if is_forbidden && !rule.except.iter().any(|prefix| is_below(prefix)) {
                found.push(format!("{} names crate::{path}: {}", module.join("::"), rule.reason));
            }
        }
    }
    found
}

/// Outside crates of [`PROTOCOL_CRATES`] that a file names by a path.
fn protocol_crates(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    visit(&tokens(source), &mut |tokens, at| {
        if let TokenTree::Ident(name) = &tokens[at] {
            let name = name.to_string();
            if PROTOCOL_CRATES.contains(&name.as_str()) && is_path_sign(tokens, at + 1) && !ends_path(tokens, at) {
                found.push(name);
            }
        }
    });
    found
}

/// Every path inside the crate that a file of `module` names, without the leading `crate`.
fn named_paths(module: &[String], source: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(module, &tokens(source), &mut found);
    found
}

fn tokens(source: &str) -> Vec<TokenTree> {
    source.parse::<TokenStream>().expect("the file compiles, so it has tokens").into_iter().collect()
}

fn visit(tokens: &[TokenTree], seen: &mut impl FnMut(&[TokenTree], usize)) {
    for (at, token) in tokens.iter().enumerate() {
        seen(tokens, at);
        if let TokenTree::Group(group) = token {
            visit(&group.stream().into_iter().collect::<Vec<_>>(), seen);
        }
    }
}

fn collect(module: &[String], tokens: &[TokenTree], found: &mut Vec<Vec<String>>) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let start = match word.to_string().as_str() {
                    "crate" => Vec::new(),
                    "self" => module.to_vec(),
                    "super" => parent(module),
                    _ => continue,
                };
                if is_path_sign(tokens, at + 1) && !ends_path(tokens, at) {
                    follow(start, &tokens[at + 3..], found);
                }
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                match inline_module(tokens, at) {
                    Some(name) if group.delimiter() == Delimiter::Brace => {
                        let inside: Vec<String> = module.iter().cloned().chain([name]).collect();
                        collect(&inside, &inner, found);
                    }
                    _ => collect(module, &inner, found),
                }
            }
            _ => {}
        }
    }
}

/// Reads on from behind a `::`: names, further `super`s, and groups, each branch of which is a path of its own.
fn follow(mut path: Vec<String>, rest: &[TokenTree], found: &mut Vec<Vec<String>>) {
    match rest.first() {
        Some(TokenTree::Ident(word)) if word == "super" => path = parent(&path),
        Some(TokenTree::Ident(word)) => path.push(word.to_string()),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            for branch in inner.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')) {
                follow(path.clone(), branch, found);
            }
            return;
        }
        _ => {}
    }
    if is_path_sign(rest, 1) {
        follow(path, &rest[3..], found);
    } else {
        found.push(path);
    }
}

fn parent(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

fn is_path_sign(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

/// Whether the word at `at` stands behind a `::`, so that it does not begin a path.
fn ends_path(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_path_sign(tokens, at - 2)
}

/// The name, when the group at `at` is the body of `mod name { … }`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at.checked_sub(2)?)?, &tokens[at - 1]) {
        (TokenTree::Ident(word), TokenTree::Ident(name)) if word == "mod" => Some(name.to_string()),
        _ => None,
    }
}

/// The module a file below `src` is: `data_plane/bridge.rs` is `["data_plane", "bridge"]`.
fn module_of(file: &Path) -> Vec<String> {
    file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

fn check(source_folder: &str, rules: &[Rule]) -> Vec<String> {
    sources(source_folder)
        .into_iter()
        .flat_map(|(module, source)| broken_rules(rules, &module, &source))
        .map(|violation| format!("{source_folder}: {violation}"))
        .collect()
}

fn sources(source_folder: &str) -> Vec<(Vec<String>, String)> {
    project_files()
        .into_iter()
        .filter(|path| path.starts_with(source_folder) && path.extension().is_some_and(|end| end == "rs"))
        .map(|path| {
            let module = module_of(path.strip_prefix(source_folder).unwrap());
            (module, std::fs::read_to_string(root().join(&path)).unwrap())
        })
        .collect()
}

fn module(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

#[test]
fn the_simulators_modules_name_only_what_they_may() {
    expect_none(&check("simulator/src", SIMULATOR));
}

#[test]
fn the_sdks_modules_name_only_what_they_may() {
    expect_none(&check("tfplugin-sdk/src", SDK));
}

#[test]
fn the_sdks_engine_and_schema_speak_no_protocol() {
    let mut found = Vec::new();
    for (module, source) in sources("tfplugin-sdk/src") {
        if matches!(module[0].as_str(), "engine" | "schema") {
            found
                .extend(protocol_crates(&source).into_iter().map(|name| format!("{} names {name}", module.join("::"))));
        }
    }
    expect_none(&found);
}

#[test]
fn a_data_plane_that_asks_the_control_plane_is_noticed() {
    for source in [
        "use crate::control::Control;",
        "use crate::{tls, control};",
        "use crate::{tls::Identity, control::{Control}};",
        "use super::super::control::Control;",
        "fn f() { let now = crate::control::now(); }",
        "mod tests { use super::super::super::control; }",
        "macro_rules! m { () => { $crate::control::now() } }",
    ] {
        let found = broken_rules(SIMULATOR, &module("data_plane::bridge"), source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
    }
}

#[test]
fn a_path_in_a_comment_or_a_text_is_no_path() {
    let source = "//! Never uses crate::control.\nconst SAID: &str = \"crate::control\"; mod tests { use super::*; }";
    assert_eq!(broken_rules(SIMULATOR, &module("data_plane::bridge"), source), Vec::<String>::new());
}

#[test]
fn the_admin_door_may_read_the_journal_and_nothing_else_of_the_data_plane() {
    let admin = module("admin::journal");
    assert!(broken_rules(SIMULATOR, &admin, "use crate::data_plane::journal::Journal;").is_empty());
    assert_eq!(broken_rules(SIMULATOR, &admin, "use crate::data_plane::listener::Listener;").len(), 1);
}

#[test]
fn every_module_rule_can_fail() {
    for rule in SIMULATOR.iter().chain(SDK) {
        for forbidden in rule.forbidden {
            let source = format!("use crate::{forbidden}::Anything;");
            let found = broken_rules(std::slice::from_ref(rule), &module(rule.module), &source);
            assert_eq!(found.len(), 1, "{} -> {forbidden}", rule.module);
        }
    }
}

#[test]
fn an_engine_that_speaks_grpc_is_noticed() {
    assert_eq!(protocol_crates("use tonic::Status; fn f() { prost::Message::encode() }"), ["tonic", "prost"]);
    assert_eq!(protocol_crates("use crate::tonic::x; // tonic::Status"), Vec::<String>::new());
}

#[test]
fn every_module_with_a_rule_exists() {
    for (folder, rules) in [("simulator/src", SIMULATOR), ("tfplugin-sdk/src", SDK)] {
        let modules = sources(folder);
        for rule in rules {
            assert!(modules.iter().any(|(path, _)| path[0] == rule.module), "{folder} has no module {}", rule.module);
        }
    }
}
