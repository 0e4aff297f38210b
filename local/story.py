"""What happens in `make run`: a workload, what becomes of each of its resources, and who has to hear of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.braket import Braket, CreateRequest, FailedExecutable, Script

SLACK, MAIL = "team-slack", "mail"
BUCKET = "amazon-braket-story"
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole"

GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
EMERALD = "arn:aws:braket:eu-north-1::device/qpu/iqm/Emerald"
IBEX = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"

#: Seconds after its submission until a resource is queued, runs and ends.
QUEUED, RAN = (0.3, "QUEUED"), (0.7, "RUNNING")


@dataclass(frozen=True, kw_only=True)
class Act:
    """One resource of the story: what is submitted, how it fares, and which statuses which channels must hear."""

    name: str
    device: str
    script: Script
    tells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shots: int = 1000
    kind: str = "task"
    batch: str = ""
    children: int = 0
    cancelled: bool = False
    programs: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.device.split(":")[3]


def way(end: str, after: float = 1.5) -> tuple[tuple[float, str], ...]:
    return (QUEUED, RAN, (after, end))


FAILED_EXECUTABLES = tuple(
    FailedExecutable(program=number, inputs_index=0, reason="Qubit 17 is offline", category="DEVICE", retryable=True)
    for number in range(6)
)

TASKS = (
    Act(
        name="ghz-12",
        device=GARNET,
        shots=2000,
        script=Script(steps=way("COMPLETED"), aged=timedelta(hours=3, minutes=40)),
        tells={SLACK: ("COMPLETED",)},
    ),
    Act(
        name="rydberg-scan-7",
        device=AQUILA,
        shots=500,
        script=Script(
            steps=((0.3, "QUEUED"), (2.0, "FAILED")),
            failure_reason="Program validation failed: site spacing 3.9 um is below the minimum of 4.0 um",
        ),
        tells={SLACK: ("FAILED",), MAIL: ("FAILED",)},
    ),
    Act(
        name="qaoa-r4",
        device=FORTE,
        script=Script(steps=(QUEUED,), aged=timedelta(hours=1, minutes=12)),
        tells={SLACK: ("CANCELLED",)},
        cancelled=True,
    ),
    Act(
        name="rb-check",
        device=EMERALD,
        script=Script(steps=way("COMPLETED"), successful_shots=870, aged=timedelta(minutes=48)),
        tells={SLACK: ("COMPLETED",), MAIL: ("COMPLETED",)},
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
        tells={SLACK: ("FAILED",), MAIL: ("FAILED",)},
        programs=12,
    ),
    Act(
        name="events-all-lost",
        device=IBEX,
        shots=200,
        script=Script(steps=way("COMPLETED"), events="lost"),
        tells={SLACK: ("COMPLETED",)},
    ),
)

JOBS = (
    Act(
        name="vqe-h2-17",
        kind="job",
        device=GARNET,
        script=Script(steps=((0.8, "RUNNING"), (6.0, "COMPLETED")), aged=timedelta(hours=3, minutes=5)),
        tells={SLACK: ("RUNNING", "COMPLETED"), MAIL: ("COMPLETED",)},
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
        tells={SLACK: ("RUNNING", "FAILED"), MAIL: ("FAILED",)},
        children=2,
    ),
)

BURST = tuple(
    Act(
        name=f"ghz-scan-{number}",
        batch="ghz-scan",
        device=CEPHEUS,
        script=Script(steps=way("COMPLETED", after=1.0), events="duplicated" if number % 5 == 0 else "sent"),
        tells={SLACK: ("COMPLETED",)},
    )
    for number in range(1, 51)
)

CHILD = Script(steps=way("COMPLETED", after=0.5))
ACTS = {act.name: act for act in (*TASKS, *JOBS, *BURST)}


def choose(request: CreateRequest) -> Script:
    """What becomes of a submitted resource; a job's own tasks all complete."""
    return ACTS[request.name].script if request.name in ACTS else CHILD


def submit(act: Act, client: Any, braket: Braket) -> str:  # noqa: ANN401 - the stubs ask for tokens that boto3 fills in
    """Create the act's resource, and a job's own tasks, as any client of Braket would; answers the ARN."""
    if act.kind == "job":
        arn: str = client.create_job(
            jobName=act.name,
            roleArn=ROLE,
            deviceConfig={"device": act.device},
            instanceConfig={"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
            outputDataConfig={"s3Path": f"s3://{BUCKET}/jobs/{act.name}"},
            stoppingCondition={"maxRuntimeInSeconds": 18000},
            algorithmSpecification={"scriptModeConfig": {"entryPoint": "run", "s3Uri": f"s3://{BUCKET}/run.tar.gz"}},
        )["jobArn"]
        for number in range(act.children):
            _create_task(client, act, f"{act.name}-step-{number}", jobToken=braket.job_token(arn))
        return arn
    arn = _create_task(client, act, act.name)
    if act.cancelled:
        client.cancel_quantum_task(quantumTaskArn=arn)
    return arn


def _create_task(client: Any, act: Act, name: str, **more: str) -> str:  # noqa: ANN401 - as above
    tags = {"Name": name, **act.tags} | ({"batch": act.batch} if act.batch else {})
    answer = client.create_quantum_task(
        action=_action(act),
        deviceArn=act.device,
        shots=act.shots,
        outputS3Bucket=BUCKET,
        outputS3KeyPrefix=f"tasks/{act.batch or name}",
        tags=tags,
        **more,
    )
    return str(answer["quantumTaskArn"])


def _action(act: Act) -> str:
    """What runs: an analog program on Aquila, a program set where the act has programs, a circuit else."""
    source = "OPENQASM 3.0; qubit[2] q; h q[0]; cnot q[0], q[1];"
    if act.device == AQUILA:
        register = {"sites": [[0, 0], [0, 3.9e-6]], "filling": [1, 1]}
        return _program("ahs.program", setup={"ahs_register": register})
    if act.programs:
        programs = [{"source": source, "inputs": {"a": [0.1] * 8}} for _ in range(act.programs)]
        return _program("openqasm.program_set", programs=programs)
    return _program("openqasm.program", source=source)


def _program(kind: str, **content: object) -> str:
    return json.dumps({"braketSchemaHeader": {"name": f"braket.ir.{kind}", "version": "1"}, **content})
