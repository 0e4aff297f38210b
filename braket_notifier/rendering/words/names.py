"""What a resource is called, and whose it is: pure."""

from braket_notifier.domain.resource import Snapshot
from braket_notifier.text.wording import clean, cut

#: More of a name nobody reads on a phone.
MOST = 60
_UNTELLING = {"tasks", "results", "output", "quantum-task", "quantum-tasks"}


def name(snapshot: Snapshot) -> str:
    """Tag `Name`, else `batch`, else the job's name, else the last telling folder, else the short id."""
    folders = [part for part in snapshot.directory.split("/") if part and part != snapshot.arn.id]
    telling = [part for part in folders if part not in _UNTELLING]
    wanted = (snapshot.tags.get("Name"), snapshot.tags.get("batch"), snapshot.job_name, *telling[-1:])
    return next((cut(clean(each), MOST) for each in wanted if each and clean(each)), snapshot.arn.short_id)
