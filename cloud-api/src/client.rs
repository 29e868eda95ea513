//! The client: signs a call, posts it, reads the answer, and repeats what is safe to repeat.
//!
//! It waits for nothing but the answer: tasks are [`crate::task`]'s topic, and what to do when a resource is busy is the
//! caller's policy.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Response, Url};
use tokio::sync::Mutex;

use crate::action::{Action, Service};
use crate::endpoints::Endpoints;
use crate::envelope::{Answered, Reply, decode_reply};
use crate::error::{ApiError, CallError, TransportFault, reasons};
use crate::secret::Secret;
use crate::sign::{Message, Signer, sign};
use crate::sts::{AssumeRole, AssumeRoleReply};

const JSON: &str = "application/json";

/// No documented reply comes near this; it bounds what a broken endpoint can make us hold.
const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Keys of a role are renewed so many seconds before they end: an operation that begins now still ends with them.
const RENEWED_BEFORE: i64 = 300;

/// How much of a strange answer an error shows.
const EXCERPT_CHARS: usize = 200;

/// How failed calls are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a call is sent at most when the platform asks for patience or its outcome may be asked again.
    pub attempts: u32,
    /// How often at most when there is no connection; fewer, because mostly nobody is there.
    pub connect_attempts: u32,
    /// The pause before the first repetition; it doubles each time.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            connect_attempts: 3,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
        }
    }
}

impl Retry {
    /// The pause before the repetition with that number, counted from 1.
    fn pause(&self, repetition: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(2_u32.saturating_pow(repetition.saturating_sub(1)));
        doubled.min(self.longest_pause)
    }
}

/// Where and as whom to call.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The base URL of all services, such as `http://127.0.0.1:9000`; None is each service's public host over HTTPS.
    pub endpoint: Option<String>,
    /// The base URLs of services that are somewhere else.
    pub endpoints: BTreeMap<Service, String>,
    /// The URL of an HTTP proxy for what is not on this machine; None is what HTTPS_PROXY and the like say.
    pub proxy: Option<Secret>,
    /// The region, such as `ap-guangzhou`.
    pub region: String,
    /// The public half of the key pair.
    pub secret_id: String,
    /// The secret half.
    pub secret_key: Secret,
    /// The session token of temporary credentials.
    pub token: Option<Secret>,
    /// A role that is taken on with the first call: its temporary keys then sign, and are renewed in time.
    pub role: Option<AssumeRole>,
    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// How failed calls are repeated.
    pub retry: Retry,
    /// Who is calling: `X-TC-RequestClient` and `User-Agent`.
    pub request_client: String,
    /// The clock that timestamps are taken from.
    pub clock: fn() -> SystemTime,
}

impl ClientConfig {
    /// A configuration for the public endpoints with the usual bounds.
    pub fn new(region: impl Into<String>, secret_id: impl Into<String>, secret_key: impl Into<Secret>) -> Self {
        Self {
            endpoint: None,
            endpoints: BTreeMap::new(),
            proxy: None,
            region: region.into(),
            secret_id: secret_id.into(),
            secret_key: secret_key.into(),
            token: None,
            role: None,
            timeout: Duration::from_mins(1),
            retry: Retry::default(),
            request_client: concat!("clb-cloud-api_", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: SystemTime::now,
        }
    }
}

/// Why there is no client for a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The endpoint is not a usable URL.
    #[error("the endpoint `{endpoint}` {reason}")]
    Endpoint {
        /// The service whose own endpoint it is; None is that of all.
        service: Option<Service>,
        /// What was given.
        endpoint: String,
        /// What is wrong with it and what is expected.
        reason: &'static str,
    },
    /// The proxy is not a usable URL. It may hold a password and is not shown.
    #[error("the proxy is not the URL of an HTTP proxy, such as http://proxy.example:3128")]
    Proxy,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// A client of the cloud API. Cloning is cheap; clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    endpoints: Endpoints,
    keys: Arc<Keys>,
    /// Those of the role, once it was taken on.
    role_keys: Mutex<Option<Arc<Keys>>>,
}

