"""Encode a notification as JSON for the channel's queue and the ledger, and decode it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar, cast

from braket_notifier.braket.responses import parse_snapshot, to_words
from braket_notifier.domain.announcement import is_announcement
from braket_notifier.domain.cost import parse_cost
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.domain.resource import OWN_STATUSES, RANKS, Kind, is_last_tasks
from braket_notifier.domain.transition import Source, Transition
from braket_notifier.errors import MalformedNotificationError, NewerVersionError
from braket_notifier.text.json_fields import iso, moment, shown, text, utf8_json, whole, why_malformed

#: Characters of a group's key, which holds a tag's value or ARNs.
KEY = 1000
VERSION = 1
_KINDS: Mapping[object, Kind] = {"task": "task", "job": "job"}
_SOURCES: Mapping[object, Source] = {"event": "event", "sweep": "sweep"}

Words = Mapping[str, object]
Read = TypeVar("Read")
Word = TypeVar("Word")


def encode(notification: Notification) -> str:
    """Encode a notification as one JSON object of version 1."""
    transition, cost = notification.transition, notification.transition.snapshot.cost
    passed = {"for": notification.passed_from} if notification.passed_from else {}
    return utf8_json(
        {
            "version": VERSION,
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
            "submitter": transition.snapshot.submitter,
            "detail": to_words(transition.snapshot),
            **({"cost": cost.to_json()} if cost else {}),
            **passed,
        },
    )


def encode_closing(closing: Closing) -> str:
    """Encode the closing of a group as the body of a queue record."""
    return utf8_json({"closes": closing.key, "channel": closing.channel, "episode": closing.episode})


def encode_wake(waking: Wake) -> str:
    """Encode the waking of a channel as the body of a queue record."""
    return json.dumps({"wakes": waking.channel, "at": iso(waking.at), "mended": waking.mended})


def decode_record(body: str) -> Carried:
    """Decode a record of a channel's queue; raises MalformedNotificationError and NewerVersionError."""
    return _decoded(body, _record)


def decode(body: str) -> Notification:
    """Decode a notification; raises MalformedNotificationError and NewerVersionError."""
    return _decoded(body, _notification)


def about(body: str) -> dict[str, str]:
    """Identify a queue record in a log line; an unreadable record identifies nothing."""
    try:
        return decode_record(body).about
    except (MalformedNotificationError, NewerVersionError):
        return {}


def _decoded(body: str, read: Callable[[Words], Read]) -> Read:
    try:
        return read(json.loads(body))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise MalformedNotificationError(f"not a notification: {why_malformed(error)}") from error


def _record(words: Words) -> Carried:
    if "wakes" in words:
        return Wake(text(words["wakes"]), moment(words.get("at")), bool(words.get("mended")))
    if "closes" in words:
        return Closing(text(words["channel"]), text(words["closes"], most=KEY), whole("episode", words["episode"]) or 0)
    if words and "version" not in words.keys():  # noqa: SIM118 - a list or a text is malformed
        raise NewerVersionError(f"a record of an unknown kind: {', '.join(sorted(words))[:200]}")
    return _notification(words)


def _notification(words: Words) -> Notification:
    version = words["version"]
    if isinstance(version, int) and version > VERSION:
        raise NewerVersionError(f"version {version} is not known to this version")
    if version != VERSION:
        raise ValueError(f"{shown(version)} is not a version")
    detail, kind = cast("Mapping[str, object]", words["detail"]), _known("kind", words, _KINDS)
    snapshot = parse_snapshot(detail, kind=kind, degraded=bool(words["degraded"]))
    snapshot = replace(snapshot, submitter=text(words.get("submitter")), cost=parse_cost(words.get("cost")))
    transition = Transition(
        snapshot=snapshot,
        status=_status(words, snapshot.status),
        was=text(words["was"]) or None,
        at=moment(words["at"]),
        running_at=moment(words["running_at"]),
        version=cast("int", words["number"]),
        source=_known("source", words, _SOURCES),
        correction=bool(words["correction"]),
        warned=bool(words.get("warned")),
    )
    return Notification(
        transition,
        text(words["channel"]),
        bool(words["silent"]),
        bool(words.get("refresh")),
        passed_from=text(words.get("for")),
    )


def _known(name: str, words: Words, known: Mapping[object, Word]) -> Word:
    word = words[name]
    if not isinstance(word, str):
        raise ValueError(f"{name} {shown(word)} is not a word")  # noqa: TRY004 - bad input, not a bad call
    if word not in known:
        raise NewerVersionError(f"{name} {shown(word)} is not known to this version")
    return known[word]


def _status(words: Words, of_braket: str) -> str:
    """Return the status. One that Braket did not report is the notifier's own."""
    status = text(words["status"])
    own = is_last_tasks(status) or is_announcement(status)
    if status not in {*RANKS, *OWN_STATUSES, of_braket} and not own:
        raise NewerVersionError(f"status {shown(status)} is not known to this version")
    return status
