//! TC3-HMAC-SHA256: the signature of every call, made by the client and checked by the server.
//!
//! Pure: the clock is an argument, secrets are looked up by the caller. The old form signature ("v1") is not here.
//!
//! ```text
//! message ── canonical request ── sha256 ──┐
//! timestamp, date/service/tc3_request ─────┴─ string to sign ── HMAC with the derived key ── signature
//! ```

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

use crate::secret::Secret;

/// The name of the algorithm, the first word of the header.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";

/// A timestamp further from the server's clock than this is refused (platform: five minutes).
pub const MAX_CLOCK_SKEW_SECONDS: u64 = 300;

/// The header that can exclude the body from the signature, and the value that does.
const CONTENT_SHA256: &str = "x-tc-content-sha256";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The parts of an HTTP request that a signature covers. No `Debug`: a body may carry a private key.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// What follows `?`, still encoded; empty for POST.
    pub query: &'a str,
    /// Headers by name, in any case and order. When signing all of them are covered; when verifying, those that the
    /// signature names.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; empty for GET.
    pub body: &'a [u8],
}

impl Message<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn canonical(&self, signed_headers: &[String], case: Case) -> Result<String, SignatureError> {
        let mut header_lines = String::new();
        for name in signed_headers {
            let value = self.header(name).ok_or_else(|| SignatureError::HeaderAbsent(name.clone()))?.trim();
            let value = if case == Case::Lower { value.to_lowercase() } else { value.to_owned() };
            header_lines.extend([name, ":", &value, "\n"]);
        }
        let unsigned = self.header(CONTENT_SHA256) == Some(UNSIGNED_PAYLOAD);
        let payload = if unsigned { UNSIGNED_PAYLOAD.as_bytes() } else { self.body };
        let (method, query) = (self.method, self.query);
        Ok(format!("{method}\n/\n{query}\n{header_lines}\n{}\n{}", signed_headers.join(";"), sha256_hex(payload)))
    }
}

/// How the values of headers are written in what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// As the documentation says.
    Lower,
    /// As they are sent: so the official Go and Python SDKs sign a host or a boundary with capitals (GO, SDK).
    Sent,
}

/// Who signs, for which service.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The public half of the key pair.
    pub secret_id: &'a str,
    /// The secret half.
    pub secret_key: &'a Secret,
    /// The signing name of the service, such as `clb`.
    pub service: &'a str,
}

/// Signs a message: the value of the `Authorization` header. `timestamp` is what `X-TC-Timestamp` says, in Unix seconds.
pub fn sign(message: &Message<'_>, signer: &Signer<'_>, timestamp: i64) -> Result<String, SignatureError> {
    let mut signed_headers: Vec<String> = message.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    signed_headers.sort();
    let authorization = Authorization {
        secret_id: signer.secret_id.to_owned(),
        date: date_of(timestamp)?,
        service: signer.service.to_owned(),
        signed_headers,
        signature: String::new(),
    };
    let signature = authorization.expected_signature(message, signer.secret_key, timestamp, Case::Lower)?;
    Ok(Authorization { signature, ..authorization }.to_string())
}

