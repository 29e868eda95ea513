//! Where each service is called, and how it is reached: what is on this machine directly, everything else by the proxy settings.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{NoProxy, Proxy, Url};

use crate::action::Service;
use crate::client::{ClientConfig, ConfigError};
use crate::error::reasons;
use crate::secret::Secret;

/// How long an unused connection is kept: shorter than what servers usually allow (a minute or more), because a write on a
/// connection that the server is just closing has an open outcome and cannot be repeated.
const IDLE_FOR: Duration = Duration::from_secs(20);
/// How many of them.
const MOST_IDLE: usize = 16;

/// The address of each service, with the HTTP client that reaches it.
pub(crate) struct Endpoints(BTreeMap<Service, (Url, reqwest::Client)>);

impl Endpoints {
    /// Nothing is sent.
    pub(crate) fn new(config: &ClientConfig) -> Result<Self, ConfigError> {
        // The process may have installed a provider before; that one is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut urls = BTreeMap::new();
        for service in Service::ALL {
            urls.insert(service, url(config, service)?);
        }
        let mut clients: BTreeMap<bool, reqwest::Client> = BTreeMap::new();
        for local in [true, false] {
            let mut those = urls.values().filter(|url| is_loopback(url) == local).peekable();
            if those.peek().is_some() {
                clients.insert(local, http(config, local, those.any(|url| url.scheme() == "https"))?);
            }
        }
        let reached = urls.into_iter().filter_map(|(service, url)| {
            let client = clients.get(&is_loopback(&url))?.clone();
            Some((service, (url, client)))
        });
        Ok(Self(reached.collect()))
    }

    /// The address of a service, and what reaches it.
    pub(crate) fn of(&self, service: Service) -> Option<&(Url, reqwest::Client)> {
        self.0.get(&service)
    }
}

/// Its own address, or the one of all services, or its public host.
fn url(config: &ClientConfig, service: Service) -> Result<Url, ConfigError> {
    let own = config.endpoints.get(&service);
    match own.or(config.endpoint.as_ref()) {
        Some(endpoint) => parse_endpoint(endpoint, own.map(|_| service)),
        None => parse_endpoint(&format!("https://{}", service.host()), None),
    }
}

/// `local`: a simulator on this machine is meant, whatever HTTP_PROXY says.
fn http(config: &ClientConfig, local: bool, tls: bool) -> Result<reqwest::Client, ConfigError> {
    let mut http = reqwest::Client::builder()
        .timeout(config.timeout)
        .connect_timeout(config.timeout.min(Duration::from_secs(10)))
        .pool_idle_timeout(IDLE_FOR)
        .pool_max_idle_per_host(MOST_IDLE)
        .redirect(Policy::none())
        .user_agent(&config.request_client);
    let given = config.proxy.as_ref().map(parse_proxy).transpose()?;
    if local {
        http = http.no_proxy();
    } else if let Some(proxy) = given {
        http = http.proxy(proxy);
    }
    // Terraform starts a process for each of its walks, and reading the system's root certificates is most of what a
    // client takes to make (3 to 6 ms). Over plain http none is ever used: redirects are not followed.
    if !tls {
        http = http.tls_certs_only([]);
    }
    http.build().map_err(|error| ConfigError::Http(reasons(&error)))
}

/// A proxy for all that is not on this machine and not excepted by NO_PROXY. Its URL may hold a password and is never shown.
fn parse_proxy(proxy: &Secret) -> Result<Proxy, ConfigError> {
    let url = Url::parse(proxy.expose()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.host_str().is_some()).ok_or(ConfigError::Proxy)?;
    Ok(Proxy::all(url).map_err(|_| ConfigError::Proxy)?.no_proxy(NoProxy::from_env()))
}

fn parse_endpoint(endpoint: &str, service: Option<Service>) -> Result<Url, ConfigError> {
    let refuse = |reason| Err(ConfigError::Endpoint { service, endpoint: endpoint.to_owned(), reason });
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
