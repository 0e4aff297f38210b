"""The code asset has `lambdas/`, what the functions need of the library, and the policy."""

import json
import stat
from hashlib import sha256
from pathlib import Path

from braket_notifier.settings.keys import ORDER
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.policy_document import digest
from infra.asset import LAMBDAS, LIBRARY, NOT_DEPLOYED, ROOT, stage_code, stage_digest
from tests.infra.template import Template


def test_the_asset_has_lambdas_the_library_and_the_policy(tmp_path: Path) -> None:
    staged = stage_code({"version": 1}, tmp_path / "code")

    left_out = {LIBRARY / package for package in NOT_DEPLOYED}
    library = {path for path in LIBRARY.rglob("*") if path.suffix in (".py", ".typed", ".csv")}
    deployed = {path for path in library if not left_out & {*path.parents}}
    ours = {path.relative_to(LAMBDAS): path for path in LAMBDAS.rglob("*.py")}
    ours |= {path.relative_to(ROOT): path for path in deployed}
    theirs = {path.relative_to(staged) for path in staged.rglob("*") if path.is_file()}
    assert len(deployed) > 50
    assert theirs == {*ours, Path("settings.json")}
    assert all((staged / path).read_bytes() == source.read_bytes() for path, source in ours.items())
    assert json.loads((staged / "settings.json").read_text()) == {"version": 1}


def test_the_asset_has_neither_settings_nor_command_line_nor_fakes(tmp_path: Path) -> None:
    staged = stage_code({}, tmp_path / "code") / "braket_notifier"

    assert (staged / "adapters" / "aws").is_dir()
    assert [name for name in NOT_DEPLOYED if (staged / name).exists()] == []


def test_lambda_may_read_every_file_whatever_the_builders_umask(tmp_path: Path) -> None:
    staged = stage_code({}, tmp_path / "code")

    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in staged.rglob("*")}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_two_stagings_have_equal_times(tmp_path: Path) -> None:
    one, other = (stage_code({}, tmp_path / name) for name in ("one", "other"))

    assert _listing(one) == _listing(other)


def test_the_assembly_holds_the_staged_code(template: Template) -> None:
    [code] = [path.parent for path in template.assembly.glob("asset.*/settings.json")]

    policy = json.loads((code / "settings.json").read_text())
    assert policy["channels"] == {"team-slack": {"type": "slack"}, "mail": {"type": "email"}}
    assert (code / "braket_notifier" / "observe.py").is_file()


def _listing(folder: Path) -> list[tuple[str, float]]:
    return sorted((str(path.relative_to(folder)), path.stat().st_mtime) for path in folder.rglob("*"))


def test_the_stack_output_has_the_digest_of_the_deployed_settings(template: Template, tmp_path: Path) -> None:
    """Otherwise a function could follow settings that were published for another deployment."""
    policy = read_settings(ROOT / "notifier.toml").policy()

    code = stage_code(policy, tmp_path / "code")

    output = json.loads(template.content["Outputs"]["Settings"]["Value"])
    assert output["digest"] == sha256((code / "settings.json").read_bytes()).hexdigest()
    assert output["channels"] == {"team-slack": {"type": "slack"}, "mail": {"type": "email"}}


def test_settings_without_a_key_for_the_order_of_channels_have_the_same_digest(tmp_path: Path) -> None:
    """Otherwise an upgrade with the same settings file ends pushed settings."""
    keys = read_settings(ROOT / "notifier.toml").keys
    of_before = {key: each for key, each in keys.items() if key != ORDER}

    one, other = stage_digest(keys, tmp_path / "one"), stage_digest(of_before, tmp_path / "other")

    assert keys != of_before
    assert (one / "settings.sha256").read_bytes() == (other / "settings.sha256").read_bytes()


def test_another_order_of_channels_has_another_digest_of_the_policy() -> None:
    """So its deployment ends pushed settings, which have the order of before."""
    one = {"channels": {"mail": {"type": "email"}, "lab": {"type": "slack"}}}
    other = {"channels": {"lab": {"type": "slack"}, "mail": {"type": "email"}}}

    assert one == other
    assert digest(one) != digest(other)
