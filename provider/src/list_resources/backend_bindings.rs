//! `list "clb_backend_binding"`.

use tfplugin_sdk::{ListResource, Listing, Operation, Result};

use super::{Places, display_name};
use crate::data_sources::quic_listeners::QuicListenersInput;
use crate::errors::Doing;
use crate::platform::Platform;
use crate::resources::BackendBinding;
use crate::resources::backend_binding::BackendBindingIdentity;

/// What is bound to the QUIC listeners of the region, or of one load balancer: a binding for each listener that has backends, with
/// all of them. Which of them other bindings own is not written anywhere on the platform.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::ListResource)]
#[tf(lists = BackendBinding, conflicts(name, name_contains))]
pub struct BackendBindingSearch {
    /// Only bindings to listeners of this load balancer.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: Option<String>,
    /// Only bindings to listeners with exactly this name; several can have the same.
    #[tf(not_empty)]
    pub name: Option<String>,
    /// Only bindings to listeners with this somewhere in their names.
    #[tf(not_empty)]
    pub name_contains: Option<String>,
}

impl ListResource for BackendBindingSearch {
    async fn list(
        operation: &mut Operation<'_, Platform>,
        input: BackendBindingSearchInput,
        found: &mut Listing<BackendBinding>,
    ) -> Result<()> {
        let platform = operation.api();
        let mut places = Places::new(platform, input.load_balancer_id);
        let wanted = QuicListenersInput {
            load_balancer_id: String::new(),
            listener_ids: None,
            port: None,
            name: input.name,
            name_contains: input.name_contains,
            certificate_id: None,
        };
        while let Some(id) = operation.unless_cancelled(places.next()).await?? {
            let doing = format!("list the backends of {id}");
            let listeners = operation.unless_cancelled(platform.listeners(&id)).await?.doing(&doing)?;
            let bound = operation.unless_cancelled(platform.bound(&id)).await?.doing(&doing)?;
            let bound = bound.as_ref().map_or(&[][..], |bound| bound.as_slice());
            let has_backends =
                |listener: &str| bound.iter().any(|it| it.listener_id == listener && !it.targets.is_empty());
            for listener in listeners.iter().flat_map(|all| all.iter()).filter(|listener| wanted.fits(listener)) {
                if !has_backends(&listener.listener_id) {
                    continue;
                }
                let name = display_name(&listener.listener_name, &listener.listener_id);
                let (load_balancer_id, listener_id) = (id.clone(), listener.listener_id.clone());
                if !found.identity(name, BackendBindingIdentity { load_balancer_id, listener_id }).await {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
