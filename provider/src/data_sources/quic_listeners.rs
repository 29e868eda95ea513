//! `clb_quic_listeners`: the QUIC listeners of a load balancer.

use std::collections::BTreeSet;

use clb_cloud_api::clb;
use tfplugin_sdk::{DataSource, Operation, Result, path};

use super::{absent, is_among, is_named};
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::quic_listener::{HealthCheck, QUIC, Scheduler, Tls, from_wire};

/// The QUIC listeners of a load balancer that fit all filters, also those that Terraform does not manage; all of them without a
/// filter. They come in the order of their ports.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]
#[tf(name = "clb_quic_listeners", conflicts(name, name_contains))]
pub struct QuicListeners {
    /// Load balancer whose listeners are looked for.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Only listeners with these ids. Ids that do not exist find nothing.
    #[tf(each(pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d"))]
    pub listener_ids: Option<BTreeSet<String>>,
    /// Only the listener on this port.
    #[tf(port)]
    pub port: Option<u16>,
    /// Only listeners with exactly this name; several can have the same.
    #[tf(not_empty)]
    pub name: Option<String>,
    /// Only listeners with this somewhere in their names.
    #[tf(not_empty)]
    pub name_contains: Option<String>,
    /// Only listeners that use this certificate, for themselves or to check clients against.
    #[tf(not_empty)]
    pub certificate_id: Option<String>,
    /// What was found.
    #[tf(computed)]
    pub listeners: Vec<FoundListener>,
}

/// A listener that was found.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
pub struct FoundListener {
    /// Id of the listener.
    pub listener_id: String,
    /// Load balancer it belongs to.
    pub load_balancer_id: String,
    /// UDP port.
    pub port: u16,
    /// Name.
    pub name: String,
    /// How a backend is chosen for a new connection: `weighted_round_robin` or `least_connections`.
    pub scheduler: Scheduler,
    /// Certificates.
    pub tls: Tls,
    /// How the backends are checked.
    pub health_check: HealthCheck,
    /// Whether each connection to a backend starts with a PROXY protocol (version 2) header.
    pub proxy_protocol: bool,
    /// Whether the backends see an address of the load balancer instead of the client's.
    pub snat: bool,
    /// The most connections at a time, if the listener has a limit of its own.
    pub max_connections: Option<u32>,
    /// The most new connections per second, if the listener has a limit of its own.
    pub max_new_connections_per_second: Option<u32>,
    /// When it was created, as the platform writes it: `YYYY-MM-DD hh:mm:ss` in GMT+8.
    pub created_at: String,
}

impl DataSource for QuicListeners {
    type Api = Platform;

    async fn read(operation: &mut Operation<'_, Platform>, input: QuicListenersInput) -> Result<Self> {
        let (platform, id) = (operation.api(), &input.load_balancer_id);
        let found = operation.unless_cancelled(platform.listeners(id)).await?;
        let found = found.doing(format_args!("list the listeners of {id}"))?;
        let all = found.ok_or_else(|| absent(platform, path!(load_balancer_id), "load balancer", id))?;
        let mut listeners: Vec<FoundListener> =
            all.iter().filter(|listener| input.fits(listener)).map(|it| described(id, it)).collect::<Result<_>>()?;
        listeners.sort_by_key(|listener| listener.port);
        let QuicListenersInput { load_balancer_id, listener_ids, port, name, name_contains, certificate_id } = input;
        Ok(Self { load_balancer_id, listener_ids, port, name, name_contains, certificate_id, listeners })
    }
}

impl QuicListenersInput {
    /// Whether a listener of the load balancer is what is looked for.
    pub(crate) fn fits(&self, listener: &clb::Listener) -> bool {
        let certificate = |wanted: &String| {
            listener.certificate.as_ref().is_some_and(|used| used.cert_id == *wanted || used.cert_ca_id == *wanted)
        };
        listener.protocol == QUIC
            && is_among(&listener.listener_id, self.listener_ids.as_ref())
            && self.port.is_none_or(|wanted| listener.port == i64::from(wanted))
            && is_named(&listener.listener_name, self.name.as_ref(), self.name_contains.as_ref())
            && self.certificate_id.as_ref().is_none_or(certificate)
    }
}

fn described(load_balancer_id: &str, listener: &clb::Listener) -> Result<FoundListener> {
    let known = from_wire(load_balancer_id, listener, &HealthCheck::default())?;
    Ok(FoundListener {
        listener_id: known.listener_id,
        load_balancer_id: known.load_balancer_id,
        port: known.port,
        name: known.name,
        scheduler: known.scheduler,
        tls: known.tls,
        health_check: known.health_check,
        proxy_protocol: known.proxy_protocol,
        snat: known.snat,
        max_connections: known.max_connections,
        max_new_connections_per_second: known.max_new_connections_per_second,
        created_at: listener.create_time.clone(),
    })
}

#[cfg(test)]
mod tests {
    use clb_cloud_api::clb;
    use tfplugin_sdk::Codec;

    use super::QuicListenersInput;

    #[test]
    fn only_quic_listeners_are_found_and_a_certificate_is_found_in_both_places() {
        let listener = |protocol: &str| clb::Listener {
            listener_id: "lbl-1".to_owned(),
            protocol: protocol.to_owned(),
            certificate: Some(clb::CertificateOutput {
                cert_id: "aB3dE5gH".to_owned(),
                cert_ca_id: "cD4eF6iJ".to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let with = |id: Option<&str>| QuicListenersInput {
            certificate_id: id.map(str::to_owned),
            ..QuicListenersInput::absent()
        };
        assert!(with(None).fits(&listener("QUIC")) && !with(None).fits(&listener("UDP")));
        assert!(with(Some("aB3dE5gH")).fits(&listener("QUIC")) && with(Some("cD4eF6iJ")).fits(&listener("QUIC")));
        assert!(!with(Some("other")).fits(&listener("QUIC")));
        let bare = clb::Listener { certificate: None, ..listener("QUIC") };
        assert!(with(None).fits(&bare) && !with(Some("aB3dE5gH")).fits(&bare));
    }
}
