"""The simulator, as a user of the official SDK has it: one client per service, typed requests, typed replies."""

import json
import os
import unittest
import warnings

from tencentcloud.clb.v20180317 import clb_client
from tencentcloud.clb.v20180317 import models as clb_models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.cvm.v20170312 import cvm_client
from tencentcloud.cvm.v20170312 import models as cvm_models
from tencentcloud.ssl.v20191205 import models as ssl_models
from tencentcloud.ssl.v20191205 import ssl_client
from tencentcloud.sts.v20180813 import models as sts_models
from tencentcloud.sts.v20180813 import sts_client
from tencentcloud.tag.v20180813 import models as tag_models
from tencentcloud.tag.v20180813 import tag_client
from tencentcloud.vpc.v20170312 import models as vpc_models
from tencentcloud.vpc.v20170312 import vpc_client

from . import typed

REGION = "ap-guangzhou"
POLLS = 600  # bound on the questions per task; the simulator answers "done" long before

# The SDK warns of a field that its model does not know, in a request or in a reply, and then hides its own warnings.
# (The spelling is the SDK's.)
warnings.filterwarnings("error", message=".*fileds are useless.*")

CLIENTS = {
    "clb": (clb_client.ClbClient, clb_models),
    "ssl": (ssl_client.SslClient, ssl_models),
    "vpc": (vpc_client.VpcClient, vpc_models),
    "cvm": (cvm_client.CvmClient, cvm_models),
    "tag": (tag_client.TagClient, tag_models),
    "sts": (sts_client.StsClient, sts_models),
}


class Service:
    """One service: `clb.CreateListener(LoadBalancerId=...)` sends the SDK's CreateListenerRequest, gives its reply."""

    def __init__(self, name, **options):
        client, self.models = CLIENTS[name]
        self.client = client(key_pair(), options.pop("region", REGION), profile(**options))
        self.name = name

    def __getattr__(self, action):
        def call(**fields):
            request = getattr(self.models, action + "Request")()
            request.from_json_string(json.dumps(fields))
            reply = getattr(self.client, action)(request)
            typed.check(reply)
            assert reply.RequestId, f"the reply of {action} has no RequestId"
            return reply

        return call


def key_pair():
    """The environment's, with a name at its id: that is an account with a world of its own, which nobody else has used."""
    secret_id = f"{os.environ['TENCENTCLOUD_SECRET_ID']}-sdk-{os.getpid()}"
    return credential.Credential(secret_id, os.environ["TENCENTCLOUD_SECRET_KEY"])


def scheme():
    """`http` or `https`, as the simulator speaks."""
    return os.environ["CLB_ENDPOINT"].split("://")[0]


def host():
    """The simulator's cloud API, `127.0.0.1:PORT`."""
    return os.environ["CLB_ENDPOINT"].split("://")[1]


def profile(method="POST", language="en-US", sign_method=None, unsigned_payload=False, **http):
    """How the SDK speaks: with the simulator, by TC3 and POST, unless it is told otherwise. With HTTPS it trusts the
    simulator's own CA."""
    http = {"protocol": scheme(), "endpoint": host(), "certification": os.environ.get("CLB_CA_FILE"), **http}
    told = ClientProfile(signMethod=sign_method, httpProfile=HttpProfile(reqMethod=method, **http), language=language)
    told.unsignedPayload = unsigned_payload
    return told


clb, ssl, vpc, cvm, tag, sts = map(Service, ("clb", "ssl", "vpc", "cvm", "tag", "sts"))


def wait(reply):
    """Waits for the task that a write has started; gives the last answer of DescribeTaskStatus."""
    for _ in range(POLLS):
        task = clb.DescribeTaskStatus(TaskId=reply.RequestId)
        if task.Status == 0:
            return task
        assert task.Status == 2, f"the task failed: {task.Message}"
    raise AssertionError(f"the task did not end within {POLLS} questions")


class Claims(unittest.TestCase):
    """Claims about one noun, and the words they are made in."""

    longMessage = True
    maxDiff = None

    def refused(self, code, text, call, **fields):
        """The call has to end in the SDK's exception with this code, and this text in its message."""
        with self.assertRaises(TencentCloudSDKException) as caught:
            call(**fields)
        error = caught.exception
        self.assertEqual(error.code, code, error.message)
        self.assertIn(text, error.message)
        self.assertRegex(error.requestId, "^[0-9a-f-]{36}$")

    def load_balancer(self, **fields):
        """A new load balancer: its id. It stays: the platform refuses more than 30 deletions within five minutes."""
        fields = {"LoadBalancerType": "OPEN", "VpcId": "vpc-demo0001", **fields}
        (load_balancer_id,) = wait(clb.CreateLoadBalancer(**fields)).LoadBalancerIds
        return load_balancer_id

    def listener(self, load_balancer_id, certificate_id, port=8443, **fields):
        """A new QUIC listener: its id."""
        created = clb.CreateListener(
            LoadBalancerId=load_balancer_id,
            Ports=[port],
            Protocol="QUIC",
            Certificate={"SSLMode": "UNIDIRECTIONAL", "CertId": certificate_id},
            **fields,
        )
        wait(created)
        return created.ListenerIds[0]

    def the_listener(self, load_balancer_id, listener_id):
        """The listener as DescribeListeners shows it."""
        (listener,) = clb.DescribeListeners(LoadBalancerId=load_balancer_id, ListenerIds=[listener_id]).Listeners
        return listener

    def certificate(self, pair=None, **fields):
        """A new certificate, deleted at the end: its id."""
        from .certificates import server

        pem, key = pair or server()
        uploaded = ssl.UploadCertificate(CertificatePublicKey=pem, CertificatePrivateKey=key, **fields)
        self.addCleanup(self.delete_certificate, uploaded.CertificateId)
        return uploaded.CertificateId

    def delete_certificate(self, certificate_id):
        """Deletes it if the test has not."""
        if certificate_id in [found.CertificateId for found in ssl.DescribeCertificates(Limit=1000).Certificates]:
            ssl.DeleteCertificate(CertificateId=certificate_id)
