//! Rules of load balancers.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, crowd, once, quic, run};

const CREATE: &str = "CreateLoadBalancer";
const DESCRIBE: &str = "DescribeLoadBalancers";
const MODIFY: &str = "ModifyLoadBalancerAttributes";
const DELETE: &str = "DeleteLoadBalancer";

const UNKNOWN: &str = "lb-99999999";

pub fn cases() -> Vec<Case> {
    [creation(), creation_details(), reading(), details(), attributes(), settings(), identity(), deletion()].concat()
}

fn public() -> Value {
    json!({"LoadBalancerType": "OPEN"})
}

fn creation() -> Vec<Case> {
    let of_public = |rule, code, wrong| case(rule, code, CREATE, public(), wrong);
    let internal = json!({"LoadBalancerType": "INTERNAL", "VpcId": "$vpc", "SubnetId": "$subnet"});
    let native = json!({
        "LoadBalancerType": "OPEN", "AddressIPVersion": "IPv6FullChain", "VpcId": "$vpc", "SubnetId": "$subnet",
    });
    vec![
        of_public(Rule::LbTypeEnum, "InvalidParameterValue", json!({"LoadBalancerType": "PUBLIC"})),
        of_public(Rule::LbForwardOnlyCurrent, "InvalidParameterValue", json!({"Forward": 0})),
        of_public(Rule::LbNameLength, "InvalidParameterValue.Length", json!({"LoadBalancerName": "n".repeat(81)})),
        case(
            Rule::LbNameLength,
            "InvalidParameterValue.Length",
            MODIFY,
            json!({"LoadBalancerId": "$lb", "LoadBalancerName": "n".repeat(80)}),
            json!({"LoadBalancerName": "n".repeat(81)}),
        ),
        of_public(Rule::LbNameCharacters, "InvalidParameterValue", json!({"LoadBalancerName": "smile 😀"})),
        case(Rule::LbInternalNeedsVpc, "MissingParameter", CREATE, internal.clone(), json!({"VpcId": null})),
        case(Rule::LbInternalNeedsSubnet, "MissingParameter", CREATE, internal.clone(), json!({"SubnetId": null})),
        case(Rule::LbIpv6FullchainNeedsSubnet, "MissingParameter", CREATE, native.clone(), json!({"SubnetId": null})),
        of_public(Rule::LbPublicIpv4RefusesSubnet, "InvalidParameter", json!({"VpcId": "$vpc", "SubnetId": "$subnet"})),
        case(
            Rule::LbVpcAndSubnetMustExist,
            "InvalidParameterValue",
            CREATE,
            internal.clone(),
            json!({"VpcId": "vpc-99999999"}),
        )
        .or(json!({"SubnetId": "subnet-99999999"}))
        .or(json!({"VpcId": "$other-vpc"})),
        of_public(Rule::LbIpVersionEnum, "InvalidParameterValue", json!({"AddressIPVersion": "IPV7"})),
        case(Rule::LbIpVersionPublicOnly, "InvalidParameter", CREATE, internal, json!({"AddressIPVersion": "IPV6"})),
        case(
            Rule::LbIpv6RefusesPassToTarget,
            "InvalidParameter",
            CREATE,
            native,
            json!({"LoadBalancerPassToTarget": true}),
        ),
    ]
}

