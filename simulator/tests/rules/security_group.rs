//! Rules of security groups, and of those that load balancers have.

use clb_model::rules::Rule;
use serde_json::{Value, json};

use crate::case::{Case, case, crowd, once, run};

const SET: &str = "SetLoadBalancerSecurityGroups";
const SET_FOR: &str = "SetSecurityGroupForLoadbalancers";
const VALUE: &str = "InvalidParameterValue";
const LENGTH: &str = "InvalidParameterValue.Length";
const MALFORMED: &str = "InvalidParameterValue.Malformed";
const TOO_LONG: &str = "InvalidParameterValue.TooLong";
const COEXIST: &str = "InvalidParameter.Coexist";
const ADD: &str = "vpc/CreateSecurityGroupPolicies";

pub fn cases() -> Vec<Case> {
    [bound(), groups(), one_rule(), rule_sets()].concat()
}

fn bound() -> Vec<Case> {
    let set = json!({"LoadBalancerId": "$lb", "SecurityGroups": ["$seed-group"]});
    let set_for = json!({"SecurityGroup": "$seed-group", "OperationType": "ADD", "LoadBalancerIds": ["$lb"]});
    let of_set = |rule, code, wrong| case(rule, code, SET, set.clone(), wrong);
    let of_set_for = |rule, code, wrong| case(rule, code, SET_FOR, set_for.clone(), wrong);
    vec![
        of_set(Rule::LbSgMustExist, VALUE, json!({"SecurityGroups": ["$seed-group", "sg-99999999"]})),
        of_set(Rule::LbSgArrayMax50, LENGTH, json!({"SecurityGroups": vec!["$seed-group"; 51]})),
        of_set_for(Rule::LbSgMustExist, VALUE, json!({"SecurityGroup": "sg-99999999"})),
        of_set_for(Rule::LbSgOperationEnum, VALUE, json!({"OperationType": "SET"})),
        of_set_for(Rule::LbSgForLbsMax20, LENGTH, json!({"LoadBalancerIds": vec!["$lb"; 21]})),
        of_set_for(
            Rule::LbNotFoundListed,
            "InvalidParameter.LBIdNotFound",
            json!({"LoadBalancerIds": ["$lb", "lb-99999999"]}),
        )
        .says("LoadBalancer not exist"),
    ]
}

fn groups() -> Vec<Case> {
    let create = "vpc/CreateSecurityGroup";
    let group = json!({"GroupName": "a group", "GroupDescription": "of a test", "ProjectId": "7"});
    let of_group = |rule, code, wrong| case(rule, code, create, group.clone(), wrong);
    let known = |action, rest: Value| {
        let passes = crate::case::merged(&json!({"SecurityGroupId": "$group"}), &rest);
        case(Rule::SecurityGroupNotFound, "ResourceNotFound", action, passes, json!({"SecurityGroupId": "sg-99999999"}))
            .says("There is no such security group")
    };
    vec![
        of_group(Rule::SecurityGroupNameMax60, TOO_LONG, json!({"GroupName": "a".repeat(61)})),
        of_group(Rule::SecurityGroupDescriptionMax100, TOO_LONG, json!({"GroupDescription": "a".repeat(101)})),
        of_group(Rule::SecurityGroupProjectNumber, MALFORMED, json!({"ProjectId": "seven"})),
        crowd(Rule::SecurityGroupQuota, "LimitExceeded", create, group.clone(), 49),
        case(
            Rule::SecurityGroupNotFound,
            "ResourceNotFound",
            "vpc/DescribeSecurityGroups",
            json!({"SecurityGroupIds": ["$seed-group"]}),
            json!({"SecurityGroupIds": ["sg-99999999"]}),
        )
        .says("There is no such security group"),
        known("vpc/DeleteSecurityGroup", json!({})),
        known("vpc/ModifySecurityGroupAttribute", json!({"GroupName": "other"})),
        known("vpc/DescribeSecurityGroupPolicies", json!({})),
        known(ADD, ingress(&[udp("1")])),
        case(
            Rule::SecurityGroupOrder,
            MALFORMED,
            "vpc/DescribeSecurityGroups",
            json!({"OrderField": "UpdateTime", "OrderDirection": "DESC"}),
            json!({"OrderField": "Name"}),
        )
        .or(json!({"OrderDirection": "DOWN"})),
        once(
            Rule::SecurityGroupInUse,
            "ResourceInUse",
            "vpc/DeleteSecurityGroup",
            json!({"SecurityGroupId": "$group"}),
            &[(SET, json!({"LoadBalancerId": "$lb", "SecurityGroups": ["$group"]}))],
        ),
    ]
}

/// A rule that lets in UDP from anywhere.
fn udp(port: &str) -> Value {
    json!({"Protocol": "UDP", "Port": port, "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT"})
}

fn ingress(rules: &[Value]) -> Value {
    json!({"SecurityGroupPolicySet": {"Ingress": rules}})
}

