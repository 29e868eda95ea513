//! Certificates as listeners of the account use them: which load balancers use one, and putting another in its place.

use clb_cloud_api::action::Accepted;
use clb_cloud_api::clb;
use clb_model::listener::Listener;
use clb_model::load_balancer::LoadBalancer;
use clb_model::refusal::{Field, Refusal};
use clb_model::rules::Rule;

use super::refusal::Fault;
use super::{Call, listener, load_balancer};

const MOST_IDS: usize = 20;

/// Load balancers of the region that is asked (a choice: certificates are the account's, the action is a region's). One
/// that nobody uses, or nobody has, is shown with none.
pub(super) fn users(
    call: &Call<'_>,
    request: clb::DescribeLoadBalancerListByCertId,
) -> Result<clb::DescribeLoadBalancerListByCertIdReply, Fault> {
    let ids = request.cert_ids;
    if ids.len() > MOST_IDS {
        return Err(Refusal::new(Rule::CertListIdsMax20).at(Field::CertificateIds).given(ids.len()).into());
    }
    call.in_region(|world, region| {
        let entry = |id: String| {
            let using = |listener: &Listener| listener.certificates().any(|certificate| certificate.id.as_str() == id);
            let uses = |it: &&LoadBalancer| it.listeners().any(using);
            let load_balancers =
                region.load_balancers().filter(uses).map(|it| load_balancer::view(it, region, world)).collect();
            clb::CertIdRelatedWithLoadBalancers { cert_id: id, load_balancers }
        };
        Ok(clb::DescribeLoadBalancerListByCertIdReply { cert_set: ids.into_iter().map(entry).collect() })
    })
}

/// Done when it answers, in the region of the call.
pub(super) async fn replace(call: &Call<'_>, request: clb::ReplaceCertForLoadBalancers) -> Result<Accepted, Fault> {
    let (old, draft) = (request.old_certificate_id, listener::tls(request.certificate));
    call.write(|world, occasion| world.replace_certificate(call.region, &old, &draft, occasion))?;
    call.in_effect().await?;
    Ok(Accepted {})
}
