"""From the start of a process to the end of its first event: each function's real asset beside its rivals."""

import json
import shutil
import sysconfig
import time
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from benchmarks.fresh import ROUNDS, Fresh, cpu_ms
from benchmarks.report import Goal, Report
from infra.asset import stage_code
from infra.layer import build_layer
from infra.settings import read_settings
from local.braket import Event, Script
from local.stage import NAME, SETTINGS, Stage, synthesise
from local.story import FORTE, Act
from notifier.model import Notification, Snapshot, Transition, parse_arn
from notifier.wire import encode

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SITE_PACKAGES = sysconfig.get_path("purelib")
#: Where `make bench` puts what only benchmarks need.
RIVAL = Path("build/benchmarks")
BARE, BOTO3, USUAL = "python alone", "boto3 and one client", "the usual Powertools stack"
CLIENT = 'import boto3; boto3.client("dynamodb", region_name="us-east-1")'
STACK = f"""
{CLIENT}
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel, SqsModel
Logger(service="rival"); Metrics(namespace="rival"); Tracer(service="rival", auto_patch=False)
"""
HANDLE = """
import json
from importlib import import_module

class Context:
    function_name, memory_limit_in_mb, aws_request_id = "fresh", 1024, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:fresh"
    get_remaining_time_in_millis = staticmethod(lambda: 120_000)

print(import_module({module!r}).lambda_handler(json.loads({event!r}), Context()))
"""


def run() -> Report:
    with TemporaryDirectory() as folder, _stage() as (stage, events):
        code, layer = _compiled(Path(folder))
        trimmed, whole = (str(layer), str(code)), (SITE_PACKAGES, str(code))

        def observing() -> str:
            return _handling("observe", events.pop())

        rivals = [
            Fresh(BARE, lambda: "pass"),
            Fresh(BOTO3, lambda: CLIENT, [SITE_PACKAGES]),
            Fresh(USUAL, lambda: STACK, [str(RIVAL), SITE_PACKAGES], {"POWERTOOLS_TRACE_DISABLED": "1"}),
        ]
        functions = [
            Fresh("observe, untrimmed", observing, whole, _environment(stage, "observe")),
            Fresh("observe", observing, trimmed, _environment(stage, "observe")),
            Fresh("sweep", lambda: _handling("sweep", {}), trimmed, _environment(stage, "sweep")),
            Fresh(
                "deliver to Slack",
                lambda: _delivering("team-slack"),
                trimmed,
                _environment(stage, "deliver-team-slack"),
            ),
            Fresh("deliver to e-mail", lambda: _delivering("mail"), trimmed, _environment(stage, "deliver-mail")),
        ]
        return report(cpu_ms([*rivals, *functions]))


@contextmanager
def _stage() -> Iterator[tuple[Stage, list[Event]]]:
    """The deployed notifier, and events of ends that nobody has told it yet."""
    events: list[Event] = []

    class Unheard(Stage):
        """A stage whose events wait until they are asked for."""

        def tell(self, event: Event) -> None:
            if event["detail"]["status"] == "COMPLETED":
                events.append(event)

    script = Script(steps=((0.1, "COMPLETED"),))
    with Unheard(lambda _: script).up() as stage:
        stage.deploy(synthesise())
        stage.sweep()
        for number in range(2 * ROUNDS):
            stage.submit(Act(name=f"fresh-{number}", device=FORTE, script=script))
        while len(events) < 2 * ROUNDS:
            time.sleep(0.05)
        yield stage, events


def _compiled(folder: Path) -> tuple[Path, Path]:
    """Copies of the code and of the layer, with the byte code that Lambda's own Python finds in the layer."""
    code = stage_code(read_settings(SETTINGS).policy(), folder / "code")
    layer = Path(shutil.copytree(build_layer() / "python", folder / "layer"))
    for each in (code, layer):
        compile_dir(each, quiet=1)
    return code, layer


def _environment(stage: Stage, function: str) -> dict[str, str]:
    """What the template gives the function, and what leads it to this machine."""
    given = stage.cloud.client("lambda").get_function_configuration(FunctionName=f"{NAME}-{function}")
    return {
        **given["Environment"]["Variables"],
        **stage.environment(),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _handling(module: str, event: object) -> str:
    text = json.dumps(event if module == "sweep" else {"Records": [_record(json.dumps(event))]})
    return HANDLE.format(module=module, event=text)


def _delivering(channel: str) -> str:
    """Each is the end of a quantum task of a batch of its own, told to nobody before."""
    arn = parse_arn(f"arn:aws:braket:us-east-1:000000000000:quantum-task/{uuid4()}")
    now = datetime.now(UTC)
    snapshot = Snapshot(arn, "FAILED", now, ended_at=now, device=FORTE, shots=1000, tags={"batch": arn.id})
    notification = Notification(Transition(snapshot, "FAILED", "QUEUED", now, None, 2, "event"), channel)
    return HANDLE.format(module="deliver", event=json.dumps({"Records": [_record(encode(notification))]}))


def _record(body: str) -> dict[str, object]:
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:fresh",
        "awsRegion": "us-east-1",
    }


def report(found: dict[str, float]) -> Report:
    goals = (
        Goal("observe_untrimmed_by_boto3", found["observe, untrimmed"] / found[BOTO3], 1.25),
        Goal("observe_by_boto3", found["observe"] / found[BOTO3], 0.65),
        Goal("observe_by_usual_stack", found["observe"] / found[USUAL], 0.5),
    )
    rows = [(name, f"{ms:.0f}", f"{ms / found[BOTO3]:.2f}") for name, ms in found.items()]
    measured = (
        "Processor time of a whole process from its start to the end of its first event, medians of interleaved runs."
    )
    return Report(
        "cold_start",
        measured,
        ("process", "CPU ms", "of boto3 and one client"),
        rows,
        goals,
        lambda axes: _draw(axes, found),
    )


def _draw(axes: "Axes", found: dict[str, float]) -> None:
    axes.barh(
        list(found), list(found.values()), color=["#999" if n in {BARE, BOTO3, USUAL} else "#3b6ea8" for n in found]
    )
    axes.invert_yaxis()
    axes.set_xlabel("CPU ms from the start of the process to the end of its first event")
