"""What a user reads after a mistake."""

import json
import unittest

from .shell import Session, tccli


class Mistakes(Session):
    @classmethod
    def setUpClass(cls):
        cls.balancer, cls.certificate_id = cls.load_balancer(), cls.certificate()
        tls = ("--Certificate.SSLMode", "UNIDIRECTIONAL", "--Certificate.CertId", cls.certificate_id)
        cls.create = (
            "clb", "CreateListener", "--cli-unfold-argument", "--LoadBalancerId", cls.balancer, "--Protocol", "QUIC",
        )  # fmt: skip
        cls.tls = tls
        cls.listener = cls.run_well(*cls.create, "--Ports", "8443", *tls)["ListenerIds"][0]
        cls.place = ("--LoadBalancerId", cls.balancer, "--ListenerId", cls.listener)

    def test_a_missing_argument(self):
        code, said = tccli("clb", "CreateLoadBalancer")  # tccli finds it by itself
        self.assertEqual(code, 252, said)
        self.assertIn("the following arguments are required: --LoadBalancerType", said)
        no_port = ("clb", "RegisterTargets", *self.place, "--Targets", '[{"InstanceId": "ins-demoblue"}]')
        self.refused("MissingParameter", "The request is missing a required parameter `Targets.0.Port`", *no_port)
        self.refused("MissingParameter", "A QUIC listener needs a server certificate", *self.create, "--Ports", "8444")

    def test_a_bad_port(self):
        self.refused("InvalidParameterValue", "Ports.0: A listener port is 1 to 65535", *self.create, "--Ports", "70000", *self.tls)

    def test_a_taken_port(self):
        self.refused("InvalidParameter.PortCheckFailed", "8443", *self.create, "--Ports", "8443", *self.tls)

    def test_one_value_where_a_list_belongs(self):
        one = ("clb", "CreateListener", "--LoadBalancerId", self.balancer, "--Ports", "8444", "--Protocol", "QUIC")
        self.refused("InvalidParameter", "`Ports` is an integer where a list is expected", *one)

    def test_an_unknown_id(self):
        unknown = ("--LoadBalancerId", "lb-unknown0")
        self.refused("InvalidParameter.LBIdNotFound", "LoadBalancer not exist", "clb", "DescribeListeners", *unknown)
        self.refused("InvalidParameter", "lbl-unknown0", "clb", "DeleteListener", *self.place[:3], "lbl-unknown0")
        ids = json.dumps([self.balancer, "lb-unknown0"])
        self.refused("InvalidParameter.LBIdNotFound", "lb-unknown0", "clb", "DeleteLoadBalancer", "--LoadBalancerIds", ids)

    def test_a_target_that_is_not_bound(self):
        green = ("--Targets", '[{"InstanceId": "ins-demogren", "Port": 8080}]')
        self.refused("InvalidParameter", "ins-demogren:8080", "clb", "DeregisterTargets", *self.place, *green)
        self.refused("InvalidParameter", "not bound", "clb", "ModifyTargetWeight", *self.place, *green, "--Weight", "5")

    def test_a_wrong_key_and_an_unknown_one(self):
        ask = ("clb", "DescribeLoadBalancers")
        text = "The provided credentials could not be validated. Please check your signature is correct."
        self.refused("AuthFailure.SignatureFailure", text, *ask, TENCENTCLOUD_SECRET_KEY="wrong")
        # Flags win over the environment.
        self.refused("AuthFailure.SecretIdNotFound", "AKIDnobody", *ask, "--secretId", "AKIDnobody", "--secretKey", "x")

    def test_a_region_that_does_not_exist(self):
        self.refused("InvalidParameter.RegionNotFound", "nowhere", "clb", "DescribeLoadBalancers", "--region", "nowhere")

    def test_a_rule_for_a_listener_of_layer_4(self):
        text = "This interface only support HTTP/HTTPS listener."
        self.refused("InvalidParameterValue", text, "clb", "CreateRule", *self.place, "--Rules", "[]")

    def test_what_is_not_simulated_says_so(self):
        group = ("clb", "CreateTargetGroup", "--TargetGroupName", "web")
        self.refused("UnsupportedOperation", "`CreateTargetGroup` is not simulated", *group)
        self.refused("InvalidAction", "`RunInstances`", "cvm", "RunInstances")


if __name__ == "__main__":
    unittest.main(verbosity=2)
