//! From a seed file to an account's world. What does not fit together is found here, and named by its place in the file.

use std::net::IpAddr;

use clb_model::address_range::AddressRange;
use clb_model::certificate::CertificateDraft;
use clb_model::id::{CertificateId, InstanceId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use clb_model::load_balancer::{Kind, LoadBalancer, Placement};
use clb_model::network::{Instance, Subnet, Vpc};
use clb_model::refusal::Refusal;
use clb_model::region::Region;
use clb_model::security_group::SecurityGroup;
use clb_model::security_group::policy::{Policy, PolicyDraft};
use clb_model::tag::Tags;
use clb_model::time::Timestamp;
use clb_model::vip_pool::VipPool;
use clb_model::world::{Account, QuicAdmission, World};
use ipnet::Ipv4Net;

use super::SeedError;
use super::file::{
    CertificateEntry, InstanceEntry, KindEntry, LoadBalancerEntry, PolicyEntry, PurposeEntry, SecurityGroupEntry,
    SeedFile, SubnetEntry, VpcEntry, covers,
};
use crate::x509;

/// A region of an account that is being made.
struct Making<'a> {
    region: Region,
    account: &'a str,
    now: Timestamp,
}

/// Fails with a place inside an entry: its field, and what is wrong there.
type Check<T = ()> = Result<T, (String, String)>;

fn wrong<T>(field: impl Into<String>, problem: impl Into<String>) -> Check<T> {
    Err((field.into(), problem.into()))
}

impl SeedFile {
    /// The world of an account.
    pub fn world(&self, account: &str, now: Timestamp, vips: &mut VipPool) -> Result<World, SeedError> {
        let found = self.account.iter().find(|it| it.name == account);
        let entry = found.ok_or_else(|| SeedError::at("account", format!("there is no account {account:?}")))?;
        let quic = if entry.quic_admitted { QuicAdmission::Admitted } else { QuicAdmission::Closed };
        let mut world = World::new(Account { uin: entry.uin.clone(), quic });
        for name in &self.regions {
            world.add_region(self.region(account, name, now, vips)?);
        }
        for (index, entry) in self.certificate.iter().enumerate().filter(|(_, it)| covers(&it.accounts, account)) {
            add_certificate(&mut world, entry, now).map_err(|wrong| at(format!("certificate[{index}]"), wrong))?;
        }
        Ok(world)
    }

