//! What a case stands on: a world of its own, in which things with a name like `$lb` are made when a request first names
//! them.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use clb_simulator::config::{CLOSED_SECRET_ID, CLOSED_SECRET_KEY, DEMO_SECRET_ID, DEMO_SECRET_KEY};
use clb_simulator::seed::{
    BASIC_NETWORK_LOAD_BALANCER, CLASSIC_LOAD_BALANCER, INSTANCES, OTHER_INSTANCE, OTHER_VPC, SECURITY_GROUP, SUBNET,
    VPC,
};
use clb_simulator::{Config, Simulator};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

use crate::door::{Answer, Signed};

/// A simulator with addresses for load balancers that no other test, and no other run of the tests, uses.
pub async fn simulator() -> Simulator {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let run = 100 + u8::try_from(std::process::id() % 50).expect("below 50");
    let block = NEXT.fetch_add(1, Ordering::Relaxed) % 32 * 8;
    let vip_pool = format!("{}/21", Ipv4Addr::new(127, run, block, 0)).parse().expect("a network");
    Simulator::start(Config { vip_pool, ..Config::default() }).await.expect("a simulator on free ports")
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// An account that may have QUIC listeners.
    Admitted,
    /// One that may not.
    Closed,
}

/// One world of a simulator.
#[derive(Debug)]
pub struct Stage {
    pub api: SocketAddr,
    pub secret_id: String,
    pub secret_key: &'static str,
    things: BTreeMap<String, String>,
}

impl Stage {
    /// A world of that name, empty but for what every world has from the start.
    pub fn new(simulator: &Simulator, name: &str, who: Who) -> Self {
        let (secret_id, secret_key) = match who {
            Who::Admitted => (DEMO_SECRET_ID, DEMO_SECRET_KEY),
            Who::Closed => (CLOSED_SECRET_ID, CLOSED_SECRET_KEY),
        };
        let things = [
            ("$classic", CLASSIC_LOAD_BALANCER),
            ("$basic", BASIC_NETWORK_LOAD_BALANCER),
            ("$vpc", VPC),
            ("$subnet", SUBNET),
            ("$other-vpc", OTHER_VPC),
            ("$blue", INSTANCES[0].0),
            ("$green", INSTANCES[1].0),
            ("$far", OTHER_INSTANCE),
            ("$seed-group", SECURITY_GROUP),
        ];
        let things = things.map(|(name, id)| (name.to_owned(), id.to_owned())).into();
        Self { api: simulator.api_address(), secret_id: format!("{secret_id}-{name}"), secret_key, things }
    }

    /// Asks, with every `$name` in the arguments put in its place.
    pub async fn ask(&mut self, action: &str, arguments: &Value) -> Answer {
        self.ask_so(action, arguments, |_| {}).await
    }

    /// Asks in another way than usual.
    pub async fn ask_so(&mut self, action: &str, arguments: &Value, other: fn(&mut Signed)) -> Answer {
        let arguments = self.filled(arguments).await;
        let mut request = Signed::new(&self.secret_id, self.secret_key, action, &arguments);
        other(&mut request);
        request.send(self.api).await
    }

    /// Asks for what has to be accepted, and waits until its task has ended.
    pub async fn done(&mut self, action: &str, arguments: &Value) -> Value {
        match self.ask(action, arguments).await {
            Answer::Accepted(reply) => {
                self.ended(action, &reply).await;
                reply
            }
            Answer::Refused { code, message } => panic!("{action} {arguments} is refused: {code}: {message}"),
        }
    }

    /// Gives a name to what a reply names.
    pub fn call_it(&mut self, name: &str, reply: &Value, pointer: &str) {
        let id = reply.pointer(pointer).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{name}: there is no text at {pointer} in {reply}"));
        self.things.insert(name.to_owned(), id.to_owned());
    }

    /// The id of what has that name.
    pub async fn id(&mut self, name: &str) -> String {
        if !self.things.contains_key(name) {
            Box::pin(self.make(name)).await;
        }
        self.things[name].clone()
    }

    async fn send(&self, action: &str, arguments: &Value) -> Answer {
        Signed::new(&self.secret_id, self.secret_key, action, arguments).send(self.api).await
    }

    /// Waits until the task of a write has ended; it has to succeed.
    async fn ended(&self, action: &str, reply: &Value) {
        if action.contains('/') || action.starts_with("Describe") {
            return;
        }
        let task = json!({"TaskId": reply["RequestId"]});
        loop {
            match self.send("DescribeTaskStatus", &task).await {
                Answer::Accepted(state) if state["Status"] == 2 => tokio::time::sleep(Duration::from_millis(5)).await,
                Answer::Accepted(state) => return assert_eq!(state["Status"], 0, "{action}: {state}"),
                Answer::Refused { code, message } => panic!("the task of {action}: {code}: {message}"),
            }
        }
    }

