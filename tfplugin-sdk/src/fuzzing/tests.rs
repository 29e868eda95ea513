//! Every function, run on what was recorded (`fuzz/corpus`) and on what a seeded generator makes up: sound input, and the
//! same broken. The fuzzer goes on from there without an end.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::ship::Ship;
use super::{Input, harbour, lifecycle, run};
use crate::chance::Chance;
use crate::schema::{Attribute, AttributeKind, Format, Nesting, Presence, Validator};
use crate::wire::fuzzing_values::{BETWEEN, packed};
use crate::{Dynamic, Number, ResourceModel as _, Type};

/// Runs `target` on every recorded input, then on as many made-up ones.
fn holds(name: &str, target: fn(&Input), count: u64, make: fn(&mut Chance) -> Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut recorded = 0;
    for file in fs::read_dir(&folder).expect("every target has a corpus") {
        let path = file.expect("the folder can be read").path();
        let input = fs::read(&path).expect("the file can be read");
        let outcome = catch_unwind(|| target(&input));
        assert!(outcome.is_ok(), "{name} does not hold for {}", path.display());
        recorded += 1;
    }
    assert!(recorded > 0, "{} is empty", folder.display());
    for seed in 0..count {
        let input = make(&mut Chance::new(seed));
        let outcome = catch_unwind(AssertUnwindSafe(|| target(&input)));
        assert!(outcome.is_ok(), "{name} does not hold for seed {seed}: {}", input.escape_ascii());
    }
}

/// Sound in two of three cases.
fn mostly_sound(chance: &mut Chance, bytes: Vec<u8>) -> Vec<u8> {
    if chance.one_in(3) { chance.broken(bytes) } else { bytes }
}

#[test]
fn msgpack() {
    holds("msgpack", super::msgpack, 2_000, |chance| {
        let of = chance.of_type(3);
        let value = chance.value(&of);
        let bytes = mostly_sound(chance, packed(&value, &of));
        [of.to_json().to_string().as_bytes(), b"\n", &bytes].concat()
    });
}

#[test]
fn json() {
    holds("json", super::json, 2_000, |chance| {
        let of = chance.of_type(3);
        let text = as_json(&chance.value(&of)).to_string();
        let bytes = mostly_sound(chance, text.into_bytes());
        if chance.one_in(4) { bytes } else { [of.to_json().to_string().as_bytes(), b"\n", &bytes].concat() }
    });
}

#[test]
fn call() {
    holds("call", super::call, 600, |chance| {
        let ship = Ship::schema();
        let mut input = vec![*chance.of(b"cwrpapapauUmiIgdenhlf"), *chance.of(&[0, 1, 2, 4])];
        for _ in 0..chance.below(6) {
            let mut part = match chance.below(4) {
                0 => Vec::new(),
                1 => packed(&chance.value(&ship.value_type()), &ship.value_type()),
                2 => as_json(&configuration(chance, &ship.attributes)).to_string().into_bytes(),
                _ => packed(&configuration(chance, &ship.attributes), &ship.value_type()),
            };
            if chance.one_in(6) {
                part = chance.broken(part);
            }
            input.extend(part);
            input.push(BETWEEN);
        }
        input
    });
}

fn two_configurations(chance: &mut Chance) -> Vec<u8> {
    let ship = Ship::schema();
    let mut configuration = || packed(&self::configuration(chance, &ship.attributes), &ship.value_type());
    let (first, second) = (configuration(), configuration());
    let unknown: Vec<u8> = (0..chance.below(200)).map(|_| u8::from(chance.one_in(12))).collect();
    [&first[..], &second, &unknown].join(&BETWEEN)
}

#[test]
fn lifecycle_of_a_resource() {
    holds("lifecycle", super::lifecycle, 60, two_configurations);
}

#[test]
fn most_made_up_configurations_are_valid() {
    let mut applied = 0;
    for seed in 0..20 {
        let input = two_configurations(&mut Chance::new(seed));
        applied += u32::from(run(lifecycle::walk(&input)));
    }
    assert!(applied > 10, "{applied} of 20");
}

/// What Terraform announced in one run.
const CERTIFICATE: &str = include_str!("../../tests/plugin/terraform-client.pem");

