"""The chapters of `make run`: all its resources, and the scripted life of each."""

from dataclasses import dataclass
from datetime import timedelta

from local.braket.emulator import CreateRequest, FailedExecutable, Script
from local.inbox.inbox import Fault
from local.story.story import AQUILA, CEPHEUS, CHILD, EMERALD, FORTE, GARNET, IBEX, QUEUED, Act, way


@dataclass(frozen=True, slots=True)
class Chapter:
    """Acts that are submitted at once. A chapter that goes on ends during the next ones."""

    title: str
    acts: tuple[Act, ...]
    goes_on: bool = False
    #: The fault of Slack meanwhile.
    fault: Fault | None = None


FAILED_EXECUTABLES = tuple(
    FailedExecutable(program=number, inputs_index=0, reason="Qubit 17 is offline", category="DEVICE", retryable=True)
    for number in range(6)
)

#: Its events were sent before the installation.
EARLIER = Act(
    name="overnight-scan",
    device=GARNET,
    script=Script(
        steps=(QUEUED, (5.0, "RUNNING"), (1.0, "COMPLETED")),
        aged=timedelta(hours=9, minutes=20),
        lost=frozenset({"CREATED", "QUEUED"}),
    ),
)

TASKS = (
    Act(
        name="ghz-12",
        device=GARNET,
        shots=2000,
        script=Script(steps=way("COMPLETED"), aged=timedelta(hours=3, minutes=40)),
    ),
    Act(
        name="rydberg-scan-7",
        device=AQUILA,
        shots=500,
        script=Script(
            steps=((0.3, "QUEUED"), (2.0, "FAILED")),
            failure_reason="Program validation failed: site spacing 3.9 um is below the minimum of 4.0 um",
        ),
    ),
    Act(
        name="maxcut-5",
        device=FORTE,
        script=Script(steps=(QUEUED,), aged=timedelta(hours=1, minutes=12)),
        cancelled=True,
    ),
    Act(
        name="rb-check",
        device=EMERALD,
        script=Script(steps=way("COMPLETED"), successful_shots=870, aged=timedelta(minutes=48)),
    ),
    Act(
        name="rb-sweep",
        device=CEPHEUS,
        shots=96000,
        script=Script(
            steps=way("FAILED"),
            successful_shots=90000,
            program_count=12,
            executable_count=96,
            failed_executables=FAILED_EXECUTABLES,
            failure_reason="6 of 96 executables failed",
            aged=timedelta(minutes=21),
        ),
        programs=12,
    ),
    Act(
        name="events-all-lost",
        device=IBEX,
        shots=200,
        script=Script(steps=way("COMPLETED"), events="lost"),
    ),
)

#: The run works its price out, because it completes with all its shots and outside jobs and reservations.
PRICED = TASKS[0]

JOBS = (
    Act(
        name="vqe-h2-17",
        kind="job",
        device=GARNET,
        script=Script(steps=((0.8, "RUNNING"), (6.0, "COMPLETED")), aged=timedelta(hours=3, minutes=5)),
        children=4,
    ),
    Act(
        name="qaoa-train-3",
        kind="job",
        device=FORTE,
        script=Script(
            steps=((0.8, "RUNNING"), (4.0, "FAILED")),
            failure_reason="AlgorithmError: FileNotFoundError: No such file or directory: 'graph.json', exit code: 1",
        ),
        children=2,
    ),
)

#: It runs on, because its owner must be warned before it ends.
FAILING_JOB = Act(
    name="vqe-lih-3",
    kind="job",
    device=EMERALD,
    script=Script(steps=((0.8, "RUNNING"),), aged=timedelta(minutes=25)),
)
FAIL = {3, 6, 8}
STEPS = tuple(
    Act(
        name=f"vqe-lih-3-step-{number}",
        job="vqe-lih-3",
        device=EMERALD,
        script=Script(
            steps=way("FAILED" if number in FAIL else "COMPLETED", after=3.0 if number in FAIL else 1.0),
            failure_reason="Device calibration changed while the task was queued",
        ),
    )
    for number in range(1, 9)
)

#: Resources that wait at the end of the story, because Braket soon stops the job, and the task's device is out.
LONG_JOB = Act(
    name="adapt-vqe-9",
    kind="job",
    device=FORTE,
    script=Script(steps=((0.8, "RUNNING"),), aged=timedelta(hours=4, minutes=20), late=timedelta(hours=4, minutes=5)),
)
WAITING = Act(name="rydberg-scan-8", device=AQUILA, script=Script(steps=(QUEUED,), aged=timedelta(hours=5)))
#: The spending limit of that device in US dollars, of which the waiting task of 1,000 shots reserves half.
LIMIT = "20.60"
OUT_SINCE = timedelta(hours=3, minutes=40)

RESERVED = tuple(
    Act(
        name=f"qaoa-r4-{number}",
        batch="qaoa-r4",
        device=FORTE,
        script=Script(steps=(QUEUED, (2.0 + number * 0.4, "CANCELLED")), aged=timedelta(minutes=58)),
        reservation="arn:aws:braket:us-east-1:000000000000:reservation/3f2a9c1e-5b7d-4a60-8f13-2d9e6c0b7a41",
    )
    for number in range(1, 7)
)

BATCH, BATCH_LASTS, BATCH_TOLD_IN_S = 50, timedelta(minutes=40), 30.0


def _of_batch(number: int) -> Act:
    """Its times lie within the last forty minutes, its events within half a minute of the story."""
    share = number / BATCH
    happens_s = share * BATCH_TOLD_IN_S
    ago = (1 - share) * BATCH_LASTS + timedelta(seconds=happens_s)
    return Act(
        name=f"ghz-scan-{number}",
        batch="ghz-scan",
        device=CEPHEUS,
        script=Script(
            steps=(QUEUED, (happens_s, "RUNNING"), (0.5, "COMPLETED")),
            aged=BATCH_LASTS + timedelta(minutes=5),
            late=ago,
            events="duplicated" if number % 5 == 0 else "sent",
        ),
    )


BUSY = Fault("rate_limited", method="chat.postMessage", retry_after=2)

CHAPTERS = (
    Chapter(
        "a batch of fifty: its forty minutes pass in half a minute; meanwhile",
        tuple(map(_of_batch, range(1, BATCH + 1))),
        goes_on=True,
    ),
    Chapter("a reservation ends, and six quantum tasks have not run", RESERVED),
    Chapter("six quantum tasks", TASKS, fault=BUSY),
    Chapter("three hybrid jobs", (*JOBS, FAILING_JOB)),
    Chapter("a hybrid job runs for four hours, and a quantum task waits for five", (LONG_JOB, WAITING)),
    Chapter("quantum tasks fail while their hybrid job runs", STEPS),
)
ACTS = {act.name: act for act in (EARLIER, *(act for chapter in CHAPTERS for act in chapter.acts))}


def choose(request: CreateRequest) -> Script:
    """The script of a submitted resource. A job's own tasks complete unless the story has a script for them."""
    return ACTS[request.name].script if request.name in ACTS else CHILD
