"""Prints which actions the simulator serves, one `service action` per line.

Asks for every action that the SDK's clients know, without arguments, and looks whether the answer is that there is no
such action. So nothing has to be listed by hand, and an action that nobody thought of is found too.
"""

import inspect

from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from .cloud import CLIENTS, Service

# Never answered well: there are no listeners of layer 7. `listener.py` claims how each is refused.
ALWAYS_REFUSED = {"AutoRewrite", "CreateRule", "DeleteRule", "ModifyDomain", "ModifyDomainAttributes", "ModifyRule"}


def is_served(service, action):
    """Whether the action is answered at all; a missing argument is an answer, too."""
    try:
        service.client.call(action, {})
    except TencentCloudSDKException as error:
        return not is_not_served(action, error)
    return True


def is_not_served(action, error):
    """Whether an error says that the simulator does not have the action at all."""
    if error.code in ("InvalidAction", "NoSuchProduct"):
        return True
    return error.code == "UnsupportedOperation" and f"The action `{action}` is not simulated" in error.message


def main():
    for name, (client, _) in CLIENTS.items():
        service = Service(name, keepAlive=True)
        actions = [action for action, _ in inspect.getmembers(client, inspect.isfunction) if action[0].isupper()]
        for action in actions:
            if action not in ALWAYS_REFUSED and is_served(service, action):
                print(name, action)


if __name__ == "__main__":
    main()
