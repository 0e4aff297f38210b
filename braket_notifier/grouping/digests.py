"""The digest of a group."""

from collections.abc import Sequence

from braket_notifier.braket.devices import device
from braket_notifier.domain.digest import Digest, Occasion
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Arn, Children, count_children
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.keys import AWAY, MANY, QUIET, reservation_of, whose
from braket_notifier.text.wording import clean
from braket_notifier.tracking.detect import is_failing


def digest_of(
    key: str,
    transitions: Sequence[Transition],
    policy: Policy,
    *,
    news: tuple[str, ...],
    closing: bool,
    still_open: int | None,
    reservation: Children | None,
) -> Digest:
    ordered = _in_order(transitions)
    occasion: Occasion = "away" if key == AWAY else "quiet" if key == QUIET else "many"
    batch = ordered[0].snapshot.tags.get("batch", "") if key.startswith("batch ") else ""
    title = _title(key, ordered, policy) if occasion == "many" else ""
    return Digest(title, ordered, occasion, still_open, closing, batch, reservation, news)


def is_failing_batch(key: str, transitions: Sequence[Transition], share: float, at_least: int) -> bool:
    """Whether enough of the ended tasks of a batch failed to warn of it, as a hybrid job is warned of."""
    if not key.startswith("batch "):
        return False
    latest = {each.arn: each.snapshot for each in _in_order(transitions) if each.snapshot.terminal}
    return is_failing(count_children([(each.status, each.incomplete) for each in latest.values()]), share, at_least)


def _title(key: str, ordered: Sequence[Transition], policy: Policy) -> str:
    first = ordered[0].snapshot
    if key == MANY:
        return "many tasks and jobs"
    if arn := reservation_of(key):
        return f"reservation {clean(arn).rsplit('/', 1)[-1][:8]}"
    if first.open_in.startswith("device "):
        place, where = whose(ordered[0], policy), device(first.device).full or "unknown device"
        folder = clean(place.removeprefix(f"{first.bucket}/"))
        return f"{folder} on {where}" if folder else where
    if key.startswith("batch "):
        return clean(first.tags["batch"])
    named = next((each.snapshot.job_name for each in ordered if each.snapshot.job_name), "")
    return clean(named) or f"hybrid job {key.rsplit('/', 1)[-1][:8]}"


def _in_order(transitions: Sequence[Transition]) -> tuple[Transition, ...]:
    """By when each resource last moved, and of one resource by rank: Braket gives no time for some statuses."""
    moved: dict[Arn, float] = {}
    for each in transitions:
        at = each.at or each.snapshot.ended_at
        moved[each.arn] = max(moved.get(each.arn, 0.0), at.timestamp() if at else 0.0)
    return tuple(sorted(transitions, key=lambda each: (moved[each.arn], each.arn.text, each.order, each.beside_card)))
