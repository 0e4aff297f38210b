"""CDK's own command line deploys forwarding stacks into regions of a local cloud that were never bootstrapped."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.asset import ROOT
from local.cloud.cloud import ACCOUNT, Cloud
from local.story.assembly import synthesise

CDK = ROOT / "node_modules" / ".bin" / "cdk"
REGIONS = ["us-west-1", "us-west-2", "eu-west-2", "eu-north-1"]
STACKS = [f"braket-notifier-{region}" for region in REGIONS]


@pytest.fixture(scope="module")
def bare() -> Iterator[Cloud]:
    """A cloud in which nobody has bootstrapped anything."""
    with Cloud() as running:
        yield running


def cdk_deploy(cloud: Cloud, settings: Path, out: Path, *stacks: str) -> subprocess.CompletedProcess[str]:
    """`cdk deploy` of these stacks alone, with the caller's credentials and without the caller's AWS settings."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    there = {"AWS_ENDPOINT_URL": cloud.url, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "-"}
    there |= {"CDK_DISABLE_VERSION_CHECK": "1"}  # it would wait for the internet
    command = [
        str(CDK),
        "deploy",
        "--app",
        str(synthesise(settings, out)),
        "--exclusively",
    ]
    return subprocess.run(  # noqa: S603 - our own words
        [*command, "--require-approval", "never", "--no-notices", *stacks],
        env={**own, **there, "AWS_REGION": cloud.region},
        cwd=ROOT,  # its cdk.json switches off what would need the internet
        capture_output=True,
        text=True,
        check=False,
    )


def of(cloud: Cloud, region: str) -> list[str]:
    """The stacks of a region with their statuses."""
    found = cloud.client("cloudformation", region).describe_stacks()["Stacks"]
    return [f"{each['StackName']} {each['StackStatus']}" for each in found]


def test_the_stock_cdk_deploys_forwarding_stacks_into_regions_without_a_bootstrap(bare: Cloud, tmp_path: Path) -> None:
    done = cdk_deploy(bare, ROOT / "notifier.toml", tmp_path / "cdk.out", *STACKS)

    assert done.returncode == 0, done.stderr
    for region in REGIONS:
        assert of(bare, region) == [f"braket-notifier-{region} CREATE_COMPLETE"]
        assert [each["Name"] for each in bare.client("events", region).list_rules()["Rules"]] == [
            "braket-notifier-changes"
        ]
        assert bare.client("ssm", region).describe_parameters()["Parameters"] == []
    assert bare.client("s3").list_buckets()["Buckets"] == []


def test_with_a_bootstrap_in_every_region_the_same_deployment_needs_it(bare: Cloud, tmp_path: Path) -> None:
    settings = tmp_path / "notifier.toml"
    shipped = (ROOT / "notifier.toml").read_text()
    settings.write_text('bootstrap = "every-region"\nname = "other"\n' + shipped)

    done = cdk_deploy(bare, settings, tmp_path / "cdk.out", "other-eu-north-1")

    assert done.returncode != 0
    assert "/cdk-bootstrap/hnb659fds/version not found" in done.stderr + done.stdout
