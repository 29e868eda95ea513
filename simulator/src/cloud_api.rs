//! The cloud API: Tencent Cloud API 3.0 as official clients speak it. The pure door: nothing is added to it.
//!
//! ```text
//! HTTP ── server ── request ── signature ── this: service, version, action ── arguments ── listener, ... ── control
//!                                                                                 │
//!                                                 answer ── refusal: code and message ◄─┘
//! ```
//!
//! A call is dispatched on the service of its credential scope, `X-TC-Version` and `X-TC-Action`, not on its host. Of both
//! languages that `X-TC-Language` names the messages are English: no text is known in both.

// Every action's function has one form, for the table of actions: it is given its request.
#![allow(clippy::needless_pass_by_value)]

mod arguments;
mod certificate;
mod field;
mod flat;
mod form_signature;
pub(crate) mod https;
mod identity;
mod injected;
mod instance;
mod listener;
mod listener_certificate;
mod listing;
mod load_balancer;
mod load_balancer_detail;
mod md5;
mod multipart;
mod network;
mod places;
mod quota;
pub(crate) mod refusal;
mod request;
mod security_group;
mod security_group_policy;
pub(crate) mod server;
mod signature;
mod tag;
mod target;
mod target_health;
mod task;
pub(crate) mod wire_rule;
mod written;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clb_cloud_api::action::{Action, Service};
use clb_cloud_api::envelope::{encode_error, encode_reply};
use clb_cloud_api::{clb, cvm, ssl, sts, tag as tags, vpc};
use clb_model::refusal::Refusal;
use clb_model::region::Region;
use clb_model::task::Occasion;
use clb_model::world::World;
use serde::Serialize;

use crate::call_journal::{CallJournal, CallRecord, NotSimulated, Recording, Text};
use crate::config::Config;
use crate::config::door::Limits;
use crate::control::{Awaited, Control, Writing};
use crate::faults::Faults;
use arguments::Arguments;
use refusal::{Fault, WireRule, code_and_message};
use request::{Asked, Request};
use signature::Keys;

/// How long a synchronous action waits for the data plane at most; then it answers, and its task goes on.
const IN_EFFECT_WITHIN: Duration = Duration::from_secs(10);

/// CLB actions that the platform has and the simulator does not serve.
const NOT_SERVED: [&str; 16] = [
    "AssociateTargetGroups",
    "CreateListenerRule",
    "CreateTargetGroup",
    "DeleteRewrite",
    "DeleteTargetGroups",
    "DeregisterTargetGroupInstances",
    "DescribeRewrite",
    "DescribeTargetGroupInstances",
    "DescribeTargetGroupList",
    "DescribeTargetGroups",
    "DisassociateTargetGroups",
    "ManualRewrite",
    "ModifyTargetGroupAttribute",
    "ModifyTargetGroupInstancesPort",
    "ModifyTargetGroupInstancesWeight",
    "RegisterTargetGroupInstances",
];

/// The cloud API door.
#[derive(Debug)]
pub struct CloudApi {
    control: Arc<Control>,
    keys: Keys,
    limits: Limits,
    journal: Arc<CallJournal>,
    faults: Arc<Faults>,
}

/// What a call comes to.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A body with this status of HTTP.
    Given {
        /// 200 unless a fault says otherwise.
        status: u16,
        /// JSON, or nothing but a sentence.
        body: Vec<u8>,
        /// Whether it is JSON.
        is_json: bool,
    },
    /// None: the connection is to be closed.
    Lost,
}

/// A call whose signature is accepted.
struct Call<'a> {
    control: &'a Control,
    request_id: &'a str,
    account: String,
    service: String,
    version: &'a str,
    action: &'a str,
    region: &'a str,
    arguments: Arguments,
    /// The failure that its task is to end with.
    task_fails: Option<String>,
    awaited: Awaited,
}

impl CloudApi {
    /// A door at that address to that control plane, for those who have one of the key pairs.
    pub fn new(
        control: Arc<Control>,
        config: &Config,
        address: SocketAddr,
        journal: Arc<CallJournal>,
        faults: Arc<Faults>,
    ) -> Self {
        Self { control, keys: Keys::new(config, address), limits: config.limits.clone(), journal, faults }
    }

