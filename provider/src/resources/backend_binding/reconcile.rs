//! From what is bound, what is owned and what is wanted to what has to be done. Pure: no calls.
//!
//! The platform names a target by listener, instance or address, and port; one target can be meant by its instance or by its
//! address, and what the platform reports need not be what was registered.

use std::collections::BTreeSet;

use clb_cloud_api::clb;

use super::Backend;

/// What has to be done on a listener.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Backends to bind.
    pub(super) bind: Vec<Backend>,
    /// Backends to give another weight: as they are, and as they are wanted.
    pub(super) reweigh: Vec<(Backend, Backend)>,
    /// Backends to unbind.
    pub(super) unbind: Vec<Backend>,
}

impl Changes {
    /// What makes the wanted backends be bound. What was owned and is not wanted goes; with `exclusive` everything else goes too.
    /// Fails with a backend that is wanted and belongs to somebody else.
    pub(super) fn new(
        bound: &[clb::Backend],
        owned: &BTreeSet<Backend>,
        wanted: &BTreeSet<Backend>,
        exclusive: bool,
    ) -> Result<Self, Backend> {
        let mut changes = Self::default();
        for found in bound {
            let ours = owned.iter().find(|backend| is_same(backend, found));
            match wanted.iter().find(|backend| is_same(backend, found)) {
                Some(backend) if ours.is_none() && !exclusive => return Err(backend.clone()),
                Some(backend) if weight(found) != backend.weight => {
                    let before = ours.cloned().unwrap_or_else(|| named_as(found));
                    changes.reweigh.push((before, backend.clone()));
                }
                Some(_) => {}
                None => changes.unbind.extend(ours.cloned().or_else(|| exclusive.then(|| named_as(found)))),
            }
        }
        let missing = wanted.iter().filter(|backend| !bound.iter().any(|found| is_same(backend, found)));
        changes.bind.extend(missing.cloned());
        Ok(changes)
    }

    /// The owned backends that are still bound, by the names they were bound with.
    pub(super) fn unbinding(bound: &[clb::Backend], owned: &BTreeSet<Backend>) -> Vec<Backend> {
        owned.iter().filter(|backend| bound.iter().any(|found| is_same(backend, found))).cloned().collect()
    }
}

/// The backends of the state: those known by name, with the weight they have now, and with `all` the others too.
pub(super) fn state_backends(bound: &[clb::Backend], known: &BTreeSet<Backend>, all: bool) -> BTreeSet<Backend> {
    let backends = bound.iter().filter_map(|found| match known.iter().find(|backend| is_same(backend, found)) {
        Some(backend) => Some(Backend { weight: weight(found), ..backend.clone() }),
        None => all.then(|| named_as(found)),
    });
    backends.collect()
}

/// Whether a backend in Terraform means this target.
pub(super) fn is_same(backend: &Backend, found: &clb::Backend) -> bool {
    let by_instance = backend.instance_id.as_ref().is_some_and(|id| *id == found.instance_id);
    let by_address = backend.eni_ip.as_ref().is_some_and(|ip| found.private_ip_addresses.contains(ip));
    i64::from(backend.port) == found.port && (by_instance || by_address)
}

/// A target in Terraform's words, when nobody has named it yet.
pub(crate) fn named_as(found: &clb::Backend) -> Backend {
    let instance = found.r#type.eq_ignore_ascii_case("CVM") && !found.instance_id.is_empty();
    Backend {
        instance_id: instance.then(|| found.instance_id.clone()),
        eni_ip: found.private_ip_addresses.first().filter(|_| !instance).cloned(),
        port: u16::try_from(found.port).unwrap_or_default(),
        weight: weight(found),
    }
}