    fn region(&self, account: &str, name: &str, now: Timestamp, vips: &mut VipPool) -> Result<Region, SeedError> {
        let mut making = Making { region: Region::new(name), account, now };
        macro_rules! add {
            ($entries:ident, $add:expr) => {
                for (index, entry) in self.$entries.iter().enumerate() {
                    if covers(&entry.accounts, account) && covers(&entry.regions, name) {
                        let place = || format!("{}[{index}]", stringify!($entries));
                        $add(&mut making, entry).map_err(|wrong| at(place(), wrong))?;
                    }
                }
            };
        }
        add!(vpc, Making::add_vpc);
        add!(subnet, Making::add_subnet);
        add!(security_group, Making::add_security_group);
        // Once more: groups may be about each other.
        add!(security_group, |making: &mut Making<'_>, entry| making.check_members(entry));
        add!(instance, Making::add_instance);
        add!(load_balancer, |making: &mut Making<'_>, entry| making.add_load_balancer(entry, vips));
        Ok(making.region)
    }
}

fn at(entry: String, (field, problem): (String, String)) -> SeedError {
    SeedError::at(if field.is_empty() { entry } else { format!("{entry}.{field}") }, problem)
}

impl Making<'_> {
    fn add_vpc(&mut self, entry: &VpcEntry) -> Check {
        check_id("vpc-", &entry.id, VpcId::is_well_formed(&entry.id))?;
        self.once(&entry.id, self.region.network.vpc(&entry.id).is_some())?;
        check_network(entry.cidr)?;
        if entry.default && self.region.network.default_vpc().is_some() {
            return wrong("default", format!("a default VPC is there already {}", self.place()));
        }
        let vpc = Vpc::new(entry.id.as_str().into(), &entry.name, range(entry.cidr), self.now);
        self.region.network.add_vpc(Vpc { is_default: entry.default, ..vpc });
        Ok(())
    }

    fn add_subnet(&mut self, entry: &SubnetEntry) -> Check {
        check_id("subnet-", &entry.id, SubnetId::is_well_formed(&entry.id))?;
        self.once(&entry.id, self.region.network.subnet(&entry.id).is_some())?;
        check_network(entry.cidr)?;
        let Some(vpc) = self.region.network.vpc(&entry.vpc) else { return self.absent("vpc", "VPC", &entry.vpc) };
        if !vpc.cidr.covers(&range(entry.cidr)) {
            return wrong("cidr", format!("{} is outside {}, the network of {}", entry.cidr, vpc.cidr, entry.vpc));
        }
        self.region.network.add_subnet(Subnet {
            id: entry.id.as_str().into(),
            vpc_id: entry.vpc.as_str().into(),
            name: entry.name.clone(),
            cidr: range(entry.cidr),
            zone: format!("{}-{}", self.region.name, entry.zone),
            broadcast: false,
            created_at: self.now,
        });
        Ok(())
    }

    fn add_security_group(&mut self, entry: &SecurityGroupEntry) -> Check {
        check_id("sg-", &entry.id, SecurityGroupId::is_well_formed(&entry.id))?;
        self.once(&entry.id, self.region.security_group(&entry.id).is_ok())?;
        let group = SecurityGroup::new(entry.id.as_str().into(), &entry.name, &entry.description, self.now);
        self.region.add_security_group(SecurityGroup {
            is_default: entry.default,
            version: 1,
            ingress: policies("ingress", &entry.ingress, self.now)?,
            egress: policies("egress", &entry.egress, self.now)?,
            ..group
        });
        Ok(())
    }

    /// Whether the groups that its rules are about are there.
    fn check_members(&self, entry: &SecurityGroupEntry) -> Check {
        for (direction, policies) in [("ingress", &entry.ingress), ("egress", &entry.egress)] {
            for (index, group) in
                policies.iter().enumerate().filter_map(|(index, it)| Some((index, it.group.as_ref()?)))
            {
                if self.region.security_group(group).is_err() {
                    return self.absent(&format!("{direction}[{index}].group"), "security group", group);
                }
            }
        }
        Ok(())
    }

    fn add_instance(&mut self, entry: &InstanceEntry) -> Check {
        check_id("ins-", &entry.id, InstanceId::is_well_formed(&entry.id))?;
        self.once(&entry.id, self.region.network.instance(&entry.id).is_some())?;
        let Some(subnet) = self.region.network.subnet(&entry.subnet).cloned() else {
            return self.absent("subnet", "subnet", &entry.subnet);
        };
        if !subnet.cidr.contains(entry.ip.into()) {
            return wrong("ip", format!("{} is outside {}, the network of {}", entry.ip, subnet.cidr, entry.subnet));
        }
        let ip = IpAddr::V4(entry.ip);
        let taken = |it: &&Instance| it.vpc_id == subnet.vpc_id && it.primary_ip == ip;
        if let Some(other) = self.region.network.instances().find(taken) {
            return wrong("ip", format!("{} has the address {ip} already {}", other.id, self.place()));
        }
        for (index, group) in entry.security_groups.iter().enumerate() {
            if self.region.security_group(group).is_err() {
                return self.absent(&format!("security_groups[{index}]"), "security group", group);
            }
        }
        self.region.network.add_instance(Instance {
            id: entry.id.as_str().into(),
            name: entry.name.clone(),
            vpc_id: subnet.vpc_id,
            subnet_id: subnet.id,
            zone: subnet.zone,
            primary_ip: ip,
            security_groups: entry.security_groups.iter().map(|group| group.as_str().into()).collect(),
            created_at: self.now,
        });
        Ok(())
    }

    fn add_load_balancer(&mut self, entry: &LoadBalancerEntry, vips: &mut VipPool) -> Check {
        check_id("lb-", &entry.id, LoadBalancerId::is_well_formed(&entry.id))?;
        self.once(&entry.id, self.region.has_load_balancer(&entry.id))?;
        let kind = match entry.kind {
            KindEntry::Classic => Kind::Classic,
            KindEntry::Current => Kind::Current,
        };
        let placement = match (&entry.vpc, entry.basic_network) {
            (Some(vpc), false) if self.region.network.vpc(vpc).is_none() => return self.absent("vpc", "VPC", vpc),
            (Some(vpc), false) => Placement::Vpc { vpc_id: vpc.as_str().into(), subnet_id: None },
            (None, true) => Placement::Basic,
            _ => return wrong("", "has either a vpc or basic_network = true"),
        };
        // They come first, so that the pool has addresses left, unless very many worlds have been made.
        if let Some(vip) = vips.take_last() {
            let id = entry.id.as_str().into();
            self.region.add_load_balancer(LoadBalancer::fixture(id, &entry.name, kind, placement, vip, self.now));
        }
        Ok(())
    }

    /// Where an entry is being made, as a text.
    fn place(&self) -> String {
        format!("in {} of account {:?}", self.region.name, self.account)
    }

    fn once(&self, id: &str, is_there: bool) -> Check {
        if is_there { wrong("id", format!("{id:?} is there already {}", self.place())) } else { Ok(()) }
    }

    fn absent(&self, field: &str, kind: &str, id: &str) -> Check {
        wrong(field, format!("there is no {kind} {id:?} {}", self.place()))
    }
}

fn add_certificate(world: &mut World, entry: &CertificateEntry, now: Timestamp) -> Check {
    if !CertificateId::is_well_formed(&entry.id) {
        return wrong("id", format!("{:?} is not eight letters and digits", entry.id));
    }
    if world.certificate(&entry.id).is_ok() {
        return wrong("id", format!("{:?} is there already", entry.id));
    }
    for (field, file) in [("certificate_file", &entry.certificate_file), ("private_key_file", &entry.private_key_file)]
    {
        if file.is_some() {
            return wrong(field, "names a file, and this text comes from none: give the PEM text itself");
        }
    }
    let Some(pem) = &entry.certificate else { return wrong("certificate", "is needed, or certificate_file") };
    let purpose = match entry.r#type {
        PurposeEntry::Svr => "SVR",
        PurposeEntry::Ca => "CA",
    };
    let alias = Some(entry.alias.clone());
    let draft: CertificateDraft =
        x509::draft(pem, entry.private_key.as_deref(), Some(purpose), alias, true, Tags::default());
    world.add_certificate(entry.id.as_str().into(), &draft, now).map_err(|it| (String::new(), said(&it)))
}

