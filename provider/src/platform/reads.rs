//! Reading: what exists on the platform. Absence is an answer here (`None`), not an error.
//!
//! Many resources hang on one load balancer, and Terraform refreshes them all at once; what they ask at the same time is asked
//! once for all of them ([`super::shared_read`]).

use std::sync::Arc;

use clb_cloud_api::CallError;
use clb_cloud_api::clb::{
    Backend, DescribeListeners, DescribeLoadBalancers, DescribeTargetHealth, DescribeTargets, Listener,
    ListenerBackend, ListenerHealth, LoadBalancer,
};
use clb_cloud_api::cvm::{DescribeInstances, DescribeZones, Instance};
use clb_cloud_api::ssl::{DescribeCertificateDetail, DescribeCertificateDetailReply};
use clb_cloud_api::vpc::{
    DescribeSecurityGroupAssociationStatistics, DescribeSecurityGroupPolicies, DescribeSecurityGroups, DescribeSubnets,
    DescribeVpcs, SecurityGroup, SecurityGroupPolicySet, Subnet,
};

use super::shared_read::Age;
use super::{Platform, Sighting};
use crate::errors::is_wrong_region;

impl Platform {
    /// A load balancer.
    pub async fn load_balancer(&self, id: &str) -> Result<Option<LoadBalancer>, CallError> {
        let question = DescribeLoadBalancers { load_balancer_ids: Some(vec![id.to_owned()]), ..Default::default() };
        let found = existing(self.call(&question).await.map(|answered| answered.reply.load_balancer_set))?;
        Ok(found.into_iter().flatten().find(|balancer| balancer.load_balancer_id == id))
    }

    /// The same, as it was a moment ago.
    pub async fn recent_load_balancer(&self, id: &str) -> Result<Option<LoadBalancer>, CallError> {
        let asked = self.connection.load_balancers.ask(id, Age::Recent, self.load_balancer(id)).await;
        Ok(asked?.as_ref().clone())
    }