    /// The answer. The journal has the call when there is one, and also when the client does not wait for it.
    pub(crate) async fn answer(&self, asked: Asked<'_>) -> Answer {
        let request_id = self.control.new_request_id();
        let request = asked.read(&self.limits);
        let named = request.as_ref().ok();
        let mut recording = Recording::new(
            &self.journal,
            CallRecord {
                secret_id: named.map(|request| asked.claimed_secret_id(request).to_owned()).unwrap_or_default(),
                client: named.map(|request| request.client.clone()).unwrap_or_default(),
                peer: asked.peer,
                action: named.map(|request| request.action.clone()).unwrap_or_default(),
                region: named.map(|request| request.region.clone()).unwrap_or_default(),
                ..CallRecord::new(self.control.clock().system_time(), request_id.clone())
            },
        );
        let accepted = match &request {
            Ok(request) => self.accept(&asked, request, &request_id),
            Err(fault) => Err(fault.clone()),
        };
        let answer = match accepted {
            Ok(call) => {
                recording.record.account.clone_from(&call.account);
                recording.record.service.clone_from(&call.service);
                recording.record.request = Text::of(&serde_json::to_vec(&call.arguments.entries).unwrap_or_default());
                match self.control.count_call(&call.account, &call.service, call.action) {
                    Ok(()) => injected::answer(&self.faults, call, &mut recording).await,
                    Err(limited) => {
                        let fault = Fault::Wire(WireRule::RateLimit, limited.to_string());
                        refused(&fault, &request_id, &mut recording)
                    }
                }
            }
            Err(fault) => refused(&fault, &request_id, &mut recording),
        };
        if let Answer::Given { status, body, .. } = &answer {
            recording.record.status = *status;
            recording.record.reply = Text::of(body);
        }
        answer
    }

    /// The call, when it is one: signed, with arguments that can be read.
    fn accept<'a>(&'a self, asked: &Asked<'_>, request: &'a Request, request_id: &'a str) -> Result<Call<'a>, Fault> {
        // Clients sign with the machine's time, wherever the simulator's clock has been put.
        let now = i64::try_from(self.control.clock().machine().unix_seconds()).unwrap_or(i64::MAX);
        let caller = self.keys.caller(asked, request, now)?;
        Ok(Call {
            control: &self.control,
            request_id,
            account: caller.account,
            service: caller.service,
            version: &request.version,
            action: &request.action,
            region: &request.region,
            arguments: asked.arguments(request)?,
            awaited: Awaited::default(),
            task_fails: None,
        })
    }
}

/// The answer to a call that is refused.
fn refused(fault: &Fault, request_id: &str, recording: &mut Recording<'_>) -> Answer {
    let (code, message) = code_and_message(fault);
    recording.record.rule = match fault {
        Fault::Refused(refusal) => refusal.rule.id(),
        Fault::Wire(rule, _) => rule.id(),
    };
    code.clone_into(&mut recording.record.error_code);
    let argument = match fault {
        Fault::Wire(WireRule::Action | WireRule::ActionNotServed, _) => Some(""),
        Fault::Wire(WireRule::ArgumentUnknown | WireRule::ArgumentNotServed, name) => Some(name.as_str()),
        _ => None,
    };
    if let Some(argument) = argument {
        let CallRecord { service, action, rule, .. } = &recording.record;
        let (service, action, argument) = (service.clone(), action.clone(), argument.to_owned());
        recording.journal.count_not_simulated(&NotSimulated { service, action, argument, rule });
    }
    Answer::Given { status: 200, body: encode_error(code, &message, request_id), is_json: true }
}

