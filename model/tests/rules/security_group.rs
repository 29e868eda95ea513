//! Rules of security groups: the groups, and their being bound to load balancers.

use clb_model::id::SecurityGroupId;
use clb_model::refusal::Refusal;
use clb_model::rules::Rule;
use clb_model::security_group::{SecurityGroup, SecurityGroupDraft, Usage};
use clb_model::tag::{ResourceName, Tags};

use crate::bench::{Bench, REGION};

fn groups(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("sg-0000000{}", number % 8)).collect()
}

fn draft(name: &str) -> SecurityGroupDraft {
    SecurityGroupDraft { name: name.into(), description: "for a test".into(), ..SecurityGroupDraft::default() }
}

fn bound(bench: &Bench, id: &str) -> Vec<String> {
    let found = bench.region().load_balancer(id, Rule::LbNotFound).expect("there");
    found.security_groups.iter().map(ToString::to_string).collect()
}

#[test]
fn the_whole_set_is_replaced() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let mut set = |groups: &[String]| {
        bench.ask(|world, occasion| world.set_security_groups(REGION, &id, groups, occasion))?;
        Ok::<_, Refusal>(bound(&bench, &id))
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
fn one_group_is_bound_to_several_load_balancers_and_unbound_again() {
    let mut bench = Bench::new();
    let ids = [bench.load_balancer(), bench.load_balancer()];
    bench.ask(|world, occasion| world.set_security_groups(REGION, &ids[0], &groups(2), occasion)).expect("valid");
    let set = |bench: &mut Bench, group: &str, operation: &str| {
        bench.ask(|world, occasion| world.set_security_group_of(REGION, group, operation, &ids, occasion))
    };
    set(&mut bench, "sg-00000000", "ADD").expect("valid");
    assert_eq!(bound(&bench, &ids[0]), groups(2), "one that is bound keeps its place");
    assert_eq!(bound(&bench, &ids[1]), groups(1));
    set(&mut bench, "sg-00000000", "DEL").expect("valid");
    assert_eq!(bound(&bench, &ids[0]), ["sg-00000001"]);
    assert_eq!(bound(&bench, &ids[1]), Vec::<String>::new());
}

#[test]
fn binding_one_group_to_several_obeys_its_rules() {
    let mut bench = Bench::new();
    let (full, empty) = (bench.load_balancer(), bench.load_balancer());
    bench.ask(|world, occasion| world.set_security_groups(REGION, &full, &groups(5), occasion)).expect("valid");
    let mut refused = |group: &str, operation: &str, ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        bench.refused(|world, occasion| world.set_security_group_of(REGION, group, operation, &ids, occasion))
    };
    assert_eq!(refused("sg-00000001", "SET", &[&empty]), Rule::LbSgOperationEnum);
    assert_eq!(refused("sg-99999999", "ADD", &[&empty]), Rule::LbSgMustExist);
    assert_eq!(refused("sg-00000001", "ADD", &[empty.as_str(); 21]), Rule::LbSgForLbsMax20);
    assert_eq!(refused("sg-00000007", "ADD", &[&empty, &full]), Rule::LbSgQuota5, "then for none");
    assert_eq!(refused("sg-00000001", "ADD", &[&empty, "lb-99999999"]), Rule::LbNotFoundListed);
    bench.applies = false;
    bench.ask(|world, occasion| world.set_security_groups(REGION, &empty, &[], occasion)).expect("valid");
    let busy = bench.refused(|world, occasion| {
        world.set_security_group_of(REGION, "sg-00000001", "ADD", std::slice::from_ref(&empty), occasion)
    });
    assert_eq!(busy, Rule::LbTaskLock);
}

#[test]
fn an_unknown_group_is_refused() {
    let mut bench = Bench::new();
    let refused = bench.region().security_group("sg-99999999").expect_err("unknown");
    assert_eq!(refused.rule, Rule::SecurityGroupNotFound);
    assert_eq!(
        bench.refused(|world, _| world.delete_security_group(REGION, "sg-99999999")),
        Rule::SecurityGroupNotFound
    );
    let rule = bench
        .refused(|world, occasion| world.modify_security_group(REGION, "sg-99999999", Some("name"), None, occasion));
    assert_eq!(rule, Rule::SecurityGroupNotFound);
}

