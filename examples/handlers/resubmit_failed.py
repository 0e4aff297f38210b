"""Resubmits a FAILED hybrid job, or a FAILED quantum task whose tag `program` names its program in S3."""

from typing import Any

import boto3

from braket_notifier.handlers import Transition


def handle(transition: Transition) -> None:
    """Resubmit once; a repeated call is harmless, because the same client token creates the same resource."""
    arn = transition.arn
    braket: Any = boto3.client("braket", arn.region)
    old = braket.get_job(jobArn=arn.text) if arn.kind == "job" else braket.get_quantum_task(quantumTaskArn=arn.text)
    tags = {key: value for key, value in old.get("tags", {}).items() if not key.startswith("aws:")}  # AWS's own
    if old["status"] != "FAILED" or "resubmits" in tags:
        return
    create = "CreateJob" if arn.kind == "job" else "CreateQuantumTask"
    takes = braket.meta.service_model.operation_model(create).input_shape.members
    new = {member: value for member, value in old.items() if member in takes}
    new |= {"clientToken": transition.id, "tags": {**tags, "resubmits": arn.id}}
    if arn.kind == "job":
        braket.create_job(**new | {"jobName": f"{old['jobName'][:44]}-again"})
    elif "program" in tags:  # GetQuantumTask does not return what ran
        bucket, key = tags["program"].removeprefix("s3://").split("/", 1)
        new["action"] = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        new["outputS3KeyPrefix"] = old["outputS3Directory"].rpartition("/")[0]
        braket.create_quantum_task(**new)
