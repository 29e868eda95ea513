//! Seeds: what is there from the start, as a TOML file says it. Accounts with their key pairs, networks, security groups,
//! instances, certificates, and load balancers of kinds that cannot be created.
//!
//! ```text
//! TOML ── file: shapes, unknown keys ── making: a world for each account; dangling references ── Seed
//! ```
//!
//! A seed that exists makes a world for each of its accounts: it has been tried. What clients create later is none of its
//! business. The names of the built-in seed (`seed/demo.toml`) stand here for the README's walk-through and for tests.

pub mod command;
mod file;
mod making;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use clb_cloud_api::secret::Secret;
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::World;

use crate::config::KeyPair;
use file::SeedFile;

/// The account that may have QUIC listeners.
pub const DEMO_ACCOUNT: &str = "demo";
/// The account that is not admitted to the beta.
pub const CLOSED_ACCOUNT: &str = "closed";
/// The region that has everything below; the others have a default VPC with one subnet.
pub const DEMO_REGION: &str = "ap-guangzhou";
/// Every region there is.
pub const REGIONS: [&str; 5] = [DEMO_REGION, "ap-beijing", "ap-hongkong", "ap-shanghai", "ap-singapore"];
/// The default VPC, 10.0.0.0/16.
pub const VPC: &str = "vpc-demo0001";
/// Its subnet, 10.0.1.0/24.
pub const SUBNET: &str = "subnet-demo0001";
/// Instances of the default VPC: id, name, address.
pub const INSTANCES: [(&str, &str, Ipv4Addr); 2] =
    [("ins-demoblue", "blue", Ipv4Addr::new(10, 0, 1, 5)), ("ins-demogren", "green", Ipv4Addr::new(10, 0, 1, 6))];
/// A second VPC, 10.1.0.0/16, with an instance that load balancers of the first cannot reach.
pub const OTHER_VPC: &str = "vpc-demo0002";
/// The instance in it.
pub const OTHER_INSTANCE: &str = "ins-demofar0";
/// A security group that lets everything through.
pub const SECURITY_GROUP: &str = "sg-demo0001";
/// A load balancer of the classic kind.
pub const CLASSIC_LOAD_BALANCER: &str = "lb-classic0";
/// A load balancer in the basic network.
pub const BASIC_NETWORK_LOAD_BALANCER: &str = "lb-basic000";

/// The text of the built-in seed.
pub const DEMO: &str = include_str!("seed/demo.toml");

/// What is there from the start.
#[derive(Clone)]
pub struct Seed {
    file: SeedFile,
    accounts: Vec<String>,
}

/// Secret keys and private keys do not show.
impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seed").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

/// A seed that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{place}: {problem}", path.as_ref().map(|path| format!("{}: ", path.display())).unwrap_or_default())]
pub struct SeedError {
    /// The file, when it is one.
    pub path: Option<PathBuf>,
    /// Where in it: a line and column, or the path of a value.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl SeedError {
    fn at(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: None, place: place.into(), problem: problem.into() }
    }
}

/// The built-in seed.
impl Default for Seed {
    fn default() -> Self {
        Self::parse(DEMO).expect("the built-in seed is one, as a test says")
    }
}

impl Seed {
    /// The seed of a TOML file. Certificates that it names by their files are read.
    pub fn read(path: &Path) -> Result<Self, SeedError> {
        let in_file = |error: SeedError| SeedError { path: Some(path.to_owned()), ..error };
        let text = std::fs::read_to_string(path)
            .map_err(|error| in_file(SeedError::at("the file", format!("cannot be read: {error}"))))?;
        let mut file = SeedFile::parse(&text).map_err(in_file)?;
        file.take_files_in(path.parent().unwrap_or(Path::new("."))).map_err(in_file)?;
        Self::of(file).map_err(in_file)
    }

