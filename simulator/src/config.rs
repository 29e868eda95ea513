//! How a simulator is set up: addresses of its doors, key pairs, address pools. Checks that nothing but this machine
//! can reach it unless that was asked for.

pub mod door;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clb_cloud_api::secret::Secret;
use ipnet::Ipv4Net;

use crate::clock::Clock;
use crate::control::Weather;
use crate::data_plane::Settings;
use crate::data_plane::address_plan::AddressPlan;
use crate::private_network::{self, PrivateNetwork};
use crate::seed::Seed;
use door::{Limits, Signatures};

/// The demo account's key pair. Public knowledge, good for this simulator only.
pub const DEMO_SECRET_ID: &str = "AKIDdemo00000000000000000000000000";
/// Its secret half.
pub const DEMO_SECRET_KEY: &str = "demo-secret-key-of-the-simulator";
/// The key pair of an account that is not admitted to the QUIC beta.
pub const CLOSED_SECRET_ID: &str = "AKIDclosed000000000000000000000000";
/// Its secret half.
pub const CLOSED_SECRET_KEY: &str = "closed-secret-key-of-the-simulator";

/// Temporary credentials of the demo account.
pub const TEMPORARY_SECRET_ID: &str = "AKIDtemporary000000000000000000000";
/// Their secret half.
pub const TEMPORARY_SECRET_KEY: &str = "temporary-secret-key-of-the-simulator";
/// Their token, the value of `X-TC-Token`.
pub const TEMPORARY_TOKEN: &str = "token-of-the-temporary-credentials-of-the-simulator";

/// A key pair and the account it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The public half.
    pub secret_id: String,
    /// The secret half.
    pub secret_key: Secret,
    /// The account's name.
    pub account: String,
    /// What makes the pair temporary credentials: each call has to carry it.
    pub token: Option<Secret>,
}

/// How a simulator is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the cloud API; port 0 takes a free one.
    pub api: SocketAddr,
    /// Address of the admin door; port 0 takes a free one.
    pub admin: SocketAddr,
    /// Whether the doors may be reachable from other machines.
    pub allow_non_loopback: bool,
    /// Where to write the endpoints file.
    pub endpoints_file: Option<PathBuf>,
    /// Where to write what clients read from their environment.
    pub env_file: Option<PathBuf>,
    /// Where the state is kept; in memory only when `None`.
    pub state: Option<PathBuf>,
    /// The folder of snapshots; in memory when `None`.
    pub snapshots: Option<PathBuf>,
    /// Who may sign.
    pub key_pairs: Vec<KeyPair>,
    /// What is checked of signatures.
    pub signatures: Signatures,
    /// Domains that a client may have made `<service>.<domain>` of and signed, though it sends no host, such as
    /// `sim@127.0.0.1:9000`; `sim@` before the door's own address is always one.
    pub domains: Vec<String>,
    /// What clients may hold of the cloud API's door.
    pub limits: Limits,
    /// Serve the cloud API over HTTPS, and write the certificate of the CA that vouches for it to this file.
    pub https_ca_file: Option<PathBuf>,
    /// The network that load balancers get their addresses from: a loopback network, or any in a private network. Two
    /// simulators on one machine that open the same ports need different ones.
    pub vip_pool: Ipv4Net,
    /// The first 96 bits of the addresses of IPv6 that NAT64 load balancers get, in a private network. Without it they
    /// get addresses of the pool like all others: a machine has one loopback address of IPv6, and each needs its own.
    pub ipv6_prefix: Option<Ipv6Addr>,
    /// Where backends of the cloud are on this machine.
    pub address_plan: AddressPlan,
    /// What the data plane does beyond what the cloud API says.
    pub data_plane: Settings,
    /// Where the TLS secrets of QUIC connections are written, for those who record packets; nowhere when `None`.
    pub tls_key_log: Option<PathBuf>,
    /// The folder of qlog files, one for each QUIC connection; none are written when `None`.
    pub qlog: Option<PathBuf>,
    /// How many connections, and how many calls, the journals remember.
    pub journal_capacity: usize,
    /// What is there from the start. Its accounts are those of the key pairs: set both with [`Config::with_seed`].
    pub worlds: Arc<Seed>,
    /// The seed of ids; `None` takes another one each time.
    pub seed: Option<u64>,
    /// What time it is.
    pub clock: Clock,
    /// How fast tasks are, how often an account may call, and how much it may have.
    pub weather: Weather,
}

