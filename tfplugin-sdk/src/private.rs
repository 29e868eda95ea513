//! What a provider keeps with a resource and shows to nobody: bytes by key, beside the state.
//!
//! On the wire it is a JSON object from key to base64, as the Go framework stores it.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Private state of one resource: bytes by key. Terraform stores it with the state and never looks inside or shows it.
/// It is not encrypted: whoever reads the state file reads it too.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private {
    entries: BTreeMap<String, Vec<u8>>,
    /// Bytes that another provider or an older one wrote in a form of its own.
    foreign: Vec<u8>,
}

impl Private {
    /// What is kept under `key`.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.entries.get(key).map(Vec::as_slice)
    }

    /// What is kept under `key`, if it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Keeps `value` under `key`, in place of what was there.
    ///
    /// # Panics
    ///
    /// When `key` starts with a dot: such keys belong to the SDK.
    pub fn set(&mut self, key: &str, value: impl Into<Vec<u8>>) {
        assert!(!key.starts_with('.'), "private keys that start with a dot belong to the SDK: {key:?}");
        self.entries.insert(key.to_owned(), value.into());
    }

    /// Forgets what is kept under `key`.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
    }

    /// Whether this text stands anywhere in it.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let stands_in = |bytes: &[u8]| bytes.windows(text.len().max(1)).any(|part| part == text.as_bytes());
        self.entries.values().any(|value| stands_in(value)) || stands_in(&self.foreign)
    }

    /// From the bytes Terraform stores. What has another form is kept as it is.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let Ok(texts) = serde_json::from_slice::<BTreeMap<String, String>>(bytes) else {
            return Self { entries: BTreeMap::new(), foreign: bytes.to_vec() };
        };
        let decoded: Result<BTreeMap<_, _>, _> =
            texts.into_iter().map(|(key, text)| Ok::<_, base64::DecodeError>((key, STANDARD.decode(text)?))).collect();
        match decoded {
            Ok(entries) => Self { entries, foreign: Vec::new() },
            Err(_) => Self { entries: BTreeMap::new(), foreign: bytes.to_vec() },
        }
    }

    /// The bytes Terraform stores. Foreign bytes stay as they are until something is kept beside them.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.entries.is_empty() {
            return self.foreign.clone();
        }
        let mut texts: BTreeMap<&str, String> =
            self.entries.iter().map(|(key, value)| (key.as_str(), STANDARD.encode(value))).collect();
        if !self.foreign.is_empty() {
            texts.insert(".foreign", STANDARD.encode(&self.foreign));
        }
        serde_json::to_vec(&texts).unwrap_or_default()
    }
}

/// Only which keys there are: values may be secrets.
impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let mut private = Private::default();
        assert_eq!(private.to_bytes(), b"");
        private.set("etag", "abc");
        private.set("bytes", [0, 255]);
        let back = Private::from_bytes(&private.to_bytes());
        assert_eq!((back.text("etag"), back.get("bytes")), (Some("abc"), Some(&[0, 255][..])));
        assert_eq!(String::from_utf8(private.to_bytes()).unwrap_or_default(), r#"{"bytes":"AP8=","etag":"YWJj"}"#);
        private.remove("etag");
        assert_eq!(Private::from_bytes(&private.to_bytes()).get("etag"), None);
    }

    #[test]
    fn bytes_of_another_form_are_never_lost() {
        for foreign in [&b"\x80not json"[..], b"[1]", br#"{"schema_version":"0"}"#] {
            let mut private = Private::from_bytes(foreign);
            assert_eq!(private.to_bytes(), foreign);
            private.set("new", "1");
            let back = Private::from_bytes(&private.to_bytes());
            assert_eq!((back.text("new"), back.get(".foreign")), (Some("1"), Some(foreign)));
        }
    }

    #[test]
    fn values_are_in_no_debug_output() {
        let mut private = Private::default();
        private.set("token", "hidden");
        assert_eq!(format!("{private:?}"), "{\"token\"}");
    }
}
