"""The layer of a handler's own dependencies is rebuilt only after a change, and keeps the notifier's versions."""

import re
from pathlib import Path

import pytest

from braket_notifier.settings.python_version import MACHINE
from infra import layer, own_layer
from infra.own_layer import build_own_layer


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The builder in its own folder, with an installer that counts its calls and keeps their arguments."""
    monkeypatch.setattr(layer, "BUILD", tmp_path)
    monkeypatch.setattr(own_layer, "LAYERS", tmp_path / "handlers")
    (tmp_path / "mine.requirements.txt").write_text("rich\n")

    def install(site: Path, requirements: Path, pins: Path, _: str) -> None:
        site.mkdir(parents=True)
        (site / "package.py").touch()
        (site / "installed.txt").write_text(requirements.read_text())
        (tmp_path / "pins.txt").write_text(pins.read_text())
        with (tmp_path / "installs").open("a") as installs:
            installs.write("+")

    monkeypatch.setattr(own_layer, "_install", install)
    return tmp_path


def test_own_dependencies_are_installed_again_only_after_a_change(workshop: Path) -> None:
    requirements = workshop / "mine.requirements.txt"
    first = build_own_layer("mine", requirements, MACHINE)
    build_own_layer("mine", requirements, MACHINE)
    assert (workshop / "installs").read_text() == "+"

    requirements.write_text("rich\nhumanize\n")
    again = build_own_layer("mine", requirements, MACHINE)

    assert (workshop / "installs").read_text() == "++"
    assert first == again == workshop / "handlers" / "mine"
    assert (again / "python" / "installed.txt").read_text() == "rich\nhumanize\n"
    assert [path.suffix for path in (again / "python" / "__pycache__").iterdir()] == [".pyc"]


def test_shared_packages_keep_the_notifiers_version(workshop: Path) -> None:
    """Both layers share one folder in Lambda, so a newer urllib3 would replace the one that botocore needs."""
    build_own_layer("mine", workshop / "mine.requirements.txt", MACHINE)

    locked = re.findall(r"^([\w.-]+==[\w.]+)", layer.REQUIREMENTS.read_text(), re.MULTILINE)
    assert (workshop / "pins.txt").read_text().split() == locked
    assert any(pin.startswith("urllib3==") for pin in locked)


def test_a_failed_installation_leaves_no_finished_layer(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_own_layer("mine", workshop / "mine.requirements.txt", MACHINE)
    (workshop / "mine.requirements.txt").write_text("no-such-package\n")
    installs = own_layer._install  # noqa: SLF001 - restored below

    def refuse(*_: Path) -> None:
        raise OSError("no network")

    monkeypatch.setattr(own_layer, "_install", refuse)
    with pytest.raises(OSError, match="no network"):
        build_own_layer("mine", workshop / "mine.requirements.txt", MACHINE)
    monkeypatch.setattr(own_layer, "_install", installs)

    build_own_layer("mine", workshop / "mine.requirements.txt", MACHINE)

    assert (workshop / "installs").read_text() == "++"
