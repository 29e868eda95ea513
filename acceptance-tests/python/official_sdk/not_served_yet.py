"""Actions that the simulator is to serve and does not serve yet. A test that needs one of them is skipped, and fails
as soon as the action is served while it still stands here: then take it off the list. The list is to become empty.
"""

import unittest

ACTIONS = {
    ("clb", "DescribeLoadBalancersDetail"),
    ("clb", "DescribeQuota"),
    ("clb", "ModifyLoadBalancerSla"),
    ("clb", "ModifyLoadBalancersProject"),
}


def skip(service, action, error):
    """Skips the test when the error says that a listed action is not served."""
    if (service, action) in ACTIONS and is_not_served(action, error):
        raise unittest.SkipTest(f"{service} {action} is not served yet")


def expect_unlisted(service, action):
    """The action has been answered, so it must not stand on the list."""
    assert (service, action) not in ACTIONS, f"{service} {action} is served now; take it off not_served_yet.py"


def is_not_served(action, error):
    """Whether an error says that the simulator does not have the action at all."""
    if error.code in ("InvalidAction", "NoSuchProduct"):
        return True
    return error.code == "UnsupportedOperation" and f"The action `{action}` is not simulated" in error.message
