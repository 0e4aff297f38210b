"""The local cloud's process has an environment of its own, built again only after a change of its requirements."""

import subprocess
from pathlib import Path

import pytest

from local.cloud import environment


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requirements of each build, in a folder of its own and without pip."""
    built: list[str] = []
    monkeypatch.setattr(environment, "FOLDER", tmp_path / "cloud-venv")
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path / "requirements.txt")
    (tmp_path / "requirements.txt").write_text("ministack==1\n")

    def build() -> None:
        (tmp_path / "cloud-venv").mkdir(exist_ok=True)
        built.append((tmp_path / "requirements.txt").read_text())

    monkeypatch.setattr(environment, "_build", build)
    return built


def test_the_environment_is_built_again_only_after_a_change(builds: list[str], tmp_path: Path) -> None:
    environment.python()
    environment.python()
    assert builds == ["ministack==1\n"]

    (tmp_path / "requirements.txt").write_text("ministack==2\n")
    environment.python()

    assert builds == ["ministack==1\n", "ministack==2\n"]


def test_the_environment_has_ministack_and_neither_ours_nor_boto3() -> None:
    wanted = "from importlib.util import find_spec; print([bool(find_spec(each)) for each in ('ministack', 'boto3')])"

    done = subprocess.run(  # noqa: S603 - our own words
        [environment.python(), "-P", "-c", wanted], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[True, False]\n"
