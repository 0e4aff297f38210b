"""The bills of materials say of what they are, and of each package its version, digest and licence."""

import json
from pathlib import Path

import pytest

from security.sbom import completed, node_packages, version

ROOT = Path(__file__).parents[2]


def test_a_bill_says_whose_it_is_and_each_package_s_licence() -> None:
    listed = {"metadata": {"tools": []}, "components": [{"name": "boto3"}, {"name": "not-installed-here"}]}

    bill = completed(listed, "functions", "1.2.3", [])

    assert bill["metadata"]["component"]["name"] == "braket-notifier-functions"
    assert bill["metadata"]["component"]["version"] == "1.2.3"
    assert "Apache" in json.dumps(bill["components"][0]["licenses"])
    assert bill["components"][1]["licenses"] == []


def test_what_node_installs_is_in_the_bill_with_its_digest() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]

    [cdk] = node_packages()

    assert (cdk["name"], cdk["version"]) == ("aws-cdk", wanted)
    assert cdk["purl"] == f"pkg:npm/aws-cdk@{cdk['version']}"
    assert len(cdk["hashes"][0]["content"]) == 128


@pytest.mark.parametrize(
    ("changelog", "newest"),
    [
        ("# Changelog\n\n## Unreleased\n", "unreleased"),
        ("## Unreleased\n\n## 1.1.0 (2026-12-01)\n\n## 1.0.0 (2026-11-30)\n", "1.1.0"),
    ],
)
def test_the_version_is_the_newest_of_the_changelog(tmp_path: Path, changelog: str, newest: str) -> None:
    (tmp_path / "CHANGELOG.md").write_text(changelog)

    assert version(tmp_path) == newest
