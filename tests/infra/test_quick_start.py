"""The template of the quick start: small, of any region and address, and without CDK's bootstrap."""

import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.bootstrap import shared
from infra import asset
from infra.quick_start import REGION, SOMEBODY, quick_start

#: Bytes of a template that CloudFormation takes without a bucket, after the AWS command line has written it as YAML.
INLINE = 51_200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quick_start(tmp_path_factory.mktemp("quick-start"))


@pytest.fixture
def template(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "template.json").read_text()))


def test_the_template_names_no_bootstrap_region_or_address(folder: Path) -> None:
    text = (folder / "template.json").read_text()

    assert not [
        each for each in ("bootstrap", "hnb659fds", "cdk-", REGION, SOMEBODY, asset.HERE) if each in text.lower()
    ]


def test_the_template_is_small_enough_to_be_sent_inline(folder: Path) -> None:
    assert len((folder / "template.json").read_bytes()) < INLINE * 0.7  # the same as YAML takes 1.3 times the room


def test_the_address_is_the_only_parameter_and_gets_messages_and_alarms(template: dict[str, Any]) -> None:
    mailboxes = [
        each["Properties"]["Endpoint"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::SNS::Subscription"
    ]

    assert list(template["Parameters"]) == ["Address"]
    assert mailboxes == [{"Ref": "Address"}] * 2


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("you@example.org", True),
        ("first.last+lab@mail.example.org", True),
        ("", False),
        ("you", False),
        ("you@example", False),
        ("a@example.org,b@example.org", False),
        ("a@example.org b@example.org", False),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_created(
    template: dict[str, Any],
    address: str,
    is_good: bool,
) -> None:
    parameter = template["Parameters"]["Address"]

    assert bool(re.fullmatch(parameter["AllowedPattern"], address)) == is_good
    assert parameter["ConstraintDescription"] == "must be one e-mail address, like name@example.org"


def test_functions_and_layers_come_from_the_archives_beside_the_template(
    folder: Path, template: dict[str, Any]
) -> None:
    properties = [each["Properties"] for each in template["Resources"].values()]
    named = {each[member] for each in properties for member in ("Code", "Content") if member in each}

    assert {each.name for each in folder.iterdir()} == {"template.json", *named}
    assert named == {"code.zip", "dependencies.zip", "settings.zip"}


def test_equal_files_make_equal_archives(folder: Path) -> None:
    """Entries in the order of their names, with fixed times and modes, so that an update changes only what differs."""
    for path in folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        assert {each.date_time[0] for each in entries} == {1980}
        assert {each.external_attr >> 16 & 0o777 for each in entries} <= {0o644, 0o755}


def test_the_settings_are_known_by_the_digest_that_the_functions_compute(
    folder: Path, template: dict[str, Any]
) -> None:
    with zipfile.ZipFile(folder / "code.zip") as code:
        digest = sha256(code.read("settings.json")).hexdigest()

    shown = template["Outputs"]["Settings"]["Value"]["Fn::Join"][1]
    assert digest in shown[0]
    assert shown.count({"Ref": "AWS::Region"}) == 2  # home, and the only region


def test_the_functions_read_their_region_from_their_environment(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(folder / "code.zip") as code:
        code.extract("settings.json", tmp_path)
    monkeypatch.setattr(shared, "SETTINGS", tmp_path / "settings.json")
    monkeypatch.setenv("AWS_REGION", "eu-west-2")

    assert shared.shipped().regions == ("eu-west-2",)
    assert shared.HERE == asset.HERE
