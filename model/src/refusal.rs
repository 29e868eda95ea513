//! A refusal: a rule that said no, and what it said it about.
//!
//! It names the rule, the field and the value that was given. It knows no wire code: the door that answers has the
//! only table of those.

use std::fmt;

use crate::rules::Rule;

/// A rule that said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {}", self.rule.sentence())]
pub struct Refusal {
    /// The rule.
    pub rule: Rule,
    /// What of the request it is about.
    pub field: Option<Field>,
    /// Which entry of the field's list, from 0.
    pub index: Option<usize>,
    /// What was given; never a secret.
    pub given: Option<String>,
}

impl Refusal {
    /// The rule said no.
    pub fn new(rule: Rule) -> Self {
        Self { rule, field: None, index: None, given: None }
    }

    /// About that field.
    #[must_use]
    pub fn at(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    /// About that entry of a list; an entry named before stays.
    #[must_use]
    pub fn nth(mut self, index: usize) -> Self {
        self.index.get_or_insert(index);
        self
    }

    /// With that value.
    #[must_use]
    pub fn given(mut self, value: impl fmt::Display) -> Self {
        self.given = Some(value.to_string());
        self
    }
}

/// Refuses unless `holds`.
pub(crate) fn require(holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal()) }
}

/// Something a request can say, in the model's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each names the draft's field of the same name")]
pub enum Field {
    // Any request.
    Region,
    Offset,
    Limit,
    OrderBy,
    OrderField,
    Filters,
    TaskId,
    TaskIds,
    // Load balancers.
    LoadBalancerId,
    LoadBalancerIds,
    Exposure,
    Forward,
    LoadBalancerName,
    VpcId,
    SubnetId,
    IpVersion,
    Count,
    Tags,
    ClientToken,
    Bandwidth,
    ChargeType,
    ChargeKind,
    SlaType,
    PassToTarget,
    Vip,
    Isp,
    MasterZone,
    BackupZone,
    SwitchFlag,
    TargetRegion,
    Endpoint,
    Specifications,
    LogType,
    LogTopic,
    DetailFields,
    SecurityGroups,
    // Listeners.
    ListenerId,
    ListenerIds,
    Protocol,
    Ports,
    ListenerNames,
    ListenerName,
    Scheduler,
    MaxConnections,
    MaxNewConnections,
    SessionExpireTime,
    SessionType,
    EndPort,
    FullEndPorts,
    TargetType,
    SniSwitch,
    KeepaliveEnable,
    H2cSwitch,
    DataCompressMode,
    DeregisterTargetRst,
    Reschedule,
    IdleConnectTimeout,
    SslCloseSwitch,
    Operation,
    // A listener's TLS.
    Certificate,
    OldCertificateId,
    MultiCertificate,
    TlsMode,
    VerifyClient,
    ServerCertificateId,
    ClientCaCertificateId,
    // A listener's health check.
    HealthSwitch,
    CheckType,
    CheckTimeout,
    CheckInterval,
    HealthyThreshold,
    UnhealthyThreshold,
    HttpCodes,
    HttpMethod,
    HttpPath,
    HttpDomain,
    HttpVersion,
    CheckPort,
    CheckSource,
    CustomCheck,
    ExtendedCode,
    // Bindings.
    Targets,
    TargetPort,
    TargetWeight,
    TargetInstanceId,
    TargetEniIp,
    TargetLocation,
    NewPort,
    WeightRules,
    // Certificates.
    CertificateId,
    CertificateIds,
    CertificateType,
    CertificatePem,
    PrivateKey,
    CertificateIdList,
    // Security groups.
    SecurityGroupId,
    SecurityGroupName,
    SecurityGroupDescription,
    SecurityGroup,
    PolicySet,
    PolicyVersion,
    Ingress,
    Egress,
    PolicyIndex,
    PolicyProtocol,
    PolicyPort,
    PolicyPeer,
    PolicyAction,
    PolicyDescription,
    // Networks, tags.
    VpcName,
    SubnetName,
    CidrBlock,
    DnsServers,
    EnableMulticast,
    EnableBroadcast,
    Zone,
    RouteTableId,
    ProjectId,
    AddressIds,
    NetworkIds,
    InstanceIds,
    ResourceIds,
    ResourceList,
    Resource,
    Category,
}
