//! The only table of wire codes and messages: what the platform answers when a rule says no.
//!
//! Codes and texts are the platform's where they are known; otherwise the text names the argument, the rule and what was
//! given. Rules of the load balancer are the model's, rules of the wire are [`WireRule`].

use clb_cloud_api::sign::SignatureError;
use clb_model::refusal::Refusal;
use clb_model::rules::Rule;

use super::arguments::ArgumentError;
use super::field;
pub use super::wire_rule::WireRule;
use crate::account::NoWorld;
use crate::control::{DiskFailed, NoWrite};

/// Why a call is answered with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A rule of the platform's resources said no.
    Refused(Refusal),
    /// A rule of the wire said no, about this.
    Wire(WireRule, String),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NoWorld> for Fault {
    fn from(error: NoWorld) -> Self {
        let rule = match error {
            NoWorld::NoSuchAccount => WireRule::Internal,
            NoWorld::TooMany => WireRule::Worlds,
        };
        Self::Wire(rule, error.to_string())
    }
}

impl From<NoWrite> for Fault {
    fn from(error: NoWrite) -> Self {
        match error {
            NoWrite::NoWorld(error) => error.into(),
            NoWrite::Disk(error) => error.into(),
        }
    }
}

impl From<DiskFailed> for Fault {
    fn from(error: DiskFailed) -> Self {
        Self::Wire(WireRule::Internal, error.to_string())
    }
}

impl From<ArgumentError> for Fault {
    fn from(error: ArgumentError) -> Self {
        match error {
            ArgumentError::Missing(path) => Self::Wire(WireRule::ArgumentRequired, path),
            ArgumentError::Unknown(path) => Self::Wire(WireRule::ArgumentUnknown, path),
            ArgumentError::WrongType { path, detail } => {
                Self::Wire(WireRule::ArgumentType, format!("`{path}` is {detail}"))
            }
        }
    }
}

/// The longest message, in characters. Messages repeat what was given, and that can be megabytes.
const LONGEST_MESSAGE: usize = 600;

/// The code and the message of the answer.
pub fn code_and_message(fault: &Fault) -> (&'static str, String) {
    let (code, mut message) = match fault {
        Fault::Refused(refusal) => (code(refusal.rule), message(refusal)),
        Fault::Wire(rule, about) => (wire_code(*rule), wire_message(*rule, about)),
    };
    if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
        message.truncate(end);
        message.push_str("...");
    }
    (code, message)
}

/// What to answer to a signature that is not accepted.
pub fn of_signature(error: &SignatureError) -> Fault {
    let rule = match error {
        SignatureError::Malformed(_) => WireRule::Authorization,
        SignatureError::HeaderNotSigned(_) | SignatureError::HeaderAbsent(_) => WireRule::SignedHeaders,
        SignatureError::Expired { .. } | SignatureError::Timestamp => WireRule::Timestamp,
        SignatureError::DateMismatch => WireRule::CredentialDate,
        SignatureError::Mismatch => WireRule::Signature,
    };
    Fault::Wire(rule, error.to_string())
}

/// The wire code of a rule of the wire.
pub fn wire_code(rule: WireRule) -> &'static str {
    match rule {
        WireRule::Authorization | WireRule::SignedHeaders => "AuthFailure.InvalidAuthorization",
        WireRule::SecretId => "AuthFailure.SecretIdNotFound",
        WireRule::Signature | WireRule::CredentialDate => "AuthFailure.SignatureFailure",
        WireRule::Timestamp => "AuthFailure.SignatureExpire",
        WireRule::Token => "AuthFailure.TokenFailure",
        WireRule::Service => "NoSuchProduct",
        WireRule::Version => "NoSuchVersion",
        WireRule::Action => "InvalidAction",
        WireRule::ActionNotServed | WireRule::ArgumentNotServed => "UnsupportedOperation",
        WireRule::ArgumentUnknown => "UnknownParameter",
        WireRule::ArgumentRequired | WireRule::Region => "MissingParameter",
        WireRule::ArgumentType => "InvalidParameter",
        WireRule::BodySize | WireRule::BodyText | WireRule::Request => "InvalidRequest",
        WireRule::Worlds => "LimitExceeded",
        WireRule::RateLimit => "RequestLimitExceeded",
        WireRule::Internal => "InternalError",
    }
}

