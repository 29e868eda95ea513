//! Real addresses: load balancers, backends and clients are where the cloud has them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use clb_cloud_api::action::Action;
use clb_cloud_api::clb;
use clb_cloud_api::client::Client as Cloud;
use clb_cloud_api::ssl;
use clb_cloud_api::task::Wait;
use clb_simulator::backend::Backend;
use clb_simulator::client::{Client, Options};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};

use crate::network::inside;
use crate::sandbox;

/// The simulator around this test, as its environment names it.
fn cloud() -> Cloud {
    let endpoint = std::env::var("CLB_ENDPOINT").unwrap();
    let api = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
    sandbox::client(api, DEMO_SECRET_ID, DEMO_SECRET_KEY)
}

async fn done<A: Action>(cloud: &Cloud, action: &A) -> A::Reply {
    let answered = cloud.call(action).await.unwrap();
    let wait = Wait { timeout: Duration::from_secs(30), ..Wait::default() };
    cloud.wait_for(&answered.request_id, wait).await.unwrap();
    answered.reply
}

/// A load balancer with a listener on port 443, whose backend is at 10.0.1.5:8080. Gives it as the API shows it.
async fn load_balancer(cloud: &Cloud, ordered: &clb::CreateLoadBalancer) -> clb::LoadBalancer {
    let id = done(cloud, ordered).await.load_balancer_ids.unwrap()[0].clone();
    let server = sandbox::server();
    let upload = ssl::UploadCertificate {
        certificate_public_key: server.certificate,
        certificate_private_key: Some(server.key.as_str().into()),
        certificate_type: Some("SVR".into()),
        ..ssl::UploadCertificate::default()
    };
    let certificate = cloud.call(&upload).await.unwrap().reply.certificate_id;
    let request = clb::CreateListener {
        ports: vec![443],
        health_check: Some(clb::HealthCheck { health_switch: Some(0), ..clb::HealthCheck::default() }),
        ..sandbox::listener(&id, &certificate)
    };
    let listener = done(cloud, &request).await.listener_ids[0].clone();
    let backend = clb::Target { eni_ip: Some("10.0.1.5".into()), port: 8080, ..clb::Target::default() };
    done(cloud, &sandbox::register(&id, &listener, vec![backend])).await;
    let question =
        clb::DescribeLoadBalancers { load_balancer_ids: Some(vec![id]), ..clb::DescribeLoadBalancers::default() };
    cloud.call(&question).await.unwrap().reply.load_balancer_set.pop().unwrap()
}

/// What the backend answers to a client that comes from `source`: its name, and the address it saw.
async fn answer(source: &str, target: IpAddr) -> String {
    let options = Options { source: Some(source.parse().unwrap()), ..Options::insecure(SocketAddr::new(target, 443)) };
    let exchange = Client::new(options).unwrap().exchange(1, b"hello\n", 1).await;
    assert_eq!(exchange.error, None);
    exchange.replies[0].trim().to_owned()
}

#[test]
fn a_client_reaches_a_real_address_on_port_443_and_the_backend_sees_the_clients() {
    inside("addresses::a_client_reaches_a_real_address_on_port_443_and_the_backend_sees_the_clients", &[], async {
        let backend = Backend::start("10.0.1.5:8080".parse().unwrap(), Some("blue")).await.unwrap();
        let shown = load_balancer(&cloud(), &sandbox::public()).await;
        assert_eq!(shown.load_balancer_vips, ["203.0.113.1"]);
        let said = answer("198.51.100.7", "203.0.113.1".parse().unwrap()).await;
        assert!(said.starts_with("blue 198.51.100.7:"), "{said}");
        assert_eq!(backend.answered(), 1);
    });
}

#[test]
fn the_address_pool_can_be_any_network() {
    inside("addresses::the_address_pool_can_be_any_network", &["--vip-pool", "42.192.0.0/16"], async {
        let _backend = Backend::start("10.0.1.5:8080".parse().unwrap(), Some("blue")).await.unwrap();
        let shown = load_balancer(&cloud(), &sandbox::public()).await;
        assert_eq!(shown.load_balancer_vips, ["42.192.0.1"]);
        let said = answer("8.8.8.8", "42.192.0.1".parse().unwrap()).await;
        assert!(said.starts_with("blue 8.8.8.8:"), "{said}");
    });
}
