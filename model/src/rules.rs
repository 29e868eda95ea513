//! The rules: every platform constraint that can say no, with its source.
//!
//! A rule is what the platform's documentation says; it knows no wire code and no message. Ids, sentences and sources
//! are those of the research notes on the platform. Not here: behaviour that refuses nothing, and the rules of the
//! wire itself (signatures, unknown arguments), which belong to the door that speaks it and have rows of the same form
//! ([`rule_table`](crate::rule_table)).

/// How sure it is that the platform does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Rule and code are both published.
    Documented,
    /// Seen in what official clients handle or rely on.
    OfficialClient,
    /// Named by the page this project started from.
    Seed,
    /// The rule or at least its code is this project's choice.
    Choice,
}

impl Status {
    /// Every status, the surest first.
    pub const ALL: [Self; 4] = [Self::Documented, Self::OfficialClient, Self::Seed, Self::Choice];

    /// The status in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::OfficialClient => "official-client",
            Self::Seed => "seed",
            Self::Choice => "choice",
        }
    }
}

/// Makes an enum of rules, one row each: name, id, [`Status`], source, sentence.
///
/// A source is made of tags of the research notes on the platform (SDK, TFP, TKE, GO, QD, INTL, SEED ...); "ours" is
/// our own.
#[macro_export]
macro_rules! rule_table {
    (
        $(#[$about:meta])* pub enum $Table:ident;
        $($rule:ident, $id:literal, $status:ident, $source:literal, $sentence:literal;)+
    ) => {
        $(#[$about])*
        // A sentence is plain text, in which `<key>` stands for a key.
        #[allow(rustdoc::invalid_html_tags)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Table {
            $(#[doc = $sentence] $rule,)+
        }

        impl $Table {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),+];

            /// The rule's stable name.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$rule => $id,)+ }
            }

            /// The rule in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$rule => $sentence,)+ }
            }

            /// How sure it is.
            pub const fn status(self) -> $crate::rules::Status {
                match self { $(Self::$rule => $crate::rules::Status::$status,)+ }
            }

            /// Where it was found: tags of the research notes on the platform, "ours" for our own.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$rule => $source,)+ }
            }
        }

        impl std::fmt::Display for $Table {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.id())
            }
        }
    };
}

