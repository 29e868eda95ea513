//! Security groups and their rules.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{Filter, Tag};
use crate::action::{Accepted, actions};

actions! { Vpc:
    CreateSecurityGroup => CreateSecurityGroupReply;
    CreateSecurityGroupWithPolicies => CreateSecurityGroupReply;
    DescribeSecurityGroups => DescribeSecurityGroupsReply;
    ModifySecurityGroupAttribute => Accepted;
    DeleteSecurityGroup => Accepted;
    DescribeSecurityGroupPolicies => DescribeSecurityGroupPoliciesReply;
    CreateSecurityGroupPolicies => Accepted;
    ModifySecurityGroupPolicies => Accepted;
    ReplaceSecurityGroupPolicies => Accepted;
    DeleteSecurityGroupPolicies => Accepted;
    DescribeSecurityGroupAssociationStatistics => DescribeSecurityGroupAssociationStatisticsReply;
}

/// Makes a security group without rules.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateSecurityGroup {
    /// Security group name, at most 60 characters.
    pub group_name: String,
    /// Description, at most 100 characters.
    pub group_description: String,
    /// Project id (string), default 0.
    pub project_id: Option<String>,
    /// Tag list.
    pub tags: Option<Vec<Tag>>,
}

/// Makes a security group with rules of both directions.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateSecurityGroupWithPolicies {
    /// Security group name, at most 60 characters.
    pub group_name: String,
    /// Description, at most 100 characters.
    pub group_description: String,
    /// Project id (string), default 0.
    pub project_id: Option<String>,
    /// Rule set.
    pub security_group_policy_set: Option<SecurityGroupPolicySet>,
    /// Tag list.
    pub tags: Option<Vec<Tag>>,
}

/// What [`CreateSecurityGroup`] and [`CreateSecurityGroupWithPolicies`] answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateSecurityGroupReply {
    /// The group.
    pub security_group: SecurityGroup,
}

/// Lists security groups.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSecurityGroups {
    /// Security group ids, at most 100; exclusive with Filters.
    pub security_group_ids: Option<Vec<String>>,
    /// security-group-id, project-id, security-group-name, tag-key, tag:KEY.
    pub filters: Option<Vec<Filter>>,
    /// Offset (string for security groups, VPCs and subnets), default 0.
    pub offset: Option<String>,
    /// Page size (string for security groups, VPCs and subnets), default 20, max 100.
    pub limit: Option<String>,
    /// CreatedTime or UpdateTime.
    pub order_field: Option<String>,
    /// ASC (default) or DESC.
    pub order_direction: Option<String>,
}

/// What [`DescribeSecurityGroups`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupsReply {
    /// Security groups.
    pub security_group_set: Vec<SecurityGroup>,
    /// Number of matches before paging.
    pub total_count: u64,
}

/// Renames a security group, or describes it differently.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifySecurityGroupAttribute {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Security group name, at most 60 characters.
    pub group_name: Option<String>,
    /// Description, at most 100 characters.
    pub group_description: Option<String>,
}

/// Deletes a security group.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteSecurityGroup {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
}

/// Lists the rules of a security group.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSecurityGroupPolicies {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// security-group-id, ip, address-module, service-module, protocol-type, port, poly, direction, description.
    pub filters: Option<Vec<Filter>>,
}

/// What [`DescribeSecurityGroupPolicies`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupPoliciesReply {
    /// Rule set.
    pub security_group_policy_set: SecurityGroupPolicySet,
}

/// Adds rules of one direction.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateSecurityGroupPolicies {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Rule set.
    pub security_group_policy_set: SecurityGroupPolicySet,
}

/// Replaces all rules; version 0 removes all.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifySecurityGroupPolicies {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Rule set.
    pub security_group_policy_set: SecurityGroupPolicySet,
    /// Whether rules are sorted as given.
    pub sort_policys: Option<bool>,
}

/// Replaces single rules of one direction.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReplaceSecurityGroupPolicies {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Rule set.
    pub security_group_policy_set: SecurityGroupPolicySet,
    /// Old rules, for logs and for changes of priority.
    pub original_security_group_policy_set: Option<SecurityGroupPolicySet>,
    /// Policy (default), Priority or Both.
    pub update_type: Option<String>,
}

/// Removes rules of one direction, by their index or by what they say.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteSecurityGroupPolicies {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Rule set.
    pub security_group_policy_set: SecurityGroupPolicySet,
}

