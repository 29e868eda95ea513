"""Types commands and reads what comes back.

The endpoint is given with its scheme, which makes tccli speak plain HTTP; it then sends and signs
`Host: http://127.0.0.1:PORT`, which is no host at all. The key pair and the region come from the environment.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TCCLI = Path(sys.executable).with_name("tccli")
HOME = tempfile.TemporaryDirectory()  # tccli writes its configuration and log there; the user's own are left alone


def tccli(*words, **environment):
    """Runs one command: its exit code and everything that it said."""
    environment = {**os.environ, "HOME": HOME.name, **environment}
    words = [str(TCCLI), *words, "--endpoint", os.environ["CLB_ENDPOINT"]]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


class Session(unittest.TestCase):
    """A user with a shell."""

    maxDiff = None

    @classmethod
    def run_well(cls, *words):
        """The command has to succeed; gives its answer."""
        code, said = tccli(*words)
        assert code == 0, f"tccli {' '.join(words)}\n{said}"
        return json.loads(said)

    @classmethod
    def unfolded(cls, service, action, *words):
        """The same with arguments in tccli's flat form: `--Targets.0.Port 8080`."""
        return cls.run_well(service, action, "--cli-unfold-argument", *words)

    def refused(self, code, text, *words, **environment):
        """The command has to end with the platform's code and text, as tccli shows them."""
        status, said = tccli(*words, **environment)
        self.assertEqual(status, 255, said)
        self.assertIn(f"[TencentCloudSDKException] code:{code} message:", said)
        self.assertIn(text, said)
        self.assertIn("requestId:", said)

    @classmethod
    def load_balancer(cls):
        """A new load balancer: its id."""
        words = ("clb", "CreateLoadBalancer", "--LoadBalancerType", "OPEN", "--VpcId", "vpc-demo0001")
        return cls.run_well(*words)["LoadBalancerIds"][0]

    @classmethod
    def certificate(cls):
        """A new certificate: its id."""
        from official_sdk.certificates import server

        pem, key = server()
        texts = ("--CertificatePublicKey", pem, "--CertificatePrivateKey", key)
        return cls.run_well("ssl", "UploadCertificate", *texts)["CertificateId"]
