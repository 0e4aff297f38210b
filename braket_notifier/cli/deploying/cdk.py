"""CDK's own command line, pinned by package-lock.json, with the app of this clone."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from braket_notifier.cli.arguments import CLONE
from braket_notifier.cli.sentences import CommandError

CDK = CLONE / "node_modules" / ".bin" / "cdk"
#: CDK need not look for newer versions of itself, because package-lock.json pins it; nor warn of Node's age.
_ENVIRONMENT = {
    "CDK_DISABLE_VERSION_CHECK": "1",
    "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
}


def cdk(words: Sequence[str], settings: Path, profile: str | None, context: Mapping[str, str]) -> int:
    """Run one of CDK's commands in this terminal and return its exit code.

    Raises CommandError if CDK is not installed.
    """
    if not CDK.exists():
        raise CommandError(f"CDK's command line is not in {CDK.parent}: run `make setup`")
    pairs = {"settings": str(settings.absolute()), **context}.items()
    command = [str(CDK), *words, "--app", f"{shlex.quote(sys.executable)} app.py"]
    command += [word for key, value in pairs for word in ("--context", f"{key}={value}")]
    command += ["--profile", profile] if profile else []
    return subprocess.run(command, cwd=CLONE, env=os.environ | _ENVIRONMENT, check=False).returncode  # noqa: S603 - our own words