    /// The seed of a TOML text. It cannot name files.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        Self::of(SeedFile::parse(text)?)
    }

    fn of(file: SeedFile) -> Result<Self, SeedError> {
        file.check()?;
        let mut accounts: Vec<String> = file.account.iter().map(|account| account.name.clone()).collect();
        accounts.sort();
        // Each account has a world, or the seed is none.
        let mut vips = VipPool::new(Ipv4Addr::LOCALHOST, 9);
        for account in &accounts {
            file.world(account, Timestamp::default(), &mut vips)?;
        }
        Ok(Self { file, accounts })
    }

    /// The names of its accounts, in order.
    pub fn accounts(&self) -> &[String] {
        &self.accounts
    }

    /// Who may sign, in the order of the file.
    pub fn key_pairs(&self) -> Vec<KeyPair> {
        let pairs = self.file.account.iter().flat_map(|account| account.key_pairs.iter().map(move |it| (account, it)));
        pairs
            .map(|(account, it)| KeyPair {
                secret_id: it.secret_id.clone(),
                secret_key: Secret::new(it.secret_key.as_str()),
                account: account.name.clone(),
                token: it.token.as_deref().map(Secret::new),
            })
            .collect()
    }

    /// One of its accounts with everything it has; `None` for any other name.
    pub fn world(&self, account: &str, now: Timestamp, vips: &mut VipPool) -> Option<World> {
        self.file.world(account, now, vips).ok()
    }

    /// It as a TOML text that names no files.
    pub fn to_toml(&self) -> Result<String, SeedError> {
        toml::to_string(&self.file).map_err(|error| SeedError::at("the seed", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use clb_model::time::Timestamp;
    use clb_model::vip_pool::VipPool;

    use super::{DEMO, INSTANCES, REGIONS, Seed};

    fn refused(change: impl Fn(&str) -> String) -> String {
        Seed::parse(&change(DEMO)).expect_err("refused").to_string()
    }

    #[test]
    fn the_built_in_seed_is_one_and_has_the_names_of_this_file() {
        let seed = Seed::parse(DEMO).expect("a seed");
        assert_eq!(seed.accounts(), ["closed", "demo"]);
        let mut vips = VipPool::new([127, 80, 0, 0].into(), 16);
        let world = seed.world("demo", Timestamp::default(), &mut vips).expect("an account");
        assert_eq!(world.regions().count(), REGIONS.len());
        let region = world.region(super::DEMO_REGION).expect("there");
        for (id, name, ip) in INSTANCES {
            let instance = region.network.instance(id).expect("there");
            assert_eq!((instance.name.as_str(), instance.primary_ip), (name, ip.into()));
        }
        for id in [super::VPC, super::OTHER_VPC] {
            assert!(region.network.vpc(id).is_some(), "{id}");
        }
        assert!(
            region.network.subnet(super::SUBNET).is_some() && region.network.instance(super::OTHER_INSTANCE).is_some()
        );
        assert!(region.security_group(super::SECURITY_GROUP).is_ok());
        for id in [super::CLASSIC_LOAD_BALANCER, super::BASIC_NETWORK_LOAD_BALANCER] {
            assert!(region.has_load_balancer(id), "{id}");
        }
        assert!(seed.world("other", Timestamp::default(), &mut vips).is_none());
    }

    #[test]
    fn a_seed_can_be_written_and_read_again() {
        let text = Seed::default().to_toml().expect("a text");
        let again = Seed::parse(&text).expect("a seed");
        assert_eq!((again.accounts(), again.key_pairs()), (Seed::default().accounts(), Seed::default().key_pairs()));
    }

    #[test]
    fn secrets_do_not_show() {
        assert!(!format!("{:?}", Seed::default()).contains("secret-key-of"));
    }

    #[test]
    fn unknown_keys_and_wrong_types_are_refused_with_their_line() {
        let said = refused(|text| text.replace("name = \"blue\"", "nme = \"blue\""));
        assert!(said.contains("line ") && said.contains("unknown field `nme`"), "{said}");
        let said = refused(|text| text.replace("zone = 3", "zone = \"three\""));
        assert!(said.contains("line ") && said.contains("invalid type"), "{said}");
        assert!(refused(|text| format!("{text}\n[[target]]\n")).contains("unknown field `target`"));
        assert!(refused(|_| "regions = [".to_owned()).contains("line 1"));
    }

    #[test]
    fn dangling_references_are_refused_with_their_path() {
        for (from, to, place, problem) in [
            ("vpc = \"vpc-demo0002\"", "vpc = \"vpc-99999999\"", "subnet[1].vpc", "no VPC \"vpc-99999999\""),
            ("subnet = \"subnet-demo0002\"", "subnet = \"subnet-99999999\"", "instance[2].subnet", "no subnet"),
            ("[\"sg-demo0001\"]", "[\"sg-99999999\"]", "instance[0].security_groups[0]", "no security group"),
            (
                "regions = [\"ap-guangzhou\"]",
                "regions = [\"ap-nowhere\"]",
                "vpc[1].regions[0]",
                "no region \"ap-nowhere\"",
            ),
            (
                "name = \"other\"\ncidr = \"10.1.0.0/16\"",
                "accounts = [\"x\"]\nname = \"other\"\ncidr = \"10.1.0.0/16\"",
                "vpc[1].accounts[0]",
                "no account \"x\"",
            ),
        ] {
            let said = refused(|text| text.replace(from, to));
            assert!(said.starts_with(place) && said.contains(problem), "{place}: {said}");
        }
        // An entry of every region that names what only one region has.
        let said = refused(|text| {
            text.replacen("regions = [\"ap-guangzhou\"]\nid = \"subnet-demo0002\"", "id = \"subnet-demo0002\"", 1)
        });
        assert!(said.contains("subnet[1].vpc") && said.contains("in ap-beijing"), "{said}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (from, to, problem) in [
            ("id = \"vpc-demo0002\"", "id = \"vpc-demo0001\"", "there already"),
            ("id = \"vpc-demo0001\"", "id = \"vpc-1\"", "vpc- and eight"),
            ("cidr = \"10.1.1.0/24\"", "cidr = \"10.2.1.0/24\"", "outside"),
            ("cidr = \"10.1.1.0/24\"", "cidr = \"10.1.1.5/24\"", "no network"),
            ("ip = \"10.1.1.5\"", "ip = \"10.0.1.5\"", "outside"),
            ("ip = \"10.0.1.6\"", "ip = \"10.0.1.5\"", "has the address"),
            ("kind = \"classic\"", "kind = \"old\"", "unknown variant"),
            ("cidr = \"0.0.0.0/0\"", "group = \"sg-99999999\"", "no security group \"sg-99999999\""),
            ("protocol = \"ALL\"", "protocol = \"SCTP\"", "\"SCTP\""),
            ("basic_network = true", "basic_network = false", "either a vpc or basic_network"),
            ("name = \"closed\"", "name = \"demo\"", "there already"),
            ("AKIDclosed000000000000000000000000", "AKIDdemo00000000000000000000000000", "there already"),
            ("uin = \"100000000002\"", "uin = \"two\"", "digits"),
            (
                "regions = [\"ap-guangzhou\", \"ap-beijing\",",
                "regions = [\"ap-beijing\", \"ap-beijing\",",
                "there already",
            ),
        ] {
            let said = refused(|text| text.replacen(from, to, 1));
            assert!(said.contains(problem), "{problem}: {said}");
        }
        let certificate =
            "[[certificate]]\nid = \"demoCert\"\ntype = \"SVR\"\ncertificate = \"x\"\nprivate_key = \"y\"\n";
        let said = refused(|text| format!("{text}{certificate}"));
        assert!(said.starts_with("certificate[0]"), "{said}");
        let said = refused(|text| format!("{text}{}", certificate.replace("certificate =", "certificate_file =")));
        assert!(said.starts_with("certificate[0].certificate_file"), "{said}");
    }
}
