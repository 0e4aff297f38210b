"""The workflows run pinned actions and have no rights that they do not need."""

import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from braket_notifier import __version__
from security.scanners import LOCKED

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
assert WORKFLOWS


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_named_by_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())

    assert used
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in used), used


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_asks_for_more(path: Path) -> None:
    text = path.read_text()

    assert "\npermissions:\n  contents: read\n" in text
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert "pull_request_target" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_makes_only_what_the_makefile_can(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"run: make ([a-z-]+)", path.read_text())) <= targets


OTHERS = {".venv", "build", "node_modules"}
PINNED = sorted(path for path in ROOT.rglob("requirements.txt") if not OTHERS & {*path.parts})


def asked_for(pinned: Path) -> tuple[str, list[str]]:
    """The file that names packages, from the root, and their names."""
    if pinned.parent in {ROOT, ROOT / "infra"}:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"]
        more = extras.values() if pinned.parent == ROOT else [extras["deploy"]]
        lines = [*project["dependencies"], *chain(*more)]
        return "pyproject.toml", [re.split(r"[^A-Za-z0-9-]", line)[0] for line in lines]
    asked = pinned.with_suffix(".in")
    lines = re.findall(r"^([A-Za-z0-9][A-Za-z0-9-]*)", asked.read_text(), re.MULTILINE)
    return asked.relative_to(ROOT).as_posix(), lines


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.parent.name)
def test_every_requirement_is_pinned_with_hashes_and_watched_for_updates(path: Path) -> None:
    """Dependabot compiles again by the command in the pinned file's head, for every Python and every system."""
    name, wanted = asked_for(path)
    pinned = path.read_text()
    blocks = re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==(.*(?:\n    .*)*)", pinned, re.MULTILINE)

    assert wanted
    assert {each.lower() for each in wanted} <= {package for package, _ in blocks}
    assert all("--hash=sha256:" in rest for _, rest in blocks)
    assert re.search(rf"^#    uv pip compile --universal .* {name}", pinned, re.MULTILINE)
    assert f"$(PIN) {name} " in (ROOT / "Makefile").read_text()
    assert f'"/{path.parent.relative_to(ROOT)}"'.replace("/.", "/") in (ROOT / ".github/dependabot.yml").read_text()


def test_the_build_backend_is_the_pinned_one() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())

    [backend] = document["build-system"]["requires"]
    assert backend in document["project"]["optional-dependencies"]["dev"]


def test_every_node_package_is_pinned_with_its_digest() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert len(packages) > 1
    assert all(each["integrity"].startswith("sha512-") for place, each in packages.items() if place)


def test_every_pinned_file_is_audited() -> None:
    assert [ROOT / each for each in LOCKED] == PINNED


def test_a_newcomer_s_commands_run_on_macos() -> None:
    job = (ROOT / ".github/workflows/test.yml").read_text().partition("\n  macos:")[2].partition("\n  coverage:")[0]

    assert "runs-on: macos-latest\n" in job
    assert re.findall(r"run: make (\w+)", job) == ["check", "run"]


def test_a_release_attaches_and_attests_what_is_built_for_it() -> None:
    release = (ROOT / ".github/workflows/release.yml").read_text()
    built, attested, attached = (release.index(each) for each in ("make release", "subject-path", "gh release create"))

    assert built < attested < attached
    assert "subject-path: build/release/*\n" in release
    assert re.search(r"gh release create .* build/release/\*$", release, re.MULTILINE)
    recipe = (ROOT / "Makefile").read_text().partition("\nrelease:")[2].partition("\n\n")[0]
    parts = ("pip wheel", "infra.quick_start", "*.template.json", "build/sbom/*.json", "SHA256SUMS")
    assert all(part in recipe for part in parts)


def test_a_release_s_tag_is_the_package_s_version() -> None:
    release = (ROOT / ".github/workflows/release.yml").read_text()
    command = next(line.partition("run: ")[2] for line in release.splitlines() if 'test "$GITHUB_REF_NAME"' in line)
    codes = [
        subprocess.run(  # noqa: S603 - the workflow's own line
            ["bash", "-c", command],  # noqa: S607 - as above
            cwd=ROOT,
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "GITHUB_REF_NAME": tag},
            check=False,
        ).returncode
        for tag in (f"v{__version__}", "v9.9.9")
    ]

    assert codes == [0, 1]
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_a_release_s_notes_are_its_section_of_the_changelog_with_the_repository_s_own_addresses(tmp_path: Path) -> None:
    script = textwrap.dedent((ROOT / ".github/workflows/release.yml").read_text().partition("- run: |\n")[2])
    sections = [
        "# Changelog",
        "## Unreleased",
        "- soon",
        "## 1.1.0 (2026-12-01)",
        "- this ([page](docs/run.md))",
        "",
        "## 1.0.0 (2026-11-30)",
        "- old",
    ]
    (tmp_path / "CHANGELOG.md").write_text("\n".join(sections) + "\n")
    (tmp_path / "gh").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "gh").chmod(0o755)
    here = "https://github.com/lab/fork"
    given = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "lab/fork", "GITHUB_REF_NAME": "v1.1.0"}

    done = subprocess.run(  # noqa: S603 - the workflow's own lines
        ["bash", "-e", "-c", script.partition("env:")[0]],  # noqa: S607 - as above
        cwd=tmp_path,
        env={**os.environ, **given, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )

    section, _, verify = (tmp_path / "notes.md").read_text().partition("\n\n")
    assert section == f"- this ([page]({here}/blob/v1.1.0/docs/run.md))"
    assert verify.startswith("`gh attestation verify FILE --repo lab/fork` shows")
    assert done.stdout.startswith("release create v1.1.0 --verify-tag --notes-file notes.md build/release/")


def test_the_version_has_its_section_in_the_changelog() -> None:
    assert re.search(
        rf"^## {re.escape(__version__)} \(\d{{4}}-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
