//! Who takes part in `bench data-plane`, as child processes that are each bound to one core: the simulator with one QUIC
//! listener, a bare quinn server, a plain TCP proxy, HAProxy, Caddy and Envoy; and behind them the backend.
//!
//! Ports are free ones, told by the programs themselves where they can. Not here: what is measured of them.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::comparable::Cloud;
use super::measure::{own_processor_time, resident};
use crate::programs::{Programs, SIMULATOR, run, write};

/// Where servers run; the load generator and backends are on the other core.
pub const SERVER_CORE: usize = 0;
pub const LOAD_CORE: usize = 1;
/// Where backends are: in the cloud, and where the simulator finds them.
const BACKEND_NETWORK: &str = "10.0.2.0";
const BACKEND_HERE: &str = "127.10.2.0";
/// The most targets that are registered with one call.
const TARGETS_PER_CALL: usize = 100;
/// How long a program may take to say that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// What comparing with HTTP/3 proxies needs of the package index.
pub const REQUIREMENTS: &str = "curl_cffi==0.13.0\nenvoy-server==1.40.0\n";
/// Downloads what it is told, and counts.
const HTTP3_DOWNLOAD: &str = r#"import json, sys, time
from curl_cffi import Curl, CurlHttpVersion, CurlOpt
count = 0
def take(data):
    global count
    count += len(data)
    return len(data)
curl = Curl()
curl.setopt(CurlOpt.URL, sys.argv[1].encode())
curl.setopt(CurlOpt.HTTP_VERSION, CurlHttpVersion.V3ONLY)
curl.setopt(CurlOpt.SSL_VERIFYPEER, 0)
curl.setopt(CurlOpt.SSL_VERIFYHOST, 0)
curl.setopt(CurlOpt.WRITEFUNCTION, take)
began = time.monotonic()
curl.perform()
print(json.dumps({"bytes": count, "seconds": time.monotonic() - began}))
"#;

/// The programs of the suite, as they are released, and the certificate that all servers show.
pub struct Kit {
    simulator: PathBuf,
    peers: PathBuf,
    folder: PathBuf,
    /// How many simulators there have been.
    simulators: Cell<u8>,
}

/// A running program. Ended by its own id when dropped.
pub struct Process {
    child: Child,
    /// Its first line on stdout.
    said: String,
}

/// A server that load is put on.
pub struct Party {
    /// In the table and in names of metrics.
    pub name: &'static str,
    /// What the load generator is told.
    pub target: String,
    process: Process,
}

impl Kit {
    /// Builds what is not given, and makes a certificate (ECDSA P-256) in `folder`.
    pub fn new(simulator: Option<&Path>, peers: Option<&Path>, folder: &Path) -> Result<Self, String> {
        let simulator = match simulator {
            Some(program) => program.to_owned(),
            None => Programs::build_released_alone(SIMULATOR)?,
        };
        let peers = match peers {
            Some(program) => program.to_owned(),
            None => Programs::build_example(SIMULATOR, "data_plane_peers")?,
        };
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .map_err(|error| format!("no certificate: {error}"))?;
        write(&folder.join("server.pem"), &made.cert.pem())?;
        write(&folder.join("server.key"), &made.signing_key.serialize_pem())?;
        Ok(Self { simulator, peers, folder: folder.to_owned(), simulators: Cell::new(0) })
    }

    /// A backend at so many addresses.
    pub fn backend(&self, addresses: usize) -> Result<(Process, SocketAddr), String> {
        let words = ["backend".to_owned(), BACKEND_HERE.to_owned(), addresses.to_string()];
        let process = Process::start(&self.peers, &words, LOAD_CORE)?;
        let address = process.said.trim().parse().map_err(|error| format!("backend: {error}: {}", process.said))?;
        Ok((process, address))
    }

