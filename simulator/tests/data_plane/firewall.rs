//! Security groups: whose datagrams reach a listener, and whom its backends let in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clb_model::forwarding::{Observation, Probe, ProbeKind};
use clb_model::region::Region;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::filter::PacketFilter;
use clb_model::security_group::policy::PolicyDraft;
use clb_model::time::Timestamp;
use clb_simulator::client::{Client, Options};
use clb_simulator::data_plane::counters::DatagramDrop;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::sandbox::{Sandbox, backend, pattern, soon, tcp_server};

/// The filter of a group with these rules: action, protocol, port, addresses.
fn group(rules: &[[&str; 4]]) -> Arc<PacketFilter> {
    let rule = |[action, protocol, port, cidr]: &[&str; 4]| {
        let text = |text: &str| Some(text.to_owned());
        let (cidr, ipv6_cidr) = if cidr.contains(':') { (None, text(cidr)) } else { (text(cidr), None) };
        let draft = PolicyDraft {
            action: text(action),
            protocol: text(protocol),
            port: text(port),
            cidr,
            ipv6_cidr,
            ..PolicyDraft::default()
        };
        draft.check(Timestamp::default()).unwrap()
    };
    let mut group = SecurityGroup::new("sg-00000001".into(), "group", "", Timestamp::default());
    group.ingress = rules.iter().map(rule).collect();
    let mut region = Region::new("ap-guangzhou");
    region.add_security_group(group);
    Arc::new(region.ingress_filter(&["sg-00000001".into()]))
}

/// A group that lets one address in.
fn only(address: &str) -> Arc<PacketFilter> {
    group(&[["ACCEPT", "ALL", "ALL", address]])
}

impl Sandbox {
    async fn put(&mut self, clients: Option<Arc<PacketFilter>>) {
        self.listener().security.clients = clients;
        self.apply().await;
    }

    fn client_on(&self, source: &str) -> Client {
        Client::new(Options { source: Some(source.parse().unwrap()), ..self.options() }).unwrap()
    }

    fn dropped(&self) -> u64 {
        self.counters().datagrams_dropped.of(DatagramDrop::SecurityGroup)
    }

