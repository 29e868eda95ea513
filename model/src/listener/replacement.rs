//! Replacing a certificate wherever listeners of the account use it, in every region. What it is used for stays: a server
//! certificate takes the place of a server certificate, a CA that of a CA.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Listener;
use super::tls::{self, ClientVerification, ListenerTls, TlsDraft};
use crate::certificate::{Certificate, Purpose};
use crate::id::{CertificateId, ListenerId, LoadBalancerId};
use crate::refusal::{Field, Refusal, require};
use crate::region::Region;
use crate::rules::Rule;
use crate::task::{Occasion, Work};
use crate::world::World;

/// The listeners that use a certificate, by region and load balancer.
type Users = BTreeMap<String, Vec<(LoadBalancerId, Vec<ListenerId>)>>;

impl World {
    /// Puts the certificate that the draft chooses in place of `old`, on every listener. `region` is whose task it is;
    /// the other regions have one with the same id. The draft's modes are checked and change nothing (a choice: the
    /// platform says only that certificates are replaced).
    pub fn replace_certificate(
        &mut self,
        region: &str,
        old: &str,
        draft: &TlsDraft,
        occasion: &mut Occasion<'_>,
    ) -> Result<(), Refusal> {
        self.region(region)?;
        let old = CertificateId::from(old);
        let users = self.users_of(&old);
        let purpose = self.purpose_of(&old)?;
        for (name, load_balancers) in &users {
            let tasks = &self.region(name)?.tasks;
            load_balancers.iter().try_for_each(|(id, _)| tasks.ensure_idle(id, Rule::LbTaskLockUnlistedWrites))?;
        }
        let picked = draft.check_replacement(purpose, self)?;
        for listener in self.listeners() {
            if let Some(tls) = &listener.tls {
                require(!tls.would_repeat(&old, picked.algorithm()), || {
                    let given = format!("{}, of listener {}", picked.algorithm(), listener.id);
                    Refusal::new(Rule::MultiCertDistinctAlgorithms).at(Field::Certificate).given(given)
                })?;
            }
        }
        let new = tls::keep(picked, self, occasion)?;
        for (name, load_balancers) in &users {
            self.region_mut(name)?.replace_certificate(&old, &new, load_balancers, occasion);
        }
        if !users.contains_key(region) {
            self.region_mut(region)?.tasks.start(occasion, Vec::new());
        }
        Ok(())
    }

    fn users_of(&self, id: &CertificateId) -> Users {
        let mut users = Users::new();
        for region in self.regions() {
            for load_balancer in region.load_balancers() {
                let listeners: Vec<ListenerId> = load_balancer
                    .listeners()
                    .filter(|listener| listener.certificates().any(|certificate| certificate.id == *id))
                    .map(|listener| listener.id.clone())
                    .collect();
                if !listeners.is_empty() {
                    users.entry(region.name.clone()).or_default().push((load_balancer.id.clone(), listeners));
                }
            }
        }
        users
    }

    /// What a certificate is for that is in the account, or that listeners have kept a copy of.
    fn purpose_of(&self, id: &CertificateId) -> Result<Purpose, Refusal> {
        let known = self.certificate(id.as_str()).ok().map(|certificate| certificate.purpose);
        let mut used = self.listeners().flat_map(Listener::certificates);
        known
            .or_else(|| used.find(|certificate| certificate.id == *id).map(|certificate| certificate.purpose))
            .ok_or_else(|| Refusal::new(Rule::CertificateIdMustExist).at(Field::OldCertificateId).given(id))
    }
}

impl Region {
    fn replace_certificate(
        &mut self,
        old: &CertificateId,
        new: &Arc<Certificate>,
        users: &[(LoadBalancerId, Vec<ListenerId>)],
        occasion: &Occasion<'_>,
    ) {
        for (id, listeners) in users {
            let Some(load_balancer) = self.load_balancers.get_mut(id).map(Arc::make_mut) else { continue };
            for id in listeners {
                let listener = load_balancer.listeners.get_mut(id).map(Arc::make_mut);
                if let Some(tls) = listener.and_then(|listener| listener.tls.as_mut()) {
                    tls.replace(old, new);
                }
            }
        }
        let load_balancers = users.iter().map(|(id, _)| id.clone()).collect();
        let listeners = users.iter().flat_map(|(_, listeners)| listeners.iter().cloned()).collect();
        self.tasks.start_work(occasion, load_balancers, Work::Changing(listeners));
    }
}

impl ListenerTls {
    fn replace(&mut self, old: &CertificateId, new: &Arc<Certificate>) {
        let mut places: Vec<&mut Arc<Certificate>> =
            std::iter::once(&mut self.server).chain(&mut self.further).collect();
        if let ClientVerification::Mutual { ca, .. } = &mut self.clients {
            places.push(ca);
        }
        for place in places.into_iter().filter(|place| place.id == *old) {
            *place = Arc::clone(new);
        }
    }

    /// Whether a server certificate of that algorithm in place of `old` would be beside another of the same.
    fn would_repeat(&self, old: &CertificateId, algorithm: &str) -> bool {
        let mut servers = std::iter::once(&self.server).chain(&self.further);
        servers.clone().any(|server| server.id == *old)
            && servers.any(|server| server.id != *old && tls::algorithm(&server.facts) == algorithm)
    }
}
