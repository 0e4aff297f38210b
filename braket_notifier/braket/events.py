"""EventBridge events of Braket, parsed and validated."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from braket_notifier.braket.responses import ARN_KEYS, all_arns, parse_snapshot
from braket_notifier.domain.resource import Arn, Kind
from braket_notifier.domain.transition import ReportedStatus
from braket_notifier.errors import MalformedEventError
from braket_notifier.text.json_fields import kind_of, moment, shown, text, why_malformed

DETAIL_TYPES: dict[str, Kind] = {"Braket Task State Change": "task", "Braket Job State Change": "job"}


#: An event, or the error that took its place.
ParsedEvent = ReportedStatus | MalformedEventError


@dataclass(frozen=True, slots=True)
class Watch:
    """The accepted origin of events: event source, partition, account and watched regions."""

    source: str
    partition: str
    account: str
    regions: frozenset[str]


def parse_event(body: str, watch: Watch) -> ReportedStatus:
    """Parse an EventBridge event; MalformedEventError names the member that is wrong.

    The ARN is read from `detail.*Arn` and `resources[]`, because AWS publishes no sample of a job event.
    """
    event = _load(body)
    for key, allowed in (("source", {watch.source}), ("account", {watch.account}), ("region", watch.regions)):
        if text(event.get(key)) not in allowed:
            raise _wrong(event, key, " or ".join(sorted(allowed)))
    kind = DETAIL_TYPES.get(text(event.get("detail-type")))
    if kind is None:
        raise _wrong(event, "detail-type", "a task's or job's")
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise MalformedEventError(
            "detail is missing" if detail is None else f"detail is {kind_of(detail)}, not a table"
        )
    arn = _arn_of(kind, event, detail)
    if (arn.partition, arn.account, arn.region) != (watch.partition, watch.account, event["region"]):
        raise MalformedEventError(f"{arn} is not of the partition, account and region of its envelope")
    try:
        snapshot = parse_snapshot({**detail, ARN_KEYS[kind]: arn.text}, kind=kind, degraded=True)
        return ReportedStatus(snapshot, moment(event.get("time")), text(event.get("id"), most=64))
    except ValueError as error:
        raise MalformedEventError(str(error)) from error


def parse_or_error(body: str, watch: Watch) -> ParsedEvent:
    """Return the error, so that it can be raised later for this record alone."""
    try:
        return parse_event(body, watch)
    except MalformedEventError as error:
        return error


def about(event: ParsedEvent) -> dict[str, str]:
    """Identify the event in a log line. A malformed event identifies nothing."""
    return {} if isinstance(event, MalformedEventError) else event.about


def _load(body: str) -> Mapping[str, object]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEventError(why_malformed(error)) from error
    if not isinstance(event, dict):
        raise MalformedEventError(f"the event is {kind_of(event)}, not a table")
    return event


def _wrong(event: Mapping[str, object], key: str, wanted: str) -> MalformedEventError:
    found = event.get(key)
    return MalformedEventError(f"{key} is missing" if found is None else f"{key} {shown(found)} is not {wanted}")


def _arn_of(kind: Kind, event: Mapping[str, object], detail: Mapping[str, object]) -> Arn:
    """Return the only ARN of this kind in the event. A task of a hybrid job also names the job, of the other kind."""
    resources = event.get("resources")
    named = [value for key, value in detail.items() if key.endswith("Arn")]
    found = {arn for arn in all_arns(named + (resources if isinstance(resources, list) else [])) if arn.kind == kind}
    if len(found) != 1:
        raise MalformedEventError(f"names {len(found)} ARNs of a {kind} in detail.*Arn and resources[], not one")
    return found.pop()