    /// The simulator with one QUIC listener that has so many backends, all at this port.
    pub fn simulator(&self, port: u16, backends: usize) -> Result<Party, String> {
        let seed = run(Command::new(&self.simulator).arg("seed"))?;
        let seed = format!(
            "{}\n[[certificate]]\naccounts = [\"demo\"]\nid = \"benchCrt\"\ntype = \"SVR\"\n\
             certificate_file = \"server.pem\"\nprivate_key_file = \"server.key\"\n",
            String::from_utf8_lossy(&seed.stdout)
        );
        let file = self.folder.join("seed.toml");
        write(&file, &seed)?;
        // Of no other simulator that runs here.
        self.simulators.set(self.simulators.get() + 1);
        let pool = format!("127.{}.{}.0/24", 130 + std::process::id() % 90, self.simulators.get());
        let quota = format!("targets={}", backends.max(200));
        let options = ["serve", "--api", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--vip-pool", &pool];
        let mut words: Vec<String> = options.iter().map(|word| (*word).to_owned()).collect();
        words.extend(["--quota".to_owned(), quota, "--seed-file".to_owned(), file.display().to_string()]);
        let process = Process::start(&self.simulator, &words, SERVER_CORE)?;
        let api = process.said.split_once("cloud API http://").and_then(|(_, rest)| rest.split_once(','));
        let api = api.and_then(|(api, _)| api.parse().ok()).ok_or_else(|| format!("no address: {}", process.said))?;
        let cloud = Cloud::new(api, "ap-guangzhou");
        let address = listen(&cloud, port, backends)?;
        Ok(Party { name: "clb-simulator", target: format!("quic://{address}"), process })
    }

    /// quinn by itself.
    pub fn bare_quinn(&self) -> Result<Party, String> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let words = ["quinn".to_owned(), "127.0.0.1:0".to_owned(), file("server.pem"), file("server.key")];
        let process = Process::start(&self.peers, &words, SERVER_CORE)?;
        Ok(Party { name: "bare quinn", target: format!("quic://{}", process.said.trim()), process })
    }

    /// A plain TCP proxy.
    pub fn proxy(&self, backend: SocketAddr) -> Result<Party, String> {
        let words = ["proxy".to_owned(), "127.0.0.1:0".to_owned(), backend.to_string()];
        let process = Process::start(&self.peers, &words, SERVER_CORE)?;
        Ok(Party { name: "TCP proxy", target: format!("tcp://{}", process.said.trim()), process })
    }

    /// The backend itself, as if it were a server.
    pub fn direct(&self) -> Result<Party, String> {
        let (process, address) = self.backend(1)?;
        Ok(Party { name: "backend", target: format!("tcp://{address}"), process })
    }

    /// HAProxy in TCP mode with one thread; `None` if this machine has none.
    pub fn haproxy(&self, backend: SocketAddr) -> Result<Option<Party>, String> {
        let program = Path::new("/usr/sbin/haproxy");
        if !program.exists() {
            return Ok(None);
        }
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = address.map_err(|error| format!("no free port: {error}"))?;
        let file = self.folder.join("haproxy.cfg");
        let text = format!(
            "global\n  nbthread 1\n  maxconn 4096\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1m\n  \
             timeout server 1m\nlisten bench\n  bind {address}\n  server backend {backend}\n"
        );
        write(&file, &text)?;
        let mut command = bound(program, SERVER_CORE);
        command.args(["-db", "-f"]).arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("haproxy does not start: {error}"))?;
        let process = Process { child, said: String::new() };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > READY_WITHIN {
                return Err("haproxy does not listen".to_owned());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(Some(Party { name: "HAProxy", target: format!("tcp://{address}"), process }))
    }

