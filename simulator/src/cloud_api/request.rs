//! A request as it came, and what it asks for: action, version, region and arguments, whichever way they are written.
//! Whether it is signed is not decided here.
//!
//! | request | `Content-Type` | signature | arguments |
//! |---|---|---|---|
//! | POST | `application/json` | TC3 | a JSON object |
//! | POST | `multipart/form-data` | TC3 | parts with dotted names |
//! | GET | any | TC3 | the query, with dotted names |
//! | GET, or POST of `application/x-www-form-urlencoded` | any | the old one, a parameter itself | the same, among the common ones |
//!
//! (platform.md 3.1 to 3.4: INTL 608/33031, QD 0ce3c585)

use std::net::SocketAddr;

use bytes::Bytes;
use clb_cloud_api::action::Service;
use hyper::header::HeaderMap;
use hyper::{Method, Uri};
use serde_json::error::Category;

use super::arguments::{Arguments, Written};
use super::flat;
use super::form_signature::{COMMON, parameter};
use super::multipart;
use super::refusal::{Fault, WireRule};
use crate::config::door::Limits;

/// A request as it came.
pub(crate) struct Asked<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// What it is sent to: a path, or a URL when the client takes us for its proxy.
    pub target: &'a Uri,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Where it comes from.
    pub peer: Option<SocketAddr>,
    /// Its body, or what is wrong with it.
    pub body: Result<Bytes, (WireRule, String)>,
}

/// What is asked for.
#[derive(Debug)]
pub struct Request {
    /// Such as `DescribeListeners`.
    pub action: String,
    /// Such as `2018-03-17`.
    pub version: String,
    /// Such as `ap-guangzhou`; may be empty.
    pub region: String,
    /// Which program asks, as it says; may be empty.
    pub client: String,
    /// How it is written.
    pub form: Form,
    /// The service that the host or the action is of, for requests whose signature does not name one.
    pub service: Option<Service>,
}

/// How a request is written.
#[derive(Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object as the body.
    Json,
    /// Parts as the body, by name.
    Parts,
    /// The query or a form, by name; common parameters are among them.
    Pairs(Vec<(String, String)>),
    /// In a way that is not served.
    Other,
}

/// Headers of which one request has one.
const ONCE: [&str; 4] = ["authorization", "content-length", "content-type", "host"];
/// What the platform's own headers begin with.
const OWN_HEADERS: &str = "x-tc-";

fn bad(about: impl Into<String>) -> Fault {
    Fault::Wire(WireRule::Request, about.into())
}

fn large(what: &str, bytes: usize) -> Fault {
    Fault::Wire(WireRule::BodySize, format!("{what} has more than {bytes} bytes"))
}

fn no_text(about: &str) -> Fault {
    Fault::Wire(WireRule::BodyText, about.to_owned())
}