/// A parsed `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The key pair that claims to have signed.
    pub secret_id: String,
    /// `YYYY-MM-DD`, the UTC date of the timestamp.
    pub date: String,
    /// The signing name of the service.
    pub service: String,
    /// The names of the covered headers, lower case, in the order of the header.
    pub signed_headers: Vec<String>,
    /// Lower-case hexadecimal.
    pub signature: String,
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The `Authorization` header does not have the form of this algorithm.
    #[error("the Authorization header is malformed: {0}")]
    Malformed(&'static str),
    /// `X-TC-Timestamp` is absent, not a number, or no date.
    #[error("X-TC-Timestamp is absent or no Unix time")]
    Timestamp,
    /// The timestamp is too far from the server's clock.
    #[error("the timestamp {timestamp} is more than {MAX_CLOCK_SKEW_SECONDS} seconds from the server's clock ({now})")]
    Expired {
        /// What the request says, in Unix seconds.
        timestamp: i64,
        /// What the server's clock says.
        now: i64,
    },
    /// The date of the credential scope is not that of the timestamp.
    #[error("the date in the credential scope is not the date of the timestamp")]
    DateMismatch,
    /// `content-type` or `host` is not among the signed headers.
    #[error("the header `{0}` must be signed")]
    HeaderNotSigned(&'static str),
    /// A signed header does not occur in the request.
    #[error("the signed header `{0}` is not in the request")]
    HeaderAbsent(String),
    /// The signature is another one.
    #[error("the signature does not match")]
    Mismatch,
}

impl Authorization {
    /// Checks the signature of a message against the secret key of [`Authorization::secret_id`], at the server's time `now`
    /// (Unix seconds). The comparison takes the same time whatever the signatures have in common.
    pub fn verify(&self, message: &Message<'_>, secret_key: &Secret, now: i64) -> Result<(), SignatureError> {
        let timestamp = message.header("x-tc-timestamp").and_then(|value| value.trim().parse::<i64>().ok());
        let timestamp = timestamp.ok_or(SignatureError::Timestamp)?;
        if timestamp.abs_diff(now) > MAX_CLOCK_SKEW_SECONDS {
            return Err(SignatureError::Expired { timestamp, now });
        }
        if date_of(timestamp)? != self.date {
            return Err(SignatureError::DateMismatch);
        }
        for required in ["content-type", "host"] {
            if !self.signed_headers.iter().any(|name| name == required) {
                return Err(SignatureError::HeaderNotSigned(required));
            }
        }
        for case in [Case::Lower, Case::Sent] {
            let expected = self.expected_signature(message, secret_key, timestamp, case)?;
            let equal: bool = expected.as_bytes().ct_eq(self.signature.as_bytes()).into();
            if equal {
                return Ok(());
            }
        }
        Err(SignatureError::Mismatch)
    }

    fn expected_signature(
        &self,
        message: &Message<'_>,
        key: &Secret,
        at: i64,
        case: Case,
    ) -> Result<String, SignatureError> {
        let canonical = sha256_hex(message.canonical(&self.signed_headers, case)?.as_bytes());
        let scope = format!("{}/{}/tc3_request", self.date, self.service);
        let text = format!("{ALGORITHM}\n{at}\n{scope}\n{canonical}");
        let of_date = hmac(format!("TC3{}", key.expose()).as_bytes(), &self.date);
        let of_service = hmac(&of_date, &self.service);
        let derived = hmac(&of_service, "tc3_request");
        Ok(hex(&hmac(&derived, &text)))
    }
}

impl FromStr for Authorization {
    type Err = SignatureError;

    /// Reads `TC3-HMAC-SHA256 Credential=<id>/<date>/<service>/tc3_request, SignedHeaders=<a;b>, Signature=<hex>`.
    fn from_str(header: &str) -> Result<Self, SignatureError> {
        let rest = header.trim().strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' '));
        let rest = rest.ok_or(SignatureError::Malformed("unknown algorithm"))?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            let (part, value) = match part.trim().split_once('=') {
                Some(("Credential", value)) => (&mut credential, value),
                Some(("SignedHeaders", value)) => (&mut signed_headers, value),
                Some(("Signature", value)) => (&mut signature, value),
                _ => return Err(SignatureError::Malformed("a part is none of Credential, SignedHeaders, Signature")),
            };
            if part.replace(value).is_some() {
                return Err(SignatureError::Malformed("a part occurs twice"));
            }
        }
        let credential = credential.ok_or(SignatureError::Malformed("Credential is absent"))?;
        let scope: Vec<&str> = credential.split('/').collect();
        let [secret_id, date, service, "tc3_request"] = scope[..] else {
            return Err(SignatureError::Malformed("Credential is not <id>/<date>/<service>/tc3_request"));
        };
        let signed_headers = signed_headers.ok_or(SignatureError::Malformed("SignedHeaders is absent"))?;
        let signature = signature.ok_or(SignatureError::Malformed("Signature is absent"))?;
        Ok(Self {
            secret_id: secret_id.to_owned(),
            date: date.to_owned(),
            service: service.to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_lowercase).collect(),
            signature: signature.to_owned(),
        })
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret_id, date, service, signed_headers, signature } = self;
        let signed_headers = signed_headers.join(";");
        write!(f, "{ALGORITHM} Credential={secret_id}/{date}/{service}/tc3_request, ")?;
        write!(f, "SignedHeaders={signed_headers}, Signature={signature}")
    }
}

