//! What the servers of `bench control-plane` are asked: calls that do about the same in two clouds.
//!
//! | | simulator | moto |
//! |---|---|---|
//! | describe | DescribeListeners, one of one load balancer | elbv2 DescribeListeners, the same |
//! | write | ModifyLoadBalancerAttributes, its name | elbv2 ModifyLoadBalancerAttributes, its deletion protection |
//!
//! Each connection writes to a load balancer of its own, because a cloud does one task at a time for each.

use std::net::SocketAddr;

use serde_json::{Value as Json, json};

use super::load::Connection;
use super::sign::Signer;

/// Numbers of listeners, each with a target, that worlds are filled with.
pub const SIZES: [usize; 3] = [1, 100, 10_000];
/// The most listeners that one load balancer may have and one call may make.
const PER_LOAD_BALANCER: usize = 49;
/// A region may have 100 public and 100 internal load balancers, some of which are the seed's: so many of each are made in
/// a region, and what is left over in the next.
const OF_EACH_KIND: usize = 95;
const REGIONS: [&str; 2] = ["ap-guangzhou", "ap-beijing"];

/// The demo account's key pair. Public knowledge.
const SIMULATOR_KEYS: (&str, &str) = ("AKIDdemo00000000000000000000000000", "demo-secret-key-of-the-simulator");

/// Requests of both calls, signed: a list for each connection.
pub struct Calls {
    /// Reads one listener.
    pub describe: Vec<Vec<Vec<u8>>>,
    /// Changes a load balancer, and changes it back.
    pub write: Vec<Vec<Vec<u8>>>,
    /// Whether an answer is what was asked for.
    pub is_good: fn(&[u8]) -> bool,
}

/// A load balancer with a listener for each connection, in a simulator.
pub fn simulator(address: SocketAddr, connections: usize) -> Result<Calls, String> {
    let cloud = Cloud::new(address, REGIONS[0]);
    let (mut describe, mut write) = (Vec::new(), Vec::new());
    for _ in 0..connections {
        let load_balancer = cloud.load_balancer(true)?;
        let listener = cloud.listeners(&load_balancer, 1)?.remove(0);
        describe.push(vec![cloud.describe(&load_balancer, &listener)]);
        let rename = |name: &str| {
            let body = json!({ "LoadBalancerId": load_balancer, "LoadBalancerName": name });
            cloud.signer.tc3("ModifyLoadBalancerAttributes", &body.to_string())
        };
        write.push(vec![rename("one"), rename("two")]);
    }
    Ok(Calls { describe, write, is_good: |answer| contains(answer, "\"RequestId\"") && !contains(answer, "\"Error\"") })
}

/// A load balancer with a listener for each connection, in moto.
pub fn moto(address: SocketAddr, connections: usize) -> Result<Calls, String> {
    let signer = |service| Signer {
        host: address.to_string(),
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        key: "example".to_owned(),
        service,
        region: "us-east-1",
        version: "",
    };
    let mut connection = Connection::new(address);
    let mut ask = |service, body: &str| {
        let answer = connection.ask(&signer(service).sigv4(body))?;
        Ok::<_, String>(String::from_utf8_lossy(answer).into_owned())
    };
    let subnets = ask("ec2", "Action=DescribeSubnets&Version=2016-11-15")?;
    let subnet = between(&subnets, "<subnetId>", "</subnetId>")?;
    let vpc = between(&subnets, "<vpcId>", "</vpcId>")?;
    let version = "&Version=2015-12-01";
    let (mut describe, mut write) = (Vec::new(), Vec::new());
    for number in 0..connections {
        let elb = "elasticloadbalancing";
        let body = format!("Action=CreateLoadBalancer&Name=lb{number}&Type=network&Subnets.member.1={subnet}{version}");
        let answer = ask(elb, &body)?;
        let load_balancer = escaped(&between(&answer, "<LoadBalancerArn>", "</LoadBalancerArn>")?);
        let body = format!("Action=CreateTargetGroup&Name=group{number}&Protocol=TCP&Port=80&VpcId={vpc}{version}");
        let answer = ask(elb, &body)?;
        let group = escaped(&between(&answer, "<TargetGroupArn>", "</TargetGroupArn>")?);
        let answer = ask(
            elb,
            &format!(
                "Action=CreateListener&LoadBalancerArn={load_balancer}&Protocol=TCP&Port=443\
                 &DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn={group}{version}"
            ),
        )?;
        let listener = escaped(&between(&answer, "<ListenerArn>", "</ListenerArn>")?);
        let signer = signer(elb);
        describe
            .push(vec![signer.sigv4(&format!("Action=DescribeListeners&ListenerArns.member.1={listener}{version}"))]);
        let protect = |is_protected: bool| {
            signer.sigv4(&format!(
                "Action=ModifyLoadBalancerAttributes&LoadBalancerArn={load_balancer}\
                 &Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value={is_protected}{version}"
            ))
        };
        write.push(vec![protect(false), protect(true)]);
    }
    Ok(Calls { describe, write, is_good: |answer| contains(answer, "Response") && !contains(answer, "<Error>") })
}