/// Free ports on loopback, the demo key pairs, signatures as the platform checks them, load balancers at `127.80.0.1` and up.
impl Default for Config {
    fn default() -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let worlds = Seed::default();
        Self {
            api: loopback,
            admin: loopback,
            allow_non_loopback: false,
            endpoints_file: None,
            env_file: None,
            state: None,
            snapshots: None,
            key_pairs: worlds.key_pairs(),
            signatures: Signatures::default(),
            domains: Vec::new(),
            limits: Limits::default(),
            https_ca_file: None,
            vip_pool: Ipv4Net::new_assert(Ipv4Addr::new(127, 80, 0, 0), 16),
            ipv6_prefix: None,
            address_plan: AddressPlan::default(),
            data_plane: Settings::default(),
            tls_key_log: None,
            qlog: None,
            journal_capacity: 10_000,
            worlds: Arc::new(worlds),
            seed: None,
            clock: Clock::system(),
            weather: Weather::default(),
        }
    }
}

/// Where load balancers of a private network are: addresses kept for documentation (RFC 5737, RFC 3849), as nothing
/// leads there from anywhere. A choice of ours.
const PRIVATE_VIP_POOL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24);
/// The same for IPv6.
const PRIVATE_IPV6_PREFIX: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0);

/// A set-up that is not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A door would be reachable from other machines.
    #[error(
        "{option} {address} can be reached from other machines: use a loopback address such as 127.0.0.1, or allow it \
         with --allow-non-loopback (the key pairs are public knowledge, and the admin door asks for none)"
    )]
    NotLoopback {
        /// The option.
        option: &'static str,
        /// Its value.
        address: SocketAddr,
    },
    /// Load balancers would be reachable from other machines, or there would be none.
    #[error(
        "the address pool {0} is not part of 127.0.0.0/8: load balancers get loopback addresses only, for example \
         127.80.0.0/16. In a private network they can have any: `clb-simulator exec -- COMMAND`"
    )]
    VipPool(Ipv4Net),
    /// There would be hardly any address, or more than are handled.
    #[error("the address pool {0} must have a prefix length of 9 to 29, for example 127.80.0.0/16")]
    VipPoolSize(Ipv4Net),
    /// Load balancers would have addresses of IPv6 that this machine has not.
    #[error("NAT64 load balancers have addresses of IPv6 in a private network only: `clb-simulator exec -- COMMAND`")]
    Ipv6Prefix,
    /// Backends would be dialled on other machines.
    #[error(
        "backends are dialled on loopback addresses only, but in a private network: `clb-simulator exec -- COMMAND`"
    )]
    AddressPlan,
}

impl Config {
    /// The set-up with another seed: its worlds, and its key pairs.
    #[must_use]
    pub fn with_seed(self, seed: Seed) -> Self {
        Self { key_pairs: seed.key_pairs(), worlds: Arc::new(seed), ..self }
    }

    /// The usual set-up in a private network: load balancers at `203.0.113.1` and up, those with NAT64 at
    /// `2001:db8::cb00:7101` and up if it has IPv6, backends where they are.
    pub fn in_private_network(network: PrivateNetwork) -> Self {
        Self {
            vip_pool: PRIVATE_VIP_POOL,
            ipv6_prefix: network.ipv6.then_some(PRIVATE_IPV6_PREFIX),
            address_plan: AddressPlan::as_they_are(),
            ..Self::default()
        }
    }

