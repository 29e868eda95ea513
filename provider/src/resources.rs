//! The resources: what each argument means, and which calls make it so.

pub mod backend_binding;
pub mod certificate;
pub mod load_balancer;
pub mod quic_listener;

pub use backend_binding::BackendBinding;
pub use certificate::Certificate;
pub use load_balancer::LoadBalancer;
pub use quic_listener::QuicListener;