fn creation_details() -> Vec<Case> {
    let of_public = |rule, code, wrong| case(rule, code, CREATE, public(), wrong);
    let tags = |count: usize| {
        let tag = |number| json!({"TagKey": format!("key-{number}"), "TagValue": "value"});
        json!({"LoadBalancerType": "OPEN", "Tags": (0..count).map(tag).collect::<Vec<Value>>()})
    };
    let bandwidth = |megabits: i64| json!({"InternetAccessible": {"InternetMaxBandwidthOut": megabits}});
    let lcu = |megabits: i64| {
        json!({
            "LoadBalancerType": "OPEN", "SlaType": "clb.c2.medium",
            "InternetAccessible": {"InternetMaxBandwidthOut": megabits},
        })
    };
    vec![
        case(
            Rule::LbNumberMax20,
            "InvalidParameterValue.Range",
            CREATE,
            json!({"LoadBalancerType": "OPEN", "Number": 20}),
            json!({"Number": 21}),
        )
        .or(json!({"Number": 0})),
        case(Rule::LbTagsMax20, "InvalidParameterValue.Length", CREATE, tags(20), tags(21)),
        case(
            Rule::LbClientTokenMax64,
            "InvalidParameterValue.Length",
            CREATE,
            json!({"LoadBalancerType": "OPEN", "ClientToken": "t".repeat(64)}),
            json!({"ClientToken": "t".repeat(65)}),
        ),
        of_public(Rule::LbBandwidthRangeShared, "InvalidParameterValue.Range", bandwidth(2049)).or(bandwidth(0)),
        case(Rule::LbBandwidthRangeLcu, "InvalidParameterValue.Range", CREATE, lcu(61440), lcu(61441)),
        case(
            Rule::LbSingleIspNeedsBandwidthPackage,
            "InvalidParameterValue",
            CREATE,
            json!({
                "LoadBalancerType": "OPEN", "VipIsp": "CMCC",
                "InternetAccessible": {"InternetChargeType": "BANDWIDTH_PACKAGE"},
            }),
            json!({"InternetAccessible": null}),
        )
        .says(
            "The parameter InternetAccessible.InternetChargeType must be BANDWIDTH_PACKAGE when specify parameter \
             VipIsp",
        ),
        of_public(Rule::LbSlaTypeEnum, "InvalidParameterValue", json!({"SlaType": "clb.c9.huge"})),
        of_public(Rule::LbVipNotOnNat64, "InvalidParameter", json!({"AddressIPVersion": "IPV6", "Vip": "127.0.0.9"})),
        of_public(Rule::LbVipInsideSubnet, "InvalidParameterValue", json!({"Vip": "127.0.0.9"})),
        case(Rule::LbVipMustBeFree, "FailedOperation", CREATE, public(), json!({"Vip": "$vip"})).with(
            "$vip",
            "/LoadBalancerSet/0/LoadBalancerVips/0",
            DESCRIBE,
            json!({}),
        ),
        of_public(Rule::LbVipIspEnum, "InvalidParameterValue", json!({"VipIsp": "DTAG"})),
        of_public(Rule::LbChargeKindEnum, "InvalidParameterValue", json!({"LBChargeType": "GIFT"})),
        of_public(
            Rule::LbChargeTypeEnum,
            "InvalidParameterValue",
            json!({"InternetAccessible": {"InternetChargeType": "GIFT"}}),
        ),
        of_public(Rule::LbZoneMustExist, "InvalidParameterValue", json!({"MasterZoneId": "ap-beijing-3"}))
            .or(json!({"ZoneId": "100099"}))
            .or(json!({"SlaveZoneId": "nowhere"})),
        case(
            Rule::LbZonePublicIpv4Only,
            "InvalidParameter",
            CREATE,
            json!({"LoadBalancerType": "OPEN", "AddressIPVersion": "IPV6"}),
            json!({"ZoneId": "ap-guangzhou-4"}),
        ),
        crowd(
            Rule::LbQuotaCarrier,
            "LimitExceeded",
            CREATE,
            json!({
                "LoadBalancerType": "OPEN", "VipIsp": "CTCC", "Number": 5,
                "InternetAccessible": {"InternetChargeType": "BANDWIDTH_PACKAGE"},
            }),
            3,
        ),
        crowd(
            Rule::LbQuotaPublic,
            "LimitExceeded",
            CREATE,
            json!({"LoadBalancerType": "OPEN", "Number": 20}),
            // Two are there from the start.
            4,
        ),
        crowd(
            Rule::LbQuotaInternal,
            "LimitExceeded",
            CREATE,
            json!({"LoadBalancerType": "INTERNAL", "VpcId": "$vpc", "SubnetId": "$subnet", "Number": 20}),
            10,
        ),
    ]
}

fn reading() -> Vec<Case> {
    let reads = |rule, code, passes, wrong| case(rule, code, DESCRIBE, passes, wrong);
    let ids = |count: usize| json!({"LoadBalancerIds": vec![UNKNOWN; count]});
    let filters = |count: usize, values: usize| json!({"Filters": vec![json!({"Name": "tag-key", "Values": vec!["key"; values]}); count]});
    let name = |name: &str| json!({"Filters": [{"Name": name, "Values": ["x"]}]});
    vec![
        reads(Rule::LbDescribeIdsMax20, "InvalidParameterValue.Length", ids(20), ids(21)),
        reads(Rule::LbDescribeLimitMax100, "InvalidParameterValue.Range", json!({"Limit": 100}), json!({"Limit": 101})),
        reads(Rule::LbDescribeFiltersMax10, "InvalidParameterValue.Length", filters(10, 100), filters(11, 1))
            .or(filters(1, 101)),
        reads(Rule::LbDescribeFilterNames, "InvalidParameterValue.InvalidFilter", name("tag:any key"), name("colour")),
        reads(
            Rule::LbDescribeOrder,
            "InvalidParameterValue",
            json!({"OrderBy": "LoadBalancerName", "OrderType": 0}),
            json!({"OrderBy": "Colour"}),
        )
        .or(json!({"OrderType": 2})),
    ]
}

