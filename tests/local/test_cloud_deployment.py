"""A cloud assembly in the local cloud: created, changed, refused, and packed as the CDK packs it."""

import json
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from local.cloud.cloud import Cloud, DeploymentError, Stack
from local.cloud.deployment import zipped

Write = Callable[[str, str, str], Path]


@pytest.fixture
def an_assembly(tmp_path: Path, assembly: Path) -> Write:
    """An assembly of one parameter with the given type and value."""

    def write(name: str, of_type: str, value: str) -> Path:
        parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": of_type, "Value": value}}
        template = {"Resources": {"Setting": parameter}, "Outputs": {"Value": {"Value": value}}}
        entry: dict[str, Any] = json.loads((assembly / "Probe.assets.json").read_text())["files"]["template"]
        entry["source"]["path"] = f"{name}.template.json"
        (tmp_path / f"{name}.template.json").write_text(json.dumps(template))
        (tmp_path / f"{name}.assets.json").write_text(json.dumps({"files": {"template": entry}}))
        return tmp_path

    return write


def test_a_stack_is_created_and_then_changed(cloud: Cloud, an_assembly: Write) -> None:
    first = cloud.deploy(an_assembly("Changed", "String", "one"))
    then = cloud.deploy(an_assembly("Changed", "String", "other"))

    assert (first.outputs, then.outputs) == ({"Value": "one"}, {"Value": "other"})
    assert first.resources == then.resources == first.of_type("AWS::SSM::Parameter")
    parameter = cloud.client("ssm").get_parameter(Name=then.resources["Setting"])["Parameter"]
    assert parameter["Value"] == "other"


def test_a_stack_without_changes_stays_as_it_is(cloud: Cloud, an_assembly: Write) -> None:
    first = cloud.deploy(an_assembly("Unchanged", "String", "one"))

    assert cloud.deploy(an_assembly("Unchanged", "String", "one")) == first


def test_a_failed_deployment_names_the_failed_resource_and_the_reason(cloud: Cloud, an_assembly: Write) -> None:
    with pytest.raises(DeploymentError, match=r"Setting: .*SecureString"):
        cloud.deploy(an_assembly("Refused", "SecureString", "never in a template"))


def test_a_stack_lists_its_resources_by_type(probe: Stack) -> None:
    assert probe.of_type("AWS::Lambda::Function").keys() == {"Granted", "Bare"}


def test_equal_folders_make_equal_archives(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / "library").mkdir(parents=True)
        (tmp_path / name / "library" / "domain.py").write_text("pass\n")
    os.utime(tmp_path / "one" / "library" / "domain.py", (0, 0))

    archive = zipped(tmp_path / "one")

    assert archive == zipped(tmp_path / "other")
    assert zipfile.ZipFile(BytesIO(archive)).namelist() == ["library/domain.py"]
