//! DescribeQuota: the limits of the account, and what of them is used.

use clb_cloud_api::clb;
use clb_model::quota::Quota;

use super::Call;
use super::refusal::Fault;

/// The limits that the platform shows, in its order (TKE).
const SHOWN: [(&str, Quota); 8] = [
    ("TOTAL_OPEN_CLB_QUOTA", Quota::PublicLoadBalancers),
    ("TOTAL_INTERNAL_CLB_QUOTA", Quota::InternalLoadBalancers),
    ("TOTAL_LISTENER_QUOTA", Quota::Listeners),
    ("TOTAL_LISTENER_RULE_QUOTA", Quota::ForwardingRules),
    ("TOTAL_TARGET_BIND_QUOTA", Quota::Targets),
    ("TOTAL_SNAT_IP_QUOTA", Quota::SnatAddresses),
    ("TOTAL_FULL_PORT_RANGE_LISTENER_QUOTA", Quota::FullRangeListeners),
    ("TOTAL_ISP_CLB_QUOTA", Quota::CarrierLoadBalancers),
];

pub(super) fn describe(call: &Call<'_>, _request: clb::DescribeQuota) -> Result<clb::DescribeQuotaReply, Fault> {
    call.in_region(|world, region| {
        let view = |(id, quota): (&str, Quota)| {
            let used = world.quota_used(&region.name, quota)?;
            Ok(clb::Quota {
                quota_id: id.to_owned(),
                quota_current: used.and_then(|used| i64::try_from(used).ok()),
                quota_limit: i64::try_from(world.quotas.limit(quota)).unwrap_or(i64::MAX),
            })
        };
        Ok(clb::DescribeQuotaReply { quota_set: SHOWN.into_iter().map(view).collect::<Result<_, _>>()? })
    })
}
