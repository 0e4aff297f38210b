"""A handler's own dependencies: installed for Lambda, again only when something changed, beside what all have."""

import re
from pathlib import Path

import pytest

from infra import layer, own_layer
from infra.own_layer import build_own_layer


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The builder in a folder of its own, with an installer that keeps count and what it was given."""
    monkeypatch.setattr(layer, "BUILD", tmp_path)
    monkeypatch.setattr(own_layer, "LAYERS", tmp_path / "handlers")
    (tmp_path / "mine.requirements.txt").write_text("rich\n")

    def install(site: Path, requirements: Path, pins: Path) -> None:
        site.mkdir(parents=True)
        (site / "installed.txt").write_text(requirements.read_text())
        (tmp_path / "pins.txt").write_text(pins.read_text())
        with (tmp_path / "installs").open("a") as installs:
            installs.write("+")

    monkeypatch.setattr(own_layer, "_install", install)
    return tmp_path


def test_they_are_installed_again_only_when_the_requirements_change(workshop: Path) -> None:
    requirements = workshop / "mine.requirements.txt"
    first = build_own_layer("mine", requirements)
    build_own_layer("mine", requirements)
    assert (workshop / "installs").read_text() == "+"

    requirements.write_text("rich\nhumanize\n")
    again = build_own_layer("mine", requirements)

    assert (workshop / "installs").read_text() == "++"
    assert first == again == workshop / "handlers" / "mine"
    assert (again / "python" / "installed.txt").read_text() == "rich\nhumanize\n"


def test_what_the_notifier_brings_too_keeps_its_version(workshop: Path) -> None:
    """Both lie in one folder in Lambda: a newer urllib3 would take the place of the one that botocore was made for."""
    build_own_layer("mine", workshop / "mine.requirements.txt")

    locked = re.findall(r"^([\w.-]+==[\w.]+)", layer.REQUIREMENTS.read_text(), re.MULTILINE)
    assert (workshop / "pins.txt").read_text().split() == locked
    assert any(pin.startswith("urllib3==") for pin in locked)


def test_an_installation_that_fails_leaves_nothing_that_looks_finished(
    workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_own_layer("mine", workshop / "mine.requirements.txt")
    (workshop / "mine.requirements.txt").write_text("no-such-package\n")
    installs = own_layer._install  # noqa: SLF001 - put back below

    def refuse(*_: Path) -> None:
        raise OSError("no network")

    monkeypatch.setattr(own_layer, "_install", refuse)
    with pytest.raises(OSError, match="no network"):
        build_own_layer("mine", workshop / "mine.requirements.txt")
    monkeypatch.setattr(own_layer, "_install", installs)

    build_own_layer("mine", workshop / "mine.requirements.txt")

    assert (workshop / "installs").read_text() == "++"
