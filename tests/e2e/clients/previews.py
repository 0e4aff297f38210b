"""The preview of each kind of results, compared with amazon-braket-sdk's counts of them; runs in its environment."""

import json
import sys
from collections import Counter

import boto3
from braket.aws import AwsQuantumTask

from braket_notifier.braket.preview import MOST, preview_of

#: A QPU spreads the results of a program set over files, of which the notifier may read the list of failures alone.
SPREAD = "program set of a QPU"


def sdks_counts(task: AwsQuantumTask) -> Counter[str]:
    """The counts of a task, or of all good executables of a program set."""
    result = task.result()
    if hasattr(result, "measurement_counts"):
        return Counter(result.measurement_counts)
    if hasattr(result, "get_counts"):
        return Counter(result.get_counts())
    entries = [entry for program in result for entry in program if hasattr(entry, "counts")]
    return sum((entry.counts for entry in entries), Counter())


def main() -> int:
    s3, wrong = boto3.client("s3"), 0
    for kind, arn in json.load(sys.stdin).items():
        task = AwsQuantumTask(arn)
        about, theirs = task.metadata(), sdks_counts(task)
        key = f"{about['outputS3Directory']}/results.json"
        ours = preview_of(json.load(s3.get_object(Bucket=about["outputS3Bucket"], Key=key)["Body"]))
        got = [*ours.outcomes] if ours else None
        expected = None if kind == SPREAD else theirs.most_common(MOST)
        right = bool(theirs) and got == expected and (ours is None or ours.total == theirs.total())
        wrong += not right
        print(f"ok   preview of {kind}: {got}" if right else f"FAIL preview of {kind}: {got}, not {expected}")  # noqa: T201
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
