"""A notification as JSON, as it waits in a channel's queue and in the ledger, and back."""

import json
from collections.abc import Mapping
from typing import cast

from notifier.braket import parse_snapshot, to_words
from notifier.members import iso, moment, text
from notifier.model import Closing, Kind, Notification, Source, Transition

#: A group's key holds a tag's value or the ARNs that it is about.
KEY = 1000


class MalformedNotificationError(ValueError):
    """A queue record that is no notification of ours; no retry will make it one."""


def encode(notification: Notification) -> str:
    """One JSON object, version 1."""
    transition = notification.transition
    return json.dumps(
        {
            "version": 1,
            "id": notification.id,
            "channel": notification.channel,
            "silent": notification.silent,
            "refresh": notification.refresh,
            "kind": transition.arn.kind,
            "status": transition.status,
            "was": transition.was,
            "at": iso(transition.at),
            "running_at": iso(transition.running_at),
            "number": transition.version,
            "source": transition.source,
            "correction": transition.correction,
            "degraded": transition.snapshot.degraded,
            "detail": to_words(transition.snapshot),
        },
    )


def encode_closing(closing: Closing) -> str:
    """A reminder to the channel itself, as it waits in the channel's queue."""
    return json.dumps({"closes": closing.key, "channel": closing.channel, "episode": closing.episode})


def decode_record(body: str) -> Notification | Closing:
    """What a channel's queue holds; MalformedNotificationError for anything else."""
    try:
        words = json.loads(body)
        if "closes" not in words:
            return decode(body)
        return Closing(text(words["channel"]), text(words["closes"], most=KEY), int(words["episode"]))
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise MalformedNotificationError(f"not a notification: {error!r}") from error


def decode(body: str) -> Notification:
    """The inverse of `encode`; MalformedNotificationError for anything else."""
    try:
        words = json.loads(body)
        return {1: _version_1}[words["version"]](words)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise MalformedNotificationError(f"not a notification: {error!r}") from error


def _version_1(words: Mapping[str, object]) -> Notification:
    kinds: dict[object, Kind] = {"task": "task", "job": "job"}
    sources: dict[object, Source] = {"event": "event", "sweep": "sweep"}
    detail = cast("Mapping[str, object]", words["detail"])
    transition = Transition(
        snapshot=parse_snapshot(detail, kind=kinds[words["kind"]], degraded=bool(words["degraded"])),
        status=text(words["status"]),
        was=text(words["was"]) or None,
        at=moment(words["at"]),
        running_at=moment(words["running_at"]),
        version=cast("int", words["number"]),
        source=sources[words["source"]],
        correction=bool(words["correction"]),
    )
    return Notification(transition, text(words["channel"]), bool(words["silent"]), bool(words.get("refresh")))
