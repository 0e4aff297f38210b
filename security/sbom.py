"""`make sbom`: CycloneDX bills of what runs in Lambda and of what builds and tests it, in build/sbom."""

import subprocess
import sys

from infra.asset import ROOT
from security.scanners import BIN

OUT = ROOT / "build" / "sbom"
BILLS = {"functions": "lambdas/requirements.txt", "development": "requirements.txt"}


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    for bill, lock in BILLS.items():
        path = OUT / f"{bill}.cdx.json"
        command = [
            str(BIN / "cyclonedx-py"),
            "requirements",
            lock,
            "--output-reproducible",
            "--of",
            "JSON",
            "-o",
            str(path),
        ]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - every word stands above
        print(path.relative_to(ROOT))  # noqa: T201 - a command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
