"""Quantum tasks: their ends, and the detail known of each."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import Children
from braket_notifier.domain.results import Failures, Preview, TaskResults
from braket_notifier.rendering.message import Beside
from local.gallery.samples.answers import AQUILA, CEPHEUS, FORTE, SV1, Answer, at, moved, reached, snapshot, task_answer
from local.gallery.samples.sample import POLICY, Sample

GHZ = task_answer("834b21ed", shots=2000, numSuccessfulShots=2000, tags={"Name": "ghz-12", "owner": "anna"})
RYDBERG = task_answer(
    "1c9e77a0",
    "FAILED",
    AQUILA,
    shots=500,
    createdAt=at("11:53"),
    endedAt=at("11:53:04"),
    failureReason="Program validation failed: site spacing 3.9 um is below the minimum of 4.0 um",
    tags={"Name": "rydberg-scan-7", "batch": "rydberg-scan", "owner": "ben"},
    actionMetadata={"actionType": "braket.ir.ahs.program"},
)
RB_SWEEP = task_answer(
    "5d0fe3b2",
    "FAILED",
    CEPHEUS,
    shots=96000,
    numSuccessfulShots=90000,
    createdAt=at("11:32"),
    tags={"Name": "rb-sweep", "owner": "chiara"},
    actionMetadata={"actionType": "braket.ir.openqasm.program_set", "programCount": 12, "executableCount": 96},
)
RESERVED = {"arn": "arn:aws:braket:us-east-1:012345678901:reservation/3f2a", "type": "RESERVATION_TIME_WINDOW_ARN"}
QAOA = task_answer("3f2a77c1", "CANCELLED", FORTE, tags={"Name": "qaoa-r4", "owner": "dev"}, associations=[RESERVED])
RAN = timedelta(seconds=48)
WAITS = {"queue": "QUANTUM_TASKS_QUEUE", "position": "14", "queuePriority": "Normal"}


def but(answer: Answer, **members: object) -> Answer:
    """The same answer with other members; None removes one."""
    return {key: value for key, value in {**answer, **members}.items() if value is not None}


FAILED = TaskResults(
    failures=(
        Failures(
            "COMPILATION",
            4,
            retryable=False,
            reasons=(
                ("Qubit 17 is not connected to qubit 42", ("[0][3]", "[0][7]", "[4][1]")),
                ("Gate rzz is not native", ("[9][0]",)),
            ),
        ),
        Failures("DEVICE", 2, retryable=True, reasons=(("", ("[2][5]", "[2][6]")),)),
    ),
    file="metadata.json",
)

TASKS = (
    Sample("task-completed", "message 1: completed", reached(GHZ, ran=RAN)),
    Sample(
        "task-rejected",
        "message 2: failed, with a hint and others of its batch",
        reached(RYDBERG),
        Beside(same_reason=2),
    ),
    Sample("program-set-partial", "message 3: a failed program set with results", reached(RB_SWEEP, ran=RAN)),
    Sample(
        "program-set-partial-read",
        "message 3 with read_results: the failed executables and reasons",
        reached(RB_SWEEP, ran=RAN),
        Beside(results=FAILED, threaded=True),
    ),
    Sample(
        "program-set-which-failed",
        "message 3, in the thread: which executables failed, and why",
        reached(RB_SWEEP, ran=RAN),
        Beside(results=FAILED),
        listed=True,
    ),
    Sample(
        "program-set-partial-reason",
        "message 3 with a failure reason of Braket's",
        reached(but(RB_SWEEP, failureReason="6 of 96 executables failed"), ran=RAN),
    ),
    Sample(
        "task-results",
        "message 12: completed, with its cost, who submitted it and the most frequent results",
        moved(replace(snapshot(GHZ), submitter="anna", cost=Cost(Decimal("3.20"))), ran=RAN),
        Beside(results=TaskResults((), "results.json", preview=Preview((("00000", 980), ("11111", 940)), 2000, 9))),
    ),
    Sample(
        "program-set-results",
        "a program set whose executables are counted together",
        reached(but(RB_SWEEP, status="COMPLETED", numSuccessfulShots=96000, failureReason=None), ran=RAN),
        Beside(results=TaskResults((), "results.json", preview=Preview((("00", 50000), ("11", 46000)), 96000, 2, 96))),
    ),
    Sample("task-completed-running-unseen", "RUNNING was never seen", reached(GHZ)),
    Sample(
        "task-partial",
        "fewer shots than the settings accept",
        moved(
            replace(snapshot(but(GHZ, shots=1000, numSuccessfulShots=870)), cost=Cost(Decimal("1.75"), "at most")),
            ran=RAN,
        ),
    ),
    Sample("task-nearly-complete", "one shot is missing", reached(but(GHZ, numSuccessfulShots=1999), ran=RAN)),
    Sample("task-shots-unknown", "Braket gives no count of good shots", reached(but(GHZ, numSuccessfulShots=None))),
    Sample(
        "task-failed-later",
        "failed after it ran, for a known reason, sent alone",
        reached(
            but(RYDBERG, createdAt=at("09:00"), failureReason="Internal device error", numSuccessfulShots=None), ran=RAN
        ),
    ),
    Sample(
        "task-not-compiled",
        "a circuit that the provider could not compile",
        reached(
            task_answer(
                "4c11e0f2",
                "FAILED",
                CEPHEUS,
                shots=100,
                createdAt=at("11:53"),
                endedAt=at("11:53:22"),
                failureReason="Error occurred during compilation of the program.",
                tags={"Name": "qft-12"},
            )
        ),
    ),
    Sample(
        "task-failed-without-reason",
        "failed without a reason",
        reached(but(RYDBERG, createdAt=at("09:00"), failureReason=None)),
    ),
    Sample(
        "task-failed-own-advice",
        "a reason that only the group's own settings know",
        reached(but(RYDBERG, failureReason="Upload refused: no answer from the license server")),
    ),
    Sample(
        "program-set-perhaps-partial",
        "message 3b: a failed program set without a count of its shots",
        reached(but(RB_SWEEP, numSuccessfulShots=None), ran=RAN),
    ),
    Sample(
        "program-set-of-one",
        "a program set of one program and one executable, which some clients submit for each circuit",
        reached(
            task_answer(
                "7d2c0a15",
                device=FORTE,
                shots=300,
                numSuccessfulShots=300,
                tags={"Name": "qaoa-p3"},
                actionMetadata={
                    "actionType": "braket.ir.openqasm.program_set",
                    "programCount": 1,
                    "executableCount": 1,
                },
            )
        ),
    ),
    Sample(
        "program-set-failed",
        "a program set that failed whole",
        reached(but(RB_SWEEP, numSuccessfulShots=0, failureReason="ProgramSetValidationFailed")),
    ),
    Sample(
        "task-queued",
        "a status on the way, for those whose routes ask for it",
        reached(but(GHZ, status="QUEUED", endedAt=None, numSuccessfulShots=None, queueInfo=WAITS), was="CREATED"),
    ),
    Sample("task-in-reservation", "completed in a reservation", reached(but(GHZ, associations=[RESERVED]))),
    Sample("task-cancelled", "cancelled by somebody", reached(but(QAOA, associations=None))),
    Sample("task-cancelled-reservation", "cancelled, with a reservation", reached(QAOA)),
    Sample(
        "task-cancelled-reservation-counted",
        "cancelled with a reservation whose tasks were counted",
        reached(QAOA),
        Beside(reservation=Children(30, completed=29, cancelled=1)),
    ),
    Sample(
        "task-days-long",
        "submitted days before",
        reached(but(RYDBERG, status="COMPLETED", createdAt=at("08:12", day=12), numSuccessfulShots=500)),
    ),
    Sample(
        "task-utc", "settings without a local time zone", reached(GHZ, ran=RAN), policy=replace(POLICY, time_zone="UTC")
    ),
    Sample("task-may-repeat", "the acknowledgement of an earlier message was lost", reached(GHZ), may_repeat=True),
    Sample(
        "simulator-completed",
        "a long simulation",
        reached(task_answer("9a41c0de", device=SV1, numSuccessfulShots=1000, tags={"Name": "shor-21"})),
    ),
    Sample(
        "simulator-failed",
        "a simulation that failed, named after its folder",
        reached(
            task_answer(
                "9a41c0df",
                "FAILED",
                SV1,
                outputS3Directory="anna/grover-30/9a41c0df-77a7-4b36-a90c-c776afc9a71e",
                failureReason="barrier is not supported by this device",
            )
        ),
    ),
)
