"""What a resource is called, and whose it is: pure."""

import re
from fnmatch import fnmatchcase

from notifier.message import Owner
from notifier.model import Snapshot
from notifier.policy import Person, Policy
from notifier.text import clean, cut

#: More of a name nobody reads on a phone.
MOST = 60
_UNTELLING = {"tasks", "results", "output", "quantum-task", "quantum-tasks"}
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def name(snapshot: Snapshot) -> str:
    """Tag `Name`, else `batch`, else the job's name, else the last telling folder, else the short id."""
    folders = [part for part in snapshot.directory.split("/") if part and part != snapshot.arn.id]
    telling = [part for part in folders if part not in _UNTELLING]
    wanted = (snapshot.tags.get("Name"), snapshot.tags.get("batch"), snapshot.job_name, *telling[-1:])
    return next((cut(clean(each), MOST) for each in wanted if each and clean(each)), snapshot.arn.short_id)


def owner(snapshot: Snapshot, policy: Policy, channel: str = "", *, failed: bool = False) -> Owner | None:
    """The first person who owns it; mentioned in a channel only as the settings say."""
    person = next((each for each in policy.people if any(_owns(what, snapshot) for what in each.owns)), None)
    if person is None:
        return None
    wanted = policy.mentions.get(channel, "nobody")
    mentioned = wanted == "all" or (wanted == "failures" and failed)
    return Owner(clean(person.name), person.slack if mentioned and _has_slack(person) else "")


def _has_slack(person: Person) -> bool:
    return bool(_SLACK_ID.fullmatch(person.slack))


def _owns(what: str, snapshot: Snapshot) -> bool:
    """`tag:owner=anna`, or `s3:BUCKET/PREFIX` with `*` for any text."""
    kind, _, pattern = what.partition(":")
    if kind == "tag":
        key, _, value = pattern.partition("=")
        return key in snapshot.tags and fnmatchcase(snapshot.tags[key], value)
    place = f"{snapshot.bucket}/{snapshot.directory}/"
    return kind == "s3" and bool(snapshot.bucket) and fnmatchcase(place, pattern)
