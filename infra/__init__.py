"""The CDK stacks: `infra/X.py` deploys `lambdas/X.py`; of the library, infra imports `settings` only."""

import os
import tempfile
from pathlib import Path


def is_private(folder: Path) -> bool:
    """Create the folder if it is missing. Whether only this user can write it, because CDK runs the code in it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return not folder.is_symlink() and found.st_uid == os.getuid() and not found.st_mode & 0o077


# Importing aws_cdk prints a banner of eleven lines about the Node.js version, unless this is set.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
# JSII keeps CDK unpacked, 220 MB, for later runs; its own choice, the home folder, is too small in AWS CloudShell.
CACHE = Path(tempfile.gettempdir(), f"jsii-of-{os.getuid()}")
if "JSII_RUNTIME_PACKAGE_CACHE_ROOT" not in os.environ and is_private(CACHE):
    os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = str(CACHE)