/// Weights are 0 to 100.
fn weight(found: &clb::Backend) -> u8 {
    u8::try_from(found.weight).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clb_cloud_api::clb;

    use super::{Changes, state_backends};
    use crate::resources::backend_binding::Backend;

    fn instance(id: &str, port: u16, weight: u8) -> Backend {
        Backend { instance_id: Some(id.to_owned()), eni_ip: None, port, weight }
    }

    fn eni(ip: &str, port: u16, weight: u8) -> Backend {
        Backend { instance_id: None, eni_ip: Some(ip.to_owned()), port, weight }
    }

    fn bound(kind: &str, id: &str, ip: &str, port: u16, weight: u8) -> clb::Backend {
        clb::Backend {
            r#type: kind.to_owned(),
            instance_id: id.to_owned(),
            private_ip_addresses: vec![ip.to_owned()],
            port: port.into(),
            weight: weight.into(),
            ..Default::default()
        }
    }

    fn set<const N: usize>(backends: [Backend; N]) -> BTreeSet<Backend> {
        BTreeSet::from(backends)
    }

    #[test]
    fn what_is_bound_as_wanted_is_left_alone() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10)];
        let wanted = set([instance("ins-1", 80, 10)]);
        assert_eq!(Changes::new(&there, &wanted, &wanted, false), Ok(Changes::default()));
        assert_eq!(state_backends(&there, &wanted, false), wanted);
    }

    #[test]
    fn a_weight_is_changed_in_place() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10), bound("CVM", "ins-2", "10.0.1.6", 80, 10)];
        let owned = set([instance("ins-1", 80, 10), instance("ins-2", 80, 10)]);
        let wanted = set([instance("ins-1", 80, 0), instance("ins-2", 80, 10)]);
        let changes = Changes::new(&there, &owned, &wanted, false).expect("nothing is foreign");
        assert_eq!(changes.reweigh, [(instance("ins-1", 80, 10), instance("ins-1", 80, 0))]);
        assert!(changes.bind.is_empty() && changes.unbind.is_empty());
    }

    #[test]
    fn another_port_is_another_backend() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10), bound("CVM", "ins-1", "10.0.1.5", 81, 10)];
        let owned = set([instance("ins-1", 80, 10), instance("ins-1", 81, 10)]);
        let wanted = set([instance("ins-1", 81, 10), instance("ins-1", 82, 10)]);
        let changes = Changes::new(&there, &owned, &wanted, false).expect("nothing is foreign");
        assert_eq!(changes.unbind, [instance("ins-1", 80, 10)]);
        assert_eq!(changes.bind, [instance("ins-1", 82, 10)]);
    }

    #[test]
    fn foreign_backends_are_left_alone_unless_exclusive() {
        let there = [bound("ENI", "", "10.0.1.9", 80, 10)];
        let wanted = set([eni("10.0.1.5", 80, 10)]);
        let shared = Changes::new(&there, &BTreeSet::new(), &wanted, false).expect("another address");
        assert!(shared.unbind.is_empty());
        assert!(state_backends(&there, &wanted, false).is_empty());
        let alone = Changes::new(&there, &BTreeSet::new(), &wanted, true).expect("exclusive");
        assert_eq!(alone.unbind, [eni("10.0.1.9", 80, 10)]);
        assert_eq!(state_backends(&there, &wanted, true), set([eni("10.0.1.9", 80, 10)]), "drift is visible");
    }

    #[test]
    fn a_backend_of_somebody_else_is_not_taken_over_silently() {
        let there = [bound("ENI", "", "10.0.1.5", 80, 10)];
        let wanted = set([eni("10.0.1.5", 80, 10)]);
        assert_eq!(Changes::new(&there, &BTreeSet::new(), &wanted, false), Err(eni("10.0.1.5", 80, 10)));
        assert_eq!(Changes::new(&there, &BTreeSet::new(), &wanted, true), Ok(Changes::default()));
    }

    #[test]
    fn the_same_target_may_be_meant_by_instance_or_address() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10)];
        let (by_address, by_instance) = (set([eni("10.0.1.5", 80, 10)]), set([instance("ins-1", 80, 10)]));
        assert_eq!(state_backends(&there, &by_address, false), by_address);
        assert_eq!(Changes::new(&there, &by_address, &by_instance, false), Ok(Changes::default()));
    }

    #[test]
    fn a_backend_is_unbound_by_the_name_it_was_bound_with() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10)];
        let (owned, other) = (set([eni("10.0.1.5", 80, 10)]), set([eni("10.0.1.6", 80, 10)]));
        assert_eq!(Changes::unbinding(&there, &owned), [eni("10.0.1.5", 80, 10)]);
        let changes = Changes::new(&there, &owned, &other, false).expect("nothing is foreign");
        assert_eq!(changes.unbind, [eni("10.0.1.5", 80, 10)]);
    }

    #[test]
    fn only_owned_backends_are_unbound_at_the_end() {
        let there = [bound("CVM", "ins-1", "10.0.1.5", 80, 10), bound("CVM", "ins-2", "10.0.1.6", 80, 10)];
        let owned = set([instance("ins-1", 80, 10), instance("ins-3", 80, 10)]);
        assert_eq!(Changes::unbinding(&there, &owned), [instance("ins-1", 80, 10)]);
    }
}
