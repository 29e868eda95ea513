"""How requests come in: other methods, languages, keys, and a simulator in the place of a proxy."""

import os
import unittest

from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from .cloud import CLIENTS, REGION, Claims, Service, clb, host, profile, scheme


def client_of(secret_id, secret_key, token=None):
    """A client with another key pair than the environment's."""
    client, models = CLIENTS["clb"]
    return client(credential.Credential(secret_id, secret_key, token), REGION, profile()), models


class Signatures(Claims):
    def refused_key(self, code, text, *pair):
        client, models = client_of(*pair)
        self.refused(code, text, lambda: client.DescribeLoadBalancers(models.DescribeLoadBalancersRequest()))

    def test_a_wrong_key_an_unknown_id_and_a_bad_token_are_told_apart(self):
        secret_id, secret_key = os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"]
        text = "The provided credentials could not be validated. Please check your signature is correct."
        self.refused_key("AuthFailure.SignatureFailure", text, secret_id, "wrong")
        self.refused_key("AuthFailure.SecretIdNotFound", "", "AKIDnobody", secret_key)
        self.refused_key("AuthFailure.TokenFailure", "", secret_id, secret_key, "no-such-token")

    def test_a_body_that_is_not_signed_is_taken_when_the_header_says_so(self):
        unsigned = Service("clb", unsigned_payload=True)
        self.assertEqual(unsigned.DescribeLoadBalancers(LoadBalancerName="nothing-has-this").LoadBalancerSet, [])


class Methods(Claims):
    def test_a_call_may_come_as_get(self):
        by_get = Service("clb", method="GET")
        found = by_get.DescribeLoadBalancers(LoadBalancerIds=["lb-classic0", "lb-basic000"], Limit=5, Offset=0)
        self.assertEqual(found.TotalCount, 2)
        filters = [{"Name": "charge-type", "Values": ["POSTPAID_BY_HOUR", "with space & more"]}]
        self.assertGreaterEqual(by_get.DescribeLoadBalancers(Filters=filters).TotalCount, 0)
        self.refused("InvalidParameterValue.Range", "Limit", by_get.DescribeLoadBalancers, Limit=101)

    def test_the_signatures_of_before_are_taken_too(self):
        for sign_method in "HmacSHA1", "HmacSHA256":
            for method in "GET", "POST":
                before = Service("clb", method=method, sign_method=sign_method)
                self.assertEqual(before.DescribeLoadBalancers(LoadBalancerIds=["lb-classic0"]).TotalCount, 1)

    def test_many_calls_share_one_connection(self):
        kept = Service("clb", keepAlive=True)
        for _ in range(20):
            self.assertEqual(kept.DescribeLoadBalancers(LoadBalancerIds=["lb-classic0"]).TotalCount, 1)

    @unittest.skipIf(scheme() == "https", "a proxy is spoken to in plain HTTP")
    def test_the_simulator_may_be_named_as_the_proxy(self):
        # The request line is then `POST http://clb.tencentcloudapi.com/ HTTP/1.1`, and the host is the cloud's own.
        proxied = Service("clb", protocol="http", endpoint="clb.tencentcloudapi.com", proxy=f"http://{host()}")
        self.assertEqual(proxied.DescribeLoadBalancers(LoadBalancerIds=["lb-classic0"]).TotalCount, 1)
        proxied_get = Service("clb", method="GET", protocol="http", endpoint="clb.tencentcloudapi.com", proxy=f"http://{host()}")
        self.assertEqual(proxied_get.DescribeLoadBalancers(LoadBalancerIds=["lb-classic0"]).TotalCount, 1)


class Languages(Claims):
    def test_codes_are_the_same_in_both_languages(self):
        for language in "en-US", "zh-CN":
            told = Service("clb", language=language)
            self.refused("MissingParameter", "LoadBalancerType", told.CreateLoadBalancer)


class Names(Claims):
    def test_a_region_nobody_knows_is_refused(self):
        nowhere = Service("clb", region="xx-nowhere")
        self.refused("InvalidParameter.RegionNotFound", "xx-nowhere", nowhere.DescribeLoadBalancers)

    def test_an_action_nobody_knows_is_refused(self):
        with self.assertRaises(TencentCloudSDKException) as caught:
            clb.client.call("DescribeWeather", {})
        self.assertEqual(caught.exception.code, "InvalidAction")

    def test_an_argument_nobody_knows_is_refused(self):
        with self.assertRaises(TencentCloudSDKException) as caught:
            clb.client.call("DescribeLoadBalancers", {"Colour": "blue"})
        self.assertEqual(caught.exception.code, "UnknownParameter")
        self.assertIn("Colour", caught.exception.message)