impl Call<'_> {
    /// Answers, and notes why when it is refused.
    async fn served(&self, recording: &mut Recording<'_>) -> Answer {
        let answered = self.dispatch().await;
        // What was accepted is on the disk before anybody hears of it.
        let written = self.control.written(self.awaited.ticket()).await;
        match written.map_err(Fault::from).and(answered) {
            Ok(body) => Answer::Given { status: 200, body, is_json: true },
            Err(fault) => refused(&fault, self.request_id, recording),
        }
    }

    async fn dispatch(&self) -> Result<Vec<u8>, Fault> {
        let service =
            Service::by_name(&self.service).ok_or_else(|| Fault::Wire(WireRule::Service, self.service.clone()))?;
        if self.version != service.version() {
            let about = format!("`{}` of {} does not exist; it is {}", self.version, service.name(), service.version());
            return Err(Fault::Wire(WireRule::Version, about));
        }
        match service {
            Service::Clb => self.dispatch_clb().await,
            Service::Ssl => self.dispatch_ssl(),
            Service::Vpc => self.dispatch_vpc().await,
            Service::Cvm => self.dispatch_cvm(),
            Service::Tag => self.dispatch_tag(),
            Service::Sts => self.dispatch_sts(),
        }
    }

    async fn dispatch_clb(&self) -> Result<Vec<u8>, Fault> {
        self.region()?;
        match self.action {
            "CreateLoadBalancer" => self.answer::<clb::CreateLoadBalancer>(load_balancer::create),
            "DescribeLoadBalancers" => self.answer::<clb::DescribeLoadBalancers>(load_balancer::describe),
            "ModifyLoadBalancerAttributes" => self.answer::<clb::ModifyLoadBalancerAttributes>(load_balancer::modify),
            "DeleteLoadBalancer" => self.answer::<clb::DeleteLoadBalancer>(load_balancer::delete),
            "SetLoadBalancerSecurityGroups" => self.answer::<clb::SetLoadBalancerSecurityGroups>(security_group::set),
            "DescribeLoadBalancersDetail" => {
                self.answer::<clb::DescribeLoadBalancersDetail>(load_balancer_detail::describe)
            }
            "ModifyLoadBalancerSla" => self.answer::<clb::ModifyLoadBalancerSla>(load_balancer::modify_sla),
            "ModifyLoadBalancersProject" => {
                self.answer::<clb::ModifyLoadBalancersProject>(load_balancer::modify_project)
            }
            "SetLoadBalancerClsLog" => self.answer::<clb::SetLoadBalancerClsLog>(load_balancer::set_log),
            "DescribeQuota" => self.answer::<clb::DescribeQuota>(quota::describe),
            "CreateListener" => self.answer::<clb::CreateListener>(listener::create),
            "DescribeListeners" => self.answer::<clb::DescribeListeners>(listener::describe),
            "ModifyListener" => self.answer::<clb::ModifyListener>(listener::modify),
            "DeleteListener" => self.answer::<clb::DeleteListener>(listener::delete),
            "DeleteLoadBalancerListeners" => self.answer::<clb::DeleteLoadBalancerListeners>(listener::delete_all),
            "SetLoadBalancerStartStatus" => self.answer::<clb::SetLoadBalancerStartStatus>(listener::set_running),
            "DescribeLoadBalancerListByCertId" => {
                self.answer::<clb::DescribeLoadBalancerListByCertId>(listener_certificate::users)
            }
            "AutoRewrite" | "CreateRule" | "DeleteRule" | "ModifyDomain" | "ModifyDomainAttributes" | "ModifyRule" => {
                Ok(self.reply(&listener::of_layer_7(self, listener::OfLayer7::read(&self.arguments)?)?))
            }
            "RegisterTargets" => self.answer::<clb::RegisterTargets>(target::register),
            "DescribeTargets" => self.answer::<clb::DescribeTargets>(target::describe),
            "ModifyTargetWeight" => self.answer::<clb::ModifyTargetWeight>(target::modify_weight),
            "ModifyTargetPort" => self.answer::<clb::ModifyTargetPort>(target::modify_port),
            "DeregisterTargets" => self.answer::<clb::DeregisterTargets>(target::deregister),
            "BatchModifyTargetWeight" => self.answer::<clb::BatchModifyTargetWeight>(target::modify_weight_in_batch),
            "DescribeTargetHealth" => self.answer::<clb::DescribeTargetHealth>(target_health::describe),
            // These wait for the data plane.
            "BatchRegisterTargets" => Ok(self.reply(&target::register_in_batch(self, self.arguments()?).await?)),
            "BatchDeregisterTargets" => Ok(self.reply(&target::deregister_in_batch(self, self.arguments()?).await?)),
            "BatchModifyTargetTag" => Ok(self.reply(&target::modify_tag_in_batch(self, self.arguments()?).await?)),
            "SetSecurityGroupForLoadbalancers" => {
                Ok(self.reply(&security_group::set_for_load_balancers(self, self.arguments()?).await?))
            }
            "ReplaceCertForLoadBalancers" => {
                Ok(self.reply(&listener_certificate::replace(self, self.arguments()?).await?))
            }
            "DescribeTaskStatus" => Ok(self.reply(&task::describe(self, self.arguments()?).await?)),
            _ => self.unknown_action(),
        }
    }

    fn dispatch_ssl(&self) -> Result<Vec<u8>, Fault> {
        match self.action {
            "UploadCertificate" => self.answer::<ssl::UploadCertificate>(certificate::create),
            "DescribeCertificates" => self.answer::<ssl::DescribeCertificates>(certificate::describe_all),
            "DescribeCertificate" => self.answer::<ssl::DescribeCertificate>(certificate::describe),
            "DescribeCertificateDetail" => self.answer::<ssl::DescribeCertificateDetail>(certificate::describe_detail),
            "ModifyCertificateAlias" => self.answer::<ssl::ModifyCertificateAlias>(certificate::modify_alias),
            "ModifyCertificateProject" => self.answer::<ssl::ModifyCertificateProject>(certificate::modify_project),
            "DeleteCertificate" => self.answer::<ssl::DeleteCertificate>(certificate::delete),
            "DescribeDeleteCertificatesTaskResult" => {
                self.answer::<ssl::DescribeDeleteCertificatesTaskResult>(certificate::describe_deletions)
            }
            _ => self.unknown_action(),
        }
    }

    async fn dispatch_vpc(&self) -> Result<Vec<u8>, Fault> {
        self.region()?;
        match self.action {
            "CreateVpc" => self.answer::<vpc::CreateVpc>(network::create_vpc),
            "DescribeVpcs" => self.answer::<vpc::DescribeVpcs>(network::describe_vpcs),
            "ModifyVpcAttribute" => self.answer::<vpc::ModifyVpcAttribute>(network::modify_vpc),
            "DeleteVpc" => self.answer::<vpc::DeleteVpc>(network::delete_vpc),
            "CreateAssistantCidr" => self.answer::<vpc::CreateAssistantCidr>(network::create_assistants),
            "DescribeAssistantCidr" => self.answer::<vpc::DescribeAssistantCidr>(network::describe_assistants),
            "ModifyAssistantCidr" => self.answer::<vpc::ModifyAssistantCidr>(network::change_assistants),
            "DeleteAssistantCidr" => self.answer::<vpc::DeleteAssistantCidr>(network::delete_assistants),
            "CreateSubnet" => self.answer::<vpc::CreateSubnet>(network::create_subnet),
            "DescribeSubnets" => self.answer::<vpc::DescribeSubnets>(network::describe_subnets),
            "ModifySubnetAttribute" => self.answer::<vpc::ModifySubnetAttribute>(network::modify_subnet),
            "DeleteSubnet" => self.answer::<vpc::DeleteSubnet>(network::delete_subnet),
            "DescribeRouteTables" => self.answer::<vpc::DescribeRouteTables>(network::describe_route_tables),
            "ReplaceRouteTableAssociation" => {
                self.answer::<vpc::ReplaceRouteTableAssociation>(network::replace_route_table)
            }
            "DescribeAddresses" => self.answer::<vpc::DescribeAddresses>(network::describe_addresses),
            _ => self.dispatch_security_groups().await,
        }
    }

    async fn dispatch_security_groups(&self) -> Result<Vec<u8>, Fault> {
        match self.action {
            "CreateSecurityGroup" => self.answer::<vpc::CreateSecurityGroup>(security_group::create),
            "CreateSecurityGroupWithPolicies" => {
                self.answer::<vpc::CreateSecurityGroupWithPolicies>(security_group::create_with_policies)
            }
            "DescribeSecurityGroups" => self.answer::<vpc::DescribeSecurityGroups>(security_group::describe),
            "ModifySecurityGroupAttribute" => self.answer::<vpc::ModifySecurityGroupAttribute>(security_group::modify),
            "DeleteSecurityGroup" => self.answer::<vpc::DeleteSecurityGroup>(security_group::delete),
            "DescribeSecurityGroupAssociationStatistics" => {
                self.answer::<vpc::DescribeSecurityGroupAssociationStatistics>(security_group::count_users)
            }
            "DescribeSecurityGroupPolicies" => {
                self.answer::<vpc::DescribeSecurityGroupPolicies>(security_group_policy::describe)
            }
            // These wait for the data plane.
            "CreateSecurityGroupPolicies" => {
                Ok(self.reply(&security_group_policy::create(self, self.arguments()?).await?))
            }
            "ModifySecurityGroupPolicies" => {
                Ok(self.reply(&security_group_policy::reset(self, self.arguments()?).await?))
            }
            "ReplaceSecurityGroupPolicies" => {
                Ok(self.reply(&security_group_policy::replace(self, self.arguments()?).await?))
            }
            "DeleteSecurityGroupPolicies" => {
                Ok(self.reply(&security_group_policy::delete(self, self.arguments()?).await?))
            }
            _ => self.unknown_action(),
        }
    }

    fn dispatch_cvm(&self) -> Result<Vec<u8>, Fault> {
        self.region()?;
        match self.action {
            "DescribeInstances" => self.answer::<cvm::DescribeInstances>(instance::describe),
            "DescribeZones" => self.answer::<cvm::DescribeZones>(instance::describe_zones),
            _ => self.unknown_action(),
        }
    }

    fn dispatch_tag(&self) -> Result<Vec<u8>, Fault> {
        match self.action {
            "DescribeResourceTagsByResourceIds" => {
                self.answer::<tags::DescribeResourceTagsByResourceIds>(tag::describe)
            }
            "ModifyResourceTags" => self.answer::<tags::ModifyResourceTags>(tag::modify),
            "TagResources" => self.answer::<tags::TagResources>(tag::set),
            "UnTagResources" => self.answer::<tags::UnTagResources>(tag::remove),
            _ => self.unknown_action(),
        }
    }

    fn dispatch_sts(&self) -> Result<Vec<u8>, Fault> {
        match self.action {
            "GetCallerIdentity" => self.answer::<sts::GetCallerIdentity>(identity::describe),
            _ => self.unknown_action(),
        }
    }

    /// Reads the arguments, asks, writes the answer.
    fn answer<A: Action>(&self, ask: fn(&Self, A) -> Result<A::Reply, Fault>) -> Result<Vec<u8>, Fault> {
        Ok(self.reply(&ask(self, self.arguments()?)?))
    }

    fn reply<R: Serialize>(&self, reply: &R) -> Vec<u8> {
        encode_reply(reply, self.request_id)
    }

    fn arguments<A: Action>(&self) -> Result<A, Fault> {
        Ok(arguments::read(&self.arguments)?)
    }

    fn unknown_action(&self) -> Result<Vec<u8>, Fault> {
        let exists = self.service == Service::Clb.name() && NOT_SERVED.contains(&self.action);
        let rule = if exists { WireRule::ActionNotServed } else { WireRule::Action };
        Err(Fault::Wire(rule, self.action.chars().filter(char::is_ascii_graphic).take(64).collect()))
    }

    /// The region that the action needs.
    fn region(&self) -> Result<&str, Fault> {
        if self.region.is_empty() { Err(Fault::Wire(WireRule::Region, String::new())) } else { Ok(self.region) }
    }

    /// Asks the account's world.
    fn world<T>(&self, ask: impl FnOnce(&World) -> Result<T, Refusal>) -> Result<T, Fault> {
        Ok(self.control.read(&self.account, ask)??)
    }

    /// Asks the region of the call.
    fn in_region<T>(&self, ask: impl FnOnce(&World, &Region) -> Result<T, Refusal>) -> Result<T, Fault> {
        self.world(|world| ask(world, world.region(self.region)?))
    }

    /// Waits until the write of this call is in effect: a synchronous action is done when it answers (TKE).
    async fn in_effect(&self) -> Result<(), Fault> {
        self.control.task_state(&self.account, self.region, self.request_id, IN_EFFECT_WITHIN).await??;
        Ok(())
    }

    /// The same for a write that starts no task: waits until the data plane does what the newest table says. That the rules
    /// of a security group are in effect then is our choice; how long they take on the platform is not documented.
    async fn in_effect_without_task(&self) {
        let newest = self.control.tables().borrow().generation;
        self.control.wait_until_applied(newest, IN_EFFECT_WITHIN).await;
    }

    /// Asks the account's world for a change.
    fn write<T>(&self, change: impl FnOnce(&mut World, &mut Occasion<'_>) -> Result<T, Refusal>) -> Result<T, Fault> {
        let (account, task_id, action) = (self.account.as_str(), self.request_id, self.action);
        let writing = Writing { account, task_id, action, fails_with: self.task_fails.clone() };
        let (done, ticket) = self.control.write(writing, change)??;
        self.awaited.note(ticket);
        Ok(done)
    }
}

/// Whether a list of ids asks for that one; an empty list asks for all.
fn asked_for(ids: &[String], id: &str) -> bool {
    ids.is_empty() || ids.iter().any(|asked| asked == id)
}

/// Refuses arguments that exist and that the simulator does not simulate: leaving them out silently would be a lie.
fn not_served(arguments: &[(&str, bool)]) -> Result<(), Fault> {
    match arguments.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Fault::Wire(WireRule::ArgumentNotServed, (*name).to_owned())),
    }
}
