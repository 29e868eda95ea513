//! What an action of the cloud API is: a request type with a name, a service and a reply type.
//!
//! The request and reply types live with their service ([`crate::clb`], [`crate::ssl`], ...); how they travel is
//! [`crate::envelope`]'s topic.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A service of the cloud, as far as this crate speaks to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Load balancers.
    Clb,
    /// Certificates.
    Ssl,
    /// Networks.
    Vpc,
    /// Instances.
    Cvm,
    /// Tags.
    Tag,
    /// Who is asking.
    Sts,
}

impl Service {
    /// All services, in the order of their names in the documentation.
    pub const ALL: [Self; 6] = [Self::Clb, Self::Ssl, Self::Vpc, Self::Cvm, Self::Tag, Self::Sts];

    /// The name that the credential scope of a signature carries, whatever the endpoint.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clb => "clb",
            Self::Ssl => "ssl",
            Self::Vpc => "vpc",
            Self::Cvm => "cvm",
            Self::Tag => "tag",
            Self::Sts => "sts",
        }
    }

    /// The value of `X-TC-Version`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Clb => "2018-03-17",
            Self::Ssl => "2019-12-05",
            Self::Vpc | Self::Cvm => "2017-03-12",
            Self::Tag | Self::Sts => "2018-08-13",
        }
    }

    /// The public host of the China site.
    pub const fn host(self) -> &'static str {
        match self {
            Self::Clb => "clb.tencentcloudapi.com",
            Self::Ssl => "ssl.tencentcloudapi.com",
            Self::Vpc => "vpc.tencentcloudapi.com",
            Self::Cvm => "cvm.tencentcloudapi.com",
            Self::Tag => "tag.tencentcloudapi.com",
            Self::Sts => "sts.tencentcloudapi.com",
        }
    }

    /// The service with that name in the credential scope.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

/// A request of the cloud API. The implementing type is the request itself, named as the API names the action.
pub trait Action: Serialize + DeserializeOwned + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The service the action belongs to.
    const SERVICE: Service;
    /// The value of `X-TC-Action`.
    const NAME: &'static str;
    /// What the action answers, without the `RequestId`.
    type Reply: Serialize + DeserializeOwned + Default + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// Whether the request may be sent again after a failure that leaves open if it was carried out. By the API's naming
    /// rule an action that only reads starts with `Describe`.
    fn is_repeatable(&self) -> bool {
        Self::NAME.starts_with("Describe")
    }
}

/// The reply of actions that answer with nothing but their `RequestId`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {}

/// A structure that the API documents and that this crate does not describe (layer-7 rules, prepaid billing, ...).
pub type Opaque = serde_json::Value;

/// Names the request types of a service: `actions! { Clb: DescribeListeners => DescribeListenersReply; }`.
macro_rules! actions {
    ($service:ident: $($request:ident => $reply:ident;)+) => {$(
        impl crate::action::Action for $request {
            const SERVICE: crate::action::Service = crate::action::Service::$service;
            const NAME: &'static str = stringify!($request);
            type Reply = $reply;
        }
    )+};
}
pub(crate) use actions;

#[cfg(test)]
mod tests {
    use super::{Action, Service};
    use crate::clb;

    #[test]
    fn only_reads_and_creations_with_a_token_may_be_repeated() {
        assert!(clb::DescribeTaskStatus::default().is_repeatable());
        assert!(!clb::DeleteListener::default().is_repeatable());
        assert!(!clb::CreateLoadBalancer::default().is_repeatable());
        let with_token = clb::CreateLoadBalancer { client_token: Some("once".to_owned()), ..Default::default() };
        assert!(with_token.is_repeatable());
    }

    #[test]
    fn a_service_is_found_by_its_signing_name() {
        for service in Service::ALL {
            assert_eq!(Service::by_name(service.name()), Some(service));
        }
        assert_eq!(Service::by_name("CLB"), None);
    }
}
