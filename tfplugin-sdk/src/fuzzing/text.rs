//! Everything that reads texts: numbers, durations, types, formats, import ids. Reading, writing and reading again gives
//! the same.

use std::net::IpAddr;

use crate::macro_support::import_parts;
use crate::schema::Format;
use crate::{Number, Type, duration};

/// Templates cut up as the derive does it, as they are written and in pieces.
const TEMPLATES: [(&str, &[&str]); 4] = [
    ("{a}", &["", ""]),
    ("{a}/{b}", &["", "/", ""]),
    ("{a}::{b}:{c}", &["", "::", ":", ""]),
    ("é{a}→{b}]", &["é", "→", "]"]),
];

/// A text for all of them.
pub(super) fn text(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    number(text);
    if let Some(duration) = duration::parse(text) {
        assert_eq!(duration::parse(&duration::text(duration)), Some(duration), "{text:?}");
    }
    if let Some(of) = serde_json::from_str(text).ok().and_then(|json| Type::from_json(&json)) {
        assert_eq!(Type::from_json(&of.to_json()), Some(of));
    }
    formats(text);
    for (template, texts) in TEMPLATES {
        if let Some(parts) = import_parts(texts, text) {
            let mut written = texts[0].to_owned();
            for (part, after) in parts.iter().zip(&texts[1..]) {
                written += part;
                written += after;
            }
            assert_eq!(written, text, "{template:?} {parts:?}");
            assert!(parts.iter().all(|part| !part.is_empty()), "{template:?} {parts:?}");
        }
    }
}

fn number(text: &str) {
    let Ok(number) = text.parse::<Number>() else { return };
    let written = number.to_string();
    assert_eq!(written.parse().as_ref(), Ok(&number), "{text:?}");
    assert!(number >= number.clone() && number <= number.clone(), "{text:?}");
    if let Some(whole) = number.to_i128() {
        assert_eq!(Number::from(whole), number, "{text:?}");
    }
    let float = number.to_f64();
    if float.is_finite() {
        let exact = Number::from_f64_exact(float).expect("it is finite");
        assert!(exact.to_f64().total_cmp(&float).is_eq() || float == 0.0, "{text:?}");
        assert!(Number::try_from(float).is_ok(), "{text:?}");
    }
}

fn formats(text: &str) {
    let label =
        || text.split_once("BEGIN ").and_then(|(_, rest)| rest.split_once('-')).map(|(label, _)| label.to_owned());
    for format in [Format::Ip, Format::Ipv4, Format::Ipv6, Format::Cidr, Format::Duration, Format::Pem(None)] {
        let accepted = format.accepts(text);
        match format {
            Format::Ip => assert_eq!(accepted, Format::Ipv4.accepts(text) || Format::Ipv6.accepts(text), "{text:?}"),
            Format::Cidr if accepted => {
                let address = text.split_once('/').map(|(address, _)| address.parse::<IpAddr>());
                assert!(matches!(address, Some(Ok(_))), "{text:?}");
            }
            Format::Pem(None) if accepted => assert!(Format::Pem(label()).accepts(text), "{text:?}"),
            _ => {}
        }
    }
}
