//! Rules of networks and instances.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, crowd, once, run};

const VALUE: &str = "InvalidParameterValue";
const MALFORMED: &str = "InvalidParameterValue.Malformed";
const TOO_LONG: &str = "InvalidParameterValue.TooLong";

pub fn cases() -> Vec<Case> {
    [vpcs(), new_vpcs(), assistants(), subnets(), kept(), addresses(), instances()].concat()
}

fn new_vpcs() -> Vec<Case> {
    let create = "vpc/CreateVpc";
    let vpc = json!({"VpcName": "a VPC", "CidrBlock": "10.2.0.0/16"});
    let of_vpc = |rule, code, wrong| case(rule, code, create, vpc.clone(), wrong);
    let tag = json!({"Key": "team", "Value": "game"});
    vec![
        of_vpc(Rule::VpcNameMax60Bytes, TOO_LONG, json!({"VpcName": "名".repeat(21)})),
        of_vpc(Rule::VpcCidrRange, MALFORMED, json!({"CidrBlock": "10.16.0.0/16"}))
            .or(json!({"CidrBlock": "10.0.0.0/29"})),
        of_vpc(Rule::VpcCidrRequired, "MissingParameter", json!({"CidrBlock": null})),
        of_vpc(Rule::NetworkCidrFormat, MALFORMED, json!({"CidrBlock": "10.2.0.1/16"})).or(json!({"CidrBlock": "ten"})),
        of_vpc(Rule::NetworkSwitchWords, VALUE, json!({"EnableMulticast": "on"})),
        of_vpc(
            Rule::VpcDnsServersMax4,
            "InvalidParameterValue.LimitExceeded",
            json!({"DnsServers": vec!["1.1.1.1"; 5]}),
        ),
        of_vpc(Rule::VpcDnsServerFormat, MALFORMED, json!({"DnsServers": ["1.1.1.1", "one"]})),
        of_vpc(Rule::TagDuplicateKey, "InvalidParameterValue.TagDuplicateKey", json!({"Tags": [tag, tag]})),
        crowd(Rule::VpcQuota, "LimitExceeded", create, vpc.clone(), 18),
        case(
            Rule::VpcMustExist,
            "ResourceNotFound",
            "vpc/ModifyVpcAttribute",
            json!({"VpcId": "$new-vpc", "VpcName": "other"}),
            json!({"VpcId": "vpc-99999999"}),
        ),
    ]
}

fn assistants() -> Vec<Case> {
    let modify = "vpc/ModifyAssistantCidr";
    let add = |cidr: &str| json!({"VpcId": "$vpc", "NewCidrBlocks": [cidr]});
    let eleven: Vec<String> = (16..27).map(|number| format!("172.{number}.0.0/16")).collect();
    let subnet = json!({
        "VpcId": "$vpc", "SubnetName": "inside", "CidrBlock": "172.16.1.0/24", "Zone": "ap-guangzhou-3",
    });
    vec![
        case(
            Rule::AssistantCidrNoOverlap,
            "InvalidParameterValue.SubnetOverlap",
            modify,
            add("172.16.0.0/16"),
            add("10.0.0.0/16"),
        ),
        case(
            Rule::AssistantCidrNotFound,
            "ResourceNotFound",
            modify,
            add("172.16.0.0/16"),
            json!({"OldCidrBlocks": ["172.17.0.0/16"]}),
        ),
        case(
            Rule::AssistantCidrQuota,
            "LimitExceeded",
            modify,
            json!({"VpcId": "$vpc", "NewCidrBlocks": eleven[..10]}),
            json!({"NewCidrBlocks": eleven}),
        ),
        once(
            Rule::AssistantCidrInUse,
            "ResourceInUse",
            modify,
            json!({"VpcId": "$vpc", "OldCidrBlocks": ["172.16.0.0/16"]}),
            &[("vpc/CreateSubnet", subnet)],
        )
        .after(modify, add("172.16.0.0/16")),
    ]
}

fn subnets() -> Vec<Case> {
    let create = "vpc/CreateSubnet";
    let subnet = json!({
        "VpcId": "$new-vpc", "SubnetName": "a subnet", "CidrBlock": "172.16.2.0/24", "Zone": "ap-guangzhou-3",
    });
    let of_subnet = |rule, code, wrong| case(rule, code, create, subnet.clone(), wrong);
    vec![
        of_subnet(Rule::VpcMustExist, "ResourceNotFound", json!({"VpcId": "vpc-99999999"})),
        of_subnet(Rule::SubnetNameMax60Bytes, TOO_LONG, json!({"SubnetName": "a".repeat(61)})),
        of_subnet(Rule::SubnetInsideVpc, "InvalidParameterValue.SubnetRange", json!({"CidrBlock": "172.17.0.0/24"}))
            .or(json!({"CidrBlock": "172.16.2.0/29"})),
        of_subnet(
            Rule::SubnetNoOverlap,
            "InvalidParameterValue.SubnetConflict",
            json!({"CidrBlock": "172.16.1.128/25"}),
        )
        .given("$new-subnet"),
        of_subnet(Rule::SubnetZoneMustFit, "InvalidParameterValue.ZoneConflict", json!({"Zone": "ap-beijing-3"})),
        case(
            Rule::NetworkSwitchWords,
            VALUE,
            "vpc/ModifySubnetAttribute",
            json!({"SubnetId": "$new-subnet", "EnableBroadcast": "true"}),
            json!({"EnableBroadcast": "yes"}),
        ),
        case(
            Rule::RouteTableNotFound,
            "ResourceNotFound",
            "vpc/ReplaceRouteTableAssociation",
            json!({"SubnetId": "$subnet", "RouteTableId": "rtb-demo0001"}),
            json!({"RouteTableId": "rtb-99999999"}),
        ),
    ]
}

