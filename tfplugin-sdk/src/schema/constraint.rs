//! Rules between attributes of one object. What is not known yet may be set or not, and breaks no rule.

use super::condition::{value_of, written};
use super::{Attribute, Condition};
use crate::{Dynamic, Path, Report};

/// A rule between attributes of one object, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// At most one of them is set.
    Conflicts(Vec<String>),
    /// Where the first is set, all others are too.
    Requires(Vec<String>),
    /// All of them are set, or none.
    RequiredTogether(Vec<String>),
    /// Exactly one of them is set.
    ExactlyOneOf(Vec<String>),
    /// One of them is set, or more.
    AtLeastOneOf(Vec<String>),
    /// The first number is less than the second.
    LessThan(Vec<String>),
    /// Where the object is like this, all of them are set.
    RequiredWhen(Condition, Vec<String>),
    /// Where the object is like this, none of them is set; without any, no object is like this.
    RefusedWhen(Condition, Vec<String>),
}

impl Constraint {
    /// The attributes concerned.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Conflicts(names)
            | Self::Requires(names)
            | Self::RequiredTogether(names)
            | Self::ExactlyOneOf(names)
            | Self::AtLeastOneOf(names)
            | Self::LessThan(names)
            | Self::RequiredWhen(_, names)
            | Self::RefusedWhen(_, names) => names,
        }
    }

    /// What the object is like where it holds, for the rules that ask.
    pub(super) fn condition(&self) -> Option<&Condition> {
        match self {
            Self::RequiredWhen(when, _) | Self::RefusedWhen(when, _) => Some(when),
            _ => None,
        }
    }

    /// The rule as one sentence for the reader of the documentation.
    pub fn sentence(&self) -> String {
        let all = quoted(self.names(), "and");
        match self {
            Self::Conflicts(_) => format!("Only one of {} can be set.", quoted(self.names(), "or")),
            Self::Requires(names) => match names.split_first() {
                Some((first, others)) => format!("`{first}` needs {}.", quoted(others, "and")),
                None => String::new(),
            },
            Self::RequiredTogether(_) => format!("{all} are set together, or not at all."),
            Self::ExactlyOneOf(_) => format!("Exactly one of {} must be set.", quoted(self.names(), "or")),
            Self::AtLeastOneOf(_) => format!("At least one of {} must be set.", quoted(self.names(), "or")),
            Self::LessThan(names) => match names.as_slice() {
                [low, high] => format!("`{low}` must be less than `{high}`."),
                _ => String::new(),
            },
            Self::RequiredWhen(when, _) => {
                format!("{all} must be set where {}{}.", Condition::phrase(&when.values), when.reason())
            }
            Self::RefusedWhen(when, names) => match when.values.split_last() {
                Some(((name, value), others)) if names.is_empty() => {
                    let others = Condition::phrase(others);
                    format!("`{name}` must not be {} where {others}{}.", written(value), when.reason())
                }
                _ => format!("{all} must not be set where {}{}.", Condition::phrase(&when.values), when.reason()),
            },
        }
    }

    /// Reports where `object`, which has these attributes, breaks the rule: at an attribute, or at the object when
    /// something is missing.
    pub(crate) fn check(&self, attributes: &[Attribute], object: &Dynamic, path: &Path, report: &mut Report) {
        let names = self.names();
        let set: Vec<&String> = names.iter().filter(|name| is_set(object.attribute(name))).collect();
        let missing: Vec<&String> = names.iter().filter(|name| object.attribute(name).is_null()).collect();
        let none = missing.len() == names.len();
        match self {
            Self::Conflicts(_) | Self::ExactlyOneOf(_) if set.len() > 1 => {
                let detail = format!("{} Remove one of them.", self.sentence());
                for name in set {
                    report.error(path.attribute(name), "Conflicting attributes", detail.clone());
                }
            }
            Self::ExactlyOneOf(_) | Self::AtLeastOneOf(_) if none => {
                let what = if path.is_root() { String::new() } else { format!(" In `{path}` none is.") };
                report.error(path.clone(), "Missing attribute", format!("{}{what}", self.sentence()));
            }
            Self::Requires(_) if set.first() == names.first().as_ref() => {
                self.report_missing(&missing, names.first(), path, report);
            }
            Self::RequiredTogether(_) => self.report_missing(&missing, set.first().copied(), path, report),
            Self::LessThan(names) => self.check_order(names, attributes, object, path, report),
            Self::RequiredWhen(when, _) if when.holds(attributes, object) => {
                let missing = missing.into_iter().filter(|name| value_of(attributes, object, name).is_null());
                for name in missing {
                    let rule = Self::RequiredWhen(when.clone(), vec![name.clone()]).sentence();
                    let detail = format!("{rule} Set it, or {}.", when.way_out(object));
                    report.error(path.attribute(name), "Missing attribute", detail);
                }
            }
            Self::RefusedWhen(when, names) if when.holds(attributes, object) => {
                for name in set {
                    let rule = Self::RefusedWhen(when.clone(), vec![name.clone()]).sentence();
                    let detail = format!("{rule} Remove it, or {}.", when.way_out(object));
                    report.error(path.attribute(name), "Conflicting attributes", detail);
                }
                if let (Some((name, _)), []) = (when.values.last(), names.as_slice()) {
                    report.error(path.attribute(name), "Conflicting attributes", self.sentence());
                }
            }
            _ => {}
        }
    }

    fn check_order(
        &self,
        names: &[String],
        attributes: &[Attribute],
        object: &Dynamic,
        path: &Path,
        report: &mut Report,
    ) {
        let [low, high] = names else { return };
        let values = (value_of(attributes, object, low), value_of(attributes, object, high));
        let (Dynamic::Number(first), Dynamic::Number(second)) = values else { return };
        if first >= second {
            let is_secret = |attribute: &Attribute| names.contains(&attribute.name) && attribute.is_secret();
            let found = if attributes.iter().any(is_secret) {
                String::new()
            } else {
                format!(" `{low}` is {first} and `{high}` is {second}.")
            };
            let detail = format!("{}{found} Lower `{low}`, or raise `{high}`.", self.sentence());
            report.error(path.attribute(low), "Conflicting attributes", detail);
        }
    }

    fn report_missing(&self, missing: &[&String], because: Option<&String>, path: &Path, report: &mut Report) {
        if let (Some(because), [_, ..]) = (because, missing) {
            let missing: Vec<String> = missing.iter().map(|&name| name.clone()).collect();
            let detail = format!("{} Set {}, or remove `{because}`.", self.sentence(), quoted(&missing, "and"));
            report.error(path.attribute(because), "Missing attribute", detail);
        }
    }
}

