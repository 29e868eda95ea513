"""Creates, describes and deletes a QUIC listener with the official SDK.

Arguments: endpoint (host:port), secret id, secret key, region, load balancer id, certificate id, port.
Prints one JSON object: the listener as the SDK decoded it, and how many were left after the deletion.
"""

import json
import sys

from tencentcloud.clb.v20180317 import clb_client, models
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

POLLS = 600  # bound on the questions per task; the simulator answers "done" long before


def wait(client, task_id):
    for _ in range(POLLS):
        request = models.DescribeTaskStatusRequest()
        request.TaskId = task_id
        status = client.DescribeTaskStatus(request).Status
        if status == 0:
            return
        if status == 1:
            raise SystemExit(f"task {task_id} failed")
    raise SystemExit(f"task {task_id} did not end within {POLLS} questions")


def main():
    endpoint, secret_id, secret_key, region, load_balancer_id, certificate_id, port = sys.argv[1:]
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=endpoint))
    client = clb_client.ClbClient(credential.Credential(secret_id, secret_key), region, profile)

    create = models.CreateListenerRequest()
    create.LoadBalancerId = load_balancer_id
    create.Ports = [int(port)]
    create.Protocol = "QUIC"
    create.ListenerNames = ["made-by-the-official-sdk"]
    create.Scheduler = "LEAST_CONN"
    create.Certificate = models.CertificateInput()
    create.Certificate.SSLMode = "UNIDIRECTIONAL"
    create.Certificate.CertId = certificate_id
    created = client.CreateListener(create)
    wait(client, created.RequestId)
    listener_id = created.ListenerIds[0]

    describe = models.DescribeListenersRequest()
    describe.LoadBalancerId = load_balancer_id
    describe.ListenerIds = [listener_id]
    listener = client.DescribeListeners(describe).Listeners[0]

    delete = models.DeleteListenerRequest()
    delete.LoadBalancerId = load_balancer_id
    delete.ListenerId = listener_id
    wait(client, client.DeleteListener(delete).RequestId)
    left = client.DescribeListeners(describe).Listeners

    print(
        json.dumps(
            {
                "listener_id": listener.ListenerId,
                "name": listener.ListenerName,
                "protocol": listener.Protocol,
                "port": listener.Port,
                "scheduler": listener.Scheduler,
                "certificate_id": listener.Certificate.CertId,
                "left": len(left or []),
            }
        )
    )


if __name__ == "__main__":
    main()
