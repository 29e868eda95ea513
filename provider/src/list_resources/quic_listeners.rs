//! `list "clb_quic_listener"`.

use std::collections::BTreeSet;

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use super::{Places, display_name};
use crate::data_sources::quic_listeners::QuicListenersInput;
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::QuicListener;
use crate::resources::quic_listener::{HealthCheck, from_wire};

/// The QUIC listeners of the region, or of one load balancer, that fit all filters; all of them without a filter. Without a load
/// balancer it takes a call for each one that can have QUIC listeners.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = QuicListener, conflicts(name, name_contains))]
pub struct QuicListenerSearch {
    /// Only listeners of this load balancer.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: Option<String>,
    /// Only listeners with these ids. Ids that do not exist find nothing.
    #[tf(each(pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d"))]
    pub listener_ids: Option<BTreeSet<String>>,
    /// Only listeners on this port.
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
}

impl ListResource for QuicListenerSearch {
    async fn list(
        operation: &mut Operation<'_, Platform>,
        input: QuicListenerSearchInput,
        found: &mut Listing<QuicListener>,
    ) -> Result<()> {
        let platform = operation.api();
        let mut places = Places::new(platform, input.load_balancer_id);
        let mut wanted = QuicListenersInput {
            load_balancer_id: String::new(),
            listener_ids: input.listener_ids,
            port: input.port,
            name: input.name,
            name_contains: input.name_contains,
            certificate_id: input.certificate_id,
        };
        while let Some(id) = operation.unless_cancelled(places.next()).await?? {
            wanted.load_balancer_id = id;
            let id = &wanted.load_balancer_id;
            let listeners = operation.unless_cancelled(platform.listeners(id)).await?;
            let listeners = listeners.doing(format_args!("list the listeners of {id}"))?;
            for listener in listeners.iter().flat_map(|all| all.iter()).filter(|listener| wanted.fits(listener)) {
                let name = display_name(&listener.listener_name, &listener.listener_id);
                if !found.state(name, from_wire(id, listener, &HealthCheck::default())?).await {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
