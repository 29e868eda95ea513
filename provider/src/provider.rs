//! The provider block: credentials, region and endpoint, each from the configuration or from the environment.
//!
//! Configuring sends nothing: a plan that only creates works as far as it can without the platform.

use clb_cloud_api::client::{ClientConfig, ConfigError};
use clb_cloud_api::secret::Secret as WireSecret;
use tfplugin_sdk::{Error, Provider, ProviderConfig, Result, Secret, path};

use crate::actions::DrainBackend;
use crate::data_sources::{Backends, Certificates, LoadBalancers, QuicListeners, SecurityGroups};
use crate::functions::{BackendIdBuild, BackendIdParse, ListenerIdBuild, ListenerIdParse};
use crate::list_resources::{
    BackendBindingSearch, CertificateSearch, LoadBalancerSearch, QuicListenerSearch, SecurityGroupSearch,
};
use crate::platform::Platform;
use crate::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener, SecurityGroup};

/// The address that modules name as `source`.
const SOURCE: &str = "quic-clb/clb";

/// The region that the official provider assumes too.
const DEFAULT_REGION: &str = "ap-guangzhou";

/// The environment variable that, set to `off`, makes every resource call for itself: to measure what merging saves, and to find out
/// whether it is to blame. Pacing and the order of writes stay.
const MERGING: &str = "CLB_MERGE_CALLS";

/// Manages QUIC listeners of Tencent Cloud Load Balancer (CLB), and what they stand on: load balancers, certificates,
/// security groups and the backends behind them. It speaks the Tencent Cloud API 3.0, so the same configuration works against the cloud and, with
/// `endpoint`, against the simulator.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {
    /// Secret id of the API key. Defaults to the environment variable `TENCENTCLOUD_SECRET_ID`.
    pub secret_id: Option<String>,
    /// Secret key of the API key. Defaults to the environment variable `TENCENTCLOUD_SECRET_KEY`, which keeps it out of
    /// the configuration.
    #[tf(sensitive)]
    pub secret_key: Option<Secret<String>>,
    /// Session token of temporary credentials. Defaults to the environment variable `TENCENTCLOUD_SECURITY_TOKEN`.
    #[tf(sensitive)]
    pub token: Option<Secret<String>>,
    /// Region of all resources, such as `ap-guangzhou`. Defaults to the environment variable `TENCENTCLOUD_REGION`, then to
    /// `ap-guangzhou`.
    pub region: Option<String>,
    /// Base URL of the API, such as `http://127.0.0.1:9000` for a simulator. Plain HTTP is accepted for loopback addresses
    /// only. Defaults to the environment variable `CLB_ENDPOINT`, then to the public endpoint of each service.
    pub endpoint: Option<String>,
}

/// The provider with everything it has.
pub fn provider() -> Provider<Platform> {
    Provider::new::<Settings, _>(SOURCE, |config: SettingsConfig| async move {
        let Some(settings) = Settings::from_known(&config) else { return Ok(None) };
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let merging = environment(MERGING).is_none_or(|value| value != "off");
        Platform::new(connection(settings, environment)?, merging).map(Some).map_err(refused)
    })
    .resource::<LoadBalancer>()
    .resource::<Certificate>()
    .resource::<SecurityGroup>()
    .resource::<QuicListener>()
    .resource::<BackendBinding>()
    .data_source::<LoadBalancers>()
    .data_source::<Certificates>()
    .data_source::<SecurityGroups>()
    .data_source::<QuicListeners>()
    .data_source::<Backends>()
    .list_resource::<LoadBalancerSearch>()
    .list_resource::<CertificateSearch>()
    .list_resource::<SecurityGroupSearch>()
    .list_resource::<QuicListenerSearch>()
    .list_resource::<BackendBindingSearch>()
    .action::<DrainBackend>()
    .function::<ListenerIdBuild>()
    .function::<ListenerIdParse>()
    .function::<BackendIdBuild>()
    .function::<BackendIdParse>()
}

/// Where and as whom to call, from the settings and the environment. An empty text is as good as none: modules pass `""` for what
/// they leave open.
fn connection(settings: Settings, environment: impl Fn(&str) -> Option<String>) -> Result<ClientConfig> {
    let setting = |given: Option<String>, variable: &str| {
        given.filter(|text| !text.is_empty()).or_else(|| environment(variable)).filter(|text| !text.is_empty())
    };
    let secret =
        |given: Option<Secret<String>>, variable: &str| setting(given.map(|secret| secret.expose().clone()), variable);
    let secret_id = setting(settings.secret_id, "TENCENTCLOUD_SECRET_ID")
        .ok_or_else(|| absent("secret id", "TENCENTCLOUD_SECRET_ID").at(path!(secret_id)))?;
    let secret_key = secret(settings.secret_key, "TENCENTCLOUD_SECRET_KEY")
        .ok_or_else(|| absent("secret key", "TENCENTCLOUD_SECRET_KEY").at(path!(secret_key)))?;
    let token = secret(settings.token, "TENCENTCLOUD_SECURITY_TOKEN");
    let region = setting(settings.region, "TENCENTCLOUD_REGION").unwrap_or_else(|| DEFAULT_REGION.to_owned());
    is_one_word(&secret_id, "secret id", "TENCENTCLOUD_SECRET_ID").map_err(|error| error.at(path!(secret_id)))?;
    is_one_word(&secret_key, "secret key", "TENCENTCLOUD_SECRET_KEY").map_err(|error| error.at(path!(secret_key)))?;
    if let Some(token) = &token {
        is_one_word(token, "token", "TENCENTCLOUD_SECURITY_TOKEN").map_err(|error| error.at(path!(token)))?;
    }
    if !region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(Error::new("This is not the name of a region")
            .detail(format!(
                "Regions are named by lower-case letters, digits and hyphens, such as ap-guangzhou; {region:?} is not. Check \
                 `region` or the environment variable TENCENTCLOUD_REGION."
            ))
            .at(path!(region)));
    }
    Ok(ClientConfig {
        endpoint: setting(settings.endpoint, "CLB_ENDPOINT"),
        token: token.map(WireSecret::from),
        request_client: concat!("terraform-provider-clb_", env!("CARGO_PKG_VERSION")).to_owned(),
        ..ClientConfig::new(region, secret_id, secret_key)
    })
}

