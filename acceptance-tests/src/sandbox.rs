//! A world of one test: a simulator with addresses of its own, the provider, Terraform in a folder, and a certificate.
//!
//! Simulator and provider run in this process; [`Sandbox::start_packaged`] takes the provider as a program instead.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use clb_cloud_api::action::Action;
use clb_cloud_api::clb;
use clb_cloud_api::client::{Client, ClientConfig};
use clb_cloud_api::task::Wait;
use clb_provider::provider::{Settings, SettingsConfig};
use clb_simulator::config::{self, Config};
use clb_simulator::generated::clbsim::Call;
use clb_simulator::{Simulator, data_plane, seed};
use tfplugin_sdk::testing::Core;
use tfplugin_sdk::{Reattach, Secret, Value};
use tokio::runtime::Runtime;

use crate::backend::Backend;
use crate::certificates::Identity;
use crate::levers::{Inventory, Levers};
use crate::official_provider;
use crate::packaged;
use crate::quic_client::QuicClient;
use crate::service::{LISTENER, LOAD_BALANCER};
use crate::terraform::Terraform;

/// The region of everything.
pub const REGION: &str = "ap-guangzhou";
/// Where clients come from, unless a test says otherwise: an address of their own.
pub const CLIENT_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 77));
/// How long something that happens by itself may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The world. Fields are dropped in this order: the runtime last.
pub struct Sandbox {
    /// Terraform in a folder with `server.pem` and `server.key`.
    pub terraform: Terraform,
    /// The certificate in that folder.
    pub server: Identity,
    account: Account,
    simulator: Simulator,
    _providers: Vec<Reattach>,
    runtime: Runtime,
}

/// A key pair of the simulator's seed.
struct Account {
    name: &'static str,
    secret_id: &'static str,
    secret_key: &'static str,
}

/// The account that may have QUIC listeners.
const DEMO: Account = Account { name: "demo", secret_id: config::DEMO_SECRET_ID, secret_key: config::DEMO_SECRET_KEY };
/// The account that may not.
const CLOSED: Account =
    Account { name: "closed", secret_id: config::CLOSED_SECRET_ID, secret_key: config::CLOSED_SECRET_KEY };

impl Sandbox {
    /// A world with the provider in this process.
    pub fn start() -> Self {
        Self::start_as(DEMO)
    }

    /// A world whose account is not admitted to QUIC listeners.
    pub fn start_as_closed_account() -> Self {
        Self::start_as(CLOSED)
    }

    /// A world whose data plane is set up like this.
    pub fn start_with(settings: data_plane::Settings) -> Self {
        Self::start_on(start_simulator(settings), DEMO)
    }

    fn start_as(account: Account) -> Self {
        Self::start_on(start_simulator(data_plane::Settings::default()), account)
    }

    fn start_on((runtime, simulator): (Runtime, Simulator), account: Account) -> Self {
        let provider = runtime.block_on(tfplugin_sdk::reattach(clb_provider::provider()));
        Self::start_attached((runtime, simulator), vec![provider], account)
    }

    /// A world in which the stand-in for the official provider is installed too.
    pub fn start_beside_the_official_provider() -> Self {
        let (runtime, simulator) = start_simulator(data_plane::Settings::default());
        let own = runtime.block_on(tfplugin_sdk::reattach(clb_provider::provider()));
        let official = runtime.block_on(tfplugin_sdk::reattach(official_provider::provider()));
        Self::start_attached((runtime, simulator), vec![own, official], DEMO)
    }

    fn start_attached((runtime, simulator): (Runtime, Simulator), providers: Vec<Reattach>, account: Account) -> Self {
        let terraform = Terraform::new(vec![("TF_REATTACH_PROVIDERS".to_owned(), Reattach::env_value_of(&providers))]);
        let this = Self::furnish(runtime, simulator, providers, terraform, account);
        // A provider in this process reads this process's environment, which all tests share: so it is told in its block.
        this.configure_provider(&format!("endpoint = \"{}\"", this.endpoint()));
        this
    }

    /// A world with the provider as a program, installed by `terraform init` from a filesystem mirror and configured by the
    /// environment. `configuration` is what is initialised.
    pub fn start_packaged(configuration: &str) -> Self {
        Self::start_installed(Terraform::new(Vec::new()), configuration, |terraform| {
            packaged::install_mirror(terraform, &packaged::programs().join("terraform-provider-clb"));
            terraform.must(&["init", "-no-color"]);
        })
    }

    /// A world with this Terraform and the provider as a program, installed for `configuration` as `install` does, and
    /// configured by the environment.
    pub fn start_installed(terraform: Terraform, configuration: &str, install: impl FnOnce(&Terraform)) -> Self {
        let (runtime, simulator) = start_simulator(data_plane::Settings::default());
        let mut this = Self::furnish(runtime, simulator, Vec::new(), terraform, DEMO);
        let endpoint = this.endpoint();
        for (name, value) in [
            ("CLB_ENDPOINT", endpoint.as_str()),
            ("TENCENTCLOUD_SECRET_ID", DEMO.secret_id),
            ("TENCENTCLOUD_SECRET_KEY", DEMO.secret_key),
            ("TENCENTCLOUD_REGION", REGION),
        ] {
            this.terraform.set_environment(name, value);
        }
        this.terraform.write("main.tf", configuration);
        install(&this.terraform);
        this
    }

