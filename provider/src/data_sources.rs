//! The data sources: what exists on the platform, whoever made it, by filters.
//!
//! A filter that the platform knows goes into the question; what it does not know, or reads loosely, is looked at here again. The
//! searches serve [`crate::list_resources`] too. Finding nothing is no error, but naming a load balancer or a listener that does
//! not exist is.

pub mod backends;
pub mod certificates;
pub mod load_balancers;
pub mod quic_listeners;
pub mod security_groups;

pub use backends::Backends;
pub use certificates::Certificates;
pub use load_balancers::LoadBalancers;
pub use quic_listeners::QuicListeners;
pub use security_groups::SecurityGroups;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use tfplugin_sdk::{Error, Path};

use crate::platform::Platform;

/// Whether a name is the one that is wanted, and has in it what is wanted in it.
fn is_named(name: &str, wanted: Option<&String>, part: Option<&String>) -> bool {
    wanted.is_none_or(|wanted| name == wanted) && part.is_none_or(|part| name.contains(part.as_str()))
}

/// Whether an id is among those wanted; every one is when none are named.
fn is_among(id: &str, wanted: Option<&BTreeSet<String>>) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(id))
}

/// Whether two texts are the same address: one of IPv6 can be written in many ways.
fn is_same_address(one: &str, other: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().ok();
    one == other || (address(one).is_some() && address(one) == address(other))
}

/// Whether the tags have all that are wanted.
fn has_tags(tags: &BTreeMap<String, String>, wanted: Option<&BTreeMap<String, String>>) -> bool {
    wanted.into_iter().flatten().all(|(key, value)| tags.get(key) == Some(value))
}

/// The ids in parts that fit into one question each; one part without ids when none are named.
fn in_parts(ids: Option<&BTreeSet<String>>, most: usize) -> Vec<Option<Vec<String>>> {
    let Some(ids) = ids else { return vec![None] };
    let ids: Vec<String> = ids.iter().cloned().collect();
    ids.chunks(most).map(|part| Some(part.to_vec())).collect()
}

/// Says that what a search starts from does not exist.
fn absent(platform: &Platform, path: Path, what: &str, id: &str) -> Error {
    Error::new(format!("The {what} {id} does not exist"))
        .detail(format!(
            "There is none with this id in the region {} of this account. Check the id and the provider's region.",
            platform.region()
        ))
        .at(path)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{has_tags, in_parts, is_among, is_named};

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_name_is_wanted_as_a_whole_or_for_a_part_of_it() {
        assert!(is_named("web-blue", None, None));
        assert!(is_named("web-blue", None, Some(&text("blue"))));
        assert!(is_named("web-blue", Some(&text("web-blue")), None));
        assert!(!is_named("web-blue", Some(&text("web")), None), "the platform takes a part of a name for the name");
        assert!(!is_named("web-blue", None, Some(&text("green"))));
    }

    #[test]
    fn all_wanted_tags_must_be_there_with_their_values() {
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| (text(key), text(value))).collect()
        };
        let has = tags(&[("team", "edge"), ("stage", "live")]);
        assert!(has_tags(&has, None) && has_tags(&has, Some(&tags(&[("team", "edge")]))));
        assert!(!has_tags(&has, Some(&tags(&[("team", "edge"), ("stage", "test")]))));
        assert!(!has_tags(&has, Some(&tags(&[("owner", "me")]))));
    }

    #[test]
    fn ids_are_asked_for_in_parts_and_no_ids_ask_for_nothing() {
        let ids: BTreeSet<String> = (0..41).map(|number| format!("lb-{number:02}")).collect();
        let sizes: Vec<_> = in_parts(Some(&ids), 20).into_iter().flatten().map(|part| part.len()).collect();
        assert_eq!(sizes, [20, 20, 1]);
        assert_eq!(in_parts(None, 20), [None]);
        assert!(in_parts(Some(&BTreeSet::new()), 20).is_empty(), "an empty list of ids is not the list of all");
        assert!(is_among("lb-01", None) && is_among("lb-01", Some(&ids)) && !is_among("lb-99", Some(&ids)));
    }
}