/// The rule with something else in it.
fn but(wrong: Value) -> Value {
    ingress(&[crate::case::merged(&udp("1"), &wrong)])
}

fn one_rule() -> Vec<Case> {
    let passes = crate::case::merged(&json!({"SecurityGroupId": "$group"}), &ingress(&[udp("1")]));
    let of_rule = |rule, code, wrong| case(rule, code, ADD, passes.clone(), but(wrong));
    vec![
        of_rule(Rule::SecurityGroupRuleProtocol, MALFORMED, json!({"Protocol": "SCTP"})),
        of_rule(Rule::SecurityGroupRulePortFormat, MALFORMED, json!({"Port": "90-80"}))
            .or(but(json!({"Protocol": "ICMP"}))),
        of_rule(Rule::SecurityGroupRuleAction, MALFORMED, json!({"Action": "REJECT"})),
        of_rule(Rule::SecurityGroupRuleAddressFormat, MALFORMED, json!({"CidrBlock": "10.0.0.0/33"})),
        of_rule(Rule::SecurityGroupRuleOneSource, COEXIST, json!({"Ipv6CidrBlock": "::/0"}))
            .or(but(json!({"CidrBlock": null}))),
        of_rule(
            Rule::SecurityGroupRuleNoIcmpForIpv6,
            COEXIST,
            json!({"Protocol": "ICMP", "Port": "all", "CidrBlock": null, "Ipv6CidrBlock": "::/0"}),
        ),
        of_rule(Rule::SecurityGroupRuleDescriptionMax100, TOO_LONG, json!({"PolicyDescription": "a".repeat(101)})),
        of_rule(
            Rule::SecurityGroupNotFound,
            "ResourceNotFound",
            json!({"CidrBlock": null, "SecurityGroupId": "sg-99999999"}),
        )
        .says("There is no such security group"),
    ]
}

fn rule_sets() -> Vec<Case> {
    let of_group = |set: Value| crate::case::merged(&json!({"SecurityGroupId": "$group"}), &set);
    let passes = of_group(ingress(&[udp("1")]));
    let of_set = |rule, code, wrong| case(rule, code, ADD, passes.clone(), wrong);
    let at = |index: i64| crate::case::merged(&udp("1"), &json!({"PolicyIndex": index}));
    let many: Vec<Value> = (1..=101).map(|port: u16| udp(&port.to_string())).collect();
    vec![
        of_set(
            Rule::SecurityGroupOneDirectionPerCall,
            COEXIST,
            json!({"SecurityGroupPolicySet": {"Egress": [udp("1")]}}),
        ),
        of_set(Rule::SecurityGroupRulesNotEmpty, "InvalidParameterValue.Empty", ingress(&[])),
        of_set(
            Rule::SecurityGroupVersionCurrent,
            "UnsupportedOperation.VersionMismatch",
            json!({"SecurityGroupPolicySet": {"Version": "7"}}),
        ),
        of_set(Rule::SecurityGroupVersionNumber, MALFORMED, json!({"SecurityGroupPolicySet": {"Version": "new"}})),
        of_set(Rule::SecurityGroupRuleIndex, "InvalidParameterValue.Range", ingress(&[at(1)])),
        case(
            Rule::SecurityGroupRuleSameIndex,
            "InvalidParameter",
            ADD,
            of_group(ingress(&[at(0)])),
            ingress(&[at(0), crate::case::merged(&at(1), &json!({"Port": "2"}))]),
        ),
        of_set(
            Rule::SecurityGroupRuleDuplicate,
            "UnsupportedOperation.DuplicatePolicy",
            ingress(&[udp("1"), udp("1")]),
        ),
        case(
            Rule::SecurityGroupRuleDuplicate,
            "UnsupportedOperation.DuplicatePolicy",
            "vpc/ModifySecurityGroupPolicies",
            passes.clone(),
            ingress(&[udp("1"), udp("1")]),
        ),
        case(
            Rule::SecurityGroupRuleQuota,
            "LimitExceeded.SecurityGroupPolicySet",
            ADD,
            of_group(ingress(&many[..100])),
            ingress(&many),
        ),
        case(
            Rule::SecurityGroupRuleNotFound,
            "ResourceNotFound",
            "vpc/DeleteSecurityGroupPolicies",
            passes.clone(),
            ingress(&[udp("2")]),
        )
        .after(ADD, passes.clone()),
        case(
            Rule::SecurityGroupRuleIndex,
            "InvalidParameterValue.Range",
            "vpc/ReplaceSecurityGroupPolicies",
            of_group(ingress(&[at(0)])),
            ingress(&[at(1)]),
        )
        .after(ADD, passes.clone()),
    ]
}

#[tokio::test]
async fn cases_of_security_groups_are_refused_and_their_neighbours_pass() {
    run(cases()).await;
}