    /// Caddy from HTTP/3 to HTTP/1.1; `None` if this machine has none.
    pub fn caddy(&self, backend: SocketAddr) -> Result<Option<Party>, String> {
        let program = Path::new("/usr/bin/caddy");
        if !program.exists() {
            return Ok(None);
        }
        let (port, other) = (free_udp_port()?, free_udp_port()?);
        let file = self.folder.join("Caddyfile");
        let (certificate, key) = (self.folder.join("server.pem"), self.folder.join("server.key"));
        let text = format!(
            "{{\n  admin off\n  auto_https disable_redirects\n  http_port {other}\n  servers :{port} {{\n    protocols h1 h2 \
             h3\n  }}\n}}\nhttps://localhost:{port} {{\n  tls {} {}\n  reverse_proxy {backend}\n}}\n",
            certificate.display(),
            key.display()
        );
        write(&file, &text)?;
        let mut command = bound(program, SERVER_CORE);
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
        command.env("GOMAXPROCS", "1").env("HOME", &self.folder);
        silent(&mut command, "Caddy", port).map(Some)
    }

    /// Envoy of that virtual environment, from HTTP/3 to HTTP/1.1.
    pub fn envoy(&self, venv: &Path, backend: SocketAddr) -> Result<Party, String> {
        let port = free_udp_port()?;
        let file = self.folder.join("envoy.json");
        let certificate = json!({
            "certificate_chain": { "filename": self.folder.join("server.pem") },
            "private_key": { "filename": self.folder.join("server.key") },
        });
        let manager = json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "codec_type": "HTTP3", "stat_prefix": "bench", "http3_protocol_options": {},
            "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [
                { "match": { "prefix": "/" }, "route": { "cluster": "backend", "timeout": "0s" } },
            ] }] },
            "http_filters": [{ "name": "envoy.filters.http.router", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
            } }],
        });
        let place = |address: &str, port: u16| json!({ "address": address, "port_value": port });
        let mut listening = place("127.0.0.1", port);
        listening["protocol"] = "UDP".into();
        let config = json!({ "static_resources": {
            "listeners": [{
                "name": "bench", "address": { "socket_address": listening },
                "udp_listener_config": { "quic_options": {}, "downstream_socket_config": { "prefer_gro": true } },
                "filter_chains": [{
                    "transport_socket": { "name": "envoy.transport_sockets.quic", "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport",
                        "downstream_tls_context": { "common_tls_context": { "tls_certificates": [certificate] } },
                    } },
                    "filters": [{ "name": "http", "typed_config": manager }],
                }],
            }],
            "clusters": [{
                "name": "backend", "type": "STATIC", "lb_policy": "LEAST_REQUEST",
                "load_assignment": { "cluster_name": "backend", "endpoints": [{ "lb_endpoints": [{ "endpoint": {
                    "address": { "socket_address": place(&backend.ip().to_string(), backend.port()) },
                } }] }] },
            }],
        } });
        write(&file, &config.to_string())?;
        let mut command = bound(&venv.join("bin/envoy"), SERVER_CORE);
        command.args(["--concurrency", "1", "--log-level", "error", "--use-dynamic-base-id", "-c"]).arg(&file);
        silent(&mut command, "Envoy", port)
    }

    /// A download over HTTP/3, by a client that is not ours (libcurl with ngtcp2).
    pub fn http_download(&self, venv: &Path, party: &Party, bytes: &str) -> Result<Json, String> {
        let script = self.folder.join("download.py");
        write(&script, HTTP3_DOWNLOAD)?;
        let mut command = bound(&venv.join("bin/python"), LOAD_CORE);
        let output = run(command.arg(&script).arg(format!("{}/{bytes}", party.target)))?;
        serde_json::from_slice(&output.stdout).map_err(|error| format!("the client gives no JSON: {error}"))
    }

    /// Puts load on a target to its end; what the generator says of it.
    pub fn load(&self, target: &str, job: &[&str]) -> Result<Json, String> {
        let output = run(bound(&self.peers, LOAD_CORE).args(["load", target]).args(job))?;
        serde_json::from_slice(&output.stdout).map_err(|error| format!("the load generator gives no JSON: {error}"))
    }

    /// Holds connections that say nothing, but for a ping every so many seconds unless that is 0.
    pub fn idle(&self, target: &str, connections: usize, ping: u32) -> Result<Process, String> {
        let words = ["load", target, "idle", &connections.to_string(), &ping.to_string()].map(str::to_owned);
        Process::start(&self.peers, &words, LOAD_CORE)
    }
}