fn kept() -> Vec<Case> {
    let internal = json!({"LoadBalancerType": "INTERNAL", "VpcId": "$new-vpc", "SubnetId": "$new-subnet"});
    vec![
        once(
            Rule::VpcInUse,
            "ResourceInUse",
            "vpc/DeleteVpc",
            json!({"VpcId": "$new-vpc"}),
            &[("CreateLoadBalancer", json!({"LoadBalancerType": "OPEN", "VpcId": "$new-vpc"}))],
        ),
        once(
            Rule::SubnetInUse,
            "ResourceInUse",
            "vpc/DeleteSubnet",
            json!({"SubnetId": "$new-subnet"}),
            &[("CreateLoadBalancer", internal)],
        ),
        case(
            Rule::VpcNotFound,
            "ResourceNotFound",
            "vpc/DeleteVpc",
            json!({"VpcId": "$new-vpc"}),
            json!({"VpcId": "vpc-99999999"}),
        ),
        case(
            Rule::VpcNotFound,
            "ResourceNotFound",
            "vpc/DeleteSubnet",
            json!({"SubnetId": "$new-subnet"}),
            json!({"SubnetId": "subnet-99999999"}),
        ),
    ]
}

fn addresses() -> Vec<Case> {
    let read = "vpc/DescribeAddresses";
    let ids = |ids: &[&str]| json!({"AddressIds": ids});
    let filters = |filters: &[(&str, usize)]| -> Value {
        let filter = |(name, values): &(&str, usize)| json!({"Name": name, "Values": vec!["x"; *values]});
        json!({"Filters": filters.iter().map(filter).collect::<Vec<Value>>()})
    };
    vec![
        case(
            Rule::AddressFilterNames,
            "InvalidParameter.InvalidFilter",
            read,
            filters(&[("instance-id", 1)]),
            filters(&[("colour", 1)]),
        ),
        case(
            Rule::AddressFiltersMax10,
            "LimitExceeded.NumberOfFilters",
            read,
            filters(&[("instance-id", 100); 10]),
            filters(&[("instance-id", 1); 11]),
        )
        .or(filters(&[("instance-id", 101)])),
        case(
            Rule::AddressLimitMax100,
            "InvalidParameterValue.LimitExceeded",
            read,
            json!({"Limit": 100}),
            json!({"Limit": 101}),
        )
        .or(ids(&["eip-12345678"; 101])),
        case(
            Rule::AddressIdFormat,
            "InvalidParameterValue.AddressIdMalformed",
            read,
            ids(&["eip-12345678"]),
            ids(&["address"]),
        ),
    ]
}

fn vpcs() -> Vec<Case> {
    let read = "vpc/DescribeVpcs";
    let ids = |count: usize| json!({"VpcIds": vec!["$vpc"; count]});
    let filter = |name: &str| json!({"Filters": [{"Name": name, "Values": ["x"]}]});
    vec![
        case(Rule::VpcIdsAndFiltersExclusive, "InvalidParameter.Coexist", read, ids(1), filter("vpc-name")),
        case(
            Rule::VpcPagingStrings,
            "InvalidParameterValue.Range",
            read,
            json!({"Limit": "100", "Offset": "0"}),
            json!({"Limit": "101"}),
        )
        .or(json!({"Limit": "many"})),
        case(Rule::VpcDescribeIdsMax100, "InvalidParameterValue.LimitExceeded", read, ids(100), ids(101)),
        case(Rule::VpcFilterNames, "InvalidParameter.FilterInvalidKey", read, filter("vpc-name"), filter("colour")),
    ]
}

fn instances() -> Vec<Case> {
    let read = "cvm/DescribeInstances";
    let ids = |ids: &[&str]| json!({"InstanceIds": ids});
    let filter = |name: &str| -> Value { json!({"Filters": [{"Name": name, "Values": ["x"]}]}) };
    vec![
        case(Rule::CvmIdsAndFiltersExclusive, "InvalidParameter", read, ids(&["$blue"]), filter("instance-name")),
        case(
            Rule::CvmDescribeMax100,
            "InvalidParameterValue.LimitExceeded",
            read,
            json!({"Limit": 100}),
            json!({"Limit": 101}),
        )
        .or(json!({"InstanceIds": vec!["ins-12345678"; 101]})),
        case(Rule::CvmIdFormat, "InvalidInstanceId.Malformed", read, ids(&["ins-12345678"]), ids(&["blue"])),
        case(
            Rule::CvmFiltersMax10,
            "InvalidFilterValue.LimitExceeded",
            read,
            json!({"Filters": vec![json!({"Name": "zone", "Values": ["a", "b", "c", "d", "e"]}); 10]}),
            json!({"Filters": vec![json!({"Name": "zone", "Values": ["a"]}); 11]}),
        )
        .or(json!({"Filters": [{"Name": "zone", "Values": ["a", "b", "c", "d", "e", "f"]}]})),
        case(Rule::CvmFilterNames, "InvalidFilter", read, filter("instance-name"), filter("colour")),
    ]
}

#[tokio::test]
async fn cases_of_networks_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
