"""Everything a user does in a first hour: create, list, change, delete."""

import json
import unittest

from .shell import Session, tccli


class Journey(Session):
    def test_a_load_balancer_from_creation_to_deletion(self):
        created = self.run_well(
            "clb", "CreateLoadBalancer", "--LoadBalancerType", "OPEN", "--VpcId", "vpc-demo0001",
            "--InternetAccessible", '{"InternetMaxBandwidthOut": 20}',
        )  # fmt: skip
        made = created["LoadBalancerIds"][0]
        task = self.run_well("clb", "DescribeTaskStatus", "--TaskId", created["RequestId"])
        self.assertEqual((task["Status"], task["LoadBalancerIds"]), (0, [made]))

        one = ("--LoadBalancerIds", json.dumps([made]))
        self.run_well("clb", "ModifyLoadBalancerAttributes", "--LoadBalancerId", made, "--LoadBalancerName", "shop")
        (shown,) = self.run_well("clb", "DescribeLoadBalancers", *one)["LoadBalancerSet"]
        self.assertEqual((shown["LoadBalancerName"], shown["LoadBalancerType"]), ("shop", "OPEN"))
        self.assertEqual(shown["NetworkAttributes"]["InternetMaxBandwidthOut"], 20)

        bind = ("clb", "SetLoadBalancerSecurityGroups", "--LoadBalancerId", made, "--SecurityGroups")
        self.run_well(*bind, '["sg-demo0001"]')
        groups = self.run_well("clb", "DescribeLoadBalancers", *one, "--filter", "LoadBalancerSet[0].SecureGroups")
        self.assertEqual(groups, ["sg-demo0001"])
        self.refused("InvalidParameterValue", "sg-unknown0", *bind, '["sg-unknown0"]')

        self.run_well("clb", "DeleteLoadBalancer", *one)
        self.assertEqual(self.run_well("clb", "DescribeLoadBalancers", *one)["TotalCount"], 0)

    def test_a_certificate_from_upload_to_deletion(self):
        made = self.certificate()
        self.run_well("ssl", "ModifyCertificateAlias", "--CertificateId", made, "--Alias", "shop")
        found = self.run_well("ssl", "DescribeCertificates", "--filter", "Certificates[].[CertificateId, Alias]")
        self.assertIn([made, "shop"], found)
        self.assertIs(self.run_well("ssl", "DeleteCertificate", "--CertificateId", made)["DeleteResult"], True)
        self.refused(
            "FailedOperation.CertificateNotFound", made, "ssl", "DescribeCertificateDetail", "--CertificateId", made
        )

    def test_a_listener_and_its_targets_from_creation_to_deletion(self):
        balancer, certificate = self.load_balancer(), self.certificate()
        listener = self.unfolded(
            "clb", "CreateListener", "--LoadBalancerId", balancer, "--Ports", "8443", "--Protocol", "QUIC",
            "--ListenerNames", "shop", "--Certificate.SSLMode", "UNIDIRECTIONAL", "--Certificate.CertId", certificate,
        )["ListenerIds"][0]  # fmt: skip
        place = ("--LoadBalancerId", balancer, "--ListenerId", listener)
        self.run_well("clb", "ModifyListener", *place, "--Scheduler", "LEAST_CONN")
        (shown,) = self.run_well("clb", "DescribeListeners", "--LoadBalancerId", balancer)["Listeners"]
        self.assertEqual((shown["ListenerName"], shown["Protocol"], shown["Port"]), ("shop", "QUIC", 8443))
        self.assertEqual((shown["Scheduler"], shown["Certificate"]["CertId"]), ("LEAST_CONN", certificate))

        blue = ("--Targets.0.InstanceId", "ins-demoblue", "--Targets.0.Port", "8080")
        self.unfolded("clb", "RegisterTargets", *place, *blue)
        self.unfolded("clb", "ModifyTargetWeight", *place, *blue, "--Weight", "30")
        query = "Listeners[].Targets[].[InstanceId, PrivateIpAddresses[0], Port, Weight]"
        targets = ("clb", "DescribeTargets", "--LoadBalancerId", balancer, "--filter", query)
        self.assertEqual(self.run_well(*targets), [["ins-demoblue", "10.0.1.5", 8080, 30]])
        self.unfolded("clb", "DeregisterTargets", *place, *blue)
        self.assertEqual(self.run_well(*targets), [])

        self.run_well("clb", "DeleteListener", *place)
        self.assertEqual(self.run_well("clb", "DescribeListeners", "--LoadBalancerId", balancer)["TotalCount"], 0)

    def test_what_is_around_a_load_balancer_is_listed(self):
        for words, query, expected in (
            (("vpc", "DescribeVpcs"), "VpcSet[?IsDefault].VpcId", ["vpc-demo0001"]),
            (("vpc", "DescribeSecurityGroups"), "SecurityGroupSet[0].SecurityGroupName", "open"),
            (("cvm", "DescribeInstances"), "sort(InstanceSet[].InstanceName)", ["blue", "far", "green"]),
        ):
            self.assertEqual(self.run_well(*words, "--filter", query), expected)

    def test_a_list_can_be_a_table(self):
        rows = "LoadBalancerSet[].{id: LoadBalancerId, name: LoadBalancerName}"
        code, said = tccli("clb", "DescribeLoadBalancers", "--output", "table", "--filter", rows)
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"lb-classic0 *\|.*classic")


if __name__ == "__main__":
    unittest.main(verbosity=2)