fn is_set(value: &Dynamic) -> bool {
    match value {
        Dynamic::Null => false,
        Dynamic::Unknown(refinements) => refinements.not_null == Some(true),
        _ => true,
    }
}

fn quoted(names: &[String], word: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(constraint: fn(Vec<String>) -> Constraint, a: Dynamic, b: Dynamic, c: Dynamic) -> Vec<String> {
        let object = Dynamic::Object([("a".to_owned(), a), ("b".to_owned(), b), ("c".to_owned(), c)].into());
        let mut report = Report::new();
        let names = ["a", "b", "c"].map(str::to_owned).to_vec();
        constraint(names).check(&[], &object, &Path::root(), &mut report);
        report.into_iter().map(|found| format!("{}: {}", found.path, found.detail)).collect()
    }

    const SET: Dynamic = Dynamic::Bool(false);
    const NULL: Dynamic = Dynamic::Null;

    #[test]
    fn a_broken_rule_is_reported_where_it_is_broken() {
        let one = "Exactly one of `a`, `b` or `c` must be set.";
        assert_eq!(found(Constraint::ExactlyOneOf, NULL, NULL, NULL), [format!(": {one}")]);
        let both = [format!("a: {one} Remove one of them."), format!("c: {one} Remove one of them.")];
        assert_eq!(found(Constraint::ExactlyOneOf, SET, NULL, SET), both);
        assert_eq!(found(Constraint::Conflicts, SET, SET, NULL).len(), 2);
        assert_eq!(found(Constraint::AtLeastOneOf, NULL, NULL, NULL).len(), 1);
        let needs = "a: `a` needs `b` and `c`. Set `c`, or remove `a`.";
        assert_eq!(found(Constraint::Requires, SET, SET, NULL), [needs]);
        let together = "b: `a`, `b` and `c` are set together, or not at all. Set `a` and `c`, or remove `b`.";
        assert_eq!(found(Constraint::RequiredTogether, NULL, SET, NULL), [together]);
    }

    #[test]
    fn a_kept_rule_and_one_that_may_yet_be_kept_are_silent() {
        let unknown = Dynamic::unknown;
        for (constraint, a, b, c) in [
            (Constraint::ExactlyOneOf as fn(Vec<String>) -> Constraint, NULL, SET, NULL),
            (Constraint::ExactlyOneOf, NULL, unknown(), NULL),
            (Constraint::ExactlyOneOf, SET, unknown(), NULL),
            (Constraint::Conflicts, NULL, NULL, NULL),
            (Constraint::Conflicts, SET, unknown(), unknown()),
            (Constraint::AtLeastOneOf, unknown(), NULL, NULL),
            (Constraint::Requires, NULL, NULL, SET),
            (Constraint::Requires, SET, unknown(), SET),
            (Constraint::RequiredTogether, NULL, NULL, NULL),
            (Constraint::RequiredTogether, SET, SET, unknown()),
        ] {
            assert_eq!(found(constraint, a, b, c), Vec::<String>::new());
        }
    }
}