fn details() -> Vec<Case> {
    let reads = |rule, code, passes, wrong| case(rule, code, "DescribeLoadBalancersDetail", passes, wrong);
    vec![
        reads(Rule::LbDescribeLimitMax100, "InvalidParameterValue.Range", json!({"Limit": 100}), json!({"Limit": 101})),
        reads(
            Rule::LbDetailTargetType,
            "InvalidParameter",
            json!({"Fields": ["TargetPort"], "TargetType": "NODE"}),
            json!({"TargetType": null}),
        )
        .or(json!({"TargetType": "POD"})),
        reads(
            Rule::LbDetailFields,
            "InvalidParameterValue",
            json!({"Fields": ["Status"]}),
            json!({"Fields": ["Status", "Colour"]}),
        ),
        reads(
            Rule::LbDetailFilterNames,
            "InvalidParameterValue.InvalidFilter",
            json!({"Filters": [{"Name": "tag:any key", "Values": ["x"]}]}),
            json!({"Filters": [{"Name": "colour", "Values": ["x"]}]}),
        ),
    ]
}

fn attributes() -> Vec<Case> {
    let changes = |rule, code, wrong| case(rule, code, MODIFY, json!({"LoadBalancerId": "$lb"}), wrong);
    let own = json!({"LoadBalancerId": "$lb", "TargetRegionInfo": {"Region": "ap-guangzhou", "VpcId": "$vpc"}});
    vec![
        changes(Rule::LbSwitchFlag, "InvalidParameterValue", json!({"SwitchFlag": 3})).or(json!({"SwitchFlag": 2})),
        changes(Rule::LbEndpointFormat, "InvalidParameter.FormatError", json!({"AssociateEndpoint": "vpce-X"})),
        changes(
            Rule::LbChargeTypeEnum,
            "InvalidParameterValue",
            json!({"InternetChargeInfo": {"InternetChargeType": "GIFT"}}),
        ),
        case(
            Rule::LbTargetRegionOwn,
            "UnsupportedOperation",
            MODIFY,
            own.clone(),
            json!({"TargetRegionInfo": {"Region": "ap-beijing"}}),
        )
        .or(json!({"TargetRegionInfo": {"VpcId": "$other-vpc"}})),
        case(
            Rule::ClbRegionMustExist,
            "InvalidParameter.RegionNotFound",
            MODIFY,
            own,
            json!({"TargetRegionInfo": {"Region": "ap-nowhere"}}),
        ),
    ]
}

/// What has actions of its own: specification, project, log topics.
fn settings() -> Vec<Case> {
    let sla = |id: &str, sla_type: &str| json!({"LoadBalancerSla": [{"LoadBalancerId": id, "SlaType": sla_type}]});
    let specifies = |rule, code, wrong| case(rule, code, "ModifyLoadBalancerSla", sla("$lb", "clb.c2.medium"), wrong);
    let projects = |rule, code, wrong| {
        case(
            rule,
            code,
            "ModifyLoadBalancersProject",
            json!({"LoadBalancerIds": ["$lb"], "ProjectId": 1}),
            json!({"LoadBalancerIds": wrong}),
        )
    };
    let logs = |rule, code, wrong| {
        let passes = json!({"LoadBalancerId": "$lb", "LogSetId": "set", "LogTopicId": "topic", "LogType": "HEALTH"});
        case(rule, code, "SetLoadBalancerClsLog", passes, wrong)
    };
    vec![
        specifies(Rule::LbSlaCount, "InvalidParameter", json!({"LoadBalancerSla": []})),
        specifies(Rule::LbSlaSpecification, "InvalidParameter", sla("$lb", "clb.c9.huge")).or(sla("$lb", "")),
        specifies(Rule::LbSlaNotClassic, "InvalidParameter", sla("$classic", "clb.c2.medium")),
        specifies(Rule::LbNotFoundListed, "InvalidParameter.LBIdNotFound", sla(UNKNOWN, "clb.c2.medium"))
            .says("LoadBalancer not exist"),
        projects(Rule::ProjectChangeMax20, "InvalidParameterValue.Length", json!(vec!["$lb"; 21])).or(json!({
            "LoadBalancerIds": []
        })),
        projects(Rule::LbNotFoundListed, "InvalidParameter.LBIdNotFound", json!(["$lb", UNKNOWN]))
            .says("LoadBalancer not exist"),
        logs(Rule::LbLogTypeEnum, "InvalidParameterValue", json!({"LogType": "AUDIT"})),
        logs(Rule::LbLogSetAndTopic, "InvalidParameter", json!({"LogSetId": ""})),
    ]
}

