//! Stopping and starting listeners. A stopped one is there, keeps its port and its bindings, and forwards nothing; whoever
//! is connected through it is cut off (a choice: the platform says nothing of open connections).

use std::sync::Arc;

use crate::health::Health;
use crate::id::ListenerId;
use crate::load_balancer::LoadBalancer;
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::task::{Occasion, Work};
use crate::world::World;

/// What a request says about running.
#[derive(Clone, Debug, Default)]
pub struct RunningDraft {
    /// `Start` or `Stop`.
    pub operation: String,
    /// The load balancer.
    pub load_balancer_id: String,
    /// Which of its listeners; all when there are none.
    pub listener_ids: Vec<String>,
}

impl World {
    /// Stops or starts listeners of a load balancer, or all of them; one that is as it should be already stays so. What
    /// was not watched while it was stopped has to prove itself anew.
    pub fn set_listeners_running(
        &mut self,
        region: &str,
        draft: &RunningDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        let region = self.region_mut(region)?;
        let id = region.idle_load_balancer(&draft.load_balancer_id, Rule::LbNotFoundUnlisted, Rule::LbTaskLock)?;
        let (stopped, ids) = draft.check(region.load_balancer(id.as_str(), Rule::LbNotFoundUnlisted)?)?;
        let changing = |listener_id: &ListenerId| {
            let found = region.load_balancers.get(&id).and_then(|it| it.listeners.get(listener_id));
            found.is_some_and(|listener| listener.stopped != stopped)
        };
        let ids: Vec<ListenerId> = ids.into_iter().filter(changing).collect();
        if !ids.is_empty() {
            let load_balancer = region.load_balancer_mut(&id, Rule::LbNotFoundUnlisted)?;
            for id in &ids {
                let Some(listener) = load_balancer.listeners.get_mut(id).map(Arc::make_mut) else { continue };
                listener.stopped = stopped;
                listener.bindings.iter_mut().for_each(|binding| binding.health = Health::default());
            }
        }
        let work = if stopped { Work::Settings } else { Work::Changing(ids) };
        region.tasks.start_work(occasion, vec![id], work);
        Ok(())
    }
}

impl RunningDraft {
    /// Whether they are to be stopped, and which.
    fn check(&self, load_balancer: &LoadBalancer) -> Result<(bool, Vec<ListenerId>), Refusal> {
        let stopped = match self.operation.as_str() {
            "Start" => false,
            "Stop" => true,
            other => {
                return Err(Refusal::new(Rule::StartStatusOperationEnum).at(Field::Operation).given(other));
            }
        };
        require(!stopped || !load_balancer.listeners.is_empty(), || {
            Refusal::new(Rule::LbStopNeedsListeners).at(Field::LoadBalancerId).given(&load_balancer.id)
        })?;
        let ids = load_balancer.those_or_all(&self.listener_ids, Rule::ListenerNotFoundStartStop)?;
        Ok((stopped, ids))
    }
}
