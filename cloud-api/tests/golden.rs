//! Bodies and signatures, byte for byte as the official Python SDK makes them (`golden/README.md` says which version).
//!
//! Replies are not covered: the SDK only reads them.
#![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]

use std::io;

use clb_cloud_api::action::Action;
use clb_cloud_api::sign::{Authorization, Message, Signer, sign};
use clb_cloud_api::{Secret, clb, ssl};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

const RECORDED_AT: i64 = 1_700_000_000;
const SECRET_ID: &str = "AKIDEXAMPLE0000000000";

fn secret_key() -> Secret {
    Secret::new("SECRETKEYEXAMPLE000000")
}

/// A recorded request.
struct Recorded {
    headers: Vec<(String, String)>,
    body: String,
}

impl Recorded {
    fn read(action: &str) -> Self {
        let path = format!("{}/golden/{action}.http", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (head, body) = text.split_once("\n\n").unwrap();
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        Self { headers: head.lines().map(header).collect(), body: body.trim_end_matches('\n').to_owned() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap()
    }
}

/// Python's way of writing JSON: a space after comma and colon, everything outside ASCII escaped.
struct PythonStyle;

impl Formatter for PythonStyle {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            if character.is_ascii() {
                write!(writer, "{character}")?;
            } else {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }
}

fn python_style(value: &impl Serialize) -> String {
    let mut body = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut body, PythonStyle)).unwrap();
    String::from_utf8(body).unwrap()
}

