"""The modules that each function has loaded after its first record, because each module costs cold-start time."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.invoked import delivering, environment, observing, sweeping, unrecorded_task
from braket_notifier.settings.notifier_toml import read_settings
from infra.asset import stage_code
from infra.layer import build_layer
from local.story.assembly import SETTINGS, SOURCE
from local.story.stage import Stage
from local.story.story import FORTE

#: Modules that take longer to import than the notifier itself.
HEAVY = {"apprise", "asyncio", "aws_xray_sdk", "boto3", "httpx", "jinja2", "pydantic", "requests", "slack_sdk"}
LOADED = "\nimport sys; print(json.dumps([*{name.partition('.')[0] for name in sys.modules}]))"


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The layer, and the code as deployed."""
    code = stage_code(read_settings(SETTINGS).policy(), tmp_path_factory.mktemp("asset") / "code")
    return [str(build_layer() / "python"), str(code)]


def ended() -> dict[str, object]:
    """An event of a quantum task that Braket does not know. The notifier believes it in the end."""
    arn, now = unrecorded_task(), datetime.now(UTC).isoformat()
    detail = {"quantumTaskArn": arn.text, "status": "COMPLETED", "deviceArn": FORTE, "shots": 10, "endedAt": now}
    envelope = {"source": SOURCE, "account": arn.account, "region": arn.region, "time": now, "resources": [arn.text]}
    return {"detail-type": "Braket Task State Change", **envelope, "detail": detail}


@pytest.mark.parametrize("function", ["observe", "sweep", "deliver-mail", "deliver-team-slack"])
def test_a_function_loads_nothing_heavy(stage: Stage, assets: list[str], function: str) -> None:
    handling = {"observe": lambda: observing(ended()), "sweep": sweeping}
    code = handling.get(function, lambda: delivering(function.removeprefix("deliver-")))()
    paths = {"PYTHONPATH": ":".join(assets), "PATH": str(Path(sys.executable).parent)}

    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-B", "-P", "-S", "-c", code + LOADED],
        env={**environment(stage, function), **paths},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr + done.stdout
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded & HEAVY == set()
    assert {"botocore", "braket_notifier", "aws_lambda_powertools"} <= loaded
