"""`make sbom`: CycloneDX bills of the packages that run in Lambda and of those that build and test, in build/sbom."""

import json
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from braket_notifier import __version__
from infra.asset import ROOT
from security.scanners import BIN

OUT = ROOT / "build" / "sbom"
BILLS = {"functions": "lambdas/requirements.txt", "development": "requirements.txt"}
#: Classifier of the licence, for packages without a licence expression.
LICENCE = "License :: OSI Approved :: "


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    for bill, lock in BILLS.items():
        path = OUT / f"{bill}.cdx.json"
        listed = _listed(lock)
        node = node_packages() if bill == "development" else []
        path.write_text(json.dumps(completed(listed, bill, __version__, node), indent=2) + "\n")
        print(path.relative_to(ROOT))  # noqa: T201 - a command's answer
    return 0


def _listed(lock: str) -> dict[str, Any]:
    return _printed(str(BIN / "cyclonedx-py"), "requirements", lock, "--output-reproducible", "--of", "JSON")


def node_packages() -> list[dict[str, Any]]:
    """The components of package-lock.json, with the digests that npm checks."""
    return list(_printed("npm", "sbom", "--package-lock-only", "--sbom-format", "cyclonedx")["components"])


def _printed(*command: str) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - every word stands above
    return dict(json.loads(done.stdout))


def completed(listed: dict[str, Any], bill: str, version: str, node: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The bill with its product, each package's licence, and the components that are not Python."""
    own = {"type": "application", "name": f"braket-notifier-{bill}", "version": version, "bom-ref": bill}
    whose = {**listed["metadata"], "component": own | {"licenses": [{"license": {"id": "Apache-2.0"}}]}}
    packages = [each | {"licenses": licences(each["name"])} for each in listed["components"]]
    return {**listed, "metadata": whose, "components": [*packages, *node]}


def licences(package: str) -> list[dict[str, Any]]:
    """The licences in the installed package's metadata; empty if it is not installed here."""
    try:
        said = metadata(package)
    except PackageNotFoundError:
        return []
    if "License-Expression" in said:
        return [{"expression": said["License-Expression"]}]
    named = [each.removeprefix(LICENCE) for each in said.get_all("Classifier", []) if each.startswith(LICENCE)]
    plain = [said["License"][:100]] if "License" in said else []
    return [{"license": {"name": each}} for each in named or plain]


if __name__ == "__main__":
    sys.exit(main())
