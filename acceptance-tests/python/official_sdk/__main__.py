"""Runs every claim, or those whose names are given."""

import sys
import unittest

FILES = (
    "identity",
    "network",
    "security_group",
    "certificate",
    "load_balancer",
    "listener",
    "target",
    "tag",
    "task",
    "quota",
    "transport",
)

if __name__ == "__main__":
    names = [f"official_sdk.{name}" for name in sys.argv[1:] or FILES]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, buffer=False).run(suite)
    sys.exit(not result.wasSuccessful())
