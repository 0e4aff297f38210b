"""The name of a resource in messages; pure."""

from braket_notifier.domain.resource import Snapshot
from braket_notifier.text.wording import clean, cut

#: Characters of a name that a phone shows.
MOST = 60
#: Folders that name no experiment.
_GENERIC = {"tasks", "results", "output", "quantum-task", "quantum-tasks"}


def name(snapshot: Snapshot) -> str:
    """Return the tag `Name`, else `batch`, else the job's name, else the last specific folder, else the short id."""
    folders = [part for part in snapshot.directory.split("/") if part and part != snapshot.arn.id]
    specific = [part for part in folders if part not in _GENERIC]
    candidates = (snapshot.tags.get("Name"), snapshot.tags.get("batch"), snapshot.job_name, *specific[-1:])
    return next((cut(clean(each), MOST) for each in candidates if each and clean(each)), snapshot.arn.short_id)
