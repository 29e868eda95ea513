//! Steps on load balancers and their quotas.

use clb_model::load_balancer::{LoadBalancerChange, LoadBalancerDraft, LogKind, LogTopic, SpecificationChange};
use clb_model::quota::Quota;

use super::Walk;
use super::bench::{BASIC, CLASSIC, REGION, public};

impl Walk {
    pub fn create_load_balancer(&mut self) -> &'static str {
        let draft = LoadBalancerDraft {
            exposure: self.pick(&["OPEN", "OPEN", "OPEN", "INTERNAL", "x"]).into(),
            ip_version: self.pick(&[None, None, None, Some("IPV6".into()), Some("IPv6FullChain".into())]),
            subnet_id: self.pick(&[None, None, None, Some("subnet-00000001".into()), Some("subnet-00000002".into())]),
            vpc_id: self.pick(&[None, Some("vpc-00000001".into())]),
            count: self.pick(&[None, None, None, Some(2), Some(0)]),
            sla_type: self.pick(&[None, Some("clb.c2.medium".into())]),
            client_token: self.pick(&[None, None, None, None, None, Some("token".into())]),
            name: self.pick(&[None, None, Some("name".into()), Some("n".repeat(81))]),
            ..public()
        };
        self.asked("create load balancers", |world, occasion| world.create_load_balancers(REGION, &draft, occasion))
    }

    pub fn change_load_balancer(&mut self) -> &'static str {
        let id = self.any_load_balancer();
        match self.chance.below(4) {
            0 => {
                let change = LoadBalancerChange {
                    name: self.pick(&[None, Some("renamed".into()), Some(String::new())]),
                    delete_protection: self.pick(&[None, Some(true), Some(false), Some(false)]),
                    pass_to_target: self.pick(&[None, Some(true)]),
                    ..LoadBalancerChange::default()
                };
                self.asked("modify a load balancer", |world, o| world.modify_load_balancer(REGION, &id, &change, o))
            }
            1 => {
                let sla_type = self.pick(&["clb.c2.medium", "clb.c3.small", "", "x"]).into();
                let changes = [SpecificationChange { load_balancer_id: id, sla_type }];
                self.asked("modify specifications", |world, o| world.modify_specifications(REGION, &changes, o))
            }
            2 => {
                let ids = [id, self.any_load_balancer()];
                self.asked("modify projects", |world, o| world.modify_projects(REGION, &ids, 7, o))
            }
            _ => {
                let kind = self.pick(&[LogKind::Access, LogKind::Health]);
                let topic_id: String = self.pick(&["", "topic"]).into();
                let topic = LogTopic { set_id: "set".into(), topic_id };
                self.asked("set a log topic", |world, o| world.set_log_topic(REGION, &id, kind, topic, o))
            }
        }
    }

    pub fn delete_load_balancer(&mut self) -> &'static str {
        let (id, force) = (self.any_load_balancer(), self.chance.below(2) == 0);
        if id == CLASSIC || id == BASIC || self.staying.contains(&id) {
            return "nothing: the fixtures stay";
        }
        self.asked("delete a load balancer", |world, o| world.delete_load_balancers(REGION, &[id], force, o))
    }

    /// Sometimes an account has room for little.
    pub fn change_quotas(&mut self) -> &'static str {
        let quota = self.pick(&Quota::ALL);
        let limit = self.pick(&[3, 50, quota.default_limit(), quota.default_limit()]);
        self.bench.world.quotas.set(quota, limit);
        "change a quota"
    }
}
