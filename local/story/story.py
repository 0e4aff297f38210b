"""A resource of a story: its request and its scripted life."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.braket.emulator import Braket, Script
from local.canary import CANARY

#: The channels of the local settings.
SLACK, MAIL = "team-slack", "mail"
BUCKET = "amazon-braket-story"
#: Hyperparameters belong to the user, so no message may show them.
PRIVATE = {"private": CANARY}
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole"

GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
EMERALD = "arn:aws:braket:eu-north-1::device/qpu/iqm/Emerald"
IBEX = "arn:aws:braket:eu-north-1::device/qpu/aqt/Ibex-Q1"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"

#: Seconds after submission until a resource is queued, runs and ends.
QUEUED, RAN = (0.3, "QUEUED"), (0.7, "RUNNING")


@dataclass(frozen=True, kw_only=True)
class Act:
    """A resource of the story: its request and its script."""

    name: str
    device: str
    script: Script
    shots: int = 1000
    kind: str = "task"
    batch: str = ""
    job: str = ""
    """The name of the hybrid job that submits it."""
    reservation: str = ""
    children: int = 0
    cancelled: bool = False
    programs: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.device.split(":")[3]


def way(end: str, after: float = 1.5) -> tuple[tuple[float, str], ...]:
    return (QUEUED, RAN, (after, end))


#: Script of a hybrid job's own tasks, unless the story has another.
CHILD = Script(steps=way("COMPLETED", after=0.5))


def submit(act: Act, client: Any, braket: Braket, job: str = "") -> str:  # noqa: ANN401 - the stubs ask for tokens that boto3 fills in
    """Create the act's resource, and a job's own tasks, as any client of Braket does; returns the ARN.

    `job` is the ARN of the hybrid job that submits it.
    """
    arn = create(act, client, braket, job)
    for task in own_tasks(act):
        create(task, client, braket, arn)
    return arn


def own_tasks(act: Act) -> tuple[Act, ...]:
    """The quantum tasks that a hybrid job submits by itself."""
    names = (f"{act.name}-step-{number}" for number in range(act.children))
    return tuple(Act(name=each, device=act.device, script=CHILD, shots=act.shots, job=act.name) for each in names)


def create(act: Act, client: Any, braket: Braket, job: str = "") -> str:  # noqa: ANN401 - as above
    if act.kind == "job":
        return str(
            client.create_job(
                jobName=act.name,
                roleArn=ROLE,
                deviceConfig={"device": act.device},
                instanceConfig={"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
                outputDataConfig={"s3Path": f"s3://{BUCKET}/jobs/{act.name}"},
                stoppingCondition={"maxRuntimeInSeconds": 18000},
                hyperParameters=PRIVATE,
                algorithmSpecification={
                    "scriptModeConfig": {"entryPoint": "run", "s3Uri": f"s3://{BUCKET}/run.tar.gz"}
                },
            )["jobArn"]
        )
    arn = create_task(client, act, **({"jobToken": braket.job_token(job)} if job else {}))
    if act.cancelled:
        client.cancel_quantum_task(quantumTaskArn=arn)
    return arn


def tags_of(act: Act) -> dict[str, str]:
    """The tags of a quantum task; a hybrid job of a story has none."""
    return {} if act.kind == "job" else {"Name": act.name, **act.tags} | ({"batch": act.batch} if act.batch else {})


def create_task(client: Any, act: Act, **more: str) -> str:  # noqa: ANN401 - as above
    booked = [{"arn": act.reservation, "type": "RESERVATION_TIME_WINDOW_ARN"}] if act.reservation else []
    answer = client.create_quantum_task(
        action=_action(act),
        deviceArn=act.device,
        shots=act.shots,
        outputS3Bucket=BUCKET,
        outputS3KeyPrefix=f"tasks/{act.batch or act.name}",
        tags=tags_of(act),
        associations=booked,
        deviceParameters=json.dumps(PRIVATE),
        **more,
    )
    return str(answer["quantumTaskArn"])


def _action(act: Act) -> str:
    """The program: an analog program on Aquila, a program set if the act has programs, otherwise a circuit."""
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
