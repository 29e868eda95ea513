//! Steps on security groups and their rules.

use clb_model::security_group::SecurityGroupDraft;
use clb_model::security_group::policy::PolicyDraft;
use clb_model::security_group::rule_set::RuleSetDraft;

use super::Walk;
use super::bench::REGION;

impl Walk {
    pub fn any_group(&mut self) -> String {
        // Few, so that steps meet.
        let ids = self.bench.region().security_groups().map(|it| it.id.to_string());
        let ids: Vec<String> = ids.take(4).collect();
        self.mostly(&ids, &["sg-99999999"])
    }

    pub fn change_security_groups(&mut self) -> &'static str {
        let (group, load_balancer) = (self.any_group(), self.any_load_balancer());
        match self.chance.below(5) {
            0 => {
                let draft = SecurityGroupDraft {
                    name: self.pick(&["group", "group", super::network::LONG]).into(),
                    description: self.pick(&["", "described"]).into(),
                    ..SecurityGroupDraft::default()
                };
                self.asked("create a security group", |world, occasion| {
                    world.create_security_group(REGION, &draft, occasion)
                })
            }
            1 => {
                let name = self.pick(&[None, Some("renamed")]);
                self.asked("modify a security group", |world, o| {
                    world.modify_security_group(REGION, &group, name, Some("other"), o)
                })
            }
            2 => self.asked("delete a security group", |world, _| world.delete_security_group(REGION, &group)),
            3 => {
                let groups: Vec<String> = (0..self.chance.below(8)).map(|_| self.any_group()).collect();
                self.asked("set security groups", |world, o| {
                    world.set_security_groups(REGION, &load_balancer, &groups, o)
                })
            }
            _ => {
                let operation = self.pick(&["ADD", "ADD", "DEL", "x"]);
                let ids = [load_balancer, self.any_load_balancer()];
                self.asked("set load balancers of a security group", |world, o| {
                    world.set_security_group_of(REGION, &group, operation, &ids, o)
                })
            }
        }
    }

    pub fn change_rules(&mut self) -> &'static str {
        let (group, draft) = (self.any_group(), self.any_rules());
        match self.chance.below(4) {
            0 => self.asked("add rules", |world, o| world.create_policies(REGION, &group, &draft, o)),
            1 => self.asked("reset rules", |world, o| world.reset_policies(REGION, &group, &draft, o)),
            2 => self.asked("replace rules", |world, o| world.replace_policies(REGION, &group, &draft, o)),
            _ => self.asked("delete rules", |world, o| world.delete_policies(REGION, &group, &draft, o)),
        }
    }

    fn any_rules(&mut self) -> RuleSetDraft {
        let rule = PolicyDraft {
            index: self.pick(&[None, Some(0), Some(0), Some(3)]),
            protocol: self.pick(&[Some("UDP".into()), Some("UDP".into()), Some("tcp".into()), Some("udp".into())]),
            port: self.pick(&[None, Some("443".into()), Some("8000-9000".into()), Some("all".into())]),
            cidr: Some(format!("10.{}.0.0/16", self.chance.below(200))),
            group: None,
            action: self.pick(&[Some("ACCEPT".into()), Some("drop".into())]),
            ..PolicyDraft::default()
        };
        let rule = match self.chance.below(6) {
            0 => PolicyDraft { group: Some(self.any_group()), ..rule },
            1 => PolicyDraft { group: Some(self.any_group()), cidr: None, ..rule },
            _ => rule,
        };
        let rules = Some(vec![rule]);
        let version = self.pick(&[None, None, None, None, None, Some("0".into()), Some("1".into())]);
        if self.chance.below(3) == 0 {
            RuleSetDraft { version, egress: rules, ..RuleSetDraft::default() }
        } else {
            RuleSetDraft { version, ingress: rules, ..RuleSetDraft::default() }
        }
    }
}
