"""Who submitted a quantum task or hybrid job: read CloudTrail's events, and save each name once.

    event history (newest first, minutes late) ──► name ──► row without one, while the resource is open

A resource that ended before its event appeared stays with the team, because its end was announced without a name. A
hybrid job's own quantum tasks are created by the job's role, so they inherit the job's name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from braket_notifier.braket.responses import ARN_KEYS
from braket_notifier.domain.resource import Arn, Kind, parse_arn
from braket_notifier.text.json_fields import inside, object_in, text
from braket_notifier.text.wording import clean
from braket_notifier.watching.ports import Submissions, SubmitterRows

#: The operation that creates each kind of resource; other services have a CreateJob too.
CREATES: Mapping[Kind, str] = {"job": "CreateJob", "task": "CreateQuantumTask"}
SOURCE = "braket.amazonaws.com"
#: An event may appear so late; the range is read again by each look.
OVERLAP = timedelta(minutes=20)
#: The time after an end for which its event is still read.
AFTER_END = timedelta(hours=1)
#: The time for which CloudTrail keeps its event history.
HISTORY_KEPT = timedelta(days=89)
#: Characters of a name; IAM allows 64 for a user or a role session.
MOST = 64
#: Names of sessions that tell nobody apart: notebooks, clients' own names, machines, and Braket's own roles.
_NOBODY = re.compile(
    r"SageMaker|(botocore|aws-cli|aws-sdk|boto3)\S*-session\S*|i-[0-9a-f]{8,17}|root|AmazonBraket\S*", re.IGNORECASE
)
#: Kinds of roles under which a hybrid job itself creates quantum tasks.
_JOB_ROLE = re.compile(r"AmazonBraketJobs\S*")


@dataclass(frozen=True, slots=True)
class CreateCall:
    """The call that created a resource: its caller's name in AWS, empty if it tells nobody apart."""

    arn: Arn
    by: str


@dataclass(frozen=True, slots=True)
class Looked:
    """The progress of a region's looks: the start of the last one, and the range that it left for lack of time."""

    at: datetime | None = None
    left_since: datetime | None = None
    left_until: datetime | None = None


@dataclass
class LookCounts:
    """The results of a look: saved names, and resources that ended before their event appeared."""

    saved: int = 0
    late: int = 0


def create_call(event: str) -> CreateCall | None:
    """Read one `CloudTrailEvent`; None for a call that created nothing of Braket's."""
    members = object_in(event)
    name = text(members.get("eventName"))
    kind = next((kind for kind, operation in CREATES.items() if operation == name), None)
    if kind is None or members.get("eventSource") != SOURCE or members.get("errorCode"):
        return None
    try:
        arn = parse_arn(text(inside(members, "responseElements", ARN_KEYS[kind])))
    except ValueError:
        return None
    return CreateCall(arn, signed_in_as(inside(members, "userIdentity", "arn"))) if arn.kind == kind else None


def signed_in_as(identity: object) -> str:
    """Return the name in an identity's ARN: the role session's, or the IAM user's; empty if it tells nobody apart.

    `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, `…:iam::ACCOUNT:user/PATH/NAME`, `…:federated-user/NAME`.
    """
    kind, *names = text(identity).rpartition(":")[2].split("/")
    if not names or (kind == "assumed-role" and _JOB_ROLE.fullmatch(names[0])):
        return ""
    if kind not in {"assumed-role", "user", "federated-user"} or (kind == "assumed-role" and len(names) < 2):  # noqa: PLR2004 - a role and its session
        return ""
    name = clean(names[-1])[:MOST]
    return "" if _NOBODY.fullmatch(name) else name


def look_up(
    region: str,
    looked: Looked,
    oldest: datetime | None,
    submissions: Submissions,
    rows: SubmitterRows,
    now: datetime,
    out_of_time: Callable[[], bool],
) -> tuple[Looked, LookCounts]:
    """Read what was submitted since the last look, then the range that it left; return the progress and the results.

    `oldest` is the creation time of the region's oldest open resource, before which the first look begins. Raises
    EventHistoryError; the next look begins where this one did.
    """
    since, found = max((looked.at or oldest or now) - OVERLAP, now - HISTORY_KEPT), LookCounts()
    cut = _read(region, since, now, submissions, rows, found, out_of_time)
    if cut:
        return Looked(now, min(since, looked.left_since or since), cut), found
    if looked.left_since is None or looked.left_until is None:
        return Looked(now), found
    left_since = max(looked.left_since, now - HISTORY_KEPT)
    cut = _read(region, left_since, looked.left_until, submissions, rows, found, out_of_time)
    return Looked(now, left_since if cut else None, cut), found


def _read(
    region: str,
    since: datetime,
    until: datetime,
    submissions: Submissions,
    rows: SubmitterRows,
    found: LookCounts,
    out_of_time: Callable[[], bool],
) -> datetime | None:
    """Read the jobs of a range, then its quantum tasks, which inherit; return up to when is unread, None: nothing.

    Pages come newest first, because the newest resources are the likeliest to be open.
    """
    if since >= until:
        return None
    for kind in CREATES:
        reached = until
        for page in submissions.pages(region, CREATES[kind], since, until):
            _save(page.events, rows, found)
            reached = page.oldest or reached
            if out_of_time():
                return reached if kind == "task" else until
    return None


def _save(events: Sequence[str], rows: SubmitterRows, found: LookCounts) -> None:
    """Save the name of each recorded resource that has none; others are written by nobody."""
    named = {each.arn: each.by for each in map(create_call, events) if each}
    lacking = rows.lacking([*named])
    jobs = tuple({job for job in lacking.values() if job})
    inherited = rows.submitters(jobs) if jobs else {}
    for arn, job in lacking.items():
        by = inherited.get(job, "") if job else named[arn]
        saved = rows.save_submitter(arn, by) if by else None
        found.saved += saved is True
        found.late += saved is False