/// A load balancer with a QUIC listener without health check, and its targets; where it listens.
fn listen(cloud: &Cloud, port: u16, backends: usize) -> Result<String, String> {
    let load_balancer = cloud.load_balancer(true)?;
    let reply = cloud.change(
        "CreateListener",
        &json!({
            "LoadBalancerId": load_balancer, "Protocol": "QUIC", "Ports": [8443],
            "Certificate": { "CertId": "benchCrt" }, "HealthCheck": { "HealthSwitch": 0 },
        }),
    )?;
    let listener = &reply["ListenerIds"][0];
    let first: std::net::Ipv4Addr = BACKEND_NETWORK.parse().map_err(|error| format!("{error}"))?;
    let targets: Vec<Json> = (0_u32..)
        .take(backends)
        .map(|number| std::net::Ipv4Addr::from(u32::from(first) + number))
        .map(|address| json!({ "ListenerId": listener, "EniIp": address.to_string(), "Port": port }))
        .collect();
    for part in targets.chunks(TARGETS_PER_CALL) {
        cloud.change("BatchRegisterTargets", &json!({ "LoadBalancerId": load_balancer, "Targets": part }))?;
    }
    let shown = cloud.ask("DescribeLoadBalancers", &json!({ "LoadBalancerIds": [load_balancer] }))?;
    let address =
        shown["LoadBalancerSet"][0]["LoadBalancerVips"][0].as_str().ok_or("a load balancer without address")?;
    Ok(format!("{address}:8443"))
}

/// A server that says nothing when it is ready; it is, when its UDP port is taken.
fn silent(command: &mut Command, name: &'static str, port: u16) -> Result<Party, String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| format!("{name} does not start: {error}"))?;
    let process = Process { child, said: String::new() };
    let began = Instant::now();
    while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
        if began.elapsed() > READY_WITHIN {
            return Err(format!("{name} does not listen"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(Party { name, target: format!("https://localhost:{port}"), process })
}

fn free_udp_port() -> Result<u16, String> {
    let address = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    address.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

/// A program that runs on one core.
fn bound(program: &Path, core: usize) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

impl Process {
    /// Tells it to end, which those do that hold connections; an error if it has lost some.
    pub fn finish(mut self) -> Result<(), String> {
        drop(self.child.stdin.take());
        let status = self.child.wait().map_err(|error| format!("the load generator: {error}"))?;
        if status.success() { Ok(()) } else { Err("connections ended that should have stayed".to_owned()) }
    }

    /// Starts it on one core and waits for its first line.
    fn start(program: &Path, words: &[String], core: usize) -> Result<Self, String> {
        let mut command = bound(program, core);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let name = words.first().map_or("", String::as_str);
        let child = command.spawn().map_err(|error| format!("{name} does not start: {error}"))?;
        let mut process = Process { child, said: String::new() };
        let output = process.child.stdout.take().ok_or("a piped output is there")?;
        let mut lines = BufReader::new(output);
        lines.read_line(&mut process.said).map_err(|error| format!("{name}: {error}"))?;
        if process.said.is_empty() { Err(format!("{name} ended before it was ready")) } else { Ok(process) }
    }

    /// Processor seconds so far, and MiB of memory.
    pub fn usage(&self) -> (f64, f64) {
        let id = self.child.id();
        (own_processor_time(id).unwrap_or_default() / 1000.0, resident(id).unwrap_or_default())
    }
}

impl Party {
    /// Processor seconds so far, and MiB of memory.
    pub fn usage(&self) -> (f64, f64) {
        self.process.usage()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let ended: Option<ChildStdin> = self.child.stdin.take();
        drop(ended);
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