/// Refuses a credential with a space or a line end in it, as a file or a careless copy leaves them: the platform would only say
/// that the signature is wrong.
fn is_one_word(credential: &str, what: &str, variable: &str) -> Result<()> {
    if credential.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let attribute = what.replace(' ', "_");
    Err(Error::new(format!("The {what} contains characters that do not belong there")).detail(format!(
        "It has a space, a line end or something else besides visible ASCII characters. Check `{attribute}` or the environment \
         variable {variable}; trimspace(file(...)) removes the line end of a file."
    )))
}

fn absent(what: &str, variable: &str) -> Error {
    let attribute = what.replace(' ', "_");
    Error::new(format!("The {what} is missing")).detail(format!(
        "Every call to the cloud is signed with an API key. Set `{attribute}` in the provider block or the environment \
         variable {variable}. The simulator prints its demo key pair when it starts."
    ))
}

fn refused(error: ConfigError) -> Error {
    match error {
        ConfigError::Endpoint { endpoint, reason } => Error::new("The endpoint cannot be used")
            .detail(format!(
                "From `endpoint` or the environment variable CLB_ENDPOINT: `{}` {reason}.",
                without_password(&endpoint)
            ))
            .at(path!(endpoint)),
        ConfigError::Http(_) => error.into(),
    }
}

/// A URL that may be shown: what stands before an `@` may be a password.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://")).unwrap_or_default();
            format!("{scheme}***@{after}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::client::ConfigError;
    use tfplugin_sdk::Secret;

    use super::{Settings, connection, provider, refused};

    const NOTHING: Settings = Settings { secret_id: None, secret_key: None, token: None, region: None, endpoint: None };

    fn environment(name: &str) -> Option<String> {
        match name {
            "TENCENTCLOUD_SECRET_ID" => Some("id-of-environment".to_owned()),
            "TENCENTCLOUD_SECRET_KEY" => Some("key-of-environment".to_owned()),
            "CLB_ENDPOINT" => Some("http://127.0.0.1:1".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn the_schema_is_valid() {
        provider().assert_valid();
    }

    #[test]
    fn the_configuration_wins_over_the_environment() {
        let settings = Settings { secret_id: Some("id-of-block".to_owned()), ..NOTHING };
        let config = connection(settings, environment).expect("complete");
        assert_eq!(config.secret_id, "id-of-block");
        assert_eq!(config.secret_key.expose(), "key-of-environment");
        assert_eq!(config.endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert_eq!(config.region, "ap-guangzhou");
    }

    #[test]
    fn missing_credentials_are_named_with_their_variable() {
        let error = connection(NOTHING, |_| None).expect_err("nothing is set");
        assert_eq!(error.diagnostic().path.to_string(), "secret_id");
        assert!(error.diagnostic().detail.contains("TENCENTCLOUD_SECRET_ID"), "{error}");
        let settings = Settings { secret_id: Some("id".to_owned()), ..NOTHING };
        let error = connection(settings, |_| None).expect_err("no key is set");
        assert_eq!(error.diagnostic().path.to_string(), "secret_key");
    }

    #[test]
    fn an_empty_text_is_as_good_as_none() {
        let empty = || Some(String::new());
        let settings = Settings {
            secret_id: empty(),
            secret_key: Some(Secret::new(String::new())),
            token: Some(Secret::new(String::new())),
            region: empty(),
            endpoint: empty(),
        };
        let config = connection(settings, environment).expect("the environment has the rest");
        assert_eq!((config.secret_id.as_str(), config.region.as_str()), ("id-of-environment", "ap-guangzhou"));
        assert_eq!(config.secret_key.expose(), "key-of-environment");
        assert_eq!(config.endpoint.as_deref(), Some("http://127.0.0.1:1"));
        assert!(config.token.is_none());
    }

    #[test]
    fn credentials_and_regions_that_cannot_be_right_are_refused_without_showing_a_secret() {
        let wrong = |settings: Settings| {
            let error = connection(settings, environment).expect_err("refused");
            assert!(!error.diagnostic().detail.contains("s3cret"), "{error}");
            error.diagnostic().path.to_string()
        };
        let secret = || Some(Secret::new("s3cret\n".to_owned()));
        assert_eq!(wrong(Settings { secret_id: Some(" AKID".to_owned()), ..NOTHING }), "secret_id");
        assert_eq!(wrong(Settings { secret_key: secret(), ..NOTHING }), "secret_key");
        assert_eq!(wrong(Settings { token: secret(), ..NOTHING }), "token");
        assert_eq!(wrong(Settings { region: Some("ap guangzhou".to_owned()), ..NOTHING }), "region");
    }

    #[test]
    fn a_password_in_the_endpoint_is_not_shown() {
        let endpoint = "http://me:s3cret@127.0.0.1:9000".to_owned();
        let error = refused(ConfigError::Endpoint { endpoint, reason: "must not contain a user name or password" });
        assert!(error.diagnostic().detail.contains("http://***@127.0.0.1:9000"), "{error}");
        assert!(!error.diagnostic().detail.contains("s3cret"), "{error}");
    }
}
