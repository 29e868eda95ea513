//! Rotation of a certificate under traffic: no connection and no stream fails, old connections stay, new ones see the new
//! certificate; and a certificate that is in use is not deleted.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clb_acceptance_tests::certificates::Identity;
use clb_acceptance_tests::quic_client::QuicClient;
use clb_acceptance_tests::sandbox::Sandbox;
use clb_acceptance_tests::service::{CERTIFICATE, LISTENER, LOAD_BALANCER, Service};
use quinn::Connection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Those who connect anew all the time.
const VISITORS: usize = 2;
/// Those who stay connected and open a stream after the other.
const RESIDENTS: usize = 2;
/// How many connections and streams each of them has before and after the rotation.
const ROUNDS: usize = 10;
/// How long that may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What clients met.
#[derive(Default)]
struct Met {
    rounds: [AtomicUsize; VISITORS + RESIDENTS],
    failures: Mutex<Vec<String>>,
    over: AtomicBool,
}

impl Met {
    /// Does something over and over until it is over.
    fn over_and_over(&self, place: usize, mut once: impl FnMut() -> Result<(), String>) {
        while !self.over.load(Ordering::Relaxed) {
            if let Err(why) = once() {
                self.failures.lock().unwrap().push(why);
            }
            self.rounds[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everyone has done it a few times more.
    fn wait(&self) {
        let before: Vec<usize> = self.rounds.iter().map(|it| it.load(Ordering::Relaxed)).collect();
        let started = Instant::now();
        let more =
            || self.rounds.iter().zip(&before).all(|(now, before)| now.load(Ordering::Relaxed) >= before + ROUNDS);
        while !more() {
            assert!(started.elapsed() < PATIENCE, "clients are stuck: {:?}", self.failures.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The certificate that the listener has shown on a connection.
fn shown(connection: &Connection) -> CertificateDer<'static> {
    let chain = connection.peer_identity().unwrap().downcast::<Vec<CertificateDer<'static>>>().unwrap();
    chain[0].clone()
}

fn certificate(identity: &Identity) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(identity.certificate_pem.as_bytes()).unwrap()
}

/// Makes a change while clients come and stay; `old` is shown before it and `new` after it. Gives how many connections and
/// streams there were.
fn under_traffic(world: &Sandbox, old: &Identity, new: &Identity, change: impl FnOnce()) -> usize {
    let address = world.address();
    let both = Identity {
        certificate_pem: format!("{}{}", old.certificate_pem, new.certificate_pem),
        private_key_pem: String::new(),
    };
    let client = || world.client_trusting(&both);
    let residents: Vec<(QuicClient, Connection)> = (0..RESIDENTS)
        .map(|_| {
            let client = client();
            let connection = client.connect(address).unwrap();
            assert_eq!(shown(&connection), certificate(old));
            (client, connection)
        })
        .collect();
    let visitors: Vec<QuicClient> = (0..VISITORS).map(|_| client()).collect();
    let met = Met::default();
    std::thread::scope(|scope| {
        let met = &met;
        for (place, visitor) in visitors.iter().enumerate() {
            scope.spawn(move || met.over_and_over(place, || visit(visitor, address)));
        }
        for (place, (client, connection)) in (VISITORS..).zip(&residents) {
            scope.spawn(move || met.over_and_over(place, || client.ask_on(connection, b"still here").map(drop)));
        }
        met.wait();
        change();
        met.wait();
        met.over.store(true, Ordering::Relaxed);
    });
    let failures = met.failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} failed: {failures:?}", failures.len());
    for (client, connection) in &residents {
        assert!(connection.close_reason().is_none());
        client.ask_on(connection, b"and after it").unwrap();
        assert_eq!(shown(connection), certificate(old));
    }
    let newcomer = client();
    assert_eq!(shown(&newcomer.connect(address).unwrap()), certificate(new));
    met.rounds.iter().map(|it| it.load(Ordering::Relaxed)).sum()
}

fn visit(visitor: &QuicClient, address: SocketAddr) -> Result<(), String> {
    visitor.ask(address, b"hello").map(drop)
}

/// The writes of the certificate service, and those of listeners, in their order.
fn writes(world: &Sandbox) -> Vec<String> {
    let of_interest = |action: &String| {
        ["UploadCertificate", "ModifyListener", "DeleteCertificate", "CreateListener", "DeleteListener"]
            .contains(&action.as_str())
    };
    world.calls().into_iter().map(|call| call.action).filter(of_interest).collect()
}

fn with_certificate(version: u32) -> Service {
    Service::new().certificate(&format!(
        "  name = \"web\"\n  certificate = file(\"server.pem\")\n  private_key_wo = file(\"server.key\")\n  \
         private_key_wo_version = {version}\n  lifecycle {{ create_before_destroy = true }}"
    ))
}

#[test]
fn a_replaced_certificate_costs_no_connection() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    world.terraform.apply(&with_certificate(1).backend(&blue, 10).hcl());
    let (listener, old_id) =
        (world.terraform.text(LISTENER, "listener_id"), world.terraform.text(CERTIFICATE, "certificate_id"));
    let (old, new) = (world.server.clone(), Identity::server());
    world.slow_tasks("300ms");

    under_traffic(&world, &old, &new, || {
        world.terraform.write("server.pem", &new.certificate_pem);
        world.terraform.write("server.key", &new.private_key_pem);
        world.terraform.apply(&with_certificate(2).backend(&blue, 10).hcl());
    });

    assert_eq!(
        writes(&world),
        ["UploadCertificate", "CreateListener", "UploadCertificate", "ModifyListener", "DeleteCertificate"]
    );
    assert_eq!(world.terraform.text(LISTENER, "listener_id"), listener);
    let certificates = world.inventory().certificates;
    assert!(!certificates.contains(&old_id), "{old_id} is still there");
    assert!(certificates.contains(&world.terraform.text(CERTIFICATE, "certificate_id")));
}

#[test]
fn another_certificate_on_a_listener_costs_no_connection() {
    let world = Sandbox::start();
    let blue = world.backend("blue");
    let new = Identity::server();
    world.terraform.write("next.pem", &new.certificate_pem);
    world.terraform.write("next.key", &new.private_key_pem);
    let with = |name: &str| {
        let next = "resource \"clb_certificate\" \"next\" {\n  certificate = file(\"next.pem\")\n  \
                    private_key_wo = file(\"next.key\")\n}\n";
        let tls = format!("certificate_id = clb_certificate.{name}.certificate_id");
        Service::new().tls(&tls).backend(&blue, 10).hcl() + next
    };
    world.terraform.apply(&with("web"));
    world.slow_tasks("300ms");
    let old = world.server.clone();
    under_traffic(&world, &old, &new, || {
        assert_eq!(world.terraform.plan(&with("next")).actions(LISTENER), ["update"]);
        world.terraform.apply(&with("next"));
    });
    assert_eq!(writes(&world), ["UploadCertificate", "UploadCertificate", "CreateListener", "ModifyListener"]);
}

#[test]
fn a_certificate_in_use_is_not_deleted_and_its_users_are_named() {
    let world = Sandbox::start();
    world.terraform.apply(&Service::new().hcl());
    let (balancer, listener) =
        (world.terraform.text(LOAD_BALANCER, "load_balancer_id"), world.terraform.text(LISTENER, "listener_id"));
    let id = world.terraform.text(CERTIFICATE, "certificate_id");
    // Without create_before_destroy the old one goes first.
    let new = Identity::server();
    world.terraform.write("server.pem", &new.certificate_pem);
    world.terraform.write("server.key", &new.private_key_pem);
    let said = world.terraform.refused_apply(&Service::new().hcl());
    super::expect_words(&said, &[&id, "in use", &listener, &balancer, "QUIC 8443", "create_before_destroy"]);
    assert!(world.inventory().certificates.contains(&id));
    assert_eq!(world.terraform.text(CERTIFICATE, "certificate_id"), id);
}
