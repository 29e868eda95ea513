//! Security groups: ordered rules, first match wins. The model reads them and binds them to load balancers; editing
//! their rules is not here yet, and matching packets is the data plane's business.

use std::sync::Arc;

use crate::id::{LoadBalancerId, SecurityGroupId};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::task::Occasion;
use crate::time::Timestamp;
use crate::world::World;

/// The most groups one call may name (SDK).
const MOST_IN_A_CALL: usize = 50;
/// The most groups of one load balancer (QD 78ae521d; INTL 214/14733).
const MOST_PER_LOAD_BALANCER: usize = 5;

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Whether it is the region's default group.
    pub is_default: bool,
    /// Grows by one with every change of its rules.
    pub version: u64,
    /// What may come in.
    pub ingress: Vec<Policy>,
    /// What may go out.
    pub egress: Vec<Policy>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `TCP`, `UDP`, `ICMP`, `ICMPV6`, `GRE` or `ALL`.
    pub protocol: String,
    /// `all`, a port, a list or a range.
    pub port: String,
    /// The other side's addresses, such as `0.0.0.0/0`.
    pub cidr: String,
    /// Whether what matches is let through.
    pub accept: bool,
    /// A remark.
    pub description: String,
}

impl World {
    /// Replaces the security groups of a load balancer; an empty list unbinds all (SDK).
    pub fn set_security_groups(
        &mut self,
        region: &str,
        load_balancer_id: &str,
        groups: &[String],
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(load_balancer_id, Rule::LbNotFoundListed, Rule::LbTaskLock)?;
        require(groups.len() <= MOST_IN_A_CALL, || {
            Refusal::new(Rule::LbSgArrayMax50).at(Field::SecurityGroups).given(groups.len())
        })?;
        let mut bound = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            let group_id = SecurityGroupId::from(group.as_str());
            require(region.security_groups.contains_key(&group_id), || {
                Refusal::new(Rule::LbSgMustExist).at(Field::SecurityGroups).nth(index).given(group)
            })?;
            if !bound.contains(&group_id) {
                bound.push(group_id);
            }
        }
        require(bound.len() <= MOST_PER_LOAD_BALANCER, || {
            Refusal::new(Rule::LbSgQuota5).at(Field::SecurityGroups).given(bound.len())
        })?;
        region.bind_security_groups(&id, bound);
        region.tasks.start(occasion, vec![id]);
        Ok(())
    }
}

impl crate::region::Region {
    /// Every security group, by id.
    pub fn security_groups(&self) -> impl Iterator<Item = &SecurityGroup> {
        self.security_groups.values().map(Arc::as_ref)
    }

    /// The security group with that id.
    pub fn security_group(&self, id: &str) -> Result<&SecurityGroup, Refusal> {
        self.security_groups
            .get(&SecurityGroupId::from(id))
            .map(Arc::as_ref)
            .ok_or_else(|| Refusal::new(Rule::SecurityGroupNotFound).at(Field::SecurityGroupId).given(id))
    }

    fn bind_security_groups(&mut self, id: &LoadBalancerId, groups: Vec<SecurityGroupId>) {
        if let Some(load_balancer) = self.load_balancers.get_mut(id) {
            Arc::make_mut(load_balancer).security_groups = groups;
        }
    }
}
