"""amazon-braket-sdk and the AWS CLI, unchanged, with the emulator: they read, submit and opt in; `run` watches.

Run from the project's root: .venv/bin/python -m tests.e2e.clients.run
"""

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import boto3

from braket_notifier.braket.responses import parse_snapshot
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import Transition
from braket_notifier.routing.routes import notifications
from local.braket.emulator import Braket, Clock
from local.cloud.cloud import Cloud
from tests.e2e.clients.cli import check_cli
from tests.e2e.clients.own_tasks import check_own_tasks
from tests.e2e.clients.quick_start import check_quick_start
from tests.e2e.clients.workload import BUCKET, KEYS, choose, create

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NOTEBOOK = ROOT / "examples" / "notebook"
#: No route leads anywhere, so that only a tag chooses a channel.
POLICY = Policy(regions=("us-east-1",), time_zone="UTC", channels={"team-slack": "slack", "mail": "email"}, routes=())
REQUIREMENTS = HERE / "requirements.txt"
ENVIRONMENT = ROOT / "build" / "clients"
BIN = ENVIRONMENT / "bin"


def install(requirements: Path, environment: Path, what: str) -> None:
    """Create the clients' own environment, unless it matches the requirements already."""
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = environment / "requirements.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {what} in {environment} (about a minute)", flush=True)  # noqa: T201
    venv.create(environment, clear=True, with_pip=True)
    pip = [
        str(environment / "bin/python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "-r",
        str(requirements),
    ]
    subprocess.run(pip, check=True)  # noqa: S603  our own words
    stamp.write_text(wanted)


def environment(braket_url: str, cloud_url: str) -> Mapping[str, str]:
    """The variables that a user would set; nothing else is different for the clients."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(ENVIRONMENT),  # no configuration of the user's
        "NO_PROXY": "127.0.0.1",
        "AWS_ENDPOINT_URL_BRAKET": braket_url,
        "AWS_ENDPOINT_URL_S3": cloud_url,
        "AWS_ENDPOINT_URL_STS": cloud_url,  # asked by AwsQuantumJob.create
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **{name.upper(): value for name, value in KEYS.items()},
    }


def check_opt_in(braket: Braket, settings: Mapping[str, str], python: Path, script: Path) -> int:
    """The number of the script's ways of opting in after which the named channel would not receive an end."""
    command = [str(python), str(script), BUCKET]
    found = {**settings, "PYTHONPATH": str(NOTEBOOK)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=found, timeout=300, check=False)  # noqa: S603  our own words
    if done.returncode:
        return 1
    wrong = 0
    for way, arns in json.loads(done.stdout).items():
        chosen = [_channels(braket, arn) for arn in arns]
        right = bool(chosen) and all("mail" in each for each in chosen)
        wrong += not right
        print(f"ok   opt in by {way}: {chosen}" if right else f"FAIL opt in by {way}: {chosen}")  # noqa: T201
    return wrong


def _channels(braket: Braket, arn: str) -> list[str]:
    """The channels that receive a resource's cancellation; no route leads to them."""
    client = boto3.client("braket", arn.split(":")[3], endpoint_url=braket.url, **KEYS)  # type: ignore[call-overload]  # the keys
    if ":job/" in arn:
        snapshot = parse_snapshot(client.get_job(jobArn=arn), kind="job")
    else:
        snapshot = parse_snapshot(client.get_quantum_task(quantumTaskArn=arn), kind="task")
    cancelled = Transition(replace(snapshot, status="CANCELLED"), "CANCELLED", "RUNNING", None, None, 2, "event")
    return [each.channel for each in notifications(cancelled, POLICY)]


def emulator(cloud: Cloud, clock: Clock) -> Braket:
    """The emulator, whose results are objects of the local cloud."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)

    def put_result(bucket: str, key: str, content: bytes) -> None:
        s3.put_object(Bucket=bucket, Key=key, Body=content)

    return Braket(choose=choose, put_result=put_result, clock=clock)


def main() -> int:
    install(REQUIREMENTS, ENVIRONMENT, "amazon-braket-sdk and awscli")
    with Cloud() as cloud, emulator(cloud, Clock(held=True)) as braket:
        arns = create(braket)
        braket.clock.release()
        settings, python = environment(braket.url, cloud.url), BIN / "python"
        sdk = subprocess.run(  # noqa: S603  our own words
            [str(python), str(HERE / "sdk.py")],
            input=json.dumps(arns),
            text=True,
            env=settings,
            timeout=300,
            check=False,
        )
        wrong = sdk.returncode + check_cli(str(BIN / "aws"), arns, settings)
        wrong += check_own_tasks(settings, python, HERE / "submit.py")
        wrong += check_opt_in(braket, settings, python, HERE / "opt_in.py")
        previews = subprocess.run(  # noqa: S603  our own words
            [str(python), str(HERE / "previews.py")],
            input=json.dumps(arns["results"]),
            text=True,
            env={**settings, "PYTHONPATH": str(ROOT)},
            timeout=300,
            check=False,
        )
        wrong += previews.returncode
        for script in ("windows.py", "costs.py"):
            command = [str(python), str(HERE / script)]
            found = {**settings, "PYTHONPATH": str(ROOT)}
            wrong += subprocess.run(command, env=found, timeout=300, check=False).returncode  # noqa: S603  our own words
    wrong += check_quick_start({**settings, "PATH": f"{BIN}:{settings['PATH']}"})
    print("every check passed" if not wrong else "some checks failed")  # noqa: T201
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