    /// Waits until more datagrams have been dropped than that.
    async fn drops_more_than(&self, count: u64) {
        while self.dropped() <= count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// A socket of a client that only asks which versions of QUIC are spoken. Whoever is let in gets an answer at once.
struct Asking(UdpSocket);

impl Asking {
    async fn from(source: &str) -> Self {
        Self(UdpSocket::bind((source.parse::<IpAddr>().unwrap(), 0)).await.unwrap())
    }

    /// A packet of a version that nobody speaks.
    async fn ask(&self, target: SocketAddr) {
        let mut datagram = vec![0; 1200];
        datagram[..6].copy_from_slice(&[0xc0, 0xba, 0xba, 0xba, 0xba, 8]);
        datagram[14] = 8;
        self.0.send_to(&datagram, target).await.unwrap();
    }

    async fn is_answered(&self) {
        soon(self.0.recv(&mut [0; 1500])).await.unwrap();
    }

    fn has_nothing(&self) -> bool {
        self.0.try_recv(&mut [0; 1500]).is_err()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_is_not_let_in_gets_no_answer_until_a_rule_says_otherwise() {
    let mut sandbox = Sandbox::with(vec![]).await;
    let target = sandbox.address();
    let (denied, admitted) = (Asking::from("127.0.0.78").await, Asking::from("127.0.0.77").await);
    sandbox.put(Some(only("127.0.0.77"))).await;
    denied.ask(target).await;
    admitted.ask(target).await;
    admitted.is_answered().await;
    // Its own was there before.
    assert!(denied.has_nothing());
    assert_eq!(sandbox.dropped(), 1);

    sandbox.put(Some(only("127.0.0.0/24"))).await;
    denied.ask(target).await;
    denied.is_answered().await;
    sandbox.put(Some(group(&[]))).await;
    admitted.ask(target).await;
    sandbox.drops_more_than(1).await;
    assert!(admitted.has_nothing(), "a group without rules lets nobody in");
    sandbox.put(None).await;
    admitted.ask(target).await;
    admitted.is_answered().await;
    assert_eq!(sandbox.dropped(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_names_udp_and_the_port_of_the_listener_and_the_first_one_that_matches_decides() {
    let mut sandbox = Sandbox::with(vec![]).await;
    let target = sandbox.address();
    let (port, other) = (target.port().to_string(), (target.port() ^ 1).to_string());
    let (one, two) = (Asking::from("127.0.0.77").await, Asking::from("127.0.0.78").await);
    let everyone = "0.0.0.0/0";
    let mut dropped = 0;
    for (rules, admitted) in [
        (vec![["ACCEPT", "TCP", &port, everyone]], false),
        (vec![["ACCEPT", "UDP", &other, everyone]], false),
        (vec![["ACCEPT", "UDP", &port, everyone]], true),
        (vec![["ACCEPT", "ALL", "ALL", everyone]], true),
        (vec![["DROP", "UDP", &port, "127.0.0.77"], ["ACCEPT", "UDP", &port, everyone]], false),
        (vec![["ACCEPT", "UDP", &port, everyone], ["DROP", "UDP", &port, "127.0.0.77"]], true),
        // An address of this machine is the one of the cloud that it stands for: nobody here is 10.0.1.5.
        (vec![["ACCEPT", "UDP", &port, "10.0.0.0/8"]], false),
    ] {
        sandbox.put(Some(group(&rules))).await;
        one.ask(target).await;
        if admitted {
            one.is_answered().await;
        } else {
            soon(sandbox.drops_more_than(dropped)).await;
            dropped += 1;
            assert!(one.has_nothing(), "{rules:?}");
        }
        assert_eq!(sandbox.dropped(), dropped, "{rules:?}");
    }
    sandbox.put(Some(group(&[["ACCEPT", "UDP", &port, "127.0.0.78"]]))).await;
    two.ask(target).await;
    two.is_answered().await;
    let blue = Asking::from("127.10.1.5").await;
    sandbox.put(Some(only("10.0.1.5"))).await;
    blue.ask(target).await;
    blue.is_answered().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_about_addresses_of_ipv4_says_nothing_of_those_of_ipv6() {
    let Ok(free) = std::net::UdpSocket::bind("[::1]:0") else { return eprintln!("this machine has no IPv6") };
    let target = free.local_addr().unwrap();
    drop(free);
    let mut sandbox = Sandbox::with(vec![]).await;
    sandbox.listener().address = target;
    let client = Asking::from("::1").await;
    sandbox.put(Some(only("0.0.0.0/0"))).await;
    client.ask(target).await;
    soon(sandbox.drops_more_than(0)).await;
    assert!(client.has_nothing());
    sandbox.put(Some(only("::/0"))).await;
    client.ask(target).await;
    client.is_answered().await;
}

/// A stream of a client on 127.0.0.77, and both its ends.
struct Stream {
    sandbox: Sandbox,
    client: Client,
    send: quinn::SendStream,
    recv: quinn::RecvStream,
    backend: TcpStream,
}

impl Stream {
    async fn new() -> Self {
        let (server, address) = tcp_server().await;
        let sandbox = Sandbox::with(vec![backend(address)]).await;
        let client = sandbox.client_on("127.0.0.77");
        let connection = soon(client.connect()).await.unwrap();
        let (mut send, recv) = connection.open_bi().await.unwrap();
        send.write_all(b"hello").await.unwrap();
        let (mut backend, peer) = soon(server.accept()).await.unwrap();
        assert_eq!(peer.ip(), IpAddr::from([127, 0, 0, 77]));
        soon(backend.read_exact(&mut [0; 5])).await.unwrap();
        Self { sandbox, client, send, recv, backend }
    }

    /// Everything that was sent comes to the backend, and its answer to the client.
    async fn is_whole(&mut self, sent: &[u8]) {
        let mut got = vec![0; sent.len()];
        soon(self.backend.read_exact(&mut got)).await.unwrap();
        assert!(got == sent, "other bytes came to the backend");
        let answer = pattern(100_000);
        let answering = async {
            self.backend.write_all(&answer).await.unwrap();
            self.backend.shutdown().await.unwrap();
        };
        let ((), received) =
            soon(async { tokio::join!(answering, async { self.recv.read_to_end(1 << 20).await.unwrap() }) }).await;
        assert!(received == answer, "other bytes came to the client");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_holds_for_connections_that_are_open_and_what_was_dropped_comes_again() {
    let mut stream = Stream::new().await;
    stream.sandbox.put(Some(only("127.0.0.78"))).await;
    let before = stream.sandbox.dropped();
    let sent = pattern(50_000);
    stream.send.write_all(&sent).await.unwrap();
    soon(stream.sandbox.drops_more_than(before)).await;
    assert!(stream.backend.try_read(&mut [0; 1]).is_err(), "nothing comes through");
    stream.sandbox.put(Some(only("127.0.0.77"))).await;
    stream.is_whole(&sent).await;
    let totals = stream.sandbox.journal.totals();
    assert_eq!((totals.opened, totals.closed), (1, 0), "one connection all the time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_cannot_move_to_an_address_that_is_not_let_in() {
    let mut stream = Stream::new().await;
    stream.sandbox.put(Some(only("127.0.0.77"))).await;
    stream.client.rebind([127, 0, 0, 66].into()).unwrap();
    let sent = pattern(50_000);
    stream.send.write_all(&sent).await.unwrap();
    soon(stream.sandbox.drops_more_than(0)).await;
    assert!(stream.backend.try_read(&mut [0; 1]).is_err(), "nothing comes through");
    let seen = stream.sandbox.journal.list()[0].opening.client.ip();
    assert_eq!(seen, IpAddr::from([127, 0, 0, 77]), "the connection has not moved");
    // Where it was let in before, on another port.
    stream.client.rebind([127, 0, 0, 77].into()).unwrap();
    stream.is_whole(&sent).await;
    let totals = stream.sandbox.journal.totals();
    assert_eq!((totals.opened, totals.closed), (1, 0), "one connection all the time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_does_not_let_the_client_in_is_one_that_does_not_answer() {
    let (closed, closed_address) = tcp_server().await;
    let (open, open_address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(closed_address), backend(open_address)]).await;
    let filters = &mut sandbox.listener().security.backends;
    // A TCP rule on the service port is what lets clients in; one for UDP is not.
    let service = closed_address.port().to_string();
    let rules = [["ACCEPT", "UDP", &service, "0.0.0.0/0"], ["ACCEPT", "TCP", &service, "127.0.0.78"]];
    filters.insert(backend(closed_address).address, group(&rules));
    let service = open_address.port().to_string();
    filters.insert(backend(open_address).address, group(&[["ACCEPT", "TCP", &service, "127.0.0.0/8"]]));
    sandbox.apply().await;

    let denied = soon(sandbox.client_on("127.0.0.77").connect()).await.unwrap();
    let (mut send, _recv) = denied.open_bi().await.unwrap();
    send.write_all(b"hello").await.unwrap();
    let (_stream, peer) = soon(open.accept()).await.unwrap();
    assert_eq!(peer.ip(), IpAddr::from([127, 0, 0, 77]));
    let notes = sandbox.journal.list()[0].notes.join("\n");
    assert!(notes.contains("its security groups do not let 127.0.0.77 in"), "{notes}");

    // Whoever is let in comes to either, in turn.
    let client = sandbox.client_on("127.0.0.78");
    let mut streams = Vec::new();
    for _ in 0..2 {
        let connection = soon(client.connect()).await.unwrap();
        let (mut send, recv) = connection.open_bi().await.unwrap();
        send.write_all(b"hello").await.unwrap();
        streams.push((send, recv));
    }
    let (one, other) = soon(async { tokio::join!(closed.accept(), open.accept()) }).await;
    for (_stream, peer) in [one.unwrap(), other.unwrap()] {
        assert_eq!(peer.ip(), IpAddr::from([127, 0, 0, 78]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn probes_fail_at_a_backend_that_does_not_let_the_load_balancer_in() {
    let (_server, address) = tcp_server().await;
    let mut sandbox = Sandbox::with(vec![backend(address)]).await;
    let (port, vip) = (address.port().to_string(), sandbox.address().ip().to_string());
    let probe = Probe { kind: ProbeKind::Tcp, interval: Duration::from_millis(50), timeout: Duration::from_millis(20) };
    sandbox.listener().probe = Some(probe);
    for (source, admitted, passes) in [
        (None, "127.0.0.77", false),
        (None, vip.as_str(), true),
        (Some("100.64.0.1"), vip.as_str(), false),
        (Some("100.64.0.1"), "100.64.0.0/10", true),
    ] {
        let security = &mut sandbox.listener().security;
        security.probe_source = source.map(|source| source.parse().unwrap());
        security.backends.insert(backend(address).address, group(&[["ACCEPT", "TCP", &port, admitted]]));
        sandbox.apply().await;
        let seen = soon(async {
            loop {
                match sandbox.observations.recv().await.unwrap() {
                    // The one before may have begun under the old rules.
                    Observation::Probed { passed, .. } if passed == passes => return passed,
                    _ => {}
                }
            }
        })
        .await;
        assert_eq!(seen, passes, "{source:?} {admitted}");
    }
}
