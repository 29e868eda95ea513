"""Security groups, their rules, and the load balancers that they guard."""

from .cloud import Claims, clb, vpc, wait

QUIC = {"Protocol": "UDP", "Port": "8443", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT", "PolicyDescription": "QUIC"}


class Groups(Claims):
    def group(self, **fields):
        fields = {"GroupName": "web", "GroupDescription": "made by the SDK", **fields}
        created = vpc.CreateSecurityGroup(**fields).SecurityGroup
        self.addCleanup(self.delete_group, created.SecurityGroupId)
        return created

    def delete_group(self, group_id):
        found = vpc.DescribeSecurityGroups(Filters=[{"Name": "security-group-id", "Values": [group_id]}])
        if found.TotalCount:
            vpc.DeleteSecurityGroup(SecurityGroupId=group_id)

    def rules(self, group_id):
        return vpc.DescribeSecurityGroupPolicies(SecurityGroupId=group_id).SecurityGroupPolicySet


class SecurityGroups(Groups):
    def test_the_open_group_of_the_seed_is_there(self):
        (found,) = vpc.DescribeSecurityGroups(SecurityGroupIds=["sg-demo0001"], Limit="1", Offset="0").SecurityGroupSet
        self.assertEqual((found.SecurityGroupName, found.ProjectId), ("open", "0"))

    def test_a_group_is_created_shown_changed_and_deleted(self):
        created = self.group(Tags=[{"Key": "team", "Value": "video"}])
        self.assertRegex(created.SecurityGroupId, "^sg-[a-z0-9]{8}$")
        self.assertEqual(created.ProjectId, "0")
        self.assertIs(created.IsDefault, False)

        vpc.ModifySecurityGroupAttribute(SecurityGroupId=created.SecurityGroupId, GroupName="renamed")
        (found,) = vpc.DescribeSecurityGroups(SecurityGroupIds=[created.SecurityGroupId]).SecurityGroupSet
        self.assertEqual((found.SecurityGroupName, found.SecurityGroupDesc), ("renamed", "made by the SDK"))
        self.assertEqual([(tag.Key, tag.Value) for tag in found.TagSet], [("team", "video")])

        vpc.DeleteSecurityGroup(SecurityGroupId=created.SecurityGroupId)
        self.refused(
            "ResourceNotFound", "", vpc.DeleteSecurityGroup, SecurityGroupId=created.SecurityGroupId
        )

    def test_a_name_that_is_too_long_is_refused(self):
        self.refused(
            "InvalidParameterValue.TooLong", "GroupName", vpc.CreateSecurityGroup, GroupName="x" * 61, GroupDescription=""
        )

    def test_a_group_in_use_is_counted_and_cannot_be_deleted(self):
        group_id = self.group().SecurityGroupId
        load_balancer_id = self.load_balancer()
        wait(clb.SetLoadBalancerSecurityGroups(LoadBalancerId=load_balancer_id, SecurityGroups=[group_id]))
        statistics = vpc.DescribeSecurityGroupAssociationStatistics(SecurityGroupIds=[group_id])
        (count,) = statistics.SecurityGroupAssociationStatisticsSet
        self.assertEqual((count.SecurityGroupId, count.CLB, count.CVM, count.SG), (group_id, 1, 0, 0))
        self.refused("ResourceInUse", "", vpc.DeleteSecurityGroup, SecurityGroupId=group_id)
        wait(clb.SetLoadBalancerSecurityGroups(LoadBalancerId=load_balancer_id, SecurityGroups=[]))


class Rules(Groups):
    def test_a_new_group_has_no_rule(self):
        rules = self.rules(self.group().SecurityGroupId)
        self.assertEqual((rules.Ingress, rules.Egress), ([], []))

    def test_a_group_can_be_created_with_rules(self):
        created = vpc.CreateSecurityGroupWithPolicies(
            GroupName="web", GroupDescription="with rules", SecurityGroupPolicySet={"Ingress": [QUIC]}
        ).SecurityGroup
        self.addCleanup(self.delete_group, created.SecurityGroupId)
        (rule,) = self.rules(created.SecurityGroupId).Ingress
        self.assertEqual((rule.Protocol.upper(), rule.Port, rule.CidrBlock), ("UDP", "8443", "0.0.0.0/0"))
        self.assertEqual((rule.Action.upper(), rule.PolicyIndex), ("ACCEPT", 0))
        self.assertEqual(rule.PolicyDescription, "QUIC")

    def test_rules_are_added_replaced_and_deleted(self):
        group_id = self.group().SecurityGroupId
        vpc.CreateSecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet={"Ingress": [QUIC]})
        https = {**QUIC, "Protocol": "TCP", "Port": "443", "PolicyIndex": 0, "PolicyDescription": "HTTPS"}
        vpc.CreateSecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet={"Ingress": [https]})
        self.assertEqual([rule.Port for rule in self.rules(group_id).Ingress], ["443", "8443"])

        other = {**QUIC, "PolicyIndex": 1, "Port": "9443"}
        vpc.ReplaceSecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet={"Ingress": [other]})
        self.assertEqual([rule.Port for rule in self.rules(group_id).Ingress], ["443", "9443"])

        gone = {"Ingress": [{"PolicyIndex": 0}]}
        vpc.DeleteSecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet=gone)
        self.assertEqual([rule.Port for rule in self.rules(group_id).Ingress], ["9443"])

    def test_all_rules_are_set_at_once_and_cleared_by_version_zero(self):
        group_id = self.group().SecurityGroupId
        both = {"Ingress": [QUIC], "Egress": [{**QUIC, "Protocol": "ALL", "Port": "ALL"}]}
        vpc.ModifySecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet=both)
        rules = self.rules(group_id)
        self.assertEqual((len(rules.Ingress), len(rules.Egress)), (1, 1))
        self.assertRegex(rules.Version, "^[0-9]+$")
        vpc.ModifySecurityGroupPolicies(SecurityGroupId=group_id, SecurityGroupPolicySet={"Version": "0"})
        self.assertEqual((self.rules(group_id).Ingress, self.rules(group_id).Egress), ([], []))

    def test_a_stale_version_and_both_directions_are_refused(self):
        group_id = self.group().SecurityGroupId
        add = vpc.CreateSecurityGroupPolicies
        stale = {"Version": "99", "Ingress": [QUIC]}
        self.refused(
            "UnsupportedOperation.VersionMismatch", "", add, SecurityGroupId=group_id, SecurityGroupPolicySet=stale
        )
        both = {"Ingress": [QUIC], "Egress": [QUIC]}
        self.refused("InvalidParameter.Coexist", "", add, SecurityGroupId=group_id, SecurityGroupPolicySet=both)