/// The platform's text where it is known; otherwise what is wrong with what.
fn wire_message(rule: WireRule, about: &str) -> String {
    match rule {
        WireRule::Authorization | WireRule::SignedHeaders => format!("The request is not signed: {about}."),
        WireRule::SecretId => format!("The SecretId `{about}` is not found; check the key pair."),
        // INTL 214/33849 has this text.
        WireRule::Signature | WireRule::CredentialDate => {
            "The provided credentials could not be validated. Please check your signature is correct.".to_owned()
        }
        WireRule::Timestamp => format!("The signature has expired: {about}."),
        WireRule::Token => format!("The token is not valid: {about}."),
        WireRule::Service => format!("The service `{about}` does not exist or is not simulated."),
        WireRule::Version => format!("The version {about}."),
        WireRule::Action => format!("The action `{about}` does not exist or is not simulated."),
        WireRule::ActionNotServed => format!("The action `{about}` is not simulated."),
        WireRule::ArgumentNotServed => format!("`{about}` is not simulated; leave it out."),
        WireRule::ArgumentUnknown => format!("The parameter `{about}` is not recognized."),
        WireRule::ArgumentRequired => format!("The request is missing a required parameter `{about}`."),
        WireRule::ArgumentType => format!("A parameter has the wrong type: {about}."),
        WireRule::Region => "The request is missing a required parameter: the header X-TC-Region.".to_owned(),
        WireRule::BodySize | WireRule::BodyText | WireRule::Request => format!("The request is not valid: {about}."),
        WireRule::Worlds => format!("The account has no world: {about}."),
        WireRule::RateLimit => format!("The request rate limit is exceeded: {about}; try again a little later."),
        WireRule::Internal => format!("An internal error has occurred: {about}."),
    }
}

/// The platform's text where it is known; otherwise the argument, the rule's sentence and what was given.
fn message(refusal: &Refusal) -> String {
    let given = refusal.given.as_deref().unwrap_or_default();
    match refusal.rule {
        Rule::LbTaskLock | Rule::LbTaskLockDeleteLb | Rule::LbTaskLockUnlistedWrites => format!(
            "Loadbalancer({given}) is not in normal desState, maybe some tasks are being processed, please try later."
        ),
        // The fragment that clients look for.
        Rule::LbNotFound | Rule::LbNotFoundListed | Rule::LbNotFoundUnlisted => {
            format!("LoadBalancer not exist: {given}.")
        }
        Rule::SecurityGroupNotFound => format!("SecurityGroupId: There is no such security group. Given: {given}."),
        // The fragments that clients look for in the answer of DeleteLoadBalancerListeners.
        Rule::ListenerNotFound | Rule::ListenerNotFoundBatchDelete => format!("some ListenerId {given} not found"),
        Rule::ListenerL7OnlyAction => "This interface only support HTTP/HTTPS listener.".to_owned(),
        Rule::ListenerPortsMax49 => "Length of .Ports should be less than 50".to_owned(),
        Rule::SchedulerEnum | Rule::SchedulerIpHashRefusedOnL4 => "Scheduler should be WRR or LEAST_CONN".to_owned(),
        Rule::LbSingleIspNeedsBandwidthPackage => "The parameter InternetAccessible.InternetChargeType must be \
            BANDWIDTH_PACKAGE when specify parameter VipIsp"
            .to_owned(),
        rule => {
            let place = refusal.field.map(|field| format!("{}: ", field::name(field, refusal.index)));
            let given = refusal.given.as_ref().map(|given| format!(" Given: {given}."));
            format!("{}{}{}", place.unwrap_or_default(), rule.sentence(), given.unwrap_or_default())
        }
    }
}

