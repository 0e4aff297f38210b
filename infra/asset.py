"""The code asset: `lambdas/` and the library as they are, with the policy beside them as `settings.json`."""

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAMBDAS = ROOT / "lambdas"
LIBRARY = ROOT / "braket_notifier"
#: Packages of the library that no function imports.
NOT_DEPLOYED = ("settings", "cli")
#: Where a user adds handlers.
CUSTOM = LAMBDAS / "custom"

#: The earliest time a zip can hold; any fixed time would do.
EPOCH = 315532800


def stage_code(policy: Mapping[str, object], into: Path, custom: Path = CUSTOM) -> Path:
    """Copy what the functions run; what only the builder or an editor needs stays behind."""
    left_out = shutil.ignore_patterns("*requirements*", "__pycache__", ".*")
    shutil.copytree(LAMBDAS, into, ignore=left_out)
    shutil.copytree(LIBRARY, into / LIBRARY.name, ignore=left_out)
    for package in NOT_DEPLOYED:
        shutil.rmtree(into / LIBRARY.name / package)
    if custom != CUSTOM:
        shutil.rmtree(into / CUSTOM.name)
        shutil.copytree(custom, into / CUSTOM.name, ignore=left_out)
    (into / "settings.json").write_bytes(_json(policy))
    freeze(into)
    return into


def deployed(policy: Mapping[str, object]) -> dict[str, object]:
    """What the operator must know of the deployed settings to publish others: their digest, and what must stay.

    The functions take the digest of the file that lies beside them.
    """
    stays = {key: policy[key] for key in ("home", "regions", "channels")}
    return {"digest": sha256(_json(policy)).hexdigest(), **stays}


def _json(policy: Mapping[str, object]) -> bytes:
    return f"{json.dumps(policy, indent=1)}\n".encode()


def freeze(folder: Path) -> None:
    """Fixed times and modes: the same files make the same zip, and a strict umask does not lock Lambda out of them."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH, EPOCH))
