"""An invocation of a function's real asset, in a process of its own beside a running stage."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.sending.wire import encode
from local.story.stage import NAME, Stage
from local.story.story import FORTE

#: Receives after which an event counts even if Braket does not know its resource.
RECEIVES = "4"
HANDLE = """
import json
from importlib import import_module

class Context:
    function_name, memory_limit_in_mb, aws_request_id = "fresh", 1024, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:fresh"
    get_remaining_time_in_millis = staticmethod(lambda: 120_000)

answer = import_module({module!r}).lambda_handler(json.loads({event!r}), Context())
if answer.get("batchItemFailures"):
    raise SystemExit("not handled: " + json.dumps(answer))
"""


def left_by_synth(assembly: Path) -> list[Path]:
    """The home stack's layer and code, each as its folder of modules; the assembly keeps older assets too."""
    files = json.loads((assembly / f"{NAME}.assets.json").read_text())["files"].values()
    assets = [assembly / each["source"]["path"] for each in files]
    [code] = [path for path in assets if (path / "settings.json").is_file()]
    [layer] = [path / "python" for path in assets if (path / "python").is_dir()]
    return [layer, code]


def uncompiled(folders: Sequence[Path], into: Path) -> list[Path]:
    """Copies without byte code."""
    ignore = shutil.ignore_patterns("__pycache__")
    return [Path(shutil.copytree(each, into / str(number), ignore=ignore)) for number, each in enumerate(folders)]


def environment(stage: Stage, function: str) -> dict[str, str]:
    """The function's environment in the template, and the endpoints on this machine."""
    given = stage.cloud.client("lambda").get_function_configuration(FunctionName=f"{NAME}-{function}")
    return {
        **given["Environment"]["Variables"],
        **stage.environment(),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def observing(event: object) -> str:
    return _handling("observe", {"Records": [_record(json.dumps(event))]})


def sweeping() -> str:
    return _handling("sweep", {})


def delivering(channel: str) -> str:
    """Deliver the end of a new quantum task of its own batch, because many failures would become a digest."""
    arn, now = unrecorded_task(), datetime.now(UTC)
    snapshot = Snapshot(arn, "COMPLETED", now, ended_at=now, device=FORTE, shots=1000, tags={"batch": arn.id})
    notification = Notification(Transition(snapshot, "COMPLETED", "QUEUED", now, None, 2, "event"), channel)
    return _handling("deliver", {"Records": [_record(encode(notification))]})


def unrecorded_task() -> Arn:
    return parse_arn(f"arn:aws:braket:us-east-1:000000000000:quantum-task/{uuid4()}")


def _handling(module: str, event: object) -> str:
    return HANDLE.format(module=module, event=json.dumps(event))


def _record(body: str) -> dict[str, object]:
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": RECEIVES},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:fresh",
        "awsRegion": "us-east-1",
    }
