//! Steps on targets.

use clb_model::binding::batch::{BatchTarget, TagRule, WeightRule};
use clb_model::binding::{BackendRef, BindingKey, TargetDraft};

use clb_model::load_balancer::LoadBalancer;

use super::Walk;
use super::bench::{self, BLUE, FAR, GREEN, REGION, targets};

impl Walk {
    fn any_target(&mut self) -> TargetDraft {
        let port = self.pick(&[80, 81, 82, 83, 84, 85, 86, 0]);
        let weight = self.pick(&[None, None, None, Some(0), Some(50), Some(100), Some(101)]);
        let target = match self.chance.below(3) {
            0 => bench::address(self.pick(&["10.0.1.5", "10.0.1.9", "10.0.1.9", "fd00::1", "x"]), port),
            _ => bench::instance(self.pick(&[BLUE, BLUE, GREEN, GREEN, FAR, "ins-99999999"]), port),
        };
        TargetDraft { weight, ..target }
    }

    /// One that is bound to the listener, if one is; any other sometimes.
    fn bound_target(&mut self, listener: &str) -> TargetDraft {
        let load_balancers = self.bench.region().load_balancers();
        let found = load_balancers.flat_map(LoadBalancer::listeners).find(|it| it.id.as_str() == listener);
        let bound: Vec<BindingKey> =
            found.map(|it| it.bindings().iter().map(|it| it.key.clone()).collect()).unwrap_or_default();
        if bound.is_empty() || self.chance.below(4) == 0 {
            return self.any_target();
        }
        let key = self.pick(&bound);
        match key.backend {
            BackendRef::Instance(id) => bench::instance(id.as_str(), i64::from(key.port)),
            BackendRef::Address(ip) => bench::address(&ip.to_string(), i64::from(key.port)),
        }
    }

    pub fn register(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.any_target(), self.any_target()]);
        self.asked("register targets", |world, occasion| world.create_bindings(REGION, &draft, occasion))
    }

    pub fn change_targets(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.bound_target(&id)]);
        if self.chance.below(2) == 0 {
            self.asked("modify weights", |world, o| world.modify_binding_weights(REGION, &draft, Some(7), o))
        } else {
            self.asked("modify ports", |world, o| world.modify_binding_ports(REGION, &draft, 81, o))
        }
    }

    pub fn deregister(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let draft = targets(&load_balancer, &id, vec![self.bound_target(&id)]);
        self.asked("deregister targets", |world, occasion| world.delete_bindings(REGION, &draft, occasion))
    }

    pub fn batch(&mut self) -> &'static str {
        let (load_balancer, id) = self.any_listener();
        let (_, other) = self.any_listener();
        let entry = |listener_id: &str, target| BatchTarget { listener_id: listener_id.into(), location: None, target };
        let bound = vec![self.bound_target(&id)];
        match self.chance.below(4) {
            0 => {
                let entries = [entry(&id, self.any_target()), entry(&other, self.any_target())];
                self.asked("register in a batch", |world, o| {
                    world.create_bindings_in_batch(REGION, &load_balancer, &entries, o)
                })
            }
            1 => {
                let entries = [entry(&id, bound[0].clone()), entry(&other, self.any_target())];
                self.asked("deregister in a batch", |world, o| {
                    world.delete_bindings_in_batch(REGION, &load_balancer, &entries, o)
                })
            }
            2 => {
                let rules = [WeightRule { listener_id: id, location: None, targets: bound, weight: Some(3) }];
                self.asked("modify weights in a batch", |world, o| {
                    world.modify_binding_weights_in_batch(REGION, &load_balancer, &rules, o)
                })
            }
            _ => {
                let tag = Some("a remark".into());
                let rules = [TagRule { listener_id: id, location: None, targets: bound, tag }];
                self.asked("modify remarks in a batch", |world, o| {
                    world.modify_binding_tags_in_batch(REGION, &load_balancer, &rules, o)
                })
            }
        }
    }
}
