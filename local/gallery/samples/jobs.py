"""Hybrid jobs: their statuses, their quantum tasks in counts, their ends."""

from dataclasses import replace
from decimal import Decimal

from braket_notifier.domain.cost import Cost
from braket_notifier.domain.resource import FAILING, TASKS_ENDED, Children
from braket_notifier.rendering.message import Beside
from local.gallery.samples.answers import Answer, at, event, job_answer, moved, reached, snapshot
from local.gallery.samples.sample import POLICY, Sample
from local.gallery.samples.tasks import but

WAY = [event("WAITING_FOR_PRIORITY", at("05:58")), event("RUNNING", at("09:03"))]
VQE = job_answer("70b21eda", "vqe-h2-17", events=[*WAY, event("COMPLETED", at("10:15"))], tags={"owner": "anna"})
ENDED = Children(40, completed=38, partial=1, failed=1, partial_successful_shots=912, partial_shots=1000)
RUNNING = but(VQE, status="RUNNING", endedAt=None, events=WAY)
MAX_CUT = job_answer(
    "70b21edb",
    "maxcut-60",
    "FAILED",
    events=[
        event("QUEUED_FOR_EXECUTION", at("08:40")),
        event("STARTING_INSTANCE", at("09:01")),
        event("DOWNLOADING_DATA", at("09:02")),
        event("RUNNING", at("09:03")),
        event("FAILED", at("10:15"), "AlgorithmError"),
    ],
    createdAt=at("08:40"),
    failureReason="AlgorithmError: ModuleNotFoundError: No module named 'cvxpy', exit code: 1",
    tags={"owner": "ben"},
)


def _failing(answer: Answer, counts: Children) -> Sample:
    warned = reached(answer, children=counts, was="RUNNING", status=FAILING, at=at("09:40"))
    return Sample("job-failing", "the warning while it runs", warned)


JOBS = (
    Sample(
        "job-completed",
        "message 4: a hybrid job completed",
        moved(replace(snapshot(VQE, children=ENDED), cost=Cost(Decimal("117.65"), "at most", 1)), was="RUNNING"),
        Beside(threaded=True),
    ),
    Sample(
        "job-running",
        "the card of a running job, with what it has submitted so far",
        reached(RUNNING, children=Children(40, completed=33, failed=1)),
        Beside(as_of=at("09:45")),
    ),
    Sample("job-running-no-tasks", "a running job that has submitted nothing yet", reached(RUNNING)),
    Sample(
        "job-completed-all-well",
        "a job whose tasks all completed",
        reached(VQE, children=Children(40, completed=40), was="RUNNING"),
    ),
    Sample(
        "job-says",
        "a job whose script says its result by the tag say",
        reached(but(VQE, tags={**VQE["tags"], "say": "E = -1.1373 Ha after 42 steps"}), was="RUNNING"),
        policy=replace(POLICY, read_results=True),
    ),
    Sample("job-completed-uncounted", "a job with an unknown number of tasks", reached(but(VQE, events=[]))),
    Sample(
        "job-last-tasks",
        "six of its tasks ended after the job",
        reached(VQE, children=Children(6, completed=4, failed=2), was="COMPLETED", status=TASKS_ENDED, at=at("11:40")),
    ),
    _failing(RUNNING, Children(26, completed=14, failed=6)),
    Sample(
        "job-completed-line",
        "the line beside the card of a job that ended",
        reached(VQE, children=Children(40, completed=38, partial=1, failed=1)),
        beside_card=True,
    ),
    Sample("job-failed", "a job whose script failed", reached(MAX_CUT, children=Children(3, completed=1, cancelled=2))),
    Sample(
        "job-killed",
        "a job whose process was killed, which leaves an exit code and no words",
        reached(but(MAX_CUT, failureReason="AlgorithmError: , exit code: 137")),
    ),
    Sample(
        "job-cancelled-early",
        "cancelled before it ran",
        reached(
            but(
                VQE,
                status="CANCELLED",
                startedAt=None,
                events=[event("WAITING_FOR_PRIORITY", at("05:58")), event("CANCELLED", at("10:15"))],
            )
        ),
    ),
    Sample(
        "job-time-limit",
        "stopped at its maximum run time",
        reached(
            but(
                VQE,
                status="FAILED",
                endedAt=at("14:03"),
                events=[*WAY, event("MAX_RUNTIME_EXCEEDED", at("14:03")), event("FAILED", at("14:03"))],
                failureReason="MaxRuntimeExceeded",
            ),
            children=Children(212, completed=198, failed=2, cancelled=12),
        ),
    ),
    Sample(
        "job-inactive",
        "a job that lost its priority, and an event that nobody knows yet",
        reached(
            but(
                RUNNING,
                events=[
                    *WAY,
                    event("DEPRIORITIZED_DUE_TO_INACTIVITY", at("10:40")),
                    event("PAUSED_FOR_CALIBRATION", at("10:55")),
                ],
            ),
            children=Children(7, completed=7),
        ),
    ),
    Sample(
        "job-local-simulator",
        "a job with a simulator of its own",
        reached(job_answer("70b21edc", "qml-kernels", device="local:pennylane/lightning.qubit", events=[])),
    ),
    Sample(
        "job-event-only",
        "a job known from one event without a device",
        reached({"jobArn": VQE["jobArn"], "status": "FAILED", "endedAt": at("10:15")}, degraded=True),
    ),
)