    fn furnish(
        runtime: Runtime,
        simulator: Simulator,
        providers: Vec<Reattach>,
        terraform: Terraform,
        account: Account,
    ) -> Self {
        let server = Identity::server();
        terraform.write("server.pem", &server.certificate_pem);
        terraform.write("server.key", &server.private_key_pem);
        Self { terraform, server, account, simulator, _providers: providers, runtime }
    }

    /// Writes the provider block: the account's key pair and the region, with other arguments in front, which win.
    pub fn configure_provider(&self, arguments: &str) {
        let mut block = format!("provider \"clb\" {{\n  {arguments}\n");
        for (name, value) in
            [("region", REGION), ("secret_id", self.account.secret_id), ("secret_key", self.account.secret_key)]
        {
            if !arguments.contains(&format!("{name} =")) {
                block.extend(["  ", name, " = \"", value, "\"\n"]);
            }
        }
        self.terraform.write("provider.tf", &(block + "}\n"));
    }

    /// The provider in a miniature of Terraform's core instead of Terraform: for what this Terraform cannot do yet.
    pub async fn core(&self) -> Core {
        let text = |text: &str| Value::Known(text.to_owned());
        let settings = SettingsConfig {
            secret_id: text(self.account.secret_id),
            secret_key: Value::Known(Secret::new(self.account.secret_key.to_owned())),
            region: text(REGION),
            endpoint: text(&self.endpoint()),
            ..SettingsConfig::default()
        };
        let core = Core::start::<_, Settings>(clb_provider::provider(), &settings).await;
        core.unwrap_or_else(|report| panic!("the provider does not start: {report:?}"))
    }

    /// The simulator's admin door.
    pub fn levers(&self) -> Levers {
        self.block_on(Levers::open(self.admin_address()))
    }

    /// What exists in the account's world, by id.
    pub fn inventory(&self) -> Inventory {
        self.block_on(self.levers().inventory(self.account.name))
    }

