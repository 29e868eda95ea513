//! How stored values are written: ids as their text, times as RFC 3339 with milliseconds, and model types through the
//! records of the files beside this one.
//!
//! A record is a copy of the model's type for serde. It names every field, and reading makes the model's type from all of
//! them, so a new field of the model does not compile until its record has it. A field that files of this format version
//! do not have yet gets a `#[serde(default)]`, or the format gets a new version ([`super::file::FORMAT`]).

use std::fmt::Display;
use std::marker::PhantomData;
use std::sync::Arc;

use clb_model::time::Timestamp;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::de::DeserializeAsWrap;
use serde_with::ser::SerializeAsWrap;
use serde_with::{DeserializeAs, SerializeAs};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Ids and shared texts, as text.
pub struct Text;

impl<T: Display> SerializeAs<T> for Text {
    fn serialize_as<S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(source)
    }
}

impl<'de, T: From<String>> DeserializeAs<'de, T> for Text {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer).map(T::from)
    }
}

/// Points in time, as RFC 3339 in UTC.
pub struct Time;

impl SerializeAs<Timestamp> for Time {
    fn serialize_as<S: Serializer>(source: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = i128::from(source.unix_millis()) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(S::Error::custom)?;
        at.format(&Rfc3339).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> DeserializeAs<'de, Timestamp> for Time {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(D::Error::custom)?;
        let millis = at.unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis).map(Timestamp::from_unix_millis).map_err(|_| D::Error::custom("a time before 1970"))
    }
}

/// Lists of what `R` writes.
pub struct List<R>(PhantomData<R>);

impl<T, R: SerializeAs<T>> SerializeAs<Vec<T>> for List<R> {
    fn serialize_as<S: Serializer>(source: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(source.iter().map(SerializeAsWrap::<T, R>::new))
    }
}

impl<'de, T, R: DeserializeAs<'de, T>> DeserializeAs<'de, Vec<T>> for List<R> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let items = Vec::<DeserializeAsWrap<T, R>>::deserialize(deserializer)?;
        Ok(items.into_iter().map(DeserializeAsWrap::into_inner).collect())
    }
}

/// Shared things that `R` writes, each as if it were alone.
pub struct Shared<R>(PhantomData<R>);

impl<T, R: SerializeAs<T>> SerializeAs<Arc<T>> for Shared<R> {
    fn serialize_as<S: Serializer>(source: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
        R::serialize_as(source, serializer)
    }
}

impl<'de, T, R: DeserializeAs<'de, T>> DeserializeAs<'de, Arc<T>> for Shared<R> {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Arc<T>, D::Error> {
        R::deserialize_as(deserializer).map(Arc::new)
    }
}

/// Says which record a model type is written by, also inside lists and options.
macro_rules! record {
    ($record:ident of $noun:ty) => {
        impl serde_with::SerializeAs<$noun> for $record {
            fn serialize_as<S: serde::Serializer>(source: &$noun, serializer: S) -> Result<S::Ok, S::Error> {
                $record::serialize(source, serializer)
            }
        }

        impl<'de> serde_with::DeserializeAs<'de, $noun> for $record {
            fn deserialize_as<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$noun, D::Error> {
                $record::deserialize(deserializer)
            }
        }
    };
}
pub(super) use record;

/// JSON of a value by its record.
pub fn to_json<R: SerializeAs<T>, T>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&SerializeAsWrap::<T, R>::new(value))
}

/// A value from JSON by its record.
pub fn from_json<'a, R: DeserializeAs<'a, T>, T>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice::<DeserializeAsWrap<T, R>>(json).map(DeserializeAsWrap::into_inner)
}