/// What signs, and until when (Unix seconds).
struct Keys {
    secret_id: String,
    secret_key: Secret,
    token: Option<Secret>,
    until: i64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        let endpoints = Endpoints::new(&config)?;
        let (secret_id, secret_key, token) =
            (config.secret_id.clone(), config.secret_key.clone(), config.token.clone());
        let keys = Arc::new(Keys { secret_id, secret_key, token, until: i64::MAX });
        Ok(Self { inner: Arc::new(Inner { config, endpoints, keys, role_keys: Mutex::default() }) })
    }

    /// The region that calls are made for.
    pub fn region(&self) -> &str {
        &self.inner.config.region
    }

    /// The address that calls of a service are sent to.
    pub fn endpoint(&self, service: Service) -> String {
        self.inner.endpoints.of(service).map(|(url, _)| url.to_string()).unwrap_or_default()
    }

    /// Calls an action and returns its reply.
    ///
    /// A call is repeated when the platform refuses it for its rate, when no connection can be made, and, if the action may
    /// be repeated without harm ([`Action::is_repeatable`]), when the outcome is open. Dropping the future gives up waiting;
    /// what was sent stays sent.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answered<A::Reply>, CallError> {
        let keys = self.keys().await?;
        self.call_with(action, &keys).await
    }

    /// What signs now. Whoever finds the role not taken on, or its keys about to end, takes it on for all.
    async fn keys(&self) -> Result<Arc<Keys>, CallError> {
        let Inner { config, keys, role_keys, .. } = &*self.inner;
        let Some(role) = &config.role else { return Ok(Arc::clone(keys)) };
        let mut held = role_keys.lock().await;
        let soon = unix_seconds((config.clock)()).saturating_add(RENEWED_BEFORE);
        if let Some(keys) = held.as_ref().filter(|keys| keys.until > soon) {
            return Ok(Arc::clone(keys));
        }
        let answered = self.call_with(role, keys).await?;
        let AssumeRoleReply { credentials, expired_time, .. } = answered.reply;
        if credentials.tmp_secret_id.is_empty() || credentials.tmp_secret_key.expose().is_empty() {
            return Err(CallError::Decode {
                action: AssumeRole::NAME,
                endpoint: self.endpoint(AssumeRole::SERVICE),
                detail: "it has no credentials".to_owned(),
                request_id: Some(answered.request_id),
            });
        }
        let taken_on = Arc::new(Keys {
            secret_id: credentials.tmp_secret_id,
            secret_key: credentials.tmp_secret_key,
            token: Some(credentials.token),
            until: expired_time,
        });
        *held = Some(Arc::clone(&taken_on));
        Ok(taken_on)
    }

    async fn call_with<A: Action>(&self, action: &A, keys: &Keys) -> Result<Answered<A::Reply>, CallError> {
        let body = serde_json::to_vec(action)
            .map_err(|error| CallError::Request { action: A::NAME, detail: error.to_string() })?;
        let retry = self.inner.config.retry;
        let mut sent = 0;
        loop {
            let started = Instant::now();
            let outcome = self.attempt::<A>(&body, keys).await;
            sent += 1;
            let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let error = match outcome {
                Ok(answered) => {
                    tracing::debug!(action = A::NAME, request_id = answered.request_id, millis, "cloud API answered");
                    return Ok(answered);
                }
                Err(error) => error,
            };
            let request_id = error.api().map(|refusal| refusal.request_id.as_str());
            tracing::debug!(action = A::NAME, request_id, millis, attempt = sent, %error, "cloud API call failed");
            if sent >= attempts_for(&error, action.is_repeatable(), &retry) {
                return Err(error);
            }
            tokio::time::sleep(retry.pause(sent)).await;
        }
    }

    async fn attempt<A: Action>(&self, body: &[u8], keys: &Keys) -> Result<Answered<A::Reply>, CallError> {
        let endpoint = self.endpoint(A::SERVICE);
        let (http, request) = self.request::<A>(body, keys)?;
        let transport = |error: reqwest::Error| {
            let fault = match () {
                () if error.is_connect() => TransportFault::Connect,
                () if error.is_timeout() => TransportFault::Timeout,
                () => TransportFault::Broken,
            };
            CallError::Transport {
                action: A::NAME,
                endpoint: endpoint.clone(),
                fault,
                detail: reasons(&error.without_url()),
            }
        };
        let decode = |detail: String, request_id| CallError::Decode {
            action: A::NAME,
            endpoint: endpoint.clone(),
            detail,
            request_id,
        };
        let mut response = http.execute(request).await.map_err(transport)?;
        let status = response.status().as_u16();
        let reply = read_bounded(&mut response).await.map_err(transport)?;
        if status != 200 {
            let excerpt = String::from_utf8_lossy(&reply).chars().take(EXCERPT_CHARS).collect();
            return Err(CallError::Status { action: A::NAME, endpoint, status, excerpt });
        }
        if reply.len() > MAX_REPLY_BYTES {
            return Err(decode(format!("it is longer than {MAX_REPLY_BYTES} bytes"), None));
        }
        match decode_reply(&reply).map_err(|error| decode(error.detail, error.request_id))? {
            Reply::Answered(answered) => Ok(answered),
            Reply::Refused { code, message, request_id } => {
                Err(ApiError { action: A::NAME, code, message, request_id }.into())
            }
        }
    }

    fn request<A: Action>(&self, body: &[u8], keys: &Keys) -> Result<(&reqwest::Client, reqwest::Request), CallError> {
        let config = &self.inner.config;
        let failed = |detail: String| CallError::Request { action: A::NAME, detail };
        let reached = self.inner.endpoints.of(A::SERVICE);
        let (url, http) = reached.ok_or_else(|| failed(format!("{} has no endpoint", A::SERVICE.name())))?;
        let timestamp = unix_seconds((config.clock)());
        let host = host_header(url);
        let headers = [("content-type", JSON), ("host", host.as_str())];
        let message = Message { method: "POST", query: "", headers: &headers, body };
        let signer = Signer { secret_id: &keys.secret_id, secret_key: &keys.secret_key, service: A::SERVICE.name() };
        let authorization = sign(&message, &signer, timestamp).map_err(|error| failed(error.to_string()))?;
        let mut request = http
            .post(url.clone())
            .header(CONTENT_TYPE, JSON)
            .header(AUTHORIZATION, sensitive(&authorization).map_err(&failed)?)
            .header("X-TC-Action", A::NAME)
            .header("X-TC-Version", A::SERVICE.version())
            .header("X-TC-Region", &config.region)
            .header("X-TC-Timestamp", timestamp)
            .header("X-TC-Language", "en-US")
            .header("X-TC-RequestClient", &config.request_client);
        if let Some(token) = &keys.token {
            request = request.header("X-TC-Token", sensitive(token.expose()).map_err(&failed)?);
        }
        let request = request.body(body.to_vec()).build().map_err(|error| failed(reasons(&error)))?;
        Ok((http, request))
    }
}