/// The same request as the SDK made: its body, its signature, and what the server's side reads from it.
fn check<A: Action + PartialEq>(action: &A) {
    let recorded = Recorded::read(A::NAME);
    assert_eq!(recorded.header("X-TC-Action"), A::NAME);
    assert_eq!(recorded.header("X-TC-Version"), A::SERVICE.version());
    assert_eq!(python_style(action), recorded.body, "{}", A::NAME);
    assert_eq!(&serde_json::from_str::<A>(&recorded.body).unwrap(), action, "{}", A::NAME);

    let headers = [("content-type", recorded.header("Content-Type")), ("host", recorded.header("Host"))];
    let message = Message { method: "POST", query: "", headers: &headers, body: recorded.body.as_bytes() };
    let key = secret_key();
    let signer = Signer { secret_id: SECRET_ID, secret_key: &key, service: A::SERVICE.name() };
    assert_eq!(sign(&message, &signer, RECORDED_AT).unwrap(), recorded.header("Authorization"), "{}", A::NAME);

    let all: Vec<(&str, &str)> = recorded.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let received = Message { headers: &all, ..message };
    let authorization: Authorization = recorded.header("Authorization").parse().unwrap();
    assert_eq!(authorization.verify(&received, &key, RECORDED_AT), Ok(()), "{}", A::NAME);
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn some(value: &str) -> Option<String> {
    Some(value.to_owned())
}

const BALANCER: &str = "lb-12345678";
const LISTENER: &str = "lbl-1a2b3c4d";

#[test]
fn load_balancer_requests_are_the_official_sdks() {
    check(&clb::CreateLoadBalancer {
        load_balancer_type: text("OPEN"),
        load_balancer_name: some("演示 lb"),
        vpc_id: some("vpc-demo0001"),
        address_ip_version: some("IPV6"),
        number: Some(1),
        internet_accessible: Some(clb::InternetAccessible {
            internet_charge_type: some("TRAFFIC_POSTPAID_BY_HOUR"),
            internet_max_bandwidth_out: Some(10),
            ..Default::default()
        }),
        tags: Some(vec![clb::TagInfo { tag_key: text("team"), tag_value: text("edge") }]),
        client_token: some("once"),
        load_balancer_pass_to_target: Some(true),
        ..Default::default()
    });
    check(&clb::DescribeLoadBalancers { load_balancer_ids: Some(vec![text(BALANCER)]), ..Default::default() });
    check(&clb::ModifyLoadBalancerAttributes {
        load_balancer_id: text(BALANCER),
        load_balancer_name: some("a\"b\\c"),
        delete_protect: Some(false),
        ..Default::default()
    });
    check(&clb::DeleteLoadBalancer { load_balancer_ids: vec![text(BALANCER)], force_delete: None });
    check(&clb::SetLoadBalancerSecurityGroups { load_balancer_id: text(BALANCER), security_groups: Some(vec![]) });
}

#[test]
fn listener_requests_are_the_official_sdks() {
    check(&clb::CreateListener {
        load_balancer_id: text(BALANCER),
        ports: vec![443],
        protocol: text("QUIC"),
        listener_names: Some(vec![text("quic")]),
        health_check: Some(clb::HealthCheck {
            health_switch: Some(1),
            time_out: Some(2),
            interval_time: Some(5),
            health_num: Some(3),
            un_health_num: Some(3),
            http_code: Some(3),
            http_check_path: some("/up"),
            http_check_domain: some("a.example"),
            http_check_method: some("GET"),
            check_type: some("HTTP"),
            http_version: some("HTTP/1.1"),
            ..Default::default()
        }),
        certificate: Some(clb::CertificateInput {
            ssl_mode: some("MUTUAL"),
            cert_id: some("aB3dE5gH"),
            cert_ca_id: some("cD4eF6iJ"),
            ..Default::default()
        }),
        scheduler: some("WRR"),
        proxy_protocol: Some(true),
        ..Default::default()
    });
    check(&clb::DescribeListeners {
        load_balancer_id: text(BALANCER),
        listener_ids: Some(vec![text(LISTENER)]),
        protocol: some("QUIC"),
        port: None,
    });
    check(&clb::ModifyListener {
        load_balancer_id: text(BALANCER),
        listener_id: text(LISTENER),
        listener_name: some(""),
        scheduler: some("LEAST_CONN"),
        health_check: Some(clb::HealthCheck { health_switch: Some(0), source_ip_type: Some(1), ..Default::default() }),
        ..Default::default()
    });
    check(&clb::DeleteListener { load_balancer_id: text(BALANCER), listener_id: text(LISTENER) });
}

#[test]
fn target_requests_are_the_official_sdks() {
    let blue = clb::Target { port: 8080, instance_id: some("ins-demoblue"), ..Default::default() };
    let green = clb::Target { port: 8080, eni_ip: some("10.0.1.6"), ..Default::default() };
    let batch = clb::BatchTarget { listener_id: text(LISTENER), port: 8080, ..Default::default() };
    check(&clb::RegisterTargets {
        load_balancer_id: text(BALANCER),
        listener_id: text(LISTENER),
        targets: vec![clb::Target { weight: Some(0), ..blue.clone() }, green],
        ..Default::default()
    });
    check(&clb::BatchRegisterTargets {
        load_balancer_id: text(BALANCER),
        targets: vec![clb::BatchTarget { instance_id: some("ins-demoblue"), weight: Some(30), ..batch.clone() }],
    });
    check(&clb::BatchDeregisterTargets {
        load_balancer_id: text(BALANCER),
        targets: vec![clb::BatchTarget { eni_ip: some("10.0.1.6"), ..batch }],
    });
    check(&clb::BatchModifyTargetWeight {
        load_balancer_id: text(BALANCER),
        modify_list: vec![clb::RsWeightRule {
            listener_id: text(LISTENER),
            targets: vec![clb::Target { weight: Some(70), ..blue }],
            ..Default::default()
        }],
    });
    check(&clb::DescribeTargets {
        load_balancer_id: text(BALANCER),
        listener_ids: Some(vec![text(LISTENER)]),
        ..Default::default()
    });
    check(&clb::DescribeTargetHealth { load_balancer_ids: vec![text(BALANCER)], ..Default::default() });
    check(&clb::DescribeTaskStatus { task_id: some("4ddc87af-5a6c-4e3b-8a8e-0b2f2f2f2f2f"), deal_name: None });
}

#[test]
fn certificate_requests_are_the_official_sdks() {
    check(&ssl::UploadCertificate {
        certificate_public_key: text("the\ncertificate\n"),
        certificate_private_key: Some(Secret::new("the private key")),
        certificate_type: some("SVR"),
        alias: some("demo"),
        repeatable: Some(true),
        ..Default::default()
    });
    check(&ssl::DescribeCertificateDetail { certificate_id: text("aB3dE5gH") });
    check(&ssl::DeleteCertificate { certificate_id: text("aB3dE5gH"), is_check_resource: None });
}
