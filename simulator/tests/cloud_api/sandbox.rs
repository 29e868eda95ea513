//! A simulator of one test, on ports and addresses of its own, and a client of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use clb_cloud_api::action::Action;
use clb_cloud_api::client::{Client, ClientConfig};
use clb_cloud_api::task::{TaskOutcome, Wait};
use clb_cloud_api::{CallError, TaskError, clb, ssl};
use clb_simulator::config::{CLOSED_SECRET_ID, CLOSED_SECRET_KEY, DEMO_SECRET_ID, DEMO_SECRET_KEY};
use clb_simulator::{Config, Simulator};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

pub const REGION: &str = "ap-guangzhou";

pub struct Sandbox {
    pub simulator: Simulator,
    pub client: Client,
}

/// A certificate and its key.
pub struct Material {
    pub certificate: String,
    pub key: String,
}

impl Sandbox {
    pub async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    /// A simulator with addresses for load balancers that no other test, and no other run of the tests, uses.
    pub async fn start_with(config: Config) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let run = 200 + u8::try_from(std::process::id() % 50).expect("below 50");
        let network = Ipv4Addr::new(127, run, NEXT.fetch_add(1, Ordering::Relaxed), 0);
        let vip_pool = format!("{network}/24").parse().expect("a network");
        let simulator = Simulator::start(Config { vip_pool, ..config }).await.expect("a simulator on free ports");
        let client = client(simulator.api_address(), DEMO_SECRET_ID, DEMO_SECRET_KEY);
        Self { simulator, client }
    }

    /// A client of the account that is not admitted to the beta.
    pub fn closed_client(&self) -> Client {
        client(self.simulator.api_address(), CLOSED_SECRET_ID, CLOSED_SECRET_KEY)
    }

    /// A client like the sandbox's own, with another set-up.
    pub fn client_with(&self, change: impl FnOnce(ClientConfig) -> ClientConfig) -> Client {
        let mut config = ClientConfig::new(REGION, DEMO_SECRET_ID, DEMO_SECRET_KEY);
        config.endpoint = Some(format!("http://{}", self.simulator.api_address()));
        Client::new(change(config)).expect("a usable endpoint")
    }

    /// A call that is answered.
    pub async fn call<A: Action>(&self, action: &A) -> A::Reply {
        self.client.call(action).await.expect("the call is answered").reply
    }

    /// A write that succeeds, until its task has ended.
    pub async fn done<A: Action>(&self, action: &A) -> A::Reply {
        let answered = self.client.call(action).await.expect("the write is accepted");
        self.wait(&answered.request_id).await.expect("the task succeeds");
        answered.reply
    }

    pub async fn wait(&self, task_id: &str) -> Result<TaskOutcome, TaskError> {
        self.client.wait_for(task_id, Wait { timeout: Duration::from_secs(30), ..Wait::default() }).await
    }

    /// Code and message of a call that is refused.
    pub async fn refused<A: Action>(&self, action: &A) -> (String, String) {
        refused_to(&self.client, action).await
    }

    pub async fn code<A: Action>(&self, action: &A) -> String {
        self.refused(action).await.0
    }

    /// A new load balancer.
    pub async fn load_balancer(&self) -> String {
        self.create_load_balancer(&public()).await
    }

    pub async fn create_load_balancer(&self, request: &clb::CreateLoadBalancer) -> String {
        let reply = self.done(request).await;
        reply.load_balancer_ids.expect("the ids come with the reply")[0].clone()
    }

    /// A new server certificate.
    pub async fn server_certificate(&self) -> String {
        self.upload(&server(), "SVR").await
    }

    pub async fn ca_certificate(&self) -> String {
        self.upload(&ca(), "CA").await
    }

    pub async fn upload(&self, material: &Material, kind: &str) -> String {
        let key = (kind == "SVR").then(|| material.key.as_str().into());
        let request = ssl::UploadCertificate {
            certificate_public_key: material.certificate.clone(),
            certificate_private_key: key,
            certificate_type: Some(kind.into()),
            ..ssl::UploadCertificate::default()
        };
        self.call(&request).await.certificate_id
    }

    /// A request for a listener on UDP port 8443 of a new load balancer.
    pub async fn listener_request(&self) -> clb::CreateListener {
        listener(&self.load_balancer().await, &self.server_certificate().await)
    }

    /// A load balancer with a listener.
    pub async fn listener(&self) -> (String, String) {
        let request = self.listener_request().await;
        let reply = self.done(&request).await;
        (request.load_balancer_id, reply.listener_ids[0].clone())
    }

    pub async fn describe_listener(&self, load_balancer: &str, listener: &str) -> Option<clb::Listener> {
        let request = clb::DescribeListeners {
            load_balancer_id: load_balancer.into(),
            listener_ids: Some(vec![listener.into()]),
            ..clb::DescribeListeners::default()
        };
        self.call(&request).await.listeners.pop()
    }

    pub async fn describe_load_balancer(&self, id: &str) -> Option<clb::LoadBalancer> {
        let request = clb::DescribeLoadBalancers {
            load_balancer_ids: Some(vec![id.into()]),
            ..clb::DescribeLoadBalancers::default()
        };
        self.call(&request).await.load_balancer_set.pop()
    }

    /// Where a listener takes QUIC connections.
    pub async fn address(&self, load_balancer: &str, port: u16) -> SocketAddr {
        let described = self.describe_load_balancer(load_balancer).await.expect("it is there");
        SocketAddr::new(described.load_balancer_vips[0].parse().expect("an address"), port)
    }
}

/// Code and message of a call that is refused.
pub async fn refused_to<A: Action>(client: &Client, action: &A) -> (String, String) {
    match client.call(action).await {
        Err(CallError::Api(error)) => (error.code, error.message),
        other => panic!("refused with a code, not {other:?}"),
    }
}

pub fn client(api: SocketAddr, secret_id: &str, secret_key: &str) -> Client {
    let mut config = ClientConfig::new(REGION, secret_id, secret_key);
    config.endpoint = Some(format!("http://{api}"));
    Client::new(config).expect("a usable endpoint")
}

pub fn public() -> clb::CreateLoadBalancer {
    clb::CreateLoadBalancer { load_balancer_type: "OPEN".into(), ..clb::CreateLoadBalancer::default() }
}

pub fn listener(load_balancer: &str, certificate: &str) -> clb::CreateListener {
    clb::CreateListener {
        load_balancer_id: load_balancer.into(),
        ports: vec![8443],
        protocol: "QUIC".into(),
        certificate: Some(clb::CertificateInput {
            cert_id: Some(certificate.into()),
            ..clb::CertificateInput::default()
        }),
        ..clb::CreateListener::default()
    }
}

/// A server certificate that has signed itself.
pub fn server() -> Material {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["game.example".to_owned()]).expect("a name");
    Material { certificate: params.self_signed(&key).expect("a certificate").pem(), key: key.serialize_pem() }
}

/// A CA certificate.
pub fn ca() -> Material {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Material { certificate: params.self_signed(&key).expect("a certificate").pem(), key: key.serialize_pem() }
}

pub fn instance(id: &str, port: i64) -> clb::Target {
    clb::Target { instance_id: Some(id.into()), port, ..clb::Target::default() }
}

pub fn register(load_balancer: &str, listener: &str, targets: Vec<clb::Target>) -> clb::RegisterTargets {
    clb::RegisterTargets {
        load_balancer_id: load_balancer.into(),
        listener_id: listener.into(),
        targets,
        ..clb::RegisterTargets::default()
    }
}
