//! How much of everything the account may have. Asked once: the limits change on request only.

use clb_cloud_api::CallError;
use clb_cloud_api::clb::DescribeQuota;

use super::Platform;
use super::reads::told;

/// Something there is a limit for, and that DescribeQuota tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// Public load balancers of the region.
    PublicLoadBalancers,
    /// Internal load balancers of the region.
    InternalLoadBalancers,
    /// Public load balancers of the region with an address of a single carrier.
    CarrierLoadBalancers,
    /// Listeners of a load balancer.
    Listeners,
    /// Backends of a listener.
    Backends,
}

impl Quota {
    /// The platform's name for it (SDK).
    pub fn id(self) -> &'static str {
        match self {
            Self::PublicLoadBalancers => "TOTAL_OPEN_CLB_QUOTA",
            Self::InternalLoadBalancers => "TOTAL_INTERNAL_CLB_QUOTA",
            Self::CarrierLoadBalancers => "TOTAL_ISP_CLB_QUOTA",
            Self::Listeners => "TOTAL_LISTENER_QUOTA",
            Self::Backends => "TOTAL_TARGET_BIND_QUOTA",
        }
    }
}

/// A limit, and how much of it was used when it was asked about; the platform tells that of load balancers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many there may be.
    pub limit: usize,
    /// How many there are.
    pub used: Option<usize>,
}

impl Platform {
    /// The limit of something; `None` when the platform does not tell.
    pub async fn limit(&self, quota: Quota) -> Result<Option<Limit>, CallError> {
        let asked = || async {
            let told = told(self.call(&DescribeQuota {}).await.map(|answered| answered.reply.quota_set))?;
            Ok::<_, CallError>(told.unwrap_or_default())
        };
        let limits = self.limits.get_or_try_init(asked).await?;
        let found = limits.iter().find(|limit| limit.quota_id == quota.id());
        Ok(found.and_then(|found| {
            let used = found.quota_current.and_then(|used| usize::try_from(used).ok());
            Some(Limit { limit: usize::try_from(found.quota_limit).ok()?, used })
        }))
    }
}
