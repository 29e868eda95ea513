//! `clb_security_group`: a security group with all its rules.
//!
//! One resource, not one for each rule: rules mean nothing out of their order.

mod convert;
mod official;
mod rule;
mod rules;

use std::collections::BTreeMap;

use clb_cloud_api::{ApiError, CallError, vpc};
use tfplugin_sdk::{Context, Error, ForeignState, Path, PlanEdit, Planned, Report, Resource, Result, path};

use crate::errors::{Doing, gone};
use crate::platform::{Created, Lookalike, Platform, existing};

/// A security group: rules that say whose traffic is let in and out. The first rule that matches decides, and what no rule
/// matches is dropped, so a group without rules admits nobody.
///
/// The groups of a load balancer match the client's address and the listener's port; QUIC arrives as UDP.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(name = "clb_security_group", import = "{security_group_id}", identity(security_group_id))]
pub struct SecurityGroup {
    /// Id of the security group, such as `sg-1a2b3c4d`.
    #[tf(computed, keep, prefix = "sg-")]
    pub security_group_id: String,
    /// Name, 1 to 60 characters.
    #[tf(length(1..=60))]
    pub name: String,
    /// Description, at most 100 characters.
    #[tf(default = String::new(), length(..=100))]
    pub description: String,
    /// Rules for traffic that comes in, the one that is asked first in front.
    #[tf(default = Vec::new(), length(..=100))]
    pub ingress: Vec<SecurityRule>,
    /// Rules for traffic that goes out, the one that is asked first in front. A load balancer does not look at them: answers to
    /// what was let in are let out.
    #[tf(default = Vec::new(), length(..=100))]
    pub egress: Vec<SecurityRule>,
    /// Number of the project it belongs to. Defaults to 0, the default project. A change replaces the group: the platform moves
    /// none.
    #[tf(default = 0, replace)]
    pub project_id: u32,
    /// Tags, at most 20.
    #[tf(default = BTreeMap::new(), length(..=20))]
    pub tags: BTreeMap<String, String>,
}

/// A rule: what to do with traffic of a protocol, on some ports, from (or to) exactly one of `cidr` and `security_group_id`.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Object)]
#[tf(exactly_one_of(cidr, security_group_id))]
pub struct SecurityRule {
    /// What to do with what matches: `accept` or `drop`.
    pub action: Action,
    /// Protocol: `tcp`, `udp` (what QUIC arrives as), `icmp`, `icmpv6`, `gre` or `all`. Defaults to `all`.
    #[tf(default = Protocol::All)]
    pub protocol: Protocol,
    /// Ports of `tcp` and `udp`: `all`, one (`443`), several (`80,443`) or a range (`8000-8999`). Defaults to `all`.
    #[tf(default = Ports("all".to_owned()), custom = rule::check_ports)]
    pub ports: Ports,
    /// Addresses of the other side: an IPv4 or IPv6 network such as `10.0.0.0/8`, or one address.
    #[tf(custom = rule::check_cidr)]
    pub cidr: Option<Cidr>,
    /// Security group whose instances are the other side, such as `sg-1a2b3c4d`.
    #[tf(pattern = "^sg-", message = "the id of a security group, such as sg-1a2b3c4d")]
    pub security_group_id: Option<String>,
    /// A remark, at most 100 characters.
    #[tf(default = String::new(), length(..=100))]
    pub description: String,
}

/// What becomes of traffic that a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Action {
    /// It passes.
    Accept,
    /// It is dropped without a word.
    Drop,
}

/// The protocols that rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, tfplugin_sdk::Enum)]
pub enum Protocol {
    /// Every one.
    All,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP for IPv4.
    Icmp,
    /// ICMP for IPv6.
    Icmpv6,
    /// GRE.
    Gre,
}

/// Ports as the platform writes them. Spaces and the case of `all` mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Newtype)]
#[tf(canonical = rule::canonical_ports)]
pub struct Ports(pub String);

/// Addresses as the platform writes them. One address is the network that has only it.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Newtype)]
#[tf(canonical = rule::canonical_cidr)]
pub struct Cidr(pub String);

impl Resource for SecurityGroup {
    type Api = Platform;

    async fn create(cx: &mut Context<'_, Self>, plan: SecurityGroupPlan) -> Result<Self> {
        let platform = cx.api();
        // With its rules at once: a group is never there without them.
        let request = convert::creation(&plan);
        let id_of = |reply: &vpc::CreateSecurityGroupReply| reply.security_group.security_group_id.clone();
        let alike = |_| created_alike(platform, &plan);
        let created = platform
            .create(&format!("security group {}", plan.name), &request, |reply| Some(id_of(reply)), alike)
            .await;
        let id = match created.doing_at("create the security group", attribute)? {
            Created::Answered(answered) => id_of(&answered.reply),
            Created::Found(id) => id,
        };
        cx.checkpoint(|state| state.security_group_id = Planned::Known(id.clone()));
        find(platform, &id).await?.ok_or_else(|| gone("security group", &id))
    }