/// Who is not there, and what is no id.
fn identity() -> Vec<Case> {
    let unknown = json!({"LoadBalancerId": UNKNOWN});
    let says = |case: Case| case.says("LoadBalancer not exist");
    let listed = |action, passes, wrong| {
        says(case(Rule::LbNotFoundListed, "InvalidParameter.LBIdNotFound", action, passes, wrong))
    };
    let unlisted =
        |action, passes| says(case(Rule::LbNotFoundUnlisted, "InvalidParameter", action, passes, unknown.clone()));
    let blue = json!([{"InstanceId": "$blue", "Port": 80}]);
    vec![
        says(case(
            Rule::LbNotFound,
            "InvalidParameter.LBIdNotFound",
            "DescribeListeners",
            json!({"LoadBalancerId": "$lb"}),
            unknown.clone(),
        )),
        says(case(
            Rule::LbNotFound,
            "InvalidParameter.LBIdNotFound",
            "DescribeTargets",
            json!({"LoadBalancerId": "$lb"}),
            unknown.clone(),
        )),
        case(
            Rule::LbDeleteBatchAtomic,
            "InvalidParameter.LBIdNotFound",
            DELETE,
            json!({"LoadBalancerIds": ["$lb"]}),
            json!({"LoadBalancerIds": ["$lb", UNKNOWN]}),
        ),
        listed(MODIFY, json!({"LoadBalancerId": "$lb", "LoadBalancerName": "x"}), unknown.clone()),
        listed("SetLoadBalancerSecurityGroups", json!({"LoadBalancerId": "$lb"}), unknown.clone()),
        listed("DescribeTargetHealth", json!({"LoadBalancerIds": ["$lb"]}), json!({"LoadBalancerIds": [UNKNOWN]})),
        listed(
            "BatchRegisterTargets",
            json!({"LoadBalancerId": "$lb", "Targets": [{"ListenerId": "$listener", "EniIp": "10.0.1.5", "Port": 80}]}),
            unknown.clone(),
        ),
        unlisted("CreateListener", quic(8443)),
        unlisted("DeleteListener", json!({"LoadBalancerId": "$lb", "ListenerId": "$listener"})),
        unlisted("RegisterTargets", json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Targets": blue})),
        case(
            Rule::LbIdFormat,
            "InvalidParameter.FormatError",
            "DescribeListeners",
            json!({"LoadBalancerId": "$lb"}),
            json!({"LoadBalancerId": "lb-short"}),
        )
        .or(json!({"LoadBalancerId": "clb-12345678"}))
        .or(json!({"LoadBalancerId": ""})),
    ]
}

fn deletion() -> Vec<Case> {
    let one = json!({"LoadBalancerIds": ["$lb"]});
    let twenty: Vec<Value> = (1..=20).map(|port| json!({"InstanceId": "$blue", "Port": port})).collect();
    vec![
        case(
            Rule::LbDeleteIdsMax20,
            "InvalidParameterValue.Length",
            DELETE,
            one.clone(),
            json!({"LoadBalancerIds": vec!["$lb"; 21]}),
        ),
        once(
            Rule::LbDeleteTargetCountRisk,
            "FailedOperation.TargetNumCheckRisk",
            DELETE,
            one.clone(),
            &[("RegisterTargets", json!({"LoadBalancerId": "$lb", "ListenerId": "$listener", "Targets": twenty}))],
        ),
        once(
            Rule::LbDeleteProtection,
            "FailedOperation",
            DELETE,
            one,
            &[(MODIFY, json!({"LoadBalancerId": "$lb", "DeleteProtect": true}))],
        ),
    ]
}

#[tokio::test]
async fn cases_of_load_balancers_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