    /// All listeners of a load balancer; `None` when there is no such load balancer.
    pub async fn listeners(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<Listener>>>, CallError> {
        self.listeners_of(load_balancer_id, Age::Now).await
    }

    /// The same, as they were a moment ago: for looking around before anything is decided.
    pub async fn recent_listeners(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<Listener>>>, CallError> {
        self.listeners_of(load_balancer_id, Age::Recent).await
    }

    /// A listener; `None` when it or its load balancer does not exist.
    pub async fn listener(&self, load_balancer_id: &str, id: &str) -> Result<Option<Listener>, CallError> {
        Ok(pick(self.listeners(load_balancer_id).await?, id))
    }

    /// The same, as it was a moment ago.
    pub async fn recent_listener(&self, load_balancer_id: &str, id: &str) -> Result<Option<Listener>, CallError> {
        Ok(pick(self.recent_listeners(load_balancer_id).await?, id))
    }

    /// What is bound to all listeners of a load balancer; `None` when there is no such load balancer.
    pub async fn bound(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<ListenerBackend>>>, CallError> {
        self.bound_to(load_balancer_id, Age::Now).await
    }

    /// The same, as it was a moment ago.
    pub async fn recently_bound(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<ListenerBackend>>>, CallError> {
        self.bound_to(load_balancer_id, Age::Recent).await
    }

    /// How the health checks see what is bound to the listeners of a load balancer.
    pub async fn health(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<ListenerHealth>>>, CallError> {
        existing(self.health_of(load_balancer_id, Age::Now).await)
    }

    /// The same, as they saw it a moment ago; an error when there is no such load balancer.
    pub async fn recent_health(&self, load_balancer_id: &str) -> Result<Arc<Vec<ListenerHealth>>, CallError> {
        self.health_of(load_balancer_id, Age::Recent).await
    }

    /// The backends bound to a listener; `None` when it or its load balancer does not exist.
    pub async fn backends(&self, load_balancer_id: &str, listener_id: &str) -> Result<Option<Vec<Backend>>, CallError> {
        self.backends_of(load_balancer_id, listener_id, Age::Now).await
    }

    /// The same, as they were a moment ago.
    pub async fn recent_backends(
        &self,
        load_balancer_id: &str,
        listener_id: &str,
    ) -> Result<Option<Vec<Backend>>, CallError> {
        self.backends_of(load_balancer_id, listener_id, Age::Recent).await
    }

    async fn health_of(&self, load_balancer_id: &str, age: Age) -> Result<Arc<Vec<ListenerHealth>>, CallError> {
        let question =
            DescribeTargetHealth { load_balancer_ids: vec![load_balancer_id.to_owned()], ..Default::default() };
        let asked = async {
            let balancers = self.call(&question).await?.reply.load_balancers;
            Ok(balancers.into_iter().flat_map(|balancer| balancer.listeners).collect())
        };
        self.connection.health.ask(load_balancer_id, age, asked).await
    }

    async fn listeners_of(&self, load_balancer_id: &str, age: Age) -> Result<Option<Arc<Vec<Listener>>>, CallError> {
        let question = DescribeListeners { load_balancer_id: load_balancer_id.to_owned(), ..Default::default() };
        let asked = async { Ok(self.call(&question).await?.reply.listeners) };
        existing(self.connection.listeners.ask(load_balancer_id, age, asked).await)
    }

    async fn bound_to(&self, load_balancer_id: &str, age: Age) -> Result<Option<Arc<Vec<ListenerBackend>>>, CallError> {
        let question = DescribeTargets { load_balancer_id: load_balancer_id.to_owned(), ..Default::default() };
        let asked = async { Ok(self.call(&question).await?.reply.listeners) };
        existing(self.connection.targets.ask(load_balancer_id, age, asked).await)
    }

    async fn backends_of(
        &self,
        load_balancer_id: &str,
        listener_id: &str,
        age: Age,
    ) -> Result<Option<Vec<Backend>>, CallError> {
        let Some(listeners) = self.bound_to(load_balancer_id, age).await? else { return Ok(None) };
        if let Some(found) = listeners.iter().find(|listener| listener.listener_id == listener_id) {
            return Ok(Some(found.targets.clone()));
        }
        // That a listener without backends is in the reply is not documented.
        let listeners = self.listeners_of(load_balancer_id, age).await?;
        Ok(pick(listeners, listener_id).map(|_| Vec::new()))
    }

    /// A certificate.
    pub async fn certificate(&self, id: &str) -> Result<Option<DescribeCertificateDetailReply>, CallError> {
        let question = DescribeCertificateDetail { certificate_id: id.to_owned() };
        existing(self.call(&question).await.map(|answered| answered.reply))
    }

    /// The same, as it was a moment ago: for what never changes of it.
    pub async fn recent_certificate(&self, id: &str) -> Result<Option<DescribeCertificateDetailReply>, CallError> {
        let asked = self.connection.certificates.ask(id, Age::Recent, self.certificate(id)).await;
        Ok(asked?.as_ref().clone())
    }

    /// The load balancer with an address; `None` also when the platform does not tell.
    pub async fn load_balancer_at(&self, vip: &str) -> Result<Option<LoadBalancer>, CallError> {
        let question = DescribeLoadBalancers { load_balancer_vips: Some(vec![vip.to_owned()]), ..Default::default() };
        let found = told(self.call(&question).await.map(|answered| answered.reply.load_balancer_set))?;
        let has_it = |balancer: &LoadBalancer| balancer.load_balancer_vips.iter().any(|its| its == vip);
        Ok(found.into_iter().flatten().find(has_it))
    }

    /// Whether a zone is there; all zones of the region are asked about.
    pub async fn look_for_zone(&self, name: &str) -> Result<Sighting<()>, CallError> {
        let ask = |_| async {
            let found = told(self.call(&DescribeZones {}).await.map(|answered| answered.reply.zone_set))?;
            Ok(found.map(|found| found.into_iter().map(|zone| (zone.zone, ())).collect()))
        };
        one(self.zones.look(&[name.to_owned()], usize::MAX, ask).await)
    }

    /// Whether a VPC is there.
    pub async fn look_for_vpc(&self, id: &str) -> Result<Sighting<()>, CallError> {
        let ask = |ids| async {
            let question = DescribeVpcs { vpc_ids: Some(ids), ..Default::default() };
            let found = told(self.call(&question).await.map(|answered| answered.reply.vpc_set))?;
            Ok(found.map(|found| found.into_iter().map(|vpc| (vpc.vpc_id, ())).collect()))
        };
        one(self.vpcs.look(&[id.to_owned()], 1, ask).await)
    }

    /// Whether a subnet is there, and in which VPC.
    pub async fn look_for_subnet(&self, id: &str) -> Result<Sighting<String>, CallError> {
        let ask = |ids| async {
            let question = DescribeSubnets { subnet_ids: Some(ids), ..Default::default() };
            let found = told(self.call(&question).await.map(|answered| answered.reply.subnet_set))?;
            let named = |subnet: Subnet| Some((subnet.subnet_id?, subnet.vpc_id.unwrap_or_default()));
            Ok(found.map(|found| found.into_iter().filter_map(named).collect()))
        };
        one(self.subnets.look(&[id.to_owned()], 1, ask).await)
    }

    /// A security group. The platform refuses an unknown id or leaves it out (TFP).
    pub async fn security_group(&self, id: &str) -> Result<Option<SecurityGroup>, CallError> {
        let question = DescribeSecurityGroups { security_group_ids: Some(vec![id.to_owned()]), ..Default::default() };
        let found = existing(self.call(&question).await.map(|answered| answered.reply.security_group_set))?;
        Ok(found.into_iter().flatten().find(|group| group.security_group_id == id))
    }

    /// The rules of a security group.
    pub async fn security_group_rules(&self, id: &str) -> Result<Option<SecurityGroupPolicySet>, CallError> {
        let question = DescribeSecurityGroupPolicies { security_group_id: id.to_owned(), filters: None };
        existing(self.call(&question).await.map(|answered| answered.reply.security_group_policy_set))
    }

    /// Who uses a security group, in words: such as `1 load balancer`.
    pub async fn users_of_security_group(&self, id: &str) -> Result<Vec<String>, CallError> {
        let question = DescribeSecurityGroupAssociationStatistics { security_group_ids: vec![id.to_owned()] };
        let counts = self.call(&question).await?.reply.security_group_association_statistics_set;
        let Some(counts) = counts.into_iter().find(|it| it.security_group_id == id) else { return Ok(Vec::new()) };
        let named = [
            (counts.clb, "load balancer"),
            (counts.cvm, "instance"),
            (counts.eni, "network interface"),
            (counts.cdb, "database"),
            (counts.sg, "security group"),
        ];
        let some = named.into_iter().filter(|(count, _)| *count > 0);
        Ok(some.map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" })).collect())
    }

    /// Whether a security group is there. One at a time: of several with an unknown one among them the platform tells nothing.
    pub async fn look_for_security_group(&self, id: &str) -> Result<Sighting<()>, CallError> {
        let ask = |ids| async {
            let question = DescribeSecurityGroups { security_group_ids: Some(ids), ..Default::default() };
            let found = told(self.call(&question).await.map(|answered| answered.reply.security_group_set))?;
            Ok(found.map(|found| found.into_iter().map(|group| (group.security_group_id, ())).collect()))
        };
        one(self.security_groups.look(&[id.to_owned()], 1, ask).await)
    }

    /// Which of these instances are there, and in which VPC.
    pub async fn look_for_instances(&self, ids: &[String]) -> Result<Vec<(String, Sighting<String>)>, CallError> {
        let ask = |ids| async {
            let limit = i64::try_from(INSTANCES_PER_CALL).ok();
            let question = DescribeInstances { instance_ids: Some(ids), limit, ..Default::default() };
            let found = told(self.call(&question).await.map(|answered| answered.reply.instance_set))?;
            let named = |instance: Instance| (instance.instance_id, instance.virtual_private_cloud.vpc_id);
            Ok(found.map(|found| found.into_iter().map(named).collect()))
        };
        self.instances.look(ids, INSTANCES_PER_CALL, ask).await
    }
}

/// What became of the only id that was looked for.
fn one<T>(looked: Result<Vec<(String, Sighting<T>)>, CallError>) -> Result<Sighting<T>, CallError> {
    Ok(looked?.pop().map_or(Sighting::Untold, |(_, sighting)| sighting))
}

fn pick(listeners: Option<Arc<Vec<Listener>>>, id: &str) -> Option<Listener> {
    listeners?.iter().find(|listener| listener.listener_id == id).cloned()
}

/// DescribeInstances takes at most this many ids.
const INSTANCES_PER_CALL: usize = 100;

/// Reads the platform's word for absence as `None`.
pub fn existing<T>(result: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(CallError::Api(refusal)) if refusal.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads any other refusal as "the platform does not tell", too: looking at networks and instances is another permission than
/// managing load balancers, and an unknown id is refused in some services and left out in others. What every call would meet
/// stays an error.
pub(super) fn told<T: Default>(result: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(CallError::Api(refusal)) if refusal.is_not_found() => Ok(Some(T::default())),
        Err(CallError::Api(refusal)) if !refusal.is_authentication() && !is_wrong_region(&refusal) => Ok(None),
        Err(error) => Err(error),
    }
}