    /// Refuses a set-up that other machines could reach, or that could reach them, without that having been allowed.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.check_in(private_network::is_closed)
    }

    /// `closed` says whether this process is in a network that nothing leads out of.
    fn check_in(&self, closed: impl Fn() -> bool) -> Result<(), ConfigError> {
        for (option, address) in [("--api", self.api), ("--admin", self.admin)] {
            if !self.allow_non_loopback && !is_loopback(address.ip()) {
                return Err(ConfigError::NotLoopback { option, address });
            }
        }
        let pool = self.vip_pool;
        if !(9..=29).contains(&pool.prefix_len()) {
            return Err(ConfigError::VipPoolSize(pool));
        }
        if !pool.network().is_loopback() && !closed() {
            return Err(ConfigError::VipPool(pool));
        }
        if self.ipv6_prefix.is_some() && !closed() {
            return Err(ConfigError::Ipv6Prefix);
        }
        if self.address_plan.leaves_loopback() && !closed() {
            return Err(ConfigError::AddressPlan);
        }
        Ok(())
    }
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::{AddressPlan, Config, ConfigError, PrivateNetwork};
    use clb_cloud_api::secret::Secret;

    use crate::seed;

    #[test]
    fn a_door_that_others_can_reach_is_refused_unless_that_was_allowed() {
        for reachable in ["0.0.0.0:0", "192.168.1.7:9080", "[::]:0", "[::ffff:10.0.0.1]:0"] {
            let address = reachable.parse().expect("an address");
            let config = Config { admin: address, ..Config::default() };
            assert_eq!(config.check(), Err(ConfigError::NotLoopback { option: "--admin", address }));
            let allowed = Config { api: address, allow_non_loopback: true, ..Config::default() };
            assert_eq!(allowed.check(), Ok(()));
        }
        for local in ["127.0.0.2:0", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            let config = Config { api: local.parse().expect("an address"), ..Config::default() };
            assert_eq!(config.check(), Ok(()));
        }
    }

    #[test]
    fn other_addresses_than_loopback_are_for_a_private_network_only() {
        let pool = |text: &str| Config { vip_pool: text.parse().expect("a network"), ..Config::default() };
        let real = pool("10.0.0.0/16");
        assert_eq!(real.check_in(|| false), Err(ConfigError::VipPool(real.vip_pool)));
        assert_eq!(real.check_in(|| true), Ok(()));
        for size in ["127.80.0.0/30", "127.0.0.0/8"] {
            let config = pool(size);
            assert_eq!(config.check_in(|| true), Err(ConfigError::VipPoolSize(config.vip_pool)));
        }
        let config = Config { ipv6_prefix: Some("2001:db8::".parse().expect("an address")), ..Config::default() };
        assert_eq!(config.check_in(|| false), Err(ConfigError::Ipv6Prefix));
        let config = Config { address_plan: AddressPlan::as_they_are(), ..Config::default() };
        assert_eq!(config.check_in(|| false), Err(ConfigError::AddressPlan));
        assert_eq!(Config::in_private_network(PrivateNetwork { ipv6: true }).check_in(|| true), Ok(()));
    }

    #[test]
    fn the_demo_key_pairs_are_those_of_the_built_in_seed() {
        let pairs = Config::default().key_pairs;
        let of = |secret_id: &str| pairs.iter().find(|it| it.secret_id == secret_id).expect("there");
        let demo = of(super::DEMO_SECRET_ID);
        assert_eq!((demo.secret_key.expose(), demo.account.as_str()), (super::DEMO_SECRET_KEY, seed::DEMO_ACCOUNT));
        let closed = of(super::CLOSED_SECRET_ID);
        assert_eq!(
            (closed.secret_key.expose(), closed.account.as_str()),
            (super::CLOSED_SECRET_KEY, seed::CLOSED_ACCOUNT)
        );
        let temporary = of(super::TEMPORARY_SECRET_ID);
        assert_eq!(
            (temporary.secret_key.expose(), temporary.account.as_str()),
            (super::TEMPORARY_SECRET_KEY, seed::DEMO_ACCOUNT)
        );
        assert_eq!(temporary.token.as_ref().map(Secret::expose), Some(super::TEMPORARY_TOKEN));
        assert_eq!((pairs[0].secret_id.as_str(), pairs.len()), (super::DEMO_SECRET_ID, 3));
    }

    #[test]
    fn secret_keys_do_not_show() {
        let shown = format!("{:?}", Config::default());
        assert!(!shown.contains(super::DEMO_SECRET_KEY) && !shown.contains(super::CLOSED_SECRET_KEY), "{shown}");
    }
}