#[test]
fn handshake() {
    holds("handshake", super::handshake, 1_000, |chance| {
        let cookie = "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
        let versions = *chance.of(&["5,6", "6", "", "5", "6,,x", "99999999999999999999"]);
        let pem = mostly_sound(chance, CERTIFICATE.as_bytes().to_vec());
        let variables = [
            cookie.as_bytes().to_vec(),
            format!("PLUGIN_PROTOCOL_VERSIONS={versions}").into_bytes(),
            [b"PLUGIN_CLIENT_CERT=", &pem[..]].concat(),
            [b"PLUGIN_UNIX_SOCKET_DIR=", chance.text().as_bytes()].concat(),
        ];
        let given: Vec<Vec<u8>> = variables.into_iter().filter(|_| !chance.one_in(8)).collect();
        given.join(&0)
    });
}

#[test]
fn certificate() {
    holds("certificate", super::certificate, 1_000, |chance| {
        let base64: String = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(base64).expect("the recorded certificate is PEM");
        chance.broken(der)
    });
}

#[test]
fn text() {
    holds("text", super::text, 10_000, |chance| {
        const SAMPLES: [&str; 16] = [
            "-12.50e-3",
            "99999999999999999999999999",
            "0.000000000000000001",
            "1h30m1.5s",
            "300ms",
            "10.0.0.0/8",
            "2001:db8::/32",
            "255.255.255.255",
            "::ffff:10.0.0.1",
            "-----BEGIN A B-----\nAAAA\n-----END A B-----\n",
            "lb-1/lbl-2",
            "a::b:c",
            "éa→b]",
            "[\"list\",[\"object\",{\"a\":\"string\"}]]",
            "[\"object\",{\"a\":\"dynamic\"},[\"a\"]]",
            "",
        ];
        let (first, second) = (chance.of(&SAMPLES), chance.of(&SAMPLES));
        let at =
            |text: &str, chance: &mut Chance| text.floor_char_boundary(chance.below(40).try_into().expect("small"));
        let (start, end) = (at(first, chance), at(second, chance));
        // One, or the beginning of one before the end of another.
        let text = if chance.one_in(3) { first.to_string() } else { format!("{}{}", &first[..start], &second[end..]) };
        mostly_sound(chance, text.into_bytes())
    });
}

/// A configuration that keeps what the attributes declare.
fn configuration(chance: &mut Chance, attributes: &[Attribute]) -> Dynamic {
    let set = attributes.iter().map(|attribute| {
        let unset = attribute.presence == Presence::Computed
            || (attribute.presence != Presence::Required && !attribute.block && chance.one_in(2));
        let value = match &attribute.kind {
            _ if unset => Dynamic::Null,
            AttributeKind::Plain(of) => plain(chance, of, &attribute.validators),
            AttributeKind::Nested(nesting, inner) => nested(chance, attribute, *nesting, inner),
        };
        (attribute.name.clone(), value)
    });
    Dynamic::Object(set.collect())
}

fn nested(chance: &mut Chance, attribute: &Attribute, nesting: Nesting, inner: &[Attribute]) -> Dynamic {
    let count = chance.below(3);
    let elements: Vec<Dynamic> = (0..count).map(|_| configuration(chance, inner)).collect();
    match nesting {
        Nesting::Single if attribute.block && chance.one_in(2) => Dynamic::Null,
        Nesting::Single => configuration(chance, inner),
        Nesting::List => Dynamic::List(elements),
        Nesting::Set => Dynamic::Set(elements),
        Nesting::Map => {
            Dynamic::Map(elements.into_iter().zip(["a", "b", "c"]).map(|(of, key)| (key.into(), of)).collect())
        }
    }
}

