//! The shapes of a seed file, and what can be said of it without making anything: names, scopes, key pairs. Whether its
//! entries fit together is [`super::making`]'s topic.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::SeedError;

/// The longest file with a certificate or a key.
const LONGEST_PEM: u64 = 1024 * 1024;

/// A seed file.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SeedFile {
    pub regions: Vec<String>,
    pub account: Vec<AccountEntry>,
    #[serde(default)]
    pub vpc: Vec<VpcEntry>,
    #[serde(default)]
    pub subnet: Vec<SubnetEntry>,
    #[serde(default)]
    pub security_group: Vec<SecurityGroupEntry>,
    #[serde(default)]
    pub instance: Vec<InstanceEntry>,
    #[serde(default)]
    pub load_balancer: Vec<LoadBalancerEntry>,
    #[serde(default)]
    pub certificate: Vec<CertificateEntry>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    pub name: String,
    pub uin: String,
    pub quic_admitted: bool,
    #[serde(default)]
    pub key_pairs: Vec<KeyPairEntry>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPairEntry {
    pub secret_id: String,
    pub secret_key: String,
    /// What makes the pair temporary credentials.
    pub token: Option<String>,
}

/// Names of accounts or of regions; all of them when absent.
pub type Scope = Option<Vec<String>>;

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VpcEntry {
    pub accounts: Scope,
    pub regions: Scope,
    pub id: String,
    pub name: String,
    pub cidr: Ipv4Net,
    #[serde(default)]
    pub default: bool,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubnetEntry {
    pub accounts: Scope,
    pub regions: Scope,
    pub id: String,
    pub vpc: String,
    pub name: String,
    pub cidr: Ipv4Net,
    /// The number behind the region's name.
    pub zone: u8,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupEntry {
    pub accounts: Scope,
    pub regions: Scope,
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub ingress: Vec<PolicyEntry>,
    #[serde(default)]
    pub egress: Vec<PolicyEntry>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    pub action: Option<String>,
    pub protocol: Option<String>,
    pub port: Option<String>,
    pub cidr: Option<String>,
    pub ipv6_cidr: Option<String>,
    pub group: Option<String>,
    pub description: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceEntry {
    pub accounts: Scope,
    pub regions: Scope,
    pub id: String,
    pub name: String,
    pub subnet: String,
    pub ip: Ipv4Addr,
    #[serde(default)]
    pub security_groups: Vec<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancerEntry {
    pub accounts: Scope,
    pub regions: Scope,
    pub id: String,
    pub name: String,
    pub kind: KindEntry,
    pub vpc: Option<String>,
    #[serde(default)]
    pub basic_network: bool,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KindEntry {
    Classic,
    Current,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateEntry {
    pub accounts: Scope,
    pub id: String,
    pub r#type: PurposeEntry,
    #[serde(default)]
    pub alias: String,
    pub certificate: Option<String>,
    pub certificate_file: Option<PathBuf>,
    pub private_key: Option<String>,
    pub private_key_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PurposeEntry {
    Svr,
    Ca,
}

/// Whether an entry is for that account or region.
pub fn covers(scope: &Scope, name: &str) -> bool {
    scope.as_ref().is_none_or(|names| names.iter().any(|it| it == name))
}

impl SeedFile {
    /// The file with that text.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        toml::from_str(text).map_err(|error| {
            // Not the text around the place: it may be a secret.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            SeedError::at(format!("line {line}, column {column}"), error.message().trim_end().replace('\n', "; "))
        })
    }

    /// Puts what stands in files in place of their names, which are relative to that folder.
    pub fn take_files_in(&mut self, folder: &Path) -> Result<(), SeedError> {
        for (index, entry) in self.certificate.iter_mut().enumerate() {
            for (name, text, file) in [
                ("certificate", &mut entry.certificate, &mut entry.certificate_file),
                ("private_key", &mut entry.private_key, &mut entry.private_key_file),
            ] {
                let Some(path) = file.take() else { continue };
                let place = format!("certificate[{index}].{name}_file");
                if text.is_some() {
                    return Err(SeedError::at(place, format!("stands beside {name}: one of them is enough")));
                }
                *text = Some(read(&folder.join(&path)).map_err(|error| SeedError::at(place, error))?);
            }
        }
        Ok(())
    }

    /// Checks names, scopes and key pairs.
    pub fn check(&self) -> Result<(), SeedError> {
        let mut seen = BTreeSet::new();
        let mut once = |place: String, kind: &'static str, text: &str| {
            if seen.insert((kind, text.to_owned())) {
                return Ok(());
            }
            Err(SeedError::at(place, format!("{text:?} is there already")))
        };
        if self.regions.is_empty() || self.account.is_empty() {
            return Err(SeedError::at("the file", "needs at least one region and one account"));
        }
        for (index, region) in self.regions.iter().enumerate() {
            let place = format!("regions[{index}]");
            check_name(&place, region)?;
            once(place, "region", region)?;
        }
        for (index, account) in self.account.iter().enumerate() {
            let place = |field: &str| format!("account[{index}].{field}");
            check_name(&place("name"), &account.name)?;
            once(place("name"), "account", &account.name)?;
            if !(1..=20).contains(&account.uin.len()) || !account.uin.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(SeedError::at(place("uin"), "is 1 to 20 digits"));
            }
            once(place("uin"), "uin", &account.uin)?;
            for (index, pair) in account.key_pairs.iter().enumerate() {
                let place = |field: &str| place(&format!("key_pairs[{index}].{field}"));
                if !(1..=100).contains(&pair.secret_id.len())
                    || !pair.secret_id.bytes().all(|it| it.is_ascii_alphanumeric())
                {
                    return Err(SeedError::at(place("secret_id"), "is 1 to 100 letters and digits"));
                }
                once(place("secret_id"), "secret id", &pair.secret_id)?;
                if pair.secret_key.is_empty() {
                    return Err(SeedError::at(place("secret_key"), "is empty"));
                }
                if pair.token.as_ref().is_some_and(String::is_empty) {
                    return Err(SeedError::at(place("token"), "is empty: leave it out for a permanent key pair"));
                }
            }
        }
        self.check_scopes()
    }

    fn check_scopes(&self) -> Result<(), SeedError> {
        fn each<'a, T>(
            name: &'static str,
            entries: &'a [T],
            scopes: fn(&T) -> (&Scope, &Scope),
        ) -> impl Iterator<Item = (String, &'a Scope, &'a Scope)> {
            entries.iter().enumerate().map(move |(index, entry)| {
                let (accounts, regions) = scopes(entry);
                (format!("{name}[{index}]"), accounts, regions)
            })
        }
        const EVERYWHERE: &Scope = &None;
        let entries = each("vpc", &self.vpc, |it| (&it.accounts, &it.regions))
            .chain(each("subnet", &self.subnet, |it| (&it.accounts, &it.regions)))
            .chain(each("security_group", &self.security_group, |it| (&it.accounts, &it.regions)))
            .chain(each("instance", &self.instance, |it| (&it.accounts, &it.regions)))
            .chain(each("load_balancer", &self.load_balancer, |it| (&it.accounts, &it.regions)))
            .chain(each("certificate", &self.certificate, |it| (&it.accounts, EVERYWHERE)));
        for (place, accounts, regions) in entries {
            for (index, name) in accounts.iter().flatten().enumerate() {
                if !self.account.iter().any(|account| account.name == *name) {
                    return Err(SeedError::at(
                        format!("{place}.accounts[{index}]"),
                        format!("there is no account {name:?}"),
                    ));
                }
            }
            for (index, name) in regions.iter().flatten().enumerate() {
                if !self.regions.contains(name) {
                    return Err(SeedError::at(
                        format!("{place}.regions[{index}]"),
                        format!("there is no region {name:?}"),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Names of accounts and regions stand in ids, logs and on the command line.
fn check_name(place: &str, name: &str) -> Result<(), SeedError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=40).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(SeedError::at(place, "is 1 to 40 lower-case letters, digits and hyphens"))
}

fn read(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > LONGEST_PEM {
        return Err(format!("{} has {length} bytes, more than a certificate or a key can have", path.display()));
    }
    std::fs::read_to_string(path).map_err(failed)
}
