//! Who is calling: reads and verifies the signature of a request against the known key pairs.
//!
//! The text that was signed is rebuilt from the raw header values, the Host header included: some official clients sign a
//! host that is not one (`http://127.0.0.1:9000`).

use std::collections::BTreeMap;
use std::fmt;

use clb_cloud_api::sign::{Authorization, Message};
use hyper::HeaderMap;

use super::refusal::{Fault, WireRule, of_signature};
use crate::account;
use crate::config::KeyPair;

/// The key pairs that may sign.
pub struct Keys {
    pairs: BTreeMap<String, KeyPair>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs.keys()).finish()
    }
}

/// Who is calling, and which service the signature is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The service of the credential scope.
    pub service: String,
}

impl Keys {
    /// Those key pairs.
    pub fn new(pairs: &[KeyPair]) -> Self {
        Self { pairs: pairs.iter().map(|pair| (pair.secret_id.clone(), pair.clone())).collect() }
    }

    /// The account that has signed this request, at that time (Unix seconds).
    pub fn verify(&self, method: &str, headers: &HeaderMap, body: &[u8], now: i64) -> Result<Caller, Fault> {
        let pairs: Vec<(&str, &str)> =
            headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let header = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let absent = || Fault::Wire(WireRule::Authorization, "there is no Authorization header".to_owned());
        let authorization: Authorization =
            header("authorization").ok_or_else(absent)?.parse().map_err(|error| of_signature(&error))?;
        let (pair, name) = self
            .by_secret_id(&authorization.secret_id)
            .ok_or_else(|| Fault::Wire(WireRule::SecretId, shown(&authorization.secret_id)))?;
        let message = Message { method, query: "", headers: &pairs, body };
        authorization.verify(&message, &pair.secret_key, now).map_err(|error| of_signature(&error))?;
        if header("x-tc-token").is_some_and(|token| !token.is_empty()) {
            return Err(Fault::Wire(WireRule::Token, String::new()));
        }
        let account = name.map_or_else(|| pair.account.clone(), |name| account::named(&pair.account, name));
        Ok(Caller { account, service: authorization.service })
    }

    /// The key pair with that secret id, and the NAME of `<secret id>-NAME`.
    fn by_secret_id<'a>(&self, secret_id: &'a str) -> Option<(&KeyPair, Option<&'a str>)> {
        let (known, name) = account::recognise(secret_id, self.pairs.keys().map(String::as_str))?;
        Some((self.pairs.get(known)?, name))
    }
}

/// The secret id that a request says it is signed with; nothing is verified.
pub fn claimed_secret_id(authorization: &str) -> &str {
    let claimed = authorization.split_once("Credential=").map_or("", |(_, credential)| credential);
    claimed.split(['/', ',']).next().unwrap_or_default()
}

/// Enough of a SecretId to recognise it; it is no secret, but it comes from outside.
fn shown(secret_id: &str) -> String {
    secret_id.chars().filter(char::is_ascii_graphic).take(64).collect()
}
