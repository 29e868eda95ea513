//! Who is calling: verifies the signature of a request against the known key pairs, the new one (TC3) and the old.
//!
//! The text that was signed is rebuilt from the raw header values, the Host header included: some official clients sign a
//! host that is not one (`http://127.0.0.1:9000`), and some sign one that they do not send at all.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use clb_cloud_api::secret::Secret;
use clb_cloud_api::sign::{Authorization, MAX_CLOCK_SKEW_SECONDS, Message, SignatureError};
use hyper::Method;
use subtle::ConstantTimeEq;

use super::form_signature::{self, Place, parameter};
use super::refusal::{Fault, WireRule, of_signature};
use super::request::{Asked, Form, Request};
use crate::account;
use crate::config::door::Signatures;
use crate::config::{Config, KeyPair};

/// The key pairs that may sign, and what is checked.
pub struct Keys {
    pairs: BTreeMap<String, KeyPair>,
    /// The account of calls that name no key pair.
    first_account: String,
    mode: Signatures,
    domains: Vec<String>,
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
    /// The name of the service.
    pub service: String,
}

/// What a request says of its signer.
enum Claim<'a> {
    New(Authorization),
    Old(&'a [(String, String)]),
}

impl Keys {
    /// The key pairs of a configuration, for a door at that address.
    pub fn new(config: &Config, door: SocketAddr) -> Self {
        let pairs = &config.key_pairs;
        Self {
            pairs: pairs.iter().map(|pair| (pair.secret_id.clone(), pair.clone())).collect(),
            first_account: pairs.first().map(|pair| pair.account.clone()).unwrap_or_default(),
            mode: config.signatures,
            domains: domains(&config.domains, door),
        }
    }

    /// Who has made this request, at that time (Unix seconds).
    pub fn caller(&self, asked: &Asked<'_>, request: &Request, now: i64) -> Result<Caller, Fault> {
        match self.mode {
            Signatures::Strict => self.verified(asked, request, now),
            Signatures::KnownKeys => self.known(asked, request),
            Signatures::Off => Ok(self.known(asked, request).unwrap_or_else(|_| self.anybody(asked, request))),
        }
    }

    fn verified(&self, asked: &Asked<'_>, request: &Request, now: i64) -> Result<Caller, Fault> {
        let claim = claim(asked, request)?;
        let (pair, name) = self.pair(claim.secret_id())?;
        let token = match &claim {
            Claim::New(_) if *asked.method == Method::POST && matches!(request.form, Form::Pairs(_)) => {
                let about = "a form goes with the old signature only; with TC3-HMAC-SHA256 use application/json";
                return Err(Fault::Wire(WireRule::Request, about.to_owned()));
            }
            Claim::New(authorization) => {
                self.verify_new(authorization, asked, &pair.secret_key, now)?;
                asked.header("x-tc-token")
            }
            Claim::Old(pairs) => {
                self.verify_old(pairs, asked, request, &pair.secret_key, now)?;
                parameter(pairs, "Token")
            }
        };
        check_token(token, pair.token.as_ref())?;
        Ok(Caller { account: account_of(pair, name), service: claim.service(request) })
    }

    fn known(&self, asked: &Asked<'_>, request: &Request) -> Result<Caller, Fault> {
        let claim = claim(asked, request)?;
        let (pair, name) = self.pair(claim.secret_id())?;
        Ok(Caller { account: account_of(pair, name), service: claim.service(request) })
    }

    fn anybody(&self, asked: &Asked<'_>, request: &Request) -> Caller {
        let service = claim(asked, request).map_or_else(|_| of_request(request), |claim| claim.service(request));
        Caller { account: self.first_account.clone(), service }
    }

