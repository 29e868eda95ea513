//! Members of sets: they have neither a position nor a key, so what came from what is found by their content.

use std::collections::VecDeque;

use super::tree::for_each_element;
use crate::schema::{Attribute, AttributeKind, Nesting};
use crate::{Dynamic, Path, Report};

/// For every member that is configured the planned one that came from it, or itself where there is none.
pub(super) fn pair_members<'a>(
    attributes: &[Attribute],
    config: &'a [Dynamic],
    planned: &'a [Dynamic],
) -> Vec<(&'a Dynamic, &'a Dynamic)> {
    let found = matched(attributes, config, planned);
    config.iter().zip(found).map(|(config, found)| (config, found.map_or(config, |found| &planned[found]))).collect()
}

/// Whether `planned` has everything that `config` sets; what the provider computes may be anything.
fn comes_from(attributes: &[Attribute], config: &Dynamic, planned: &Dynamic) -> bool {
    if !matches!((config, planned), (Dynamic::Object(_), Dynamic::Object(_))) {
        return config == planned;
    }
    attributes.iter().all(|attribute| {
        let (config, planned) = (config.attribute(&attribute.name), planned.attribute(&attribute.name));
        if config.is_null() && attribute.presence.is_computed() {
            return true;
        }
        let AttributeKind::Nested(_, inner) = &attribute.kind else { return config == planned };
        match (config, planned) {
            (Dynamic::List(config), Dynamic::List(planned)) => {
                config.len() == planned.len()
                    && config.iter().zip(planned).all(|(config, planned)| comes_from(inner, config, planned))
            }
            (Dynamic::Map(config), Dynamic::Map(planned)) => {
                config.keys().eq(planned.keys())
                    && config.values().zip(planned.values()).all(|(config, planned)| comes_from(inner, config, planned))
            }
            (Dynamic::Set(config), Dynamic::Set(planned)) => {
                config.len() == planned.len() && matched(inner, config, planned).iter().all(Option::is_some)
            }
            (config, planned) => comes_from(inner, config, planned),
        }
    })
}

/// For each configured member the position of a planned one that came from it, no two the same, and as many as
/// possible: a member with little set fits several, and must not take the only one that another fits.
fn matched(attributes: &[Attribute], config: &[Dynamic], planned: &[Dynamic]) -> Vec<Option<usize>> {
    let mut of_planned: Vec<Option<usize>> = vec![None; planned.len()];
    let mut of_config: Vec<Option<usize>> = vec![None; config.len()];
    for start in 0..config.len() {
        // Breadth-first over who would have to give way to whom; `reached` is by which member each was reached.
        let mut reached: Vec<Option<usize>> = vec![None; planned.len()];
        let mut waiting = VecDeque::from([start]);
        let mut free = None;
        'search: while let Some(member) = waiting.pop_front() {
            // Mostly both are in the same order, and the first look finds it.
            let hint = member.min(planned.len());
            for candidate in (hint..planned.len()).chain(0..hint) {
                if reached[candidate].is_some() || !comes_from(attributes, &config[member], &planned[candidate]) {
                    continue;
                }
                reached[candidate] = Some(member);
                let Some(holder) = of_planned[candidate] else {
                    free = Some(candidate);
                    break 'search;
                };
                waiting.push_back(holder);
            }
        }
        // Everyone on the way takes what they reached and gives up what they had.
        while let Some(candidate) = free {
            let member = reached[candidate];
            of_planned[candidate] = member;
            free = member.and_then(|member| of_config[member].replace(candidate));
        }
    }
    of_config
}

/// Reports every set that has become smaller because its members are the same once defaults are filled in. Core takes
/// that for a bug of the provider.
pub(super) fn check_distinct(attributes: &[Attribute], object: &Dynamic, path: &Path, report: &mut Report) {
    for attribute in attributes {
        let AttributeKind::Nested(nesting, inner) = &attribute.kind else { continue };
        let (value, path) = (object.attribute(&attribute.name), path.attribute(&attribute.name));
        if let (Nesting::Set, Dynamic::Set(members)) = (nesting, value)
            && has_repeated(members)
        {
            let detail = format!(
                "Two members of the set `{path}` are the same: what they leave out has a default, with which they no \
                 longer differ. Remove one of them, or set an attribute in which they differ."
            );
            report.error(path.clone(), format!("Repeated member of `{path}`"), detail);
        }
        for_each_element(value, &path, |element, path| check_distinct(inner, element, path, report));
        check_distinct(inner, value, &path, report);
    }
}

/// Members that are not known yet may turn out to differ.
fn has_repeated(members: &[Dynamic]) -> bool {
    let repeated = |(at, member): (usize, &Dynamic)| member.is_wholly_known() && members[..at].contains(member);
    members.iter().enumerate().any(repeated)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn tree(kind: &str, height: Option<u8>) -> Dynamic {
        Dynamic::Object(BTreeMap::from([
            ("kind".to_owned(), Dynamic::String(kind.to_owned())),
            ("height".to_owned(), height.map_or(Dynamic::Null, |height| Dynamic::Number(height.into()))),
        ]))
    }

    fn tree_attributes() -> Vec<Attribute> {
        let height = Attribute::of::<u8>("height").default_value(Dynamic::Number(1.into()));
        vec![Attribute::of::<String>("kind"), height]
    }

    #[test]
    fn a_member_that_fits_several_leaves_to_others_what_only_they_fit() {
        let config = [tree("oak", None), tree("elm", None), tree("oak", Some(7))];
        let planned = [tree("oak", Some(7)), tree("oak", Some(1)), tree("elm", Some(1))];
        let pairs = pair_members(&tree_attributes(), &config, &planned);
        let found: Vec<&Dynamic> = pairs.into_iter().map(|(_, planned)| planned).collect();
        assert_eq!(found, [&planned[1], &planned[2], &planned[0]]);
    }

    #[test]
    fn a_member_from_which_nothing_came_stands_for_itself() {
        let config = [tree("oak", None), tree("elm", None)];
        let planned = [tree("oak", Some(1))];
        let pairs = pair_members(&tree_attributes(), &config, &planned);
        assert_eq!(pairs, [(&config[0], &planned[0]), (&config[1], &config[1])]);
    }
}