fn plain(chance: &mut Chance, of: &Type, rules: &[Validator]) -> Dynamic {
    let each: Vec<Validator> = rules
        .iter()
        .filter_map(|rule| if let Validator::Each(rule) = rule { Some((**rule).clone()) } else { None })
        .collect();
    let mut elements = |of: &Type| (0..chance.below(3)).map(|_| plain(chance, of, &each)).collect::<Vec<_>>();
    match of {
        Type::String => Dynamic::String(text_that_keeps(chance, rules)),
        Type::Number => Dynamic::Number(number_that_keeps(chance, rules)),
        Type::Bool => Dynamic::Bool(chance.one_in(2)),
        Type::List(of) => {
            let mut elements = elements(of);
            elements.dedup();
            Dynamic::List(elements)
        }
        Type::Set(of) => Dynamic::Set(elements(of)),
        Type::Map(of) => {
            Dynamic::Map(elements(of).into_iter().zip(["a", "b", "c"]).map(|(of, key)| (key.into(), of)).collect())
        }
        Type::Object(of) => {
            Dynamic::Object(of.iter().map(|(name, of)| (name.clone(), plain(chance, of, &[]))).collect())
        }
        Type::Tuple(of) => Dynamic::List(of.iter().map(|of| plain(chance, of, &[])).collect()),
        Type::Dynamic => {
            let of = chance.of_type(1);
            let value = plain(chance, &of, &[]);
            Dynamic::Typed(Box::new((of, value)))
        }
    }
}

fn text_that_keeps(chance: &mut Chance, rules: &[Validator]) -> String {
    let sample = rules.iter().find_map(|rule| match rule {
        Validator::OneOf(allowed) => Some(allowed.clone()),
        Validator::Format(Format::Cidr) => Some(vec!["10.0.0.0/8".to_owned(), "::/0".to_owned()]),
        Validator::Format(Format::Duration) => Some(vec!["60s".to_owned(), "1m".to_owned(), "0".to_owned()]),
        Validator::Format(_) => Some(vec!["10.0.0.1".to_owned(), "2001:DB8::1".to_owned()]),
        _ => None,
    });
    let sample = sample.unwrap_or_else(|| ["a", "0a", "00a", "é", "漢字"].map(str::to_owned).to_vec());
    chance.of(&sample).clone()
}

fn number_that_keeps(chance: &mut Chance, rules: &[Validator]) -> Number {
    let range = rules.iter().find_map(|rule| match rule {
        Validator::Range { min, max, .. } => Some((min.clone(), max.clone())),
        _ => None,
    });
    match range {
        Some((Some(min), Some(max))) if chance.one_in(2) => chance.of(&[min, max]).clone(),
        Some((Some(min), _)) => min.max(Number::from(chance.below(50))),
        _ => chance.of(&["0", "-1", "0.1", "100000000000000000000001", "1e-30"]).parse().expect("a number"),
    }
}

/// The value as a state file has it. What is not known stands there as null.
fn as_json(value: &Dynamic) -> Json {
    let all = |parts: &std::collections::BTreeMap<String, Dynamic>| {
        parts.iter().map(|(name, part)| (name.clone(), as_json(part))).collect()
    };
    match value {
        Dynamic::Null | Dynamic::Unknown(_) => Json::Null,
        Dynamic::String(text) => json!(text),
        Dynamic::Number(number) => serde_json::from_str(&number.to_string()).expect("a number is JSON"),
        Dynamic::Bool(answer) => json!(answer),
        Dynamic::List(elements) | Dynamic::Set(elements) => elements.iter().map(as_json).collect(),
        Dynamic::Map(parts) | Dynamic::Object(parts) => Json::Object(all(parts)),
        Dynamic::Typed(typed) => json!({"type": typed.0.to_json(), "value": as_json(&typed.1)}),
    }
}

#[test]
fn the_fuzzer_has_a_target_and_a_corpus_for_every_function() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names = |folder: &Path| {
        let files = fs::read_dir(folder).expect("the folder can be read");
        let mut names: Vec<String> = files
            .map(|file| file.expect("the folder can be read").path())
            .map(|file| file.file_stem().expect("a file has a name").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let targets = ["call", "certificate", "handshake", "json", "lifecycle", "msgpack", "text"];
    assert_eq!(names(&folder.join("fuzz_targets")), targets);
    assert_eq!(names(&folder.join("corpus")), targets);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest can be read");
    for target in targets {
        let path = format!("fuzz_targets/{target}.rs");
        assert!(manifest.contains(&format!("name = \"{target}\"\npath = \"{path}\"")), "{target}");
        let source = fs::read_to_string(folder.join(path)).expect("the target can be read");
        assert!(source.contains(&format!("tfplugin_sdk::fuzzing::{target}(input)")), "{source}");
    }
}

#[test]
fn the_sample_provider_is_declared_soundly() {
    harbour::provider().assert_valid();
}
