//! Reading: what exists on the platform. Absence is an answer here (`None`), not an error.
//!
//! Many resources hang on one load balancer, and Terraform refreshes them all at once; what they ask at the same time is asked
//! once for all of them.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use clb_cloud_api::CallError;
use clb_cloud_api::clb::{
    Backend, DescribeListeners, DescribeLoadBalancers, DescribeTargets, Listener, ListenerBackend, LoadBalancer,
};
use clb_cloud_api::cvm::{DescribeInstances, Instance};
use clb_cloud_api::ssl::{DescribeCertificateDetail, DescribeCertificateDetailReply};
use clb_cloud_api::vpc::{
    DescribeSecurityGroupAssociationStatistics, DescribeSecurityGroupPolicies, DescribeSecurityGroups, DescribeSubnets,
    DescribeVpcs, SecurityGroup, SecurityGroupPolicySet, Subnet,
};

use super::{Platform, Sighting};
use crate::errors::is_wrong_region;

impl Platform {
    /// A load balancer.
    pub async fn load_balancer(&self, id: &str) -> Result<Option<LoadBalancer>, CallError> {
        let question = DescribeLoadBalancers { load_balancer_ids: Some(vec![id.to_owned()]), ..Default::default() };
        let found = existing(self.call(&question).await.map(|answered| answered.reply.load_balancer_set))?;
        Ok(found.into_iter().flatten().find(|balancer| balancer.load_balancer_id == id))
    }

    /// All listeners of a load balancer; `None` when there is no such load balancer.
    pub async fn listeners(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<Listener>>>, CallError> {
        let question = DescribeListeners { load_balancer_id: load_balancer_id.to_owned(), ..Default::default() };
        let asked = async { Ok(self.call(&question).await?.reply.listeners) };
        existing(self.listeners.ask(load_balancer_id, asked).await)
    }

    /// A listener; `None` when it or its load balancer does not exist.
    pub async fn listener(&self, load_balancer_id: &str, id: &str) -> Result<Option<Listener>, CallError> {
        let listeners = self.listeners(load_balancer_id).await?;
        Ok(listeners.and_then(|listeners| listeners.iter().find(|listener| listener.listener_id == id).cloned()))
    }

    /// What is bound to all listeners of a load balancer; `None` when there is no such load balancer.
    pub async fn bound(&self, load_balancer_id: &str) -> Result<Option<Arc<Vec<ListenerBackend>>>, CallError> {
        let question = DescribeTargets { load_balancer_id: load_balancer_id.to_owned(), ..Default::default() };
        let asked = async { Ok(self.call(&question).await?.reply.listeners) };
        existing(self.targets.ask(load_balancer_id, asked).await)
    }

    /// The backends bound to a listener; `None` when it or its load balancer does not exist.
    pub async fn backends(&self, load_balancer_id: &str, listener_id: &str) -> Result<Option<Vec<Backend>>, CallError> {
        let Some(listeners) = self.bound(load_balancer_id).await? else { return Ok(None) };
        if let Some(found) = listeners.iter().find(|listener| listener.listener_id == listener_id) {
            return Ok(Some(found.targets.clone()));
        }
        // That a listener without backends is in the reply is not documented.
        Ok(self.listener(load_balancer_id, listener_id).await?.map(|_| Vec::new()))
    }

    /// A certificate.
    pub async fn certificate(&self, id: &str) -> Result<Option<DescribeCertificateDetailReply>, CallError> {
        let question = DescribeCertificateDetail { certificate_id: id.to_owned() };
        existing(self.call(&question).await.map(|answered| answered.reply))
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

/// A question about a load balancer that many ask at once.
///
/// While one call is on its way, those who come wait for the next one and share its answer: nobody gets an answer to a question
/// that was sent before they asked, so a write is always followed by a read that sees it.
#[derive(Debug)]
pub(super) struct SharedRead<T> {
    /// One flight per load balancer that is being asked about; those nobody waits for are forgotten.
    flights: Mutex<HashMap<String, Arc<Flight<T>>>>,
}

impl<T> Default for SharedRead<T> {
    fn default() -> Self {
        Self { flights: Mutex::default() }
    }
}

#[derive(Debug)]
struct Flight<T> {
    started: Mutex<u64>,
    last: tokio::sync::Mutex<Option<Landed<T>>>,
}

#[derive(Debug)]
struct Landed<T> {
    number: u64,
    answer: Result<Arc<Vec<T>>, CallError>,
}

impl<T> Flight<T> {
    fn new() -> Self {
        Self { started: Mutex::new(0), last: tokio::sync::Mutex::new(None) }
    }

    /// The number of the newest flight that has started.
    fn newest(&self) -> u64 {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> u64 {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        *started += 1;
        *started
    }
}

impl<T> SharedRead<T> {
    async fn ask(
        &self,
        load_balancer_id: &str,
        question: impl Future<Output = Result<Vec<T>, CallError>>,
    ) -> Result<Arc<Vec<T>>, CallError> {
        let flight = self.flight(load_balancer_id);
        let before = flight.newest();
        let mut last = flight.last.lock().await;
        if let Some(landed) = last.as_ref().filter(|landed| landed.number > before) {
            return landed.answer.clone();
        }
        let number = flight.start();
        let answer = question.await.map(Arc::new);
        *last = Some(Landed { number, answer: answer.clone() });
        answer
    }

    fn flight(&self, load_balancer_id: &str) -> Arc<Flight<T>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, flight| Arc::strong_count(flight) > 1);
        Arc::clone(flights.entry(load_balancer_id.to_owned()).or_insert_with(|| Arc::new(Flight::new())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::sync::oneshot;

    use super::SharedRead;

    #[tokio::test]
    async fn those_who_ask_while_a_call_is_on_its_way_share_the_next_one() {
        let (reads, calls) = (SharedRead::<u8>::default(), AtomicUsize::new(0));
        let (release, released) = oneshot::channel::<()>();
        let first = reads.ask("lb-1", async {
            calls.fetch_add(1, Ordering::Relaxed);
            released.await.expect("the test releases it");
            Ok(vec![1])
        });
        let later = (0..10).map(|_| {
            reads.ask("lb-1", async {
                calls.fetch_add(1, Ordering::Relaxed);
                Ok(vec![2])
            })
        });
        let later = async {
            let later = join_all(later);
            release.send(()).expect("the first call waits");
            later.await
        };
        let (first, later) = futures_util::join!(first, later);
        assert_eq!(*first.expect("answered"), [1]);
        assert!(later.into_iter().all(|answer| *answer.expect("answered") == [2]), "nobody gets the earlier answer");
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn one_after_the_other_everyone_asks_anew() {
        let reads = SharedRead::<usize>::default();
        for number in 0..3 {
            assert_eq!(*reads.ask("lb-1", async { Ok(vec![number]) }).await.expect("answered"), [number]);
        }
    }

    #[tokio::test]
    async fn load_balancers_do_not_share() {
        let reads = SharedRead::<u8>::default();
        let (one, other) =
            futures_util::join!(reads.ask("lb-1", async { Ok(vec![1]) }), reads.ask("lb-2", async { Ok(vec![2]) }));
        assert_eq!((one.expect("answered")[0], other.expect("answered")[0]), (1, 2));
    }
}