    /// The calls of the cloud API so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.block_on(self.levers().calls())
    }

    /// How long tasks take from now on, such as `300ms`.
    pub fn slow_tasks(&self, pace: &str) {
        self.block_on(self.levers().set_pace("", pace));
    }

    /// The name of the account, as the admin door knows it.
    pub fn account_name(&self) -> &'static str {
        self.account.name
    }

    /// Runs what is asynchronous.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// The simulator's cloud API, `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.simulator.api_address())
    }

    /// How many calls of the cloud API have been answered that are no reads, by the simulator's metrics.
    pub fn writes(&self) -> usize {
        let mut door = TcpStream::connect(self.admin_address()).expect("the admin door is open");
        door.write_all(b"GET /metrics HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut page = String::new();
        door.read_to_string(&mut page).expect("it answers with a text");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        let calls = page.lines().filter(|line| line.starts_with("clb_simulator_api_calls_total{"));
        let writes = calls.filter(|line| !line.contains("action=\"Describe") && !line.contains("action=\"Get"));
        writes.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
    }

    /// The simulator's admin door, `127.0.0.1:PORT`.
    pub fn admin_address(&self) -> SocketAddr {
        self.simulator.admin_address()
    }

    /// The id of the account's key pair.
    pub fn secret_id(&self) -> &str {
        self.account.secret_id
    }

    /// The key of the account's key pair.
    pub fn secret_key(&self) -> &str {
        self.account.secret_key
    }

    /// A backend by the name of one of the seed's two instances: `blue` is 10.0.1.5, `green` is 10.0.1.6.
    pub fn backend(&self, name: &str) -> Backend {
        self.backend_again(name, 0)
    }

    /// A backend that comes back on the port it had.
    pub fn backend_again(&self, name: &str, port: u16) -> Backend {
        let last = match name {
            "blue" => 5,
            "green" => 6,
            other => panic!("the seed has no instance {other}"),
        };
        Backend::start_on(self.runtime.handle(), name, 1, last, port)
    }

    /// Where clients connect: the address of the load balancer and the port of the listener in the state.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        let vips = self.terraform.attribute(LOAD_BALANCER, "vips");
        let ip: IpAddr = vips[0].as_str().expect("a load balancer has an address").parse().expect("an IP address");
        let port = self.terraform.attribute(LISTENER, "port").as_u64().expect("a port is a number");
        SocketAddr::new(ip, u16::try_from(port).expect("a port fits"))
    }

    /// A client on [`CLIENT_ADDRESS`].
    pub fn client(&self) -> QuicClient {
        self.client_on(CLIENT_ADDRESS)
    }

    /// A client on another address.
    pub fn client_on(&self, source: IpAddr) -> QuicClient {
        QuicClient::new(self.runtime.handle(), source, &self.server.certificate_pem, None)
    }

    /// A client that trusts another certificate.
    pub fn client_trusting(&self, server: &Identity) -> QuicClient {
        self.client_trusting_pem(&server.certificate_pem)
    }

    /// A client that trusts a certificate of which nothing but the text is known.
    pub fn client_trusting_pem(&self, certificate: &str) -> QuicClient {
        QuicClient::new(self.runtime.handle(), CLIENT_ADDRESS, certificate, None)
    }

    /// A client with a certificate of its own, or none.
    pub fn client_with(&self, identity: Option<&Identity>) -> QuicClient {
        QuicClient::new(self.runtime.handle(), CLIENT_ADDRESS, &self.server.certificate_pem, identity)
    }

    /// Sends one text on each of `connections` connections, one after the other; each must be answered.
    #[track_caller]
    pub fn send(&self, connections: usize) {
        let (client, address) = (self.client(), self.address());
        for number in 1..=connections {
            let answer = client.ask(address, b"hello");
            assert!(answer.is_ok(), "connection {number} of {connections}: {answer:?}");
        }
    }

    /// Calls the cloud's API directly, behind Terraform's back.
    #[track_caller]
    pub fn cloud<A: Action>(&self, action: &A) -> A::Reply {
        let answered = self.runtime.block_on(self.cloud_client().call(action));
        answered.unwrap_or_else(|error| panic!("{}: {error}", A::NAME)).reply
    }

    /// Calls an action that starts a task, and waits for its end.
    #[track_caller]
    pub fn cloud_task<A: Action>(&self, action: &A) {
        let client = self.cloud_client();
        let done = self.runtime.block_on(async {
            let answered = client.call(action).await.map_err(|error| error.to_string())?;
            client.wait_for(&answered.request_id, Wait::default()).await.map_err(|error| error.to_string())
        });
        done.unwrap_or_else(|error| panic!("{}: {error}", A::NAME));
    }

    /// Makes load balancers that Terraform does not know: a multiple of the 20 that one call makes.
    #[track_caller]
    pub fn more_load_balancers(&self, count: usize) {
        for _ in 0..count / 20 {
            self.cloud_task(&clb::CreateLoadBalancer {
                load_balancer_type: "INTERNAL".to_owned(),
                vpc_id: Some("vpc-demo0001".to_owned()),
                subnet_id: Some("subnet-demo0001".to_owned()),
                number: Some(20),
                ..clb::CreateLoadBalancer::default()
            });
        }
    }

    /// Waits until the platform says a backend is `Alive`, `Dead` or `Unknown`.
    #[track_caller]
    pub fn wait_for_health(&self, ip: &str, status: &str) {
        let question = clb::DescribeTargetHealth {
            load_balancer_ids: vec![self.terraform.text(LOAD_BALANCER, "load_balancer_id")],
            ..clb::DescribeTargetHealth::default()
        };
        let started = Instant::now();
        loop {
            let reply = self.cloud(&question);
            let said = serde_json::to_value(&reply).expect("a reply is JSON");
            let seen = health_of(&said, ip);
            if seen.as_deref() == Some(status) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{ip} is {seen:?}, not {status}, after {PATIENCE:?}: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A load balancer of the classic kind; the API cannot create one, so the seed holds it.
    pub fn classic_load_balancer(&self) -> &'static str {
        seed::CLASSIC_LOAD_BALANCER
    }

    /// A load balancer in the basic network; the API cannot create one, so the seed holds it.
    pub fn basic_network_load_balancer(&self) -> &'static str {
        seed::BASIC_NETWORK_LOAD_BALANCER
    }

    /// A client of the cloud API, for calls behind the back of Terraform.
    pub fn cloud_client(&self) -> Client {
        let mut config = ClientConfig::new(REGION, self.account.secret_id, self.account.secret_key);
        config.endpoint = Some(self.endpoint());
        Client::new(config).expect("an endpoint of the simulator's own")
    }
}

/// A simulator on free ports, with addresses for load balancers that no other test uses.
fn start_simulator(data_plane: data_plane::Settings) -> (Runtime, Simulator) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads for a runtime");
    let config = Config { vip_pool: own_network().parse().expect("a network"), data_plane, ..Config::default() };
    let simulator = runtime.block_on(Simulator::start(config)).expect("a simulator on free ports");
    (runtime, simulator)
}

/// Addresses for the load balancers of one more simulator, which no other test uses: they bind the same ports.
pub fn own_network() -> String {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    // Other processes that run these tests at this moment have another id.
    let process = 100 + std::process::id() % 100;
    format!("127.{process}.{}.0/24", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The health of the backend with an address, anywhere in a DescribeTargetHealth reply.
fn health_of(reply: &serde_json::Value, ip: &str) -> Option<String> {
    match reply {
        serde_json::Value::Object(fields) if fields.get("IP").and_then(|value| value.as_str()) == Some(ip) => {
            fields.get("HealthStatusDetail").and_then(|value| value.as_str()).map(str::to_owned)
        }
        serde_json::Value::Object(fields) => fields.values().find_map(|value| health_of(value, ip)),
        serde_json::Value::Array(items) => items.iter().find_map(|value| health_of(value, ip)),
        _ => None,
    }
}
