//! The provider block: credentials, region and endpoint, each from the configuration or from the environment.
//!
//! Configuring sends nothing: a plan that only creates works as far as it can without the platform.

use clb_cloud_api::client::{ClientConfig, ConfigError};
use clb_cloud_api::secret::Secret as WireSecret;
use tfplugin_sdk::{Error, Provider, ProviderConfig, Result, Secret, path};

use crate::platform::Platform;
use crate::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener};

/// The address that modules name as `source`.
const SOURCE: &str = "quic-clb/clb";

/// The region that the official provider assumes too.
const DEFAULT_REGION: &str = "ap-guangzhou";

/// Manages QUIC listeners of Tencent Cloud Load Balancer (CLB), and what they stand on: load balancers, certificates and the
/// backends behind them. It speaks the Tencent Cloud API 3.0, so the same configuration works against the cloud and, with
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

/// The provider with all its resources.
pub fn provider() -> Provider<Platform> {
    Provider::new::<Settings, _>(SOURCE, |config: SettingsConfig| async move {
        let Some(settings) = Settings::from_known(&config) else { return Ok(None) };
        let config = connection(settings, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
        Platform::new(config).map(Some).map_err(refused)
    })
    .resource::<LoadBalancer>()
    .resource::<Certificate>()
    .resource::<QuicListener>()
    .resource::<BackendBinding>()
}

/// Where and as whom to call, from the settings and the environment.
fn connection(settings: Settings, environment: impl Fn(&str) -> Option<String>) -> Result<ClientConfig> {
    let secret = |given: Option<Secret<String>>, variable: &str| {
        given.map(|secret| secret.expose().clone()).or_else(|| environment(variable)).map(WireSecret::from)
    };
    let secret_id = settings.secret_id.or_else(|| environment("TENCENTCLOUD_SECRET_ID"));
    let secret_id = secret_id
        .filter(|id| !id.is_empty())
        .ok_or_else(|| absent("secret id", "TENCENTCLOUD_SECRET_ID").at(path!(secret_id)))?;
    let secret_key = secret(settings.secret_key, "TENCENTCLOUD_SECRET_KEY")
        .filter(|key| !key.expose().is_empty())
        .ok_or_else(|| absent("secret key", "TENCENTCLOUD_SECRET_KEY").at(path!(secret_key)))?;
    let region = settings.region.or_else(|| environment("TENCENTCLOUD_REGION"));
    Ok(ClientConfig {
        endpoint: settings.endpoint.or_else(|| environment("CLB_ENDPOINT")),
        token: secret(settings.token, "TENCENTCLOUD_SECURITY_TOKEN"),
        request_client: concat!("terraform-provider-clb_", env!("CARGO_PKG_VERSION")).to_owned(),
        ..ClientConfig::new(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()), secret_id, secret_key)
    })
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
        ConfigError::Endpoint { .. } => Error::new("The endpoint cannot be used")
            .detail(format!("From `endpoint` or the environment variable CLB_ENDPOINT: {error}."))
            .at(path!(endpoint)),
        ConfigError::Http(_) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, connection, provider};

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
}
