"""`python app.py`, as a user and the CDK command line run it."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from braket_notifier.settings.python_version import MACHINE
from infra import CACHE
from tests.infra.template import Synth

ROOT = Path(__file__).parents[2]


def _app(out: Path, **context: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_command_writes_the_assembly_without_nodes_banner(tmp_path: Path, synthesised: Synth) -> None:
    expected = synthesised(machine=MACHINE)

    done = _app(tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((tmp_path / "braket-notifier.template.json").read_text()) == expected.content


def test_each_mistake_in_the_settings_is_one_line_and_there_is_no_traceback(tmp_path: Path) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text('home = "mars-1"\nregions = ["mars-1"]\n')

    done = _app(tmp_path / "out", settings=str(settings))

    assert done.returncode == 1
    missing, home, regions = done.stderr.splitlines()
    assert missing.startswith(f"{settings}: channels: at least one [channels.NAME] is needed")
    assert home.startswith(f'{settings}:1: home: "mars-1" is not one of the watched regions; allowed: us-east-1')
    assert regions.startswith(f'{settings}:2: regions: "mars-1" is not a region of Amazon Braket; allowed: us-east-1')


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        # the error that CDK's process of Node gave on a full disk
        (RuntimeError("ENOSPC: no space left on device, write"), "no space is left on the device of /"),
        # pip without a network or on a full disk, which has printed its own reason
        (subprocess.CalledProcessError(2, ["pip"]), "a layer's packages could not be fetched: check the network and"),
        # a folder of another user
        (PermissionError(13, "Permission denied", "cdk.out"), "cdk.out: Permission denied"),
    ],
)
def test_what_the_user_can_mend_is_one_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def synth(**_: object) -> None:
        raise error

    monkeypatch.setattr("infra.synth.synth", synth)

    with pytest.raises(SystemExit, match=f"^{sentence}"):
        runpy.run_path(str(ROOT / "app.py"))


def test_ctrl_c_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def synth(**_: object) -> None:
        raise KeyboardInterrupt

    def end(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr("infra.synth.synth", synth)
    monkeypatch.setattr("os._exit", end)

    with pytest.raises(SystemExit, match=r"^130$"):
        runpy.run_path(str(ROOT / "app.py"))


def test_ctrl_c_while_the_command_is_loaded_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "subprocess.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")

    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_ctrl_c_during_the_synthesis_leaves_no_temporary_folder(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    cache = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(CACHE))}
    places = {"TMPDIR": str(temporary), "CDK_OUTDIR": str(tmp_path / "out")}
    with subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | cache | places,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 300
        while not [*temporary.rglob("jsii-kernel-*")] and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        said, _ = process.communicate(timeout=300)

    assert (process.returncode, said) == (130, b"")
    assert {each.name for each in temporary.iterdir()} <= {CACHE.name}
