//! Secrets: what is sensitive or write-only is in no diagnostic, and what is write-only is kept nowhere.
//!
//! They are found by their texts, so a test uses secrets that are like nothing else. Not looked for: texts of fewer than
//! four characters, which occur by chance, numbers, and what stands open in the same values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::engine::consistency::Breach;
use crate::schema::{Attribute, AttributeKind};
use crate::{Dynamic, Path, Private, Report};

/// Shorter texts occur by chance.
const MIN_CHARACTERS: usize = 4;

/// The texts that must not be seen, each with the attribute it is the value of.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    hidden: BTreeMap<String, String>,
    write_only: BTreeSet<String>,
    /// What need not be hidden: it stands elsewhere for everyone to read.
    open: BTreeSet<String>,
}

/// What an attribute is inside of.
#[derive(Clone, Copy, Default)]
struct Around {
    secret: bool,
    write_only: bool,
}

impl Secrets {
    /// The secrets in a value of these attributes.
    pub(super) fn of(attributes: &[Attribute], value: &Dynamic) -> Self {
        let mut secrets = Self::default();
        secrets.read(attributes, value, "", Around::default());
        secrets
    }

    /// With those of another value.
    #[must_use]
    pub(super) fn and(mut self, other: Self) -> Self {
        self.hidden.extend(other.hidden);
        self.write_only.extend(other.write_only);
        self.open.extend(other.open);
        self
    }

    /// What a diagnostic of this report gives away.
    pub(super) fn shown_in(&self, report: &Report) -> Vec<Breach> {
        let found = report.diagnostics().iter().flat_map(|diagnostic| {
            let text = format!("{}: {}", diagnostic.summary, diagnostic.detail);
            let shown: Vec<(&String, &String)> =
                self.hidden().filter(|(secret, _)| text.contains(secret.as_str())).collect();
            let masked = shown.iter().fold(text, |text, (secret, _)| text.replace(secret.as_str(), "(secret)"));
            shown.into_iter().map(move |(_, name)| {
                (diagnostic.path.clone(), format!("has a diagnostic that shows the value of `{name}`: {masked}"))
            })
        });
        found.collect()
    }

    /// Where a write-only value is kept all the same.
    pub(super) fn kept_in(&self, state: &Dynamic, private: &[u8]) -> Vec<Breach> {
        let private = Private::from_bytes(private);
        let write_only: Vec<(&String, &String)> =
            self.hidden().filter(|(secret, _)| self.write_only.contains(*secret)).collect();
        let mut kept = Vec::new();
        for (secret, name) in write_only {
            if let Dynamic::Object(parts) = state {
                let holding = parts.iter().filter(|(_, part)| holds(part, secret));
                kept.extend(holding.map(|(part, _)| {
                    (Path::root().attribute(part), format!("holds the value of `{name}`, which is write-only"))
                }));
            }
            if private.holds(secret) {
                kept.push((
                    Path::root(),
                    format!("has in its private state the value of `{name}`, which is write-only"),
                ));
            }
        }
        kept
    }

    fn hidden(&self) -> impl Iterator<Item = (&String, &String)> {
        self.hidden.iter().filter(|(secret, _)| !self.open.contains(*secret))
    }

    fn read(&mut self, attributes: &[Attribute], value: &Dynamic, around: &str, inside: Around) {
        for attribute in attributes {
            let name = format!("{around}{}", attribute.name);
            let inside = Around {
                secret: inside.secret || attribute.is_secret(),
                write_only: inside.write_only || attribute.write_only,
            };
            self.open.insert(attribute.name.clone());
            match &attribute.kind {
                AttributeKind::Plain(_) => self.read_texts(value.attribute(&attribute.name), &name, inside),
                AttributeKind::Nested(_, inner) => {
                    self.read_elements(inner, value.attribute(&attribute.name), &format!("{name}."), inside);
                }
            }
        }
    }

    fn read_elements(&mut self, inner: &[Attribute], value: &Dynamic, around: &str, inside: Around) {
        match value {
            Dynamic::List(elements) | Dynamic::Set(elements) => {
                for element in elements {
                    self.read(inner, element, around, inside);
                }
            }
            Dynamic::Map(elements) => {
                for element in elements.values() {
                    self.read(inner, element, around, inside);
                }
            }
            object => self.read(inner, object, around, inside),
        }
    }

    fn read_texts(&mut self, value: &Dynamic, name: &str, inside: Around) {
        for_each_text(value, &mut |text| {
            // Of a text with several lines, such as a key, each counts; that it is a key is no secret.
            let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
            for line in lines.filter(|line| line.chars().count() >= MIN_CHARACTERS).map(str::to_owned) {
                if inside.write_only {
                    self.write_only.insert(line.clone());
                }
                if inside.secret {
                    self.hidden.insert(line, name.to_owned());
                } else {
                    self.open.insert(line);
                }
            }
        });
    }
}

/// No secret is printed.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.hidden.values()).finish()
    }
}

fn holds(value: &Dynamic, secret: &str) -> bool {
    let mut found = false;
    for_each_text(value, &mut |text| found |= text.contains(secret));
    found
}

fn for_each_text(value: &Dynamic, visit: &mut dyn FnMut(&str)) {
    match value {
        Dynamic::String(text) => visit(text),
        Dynamic::List(elements) | Dynamic::Set(elements) => {
            for element in elements {
                for_each_text(element, visit);
            }
        }
        Dynamic::Map(elements) | Dynamic::Object(elements) => {
            for element in elements.values() {
                for_each_text(element, visit);
            }
        }
        Dynamic::Typed(typed) => for_each_text(&typed.1, visit),
        Dynamic::Null | Dynamic::Unknown(_) | Dynamic::Number(_) | Dynamic::Bool(_) => {}
    }
}
