"""An emulator on a held clock, with a boto3 client and shorthands for tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from local.braket.emulator import Braket, Choose, Clock, Event, Script

Client = Any  # Any because the stubs require the client tokens that boto3 fills in by itself

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
FORTE = "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1"
ARIA = "arn:aws:braket:us-east-1::device/qpu/ionq/Aria-1"
AQUILA = "arn:aws:braket:us-east-1::device/qpu/quera/Aquila"
GARNET = "arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet"
CEPHEUS = "arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q"
ROLE = "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole"
RESERVATION = "arn:aws:braket:us-east-1:000000000000:reservation/3f2a"


def action(name: str, **members: object) -> str:
    return json.dumps({"braketSchemaHeader": {"name": f"braket.ir.{name}", "version": "1"}, **members})


OPENQASM = action("openqasm.program", source="OPENQASM 3.0; qubit[2] q; h q[0]; cnot q[0], q[1];")
ANALOG = action("ahs.program", setup={"ahs_register": {"sites": [[0, 0], [0, 5e-6]], "filling": [1, 1]}})


def program_set(*executables: int) -> str:
    programs = [
        {"source": "OPENQASM 3.0; input float a; qubit[2] q; rx(a) q[0];", "inputs": {"a": [0.1] * size}}
        for size in executables
    ]
    return action("openqasm.program_set", programs=programs)


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="made-up", aws_secret_access_key="made-up")


def client_of(braket: Braket, region: str = "us-east-1") -> Client:
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=60,
        read_timeout=60,
        max_pool_connections=20,
        parameter_validation=False,  # off, because the emulator itself has to refuse wrong requests
    )
    return _session().client("braket", region_name=region, endpoint_url=braket.url, config=config)


@dataclass
class BraketWorld:
    """The emulator, its client, and its events and results."""

    braket: Braket
    client: Client
    events: list[Event]
    results: dict[str, bytes] = field(default_factory=dict)

    def push(self, seconds: float) -> None:
        self.braket.clock.push(seconds)

    def task(self, **more: object) -> str:
        asked = {
            "deviceArn": SV1,
            "shots": 100,
            "outputS3Bucket": "amazon-braket-results",
            "outputS3KeyPrefix": "ghz",
            "action": OPENQASM,
        }
        return str(self.client.create_quantum_task(**(asked | more))["quantumTaskArn"])

    def job(self, **more: object) -> str:
        asked = {
            "jobName": "vqe-h2-17",
            "roleArn": ROLE,
            "algorithmSpecification": {"scriptModeConfig": {"entryPoint": "vqe", "s3Uri": "s3://bucket/code"}},
            "outputDataConfig": {"s3Path": "s3://bucket/out"},
            "instanceConfig": {"instanceType": "ml.m5.large", "volumeSizeInGb": 30},
            "deviceConfig": {"device": SV1},
        }
        return str(self.client.create_job(**(asked | more))["jobArn"])

    def get(self, arn: str, *, queue: bool = False) -> Any:
        more = {"additionalAttributeNames": ["QueueInfo"]} if queue else {}
        if ":job/" in arn:
            return self.client.get_job(jobArn=arn, **more)
        return self.client.get_quantum_task(quantumTaskArn=arn, **more)

    def statuses(self, arn: str) -> list[str]:
        return [change.status for change in self.braket.changes if change.arn == arn]

    def sent(self, arn: str) -> list[str]:
        return [event["detail"]["status"] for event in self.events if event["resources"] == [arn]]


@contextmanager
def braket_world(
    script: Script | None = None,
    *,
    choose: Choose | None = None,
    region: str = "us-east-1",
    **more: Any,
) -> Iterator[BraketWorld]:
    events: list[Event] = []
    results: dict[str, bytes] = {}
    chosen = choose or (lambda _: script or Script())

    def put_result(bucket: str, key: str, content: bytes) -> None:
        results[f"{bucket}/{key}"] = content

    more = {"clock": Clock(held=True), "events": events.append, "put_result": put_result, **more}
    with Braket(choose=chosen, **more) as braket:
        client = client_of(braket, region)
        try:
            yield BraketWorld(braket, client, events, results)
        finally:
            client.close()
