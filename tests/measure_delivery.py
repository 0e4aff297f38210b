"""A notification on its way from the queue to a Slack channel, and the modules that it passes through."""

import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import is_dataclass
from datetime import UTC, datetime
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType, SimpleNamespace
from typing import Any

import boto3
from moto import mock_aws

from local.braket.serving import json_response, serving
from local.canary import CANARY

END, CHANNEL = datetime.now(UTC).isoformat(), "team-slack"
ARN = "arn:aws:braket:eu-north-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-"
DEVICE = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
POLICY = {"version": 1, "home": "eu-north-1", "regions": ["eu-north-1"], "time_zone": "UTC", "retention_days": 90}
POLICY |= {"channels": {CHANNEL: {"type": "slack"}}, "partial_below": 0.95, "routes": [{"to": [CHANNEL]}]}
ENVIRONMENT = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "POWERTOOLS_SERVICE_NAME"), "test")
ENVIRONMENT |= {"AWS_DEFAULT_REGION": "eu-north-1", "POWERTOOLS_METRICS_NAMESPACE": "Test", "CHANNEL": CHANNEL}
ENVIRONMENT |= {"SNAPSHOTS_TABLE": "snapshots", "DELIVERIES_TABLE": "deliveries", "CHANNEL_TYPE": "slack"}
ENVIRONMENT |= {"SLACK_TOKEN": "ssm:/token", "SLACK_CHANNEL": "C1"}
INVOCATION = dict.fromkeys(("function_name", "invoked_function_arn", "aws_request_id", "memory_limit_in_mb"), "test")
CONTEXT = SimpleNamespace(**INVOCATION, get_remaining_time_in_millis=lambda: 60_000)


def queue_record(number: int) -> dict[str, Any]:
    """The end of a quantum task, as Lambda passes it to the function."""
    detail = {"quantumTaskArn": f"{ARN}{number:012d}", "status": "COMPLETED", "deviceArn": DEVICE}
    body = {"version": 1, "channel": CHANNEL, "silent": False, "kind": "task", "status": "COMPLETED", "was": "RUNNING"}
    body |= {"at": END, "running_at": END, "number": 2, "source": "event", "correction": False, "degraded": False}
    attributes = {"ApproximateReceiveCount": "1"}
    text = json.dumps({**body, "detail": {**detail, "endedAt": END}})
    return {"messageId": f"{number}", "receiptHandle": "none", "attributes": attributes, "body": text}


def create_resources() -> None:
    boto3.client("ssm").put_parameter(Name="/token", Value=f"xoxb-{CANARY}", Type="SecureString")
    for name, keys in {"snapshots": {"arn": "HASH"}, "deliveries": {"partition": "HASH", "sort": "RANGE"}}.items():
        boto3.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],  # type: ignore[typeddict-item]
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )


def profiler(code: str, everything: Counter[str], core: Counter[str]) -> Callable[[FrameType, str, object], None]:
    """Count the returns of each module: everywhere, and below `deliver.deliver` outside of the adapters."""
    stack: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event not in {"call", "return"} or not frame.f_code.co_filename.startswith(code):
            return
        module = frame.f_code.co_filename.removeprefix(code)
        if event == "call":
            stack.append(f"{module}:{frame.f_code.co_name}")
            return
        everything[module] += 1
        inside = any(each.endswith(".py:deliver") for each in stack)
        core[module] += inside and not any("/adapters/" in each for each in stack)
        stack.pop()

    return note


def delivered(root: Path, library: Path) -> list[Counter[str]]:
    """The modules and their returns while a function that is warm delivers one notification to Slack."""
    seen: list[Counter[str]] = [Counter(), Counter()]
    accept = serving(lambda _: json_response({"ok": True, "channel": "C1", "ts": "1.000001"}))
    with TemporaryDirectory() as folder, mock_aws(), accept as url, redirect_stdout(StringIO()):
        shutil.copytree(root / "lambdas", folder, dirs_exist_ok=True)
        code = shutil.copytree(library, Path(folder) / library.name, dirs_exist_ok=True)
        (Path(folder) / "settings.json").write_text(json.dumps(POLICY))
        os.environ |= {**ENVIRONMENT, "SLACK_ENDPOINT_URL": url, "QUEUE_URL": url}
        sys.path.insert(0, folder)
        create_resources()
        handler = import_module("deliver").lambda_handler
        for number, profile in enumerate((None, profiler(str(code), *seen))):
            sys.setprofile(profile)
            answer = handler({"Records": [queue_record(number)]}, CONTEXT)
            sys.setprofile(None)
            if answer["batchItemFailures"]:
                raise SystemExit("the notification was not delivered")
    return [+each for each in seen]


def loaded_dataclasses(package: str) -> int:
    """Count the dataclasses of the package's modules that this process has loaded."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == package]
    classes = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
    return sum(is_dataclass(each) and each.__module__.partition(".")[0] == package for each in classes)
