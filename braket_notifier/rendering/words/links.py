"""Console links, built from validated ARN parts and checked bucket names, never from the text of an event."""

import re
from urllib.parse import quote

from braket_notifier.domain.resource import Arn, Snapshot

_DEVICE = re.compile(r"arn:aws[a-z-]*:braket:[a-z0-9-]*::device/[a-z-]{1,40}/[A-Za-z0-9-]{1,60}/[A-Za-z0-9-]{1,60}")
_CONSOLES = {"aws": "console.aws.amazon.com", "aws-us-gov": "console.amazonaws-us-gov.com"}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: Braket's pattern of a name.
_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,49}")
#: CloudWatch's page reads its own encoding of "/", "?" and "=", with a dollar in place of the percent sign.
_JOB_LOGS = "$252Faws$252Fbraket$252Fjobs"


def resource(arn: Arn) -> str:
    """Link to the quantum task or hybrid job in the Braket console."""
    return f"{listed(arn)}/{arn.text}"


def listed(arn: Arn) -> str:
    """Link to the console's list of quantum tasks or hybrid jobs of the ARN's region."""
    page = "tasks" if arn.kind == "task" else "jobs"
    return f"{_console(arn)}/braket/home?region={arn.region}#/{page}"


def device(snapshot: Snapshot) -> str:
    """Link to the device in the Braket console, or to the list of its region's quantum tasks without a valid ARN."""
    if not _DEVICE.fullmatch(snapshot.device):
        return listed(snapshot.arn)
    return f"{_console(snapshot.arn)}/braket/home?region={snapshot.arn.region}#/devices/{snapshot.device}"


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


def logs(job: Snapshot) -> str:
    """Link to the job's own log streams in CloudWatch, or to the log group of all jobs if its name is unknown.

    A stream begins with the job's name and id. The id of an older job is its name.
    """
    arn = job.arn
    group = f"{_console(arn)}/cloudwatch/home?region={arn.region}#logsV2:log-groups/log-group/{_JOB_LOGS}"
    if not _JOB_NAME.fullmatch(job.job_name):
        return group
    prefix = job.job_name if arn.id.endswith(job.job_name) else f"{job.job_name}$252F{arn.id}"
    return f"{group}$3FlogStreamNameFilter$3D{prefix}"


def _console(arn: Arn) -> str:
    return f"https://{arn.region}.{_CONSOLES.get(arn.partition, _CONSOLES['aws'])}"