    /// The key pair with that secret id, and the NAME of `<secret id>-NAME`.
    fn pair<'a>(&self, secret_id: &'a str) -> Result<(&KeyPair, Option<&'a str>), Fault> {
        let known = account::recognise(secret_id, self.pairs.keys().map(String::as_str));
        let found = known.and_then(|(known, name)| Some((self.pairs.get(known)?, name)));
        found.ok_or_else(|| Fault::Wire(WireRule::SecretId, shown(secret_id)))
    }

    fn verify_new(&self, claimed: &Authorization, asked: &Asked<'_>, key: &Secret, now: i64) -> Result<(), Fault> {
        let headers: Vec<(&str, &str)> =
            asked.headers.keys().map(|name| (name.as_str(), asked.header(name.as_str()))).collect();
        let method = asked.method.as_str();
        let (query, body) = match (method, &asked.body) {
            ("GET", _) => (asked.target.query().unwrap_or_default(), &[][..]),
            (_, body) => ("", body.as_deref().unwrap_or_default()),
        };
        let verify = |headers: &[(&str, &str)]| {
            claimed.verify(&Message { method, query, headers, body }, key, now).map_err(|error| of_signature(&error))
        };
        if !asked.header("host").is_empty() {
            return verify(&headers);
        }
        // A host that the client has signed and does not send: the Go SDK with a domain such as `sim@127.0.0.1:9000` (TFP-M).
        let others: Vec<(&str, &str)> = headers.iter().copied().filter(|(name, _)| *name != "host").collect();
        let mut tried = Err(of_signature(&SignatureError::HeaderAbsent("host".to_owned())));
        for host in self.hosts(&claimed.service) {
            let mut headers = others.clone();
            headers.push(("host", &host));
            tried = verify(&headers);
            if tried.is_ok() {
                break;
            }
        }
        tried
    }

    fn verify_old(
        &self,
        pairs: &[(String, String)],
        asked: &Asked<'_>,
        request: &Request,
        key: &Secret,
        now: i64,
    ) -> Result<(), Fault> {
        let timestamp = parameter(pairs, "Timestamp").parse::<i64>();
        let timestamp = timestamp.map_err(|_| of_signature(&SignatureError::Timestamp))?;
        if timestamp.abs_diff(now) > MAX_CLOCK_SKEW_SECONDS {
            return Err(of_signature(&SignatureError::Expired { timestamp, now }));
        }
        let unknown = || {
            let about = "the SignatureMethod has to be HmacSHA1 or HmacSHA256, or TC3-HMAC-SHA256 in a header";
            Fault::Wire(WireRule::Authorization, about.to_owned())
        };
        let algorithm = form_signature::algorithm(pairs).ok_or_else(unknown)?;
        let hosts = match asked.header("host") {
            "" => self.hosts(&of_request(request)),
            host => vec![host.to_owned()],
        };
        let method = asked.method.as_str();
        let matches = hosts.iter().any(|host| {
            [asked.target.path(), "/"]
                .into_iter()
                .any(|path| form_signature::is_signed(pairs, Place { method, host, path }, algorithm, key.expose()))
        });
        if matches { Ok(()) } else { Err(of_signature(&SignatureError::Mismatch)) }
    }

    /// Hosts that a client may have signed without sending one.
    fn hosts(&self, service: &str) -> Vec<String> {
        self.domains.iter().map(|domain| format!("{service}.{domain}")).collect()
    }
}

impl Claim<'_> {
    fn secret_id(&self) -> &str {
        match self {
            Self::New(authorization) => &authorization.secret_id,
            Self::Old(pairs) => parameter(pairs, "SecretId"),
        }
    }

    fn service(&self, request: &Request) -> String {
        match self {
            Self::New(authorization) => authorization.service.clone(),
            Self::Old(_) => of_request(request),
        }
    }
}

fn claim<'a>(asked: &Asked<'_>, request: &'a Request) -> Result<Claim<'a>, Fault> {
    let authorization = asked.header("authorization");
    match &request.form {
        _ if !authorization.is_empty() => authorization.parse().map(Claim::New).map_err(|error| of_signature(&error)),
        Form::Pairs(pairs) if !parameter(pairs, "Signature").is_empty() => Ok(Claim::Old(pairs)),
        _ => {
            let about = "there is neither an Authorization header nor a parameter Signature";
            Err(Fault::Wire(WireRule::Authorization, about.to_owned()))
        }
    }
}

/// Temporary credentials have a token, others have none.
fn check_token(given: &str, expected: Option<&Secret>) -> Result<(), Fault> {
    let expected = expected.map_or("", Secret::expose);
    let equal: bool = given.as_bytes().ct_eq(expected.as_bytes()).into();
    let about = match (equal, expected.is_empty()) {
        (true, _) => return Ok(()),
        (false, true) => "this key pair is permanent, leave X-TC-Token out",
        (false, false) => "this key pair is temporary, and its token is another one",
    };
    Err(Fault::Wire(WireRule::Token, about.to_owned()))
}

fn account_of(pair: &KeyPair, name: Option<&str>) -> String {
    name.map_or_else(|| pair.account.clone(), |name| account::named(&pair.account, name))
}

fn of_request(request: &Request) -> String {
    request.service.map(|service| service.name().to_owned()).unwrap_or_default()
}

/// The domains that were configured, and `sim@` before our own address.
fn domains(configured: &[String], door: SocketAddr) -> Vec<String> {
    let own = [format!("sim@{door}"), format!("sim@localhost:{}", door.port())];
    configured.iter().cloned().chain(own).collect()
}

/// Enough of a SecretId to recognise it; it is no secret, but it comes from outside.
fn shown(secret_id: &str) -> String {
    secret_id.chars().filter(char::is_ascii_graphic).take(64).collect()
}
