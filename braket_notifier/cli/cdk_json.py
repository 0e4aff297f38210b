"""The organisation's names in cdk.json that CDK follows: the bootstrap's qualifier and the permissions boundary."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from braket_notifier.cli.arguments import CLONE, IN_CLONE
from braket_notifier.cli.sentences import CommandError
from braket_notifier.settings.bootstrap import QUALIFIER

CDK_JSON = CLONE / "cdk.json" if IN_CLONE else Path("cdk.json")
BOUNDARY = "@aws-cdk/core:permissionsBoundary"
#: CDK's own qualifier.
DEFAULT = "hnb659fds"


def qualifier() -> str:
    """The qualifier in the names of what `cdk bootstrap` creates."""
    return own_qualifier() or DEFAULT


def own_qualifier() -> str:
    """The organisation's qualifier, empty if there is none."""
    return str(_context().get(QUALIFIER, ""))


def permissions_boundary() -> str:
    """The name or ARN of the policy that bounds every created role, empty if there is none."""
    boundary = _context().get(BOUNDARY, {})
    return str(boundary.get("name") or boundary.get("arn") or "")


def _context() -> Mapping[str, Any]:
    """The context; empty without the file, because an installed command has no clone."""
    try:
        return dict(json.loads(CDK_JSON.read_text(encoding="utf-8")).get("context", {}))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CommandError(f"{CDK_JSON} is not JSON: {error}") from error