/// A refusal of the model, as a sentence.
fn said(refusal: &Refusal) -> String {
    let given = refusal.given.as_ref().map(|given| format!(" Given: {given}.")).unwrap_or_default();
    format!("{}{given}", refusal.rule.sentence())
}

fn policies(field: &str, entries: &[PolicyEntry], now: Timestamp) -> Check<Vec<Policy>> {
    let policy = |(index, entry): (usize, &PolicyEntry)| {
        let draft = PolicyDraft {
            index: None,
            protocol: entry.protocol.clone(),
            port: entry.port.clone(),
            cidr: entry.cidr.clone(),
            ipv6_cidr: entry.ipv6_cidr.clone(),
            group: entry.group.clone(),
            action: entry.action.clone(),
            description: entry.description.clone(),
        };
        draft.check(now).map_err(|refusal| (format!("{field}[{index}]"), said(&refusal)))
    };
    entries.iter().enumerate().map(policy).collect()
}

fn check_id(prefix: &str, id: &str, is_well_formed: bool) -> Check {
    if is_well_formed {
        return Ok(());
    }
    wrong("id", format!("{id:?} is not {prefix} and eight lower-case letters or digits"))
}

fn check_network(cidr: Ipv4Net) -> Check {
    if cidr.trunc() == cidr {
        Ok(())
    } else {
        wrong("cidr", format!("{cidr} is no network: it would be {}", cidr.trunc()))
    }
}

fn range(cidr: Ipv4Net) -> AddressRange {
    AddressRange::ipv4(cidr.network().octets(), cidr.prefix_len())
}
