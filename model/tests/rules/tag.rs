//! Rules of tags.

use clb_model::rules::Rule;
use clb_model::tag::{ResourceName, Tags};

use crate::bench::Bench;

fn tags(range: std::ops::Range<usize>) -> Tags {
    Tags(range.map(|number| (format!("key{number}"), "value".to_owned())).collect())
}

#[test]
fn tags_are_set_and_removed_on_what_exists() {
    let mut bench = Bench::new();
    let name = ResourceName::load_balancer(&bench.load_balancer().into());
    bench.ask(|world, _| world.modify_tags(&name, &tags(0..3), &[])).expect("valid");
    bench.ask(|world, _| world.modify_tags(&name, &tags(3..4), &["key0".to_owned()])).expect("valid");
    let keys: Vec<&String> = bench.world.tags(&name).map(|(key, _)| key).collect();
    assert_eq!(keys, ["key1", "key2", "key3"]);
    let unknown = ResourceName { id: "lb-99999999".into(), ..name };
    let rule = bench.refused(|world, _| world.modify_tags(&unknown, &tags(0..1), &[]));
    assert_eq!(rule, Rule::TagResourceMustExist);
}

#[test]
fn a_change_and_a_resource_have_bounds() {
    let mut bench = Bench::new();
    let name = ResourceName::load_balancer(&bench.load_balancer().into());
    let rule = bench.refused(|world, _| world.modify_tags(&name, &tags(0..11), &[]));
    assert_eq!(rule, Rule::TagModifyMax10);
    for ten in 0..5 {
        bench.ask(|world, _| world.modify_tags(&name, &tags(ten * 10..ten * 10 + 10), &[])).expect("valid");
    }
    let rule = bench.refused(|world, _| world.modify_tags(&name, &tags(50..51), &[]));
    assert_eq!(rule, Rule::TagResourceQuota);
}

#[test]
fn tags_go_with_their_resource() {
    let mut bench = Bench::new();
    let id = bench.load_balancer();
    let name = ResourceName::load_balancer(&id.as_str().into());
    bench.ask(|world, _| world.modify_tags(&name, &tags(0..1), &[])).expect("valid");
    bench
        .ask(|world, occasion| world.delete_load_balancers(crate::bench::REGION, &[id], false, occasion))
        .expect("there");
    assert_eq!(bench.world.tags(&name).count(), 0);
}
