//! Rules of security groups.

use clb_model::refusal::Refusal;
use clb_model::rules::Rule;

use crate::bench::{Bench, REGION};

fn groups(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("sg-0000000{}", number % 8)).collect()
}

#[test]
fn the_whole_set_is_replaced() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let mut set = |groups: &[String]| {
        bench.ask(|world, occasion| world.set_security_groups(REGION, &id, groups, occasion))?;
        let bound = &bench.region().load_balancer(&id, Rule::LbNotFound)?.security_groups;
        Ok::<_, Refusal>(bound.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(set(&groups(5)).expect("valid"), groups(5));
    assert_eq!(set(&groups(1)).expect("valid"), groups(1));
    assert_eq!(set(&[]).expect("valid"), Vec::<String>::new());
}

#[test]
fn groups_exist_and_are_at_most_five() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let mut set = |id: &str, groups: &[String]| {
        bench.ask(|world, occasion| world.set_security_groups(REGION, id, groups, occasion)).map_err(|no| no.rule)
    };
    assert_eq!(set(&id, &["sg-99999999".to_owned()]), Err(Rule::LbSgMustExist));
    assert_eq!(set(&id, &groups(6)), Err(Rule::LbSgQuota5));
    assert_eq!(set(&id, &groups(51)), Err(Rule::LbSgArrayMax50));
    assert_eq!(set(&id, &vec!["sg-00000001".to_owned(); 50]), Ok(()), "one group named often is one");
    assert_eq!(set("lb-99999999", &[]), Err(Rule::LbNotFoundListed));
}

#[test]
fn an_unknown_group_is_refused() {
    let bench = Bench::new();
    let refused = bench.region().security_group("sg-99999999").expect_err("unknown");
    assert_eq!(refused.rule, Rule::SecurityGroupNotFound);
}