class OfLoadBalancers(Groups):
    def groups_of(self, load_balancer_id):
        (found,) = clb.DescribeLoadBalancers(LoadBalancerIds=[load_balancer_id]).LoadBalancerSet
        return found.SecureGroups

    def test_the_groups_of_a_load_balancer_are_replaced_and_unbound(self):
        load_balancer_id = self.load_balancer()
        wait(clb.SetLoadBalancerSecurityGroups(LoadBalancerId=load_balancer_id, SecurityGroups=["sg-demo0001"]))
        self.assertEqual(self.groups_of(load_balancer_id), ["sg-demo0001"])
        wait(clb.SetLoadBalancerSecurityGroups(LoadBalancerId=load_balancer_id))
        self.assertEqual(self.groups_of(load_balancer_id), [])
        unknown = {"LoadBalancerId": load_balancer_id, "SecurityGroups": ["sg-nowhere0"]}
        self.refused("InvalidParameterValue", "sg-nowhere0", clb.SetLoadBalancerSecurityGroups, **unknown)

    def test_a_group_is_added_to_several_load_balancers_and_taken_away(self):
        ids = [self.load_balancer(), self.load_balancer()]
        for operation, expected in ("ADD", ["sg-demo0001"]), ("DEL", []):
            clb.SetSecurityGroupForLoadbalancers(
                SecurityGroup="sg-demo0001", OperationType=operation, LoadBalancerIds=ids
            )
            for load_balancer_id in ids:
                self.assertEqual(self.groups_of(load_balancer_id), expected)
        wrong = {"SecurityGroup": "sg-demo0001", "OperationType": "SET", "LoadBalancerIds": ids}
        self.refused("InvalidParameterValue", "OperationType", clb.SetSecurityGroupForLoadbalancers, **wrong)
