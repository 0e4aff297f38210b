"""Wildcards as IAM reads them, in actions, resources and the values of conditions."""

import re

_WILDCARDS = {"*": ".*", "?": "."}


def matches(value: str, pattern: str) -> bool:
    """Whether the pattern covers the value; unlike in a shell's pattern, a bracket stands for itself."""
    return bool(re.fullmatch("".join(_WILDCARDS.get(each) or re.escape(each) for each in pattern), value, re.DOTALL))