/// The wire code of a rule: established where the research notes say so, our choice from the action's documented list
/// elsewhere ([`Rule::status`]).
pub fn code(rule: Rule) -> &'static str {
    match rule {
        Rule::ClbRegionMustExist => "InvalidParameter.RegionNotFound",
        Rule::TaskStatusNeedsOneId
        | Rule::TaskUnknownId
        | Rule::LbPublicIpv4RefusesSubnet
        | Rule::LbIpVersionPublicOnly
        | Rule::LbIpv6RefusesPassToTarget
        | Rule::LbNotFoundUnlisted
        | Rule::LbVipNotOnNat64
        | Rule::LbZonePublicIpv4Only
        | Rule::LbSlaCount
        | Rule::LbSlaSpecification
        | Rule::LbSlaNotClassic
        | Rule::LbLogSetAndTopic
        | Rule::LbDetailTargetType
        | Rule::ListenerModifyNotOnClassic
        | Rule::ListenerNotFound
        | Rule::ListenerNotFoundBatchDelete
        | Rule::CertificateOrMultiNotBoth
        | Rule::MultiCertNotOnQuic
        | Rule::MultiCertDistinctAlgorithms
        | Rule::CertReplaceSameKind
        | Rule::MultiCertMutualNeedsOneCa
        | Rule::TargetInstanceOrEniExactlyOne
        | Rule::TargetSameVpc
        | Rule::TargetNotBound
        | Rule::TargetBatchVpcOnly
        | Rule::TargetNoLocationOnL4
        | Rule::CvmIdsAndFiltersExclusive
        | Rule::SecurityGroupRuleSameIndex => "InvalidParameter",
        Rule::LbTaskLock | Rule::LbTaskLockDeleteLb | Rule::LbTaskLockUnlistedWrites => {
            "FailedOperation.ResourceInOperating"
        }
        Rule::LbTypeEnum
        | Rule::LbForwardOnlyCurrent
        | Rule::LbNameCharacters
        | Rule::LbVpcAndSubnetMustExist
        | Rule::LbIpVersionEnum
        | Rule::LbSingleIspNeedsBandwidthPackage
        | Rule::LbDescribeOrder
        | Rule::LbSgMustExist
        | Rule::LbSlaTypeEnum
        | Rule::LbVipInsideSubnet
        | Rule::LbVipIspEnum
        | Rule::LbChargeTypeEnum
        | Rule::LbChargeKindEnum
        | Rule::LbZoneMustExist
        | Rule::LbSwitchFlag
        | Rule::LbLogTypeEnum
        | Rule::LbDetailFields
        | Rule::QuicNeedsCurrentGenerationLb
        | Rule::QuicNeedsVpcNetwork
        | Rule::QuicNotOnIpv6Fullchain
        | Rule::QuicNoPortRange
        | Rule::QuicNoSessionPersistence
        | Rule::QuicSessionTypeNormalOnly
        | Rule::QuicNoIdleConnectTimeout
        | Rule::QuicTargetTypeNodeOnly
        | Rule::QuicNoSniSwitch
        | Rule::QuicNoKeepalive
        | Rule::QuicNoH2c
        | Rule::QuicNoDataCompressMode
        | Rule::QuicNoDeregisterTargetRst
        | Rule::QuicNoReschedule
        | Rule::ListenerProtocolEnum
        | Rule::ListenerPortRange
        | Rule::ListenerL7OnlyAction
        | Rule::StartStatusOperationEnum
        | Rule::ListenerArgumentOfOtherProtocols
        | Rule::ListenerTargetTypeEnum
        | Rule::SessionTypeEnum
        | Rule::SessionTypeQuicCidNeedsUdp
        | Rule::SessionExpireTimeRange
        | Rule::IdleConnectTimeoutRange
        | Rule::RescheduleTimeRange
        | Rule::HealthCheckTypeOfProtocol
        | Rule::HealthCheckPortRange
        | Rule::HealthCheckContextType
        | Rule::HealthCheckContextCharacters
        | Rule::ListenerNameCharacters
        | Rule::CertificateIdMustExist
        | Rule::CertificateInlineMustBeValid
        | Rule::CertificateServerMustBeSvr
        | Rule::CertificateCaMustBeCa
        | Rule::CertificateSslModeEnum
        | Rule::CertificateVerifyClientEnum
        | Rule::SslCloseSwitchTcpSslOnly
        | Rule::SchedulerEnum
        | Rule::SchedulerIpHashRefusedOnL4
        | Rule::MaxConnNeedsLcu
        | Rule::MaxCpsNeedsLcu
        | Rule::ConnectionLimitRange
        | Rule::HealthCheckSwitch
        | Rule::HealthCheckType
        | Rule::HealthCheckTimeoutRange
        | Rule::HealthCheckTimeoutBelowInterval
        | Rule::HealthCheckIntervalRangeIpv4
        | Rule::HealthCheckIntervalRangeIpv6
        | Rule::HealthCheckHealthyThreshold
        | Rule::HealthCheckUnhealthyThreshold
        | Rule::HealthCheckHttpCode
        | Rule::HealthCheckHttpMethod
        | Rule::HealthCheckHttpPathCharacters
        | Rule::HealthCheckHttpDomainCharacters
        | Rule::HealthCheckHttpVersion
        | Rule::HealthCheckPortNotOnQuic
        | Rule::HealthCheckSourceIpType
        | Rule::HealthCheckSourceIpTypeIpv6
        | Rule::HealthCheckCustomNotOnQuic
        | Rule::HealthCheckExtendedCodeNotOnQuic
        | Rule::TargetWeightRange
        | Rule::TargetPortRange
        | Rule::TargetInstanceMustExist
        | Rule::TagResourceIdsMax50
        | Rule::TagModifyMax10
        | Rule::TagResourcesMax10
        | Rule::TagOffsetMultipleOfLimit
        | Rule::TagCategoryEnum
        | Rule::LbSgOperationEnum
        | Rule::NetworkSwitchWords => "InvalidParameterValue",
        Rule::LbNameLength
        | Rule::LbTagsMax20
        | Rule::LbClientTokenMax64
        | Rule::LbDescribeIdsMax20
        | Rule::LbDescribeFiltersMax10
        | Rule::LbDeleteIdsMax20
        | Rule::ProjectChangeMax20
        | Rule::LbSgArrayMax50
        | Rule::ListenerPortsMax49
        | Rule::ListenerNameLength
        | Rule::ListenerNamesNotMoreThanPorts
        | Rule::ListenerDescribeIdsMax100
        | Rule::ListenerDeleteIdsMax20
        | Rule::CertListIdsMax20
        | Rule::TargetBatchTagLimits
        | Rule::HealthCheckHttpPathLength
        | Rule::HealthCheckHttpDomainLength
        | Rule::HealthCheckContextLength
        | Rule::TargetRegisterMax20
        | Rule::TargetBatchMax500
        | Rule::TargetBatchWeightLimits
        | Rule::TargetDescribeIdsMax20
        | Rule::TargetHealthLbsMax30
        | Rule::LbSgForLbsMax20 => "InvalidParameterValue.Length",
        Rule::LbInternalNeedsVpc
        | Rule::LbInternalNeedsSubnet
        | Rule::LbIpv6FullchainNeedsSubnet
        | Rule::QuicNeedsServerCertificate
        | Rule::ListenerTcpSslNeedsCertificate
        | Rule::HealthCheckCustomComplete
        | Rule::HealthCheckHttpVersionOnTcp
        | Rule::ListenerPortsNotEmpty
        | Rule::CertificateInlineUploadComplete
        | Rule::MutualTlsNeedsCa
        | Rule::HealthCheckHttpDomainRequired
        | Rule::TargetListNotEmpty
        | Rule::VpcCidrRequired => "MissingParameter",
        Rule::LbNumberMax20
        | Rule::LbBandwidthRangeShared
        | Rule::LbBandwidthRangeLcu
        | Rule::LbDescribeLimitMax100
        | Rule::VpcPagingStrings
        | Rule::SecurityGroupRuleIndex => "InvalidParameterValue.Range",
        Rule::LbQuotaPublic
        | Rule::LbQuotaInternal
        | Rule::LbQuotaCarrier
        | Rule::LbSgQuota5
        | Rule::ListenerQuotaPerLb
        | Rule::CertificateQuota
        | Rule::TargetQuotaPerListener
        | Rule::TagResourceQuota
        | Rule::VpcQuota
        | Rule::SubnetQuota
        | Rule::AssistantCidrQuota
        | Rule::SecurityGroupQuota => "LimitExceeded",
        Rule::LbDescribeFilterNames | Rule::LbDetailFilterNames | Rule::TargetDescribeFilterNames => {
            "InvalidParameterValue.InvalidFilter"
        }
        Rule::LbNotFound | Rule::LbNotFoundListed | Rule::LbDeleteBatchAtomic => "InvalidParameter.LBIdNotFound",
        Rule::LbIdFormat | Rule::LbEndpointFormat | Rule::TargetEniIpFormat => "InvalidParameter.FormatError",
        Rule::LbDeleteTargetCountRisk => "FailedOperation.TargetNumCheckRisk",
        Rule::LbDeleteFrequencyRisk => "FailedOperation.FrequencyCheckRisk",
        Rule::LbClientTokenExpired => "InvalidParameter.ClientTokenLimitExceeded",
        Rule::LbDeleteProtection | Rule::LbVipMustBeFree => "FailedOperation",
        Rule::LbVipPoolExhausted => "ResourceInsufficient",
        Rule::QuicNeedsAllowlist => "UnauthorizedOperation",
        Rule::ListenerPortUniqueUdpClass | Rule::ListenerPortUniqueTcpClass | Rule::ListenerPortRepeatedInCall => {
            "InvalidParameter.PortCheckFailed"
        }
        Rule::ListenerProtocolServed
        | Rule::ListenerTargetGroupServed
        | Rule::ListenerPortRangeServed
        | Rule::SecurityGroupDefaultUndeletable
        | Rule::LbTargetRegionOwn => "UnsupportedOperation",
        Rule::CertificateUploadMustParse => "FailedOperation.CertificateParseError",
        Rule::CertificateUploadSvrNeedsKey => "InvalidParameter.WithDetailReason",
        Rule::CertificateUploadKeyMustMatch => "FailedOperation.CertificateMismatch",
        Rule::CertificateUploadTypeEnum
        | Rule::CertificateListLimit
        | Rule::CertificateProjectMax100
        | Rule::CertificateDeletionTasksMax100
        | Rule::CertificateDeletionTaskUnknown => "FailedOperation.InvalidParam",
        Rule::CertificateUploadCaMustBeCa => "FailedOperation.CertificateCaError",
        Rule::CertificateNotFound => "FailedOperation.CertificateNotFound",
        Rule::CertificateInUse => "FailedOperation.BoundResources",
        Rule::TargetFourTupleUnique | Rule::TargetRepeatedInRequest | Rule::TargetNewPortTaken => {
            "InvalidParameterValue.Duplicate"
        }
        Rule::TargetBatchAllListenersUnknown | Rule::ListenerNotFoundStartStop => "InvalidParameter.ListenerIdNotFound",
        Rule::LbStopNeedsListeners => "FailedOperation.NoListenerInLB",
        Rule::TagResourceMustExist
        | Rule::SecurityGroupNotFound
        | Rule::SecurityGroupRuleNotFound
        | Rule::VpcMustExist
        | Rule::VpcNotFound
        | Rule::AssistantCidrNotFound
        | Rule::RouteTableNotFound => "ResourceNotFound",
        Rule::TagDuplicateKey => "InvalidParameterValue.TagDuplicateKey",
        Rule::VpcInUse | Rule::SubnetInUse | Rule::AssistantCidrInUse | Rule::SecurityGroupInUse => "ResourceInUse",
        Rule::VpcIdsAndFiltersExclusive
        | Rule::SecurityGroupOneDirectionPerCall
        | Rule::SecurityGroupRuleOneSource
        | Rule::SecurityGroupRuleNoIcmpForIpv6 => "InvalidParameter.Coexist",
        Rule::VpcFilterNames => "InvalidParameter.FilterInvalidKey",
        Rule::AddressFilterNames => "InvalidParameter.InvalidFilter",
        Rule::AddressFiltersMax10 => "LimitExceeded.NumberOfFilters",
        Rule::AddressIdFormat => "InvalidParameterValue.AddressIdMalformed",
        Rule::CvmFilterNames => "InvalidFilter",
        Rule::CvmFiltersMax10 => "InvalidFilterValue.LimitExceeded",
        Rule::VpcDescribeIdsMax100 | Rule::CvmDescribeMax100 | Rule::AddressLimitMax100 | Rule::VpcDnsServersMax4 => {
            "InvalidParameterValue.LimitExceeded"
        }
        Rule::VpcNameMax60Bytes
        | Rule::SubnetNameMax60Bytes
        | Rule::SecurityGroupNameMax60
        | Rule::SecurityGroupDescriptionMax100
        | Rule::SecurityGroupRuleDescriptionMax100 => "InvalidParameterValue.TooLong",
        Rule::VpcCidrRange
        | Rule::NetworkCidrFormat
        | Rule::VpcDnsServerFormat
        | Rule::SecurityGroupProjectNumber
        | Rule::SecurityGroupVersionNumber
        | Rule::SecurityGroupRuleProtocol
        | Rule::SecurityGroupRulePortFormat
        | Rule::SecurityGroupRuleAddressFormat
        | Rule::SecurityGroupRuleAction
        | Rule::SecurityGroupOrder => "InvalidParameterValue.Malformed",
        Rule::SubnetInsideVpc => "InvalidParameterValue.SubnetRange",
        Rule::SubnetNoOverlap => "InvalidParameterValue.SubnetConflict",
        Rule::AssistantCidrNoOverlap => "InvalidParameterValue.SubnetOverlap",
        Rule::SubnetZoneMustFit => "InvalidParameterValue.ZoneConflict",
        Rule::SecurityGroupRulesNotEmpty => "InvalidParameterValue.Empty",
        Rule::SecurityGroupVersionCurrent => "UnsupportedOperation.VersionMismatch",
        Rule::SecurityGroupRuleDuplicate => "UnsupportedOperation.DuplicatePolicy",
        Rule::SecurityGroupReferencesMax10 => "UnsupportedOperation.SgNumExceedLimit",
        Rule::LbSgRulesMax512 => "UnsupportedOperation.ClbPolicyExceedLimit",
        Rule::SecurityGroupRuleQuota => "LimitExceeded.SecurityGroupPolicySet",
        Rule::CvmIdFormat => "InvalidInstanceId.Malformed",
    }
}

