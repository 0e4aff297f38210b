"""Create quantum tasks and a hybrid job with amazon-braket-sdk in each documented way of opting in, and print them.

It runs in the clients' own environment, with `examples/notebook` in its path.
"""

import json
import sys
from typing import Any

from braket.aws import AwsDevice, AwsQuantumJob, AwsSession
from braket.circuits import Circuit
from braket.jobs import hybrid_job
from braket_notify import always, later, notify

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
    ways["@hybrid_job"] = [hybrid(bucket, tags=notify("mail"))]

    waiting = device.run(BELL, where, shots=10, tags={"Name": "waiting"})
    later(waiting, notify("mail"))
    ways["later"] = [waiting.id]

    always(notify("mail", batch="scan"))
    ways["every call: device.run"] = [device.run(BELL, where, shots=10).id]
    ways["every call: run_batch"] = [each.id for each in device.run_batch([BELL, BELL], where, shots=10).tasks]
    ways["every call: AwsQuantumJob.create"] = [job(bucket).arn]
    ways["every call: @hybrid_job"] = [hybrid(bucket)]
    return ways


def job(bucket: str, **more: object) -> Any:
    return AwsQuantumJob.create(
        SV1, source_module=__file__, entry_point="opt_in", code_location=f"s3://{bucket}/code", **_place(bucket), **more
    )


def hybrid(bucket: str, **more: object) -> str:
    """The ARN of a job whose script is a decorated function.

    The decorator reads the image's Python version from ECR, which the local cloud lacks.
    """
    tag = f"py{sys.version_info.major}{sys.version_info.minor}"
    AwsSession.get_full_image_tag = lambda _session, _image: f"-{tag}-"

    def script() -> None:
        """Do nothing."""

    arn: str = hybrid_job(device=SV1, **_place(bucket), **more)(script)().arn
    return arn


def _place(bucket: str) -> dict[str, Any]:
    return {
        "role_arn": "arn:aws:iam::000000000000:role/service-role/AmazonBraketJobsExecutionRole",
        "image_uri": "292282985366.dkr.ecr.us-east-1.amazonaws.com/amazon-braket-base-jobs:latest",
        "output_data_config": _in(bucket, "OutputDataConfig", "s3Path"),
        "checkpoint_config": _in(bucket, "CheckpointConfig", "s3Uri"),
    }


def _in(bucket: str, name: str, member: str) -> Any:
    from braket.jobs import config  # noqa: PLC0415  likewise

    return getattr(config, name)(**{member: f"s3://{bucket}/jobs"})


if __name__ == "__main__":
    json.dump(created(sys.argv[1]), sys.stdout)
