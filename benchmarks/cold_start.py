"""Processor time from the start of a process to the end of its first event, for each function and other stacks."""

import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.fresh_process import ROUNDS, Fresh, cpu_ms
from benchmarks.invoked import delivering, environment, left_by_synth, observing, sweeping, uncompiled
from benchmarks.report import Goal, Report
from braket_notifier.settings.python_version import MACHINE, SUPPORTED
from infra.byte_code import add_byte_code, compiler
from local.braket.emulator import Event, Script
from local.story.assembly import OUT, synthesise
from local.story.stage import Stage
from local.story.story import FORTE, Act

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SITE_PACKAGES = sysconfig.get_path("purelib")
#: Events for each run of observe, for those on other Pythons, and some for repeated runs.
EVENTS = (4 + 2 * len(SUPPORTED)) * ROUNDS
#: Folder of the packages that only benchmarks need; `make bench` fills it.
RIVAL = Path("build/benchmarks")
BARE, BOTO3, USUAL = "python alone", "boto3 and one client", "the usual Powertools stack"
#: The least that any function needs to call AWS through botocore.
FLOOR = "botocore and one client, trimmed"
CLIENT = 'import boto3; boto3.client("dynamodb", region_name="us-east-1")'
BOTOCORE = CLIENT.replace(
    "import boto3; boto3.client", "from botocore.session import get_session; get_session().create_client"
)
STACK = f"""
{CLIENT}
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel, SqsModel
Logger(service="rival"); Metrics(namespace="rival"); Tracer(service="rival", auto_patch=False)
"""


def run() -> Report:
    with TemporaryDirectory() as folder, _stage() as (stage, events):
        deployed = left_by_synth(OUT)
        [layer, code] = map(str, deployed)

        def function(name: str, function: str, handling: Callable[[], str], site: str = layer) -> Fresh:
            return Fresh(name, handling, [site, code], environment(stage, function))

        def observed(name: str, folders: Sequence[Path], python: str = sys.executable) -> Fresh:
            path = [*map(str, folders)]
            return Fresh(name, lambda: observing(events.pop()), path, environment(stage, "observe"), python)

        return report(
            cpu_ms(
                [
                    Fresh(BARE, lambda: "pass"),
                    Fresh(BOTO3, lambda: CLIENT, [SITE_PACKAGES]),
                    Fresh(FLOOR, lambda: BOTOCORE, [layer]),
                    Fresh(USUAL, lambda: STACK, [str(RIVAL), SITE_PACKAGES], {"POWERTOOLS_TRACE_DISABLED": "1"}),
                    function("observe, untrimmed", "observe", lambda: observing(events.pop()), SITE_PACKAGES),
                    observed("observe", deployed),
                    observed("observe, uncompiled", uncompiled(deployed, Path(folder) / "uncompiled")),
                    *_on_other_pythons(deployed, Path(folder), observed),
                    function("sweep", "sweep", sweeping),
                    function("deliver to Slack", "deliver-team-slack", lambda: delivering("team-slack")),
                    function("deliver to e-mail", "deliver-mail", lambda: delivering("mail")),
                ]
            )
        )


def _on_other_pythons(
    deployed: Sequence[Path], folder: Path, observed: Callable[[str, Sequence[Path], str], Fresh]
) -> Iterator[Fresh]:
    """Observe on each further Python of this machine, as a deployment from there would leave it, and uncompiled."""
    for version in SUPPORTED:
        python = compiler(version)
        if python and version != MACHINE:
            there = uncompiled(deployed, folder / version / "deployed")
            for each in there:
                add_byte_code(each, str(each), version)
            yield observed(f"observe on {version}", there, python)
            yield observed(
                f"observe on {version}, uncompiled", uncompiled(deployed, folder / version / "uncompiled"), python
            )


@contextmanager
def _stage() -> Iterator[tuple[Stage, list[Event]]]:
    """The deployed notifier, and events of ends that no notification has announced."""
    events: list[Event] = []

    class WaitingEvents(Stage):
        """A stage that collects its events until the benchmark needs them."""

        def send_event(self, event: Event) -> None:
            if event["detail"]["status"] == "COMPLETED":
                events.append(event)

    script = Script(steps=((0.1, "COMPLETED"),))
    with WaitingEvents(lambda _: script).up() as stage:
        stage.deploy(synthesise())
        stage.sweep()
        for number in range(EVENTS):
            stage.submit(Act(name=f"fresh-{number}", device=FORTE, script=script))
        while len(events) < EVENTS:
            time.sleep(0.05)
        yield stage, events


def report(found: dict[str, float]) -> Report:
    goals = (
        Goal("observe_untrimmed_by_boto3", found["observe, untrimmed"] / found[BOTO3], 1.25),
        Goal("observe_by_boto3", found["observe"] / found[BOTO3], 0.65),
        Goal("observe_by_uncompiled", found["observe"] / found["observe, uncompiled"], 0.5),
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
        lambda axes: _plot(axes, found),
    )


def _plot(axes: "Axes", found: dict[str, float]) -> None:
    colours = ["#999" if name in {BARE, BOTO3, FLOOR, USUAL} else "#3b6ea8" for name in found]
    axes.barh(list(found), list(found.values()), color=colours)
    axes.invert_yaxis()
    axes.set_xlabel("CPU ms from the start of the process to the end of its first event")
