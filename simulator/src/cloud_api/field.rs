//! The wire's names of what a request can say, for messages.

use clb_model::refusal::Field;

/// The argument's name as the API writes it, with the number of the list's entry when that is known.
pub fn name(field: Field, index: Option<usize>) -> String {
    let entry = index.map(|index| format!(".{index}")).unwrap_or_default();
    pattern(field).replace("[]", &entry)
}

/// `[]` stands where the number of an entry goes.
const fn pattern(field: Field) -> &'static str {
    match field {
        Field::Region => "Region",
        Field::Offset => "Offset",
        Field::Limit => "Limit",
        Field::OrderBy => "OrderBy",
        Field::OrderField => "OrderField, OrderDirection",
        Field::Filters => "Filters[]",
        Field::TaskId => "TaskId",
        Field::TaskIds => "TaskIds[]",
        Field::LoadBalancerId => "LoadBalancerId",
        Field::LoadBalancerIds => "LoadBalancerIds[]",
        Field::Exposure => "LoadBalancerType",
        Field::Forward => "Forward",
        Field::LoadBalancerName => "LoadBalancerName",
        Field::VpcId => "VpcId",
        Field::SubnetId => "SubnetId",
        Field::IpVersion => "AddressIPVersion",
        Field::Count => "Number",
        Field::Tags => "Tags",
        Field::ClientToken => "ClientToken",
        Field::Bandwidth => "InternetMaxBandwidthOut",
        Field::ChargeType => "InternetChargeType",
        Field::SlaType => "SlaType",
        Field::PassToTarget => "LoadBalancerPassToTarget",
        Field::Vip => "Vip",
        Field::SecurityGroups => "SecurityGroups[]",
        Field::ListenerId => "ListenerId",
        Field::ListenerIds => "ListenerIds[]",
        Field::Protocol => "Protocol",
        Field::Ports => "Ports[]",
        Field::ListenerNames => "ListenerNames[]",
        Field::ListenerName => "ListenerName",
        Field::Scheduler => "Scheduler",
        Field::MaxConnections => "MaxConn",
        Field::MaxNewConnections => "MaxCps",
        Field::SessionExpireTime => "SessionExpireTime",
        Field::SessionType => "SessionType",
        Field::EndPort => "EndPort",
        Field::FullEndPorts => "FullEndPorts",
        Field::TargetType => "TargetType",
        Field::SniSwitch => "SniSwitch",
        Field::KeepaliveEnable => "KeepaliveEnable",
        Field::H2cSwitch => "H2cSwitch",
        Field::DataCompressMode => "DataCompressMode",
        Field::DeregisterTargetRst => "DeregisterTargetRst",
        Field::Reschedule => "Reschedule*",
        Field::IdleConnectTimeout => "IdleConnectTimeout",
        Field::SslCloseSwitch => "SslCloseSwitch",
        Field::Operation => "OperationType",
        Field::Certificate => "Certificate",
        Field::OldCertificateId => "OldCertificateId",
        Field::MultiCertificate => "MultiCertInfo",
        Field::TlsMode => "Certificate.SSLMode",
        Field::VerifyClient => "Certificate.SSLVerifyClient",
        Field::ServerCertificateId => "Certificate.CertId",
        Field::ClientCaCertificateId => "Certificate.CertCaId",
        Field::HealthSwitch => "HealthCheck.HealthSwitch",
        Field::CheckType => "HealthCheck.CheckType",
        Field::CheckTimeout => "HealthCheck.TimeOut",
        Field::CheckInterval => "HealthCheck.IntervalTime",
        Field::HealthyThreshold => "HealthCheck.HealthNum",
        Field::UnhealthyThreshold => "HealthCheck.UnHealthNum",
        Field::HttpCodes => "HealthCheck.HttpCode",
        Field::HttpMethod => "HealthCheck.HttpCheckMethod",
        Field::HttpPath => "HealthCheck.HttpCheckPath",
        Field::HttpDomain => "HealthCheck.HttpCheckDomain",
        Field::HttpVersion => "HealthCheck.HttpVersion",
        Field::CheckPort => "HealthCheck.CheckPort",
        Field::CheckSource => "HealthCheck.SourceIpType",
        Field::CustomCheck => "HealthCheck.ContextType, SendContext, RecvContext",
        Field::ExtendedCode => "HealthCheck.ExtendedCode",
        Field::Targets => "Targets[]",
        Field::TargetPort => "Targets[].Port",
        Field::TargetWeight => "Targets[].Weight",
        Field::TargetInstanceId => "Targets[].InstanceId",
        Field::TargetEniIp => "Targets[].EniIp",
        Field::TargetLocation => "LocationId, Domain, Url",
        Field::NewPort => "NewPort",
        Field::WeightRules => "ModifyList",
        Field::CertificateId => "CertificateId",
        Field::CertificateIds => "CertIds",
        Field::CertificateType => "CertificateType",
        Field::CertificatePem => "CertificatePublicKey",
        Field::PrivateKey => "CertificatePrivateKey",
        Field::CertificateIdList => "CertificateIdList",
        Field::SecurityGroupId => "SecurityGroupId",
        Field::SecurityGroupName => "GroupName",
        Field::SecurityGroupDescription => "GroupDescription",
        Field::SecurityGroup => "SecurityGroup",
        Field::PolicySet => "SecurityGroupPolicySet",
        Field::PolicyVersion => "SecurityGroupPolicySet.Version",
        Field::Ingress => "SecurityGroupPolicySet.Ingress[]",
        Field::Egress => "SecurityGroupPolicySet.Egress[]",
        Field::PolicyIndex => "PolicyIndex of rule[]",
        Field::PolicyProtocol => "Protocol of rule[]",
        Field::PolicyPort => "Port of rule[]",
        Field::PolicyPeer => "CidrBlock, Ipv6CidrBlock, SecurityGroupId of rule[]",
        Field::PolicyAction => "Action of rule[]",
        Field::PolicyDescription => "PolicyDescription of rule[]",
        Field::VpcName => "VpcName",
        Field::SubnetName => "SubnetName",
        Field::CidrBlock => "CidrBlock",
        Field::DnsServers => "DnsServers[]",
        Field::EnableMulticast => "EnableMulticast",
        Field::EnableBroadcast => "EnableBroadcast",
        Field::Zone => "Zone",
        Field::RouteTableId => "RouteTableId",
        Field::ProjectId => "ProjectId",
        Field::AddressIds => "AddressIds[]",
        Field::NetworkIds => "Ids",
        Field::InstanceIds => "InstanceIds",
        Field::ResourceIds => "ResourceIds",
        Field::ResourceList => "ResourceList",
        Field::Resource => "Resource",
        Field::Category => "Category",
    }
}

#[cfg(test)]
mod tests {
    use clb_model::refusal::Field;

    use super::name;

    #[test]
    fn entries_of_lists_are_numbered_when_they_are_known() {
        assert_eq!(name(Field::TargetPort, Some(2)), "Targets.2.Port");
        assert_eq!(name(Field::TargetPort, None), "Targets.Port");
        assert_eq!(name(Field::CheckTimeout, None), "HealthCheck.TimeOut");
    }
}