/// How often a call that failed like this may be sent in all.
fn attempts_for(error: &CallError, repeatable: bool, retry: &Retry) -> u32 {
    match error {
        CallError::Api(refusal) if refusal.is_rate_limited() => retry.attempts,
        CallError::Api(refusal) if refusal.is_internal() && repeatable => retry.attempts,
        CallError::Transport { fault: TransportFault::Connect, .. } => retry.connect_attempts,
        CallError::Transport { .. } | CallError::Decode { .. } if repeatable => retry.connect_attempts,
        CallError::Status { status: 429 | 500..=599, .. } if repeatable => retry.attempts,
        _ => 1,
    }
}

/// What the HTTP client sends as `Host`: the port only where it is not the scheme's own.
fn host_header(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

async fn read_bounded(response: &mut Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_REPLY_BYTES {
            break;
        }
    }
    Ok(body)
}

fn sensitive(value: &str) -> Result<HeaderValue, String> {
    let mut header = HeaderValue::from_str(value)
        .map_err(|_| "the credentials contain characters that a header cannot carry".to_owned())?;
    header.set_sensitive(true);
    Ok(header)
}

fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Client, ClientConfig, ConfigError, Retry, attempts_for};
    use crate::action::Service;
    use crate::error::{ApiError, CallError, TransportFault};

    fn config(endpoint: &str) -> ClientConfig {
        ClientConfig { endpoint: Some(endpoint.to_owned()), ..ClientConfig::new("ap-guangzhou", "AKID", "very-secret") }
    }

    #[test]
    fn only_usable_and_safe_endpoints_are_accepted() {
        for good in ["http://127.0.0.1:9000", "http://localhost:1/", "http://[::1]:9000", "https://clb.example.com"] {
            assert!(Client::new(config(good)).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1:9000", "ftp://a", "http://10.0.0.1:80", "https://a/b", "https://u:p@a", "https://a?b"] {
            let refused = Client::new(config(bad));
            assert!(matches!(refused, Err(ConfigError::Endpoint { .. })), "{bad}");
        }
    }

    #[test]
    fn a_service_can_be_somewhere_else() {
        let other = BTreeMap::from([(Service::Ssl, "http://[::1]:9001".to_owned())]);
        let client = Client::new(ClientConfig { endpoints: other, ..config("http://127.0.0.1:9000") });
        let client = client.expect("the endpoints are fine");
        assert_eq!(client.endpoint(Service::Clb), "http://127.0.0.1:9000/");
        assert_eq!(client.endpoint(Service::Ssl), "http://[::1]:9001/");
        let public = Client::new(ClientConfig::new("ap-guangzhou", "AKID", "key")).expect("the public hosts are fine");
        assert_eq!(public.endpoint(Service::Vpc), "https://vpc.tencentcloudapi.com/");
        let wrong = BTreeMap::from([(Service::Tag, "tag".to_owned())]);
        let refused = Client::new(ClientConfig { endpoints: wrong, ..config("http://127.0.0.1:9000") });
        assert!(matches!(refused, Err(ConfigError::Endpoint { service: Some(Service::Tag), .. })));
    }

    #[test]
    fn a_proxy_is_a_url_and_is_not_shown() {
        let with = |proxy: &str| {
            let config = ClientConfig::new("ap-guangzhou", "AKID", "key");
            Client::new(ClientConfig { proxy: Some(proxy.into()), ..config })
        };
        for good in ["http://proxy.example:3128", "http://me:s3cret@10.0.0.1:80", "https://proxy.example"] {
            let shown = format!("{:?}", with(good).expect(good));
            assert!(!shown.contains("s3cret"), "{shown}");
        }
        for bad in ["proxy.example:3128", "", "socks5://a:1"] {
            assert_eq!(with(bad).err(), Some(ConfigError::Proxy), "{bad}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut config = config("http://127.0.0.1:9000");
        config.token = Some("token-value".into());
        let shown = format!("{:?}", Client::new(config).expect("the endpoint is fine"));
        assert!(shown.contains("AKID") && !shown.contains("very-secret") && !shown.contains("token-value"), "{shown}");
    }

    #[test]
    fn only_what_is_safe_is_repeated() {
        let retry = Retry { attempts: 9, connect_attempts: 4, ..Retry::default() };
        let refused = |code: &str| {
            CallError::Api(ApiError {
                action: "CreateListener",
                code: code.to_owned(),
                message: String::new(),
                request_id: String::new(),
            })
        };
        let transport = |fault| CallError::Transport {
            action: "CreateListener",
            endpoint: String::new(),
            fault,
            detail: String::new(),
        };
        assert_eq!(attempts_for(&refused("RequestLimitExceeded"), false, &retry), 9);
        assert_eq!(attempts_for(&refused("InternalError"), false, &retry), 1);
        assert_eq!(attempts_for(&refused("InternalError"), true, &retry), 9);
        assert_eq!(attempts_for(&refused("FailedOperation.ResourceInOperating"), true, &retry), 1);
        assert_eq!(attempts_for(&transport(TransportFault::Connect), false, &retry), 4);
        assert_eq!(attempts_for(&transport(TransportFault::Timeout), false, &retry), 1);
        assert_eq!(attempts_for(&transport(TransportFault::Timeout), true, &retry), 4);
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        let retry = Retry::default();
        assert_eq!(retry.pause(1), Duration::from_millis(200));
        assert_eq!(retry.pause(2), Duration::from_millis(400));
        assert_eq!(retry.pause(40), retry.longest_pause);
    }
}
