//! The resources: what each argument means, and which calls make it so.

pub mod backend_binding;
pub mod certificate;
pub mod load_balancer;
mod name;
mod official;
pub mod quic_listener;
mod quota;
pub mod security_group;
mod tags;

pub use backend_binding::BackendBinding;
pub use certificate::Certificate;
pub use load_balancer::LoadBalancer;
pub use quic_listener::QuicListener;
pub use security_group::SecurityGroup;

use tfplugin_sdk::{Path, PlanEdit, Resource};

use crate::platform::Platform;

/// Refuses a plan that names what is not on the platform.
fn refuse_absent<R: Resource<Api = Platform>>(plan: &mut PlanEdit<'_, R>, path: Path, what: &str, id: &str) {
    let region = plan.api.map(Platform::region).unwrap_or_default();
    plan.error(
        path,
        format!("The {what} {id} does not exist"),
        format!(
            "There is none with this id in the region {region} of this account. Check the id and the provider's region."
        ),
    );
}
