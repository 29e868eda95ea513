//! Claims about the codecs: what is written is read again, what Terraform writes is understood, and no bytes panic.

use std::collections::BTreeMap;

use super::{json, msgpack, pack};
use crate::chance::Chance;
use crate::{Dynamic, Number, Refinements, Report, Type, path};

fn number(text: &str) -> Dynamic {
    Dynamic::Number(text.parse().expect(text))
}

fn text(text: &str) -> Dynamic {
    Dynamic::String(text.to_owned())
}

fn object<T, const N: usize>(attributes: [(&str, T); N]) -> BTreeMap<String, T> {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn packed(value: &Dynamic, of: &Type) -> Vec<u8> {
    let (bytes, report) = pack::encode(value, of);
    assert!(report.is_empty(), "{report:?}");
    bytes
}

fn paths(report: &Report) -> Vec<String> {
    report.diagnostics().iter().map(|diagnostic| diagnostic.path.to_string()).collect()
}

#[test]
fn numbers_travel_exactly() {
    let cases: [(&str, &[u8]); 6] = [
        ("0", &[0x00]),
        ("-1", &[0xff]),
        ("9007199254740993", &[0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1]),
        ("0.1", b"\xa30.1"),
        ("18446744073709551615", b"\xb418446744073709551615"),
        ("1e30", b"\xbf1000000000000000000000000000000"),
    ];
    for (written, bytes) in cases {
        assert_eq!(packed(&number(written), &Type::Number), bytes, "{written}");
        assert_eq!(msgpack::decode(bytes, &Type::Number), Ok(number(written)), "{written}");
        assert_eq!(json::decode(written.as_bytes(), &Type::Number, json::Surplus::Refuse), Ok(number(written)));
    }
}

#[test]
fn a_binary_float_is_taken_for_exactly_what_it_is() {
    let half = [0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0];
    assert_eq!(msgpack::decode(&half, &Type::Number), Ok(number("0.5")));
    let mut tenth = vec![0xcb];
    tenth.extend(0.1_f64.to_be_bytes());
    assert_eq!(
        msgpack::decode(&tenth, &Type::Number),
        Ok(Dynamic::Number(Number::from_f64_exact(0.1).expect("finite")))
    );
    let mut infinite = vec![0xcb];
    infinite.extend(f64::INFINITY.to_be_bytes());
    assert!(msgpack::decode(&infinite, &Type::Number).is_err());
}

#[test]
fn every_extension_is_an_unknown_value() {
    assert_eq!(packed(&Dynamic::unknown(), &Type::String), [0xd4, 0, 0]);
    for bytes in [&[0xd4_u8, 0, 0][..], &[0xd5, 7, 1, 2], &[0xc7, 3, 99, 1, 2, 3], &[0xd4, 12, 0xc1]] {
        assert_eq!(msgpack::decode(bytes, &Type::String), Ok(Dynamic::unknown()), "{bytes:?}");
    }
}

#[test]
fn refinements_survive_the_journey() {
    let id = Refinements { prefix: Some("lb-".into()), ..Refinements::not_null() };
    let bytes = packed(&Dynamic::Unknown(id.clone()), &Type::String);
    assert_eq!(bytes, [0xd7, 12, 0x82, 1, 0xc2, 2, 0xa3, b'l', b'b', b'-']);
    assert_eq!(msgpack::decode(&bytes, &Type::String), Ok(Dynamic::Unknown(id)));

    let weight = Refinements {
        lower: Some((Number::from(0), true)),
        upper: Some(("100.5".parse().expect("decimal"), false)),
        ..Refinements::none()
    };
    let bytes = packed(&Dynamic::Unknown(weight.clone()), &Type::Number);
    assert_eq!(msgpack::decode(&bytes, &Type::Number), Ok(Dynamic::Unknown(weight)));

    let vips = Refinements { min_length: Some(1), max_length: Some(2), ..Refinements::not_null() };
    let of = Type::list(Type::String);
    assert_eq!(msgpack::decode(&packed(&Dynamic::Unknown(vips.clone()), &of), &of), Ok(Dynamic::Unknown(vips)));
}

#[test]
fn a_refinement_that_means_nothing_for_the_type_is_not_sent() {
    let prefixed = Refinements { prefix: Some("lb-".into()), ..Refinements::none() };
    assert_eq!(packed(&Dynamic::Unknown(prefixed), &Type::Number), [0xd4, 0, 0], "and never as an empty map");
    assert_eq!(packed(&Dynamic::Unknown(Refinements::not_null()), &Type::Dynamic), [0xd4, 0, 0]);
    let null = Refinements { not_null: Some(false), ..Refinements::none() };
    assert_eq!(packed(&Dynamic::Unknown(null), &Type::String), [0xc0]);
}

#[test]
fn a_long_prefix_is_cut_between_characters() {
    let long = Refinements { prefix: Some("é".repeat(200)), ..Refinements::none() };
    let long = packed(&Dynamic::Unknown(long), &Type::String);
    let odd = Refinements { prefix: Some(format!("x{}", "é".repeat(200))), ..Refinements::none() };
    let odd = packed(&Dynamic::Unknown(odd), &Type::String);
    for (bytes, kept) in [(long, 256), (odd, 255)] {
        match msgpack::decode(&bytes, &Type::String) {
            Ok(Dynamic::Unknown(Refinements { prefix: Some(prefix), .. })) => assert_eq!(prefix.len(), kept),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn refinements_of_a_later_protocol_are_passed_over() {
    // {1: false, 77: [[1], {"a": 2}], 2: "lb-"}
    let body = b"\x83\x01\xc2\x4d\x92\x91\x01\x81\xa1a\x02\x02\xa3lb-";
    let mut bytes = vec![0xc7, u8::try_from(body.len()).expect("short"), 12];
    bytes.extend(body);
    let expected = Refinements { prefix: Some("lb-".into()), ..Refinements::not_null() };
    assert_eq!(msgpack::decode(&bytes, &Type::String), Ok(Dynamic::Unknown(expected)));
}

#[test]
fn objects_are_written_with_all_their_attributes() {
    let of = Type::Object(object([("a", Type::String), ("b", Type::Number)]));
    let value = Dynamic::Object(object([("b", number("1"))]));
    assert_eq!(packed(&value, &of), b"\x82\xa1a\xc0\xa1b\x01");
}

#[test]
fn all_mistakes_are_reported_at_once_each_at_its_attribute() {
    let backend = Type::Object(object([("port", Type::Number), ("weight", Type::Number)]));
    let of = Type::Object(object([
        ("name", Type::String),
        ("enabled", Type::Bool),
        ("backends", Type::list(backend.clone())),
        ("members", Type::set(backend)),
        ("tags", Type::map(Type::String)),
    ]));
    // name: 5, backends: [{port: "x", weight: 1}, {port: 1}], members: [{port: true, weight: 1}],
    // tags: {"team": nil, "a b": [1, [2]]}, other: {"x": [1]}; enabled is missing.
    let bytes = b"\x85\xa4name\x05\xa8backends\x92\x82\xa4port\xa1x\xa6weight\x01\x81\xa4port\x01\
        \xa7members\x91\x82\xa4port\xc3\xa6weight\x01\xa4tags\x82\xa4team\xc0\xa3a b\x92\x01\x91\x02\
        \xa5other\x81\xa1x\x91\x01";
    let report = msgpack::decode(bytes, &of).expect_err("six mistakes");
    let expected = ["name", "backends[0].port", "backends[1].weight", "members", "tags[\"a b\"]", "other", "enabled"];
    assert_eq!(paths(&report), expected);

    let text =
        br#"{"name":[],"backends":[{"port":"x","weight":1}],"members":[{"port":true}],"tags":{"a b":{}},"other":1}"#;
    let report = json::decode(text, &of, json::Surplus::Refuse).expect_err("mistakes");
    assert_eq!(paths(&report), ["backends[0].port", "members", "name", "tags[\"a b\"]", "other"]);
}

#[test]
fn a_mistake_never_shows_the_value() {
    let of = Type::Object(object([("key", Type::Number)]));
    let report = msgpack::decode(b"\x81\xa3key\xa6s3cret", &of).expect_err("no number");
    assert!(!format!("{report:?}").contains("s3cret"));
    let report = json::decode(br#"{"key":"s3cret"}"#, &of, json::Surplus::Drop).expect_err("no number");
    assert!(!format!("{report:?}").contains("s3cret"));
    let report = json::decode(br#"{"key":s3cret}"#, &of, json::Surplus::Drop).expect_err("no JSON");
    assert!(!format!("{report:?}").contains("s3cret"));
}

#[test]
fn an_element_is_once_in_a_set_but_unknown_elements_may_turn_out_different() {
    let of = Type::set(Type::set(Type::String));
    let inner = |elements: [&str; 2]| Dynamic::Set(elements.map(text).to_vec());
    let value = Dynamic::Set(vec![inner(["a", "b"]), inner(["b", "a"]), Dynamic::unknown(), Dynamic::unknown()]);
    match msgpack::decode(&packed(&value, &of), &of) {
        Ok(Dynamic::Set(elements)) => assert_eq!(elements.len(), 3),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_dynamic_value_carries_its_type() {
    let of = Type::Object(object([("any", Type::Dynamic)]));
    let inner = Type::Tuple(vec![Type::String, Type::Number]);
    let typed = Dynamic::Typed(Box::new((inner, Dynamic::List(vec![text("a"), number("0.1")]))));
    let value = Dynamic::Object(object([("any", typed)]));
    let bytes = packed(&value, &of);
    assert_eq!(msgpack::decode(&bytes, &of), Ok(value.clone()));
    let stored = br#"{"any":{"type":["tuple",["string","number"]],"value":["a",0.1]}}"#;
    assert_eq!(json::decode(stored, &of, json::Surplus::Refuse), Ok(value));
}

#[test]
fn a_value_of_the_wrong_shape_is_reported_and_the_rest_is_written() {
    let of = Type::Object(object([("id", Type::String), ("port", Type::Number)]));
    let value = Dynamic::Object(object([("id", text("lb-1")), ("port", text("80")), ("x", Dynamic::Null)]));
    let (bytes, report) = pack::encode(&value, &of);
    assert_eq!(paths(&report), ["port", "x"]);
    let kept = Dynamic::Object(object([("id", text("lb-1")), ("port", Dynamic::Null)]));
    assert_eq!(msgpack::decode(&bytes, &of), Ok(kept));
}

#[test]
fn stored_state_of_an_older_schema_is_read() {
    let of = Type::Object(object([("kept", Type::String), ("added", Type::Bool)]));
    let stored = br#"{"kept":"x","removed":{"deep":[1]}}"#;
    let expected = Dynamic::Object(object([("kept", text("x")), ("added", Dynamic::Null)]));
    assert_eq!(json::decode(stored, &of, json::Surplus::Drop), Ok(expected));
    let report = json::decode(stored, &of, json::Surplus::Refuse).expect_err("removed");
    assert_eq!(report.diagnostics()[0].path, path!(removed));
}

#[test]
fn depth_is_bounded() {
    // Each level is [type, [value]]: a list of dynamic values, which names its own type again.
    let mut bytes = Vec::new();
    for _ in 0..100_000 {
        bytes.extend(b"\x92\xc4\x12[\"list\",\"dynamic\"]\x91");
    }
    bytes.push(0xc0);
    let report = msgpack::decode(&bytes, &Type::Dynamic).expect_err("too deep");
    assert!(report.diagnostics()[0].detail.contains("deeper"), "{report:?}");
    let brackets = "[".repeat(100_000);
    assert!(json::decode(brackets.as_bytes(), &Type::list(Type::String), json::Surplus::Drop).is_err());
}

#[test]
fn whatever_is_written_is_read_again() {
    for seed in 1..2_000 {
        let mut chance = Chance::new(seed);
        let of = chance.of_type(3);
        let value = chance.value(&of);
        let bytes = packed(&value, &of);
        assert_eq!(msgpack::decode(&bytes, &of).as_ref(), Ok(&value), "seed {seed}");
    }
}
