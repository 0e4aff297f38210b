"""The bills of materials name their product, and of each package its version, digest and licence."""

import json
from pathlib import Path

from security.sbom import completed, node_packages

ROOT = Path(__file__).parents[2]


def test_a_bill_names_its_product_and_each_package_s_licence() -> None:
    listed = {"metadata": {"tools": []}, "components": [{"name": "boto3"}, {"name": "not-installed-here"}]}

    bill = completed(listed, "functions", "1.2.3", [])

    assert bill["metadata"]["component"]["name"] == "braket-notifier-functions"
    assert bill["metadata"]["component"]["version"] == "1.2.3"
    assert "Apache" in json.dumps(bill["components"][0]["licenses"])
    assert bill["components"][1]["licenses"] == []


def test_the_node_package_is_in_the_bill_with_its_digest() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]

    [cdk] = node_packages()

    assert (cdk["name"], cdk["version"]) == ("aws-cdk", wanted)
    assert cdk["purl"] == f"pkg:npm/aws-cdk@{cdk['version']}"
    assert len(cdk["hashes"][0]["content"]) == 128
