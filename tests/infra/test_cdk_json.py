"""cdk.json has CDK's recommended feature flags, and every synth follows it without a warning."""

import json
import tarfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from infra.asset import ROOT
from security.variants import VARIANTS
from tests.infra.template import Template

CDK_JSON = json.loads((ROOT / "cdk.json").read_text())
#: Keys of the context that are no feature flags.
OTHERS = {"cli-telemetry"}


def test_the_feature_flags_are_those_that_this_cdk_recommends() -> None:
    """A newer aws-cdk-lib may recommend more; `cdk synth` would then name flags without a value."""
    [bundle] = [path for path in (files("aws_cdk") / "_jsii").iterdir() if path.name.startswith("aws-cdk-lib@")]
    with tarfile.open(Path(str(bundle))) as archive:
        member = archive.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        recommended = json.load(member)

    assert {key: each for key, each in CDK_JSON["context"].items() if key not in OTHERS} == recommended


def test_notices_stay_on() -> None:
    """AWS announces defects and security issues of CDK by them."""
    assert "notices" not in CDK_JSON


@pytest.mark.parametrize("variant", VARIANTS)
def test_synth_warns_of_nothing(of_variant: Callable[[str], Template], variant: str) -> None:
    assembly = of_variant(variant).assembly
    metadata = [path.read_text() for path in assembly.glob("*.metadata.json")]
    report = json.loads((assembly / "validation-report.json").read_text())

    assert len(metadata) == 5
    assert [text for text in metadata if "aws:cdk:warning" in text] == []
    assert [each["violations"] for each in report["pluginReports"]] == [[]] * len(report["pluginReports"])
