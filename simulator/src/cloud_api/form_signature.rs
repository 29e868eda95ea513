//! The old signature ("v1") that official SDKs still have: everything is a parameter of the query or of the form, the
//! signature too (GO, QD). Only the check is here; which key, which host and which time are [`super::signature`]'s topic.
//!
//! ```text
//! METHOD + host + path + ? + name=value pairs, sorted by name, joined with &, not encoded ── HMAC ── base64 ── Signature
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Parameters that belong to the call and not to its action.
pub const COMMON: [&str; 11] = [
    "Action",
    "Language",
    "Nonce",
    "Region",
    "RequestClient",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Timestamp",
    "Token",
    "Version",
];

/// What is signed besides the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The host as the client wrote it.
    pub host: &'a str,
    /// The path.
    pub path: &'a str,
}

/// The value of a parameter; empty when it is not there.
pub fn parameter<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// The algorithm that `SignatureMethod` names; `None` for one that does not exist.
pub fn algorithm(pairs: &[(String, String)]) -> Option<hmac::Algorithm> {
    match parameter(pairs, "SignatureMethod") {
        "" | "HmacSHA1" => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "HmacSHA256" => Some(hmac::HMAC_SHA256),
        _ => None,
    }
}

/// Whether the parameters are signed with that key. The Go SDK leaves empty ones out of what it signs, others do not.
pub fn is_signed(pairs: &[(String, String)], place: Place<'_>, algorithm: hmac::Algorithm, secret_key: &str) -> bool {
    let Ok(signature) = STANDARD.decode(parameter(pairs, "Signature")) else { return false };
    let key = hmac::Key::new(algorithm, secret_key.as_bytes());
    let matches = |with_empty| hmac::verify(&key, text(pairs, place, with_empty).as_bytes(), &signature).is_ok();
    matches(false) || (pairs.iter().any(|(_, value)| value.is_empty()) && matches(true))
}

fn text(pairs: &[(String, String)], place: Place<'_>, with_empty: bool) -> String {
    let mut signed: Vec<&(String, String)> =
        pairs.iter().filter(|(name, value)| name != "Signature" && (with_empty || !value.is_empty())).collect();
    signed.sort();
    let parameters: Vec<String> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}{}{}?{}", place.method, place.host, place.path, parameters.join("&"))
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::{Place, algorithm, is_signed, text};

    const PLACE: Place<'_> = Place { method: "GET", host: "cvm.tencentcloudapi.com", path: "/" };

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_signed_is_sorted_and_not_encoded() {
        let pairs = pairs(&[("Limit", "20"), ("Action", "X"), ("Signature", "s"), ("A.0", "a b&c"), ("Empty", "")]);
        assert_eq!(text(&pairs, PLACE, false), "GETcvm.tencentcloudapi.com/?A.0=a b&c&Action=X&Limit=20");
        assert_eq!(text(&pairs, PLACE, true), "GETcvm.tencentcloudapi.com/?A.0=a b&c&Action=X&Empty=&Limit=20");
    }

    #[test]
    fn only_the_right_key_method_and_text_match() {
        let method = |method: &str| algorithm(&pairs(&[("SignatureMethod", method)]));
        assert!(method("HmacMD5").is_none() && method("").is_some() && method("HmacSHA256").is_some());
        // HMAC-SHA1 with the key `key` of `GETcvm.tencentcloudapi.com/?Action=X`.
        let signed = pairs(&[("Action", "X"), ("Signature", "5djHdTisGd3kb1sJCg03hf5atgg=")]);
        let sha1 = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
        assert!(is_signed(&signed, PLACE, sha1, "key"));
        assert!(!is_signed(&signed, PLACE, sha1, "other"));
        assert!(!is_signed(&signed, PLACE, hmac::HMAC_SHA256, "key"));
        assert!(!is_signed(&signed, Place { method: "POST", ..PLACE }, sha1, "key"));
        assert!(!is_signed(&pairs(&[("Action", "X"), ("Signature", "no base64!")]), PLACE, sha1, "key"));
    }
}
