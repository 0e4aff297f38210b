"""Encode a notification as JSON for the channel's queue and the ledger, and decode it."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from braket_notifier.braket.responses import parse_snapshot, to_words
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.domain.transition import Source, Transition
from braket_notifier.errors import MalformedNotificationError
from braket_notifier.text.json_fields import iso, moment, shown, text, utf8_json

if TYPE_CHECKING:
    from braket_notifier.domain.resource import Kind

#: Characters of a group's key, which holds a tag's value or ARNs.
KEY = 1000

Words = Mapping[str, object]
Read = TypeVar("Read")


def encode(notification: Notification) -> str:
    """Encode a notification as one JSON object of version 1."""
    transition = notification.transition
    return utf8_json(
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
            "warned": transition.warned,
            "degraded": transition.snapshot.degraded,
            "detail": to_words(transition.snapshot),
        },
    )


def encode_closing(closing: Closing) -> str:
    """Encode the closing of a group as the body of a queue record."""
    return utf8_json({"closes": closing.key, "channel": closing.channel, "episode": closing.episode})


def encode_wake(waking: Wake) -> str:
    """Encode the waking of a channel as the body of a queue record."""
    return json.dumps({"wakes": waking.channel, "at": iso(waking.at), "mended": waking.mended})


def decode_record(body: str) -> Carried:
    """Decode a record of a channel's queue; raises MalformedNotificationError."""
    return _decoded(body, _record)


def decode(body: str) -> Notification:
    """Decode a notification; raises MalformedNotificationError."""
    return _decoded(body, _notification)


def about(body: str) -> dict[str, str]:
    """Identify a queue record in a log line; an unreadable record identifies nothing."""
    try:
        return decode_record(body).about
    except MalformedNotificationError:
        return {}


def _decoded(body: str, read: Callable[[Words], Read]) -> Read:
    try:
        return read(json.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise MalformedNotificationError(f"not a notification: {shown(error)}") from error


def _record(words: Words) -> Carried:
    if "wakes" in words:
        return Wake(text(words["wakes"]), moment(words.get("at")), bool(words.get("mended")))
    return _closing(words) if "closes" in words else _notification(words)


def _closing(words: Words) -> Closing:
    return Closing(text(words["channel"]), text(words["closes"], most=KEY), int(cast("int", words["episode"])))


def _notification(words: Words) -> Notification:
    return {1: _version_1}[cast("int", words["version"])](words)


def _version_1(words: Words) -> Notification:
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
        warned=bool(words.get("warned")),
    )
    return Notification(transition, text(words["channel"]), bool(words["silent"]), bool(words.get("refresh")))