    async fn filled(&mut self, arguments: &Value) -> Value {
        let mut filled = arguments.clone();
        let mut names = Vec::new();
        texts(&mut filled, &mut |text| {
            if text.starts_with('$') {
                names.push(text.clone());
            }
        });
        for name in names {
            self.id(&name).await;
        }
        texts(&mut filled, &mut |text| {
            if let Some(id) = self.things.get(text) {
                text.clone_from(id);
            }
        });
        filled
    }

    async fn make(&mut self, name: &str) {
        let public = json!({"LoadBalancerType": "OPEN"});
        match name {
            "$lb" | "$other-lb" => self.make_load_balancer(name, public).await,
            "$internal" => {
                let request = json!({"LoadBalancerType": "INTERNAL", "VpcId": "$vpc", "SubnetId": "$subnet"});
                self.make_load_balancer(name, request).await;
            }
            "$nat64" => {
                self.make_load_balancer(name, json!({"LoadBalancerType": "OPEN", "AddressIPVersion": "IPV6"})).await;
            }
            "$ipv6" => {
                let request = json!({
                    "LoadBalancerType": "OPEN", "AddressIPVersion": "IPv6FullChain", "VpcId": "$vpc",
                    "SubnetId": "$subnet",
                });
                self.make_load_balancer(name, request).await;
            }
            "$lcu" => {
                let request = json!({"LoadBalancerType": "OPEN", "SlaType": "clb.c2.medium"});
                self.make_load_balancer(name, request).await;
            }
            "$listener" => self.make_listener(name, 8443).await,
            "$bound" => {
                self.make_listener(name, 8444).await;
                let request = json!({
                    "LoadBalancerId": "$lb", "ListenerId": "$bound",
                    "Targets": [{"InstanceId": "$blue", "Port": 80}],
                });
                self.done("RegisterTargets", &request).await;
            }
            "$tcp" | "$udp" => {
                let (protocol, port) = if name == "$tcp" { ("TCP", 9001) } else { ("UDP", 9002) };
                let request = json!({"LoadBalancerId": "$lb", "Protocol": protocol, "Ports": [port]});
                let reply = self.done("CreateListener", &request).await;
                self.call_it(name, &reply, "/ListenerIds/0");
            }
            "$svr" | "$other-svr" => {
                let (certificate, key) = server();
                let request = json!({"CertificatePublicKey": certificate, "CertificatePrivateKey": key});
                let reply = self.done("ssl/UploadCertificate", &request).await;
                self.call_it(name, &reply, "/CertificateId");
            }
            "$ca" => {
                let request = json!({"CertificatePublicKey": authority(), "CertificateType": "CA"});
                let reply = self.done("ssl/UploadCertificate", &request).await;
                self.call_it(name, &reply, "/CertificateId");
            }
            "$pem" | "$key" => {
                let (certificate, key) = server();
                self.things.extend([("$pem".to_owned(), certificate), ("$key".to_owned(), key)]);
            }
            "$other-key" => {
                self.things.insert(name.to_owned(), server().1);
            }
            "$ca-pem" => {
                self.things.insert(name.to_owned(), authority());
            }
            "$group" | "$other-group" => {
                let request = json!({"GroupName": "a group", "GroupDescription": "of a test"});
                let reply = self.done("vpc/CreateSecurityGroup", &request).await;
                self.call_it(name, &reply, "/SecurityGroup/SecurityGroupId");
            }
            "$new-vpc" => {
                let request = json!({"VpcName": "new", "CidrBlock": "172.16.0.0/16"});
                let reply = self.done("vpc/CreateVpc", &request).await;
                self.call_it(name, &reply, "/Vpc/VpcId");
            }
            "$new-subnet" => {
                let request = json!({
                    "VpcId": "$new-vpc", "SubnetName": "new", "CidrBlock": "172.16.1.0/24", "Zone": "ap-guangzhou-3",
                });
                let reply = self.done("vpc/CreateSubnet", &request).await;
                self.call_it(name, &reply, "/Subnet/SubnetId");
            }
            "$lb-name" => {
                let id = self.id("$lb").await;
                self.things.insert(name.to_owned(), format!("qcs::clb:ap-guangzhou:uin/100000000001:clb/{id}"));
            }
            other => panic!("nothing makes {other}; use `after` to make it first"),
        }
    }

    async fn make_load_balancer(&mut self, name: &str, request: Value) {
        let reply = self.done("CreateLoadBalancer", &request).await;
        self.call_it(name, &reply, "/LoadBalancerIds/0");
    }

    async fn make_listener(&mut self, name: &str, port: u16) {
        let reply = self.done("CreateListener", &crate::case::quic(port)).await;
        self.call_it(name, &reply, "/ListenerIds/0");
    }
}

/// Every text in a value.
fn texts(value: &mut Value, seen: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => seen(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, seen)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| texts(entry, seen)),
        _ => {}
    }
}

/// A server certificate that has signed itself, and its key.
fn server() -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["game.example".to_owned()]).expect("a name");
    (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
}

/// A CA certificate.
fn authority() -> String {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.self_signed(&key).expect("a certificate").pem()
}