rule_table! {
    /// One platform constraint.
    pub enum Rule;

    ClbRegionMustExist, "clb-region-must-exist", Choice, "GO",
        "A region that does not exist is refused.";
    TaskStatusNeedsOneId, "task-status-needs-one-id", Choice, "rule: SDK",
        "DescribeTaskStatus needs one of TaskId and DealName.";
    TaskUnknownId, "task-unknown-id", Choice, "not established",
        "DescribeTaskStatus of an unknown TaskId is refused.";
    LbTaskLock, "lb-task-lock", OfficialClient, "GitHub certimate-go/certimate #861; TKE test; code in GO lists",
        "While a task of a load balancer runs, every other write to it is refused.";
    LbTaskLockDeleteLb, "lb-task-lock-delete-lb", OfficialClient,
        "TFP handles this code there; off the documented list",
        "While a task of a load balancer runs, it is not deleted.";
    LbTaskLockUnlistedWrites, "lb-task-lock-unlisted-writes", Choice,
        "ours by analogy with DeleteLoadBalancer; off the documented list",
        "While a task of a load balancer runs, writes whose documented list lacks the code are refused too.";
    LbTypeEnum, "lb-type-enum", Choice, "rule: SDK",
        "LoadBalancerType is OPEN or INTERNAL.";
    LbForwardOnlyCurrent, "lb-forward-only-current", Choice, "rule: SDK",
        "CreateLoadBalancer accepts only Forward 1, so new classic load balancers cannot be made.";
    LbNameLength, "lb-name-length", Choice, "rule: SDK (older docs and TFP say 60)",
        "A load balancer name has 1 to 80 characters.";
    LbNameCharacters, "lb-name-characters", Choice, "rule: SDK",
        "A load balancer name uses letters, CJK and other common language characters, digits, hyphen and underscore, \
         and no supplementary-plane characters.";
    LbInternalNeedsVpc, "lb-internal-needs-vpc", Choice, "rule: SDK",
        "An INTERNAL load balancer needs VpcId.";
    LbInternalNeedsSubnet, "lb-internal-needs-subnet", Choice, "rule: SDK",
        "An INTERNAL load balancer needs SubnetId.";
    LbIpv6FullchainNeedsSubnet, "lb-ipv6-fullchain-needs-subnet", Choice, "rule: SDK",
        "An IPv6FullChain load balancer needs SubnetId.";
    LbPublicIpv4RefusesSubnet, "lb-public-ipv4-refuses-subnet", Choice, "rule: SDK",
        "A public IPv4 load balancer refuses SubnetId.";
    LbVpcAndSubnetMustExist, "lb-vpc-and-subnet-must-exist", Choice, "ours, no source",
        "The VpcId and SubnetId given for a load balancer must exist and the subnet must lie in the VPC.";
    LbIpVersionEnum, "lb-ip-version-enum", Choice, "rule: SDK",
        "AddressIPVersion is IPV4, IPV6 or IPv6FullChain in any letter case, default IPV4.";
    LbIpVersionPublicOnly, "lb-ip-version-public-only", Choice, "rule: SDK; ignore-or-refuse not established",
        "AddressIPVersion applies to public load balancers only.";
    LbNumberMax20, "lb-number-max-20", Choice, "rule: SDK",
        "One CreateLoadBalancer call orders at most 20 load balancers.";
    LbTagsMax20, "lb-tags-max-20", Choice, "rule: SDK",
        "One CreateLoadBalancer call carries at most 20 tags.";
    LbClientTokenMax64, "lb-client-token-max-64", Choice, "rule: SDK",
        "ClientToken has at most 64 ASCII characters.";
    LbBandwidthRangeShared, "lb-bandwidth-range-shared", Choice, "rule: SDK",
        "InternetMaxBandwidthOut is 1 to 2048 Mbit/s on shared and dedicated load balancers, default 10.";
    LbBandwidthRangeLcu, "lb-bandwidth-range-lcu", Choice, "rule: SDK",
        "InternetMaxBandwidthOut is 1 to 61440 Mbit/s on LCU load balancers, default 10.";
    LbIpv6RefusesPassToTarget, "lb-ipv6-refuses-pass-to-target", Choice, "rule: TKE docs, QD 78ae521d",
        "LoadBalancerPassToTarget is not accepted for an IPv6FullChain load balancer, where it is always on.";
    LbSingleIspNeedsBandwidthPackage, "lb-single-isp-needs-bandwidth-package", Choice, "rule and text: TKE docs, SDK",
        "A VipIsp of a single carrier needs InternetChargeType BANDWIDTH_PACKAGE.";
    LbQuotaPublic, "lb-quota-public", Choice, "rule: INTL, SDK, TKE (real account 100)",
        "A region holds at most 100 public load balancers by default.";
    LbQuotaInternal, "lb-quota-internal", Choice, "rule: INTL, SDK, TKE",
        "A region holds at most 100 internal load balancers by default (a real account showed 200).";
    LbClientTokenExpired, "lb-client-token-expired", Documented, "SDK",
        "A ClientToken that has expired is refused.";
    LbVipIspEnum, "lb-vip-isp-enum", Choice, "rule: SDK",
        "VipIsp is BGP, CMCC, CUCC or CTCC.";
    LbChargeKindEnum, "lb-charge-kind-enum", Choice, "rule: SDK",
        "LBChargeType is POSTPAID_BY_HOUR or PREPAID.";
    LbChargeTypeEnum, "lb-charge-type-enum", Choice, "rule: SDK",
        "InternetChargeType of a postpaid load balancer is TRAFFIC_POSTPAID_BY_HOUR, BANDWIDTH_POSTPAID_BY_HOUR or \
         BANDWIDTH_PACKAGE.";
    LbZonePublicIpv4Only, "lb-zone-public-ipv4-only", Choice, "rule: SDK; ignore-or-refuse not established",
        "MasterZoneId, ZoneId and SlaveZoneId are for public IPv4 load balancers.";
    LbZoneMustExist, "lb-zone-must-exist", Choice, "ours",
        "A zone given for a load balancer is one of its region, by name or number.";
    LbQuotaCarrier, "lb-quota-carrier", Choice, "TKE (TOTAL_ISP_CLB_QUOTA 15)",
        "A region holds at most 15 load balancers of a single carrier by default.";
    LbDeleteFrequencyRisk, "lb-delete-frequency-risk", Documented, "SDK",
        "After 30 deletions within five minutes in a region further deletions are refused, with ForceDelete too.";
    LbSwitchFlag, "lb-switch-flag", Choice, "rule: SDK",
        "SwitchFlag is 0, 1 or 2, and 2 comes with InternetChargeType.";
    LbTargetRegionOwn, "lb-target-region-own", Choice, "ours; cross-region binding 1.0 is not simulated",
        "TargetRegionInfo names the region and the VPC of the load balancer itself.";
    LbEndpointFormat, "lb-endpoint-format", Choice, "shape: SDK",
        "AssociateEndpoint is empty or vpce- followed by eight lowercase alphanumerics.";
    LbSlaCount, "lb-sla-count", Choice, "ours",
        "ModifyLoadBalancerSla takes 1 to 20 load balancers.";
    LbSlaSpecification, "lb-sla-specification", Choice, "rule: SDK; code picked from the action's documented list",
        "ModifyLoadBalancerSla knows the LCU specifications, and there is no way back to a shared load balancer.";
    LbSlaNotClassic, "lb-sla-not-classic", Choice, "rule: INTL 214/43786; code picked from the action's documented list",
        "A classic load balancer gets no LCU specification.";
    ProjectChangeMax20, "project-change-max-20", Choice, "rule: SDK",
        "ModifyLoadBalancersProject takes at most 20 load balancers.";
    LbLogTypeEnum, "lb-log-type-enum", Choice, "rule: INTL 214/35734",
        "LogType is ACCESS (default) or HEALTH.";
    LbLogSetAndTopic, "lb-log-set-and-topic", Choice, "rule: INTL 214/35734",
        "LogSetId and LogTopicId are both given, or both empty to remove the topic.";
    LbDetailTargetType, "lb-detail-target-type", Choice, "rule: INTL 214/38188",
        "TargetType is NODE or GROUP, and is needed when Fields names fields of listeners or targets.";
    LbDetailFields, "lb-detail-fields", Choice, "ours",
        "Fields names fields of LoadBalancerDetail.";
    LbDetailFilterNames, "lb-detail-filter-names", Choice, "rule: INTL 214/38188",
        "DescribeLoadBalancersDetail knows the filters loadbalancer-id, project-id, network, vip, vpcid, target-ip, \
         zone, tag-key, tag:<key> and fuzzy-search.";
    LbDescribeIdsMax20, "lb-describe-ids-max-20", Choice, "rule: SDK",
        "DescribeLoadBalancers takes at most 20 ids.";
    LbDescribeLimitMax100, "lb-describe-limit-max-100", Choice, "rule: SDK",
        "Limit of DescribeLoadBalancers is at most 100, default 20.";
    LbDescribeFiltersMax10, "lb-describe-filters-max-10", Choice, "rule: SDK",
        "DescribeLoadBalancers takes at most 10 filters of at most 100 values each.";
    LbDescribeFilterNames, "lb-describe-filter-names", Choice, "rule: SDK",
        "DescribeLoadBalancers knows the filters charge-type, internet-charge-type, master-zone-id, tag-key, \
         tag:KEY, function-name, vip-isp, sla-type and exclusive.";
    LbDescribeOrder, "lb-describe-order", Choice, "rule: SDK",
        "Results are ordered by CreateTime descending unless OrderBy (LoadBalancerName, CreateTime, Domain, \
         LoadBalancerType) and OrderType (1 descending, 0 ascending) say otherwise.";
    LbNotFound, "lb-not-found", OfficialClient, "TFP; TKE (off the documented list for DescribeTargets)",
        "An unknown load balancer id is refused by DescribeListeners, DescribeTargets and DeleteLoadBalancer.";
    LbNotFoundListed, "lb-not-found-listed", Choice, "GO",
        "An unknown load balancer id is refused by the other actions whose documented list has this code.";
    LbNotFoundUnlisted, "lb-not-found-unlisted", Choice, "text fragment: TKE error.go (also LB not exist)",
        "An unknown load balancer id is refused by writes whose documented list lacks LBIdNotFound.";
    LbIdFormat, "lb-id-format", Choice, "shape: SDK",
        "A load balancer id is lb- followed by eight lowercase alphanumerics.";
    LbDeleteIdsMax20, "lb-delete-ids-max-20", Choice, "rule: SDK",
        "DeleteLoadBalancer takes at most 20 ids.";
    LbDeleteBatchAtomic, "lb-delete-batch-atomic", OfficialClient, "TKE",
        "One missing id rejects a whole DeleteLoadBalancer call.";
    LbDeleteTargetCountRisk, "lb-delete-target-count-risk", Documented, "SDK",
        "Without ForceDelete a load balancer with 20 or more bound targets is not deleted.";
    LbDeleteProtection, "lb-delete-protection", Choice,
        "rule: SDK; code not established, code picked from the action's documented list",
        "A load balancer with DeleteProtect set is not deleted.";
    LbSgArrayMax50, "lb-sg-array-max-50", Choice, "rule: SDK",
        "SetLoadBalancerSecurityGroups takes at most 50 groups.";
    LbSgQuota5, "lb-sg-quota-5", Choice, "rule: QD 78ae521d, INTL 214/14733",
        "A load balancer has at most 5 security groups by default.";
    LbSgMustExist, "lb-sg-must-exist", Choice, "not established",
        "A security group that is bound to a load balancer must exist.";
    LbSgRulesMax512, "lb-sg-rules-max-512", Documented, "rule: INTL 214/14733; code meaning: GO",
        "The groups of a load balancer may hold at most 512 rules.";
    LbSgOperationEnum, "lb-sg-operation-enum", Choice, "rule: SDK",
        "OperationType of SetSecurityGroupForLoadbalancers is ADD or DEL.";
    LbSgForLbsMax20, "lb-sg-for-lbs-max-20", Choice, "rule: SDK",
        "SetSecurityGroupForLoadbalancers takes at most 20 load balancers.";
    LbVipNotOnNat64, "lb-vip-not-on-nat64", Choice, "rule: SDK",
        "A requested Vip is possible for IPv4 and IPv6FullChain load balancers, not for NAT64.";
    LbSlaTypeEnum, "lb-sla-type-enum", Choice, "ours",
        "SlaType is empty (shared) or one of the documented LCU specifications.";
    LbVipInsideSubnet, "lb-vip-inside-subnet", Choice, "rule: SDK; addresses here are those of the pool",
        "A requested Vip must lie inside the subnet, which stands here for the simulator's pool of addresses.";
    LbVipMustBeFree, "lb-vip-must-be-free", Choice, "rule: SDK",
        "A requested Vip must not be in use.";
    LbVipPoolExhausted, "lb-vip-pool-exhausted", Choice, "ours",
        "A new load balancer needs a free address of the simulator's pool.";
    QuicNeedsCurrentGenerationLb, "quic-needs-current-generation-lb", Choice,
        "rule: SEED, INTL 214/44832; code not established, code picked from the action's documented list",
        "A QUIC listener needs a load balancer with Forward 1 and is refused on a classic load balancer.";
    QuicNeedsVpcNetwork, "quic-needs-vpc-network", Choice,
        "rule: SEED, INTL 214/44832; code not established, code picked from the action's documented list",
        "A QUIC listener needs a load balancer in a VPC and is refused in the classic (basic) network.";
    QuicNotOnIpv6Fullchain, "quic-not-on-ipv6-fullchain", Choice,
        "rule: SEED, INTL 214/44832; code not established, code picked from the action's documented list",
        "A QUIC listener is refused on an IPv6 (IPv6FullChain) load balancer.";
    QuicNeedsAllowlist, "quic-needs-allowlist", Choice,
        "rule: SEED (INTL 214/44832 of 2024-10-10 is silent); code not established, code picked from the action's \
         documented list",
        "An account that is not admitted to the QUIC beta cannot create a QUIC listener.";
    QuicNoPortRange, "quic-no-port-range", Choice, "rule: SDK",
        "EndPort and FullEndPorts are 0 or absent on a QUIC listener.";
    QuicNeedsServerCertificate, "quic-needs-server-certificate", Choice,
        "rule: follows from SEED; code not established, code picked from the action's documented list",
        "A QUIC listener needs a server certificate.";
    QuicNoSessionPersistence, "quic-no-session-persistence", Choice,
        "rule: SEED, SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "A QUIC listener has no session persistence, so SessionExpireTime must be 0 or absent.";
    QuicSessionTypeNormalOnly, "quic-session-type-normal-only", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "SessionType of a QUIC listener is NORMAL.";
    QuicNoIdleConnectTimeout, "quic-no-idle-connect-timeout", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "IdleConnectTimeout is for TCP and UDP listeners; a QUIC listener refuses values other than 0.";
    QuicTargetTypeNodeOnly, "quic-target-type-node-only", Choice,
        "rule: SDK documents TargetType for TCP/UDP, TFP sends NODE",
        "TargetType NODE is accepted on a QUIC listener and TARGETGROUP is refused.";
    QuicNoSniSwitch, "quic-no-sni-switch", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "SniSwitch 1 is for HTTPS listeners and refused on QUIC.";
    QuicNoKeepalive, "quic-no-keepalive", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "KeepaliveEnable 1 is for HTTP and HTTPS listeners and refused on QUIC.";
    QuicNoH2c, "quic-no-h2c", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "H2cSwitch true is for private HTTP listeners and refused on QUIC.";
    QuicNoDataCompressMode, "quic-no-data-compress-mode", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "DataCompressMode is for L7 listeners and refused on QUIC.";
    QuicNoDeregisterTargetRst, "quic-no-deregister-target-rst", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "DeregisterTargetRst true is for TCP and UDP listeners and refused on QUIC.";
    QuicNoReschedule, "quic-no-reschedule", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "The Reschedule arguments are for TCP and UDP listeners and refused on QUIC unless false or 0.";
    ListenerProtocolEnum, "listener-protocol-enum", Choice, "rule: SDK",
        "Protocol is TCP, UDP, HTTP, HTTPS, TCP_SSL or QUIC.";
    ListenerPortRange, "listener-port-range", Choice, "rule: SDK, SEED",
        "A listener port is 1 to 65535.";
    ListenerPortsNotEmpty, "listener-ports-not-empty", Choice, "rule: SDK required flag",
        "CreateListener needs at least one port.";
    ListenerPortsMax49, "listener-ports-max-49", Choice, "rule and text: TKE",
        "One CreateListener call takes fewer than 50 ports.";
    ListenerPortUniqueUdpClass, "listener-port-unique-udp-class", OfficialClient,
        "code: SDK catalogue and TKE; class: TKE internal/portpool/portpool.go; SEED: ports must not repeat",
        "UDP and QUIC listeners of one load balancer share one port space, in which a port is used once.";
    ListenerPortUniqueTcpClass, "listener-port-unique-tcp-class", OfficialClient,
        "class: QD listener overview f12069a3; code: SDK catalogue and TKE",
        "TCP and TCP_SSL listeners of one load balancer share one port space, in which a port is used once (on the \
         platform with HTTP and HTTPS).";
    ListenerPortRepeatedInCall, "listener-port-repeated-in-call", Choice, "not established",
        "A port repeated inside one CreateListener call is refused.";
    ListenerQuotaPerLb, "listener-quota-per-lb", Choice, "rule: SDK, INTL, TKE (DescribeQuota of a real account)",
        "A load balancer holds at most 50 listeners.";
    ListenerNameLength, "listener-name-length", Choice,
        "rule: SDK (older docs: 60; TFP dropped its 1-60 check in 1.83.17)",
        "A listener name has 1 to 80 characters.";
    ListenerNameCharacters, "listener-name-characters", Choice, "rule: SDK",
        "A listener name uses letters, CJK and other common language characters, digits, hyphen, underscore and \
         the like, and no supplementary-plane characters.";
    ListenerNamesNotMoreThanPorts, "listener-names-not-more-than-ports", Choice, "ours, no source",
        "ListenerNames may not hold more entries than Ports.";
    ListenerModifyNotOnClassic, "listener-modify-not-on-classic", Choice, "rule: SDK",
        "ModifyListener is not for classic load balancers.";
    ListenerDescribeIdsMax100, "listener-describe-ids-max-100", Choice, "rule: SDK",
        "DescribeListeners takes at most 100 ids.";
    ListenerNotFound, "listener-not-found", Choice, "by analogy with DeleteLoadBalancerListeners",
        "An unknown listener id is refused.";
    ListenerNotFoundBatchDelete, "listener-not-found-batch-delete", OfficialClient,
        "TKE matches the fragments some ListenerId and not found; the middle is reconstructed",
        "One unknown listener id rejects a whole DeleteLoadBalancerListeners call.";
    ListenerNotFoundStartStop, "listener-not-found-start-stop", Choice, "GO",
        "SetLoadBalancerStartStatus with an unknown listener id is refused.";
    ListenerDeleteIdsMax20, "listener-delete-ids-max-20", Choice, "rule: SDK",
        "DeleteLoadBalancerListeners takes at most 20 ids.";
    ListenerL7OnlyAction, "listener-l7-only-action", OfficialClient, "GitHub issue threads (ISS)",
        "Actions for HTTP and HTTPS listeners are refused on a listener of another protocol.";
    StartStatusOperationEnum, "start-status-operation-enum", Choice, "rule: SDK",
        "OperationType of SetLoadBalancerStartStatus is Start or Stop.";
    LbStopNeedsListeners, "lb-stop-needs-listeners", Documented, "SDK catalogue",
        "A load balancer without listeners cannot be stopped.";
    ListenerProtocolServed, "listener-protocol-served", Choice, "ours",
        "The simulator has no listeners of layer 7; HTTP and HTTPS listeners cannot be created.";
    ListenerArgumentOfOtherProtocols, "listener-argument-of-other-protocols", Choice,
        "rule: SDK says of each for which protocols it is; ignore-or-refuse not established",
        "An argument that is for listeners of other protocols is refused unless its value is neutral.";
    ListenerTargetTypeEnum, "listener-target-type-enum", Choice, "rule: SDK",
        "TargetType of a TCP or UDP listener is NODE or TARGETGROUP.";
    ListenerTargetGroupServed, "listener-target-group-served", Choice, "ours",
        "The simulator has no target groups; TargetType is NODE.";
    ListenerPortRangeServed, "listener-port-range-served", Choice, "ours",
        "The simulator has no port-range listeners; EndPort and FullEndPorts are 0 or absent.";
    ListenerTcpSslNeedsCertificate, "listener-tcp-ssl-needs-certificate", Choice, "rule: SDK",
        "A TCP_SSL listener needs a server certificate, in Certificate or in MultiCertInfo.";
    CertificateOrMultiNotBoth, "certificate-or-multi-not-both", Choice, "rule: SDK",
        "Certificate and MultiCertInfo exclude each other.";
    CertificateIdMustExist, "certificate-id-must-exist", Choice, "not established",
        "A certificate id given to a listener must exist.";
    CertificateServerMustBeSvr, "certificate-server-must-be-svr", Choice,
        "rule: SDK, TFP; code not established, code picked from the action's documented list",
        "CertId must name a certificate of type SVR.";
    CertificateCaMustBeCa, "certificate-ca-must-be-ca", Choice,
        "rule: SDK, TFP; code not established, code picked from the action's documented list",
        "CertCaId must name a certificate of type CA.";
    CertificateSslModeEnum, "certificate-ssl-mode-enum", Choice, "rule: SDK, SEED",
        "SSLMode is UNIDIRECTIONAL (default) or MUTUAL.";
    CertificateVerifyClientEnum, "certificate-verify-client-enum", Choice, "rule: SDK",
        "SSLVerifyClient is ON (default) or OPTIONAL and counts only with MUTUAL.";
    CertificateInlineUploadComplete, "certificate-inline-upload-complete", Choice, "rule: SDK",
        "An inline server certificate needs CertName, CertContent and CertKey together, an inline CA CertCaName \
         and CertCaContent.";
    CertificateInlineMustBeValid, "certificate-inline-must-be-valid", Choice, "ours",
        "An inline certificate must be one that the SSL service would take: readable, of the right kind, with its key.";
    CertReplaceSameKind, "cert-replace-same-kind", Choice, "rule: SDK; code ours",
        "ReplaceCertForLoadBalancers needs a server certificate in place of a server certificate, and a CA in place of a \
         CA.";
    CertListIdsMax20, "cert-list-ids-max-20", Choice, "rule: SDK",
        "DescribeLoadBalancerListByCertId takes at most 20 certificate ids.";
    CertificateUploadMustParse, "certificate-upload-must-parse", Choice, "GO",
        "An uploaded certificate must be readable PEM.";
    CertificateUploadSvrNeedsKey, "certificate-upload-svr-needs-key", Choice, "rule: SDK",
        "A certificate of type SVR needs its private key.";
    CertificateUploadKeyMustMatch, "certificate-upload-key-must-match", Choice,
        "GO also lists FailedOperation.CertificateMatchError and InvalidParameter.MissMatchPrivateKey",
        "The private key must match the certificate.";
    CertificateUploadTypeEnum, "certificate-upload-type-enum", Choice, "rule: SDK",
        "CertificateType is SVR (default) or CA.";
    CertificateUploadCaMustBeCa, "certificate-upload-ca-must-be-ca", Choice, "GO",
        "A certificate uploaded as CA must be a CA certificate.";
    CertificateNotFound, "certificate-not-found", OfficialClient, "GO; TFP treats it as gone",
        "An unknown certificate id is refused.";
    CertificateListLimit, "certificate-list-limit", Choice, "rule: SDK",
        "Limit of DescribeCertificates is at most 1000, default 10.";
    CertificateInUse, "certificate-in-use", Choice,
        "GO also lists FailedOperation.DeleteResourceFailed; the documented form is asynchronous",
        "DeleteCertificate with IsCheckResource true is refused while a listener uses the certificate.";
    CertificateProjectMax100, "certificate-project-max-100", Choice, "rule: SDK",
        "ModifyCertificateProject takes at most 100 certificates.";
    CertificateDeletionTasksMax100, "certificate-deletion-tasks-max-100", Choice, "rule: SDK",
        "DescribeDeleteCertificatesTaskResult takes at most 100 task ids.";
    CertificateDeletionTaskUnknown, "certificate-deletion-task-unknown", Choice, "ours",
        "A task id that no deletion of a certificate has answered with is refused.";
    CertificateQuota, "certificate-quota", Choice, "ours",
        "An account holds at most 6000 certificates.";
    MutualTlsNeedsCa, "mutual-tls-needs-ca", Choice,
        "rule: SDK, SEED; code not established, code picked from the action's documented list",
        "SSLMode MUTUAL needs a client CA certificate.";
    MultiCertDistinctAlgorithms, "multi-cert-distinct-algorithms", Choice, "rule: SDK",
        "The certificates of MultiCertInfo must have different algorithms.";
    MultiCertMutualNeedsOneCa, "multi-cert-mutual-needs-one-ca", Choice, "rule: SDK; none without MUTUAL is ours",
        "MultiCertInfo with MUTUAL must hold one CA certificate, and none without.";
    MultiCertNotOnQuic, "multi-cert-not-on-quic", Choice,
        "not established: documented for TCP_SSL and HTTPS (create), HTTPS without SNI (modify); our quota quic-listener-certificates allows it",
        "MultiCertInfo is refused on a QUIC listener.";
    SslCloseSwitchTcpSslOnly, "ssl-close-switch-tcp-ssl-only", Choice, "rule: SDK",
        "SslCloseSwitch true is for TCP_SSL listeners only.";
    SchedulerEnum, "scheduler-enum", OfficialClient, "GitHub terraform-provider-tencentcloud #37; SEED (WRR, WLC)",
        "The scheduler of an L4 listener is WRR or LEAST_CONN.";
    SchedulerIpHashRefusedOnL4, "scheduler-ip-hash-refused-on-l4", Choice,
        "TFP refuses it for L4; SDK page ambiguous",
        "IP_HASH is refused for a QUIC listener although the ModifyListener page names it without a protocol.";
    SessionTypeEnum, "session-type-enum", Choice, "rule: SDK",
        "SessionType is NORMAL or QUIC_CID.";
    SessionTypeQuicCidNeedsUdp, "session-type-quic-cid-needs-udp", Choice, "rule: SDK",
        "SessionType QUIC_CID needs a UDP listener with scheduler WRR on an IPv4 load balancer.";
    SessionExpireTimeRange, "session-expire-time-range", Choice, "rule: SDK",
        "SessionExpireTime of a TCP or UDP listener is 0 or 30 to 3600 seconds.";
    IdleConnectTimeoutRange, "idle-connect-timeout-range", Choice, "rule: SDK",
        "IdleConnectTimeout is 10 to 900 seconds on shared and 10 to 1980 on LCU load balancers (default 900 TCP, 300 \
         UDP).";
    RescheduleTimeRange, "reschedule-times-range", Choice, "rule: SDK",
        "RescheduleStartTime and RescheduleInterval are 0 to 3600 seconds.";
    MaxConnNeedsLcu, "max-conn-needs-lcu", Choice, "rule: SDK",
        "MaxConn other than -1 needs an LCU load balancer outside the classic network.";
    MaxCpsNeedsLcu, "max-cps-needs-lcu", Choice, "rule: SDK",
        "MaxCps other than -1 needs an LCU load balancer outside the classic network.";
    ConnectionLimitRange, "connection-limit-range", Choice, "ours",
        "MaxConn and MaxCps are -1 (no limit) or a positive number.";
    HealthCheckSwitch, "health-check-switch", Choice, "rule: SDK",
        "HealthSwitch is 0 or 1, default 1.";
    HealthCheckType, "health-check-type", Choice, "rule: SDK",
        "CheckType of a QUIC listener is TCP (default) or HTTP.";
    HealthCheckTypeOfProtocol, "health-check-type-of-protocol", Choice, "rule: SDK",
        "CheckType is TCP (default), HTTP or CUSTOM on TCP listeners, PING (default) or CUSTOM on UDP, TCP (default) or \
         HTTP on TCP_SSL.";
    HealthCheckTimeoutRange, "health-check-timeout-range", Choice, "rule: SDK",
        "TimeOut is 2 to 60 seconds, default 2.";
    HealthCheckTimeoutBelowInterval, "health-check-timeout-below-interval", Choice, "rule: SDK",
        "TimeOut must be less than IntervalTime.";
    HealthCheckIntervalRangeIpv4, "health-check-interval-range-ipv4", Choice, "rule: SDK",
        "IntervalTime on an IPv4 load balancer is 2 to 300 seconds, default 5.";
    HealthCheckIntervalRangeIpv6, "health-check-interval-range-ipv6", Choice,
        "rule: SDK; NAT64 counted as IPv6 is ours",
        "IntervalTime on an IPv6 or NAT64 load balancer is 5 to 300 seconds, default 5.";
    HealthCheckHealthyThreshold, "health-check-healthy-threshold", Choice, "rule: SDK",
        "HealthNum is 2 to 10, default 3.";
    HealthCheckUnhealthyThreshold, "health-check-unhealthy-threshold", Choice, "rule: SDK",
        "UnHealthNum is 2 to 10, default 3.";
    HealthCheckHttpCode, "health-check-http-code", Choice, "rule: SDK",
        "HttpCode is a bit sum from 1 to 31 (1=1xx 2=2xx 4=3xx 8=4xx 16=5xx), default 31.";
    HealthCheckHttpMethod, "health-check-http-method", Choice, "rule: SDK",
        "HttpCheckMethod is HEAD (default) or GET.";
    HealthCheckHttpPathCharacters, "health-check-http-path-characters", Choice, "rule: INTL",
        "HttpCheckPath starts with a slash and uses only a-z A-Z 0-9 . - _ / = and ? (default /).";
    HealthCheckHttpPathLength, "health-check-http-path-length", Choice, "rule: INTL",
        "HttpCheckPath has 1 to 200 characters.";
    HealthCheckHttpDomainCharacters, "health-check-http-domain-characters", Choice, "rule: INTL",
        "HttpCheckDomain uses only a-z 0-9 . and hyphen.";
    HealthCheckHttpDomainLength, "health-check-http-domain-length", Choice, "rule: INTL",
        "HttpCheckDomain has 1 to 80 characters.";
    HealthCheckHttpDomainRequired, "health-check-http-domain-required", Choice,
        "rule: documented for TCP listeners (SDK), applied to QUIC because TCP SSL probes use HTTP/1.1 (INTL)",
        "An HTTP health check needs HttpCheckDomain.";
    HealthCheckHttpVersion, "health-check-http-version", Choice,
        "rule: SDK (TCP listeners), INTL (TCP SSL console: HTTP/1.1 only)",
        "HttpVersion is HTTP/1.0 or HTTP/1.1; a QUIC listener without it probes with HTTP/1.1.";
    HealthCheckHttpVersionOnTcp, "health-check-http-version-on-tcp", Choice, "rule: SDK",
        "An HTTP health check of a TCP listener needs HttpVersion.";
    HealthCheckPortRange, "health-check-port-range", Choice, "rule: SDK",
        "CheckPort of a TCP or UDP listener is 1 to 65535, or -1 for the backend's own.";
    HealthCheckPortNotOnQuic, "health-check-port-not-on-quic", Choice, "rule: SDK",
        "CheckPort is -1 or absent on a QUIC listener, which probes the backend's own port.";
    HealthCheckSourceIpType, "health-check-source-ip-type", Choice, "rule: SDK",
        "SourceIpType is 0 (VIP) or 1 (100.64.0.0/10).";
    HealthCheckSourceIpTypeIpv6, "health-check-source-ip-type-ipv6", Choice, "rule: SDK, TKE",
        "An IPv6 load balancer accepts only SourceIpType 0.";
    HealthCheckCustomNotOnQuic, "health-check-custom-not-on-quic", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "ContextType, SendContext and RecvContext belong to CUSTOM checks and are refused on QUIC.";
    HealthCheckCustomComplete, "health-check-custom-complete", Choice, "rule: SDK",
        "A CUSTOM health check needs ContextType, SendContext and RecvContext.";
    HealthCheckContextType, "health-check-context-type", Choice, "rule: SDK",
        "ContextType is HEX or TEXT.";
    HealthCheckContextLength, "health-check-context-length", Choice, "rule: SDK",
        "SendContext and RecvContext have at most 500 characters.";
    HealthCheckContextCharacters, "health-check-context-characters", Choice, "rule: SDK",
        "SendContext and RecvContext are printable ASCII, and with HEX pairs of the digits 0-9 and A-F.";
    HealthCheckExtendedCodeNotOnQuic, "health-check-extended-code-not-on-quic", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "ExtendedCode belongs to GRPC checks and is refused on QUIC.";
    TargetWeightRange, "target-weight-range", Choice, "rule: SDK",
        "A target weight is 0 to 100, default 10.";
    TargetPortRange, "target-port-range", Choice, "rule: SDK",
        "A backend port is 1 to 65535.";
    TargetInstanceOrEniExactlyOne, "target-instance-or-eni-exactly-one", Choice, "rule: SDK",
        "A target names exactly one of InstanceId and EniIp.";
    TargetInstanceMustExist, "target-instance-must-exist", Choice, "not established",
        "An InstanceId that is not known is refused.";
    TargetSameVpc, "target-same-vpc", Choice, "rule: SDK",
        "Targets lie in the VPC of the load balancer.";
    TargetFourTupleUnique, "target-four-tuple-unique", Choice,
        "rule: QD f12069a3; code not established, code picked from the action's documented list",
        "Of one load balancer, a backend address and port is bound to at most one listener of each protocol.";
    TargetRepeatedInRequest, "target-repeated-in-request", Choice, "GO",
        "The same target twice in one request is refused.";
    TargetRegisterMax20, "target-register-max-20", Choice, "rule: SDK",
        "RegisterTargets and DeregisterTargets take at most 20 targets.";
    TargetBatchMax500, "target-batch-max-500", Choice, "rule: SDK",
        "BatchRegisterTargets and BatchDeregisterTargets take at most 500 targets.";
    TargetBatchWeightLimits, "target-batch-weight-limits", Choice, "rule: SDK",
        "BatchModifyTargetWeight takes at most 100 entries, 50 targets per entry and 500 targets in all.";
    TargetBatchTagLimits, "target-batch-tag-limits", Choice, "ours, as for weights",
        "BatchModifyTargetTag takes at most 100 entries, 50 targets per entry and 500 targets in all.";
    TargetQuotaPerListener, "target-quota-per-listener", Choice, "rule: SDK, INTL, TKE (TOTAL_TARGET_BIND_QUOTA 200)",
        "A listener holds at most 100 targets by default (a real account showed 200).";
    TargetNotBound, "target-not-bound", OfficialClient, "TFP counts this code as success",
        "A target that is not bound is neither changed nor unbound: the call is refused.";
    TargetBatchAllListenersUnknown, "target-batch-all-listeners-unknown", Choice,
        "GO; split between error and FailListenerIdSet is ours",
        "A batch in which no listener exists is refused.";
    TargetBatchVpcOnly, "target-batch-vpc-only", Choice, "rule: SDK",
        "The batch actions are for load balancers in a VPC.";
    TargetNoLocationOnL4, "target-no-location-on-l4", Choice,
        "rule: SDK; ignore-or-refuse not established, code picked from the action's documented list",
        "LocationId, Domain and Url are for L7 rules and refused on a QUIC listener.";
    TargetNewPortTaken, "target-new-port-taken", Choice, "ours",
        "ModifyTargetPort to a port under which the same target is already bound is refused.";
    TargetDescribeIdsMax20, "target-describe-ids-max-20", Choice, "rule: SDK",
        "DescribeTargets takes at most 20 listener ids.";
    TargetDescribeFilterNames, "target-describe-filter-names", Choice, "rule: SDK",
        "DescribeTargets knows the filters location-id, private-ip-address and tag.";
    TargetHealthLbsMax30, "target-health-lbs-max-30", Choice, "rule: SDK",
        "DescribeTargetHealth takes at most 30 load balancer ids.";
    TargetListNotEmpty, "target-list-not-empty", Choice, "ours",
        "A call that names targets names at least one.";
    TargetEniIpFormat, "target-eni-ip-format", Choice, "ours",
        "EniIp is an IP address.";
    TagResourceIdsMax50, "tag-resource-ids-max-50", Choice, "rule: SDK; no list recorded, common code",
        "DescribeResourceTagsByResourceIds takes at most 50 resource ids.";
    TagModifyMax10, "tag-modify-max-10", Choice, "rule: SDK; no list recorded, common code",
        "ModifyResourceTags replaces at most 10 and deletes at most 10 tags per call.";
    TagResourceMustExist, "tag-resource-must-exist", Choice, "ours",
        "Tags are set on resources that exist only.";
    TagResourceQuota, "tag-resource-quota", Choice, "ours",
        "A resource carries at most 50 tags.";
    TagDuplicateKey, "tag-duplicate-key", Choice, "GO",
        "A call that makes a resource names each tag key once.";
    TagResourcesMax10, "tag-resources-max-10", Choice, "rule: SDK; no list recorded, common code",
        "TagResources and UnTagResources take at most 10 resources and 10 tags.";
    TagOffsetMultipleOfLimit, "tag-offset-multiple-of-limit", Choice, "rule: SDK; no list recorded, common code",
        "Limit of a list of tags is at least 1, and Offset a multiple of it.";
    TagCategoryEnum, "tag-category-enum", Choice, "rule: SDK; no list recorded, common code",
        "Category is Custom, System or All.";
    VpcIdsAndFiltersExclusive, "vpc-ids-and-filters-exclusive", Documented, "SDK; GO",
        "Ids and Filters exclude each other.";
    VpcPagingStrings, "vpc-paging-strings", Choice, "rule: SDK",
        "Limit and Offset are strings for VPCs, subnets and security groups and integers for addresses; the \
         maximum is 100 and the default 20.";
    VpcDescribeIdsMax100, "vpc-describe-ids-max-100", Choice, "rule: SDK",
        "A describe call takes at most 100 ids.";
    VpcFilterNames, "vpc-filter-names", Choice, "rule: SDK; GO",
        "A describe call of vpc knows the filters that its documentation names.";
    VpcNameMax60Bytes, "vpc-name-max-60-bytes", Choice, "rule: SDK",
        "A VPC name has at most 60 bytes.";
    VpcCidrRange, "vpc-cidr-range", Choice, "rule: SDK",
        "A VPC CIDR lies inside 10.0.0.0/12, 172.16.0.0/12 or 192.168.0.0/16 and is no smaller than /28.";
    VpcCidrRequired, "vpc-cidr-required", Choice, "ours",
        "A VPC and a subnet need a CidrBlock; IPv6-only ones are not simulated.";
    NetworkCidrFormat, "network-cidr-format", Choice, "rule: SDK",
        "A CIDR block is an IPv4 network address and a prefix length, without bits of a host.";
    NetworkSwitchWords, "network-switch-words", Choice, "rule: SDK",
        "EnableMulticast and EnableBroadcast are the words true or false.";
    VpcDnsServersMax4, "vpc-dns-servers-max-4", Choice, "rule: SDK",
        "A VPC has at most 4 DNS servers.";
    VpcDnsServerFormat, "vpc-dns-server-format", Choice, "rule: SDK",
        "A DNS server is an IP address.";
    VpcQuota, "vpc-quota", Choice, "rule: INTL 215/15774; figure not established",
        "A region holds at most 20 VPCs by default.";
    VpcMustExist, "vpc-must-exist", Choice, "GO; TFP treats it as gone",
        "An unknown VPC or subnet is refused by actions that change or fill it.";
    VpcNotFound, "vpc-not-found", Documented, "GO; TFP treats it as gone",
        "An unknown VPC or subnet is refused on delete.";
    VpcInUse, "vpc-in-use", Documented, "SDK; GO",
        "A VPC that still holds resources cannot be deleted.";
    AssistantCidrNoOverlap, "assistant-cidr-no-overlap", Choice, "rule: SDK",
        "An assistant CIDR does not overlap another CIDR of the VPC.";
    AssistantCidrNotFound, "assistant-cidr-not-found", Choice, "ours",
        "An assistant CIDR that the VPC does not have is not taken away.";
    AssistantCidrInUse, "assistant-cidr-in-use", Choice, "rule: SDK",
        "An assistant CIDR that holds a subnet is not taken away.";
    AssistantCidrQuota, "assistant-cidr-quota", Choice, "ours",
        "A VPC has at most 10 assistant CIDRs.";
    SubnetNameMax60Bytes, "subnet-name-max-60-bytes", Choice, "rule: SDK",
        "A subnet name has at most 60 bytes.";
    SubnetInsideVpc, "subnet-inside-vpc", Choice, "rule: SDK; code named in GO list; pairing ours",
        "A subnet CIDR is /16 to /28 and lies inside the VPC.";
    SubnetNoOverlap, "subnet-no-overlap", Choice,
        "rule: SDK; GO also lists InvalidParameterValue.SubnetOverlap; pairing ours",
        "A subnet CIDR does not overlap another subnet of the VPC.";
    SubnetZoneMustFit, "subnet-zone-must-fit", Choice, "GO; meaning of the code assumed",
        "A subnet zone must belong to the region.";
    SubnetQuota, "subnet-quota", Choice, "GO; figure not established",
        "A VPC holds at most 100 subnets by default.";
    SubnetInUse, "subnet-in-use", Documented, "SDK; GO",
        "A subnet that still holds resources cannot be deleted.";
    RouteTableNotFound, "route-table-not-found", Choice, "ours",
        "A subnet is given a route table that its VPC has.";
    AddressFilterNames, "address-filter-names", Choice, "rule: SDK; GO",
        "DescribeAddresses knows the filters that its documentation names.";
    AddressFiltersMax10, "address-filters-max-10", Choice, "rule: SDK; GO",
        "DescribeAddresses takes at most 10 filters of at most 100 values each.";
    AddressLimitMax100, "address-limit-max-100", Choice, "rule: SDK; GO",
        "DescribeAddresses takes at most 100 ids and a Limit of at most 100, default 20.";
    AddressIdFormat, "address-id-format", Choice, "shape: SDK; GO",
        "An address id is eip- followed by eight lowercase alphanumerics.";
    SecurityGroupNotFound, "security-group-not-found", OfficialClient, "GO; TFP treats it as gone",
        "An unknown security group id is refused.";
    SecurityGroupNameMax60, "security-group-name-max-60", Choice, "rule: SDK",
        "A security group name has at most 60 characters.";
    SecurityGroupDescriptionMax100, "security-group-description-max-100", Choice, "rule: SDK",
        "A security group description has at most 100 characters.";
    SecurityGroupProjectNumber, "security-group-project-number", Choice, "rule: SDK",
        "ProjectId of a security group is a number, written as text.";
    SecurityGroupQuota, "security-group-quota", Choice, "rule: INTL 215/41428",
        "A region holds at most 50 security groups by default.";
    SecurityGroupOrder, "security-group-order", Choice, "rule: SDK",
        "OrderField of security groups is CreatedTime or UpdateTime, OrderDirection ASC (default) or DESC.";
    SecurityGroupInUse, "security-group-in-use", Choice, "rule: SDK",
        "A security group that is bound or referenced by a rule of another group cannot be deleted.";
    SecurityGroupDefaultUndeletable, "security-group-default-undeletable", Choice, "rule: SDK",
        "The default security group cannot be deleted.";
    SecurityGroupOneDirectionPerCall, "security-group-one-direction-per-call", Choice, "rule: SDK",
        "CreateSecurityGroupPolicies takes Ingress or Egress, not both.";
    SecurityGroupRulesNotEmpty, "security-group-rules-not-empty", Choice, "rule: SDK; GO",
        "A call that changes rules names at least one.";
    SecurityGroupVersionCurrent, "security-group-version-current", Choice,
        "rule: SDK (absent for ModifySecurityGroupPolicies)",
        "A stale rule-set Version is refused; the Version grows by one per change.";
    SecurityGroupVersionNumber, "security-group-version-number", Choice, "ours",
        "Version of a rule set is a number, written as text.";
    SecurityGroupRuleDuplicate, "security-group-rule-duplicate", Choice, "GO",
        "A rule equal to an existing one is refused.";
    SecurityGroupRuleProtocol, "security-group-rule-protocol", Choice, "rule: SDK",
        "A rule protocol is TCP, UDP, ICMP, ICMPV6, GRE or ALL.";
    SecurityGroupRulePortFormat, "security-group-rule-port-format", Choice, "rule: SDK",
        "A rule port is all, one port, a comma list or a range, and only with TCP or UDP.";
    SecurityGroupRuleOneSource, "security-group-rule-one-source", Choice, "rule: SDK",
        "A rule names exactly one of CidrBlock, Ipv6CidrBlock, SecurityGroupId and AddressTemplate.";
    SecurityGroupRuleAddressFormat, "security-group-rule-address-format", Choice, "rule: SDK",
        "CidrBlock is an IPv4 address or range, Ipv6CidrBlock an IPv6 one.";
    SecurityGroupRuleNoIcmpForIpv6, "security-group-rule-no-icmp-for-ipv6", Choice, "rule: INTL 215/15807",
        "Ipv6CidrBlock and protocol ICMP exclude each other; the protocol is ICMPV6 there.";
    SecurityGroupRuleAction, "security-group-rule-action", Choice, "rule: SDK (samples mix case)",
        "A rule action is ACCEPT or DROP in any letter case.";
    SecurityGroupRuleDescriptionMax100, "security-group-rule-description-max-100", Choice, "ours",
        "A rule description has at most 100 characters.";
    SecurityGroupRuleIndex, "security-group-rule-index", Choice, "rule: INTL 215/55997",
        "PolicyIndex names a rule that is there, or the place after the last for a new one.";
    SecurityGroupRuleSameIndex, "security-group-rule-same-index", Choice, "rule: INTL 215/15807",
        "All rules that one CreateSecurityGroupPolicies call adds have the same PolicyIndex.";
    SecurityGroupRuleNotFound, "security-group-rule-not-found", Choice, "ours",
        "A rule that the group does not have is not removed.";
    SecurityGroupReferencesMax10, "security-group-references-max-10", Choice,
        "rule: INTL 215/41428; meaning of the code assumed",
        "The rules of a group refer to at most 10 groups.";
    SecurityGroupRuleQuota, "security-group-rule-quota", Choice, "GO; figure not established",
        "A rule set may not outgrow its quota.";
    CvmIdsAndFiltersExclusive, "cvm-ids-and-filters-exclusive", Choice, "rule: SDK",
        "DescribeInstances takes InstanceIds or Filters, not both.";
    CvmDescribeMax100, "cvm-describe-max-100", Choice, "rule: SDK",
        "DescribeInstances takes at most 100 ids and a Limit of at most 100, default 20.";
    CvmIdFormat, "cvm-id-format", Choice, "GO also lists InvalidParameterValue.InstanceIdMalformed",
        "A CVM id is ins- followed by eight lowercase alphanumerics.";
    CvmFilterNames, "cvm-filter-names", Choice, "rule: SDK; GO",
        "DescribeInstances knows the filters that its documentation names.";
    CvmFiltersMax10, "cvm-filters-max-10", Choice, "rule: SDK; GO",
        "DescribeInstances takes at most 10 filters of at most 5 values each.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Rule;

    #[test]
    fn no_two_rules_share_an_id() {
        let ids: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
    }

    #[test]
    fn a_sentence_ends_with_a_full_stop() {
        for rule in Rule::ALL {
            assert!(rule.sentence().ends_with('.'), "{rule}");
        }
    }
}