#[test]
fn a_new_group_has_a_name_a_description_and_a_project() {
    let mut bench = Bench::new();
    let mut create = |draft: &SecurityGroupDraft| {
        bench.ask(|world, occasion| world.create_security_group(REGION, draft, occasion)).map_err(|no| no.rule)
    };
    let id = create(&draft(&"名".repeat(60))).expect("60 characters");
    assert!(SecurityGroupId::is_well_formed(id.as_str()));
    assert_eq!(create(&draft(&"a".repeat(61))), Err(Rule::SecurityGroupNameMax60));
    let described = |length| SecurityGroupDraft { description: "a".repeat(length), ..draft("group") };
    assert!(create(&described(100)).is_ok());
    assert_eq!(create(&described(101)), Err(Rule::SecurityGroupDescriptionMax100));
    let of_project = |project: &str| SecurityGroupDraft { project_id: Some(project.into()), ..draft("group") };
    assert_eq!(create(&of_project("seven")), Err(Rule::SecurityGroupProjectNumber));
    let id = create(&of_project("7")).expect("valid");
    let group = bench.region().security_group(id.as_str()).expect("there");
    assert_eq!((group.project_id, group.version, group.policies().count()), (7, 0, 0));
}

#[test]
fn a_region_holds_so_many_groups() {
    let mut bench = Bench::new();
    for _ in 8..50 {
        bench.ask(|world, occasion| world.create_security_group(REGION, &draft("group"), occasion)).expect("valid");
    }
    let rule = bench.refused(|world, occasion| world.create_security_group(REGION, &draft("group"), occasion));
    assert_eq!(rule, Rule::SecurityGroupQuota);
}

#[test]
fn a_group_is_renamed() {
    let mut bench = Bench::new();
    let mut modify = |name: Option<&str>, description: Option<&str>| {
        bench
            .ask(|world, occasion| world.modify_security_group(REGION, "sg-00000001", name, description, occasion))
            .map_err(|refusal| refusal.rule)
    };
    assert_eq!(modify(Some("new"), None), Ok(()));
    assert_eq!(modify(None, Some("words")), Ok(()));
    assert_eq!(modify(Some(&"a".repeat(61)), None), Err(Rule::SecurityGroupNameMax60));
    assert_eq!(modify(None, Some(&"a".repeat(101))), Err(Rule::SecurityGroupDescriptionMax100));
    let group = bench.region().security_group("sg-00000001").expect("there");
    assert_eq!((group.name.as_str(), group.description.as_str()), ("new", "words"));
}

#[test]
fn a_group_in_use_and_the_default_group_stay() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    bench.ask(|world, occasion| world.set_security_groups(REGION, &id, &groups(1), occasion)).expect("valid");
    let rule = bench.refused(|world, _| world.delete_security_group(REGION, "sg-00000000"));
    assert_eq!(rule, Rule::SecurityGroupInUse);
    let usage = bench.region().usage_of(&"sg-00000000".into());
    assert_eq!(usage, Usage { load_balancers: 1, ..Usage::default() });
    bench.ask(|world, occasion| world.set_security_groups(REGION, &id, &[], occasion)).expect("valid");
    bench.ask(|world, _| world.delete_security_group(REGION, "sg-00000000")).expect("nobody uses it");

    let mut region = bench.region().clone();
    let now = clb_model::time::Timestamp::default();
    region.add_security_group(SecurityGroup {
        is_default: true,
        ..SecurityGroup::new("sg-default0".into(), "default", "", now)
    });
    bench.world.add_region(region);
    let rule = bench.refused(|world, _| world.delete_security_group(REGION, "sg-default0"));
    assert_eq!(rule, Rule::SecurityGroupDefaultUndeletable);
}

#[test]
fn tags_come_with_a_group_and_go_with_it() {
    let mut bench = Bench::new();
    let tagged = SecurityGroupDraft { tags: Tags([("team".to_owned(), "game".to_owned())].into()), ..draft("group") };
    let id = bench.ask(|world, occasion| world.create_security_group(REGION, &tagged, occasion)).expect("valid");
    assert_eq!(bench.world.tags(&ResourceName::security_group(&id)).count(), 1);
    bench.ask(|world, _| world.delete_security_group(REGION, id.as_str())).expect("nobody uses it");
    assert_eq!(bench.world.tags(&ResourceName::security_group(&id)).count(), 0);
}