#[cfg(test)]
mod tests {
    use clb_model::refusal::{Field, Refusal};
    use clb_model::rules::Rule;

    use super::{Fault, code_and_message};

    fn text(refusal: Refusal) -> (&'static str, String) {
        code_and_message(&Fault::Refused(refusal))
    }

    #[test]
    fn a_message_names_the_argument_the_rule_and_what_was_given() {
        let (code, message) = text(Refusal::new(Rule::TargetWeightRange).at(Field::TargetWeight).nth(3).given(101));
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(message, "Targets.3.Weight: A target weight is 0 to 100, default 10. Given: 101.");
    }

    #[test]
    fn a_message_does_not_give_back_megabytes() {
        let (_, message) = text(Refusal::new(Rule::LbTypeEnum).at(Field::Exposure).given("é".repeat(1_000_000)));
        assert_eq!(message.chars().count(), super::LONGEST_MESSAGE + 3);
        assert!(message.starts_with("LoadBalancerType: "), "{message}");
    }

    #[test]
    fn a_busy_load_balancer_is_said_in_the_platforms_words() {
        let (code, message) = text(Refusal::new(Rule::LbTaskLock).given("lb-3456gh5x"));
        assert_eq!(code, "FailedOperation.ResourceInOperating");
        assert_eq!(
            message,
            "Loadbalancer(lb-3456gh5x) is not in normal desState, maybe some tasks are being processed, please try \
             later."
        );
    }

    #[test]
    fn every_code_is_one_the_platform_could_send() {
        for rule in Rule::ALL {
            let code = super::code(*rule);
            assert!(code.split('.').count() <= 2 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'));
        }
    }
}
