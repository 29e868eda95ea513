"""Prints which actions the simulator serves, one `service action` per line.

Asks for every action that the SDK's clients know, without arguments, and looks whether the answer is that there is no
such action. So nothing has to be listed by hand, and an action that nobody thought of is found too.
"""

import inspect

from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from .cloud import CLIENTS, Service
from .not_served_yet import is_not_served


def is_served(service, action):
    """Whether the action is answered at all; a missing argument is an answer, too."""
    try:
        service.client.call(action, {})
    except TencentCloudSDKException as error:
        return not is_not_served(action, error)
    return True


def main():
    for name, (client, _) in CLIENTS.items():
        service = Service(name, keepAlive=True)
        actions = [action for action, _ in inspect.getmembers(client, inspect.isfunction) if action[0].isupper()]
        for action in actions:
            if is_served(service, action):
                print(name, action)


if __name__ == "__main__":
    main()