/// Fills a simulator with so many listeners that have a target each. Gives requests that describe one listener, its
/// targets, and change it.
pub fn filled(address: SocketAddr, listeners: usize) -> Result<[Vec<Vec<u8>>; 3], String> {
    let mut first = None;
    let mut left = listeners;
    for region in REGIONS {
        let cloud = Cloud::new(address, region);
        for number in 0..2 * OF_EACH_KIND {
            let count = left.min(PER_LOAD_BALANCER);
            if count == 0 {
                break;
            }
            let load_balancer = cloud.load_balancer(number < OF_EACH_KIND)?;
            let made = cloud.listeners(&load_balancer, count)?;
            cloud.bind(&load_balancer, &made)?;
            first.get_or_insert((load_balancer, made[0].clone()));
            left -= count;
        }
    }
    let (load_balancer, listener) = first.ok_or("a world without listeners says nothing")?;
    let cloud = Cloud::new(address, REGIONS[0]);
    let place = json!({ "LoadBalancerId": load_balancer, "ListenerIds": [listener] });
    let rename = |name: &str| {
        let body = json!({ "LoadBalancerId": load_balancer, "ListenerId": listener, "ListenerName": name });
        cloud.signer.tc3("ModifyListener", &body.to_string())
    };
    Ok([
        vec![cloud.describe(&load_balancer, &listener)],
        vec![cloud.signer.tc3("DescribeTargets", &place.to_string())],
        vec![rename("one"), rename("two")],
    ])
}

/// A client of the simulator.
pub struct Cloud {
    signer: Signer,
    address: SocketAddr,
}

impl Cloud {
    /// Asks in one region, as the demo account.
    pub fn new(address: SocketAddr, region: &'static str) -> Self {
        let (id, key) = SIMULATOR_KEYS;
        let signer = Signer {
            host: address.to_string(),
            id: id.to_owned(),
            key: key.to_owned(),
            service: "clb",
            region,
            version: "2018-03-17",
        };
        Self { signer, address }
    }

    /// Asks, and gives the reply.
    pub fn ask(&self, action: &str, body: &Json) -> Result<Json, String> {
        let mut connection = Connection::new(self.address);
        let answer = connection.ask(&self.signer.tc3(action, &body.to_string()))?;
        let answer: Json = serde_json::from_slice(answer).map_err(|error| format!("{action}: {error}"))?;
        let reply = &answer["Response"];
        if reply["Error"].is_null() { Ok(reply.clone()) } else { Err(format!("{action}: {}", reply["Error"])) }
    }

    /// Asks for a change, and waits until it is done.
    pub fn change(&self, action: &str, body: &Json) -> Result<Json, String> {
        let reply = self.ask(action, body)?;
        let question = json!({ "TaskId": reply["RequestId"] });
        while self.ask("DescribeTaskStatus", &question)?["Status"] == 2 {}
        Ok(reply)
    }

    /// Makes one; its id.
    pub fn load_balancer(&self, is_public: bool) -> Result<String, String> {
        let mut body = json!({ "LoadBalancerType": "OPEN", "VpcId": "vpc-demo0001" });
        if !is_public {
            body["LoadBalancerType"] = "INTERNAL".into();
            body["SubnetId"] = "subnet-demo0001".into();
        }
        let reply = self.change("CreateLoadBalancer", &body)?;
        Ok(reply["LoadBalancerIds"][0].as_str().unwrap_or_default().to_owned())
    }

    /// TCP listeners, which are there as objects and open no port.
    fn listeners(&self, load_balancer: &str, count: usize) -> Result<Vec<String>, String> {
        let ports: Vec<usize> = (1..=count).map(|number| 10_000 + number).collect();
        let body = json!({
            "LoadBalancerId": load_balancer, "Protocol": "TCP", "Ports": ports, "HealthCheck": { "HealthSwitch": 0 },
        });
        let reply = self.change("CreateListener", &body)?;
        let ids = reply["ListenerIds"].as_array().ok_or("no ListenerIds")?;
        Ok(ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
    }

    /// One target for each listener, on ports that differ: an address and a port stand under one listener only.
    fn bind(&self, load_balancer: &str, listeners: &[String]) -> Result<(), String> {
        let target = |(number, listener): (usize, &String)| json!({ "ListenerId": listener, "EniIp": "10.0.1.6", "Port": 1 + number });
        let targets: Vec<Json> = listeners.iter().enumerate().map(target).collect();
        let body = json!({ "LoadBalancerId": load_balancer, "Targets": targets });
        self.change("BatchRegisterTargets", &body).map(|_| ())
    }

    fn describe(&self, load_balancer: &str, listener: &str) -> Vec<u8> {
        let body = json!({ "LoadBalancerId": load_balancer, "ListenerIds": [listener] });
        self.signer.tc3("DescribeListeners", &body.to_string())
    }
}

fn contains(answer: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(answer).contains(text)
}

/// The text between two others, where it stands first.
fn between(text: &str, start: &str, end: &str) -> Result<String, String> {
    let found = text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    found.map(|(found, _)| found.to_owned()).ok_or_else(|| format!("no {start} in {text}"))
}

/// An ARN in a form.
fn escaped(arn: &str) -> String {
    arn.replace(':', "%3A").replace('/', "%2F")
}
