//! What plans are held against: load balancers, listeners, a binding and certificates that somebody else has made.

use clb_acceptance_tests::certificates::{Authority, Identity};
use clb_acceptance_tests::parts::{self, binding, eni, listener, made};
use clb_acceptance_tests::sandbox::Sandbox;
use clb_provider::resources::load_balancer::{AddressIpVersion, LoadBalancerConfig};
use clb_provider::resources::quic_listener::{HealthCheckConfig, QuicListenerConfig};
use clb_provider::resources::{BackendBinding, Certificate, LoadBalancer, QuicListener};
use tfplugin_sdk::Value;
use tfplugin_sdk::testing::Core;

/// What cases stand on. All of it was made by somebody else: another process, as far as the provider that plans knows.
pub struct Stage {
    pub core: Core,
    pub balancer: String,
    pub vip: String,
    pub nat64: String,
    pub full_chain: String,
    pub server: String,
    pub ca: String,
    pub listener: String,
    pub other_listener: String,
    pub identity: Identity,
    pub authority: Authority,
}

impl Stage {
    pub async fn set(world: &Sandbox) -> Self {
        let others = world.core().await;
        let (identity, authority) = (Identity::server(), Authority::new());
        let balancer = |config: LoadBalancerConfig| {
            let others = &others;
            async move { parts::load_balancer_id(&made::<LoadBalancer>(others, &config).await) }
        };
        let public = made::<LoadBalancer>(&others, &parts::load_balancer()).await.state().unwrap();
        let (public, vip) = (public.load_balancer_id, public.vips[0].clone());
        let server = parts::certificate_id(&made::<Certificate>(&others, &parts::certificate(&identity)).await);
        let ca = parts::certificate_id(&made::<Certificate>(&others, &parts::client_ca(&authority)).await);
        let there = made::<QuicListener>(&others, &listener(&public, 443 + 8000, &server)).await;
        let other = made::<QuicListener>(&others, &listener(&public, 9443, &server)).await;
        let (there, other) = (parts::listener_id(&there), parts::listener_id(&other));
        made::<BackendBinding>(&others, &binding(&public, &there, vec![eni("10.0.1.5", 8080, 10)])).await;
        Self {
            core: world.core().await,
            nat64: balancer(parts::ipv6_load_balancer(AddressIpVersion::Ipv6Nat64)).await,
            full_chain: balancer(parts::ipv6_load_balancer(AddressIpVersion::Ipv6FullChain)).await,
            balancer: public,
            vip,
            server,
            ca,
            listener: there,
            other_listener: other,
            identity,
            authority,
        }
    }

    /// A listener that can be created there.
    pub fn new_listener(&self) -> QuicListenerConfig {
        listener(&self.balancer, 10_443, &self.server)
    }

    /// The same, checked otherwise.
    pub fn checked(&self, change: impl FnOnce(&mut HealthCheckConfig)) -> QuicListenerConfig {
        let mut check = HealthCheckConfig::default();
        change(&mut check);
        QuicListenerConfig { health_check: Value::Known(check), ..self.new_listener() }
    }
}