impl Asked<'_> {
    /// The value of a header, as bytes that are UTF-8.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).unwrap_or_default()
    }

    /// The `Content-Type` without its parameters.
    fn media_type(&self) -> &str {
        self.header("content-type").split(';').next().unwrap_or_default().trim()
    }

    fn body(&self) -> Result<&Bytes, Fault> {
        self.body.as_ref().map_err(|(rule, about)| Fault::Wire(*rule, about.clone()))
    }

    /// What is asked for. Arguments are read later, when it is known who asks.
    pub fn read(&self, limits: &Limits) -> Result<Request, Fault> {
        self.check_headers()?;
        let form = self.form(limits)?;
        let pairs: &[(String, String)] = if let Form::Pairs(pairs) = &form { pairs } else { &[] };
        let common = |header: &str, name: &str| match self.header(header) {
            "" => parameter(pairs, name).to_owned(),
            value => value.to_owned(),
        };
        let action = common("x-tc-action", "Action");
        let version = common("x-tc-version", "Version");
        let region = common("x-tc-region", "Region");
        let client = common("x-tc-requestclient", "RequestClient");
        let service = service(self.host(), &version, &action);
        Ok(Request { action, version, region, client, form, service })
    }

    /// The secret id that the request says it is signed with; nothing is verified.
    pub fn claimed_secret_id<'a>(&'a self, request: &'a Request) -> &'a str {
        match (self.header("authorization"), &request.form) {
            ("", Form::Pairs(pairs)) => parameter(pairs, "SecretId"),
            (authorization, _) => {
                let claimed = authorization.split_once("Credential=").map_or("", |(_, credential)| credential);
                claimed.split(['/', ',']).next().unwrap_or_default()
            }
        }
    }

    /// The host as the client names it: in the target when it takes us for its proxy, in the header otherwise.
    fn host(&self) -> &str {
        self.target.host().unwrap_or_else(|| self.header("host"))
    }

    /// A second value of a header that is signed or decides would leave open which one counts.
    fn check_headers(&self) -> Result<(), Fault> {
        let once = |name: &str| ONCE.contains(&name) || name.starts_with(OWN_HEADERS);
        let twice =
            self.headers.keys().find(|name| once(name.as_str()) && self.headers.get_all(*name).iter().count() > 1);
        twice.map_or(Ok(()), |name| Err(bad(format!("the header `{name}` occurs more than once"))))
    }

    fn form(&self, limits: &Limits) -> Result<Form, Fault> {
        let query = self.target.query().unwrap_or_default();
        let media_type = self.media_type();
        if *self.method == Method::GET {
            if query.len() > limits.query {
                return Err(large("the query of a GET", limits.query));
            }
            return pairs(query);
        }
        if *self.method != Method::POST {
            return Err(bad("only GET and POST are served"));
        }
        let body = self.body()?;
        if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            if body.len() > limits.form {
                return Err(large("a form", limits.form));
            }
            return pairs(std::str::from_utf8(body).map_err(|_| no_text("a form has to be UTF-8"))?);
        }
        if media_type.eq_ignore_ascii_case("multipart/form-data") {
            return Ok(Form::Parts);
        }
        if media_type.eq_ignore_ascii_case("application/json") {
            return Ok(Form::Json);
        }
        Ok(Form::Other)
    }

    /// The arguments of the action.
    pub fn arguments(&self, request: &Request) -> Result<Arguments, Fault> {
        let flat = |pairs: &[(String, String)]| {
            let own = pairs.iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
            let entries = flat::tree(own.map(|(name, value)| (name.as_str(), value.as_str())));
            let entries = entries.map_err(|error| bad(error.to_string()))?;
            Ok(Arguments { entries, written: Written::Text })
        };
        match &request.form {
            Form::Pairs(pairs) => flat(pairs),
            Form::Parts => {
                let pairs = multipart::pairs(self.header("content-type"), self.body()?);
                flat(&pairs.map_err(|error| bad(error.to_string()))?)
            }
            Form::Json => {
                let text = std::str::from_utf8(self.body()?).map_err(|_| no_text("the body has to be UTF-8"))?;
                let entries = serde_json::from_str(text).map_err(|error| bad(no_object(&error)))?;
                Ok(Arguments { entries, written: Written::Json })
            }
            Form::Other => Err(bad(
                "the Content-Type has to be application/json, or multipart/form-data, or with the old signature \
                 application/x-www-form-urlencoded",
            )),
        }
    }
}

fn pairs(encoded: &str) -> Result<Form, Fault> {
    flat::pairs(encoded).map(Form::Pairs).map_err(|error| bad(error.to_string()))
}

/// Says where, never what: the body may have secrets in it.
fn no_object(error: &serde_json::Error) -> String {
    let what = "the body has to be a JSON object, nested 127 levels at most";
    match error.classify() {
        Category::Data | Category::Io => what.to_owned(),
        Category::Syntax | Category::Eof => format!("{what}: see line {}, column {}", error.line(), error.column()),
    }
}

/// Actions of cvm among those of its version, which it shares with vpc.
const OF_CVM: [&str; 4] = ["DescribeImages", "DescribeInstances", "DescribeRegions", "DescribeZones"];

/// The service whose name the host begins with; of any other host, the one that has the version and the action.
fn service(host: &str, version: &str, action: &str) -> Option<Service> {
    let label = host.split(['.', ':']).next().unwrap_or_default();
    Service::by_name(label).or_else(|| {
        let of_version = Service::ALL.into_iter().filter(|service| service.version() == version);
        of_version.min_by_key(|service| (*service == Service::Cvm) != OF_CVM.contains(&action))
    })
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::action::Service;

    use super::service;

    #[test]
    fn a_service_is_told_by_its_host_or_else_by_version_and_action() {
        assert_eq!(service("vpc.ap-guangzhou.tencentcloudapi.com", "", ""), Some(Service::Vpc));
        assert_eq!(service("ssl.sim@127.0.0.1:9000", "2018-03-17", ""), Some(Service::Ssl));
        assert_eq!(service("127.0.0.1:9000", "2018-03-17", "DescribeListeners"), Some(Service::Clb));
        assert_eq!(service("localhost", "2017-03-12", "DescribeVpcs"), Some(Service::Vpc));
        assert_eq!(service("localhost", "2017-03-12", "DescribeInstances"), Some(Service::Cvm));
        assert_eq!(service("localhost", "", "DescribeInstances"), None);
    }
}
