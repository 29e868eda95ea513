//! A region: its networks, security groups, load balancers and tasks. Nothing in one region sees another.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client_token::{self, ClientToken};
use crate::id::{LoadBalancerId, SecurityGroupId};
use crate::load_balancer::{Deletions, LoadBalancer};
use crate::network::Network;
use crate::refusal::{Field, Refusal};
use crate::remembered::Remembered;
use crate::rules::Rule;
use crate::security_group::SecurityGroup;
use crate::task::Tasks;

/// What an account has in one region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name, such as `ap-guangzhou`.
    pub name: String,
    /// Its VPCs, subnets and instances.
    pub network: Network,
    /// Accepted writes.
    pub tasks: Tasks,
    pub(crate) security_groups: BTreeMap<SecurityGroupId, Arc<SecurityGroup>>,
    /// Shared with copies of the world, as a load balancer's listeners are.
    pub(crate) load_balancers: BTreeMap<LoadBalancerId, Arc<LoadBalancer>>,
    /// What was created with which client token.
    pub(crate) client_tokens: Remembered<String, ClientToken>,
    /// When load balancers were deleted lately.
    pub(crate) deletions: Deletions,
}

impl Region {
    /// An empty region.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            network: Network::default(),
            tasks: Tasks::default(),
            security_groups: BTreeMap::new(),
            load_balancers: BTreeMap::new(),
            client_tokens: Remembered::new(client_token::REMEMBERED),
            deletions: Deletions::default(),
        }
    }

    /// Adds a security group, or replaces the one with its id.
    pub fn add_security_group(&mut self, group: SecurityGroup) {
        self.security_groups.insert(group.id.clone(), Arc::new(group));
    }

    /// Every load balancer, by id.
    pub fn load_balancers(&self) -> impl Iterator<Item = &LoadBalancer> {
        self.load_balancers.values().map(Arc::as_ref)
    }

    /// The load balancer with that id. Which rule names an unknown one depends on the action.
    pub fn load_balancer(&self, id: &str, unknown: Rule) -> Result<&LoadBalancer, Refusal> {
        check_format(id)?;
        self.load_balancers
            .get(&LoadBalancerId::from(id))
            .map(Arc::as_ref)
            .ok_or_else(|| Refusal::new(unknown).at(Field::LoadBalancerId).given(id))
    }

    /// The id of a load balancer that exists and has no running task.
    pub(crate) fn idle_load_balancer(&self, id: &str, unknown: Rule, lock: Rule) -> Result<LoadBalancerId, Refusal> {
        let id = self.load_balancer(id, unknown)?.id.clone();
        self.tasks.ensure_idle(&id, lock)?;
        Ok(id)
    }

    /// The same, to be changed.
    pub(crate) fn load_balancer_mut(
        &mut self,
        id: &LoadBalancerId,
        unknown: Rule,
    ) -> Result<&mut LoadBalancer, Refusal> {
        let found = self.load_balancers.get_mut(id).map(Arc::make_mut);
        found.ok_or_else(|| Refusal::new(unknown).at(Field::LoadBalancerId).given(id))
    }

    /// Whether there is a load balancer with that id.
    pub fn has_load_balancer(&self, id: &str) -> bool {
        self.load_balancers.contains_key(&LoadBalancerId::from(id))
    }
}

/// Refuses what has not the shape of a load balancer's id.
pub fn check_format(id: &str) -> Result<(), Refusal> {
    if LoadBalancerId::is_well_formed(id) {
        return Ok(());
    }
    Err(Refusal::new(Rule::LbIdFormat).at(Field::LoadBalancerId).given(format_args!("{id:?}")))
}
