//! The provider block, and everything the provider has.
//!
//! Configuring sends nothing: a plan that only creates works as far as it can without the platform. What becomes of the block is
//! `provider/connection.rs`' topic.

mod connection;
mod environment;

use tfplugin_sdk::{Provider, ProviderConfig, Secret};

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

/// The environment variable that, set to `off`, makes every resource call for itself: to measure what merging saves, and to find out
/// whether it is to blame. Pacing and the order of writes stay.
const MERGING: &str = "CLB_MERGE_CALLS";

/// Manages QUIC listeners of Tencent Cloud Load Balancer (CLB), and what they stand on: load balancers, certificates,
/// security groups and the backends behind them. It speaks the Tencent Cloud API 3.0, so the same configuration works against the cloud and, with
/// `endpoint`, against the simulator.
#[derive(Clone, Debug, PartialEq, ProviderConfig)]
pub struct Settings {
    /// Secret id of the API key. Defaults to the environment variables `CLB_SECRET_ID` and `TENCENTCLOUD_SECRET_ID`, then to the
    /// profile of `tccli`.
    pub secret_id: Option<String>,
    /// Secret key of the API key. Defaults to the environment variables `CLB_SECRET_KEY` and `TENCENTCLOUD_SECRET_KEY`, which keep
    /// it out of the configuration, then to the profile of `tccli`.
    #[tf(sensitive)]
    pub secret_key: Option<Secret<String>>,
    /// Session token of temporary credentials. Defaults to the environment variables `CLB_SECURITY_TOKEN` and
    /// `TENCENTCLOUD_SECURITY_TOKEN`, then to the profile of `tccli` if the key pair is from there.
    #[tf(sensitive)]
    pub token: Option<Secret<String>>,
    /// Region of all resources, such as `ap-guangzhou`. Defaults to the environment variables `CLB_REGION` and
    /// `TENCENTCLOUD_REGION`, then to the profile of `tccli`, then to `ap-guangzhou`.
    pub region: Option<String>,
    /// Folder with the profiles of `tccli`. Defaults to the environment variables `CLB_SHARED_CREDENTIALS_DIR` and
    /// `TENCENTCLOUD_SHARED_CREDENTIALS_DIR`, then to `~/.tccli`.
    pub shared_credentials_dir: Option<String>,
    /// Name of the profile there. Defaults to the environment variables `CLB_PROFILE` and `TENCENTCLOUD_PROFILE`, then to
    /// `default`.
    pub profile: Option<String>,
    /// Role to take on: its temporary keys then sign all other calls.
    pub assume_role: Option<AssumeRole>,
    /// Base URL of the API, such as `http://127.0.0.1:9000` for a simulator. Plain HTTP is accepted for loopback addresses
    /// only. Defaults to the environment variable `CLB_ENDPOINT`, then to the public endpoint of each service.
    pub endpoint: Option<String>,
    /// Base URLs of single services that are not where `endpoint` says.
    pub endpoints: Option<Endpoints>,
    /// URL of an HTTP proxy, such as `http://proxy.example:3128`, for everything that is not on this machine. Defaults to the
    /// environment variable `HTTPS_PROXY`; what `NO_PROXY` names is called directly.
    #[tf(sensitive)]
    pub proxy: Option<Secret<String>>,
}

/// A role to take on.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct AssumeRole {
    /// Name of the role as a resource, such as `qcs::cam::uin/100000000001:roleName/deployer`.
    #[tf(
        pattern = "^qcs::cam::uin/[0-9]+:role(Name)?/.+$",
        message = "a role, such as qcs::cam::uin/100000000001:roleName/deployer"
    )]
    pub role_arn: String,
    /// What the session is called in audit logs: 2 to 128 letters, digits and `+=,.@_-`. Defaults to `terraform`.
    #[tf(pattern = "^[A-Za-z0-9_+=,.@-]{2,128}$", message = "2 to 128 letters, digits and +=,.@_-")]
    pub session_name: Option<String>,
    /// How long the keys of the role last, in seconds, 900 to 43200; they are renewed in time. Defaults to 7200.
    #[tf(range(900..=43200))]
    pub session_duration: Option<u32>,
    /// External id, if the owner of the role asks for one.
    #[tf(length(2..=128))]
    pub external_id: Option<String>,
}

/// Base URLs of single services, in the form of `endpoint`.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct Endpoints {
    /// Load balancers.
    pub clb: Option<String>,
    /// Certificates.
    pub ssl: Option<String>,
    /// Networks and security groups.
    pub vpc: Option<String>,
    /// Instances.
    pub cvm: Option<String>,
    /// Tags.
    pub tag: Option<String>,
    /// Roles.
    pub sts: Option<String>,
}

/// The provider with everything it has.
pub fn provider() -> Provider<Platform> {
    Provider::new::<Settings, _>(SOURCE, |config: SettingsConfig| async move {
        let Some(settings) = Settings::from_known(&config) else { return Ok(None) };
        let environment = |name: &str| std::env::var(name).ok();
        let merging = environment(MERGING).is_none_or(|value| value != "off");
        let config = connection::config(settings, environment)?;
        Platform::new(config, merging).map(Some).map_err(connection::refused)
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

#[cfg(test)]
mod tests {
    use super::provider;

    #[test]
    fn the_schema_is_valid() {
        provider().assert_valid();
    }
}
