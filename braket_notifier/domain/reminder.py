"""The notifier's own statuses about what people wait for, and what the message of one counts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.domain.spending import THRESHOLDS, spending_of
from braket_notifier.text.json_fields import whole

#: A hybrid job's own status.
NEAR_LIMIT = "NEAR_LIMIT"
#: Statuses about a device; the day or the begin of the outage for which each stands once follows it.
STUCK, WAITING, OFFLINE, BACK, RETIRED = "STUCK", "WAITING", "OFFLINE", "BACK", "RETIRED"
#: The statuses of one outage, in their order.
OF_OUTAGE = (OFFLINE, BACK, RETIRED)
#: The status of what is queued when its reservation is about to end; the end follows it.
ENDING = "RESERVATION_ENDING"
REMINDERS = frozenset({NEAR_LIMIT, STUCK, WAITING, OFFLINE, BACK, RETIRED, ENDING})
#: The tag with the queue position of two hours ago of the oldest task.
EARLIER = "braket-notifier:two-hours-ago"
#: The tags that count the quantum tasks and hybrid jobs for which a reminder stands.
COUNTED: Mapping[Kind, str] = {"task": "braket-notifier:tasks", "job": "braket-notifier:jobs"}
#: The tag that names the owners of what a reminder stands for, if there are several.
OWNERS = "braket-notifier:owners"
#: So many of them are named.
MOST_NAMED = 3


def reminder_of(status: str) -> str:
    """Return which reminder the status is, without its day or outage; empty for any other status."""
    word = status.partition(" ")[0]
    return word if word in REMINDERS else ""


def place_of(status: str) -> int:
    """Return the place among the statuses of one outage, or of one amount and period; 0 for any other status.

    Those of one have an ARN in common, so that none is sent after a later one.
    """
    word, _, of = status.partition(" ")
    found = of.partition(" ")[0] if spending_of(status) else word
    return next((order.index(found) for order in (OF_OUTAGE, THRESHOLDS) if found in order), 0)


def counting(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    """Return the tags that count these resources."""
    kinds = Counter(each.arn.kind for each in snapshots)
    return {tag: str(kinds[kind]) for kind, tag in COUNTED.items()}


def counts_of(shown: Snapshot) -> Mapping[Kind, int]:
    """Return how many resources of each kind a reminder stands for."""
    return {kind: whole(tag, shown.tags.get(tag)) or 0 for kind, tag in COUNTED.items()}


def owned_by(names: Collection[str]) -> dict[str, str]:
    """Return the tag that names several owners, of whom an empty name is unknown; none for a single one."""
    known = sorted(filter(None, names))
    more = len(names) - len(known[:MOST_NAMED])
    others = "others" if "" in names else f"{more} other{'s' if more > 1 else ''}"
    shown = [*known[:MOST_NAMED], *([others] if more else [])]
    return {OWNERS: f"{', '.join(shown[:-1])} and {shown[-1]}"} if len(names) > 1 else {}
