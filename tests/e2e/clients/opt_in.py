"""Create quantum tasks and a hybrid job with amazon-braket-sdk in each documented way of opting in, and print them.

It runs in the clients' own environment, with `examples/notebook` in its path.
"""

import json
import sys
from typing import Any

from braket.aws import AwsDevice, AwsQuantumJob  # type: ignore[import-not-found]  # see requirements.in
from braket.circuits import Circuit  # type: ignore[import-not-found]  # likewise
from braket_notify import always, later, notify  # type: ignore[import-not-found]  # examples/notebook

SV1 = "arn:aws:braket:::device/quantum-simulator/amazon/sv1"
BELL = Circuit().h(0).cnot(0, 1)


def created(bucket: str) -> dict[str, list[str]]:
    """The ARNs of each way."""
    where = (bucket, "opt-in")
    ways: dict[str, list[str]] = {}
    device = AwsDevice(SV1)
    ways["device.run"] = [device.run(BELL, where, shots=10, tags=notify("mail")).id]
    batch = device.run_batch([BELL, BELL], where, shots=10, tags=notify("mail", batch="ghz"))
    ways["device.run_batch"] = [each.id for each in batch.tasks]
    ways["AwsQuantumJob.create"] = [job(bucket, tags=notify("mail")).arn]

    waiting = device.run(BELL, where, shots=10, tags={"Name": "waiting"})
    later(waiting, notify("mail"))
    ways["later"] = [waiting.id]

    always(device.aws_session, notify("mail", batch="scan"))
    ways["a session's task"] = [device.run(BELL, where, shots=10).id]
    ways["a session's job"] = [job(bucket, aws_session=device.aws_session).arn]
    return ways


def job(bucket: str, **more: object) -> Any:
    return AwsQuantumJob.create(
        SV1,
        source_module=__file__,
        entry_point="opt_in",
        role_arn="arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole",
        image_uri="292282985366.dkr.ecr.us-east-1.amazonaws.com/amazon-braket-base-jobs:latest",
        code_location=f"s3://{bucket}/code",
        output_data_config=_in(bucket, "OutputDataConfig", "s3Path"),
        checkpoint_config=_in(bucket, "CheckpointConfig", "s3Uri"),
        **more,
    )


def _in(bucket: str, name: str, member: str) -> Any:
    from braket.jobs import config  # type: ignore[import-not-found]  # noqa: PLC0415  likewise

    return getattr(config, name)(**{member: f"s3://{bucket}/jobs"})


if __name__ == "__main__":
    json.dump(created(sys.argv[1]), sys.stdout)
