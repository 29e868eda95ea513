//! Real addresses: load balancers, backends and clients are where the cloud has them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clb_cloud_api::action::Action;
use clb_cloud_api::clb;
use clb_cloud_api::client::Client as Cloud;
use clb_cloud_api::ssl;
use clb_cloud_api::task::Wait;
use clb_simulator::backend::Backend;
use clb_simulator::client::{Client, Options};
use clb_simulator::config::{DEMO_SECRET_ID, DEMO_SECRET_KEY};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

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

/// The client's address that the backend answered with.
fn seen(said: &str) -> IpAddr {
    let (name, address) = said.split_once(' ').unwrap();
    assert_eq!(name, "blue");
    address.parse::<SocketAddr>().unwrap().ip()
}

fn nat64() -> clb::CreateLoadBalancer {
    clb::CreateLoadBalancer { address_ip_version: Some("IPV6".into()), ..sandbox::public() }
}

#[test]
fn a_nat64_load_balancer_is_reached_by_ipv6_and_its_backend_sees_ipv4() {
    inside("addresses::a_nat64_load_balancer_is_reached_by_ipv6_and_its_backend_sees_ipv4", &[], async {
        let _backend = Backend::start("10.0.1.5:8080".parse().unwrap(), Some("blue")).await.unwrap();
        let cloud = cloud();
        let shown = load_balancer(&cloud, &nat64()).await;
        assert_eq!((shown.address_ip_version.as_str(), shown.ipv6_mode.as_deref()), ("ipv6", Some("IPv6Nat64")));
        assert_eq!((shown.address_ipv6.as_deref(), shown.load_balancer_vips.len()), (Some("2001:db8::cb00:7101"), 0));
        let vip: IpAddr = shown.address_ipv6.unwrap().parse().unwrap();

        let (one, other) = (seen(&answer("2001:db8::7", vip).await), seen(&answer("2001:db8::8", vip).await));
        let translated: ipnet::IpNet = "100.64.0.0/10".parse().unwrap();
        assert!(translated.contains(&one) && translated.contains(&other) && one != other, "{one} {other}");
        assert_eq!(seen(&answer("2001:db8::7", vip).await), one, "the same client is seen at the same address");

        // What asks for the address finds the load balancer by it.
        let question = clb::DescribeLoadBalancers {
            load_balancer_vips: Some(vec![vip.to_string()]),
            ..clb::DescribeLoadBalancers::default()
        };
        assert_eq!(cloud.call(&question).await.unwrap().reply.total_count, 1);
        let question = clb::DescribeLoadBalancersDetail {
            fields: Some(vec!["Address".into(), "AddressIPv6".into()]),
            filters: Some(vec![clb::Filter { name: "vip".into(), values: vec![vip.to_string()] }]),
            ..clb::DescribeLoadBalancersDetail::default()
        };
        let detail = cloud.call(&question).await.unwrap().reply.load_balancer_detail_set.pop().unwrap();
        assert_eq!((detail.address, detail.address_ipv6), (None, Some(vip.to_string())));
    });
}

#[test]
fn with_nat64_the_proxy_header_has_the_clients_address_of_ipv6_and_snat_the_load_balancers_of_ipv4() {
    inside(
        "addresses::with_nat64_the_proxy_header_has_the_clients_address_of_ipv6_and_snat_the_load_balancers_of_ipv4",
        &[],
        async {
            let backend = TcpListener::bind("10.0.1.5:8080").await.unwrap();
            let cloud = cloud();
            let shown = load_balancer(&cloud, &nat64()).await;
            let change = clb::ModifyListener {
                load_balancer_id: shown.load_balancer_id.clone(),
                listener_id: listener_of(&cloud, &shown.load_balancer_id).await,
                proxy_protocol: Some(true),
                snat_enable: Some(true),
                ..clb::ModifyListener::default()
            };
            done(&cloud, &change).await;
            let vip: IpAddr = shown.address_ipv6.unwrap().parse().unwrap();
            let asked = tokio::spawn(async move { answer("2001:db8::7", vip).await });
            let (mut connection, peer) = backend.accept().await.unwrap();
            assert_eq!(peer.ip(), IpAddr::from([203, 0, 113, 1]));
            let mut header = [0; 52];
            connection.read_exact(&mut header).await.unwrap();
            assert_eq!(header[13], 0x21, "a stream of IPv6");
            assert_eq!(header[16..32], "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
            assert_eq!(header[32..48], "2001:db8::cb00:7101".parse::<Ipv6Addr>().unwrap().octets());
            assert_eq!(header[50..], 443_u16.to_be_bytes());
            connection.write_all(b"blue\n").await.unwrap();
            connection.shutdown().await.unwrap();
            assert_eq!(asked.await.unwrap(), "blue");
        },
    );
}

/// The id of its only listener.
async fn listener_of(cloud: &Cloud, load_balancer: &str) -> String {
    let question =
        clb::DescribeListeners { load_balancer_id: load_balancer.into(), ..clb::DescribeListeners::default() };
    cloud.call(&question).await.unwrap().reply.listeners[0].listener_id.clone()
}

#[test]
fn a_health_check_over_nat64_comes_from_the_load_balancers_address_of_ipv4() {
    inside("addresses::a_health_check_over_nat64_comes_from_the_load_balancers_address_of_ipv4", &[], async {
        let backend = TcpListener::bind("10.0.1.5:8080").await.unwrap();
        let cloud = cloud();
        let shown = load_balancer(&cloud, &nat64()).await;
        let change = clb::ModifyListener {
            load_balancer_id: shown.load_balancer_id.clone(),
            listener_id: listener_of(&cloud, &shown.load_balancer_id).await,
            health_check: Some(clb::HealthCheck { health_switch: Some(1), ..clb::HealthCheck::default() }),
            ..clb::ModifyListener::default()
        };
        done(&cloud, &change).await;
        let (_, peer) = backend.accept().await.unwrap();
        assert_eq!(peer.ip(), IpAddr::from([203, 0, 113, 1]));
    });
}
