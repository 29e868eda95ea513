//! Which Rust types may stand in a resource, and how each is read from and written to a Terraform value.
//!
//! [`Codec`] is one direction each way for one phase; [`TfType`] joins the three phases of a type: its state form
//! (the type itself), its `Config` form and its `Plan` form. Structs and enums get both from the derives.
//! Not here: which attribute a value belongs to (`schema`), and the bytes (`wire`).

mod collection;
mod facts;
mod leaf;
mod phase;
mod text;

use std::fmt::Debug;

pub use facts::{Facts, Form};

use crate::schema::{AttributeKind, Validator};
use crate::{Dynamic, Path, Report};

/// A value of one phase that can be read from and written to a Terraform value.
pub trait Codec: Clone + PartialEq + Debug + Send + Sync + 'static {
    /// Whether null is one of its values.
    const NULLABLE: bool = false;

    /// Reads a value. What does not fit is reported at its path, all of it, and gives `None`. Messages never
    /// contain the value: it may be a secret.
    fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self>;

    /// Writes the value.
    fn encode(&self) -> Dynamic;

    /// What stands for a value that the state does not have, because an older provider wrote it: empty, zero,
    /// false, the first variant. Terraform refreshes it by a read.
    fn absent() -> Self;
}

/// A type that may stand in a resource, an object or the provider's configuration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a Terraform attribute",
    label = "not a type Terraform knows",
    note = "structs derive `tfplugin_sdk::Object`, unit enums `tfplugin_sdk::Enum`, newtypes `tfplugin_sdk::Newtype`; numbers \
            are of 8 to 64 bits, `f64` or `tfplugin_sdk::Number`; maps are `BTreeMap<String, _>`, sets `BTreeSet<_>`"
)]
pub trait TfType: Codec {
    /// Its form in a configuration, where parts may be unknown.
    type Config: Codec;
    /// Its form in a plan, where only what the provider computes may be unknown.
    type Plan: Codec;
    /// What the derives must know of it at compile time.
    const FACTS: Facts;

    /// The kind of attribute it makes.
    fn kind() -> AttributeKind;

    /// Rules that every value of the type keeps: the range of an integer, the names of an enum.
    fn validators() -> Vec<Validator> {
        Vec::new()
    }
}

/// Reports that `value` is not what was expected; without showing it.
pub(crate) fn mismatch(value: &Dynamic, expected: &str, path: &Path, report: &mut Report) {
    let found = match value {
        Dynamic::Null => "null",
        Dynamic::Unknown(_) => "a value that is not known yet",
        Dynamic::String(_) => "a text",
        Dynamic::Number(_) => "a number",
        Dynamic::Bool(_) => "a boolean",
        Dynamic::List(_) => "a list",
        Dynamic::Set(_) => "a set",
        Dynamic::Map(_) => "a map",
        Dynamic::Object(_) => "an object",
        Dynamic::Typed(_) => "a value of dynamic type",
    };
    report.error(path.clone(), "Unexpected value", format!("`{path}` must be {expected}; found {found}."));
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{Number, Planned, Refinements, Secret, Value, path};

    fn round_trip<T: Codec>(value: T) {
        let mut report = Report::new();
        assert_eq!(T::decode(&value.encode(), &path!(x), &mut report), Some(value));
        assert!(report.is_empty());
    }

    fn refused<T: Codec>(value: &Dynamic) -> String {
        let mut report = Report::new();
        assert_eq!(T::decode(value, &path!(x), &mut report), None);
        let [diagnostic] = report.diagnostics() else { panic!("one error was expected: {report:?}") };
        diagnostic.detail.clone()
    }

    #[test]
    fn every_type_reads_what_it_writes() {
        round_trip("text".to_owned());
        round_trip(true);
        round_trip(u64::MAX);
        round_trip(i64::MIN);
        round_trip(0.1_f64);
        round_trip("123456789012345678901234567890.5".parse::<Number>().expect("a number"));
        round_trip(Secret::new("hidden".to_owned()));
        round_trip(Some(vec![1_u8, 2]));
        round_trip(None::<String>);
        round_trip(BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        round_trip(BTreeMap::from([("team".to_owned(), vec![Some(1.5), None])]));
        round_trip(Value::Known(vec![Value::Known(1_u16), Value::Unknown(Refinements::not_null()), Value::Null]));
        round_trip(Planned::Known(None::<String>));
        round_trip(Planned::<String>::Unknown);
        round_trip(Dynamic::Typed(Box::new((crate::Type::Bool, Dynamic::Bool(true)))));
    }

    #[test]
    fn an_attribute_may_be_called_as_the_code_that_reads_it_calls_something() {
        #[derive(Clone, Debug, PartialEq, crate::Object)]
        struct Named {
            value: u8,
            path: u8,
            report: u8,
            object: u8,
            r#type: u8,
        }
        round_trip(Named { value: 1, path: 2, report: 3, object: 4, r#type: 5 });
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused_without_being_shown() {
        let number = |text: &str| Dynamic::Number(text.parse().expect("a number"));
        for unfit in ["65536", "-1", "1.5", "1e40"] {
            assert_eq!(refused::<u16>(&number(unfit)), "`x` must be a whole number from 0 to 65535; found a number.");
        }
    }

    #[test]
    fn all_errors_of_a_collection_are_reported_each_at_its_element() {
        let mut report = Report::new();
        let list = Dynamic::List(vec![Dynamic::Null, Dynamic::String("1".into()), Dynamic::Number(1.into())]);
        assert_eq!(Vec::<u8>::decode(&list, &path!(ports), &mut report), None);
        let paths: Vec<String> = report.diagnostics().iter().map(|found| found.path.to_string()).collect();
        assert_eq!(paths, ["ports[0]", "ports[1]"]);
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new("hidden".to_owned());
        assert_eq!(format!("{secret:?} {secret}"), "(sensitive) (sensitive)");
        assert_eq!(secret.expose(), "hidden");
    }

    #[test]
    fn a_computed_null_is_unknown_unless_null_is_a_value_of_the_type() {
        let mut report = Report::new();
        let plain = Planned::<String>::decode(&Dynamic::Null, &path!(x), &mut report);
        assert_eq!(plain, Some(Planned::Unknown));
        let optional = Planned::<Option<String>>::decode(&Dynamic::Null, &path!(x), &mut report);
        assert_eq!(optional, Some(Planned::Known(None)));
    }
}
