//! Quotas: how much of everything an account may have. The platform sets them per account and raises them on request, so
//! they are values of a world that can be adjusted.

use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// Something there is a limit for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// Public load balancers of a region.
    PublicLoadBalancers,
    /// Internal load balancers of a region.
    InternalLoadBalancers,
    /// Public load balancers of a region with an address of a single carrier.
    CarrierLoadBalancers,
    /// Listeners of a load balancer.
    Listeners,
    /// Forwarding rules of a layer-7 listener; nothing here has any.
    ForwardingRules,
    /// Targets of a listener.
    Targets,
    /// SNAT addresses of a load balancer; nothing here has any.
    SnatAddresses,
    /// Listeners of a load balancer with the full range of ports; nothing here has any.
    FullRangeListeners,
    /// Security groups of a load balancer.
    SecurityGroups,
    /// Deletions of load balancers in a region within five minutes.
    Deletions,
    /// Server certificates of a QUIC listener. Not the platform's: whether it takes several there is not established, so
    /// with one `MultiCertInfo` is refused, and with more it is taken.
    QuicListenerCertificates,
}

impl Quota {
    /// Every quota.
    pub const ALL: [Self; 11] = [
        Self::PublicLoadBalancers,
        Self::InternalLoadBalancers,
        Self::CarrierLoadBalancers,
        Self::Listeners,
        Self::ForwardingRules,
        Self::Targets,
        Self::SnatAddresses,
        Self::FullRangeListeners,
        Self::SecurityGroups,
        Self::Deletions,
        Self::QuicListenerCertificates,
    ];

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicLoadBalancers => "public-load-balancers",
            Self::InternalLoadBalancers => "internal-load-balancers",
            Self::CarrierLoadBalancers => "carrier-load-balancers",
            Self::Listeners => "listeners",
            Self::ForwardingRules => "forwarding-rules",
            Self::Targets => "targets",
            Self::SnatAddresses => "snat-addresses",
            Self::FullRangeListeners => "full-range-listeners",
            Self::SecurityGroups => "security-groups",
            Self::Deletions => "deletions",
            Self::QuicListenerCertificates => "quic-listener-certificates",
        }
    }

    /// The quota with that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quota| quota.name() == name)
    }

    /// The limit of an account that has asked for nothing: what a real account's DescribeQuota says (TKE), and what the
    /// documentation says of what that does not list (QD 78ae521d: 5 security groups; SDK: 30 deletions).
    pub const fn default_limit(self) -> u32 {
        match self {
            Self::PublicLoadBalancers => 100,
            Self::InternalLoadBalancers | Self::Targets => 200,
            Self::CarrierLoadBalancers => 15,
            Self::Listeners | Self::ForwardingRules => 50,
            Self::SnatAddresses => 10,
            Self::FullRangeListeners | Self::QuicListenerCertificates => 1,
            Self::SecurityGroups => 5,
            Self::Deletions => 30,
        }
    }
}

/// The limits of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    limits: [u32; Quota::ALL.len()],
}

impl Default for Quotas {
    fn default() -> Self {
        Self { limits: Quota::ALL.map(Quota::default_limit) }
    }
}

impl Quotas {
    /// How many there may be.
    pub fn limit(&self, quota: Quota) -> usize {
        usize::try_from(self.limits[quota as usize]).unwrap_or(usize::MAX)
    }

    /// Refuses what would be more than there may be.
    pub(crate) fn check(&self, quota: Quota, wanted: usize, rule: Rule, field: Field) -> Result<(), Refusal> {
        let limit = self.limit(quota);
        require(wanted <= limit, || {
            Refusal::new(rule).at(field).given(format_args!("{wanted}, and the quota is {limit}"))
        })
    }

    /// Sets how many there may be.
    pub fn set(&mut self, quota: Quota, limit: u32) {
        self.limits[quota as usize] = limit;
    }

    /// Every quota and its limit.
    pub fn iter(&self) -> impl Iterator<Item = (Quota, u32)> {
        Quota::ALL.into_iter().zip(self.limits)
    }
}

#[cfg(test)]
mod tests {
    use super::{Quota, Quotas};

    #[test]
    fn quotas_are_listed_in_the_order_of_their_numbers() {
        for (index, quota) in Quota::ALL.into_iter().enumerate() {
            assert_eq!(quota as usize, index);
            assert_eq!(Quota::by_name(quota.name()), Some(quota));
        }
    }

    #[test]
    fn a_limit_can_be_set() {
        let mut quotas = Quotas::default();
        quotas.set(Quota::Listeners, 3);
        assert_eq!((quotas.limit(Quota::Listeners), quotas.limit(Quota::Targets)), (3, 200));
    }
}