    async fn read(cx: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        cx.unless_cancelled(find(cx.api(), &state.security_group_id)).await?
    }

    async fn update(cx: &mut Context<'_, Self>, state: Self, plan: SecurityGroupPlan) -> Result<Self> {
        let (platform, id) = (cx.api(), &state.security_group_id);
        let doing = format!("change the security group {id}");
        if let Some(request) = convert::renaming(&state, &plan) {
            let renamed = existing(platform.call(&request).await).doing_at(&doing, attribute)?;
            renamed.ok_or_else(|| gone("security group", id))?;
            cx.checkpoint(|state| {
                state.name.clone_from(&plan.name);
                state.description.clone_from(&plan.description);
            });
        }
        if state.ingress != plan.ingress || state.egress != plan.egress {
            let replaced = existing(platform.call(&convert::new_rules(id, &plan)).await).doing_at(&doing, attribute)?;
            replaced.ok_or_else(|| gone("security group", id))?;
            cx.checkpoint(|state| {
                state.ingress.clone_from(&plan.ingress);
                state.egress.clone_from(&plan.egress);
            });
        }
        for request in convert::retagging(platform.region(), id, &state.tags, &plan.tags) {
            platform.call(&request).await.doing_at(&doing, |_| Some(path!(tags)))?;
        }
        find(platform, id).await?.ok_or_else(|| gone("security group", id))
    }

    async fn delete(cx: &mut Context<'_, Self>, state: Self) -> Result<()> {
        let (platform, id) = (cx.api(), state.security_group_id);
        let request = vpc::DeleteSecurityGroup { security_group_id: id.clone() };
        let deleted = existing(platform.call(&request).await);
        let in_use = deleted.as_ref().is_err_and(|error| error.api().is_some_and(|it| it.group() == "ResourceInUse"));
        let users = if in_use { platform.users_of_security_group(&id).await.unwrap_or_default() } else { Vec::new() };
        match deleted.doing(format_args!("delete the security group {id}")) {
            Err(error) if in_use => Err(used(&error, &users)),
            deleted => deleted.map(|_| ()),
        }
    }

    async fn import(cx: &mut Context<'_, Self>, id: SecurityGroupImport) -> Result<Option<Self>> {
        cx.unless_cancelled(find(cx.api(), &id.security_group_id)).await?
    }

    fn move_from(source: &ForeignState) -> Result<Option<Self>> {
        official::moved(source)
    }

    fn validate(config: &SecurityGroupConfig, report: &mut Report) {
        rule::validate(&config.ingress, &path!(ingress), report);
        rule::validate(&config.egress, &path!(egress), report);
        rule::count_groups(config, report);
    }

    async fn plan(plan: &mut PlanEdit<'_, Self>) -> Result<()> {
        rules::plan(plan).await
    }
}

/// The security groups that a creation without an answer could have made.
async fn created_alike(platform: &Platform, plan: &SecurityGroupPlan) -> Result<Vec<Lookalike>, CallError> {
    let named = platform.security_groups_named(&plan.name).await?;
    let alike = named.into_iter().filter(|it| it.security_group_desc == plan.description);
    Ok(alike.map(|it| (it.security_group_id, it.created_time)).collect())
}

/// The security group as it is now, with its rules.
async fn find(platform: &Platform, id: &str) -> Result<Option<SecurityGroup>> {
    let read = async {
        let Some(group) = platform.security_group(id).await? else { return Ok(None) };
        let rules = platform.security_group_rules(id).await?;
        Ok::<_, CallError>(rules.map(|rules| (group, rules)))
    };
    let doing = format!("read the security group {id}");
    let Some((group, rules)) = read.await.doing(&doing)? else { return Ok(None) };
    convert::state(group, rules).map(Some).map_err(|why| Error::new(format!("Cannot {doing}")).detail(why))
}

/// Says who keeps a security group from being deleted.
fn used(refused: &Error, users: &[String]) -> Error {
    let told = refused.diagnostic();
    let by = if users.is_empty() { "something".to_owned() } else { users.join(", ") };
    Error::new(told.summary.clone()).detail(format!(
        "It is still used by {by}. Take it off there first; what Terraform manages has to be changed in the same or an earlier \
         apply.\n\n{}",
        told.detail
    ))
}

/// The attribute that a refusal is about, where its text tells.
fn attribute(refusal: &ApiError) -> Option<Path> {
    let said = |word: &str| refusal.message.contains(word);
    match () {
        () if said("GroupName") => Some(path!(name)),
        () if said("GroupDescription") => Some(path!(description)),
        () if said("Egress") => Some(path!(egress)),
        () if said("Ingress") || refusal.code.contains("Policy") => Some(path!(ingress)),
        () => None,
    }
}
