//! The client: signs a call, posts it, reads the answer, and repeats what is safe to repeat.
//!
//! It waits for nothing but the answer: tasks are [`crate::task`]'s topic, and what to do when a resource is busy is the
//! caller's policy.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};

use crate::action::{Action, Service};
use crate::envelope::{Answered, Reply, decode_reply};
use crate::error::{ApiError, CallError, TransportFault};
use crate::secret::Secret;
use crate::sign::{Message, Signer, sign};

const JSON: &str = "application/json";

/// No documented reply comes near this; it bounds what a broken endpoint can make us hold.
const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// How long an unused connection is kept: shorter than what servers usually allow (a minute or more), because a write on a
/// connection that the server is just closing has an open outcome and cannot be repeated.
const IDLE_FOR: Duration = Duration::from_secs(20);
/// How many of them.
const MOST_IDLE: usize = 16;

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
    /// The region, such as `ap-guangzhou`.
    pub region: String,
    /// The public half of the key pair.
    pub secret_id: String,
    /// The secret half.
    pub secret_key: Secret,
    /// The session token of temporary credentials.
    pub token: Option<Secret>,
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
            region: region.into(),
            secret_id: secret_id.into(),
            secret_key: secret_key.into(),
            token: None,
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
        /// What was given.
        endpoint: String,
        /// What is wrong with it and what is expected.
        reason: &'static str,
    },
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
    endpoint: Option<Url>,
    http: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. Nothing is sent.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        let endpoint = config.endpoint.as_deref().map(parse_endpoint).transpose()?;
        // The process may have installed a provider before; that one is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(10)))
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(MOST_IDLE)
            .redirect(Policy::none())
            .user_agent(&config.request_client);
        // A simulator on this machine is meant, whatever HTTP_PROXY says; the public endpoints go by the proxy settings.
        if endpoint.as_ref().is_some_and(is_loopback) {
            http = http.no_proxy();
        }
        // Terraform starts a process for each of its walks, and reading the system's root certificates is most of what a
        // client takes to make (3 to 6 ms). Over plain http none is ever used: redirects are not followed.
        if endpoint.as_ref().is_some_and(|url| url.scheme() == "http") {
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(|error| ConfigError::Http(reasons(&error)))?;
        Ok(Self { inner: Arc::new(Inner { config, endpoint, http }) })
    }

    /// The region that calls are made for.
    pub fn region(&self) -> &str {
        &self.inner.config.region
    }

    /// The address that calls of a service are sent to.
    pub fn endpoint(&self, service: Service) -> String {
        match &self.inner.endpoint {
            Some(url) => url.to_string(),
            None => format!("https://{}/", service.host()),
        }
    }

    /// Calls an action and returns its reply.
    ///
    /// A call is repeated when the platform refuses it for its rate, when no connection can be made, and, if the action may
    /// be repeated without harm ([`Action::is_repeatable`]), when the outcome is open. Dropping the future gives up waiting;
    /// what was sent stays sent.
    pub async fn call<A: Action>(&self, action: &A) -> Result<Answered<A::Reply>, CallError> {
        let body = serde_json::to_vec(action)
            .map_err(|error| CallError::Request { action: A::NAME, detail: error.to_string() })?;
        let retry = self.inner.config.retry;
        let mut sent = 0;
        loop {
            let started = Instant::now();
            let outcome = self.attempt::<A>(&body).await;
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

    async fn attempt<A: Action>(&self, body: &[u8]) -> Result<Answered<A::Reply>, CallError> {
        let endpoint = self.endpoint(A::SERVICE);
        let request = self.request::<A>(&endpoint, body)?;
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
        let mut response = self.inner.http.execute(request).await.map_err(transport)?;
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

    fn request<A: Action>(&self, endpoint: &str, body: &[u8]) -> Result<reqwest::Request, CallError> {
        let config = &self.inner.config;
        let failed = |detail: String| CallError::Request { action: A::NAME, detail };
        let url = Url::parse(endpoint).map_err(|error| failed(error.to_string()))?;
        let timestamp = unix_seconds((config.clock)());
        let host = host_header(&url);
        let headers = [("content-type", JSON), ("host", host.as_str())];
        let message = Message { method: "POST", query: "", headers: &headers, body };
        let signer =
            Signer { secret_id: &config.secret_id, secret_key: &config.secret_key, service: A::SERVICE.name() };
        let authorization = sign(&message, &signer, timestamp).map_err(|error| failed(error.to_string()))?;
        let mut request = self
            .inner
            .http
            .post(url)
            .header(CONTENT_TYPE, JSON)
            .header(AUTHORIZATION, sensitive(&authorization).map_err(&failed)?)
            .header("X-TC-Action", A::NAME)
            .header("X-TC-Version", A::SERVICE.version())
            .header("X-TC-Region", &config.region)
            .header("X-TC-Timestamp", timestamp)
            .header("X-TC-Language", "en-US")
            .header("X-TC-RequestClient", &config.request_client);
        if let Some(token) = &config.token {
            request = request.header("X-TC-Token", sensitive(token.expose()).map_err(&failed)?);
        }
        request.body(body.to_vec()).build().map_err(|error| failed(reasons(&error)))
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

fn parse_endpoint(endpoint: &str) -> Result<Url, ConfigError> {
    let refuse = |reason| Err(ConfigError::Endpoint { endpoint: endpoint.to_owned(), reason });
    let Ok(url) = Url::parse(endpoint) else {
        return refuse("is not a URL; expected something like http://127.0.0.1:9000");
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return refuse("must start with http:// or https:// and name a host");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return refuse("must end after the host and port; the API is always served at the root path");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not contain a user name or password; credentials have their own settings");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refuse("must use https:// unless it is a loopback address: calls carry private keys");
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
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

/// The error and what caused it, outermost first, without the URL that the caller knows.
fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Client, ClientConfig, ConfigError, Retry, attempts_for};
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
