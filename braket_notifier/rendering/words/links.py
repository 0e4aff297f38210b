"""Console links, built from validated ARN parts and checked bucket names, never from the text of an event."""

import re
from urllib.parse import quote

from braket_notifier.domain.resource import Arn, Snapshot

_CONSOLES = {"aws": "console.aws.amazon.com", "aws-us-gov": "console.amazonaws-us-gov.com"}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_JOB_LOGS = "$252Faws$252Fbraket$252Fjobs"


def resource(arn: Arn) -> str:
    """Link to the quantum task or hybrid job in the Braket console."""
    page = "tasks" if arn.kind == "task" else "jobs"
    return f"{_console(arn)}/braket/home?region={arn.region}#/{page}/{arn.text}"


def folder(snapshot: Snapshot) -> str:
    """Link to the folder of the results; empty if Braket names no valid bucket."""
    if not _BUCKET.fullmatch(snapshot.bucket):
        return ""
    prefix = quote(f"{snapshot.directory}/" if snapshot.directory else "", safe="/")
    return f"{_console(snapshot.arn)}/s3/buckets/{snapshot.bucket}?region={snapshot.arn.region}&prefix={prefix}"


def file(snapshot: Snapshot, path: str) -> str:
    """Link to a file of the folder of the results; empty if Braket names no valid bucket."""
    if not _BUCKET.fullmatch(snapshot.bucket):
        return ""
    key = quote(f"{snapshot.directory}/{path}".lstrip("/"), safe="/")
    return f"{_console(snapshot.arn)}/s3/object/{snapshot.bucket}?region={snapshot.arn.region}&prefix={key}"


def logs(arn: Arn) -> str:
    """Link to the log group of hybrid jobs in CloudWatch."""
    return f"{_console(arn)}/cloudwatch/home?region={arn.region}#logsV2:log-groups/log-group/{_JOB_LOGS}"


def _console(arn: Arn) -> str:
    return f"https://{arn.region}.{_CONSOLES.get(arn.partition, _CONSOLES['aws'])}"
