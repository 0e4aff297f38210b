"""The code asset: `lambdas/`, the library, and the policy as `settings.json`."""

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from braket_notifier.settings.keys import ORDER
from braket_notifier.settings.policy_document import digest, encoded

ROOT = Path(__file__).resolve().parent.parent
LAMBDAS = ROOT / "lambdas"
LIBRARY = ROOT / "braket_notifier"
#: Packages of the library that no function imports.
NOT_DEPLOYED = ("settings", "cli", "adapters/memory", "adapters/sqlite")
#: The folder of the user's handlers.
CUSTOM = LAMBDAS / "custom"

#: Stands for the functions' own region in the settings of a template that is deployed in any region.
HERE = "$AWS_REGION"

#: Modification time of every file, in seconds; 1980 is the earliest that a zip can hold.
EPOCH = 315532800


def stage_code(policy: Mapping[str, object], into: Path, custom: Path = CUSTOM) -> Path:
    """Copy the code and the policy that the functions need."""
    _copy(LAMBDAS, into)
    _copy(LIBRARY, into / LIBRARY.name)
    for package in NOT_DEPLOYED:
        shutil.rmtree(into / LIBRARY.name / package)
    if custom != CUSTOM:
        shutil.rmtree(into / CUSTOM.name)
        _copy(custom, into / CUSTOM.name)
    (into / "settings.json").write_bytes(encoded(policy))
    freeze(into)
    return into


def stage_digest(keys: Mapping[str, object], into: Path) -> Path:
    """Write the digest of the whole settings, which has neither addresses nor names of secrets.

    The order of the channels is left out, because the policy has it and settings of before had no key for it.
    """
    into.mkdir()
    whole = {key: each for key, each in keys.items() if key != ORDER}
    (into / "settings.sha256").write_text(sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest())
    freeze(into)
    return into


def _copy(folder: Path, into: Path) -> None:
    """Copy a folder, whose copy can be changed although the checkout may be read-only."""
    shutil.copytree(folder, into, ignore=shutil.ignore_patterns("*requirements*", "__pycache__", ".*"))
    freeze(into)


def deployed(policy: Mapping[str, object]) -> dict[str, object]:
    """Facts of the deployed settings for publishing others: their digest, and the keys that must stay equal.

    The functions compute the same digest from their own `settings.json`.
    """
    fixed = {key: policy[key] for key in ("home", "regions", "channels")}
    return {"digest": digest(policy), **fixed}


def freeze(folder: Path) -> None:
    """Fix times and modes, so that equal files make an equal zip that Lambda may read whatever the umask."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))
