//! Tags: keys and values on load balancers, certificates, security groups and networks of a world.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::id::{CertificateId, InstanceId, LoadBalancerId, SecurityGroupId, SubnetId, VpcId};
use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;
use crate::world::World;

/// The most tags of one resource; our bound.
const MOST_PER_RESOURCE: usize = 50;
/// The most tags one change sets, and the most it removes (SDK).
const MOST_IN_A_CHANGE: usize = 10;

/// What a tag is on: the service and prefix of the platform's six-part resource name, and the id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName {
    /// Such as `clb`.
    pub service: String,
    /// Such as `clb` or `certificate`.
    pub prefix: String,
    /// The resource's id.
    pub id: String,
}

impl ResourceName {
    /// A load balancer's name.
    pub fn load_balancer(id: &LoadBalancerId) -> Self {
        Self { service: "clb".into(), prefix: "clb".into(), id: id.as_str().into() }
    }

    /// A certificate's name.
    pub fn certificate(id: &CertificateId) -> Self {
        Self { service: "ssl".into(), prefix: "certificate".into(), id: id.as_str().into() }
    }

    /// A security group's name: the platform counts it among what belongs to instances (TFP).
    pub fn security_group(id: &SecurityGroupId) -> Self {
        Self { service: "cvm".into(), prefix: "sg".into(), id: id.as_str().into() }
    }

    /// An instance's name.
    pub fn instance(id: &InstanceId) -> Self {
        Self { service: "cvm".into(), prefix: "instance".into(), id: id.as_str().into() }
    }

    /// A VPC's name.
    pub fn vpc(id: &VpcId) -> Self {
        Self { service: "vpc".into(), prefix: "vpc".into(), id: id.as_str().into() }
    }

    /// A subnet's name.
    pub fn subnet(id: &SubnetId) -> Self {
        Self { service: "vpc".into(), prefix: "subnet".into(), id: id.as_str().into() }
    }

    /// Reads `qcs::clb:ap-guangzhou:uin/:clb/lb-12345678`: service, prefix and id; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "qcs" {
            return None;
        }
        let service = parts.nth(1)?.to_owned();
        let (prefix, id) = parts.nth(2)?.split_once('/')?;
        Some(Self { service, prefix: prefix.to_owned(), id: id.to_owned() })
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.service, self.prefix, self.id)
    }
}

/// Keys and values, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        require(self.0.len() <= MOST_PER_RESOURCE, || {
            Refusal::new(Rule::TagResourceQuota).at(Field::Tags).given(self.0.len())
        })
    }
}

impl World {
    /// Sets and removes tags of a resource.
    pub fn modify_tags(&mut self, name: &ResourceName, set: &Tags, remove: &[String]) -> Result<(), Refusal> {
        for count in [set.0.len(), remove.len()] {
            require(count <= MOST_IN_A_CHANGE, || Refusal::new(Rule::TagModifyMax10).at(Field::Tags).given(count))?;
        }
        require(self.holds(name), || Refusal::new(Rule::TagResourceMustExist).at(Field::Resource).given(name))?;
        let mut tags = self.tags.get(name).map(|tags| Tags::clone(tags)).unwrap_or_default();
        for key in remove {
            tags.0.remove(key);
        }
        tags.0.extend(set.0.clone());
        tags.check()?;
        self.tags.insert(name.clone(), Arc::new(tags));
        Ok(())
    }

    /// The tags of a resource that has just been made.
    pub(crate) fn set_new_tags(&mut self, name: ResourceName, tags: &Tags) {
        if !tags.0.is_empty() {
            self.tags.insert(name, Arc::new(tags.clone()));
        }
    }

    /// The tags of a resource.
    pub fn tags(&self, name: &ResourceName) -> impl Iterator<Item = (&String, &String)> {
        self.tags.get(name).into_iter().flat_map(|tags| &tags.0)
    }

    /// Whether the world has that resource.
    fn holds(&self, name: &ResourceName) -> bool {
        let id = name.id.as_str();
        match (name.service.as_str(), name.prefix.as_str()) {
            ("clb", "clb") => self.regions().any(|region| region.has_load_balancer(id)),
            ("ssl", "certificate") => self.certificate(id).is_ok(),
            ("cvm", "sg") => self.regions().any(|region| region.security_group(id).is_ok()),
            ("cvm", "instance") => self.regions().any(|region| region.network.instance(id).is_some()),
            ("vpc", "vpc") => self.regions().any(|region| region.network.vpc(id).is_some()),
            ("vpc", "subnet") => self.regions().any(|region| region.network.subnet(id).is_some()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceName;

    #[test]
    fn both_forms_of_a_resource_name_are_read() {
        let expected = ResourceName { service: "clb".into(), prefix: "clb".into(), id: "lb-12345678".into() };
        for text in ["qcs::clb:ap-guangzhou:uin/:clb/lb-12345678", "qcs::clb:ap-guangzhou:uin/100001:clb/lb-12345678"] {
            assert_eq!(ResourceName::parse(text).as_ref(), Some(&expected));
        }
        for text in ["", "qcs::clb", "arn:aws:clb:x:y:clb/lb-1", "qcs::clb:ap-guangzhou:uin/:clb"] {
            assert_eq!(ResourceName::parse(text), None);
        }
    }
}
