"""Checks a reply of the SDK against the types that the SDK itself documents.

The SDK copies what it is sent into its models without looking: a number where a text belongs goes unnoticed until
somebody's program trips over it. Every property of a model says its type, as `:rtype: str` or `:rtype: list of Listener`,
and here each value is held against that. Whether a value may be absent is not judged here.
"""

import re
import sys

PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def check(model, path=""):
    """Raises AssertionError when a field of the model, or of a model in it, has another type than documented."""
    for name, attribute in vars(type(model)).items():
        if isinstance(attribute, property):
            documented = re.search(r":rtype: (.+)", attribute.fget.__doc__ or "")
            if documented:
                check_value(getattr(model, name), documented[1].strip(), f"{path or type(model).__name__}.{name}", model)


def check_value(value, documented, path, owner):
    """The value of one field: absent, plain, a model, or a list of these."""
    if value is None:
        return
    if documented.startswith("list of "):
        assert isinstance(value, list), f"{path} is documented as a {documented}, and is {value!r}"
        element = documented.removeprefix("list of ").removesuffix(" non-negative")
        for index, item in enumerate(value):
            assert item is not None, f"{path}[{index}] is null"
            check_value(item, element, f"{path}[{index}]", owner)
    elif documented in PLAIN:
        is_right = isinstance(value, PLAIN[documented]) and (documented == "bool" or not isinstance(value, bool))
        assert is_right, f"{path} is documented as {documented}, and is {value!r}"
    else:
        name = documented.rstrip("`").rsplit(".", 1)[-1]
        model = getattr(sys.modules[type(owner).__module__], name)
        assert isinstance(value, model), f"{path} is documented as {name}, and is {value!r}"
        check(value, path)