/// Counts who uses security groups.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeSecurityGroupAssociationStatistics {
    /// Security group ids, at most 100.
    pub security_group_ids: Vec<String>,
}

/// What [`DescribeSecurityGroupAssociationStatistics`] answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DescribeSecurityGroupAssociationStatisticsReply {
    /// Per group usage counts.
    pub security_group_association_statistics_set: Vec<SecurityGroupAssociationStatistics>,
}

/// A security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroup {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Name.
    pub security_group_name: String,
    /// Description.
    pub security_group_desc: String,
    /// Project id (string), default 0.
    pub project_id: String,
    /// Default flag.
    pub is_default: bool,
    /// Creation time.
    pub created_time: String,
    /// Tags {Key,Value}.
    pub tag_set: Vec<Tag>,
    /// Modification time.
    pub update_time: String,
}

/// The rules of a security group.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroupPolicySet {
    /// Rule version as text; one more with each change.
    pub version: Option<String>,
    /// Outbound rules.
    pub egress: Option<Vec<SecurityGroupPolicy>>,
    /// Inbound rules, first match from index 0.
    pub ingress: Option<Vec<SecurityGroupPolicy>>,
    /// Rule counts, in replies only.
    pub policy_statistics: Option<PolicyStatistics>,
}

/// A rule.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroupPolicy {
    /// Position, 0 = first.
    pub policy_index: Option<i64>,
    /// TCP, UDP, ICMP, ICMPV6, GRE or ALL.
    pub protocol: Option<String>,
    /// all, one port, a,b list or a-b range; only with TCP and UDP.
    pub port: Option<String>,
    /// Port template, exclusive with Protocol and Port.
    pub service_template: Option<ServiceTemplate>,
    /// IPv4 CIDR or address; exclusive with the other sources.
    pub cidr_block: Option<String>,
    /// IPv6 CIDR or address.
    pub ipv6_cidr_block: Option<String>,
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: Option<String>,
    /// Address template.
    pub address_template: Option<AddressTemplate>,
    /// ACCEPT or DROP.
    pub action: Option<String>,
    /// Remark.
    pub policy_description: Option<String>,
    /// Last change.
    pub modify_time: Option<String>,
    /// Priority number.
    pub priority: Option<i64>,
}

/// A port template.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ServiceTemplate {
    /// Port template id.
    pub service_id: Option<String>,
    /// Port template group id.
    pub service_group_id: Option<String>,
}

/// An address template.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AddressTemplate {
    /// Address template id.
    pub address_id: Option<String>,
    /// Address template group id.
    pub address_group_id: Option<String>,
}

/// How many rules there are.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PolicyStatistics {
    /// Inbound rules for IPv4.
    #[serde(rename = "IngressIPv4TotalCount")]
    pub ingress_ipv4_total_count: Option<u64>,
    /// Inbound rules for IPv6.
    #[serde(rename = "IngressIPv6TotalCount")]
    pub ingress_ipv6_total_count: Option<u64>,
    /// Outbound rules for IPv4.
    #[serde(rename = "EgressIPv4TotalCount")]
    pub egress_ipv4_total_count: Option<u64>,
    /// Outbound rules for IPv6.
    #[serde(rename = "EgressIPv6TotalCount")]
    pub egress_ipv6_total_count: Option<u64>,
}

/// Who uses a security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct SecurityGroupAssociationStatistics {
    /// Security group id `sg-xxxxxxxx`.
    pub security_group_id: String,
    /// Instances.
    #[serde(rename = "CVM")]
    pub cvm: u64,
    /// Databases.
    #[serde(rename = "CDB")]
    pub cdb: u64,
    /// Network interfaces.
    #[serde(rename = "ENI")]
    pub eni: u64,
    /// Other groups with a rule about it.
    #[serde(rename = "SG")]
    pub sg: u64,
    /// Load balancers.
    #[serde(rename = "CLB")]
    pub clb: u64,
    /// Counts by kind.
    pub instance_statistics: Vec<InstanceStatistic>,
    /// Number of matches before paging.
    pub total_count: u64,
}

/// How many of one kind use a security group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct InstanceStatistic {
    /// Kind, such as CVM or CLB.
    pub instance_type: String,
    /// How many.
    pub instance_count: u64,
}
