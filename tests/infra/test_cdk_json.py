"""cdk.json has CDK's recommended feature flags, and every synth follows it without a warning."""

import json
import tarfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from aws_cdk import App

from infra.asset import ROOT
from infra.synth import ORGANISATION
from security.variants import VARIANTS
from tests.infra.template import Synth, Template

CDK_JSON = json.loads((ROOT / "cdk.json").read_text())
#: Keys of the context that are no feature flags.
OTHERS = {"cli-telemetry", *ORGANISATION}


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


def test_the_organisations_qualifier_and_permissions_boundary_are_followed(synthesised: Synth) -> None:
    """The CDK command line passes them from cdk.json."""

    def organisation(app: App) -> None:
        for key, value in zip(ORGANISATION, ("lab42", {"name": "lab-boundary"}), strict=True):
            app.node.set_context(key, value)

    home = synthesised(watch=organisation)
    stacks = [home, home.beside("braket-notifier-eu-north-1")]
    roles = [role for stack in stacks for role in stack.of("IAM::Role").values()]
    manifest = json.loads((home.assembly / "manifest.json").read_text())["artifacts"]
    deployers = [each["properties"]["assumeRoleArn"] for each in manifest.values() if "stack" in each["type"]]

    assert len(roles) == 6
    bounds = {home.read(each["PermissionsBoundary"]) for each in roles}
    assert bounds == {"arn:aws:iam::{AWS::AccountId}:policy/lab-boundary"}
    assert len(deployers) == 5
    assert all("role/cdk-lab42-deploy-role" in each for each in deployers)
    assert all(
        stack.content["Parameters"]["BootstrapVersion"]["Default"] == "/cdk-bootstrap/lab42/version" for stack in stacks
    )