fn date_of(timestamp: i64) -> Result<String, SignatureError> {
    let date = OffsetDateTime::from_unix_timestamp(timestamp).map_err(|_| SignatureError::Timestamp)?.date();
    Ok(format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()))
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::{Authorization, Case, Message, SignatureError, Signer, sha256_hex, sign};
    use crate::secret::Secret;

    const NOW: i64 = 1_700_000_000;
    const HEADERS: [(&str, &str); 2] = [("Content-Type", "application/json"), ("Host", "clb.tencentcloudapi.com")];
    const BODY: &[u8] = br#"{"LoadBalancerId": "lb-12345678"}"#;

    fn message<'a>(headers: &'a [(&'a str, &'a str)]) -> Message<'a> {
        Message { method: "POST", query: "", headers, body: BODY }
    }

    fn secret_key() -> Secret {
        Secret::new("SECRETKEYEXAMPLE000000")
    }

    fn signed() -> Authorization {
        let key = secret_key();
        let signer = Signer { secret_id: "AKIDEXAMPLE0000000000", secret_key: &key, service: "clb" };
        sign(&message(&HEADERS), &signer, NOW).expect("signs").parse().expect("parses")
    }

    fn verify(authorization: &Authorization, timestamp: &str, now: i64, body: &[u8]) -> Result<(), SignatureError> {
        let headers = [HEADERS[0], ("X-TC-Timestamp", timestamp), HEADERS[1]];
        authorization.verify(&Message { body, ..message(&headers) }, &secret_key(), now)
    }

    /// The vector that the platform's documentation publishes.
    #[test]
    fn the_documented_vector_is_reproduced() {
        let headers = [("Content-Type", "application/json; charset=utf-8"), ("Host", "cvm.tencentcloudapi.com")];
        let body = br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let message = Message { method: "POST", query: "", headers: &headers, body };
        assert_eq!(sha256_hex(body), "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064");
        let canonical =
            message.canonical(&["content-type".to_owned(), "host".to_owned()], Case::Lower).expect("has both headers");
        assert_eq!(
            sha256_hex(canonical.as_bytes()),
            "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031"
        );
        let key = Secret::new("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE");
        let signer = Signer { secret_id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secret_key: &key, service: "cvm" };
        assert_eq!(
            sign(&message, &signer, 1_551_113_065).expect("signs"),
            "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host, \
             Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        );
    }

    #[test]
    fn the_load_balancer_vector_is_reproduced_and_accepted() {
        let authorization = signed();
        assert_eq!(authorization.signature, "b3488739574a97c51a8eff6d963fbd4820d4a0c0074d21a084a8138d10190b04");
        assert_eq!(verify(&authorization, &NOW.to_string(), NOW, BODY), Ok(()));
    }

    #[test]
    fn one_changed_byte_is_refused() {
        let authorization = signed();
        let at = NOW.to_string();
        assert_eq!(verify(&authorization, &at, NOW, b"{}"), Err(SignatureError::Mismatch));
        let other = Authorization { signature: authorization.signature.replace('b', "c"), ..authorization.clone() };
        assert_eq!(verify(&other, &at, NOW, BODY), Err(SignatureError::Mismatch));
        let truncated = Authorization { signature: authorization.signature[..60].to_owned(), ..authorization.clone() };
        assert_eq!(verify(&truncated, &at, NOW, BODY), Err(SignatureError::Mismatch));
        let other_service = Authorization { service: "vpc".to_owned(), ..authorization };
        assert_eq!(verify(&other_service, &at, NOW, BODY), Err(SignatureError::Mismatch));
    }

    #[test]
    fn five_minutes_of_skew_are_the_limit() {
        let authorization = signed();
        let at = NOW.to_string();
        assert_eq!(verify(&authorization, &at, NOW + 300, BODY), Ok(()));
        assert_eq!(verify(&authorization, &at, NOW - 300, BODY), Ok(()));
        let expired = verify(&authorization, &at, NOW + 301, BODY);
        assert_eq!(expired, Err(SignatureError::Expired { timestamp: NOW, now: NOW + 301 }));
        assert_eq!(verify(&authorization, "soon", NOW, BODY), Err(SignatureError::Timestamp));
        let next_day = (NOW + 86_400).to_string();
        assert_eq!(verify(&authorization, &next_day, NOW + 86_400, BODY), Err(SignatureError::DateMismatch));
    }

    #[test]
    fn content_type_and_host_must_be_signed_and_present() {
        let authorization = signed();
        let only_type = Authorization { signed_headers: vec!["content-type".to_owned()], ..authorization.clone() };
        assert_eq!(verify(&only_type, &NOW.to_string(), NOW, BODY), Err(SignatureError::HeaderNotSigned("host")));
        let mut signed_headers = authorization.signed_headers.clone();
        signed_headers.push("x-tc-action".to_owned());
        let more = Authorization { signed_headers, ..authorization };
        let absent = verify(&more, &NOW.to_string(), NOW, BODY);
        assert_eq!(absent, Err(SignatureError::HeaderAbsent("x-tc-action".to_owned())));
    }

    #[test]
    fn values_of_headers_are_accepted_in_lower_case_and_as_they_are_sent() {
        let headers = [HEADERS[0], ("Host", "Sim.Test:9000"), ("X-TC-Timestamp", "1700000000")];
        for case in [Case::Lower, Case::Sent] {
            let mut authorization = signed();
            let expected = authorization.expected_signature(&message(&headers), &secret_key(), NOW, case);
            authorization.signature = expected.expect("signs");
            assert_eq!(authorization.verify(&message(&headers), &secret_key(), NOW), Ok(()), "{case:?}");
        }
    }

    #[test]
    fn the_body_can_be_left_out_of_the_signature() {
        let key = secret_key();
        let headers = [HEADERS[0], HEADERS[1], ("X-TC-Content-SHA256", "UNSIGNED-PAYLOAD")];
        let signer = Signer { secret_id: "AKID", secret_key: &key, service: "clb" };
        let one = sign(&Message { body: b"a", ..message(&headers) }, &signer, NOW);
        let other = sign(&Message { body: b"b", ..message(&headers) }, &signer, NOW);
        assert_eq!(one, other);
    }

    #[test]
    fn a_malformed_header_is_told_from_a_wrong_signature() {
        for header in [
            "SKIP",
            "TC3-HMAC-SHA256",
            "TC3-HMAC-SHA256Credential=a/2023-11-14/clb/tc3_request, SignedHeaders=host, Signature=00",
            "TC3-HMAC-SHA256 Credential=a/2023-11-14/clb/tc3_request, SignedHeaders=host, Signature=00, Signature=11",
            "TC3-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
            "TC3-HMAC-SHA256 SignedHeaders=host, Signature=00",
            "TC3-HMAC-SHA256 Credential=a/2023-11-14/clb/tc3_request, Signature=00",
            "TC3-HMAC-SHA256 Credential=a/2023-11-14/clb/tc3_request, SignedHeaders=host",
        ] {
            let parsed = header.parse::<Authorization>();
            assert!(matches!(parsed, Err(SignatureError::Malformed(_))), "{header}: {parsed:?}");
        }
    }
}
