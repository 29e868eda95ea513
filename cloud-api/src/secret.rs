//! A string that must not be printed: private keys, secret keys, tokens.
//!
//! It hides the value from `Debug` and so from logs and errors; it does not erase it from memory.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A string whose `Debug` says `(sensitive)`. It serialises as the plain string: a private key has to reach the wire.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps the value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself. Every use of it should be easy to find and to defend.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(sensitive)")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}
