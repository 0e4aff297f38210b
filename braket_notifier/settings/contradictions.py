"""What each key of the settings alone cannot show: names that lead nowhere, and keys that contradict one another."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from braket_notifier.settings.mistakes import Mistake, Where, meant, not_among, shown
from braket_notifier.settings.schema import filled

Words = Mapping[str, Any]
#: A sum of shares is not exact.
ROUNDING = 1e-9
#: Of the 4 KB that Lambda has for a function's environment, what the sweep's has for channels.
ROOM = 3072
QUEUE = '"":"https://sqs.eu-north-1.amazonaws.com/123456789012/-deliver-",'
TOPIC = '["arn:aws:sns:eu-north-1:123456789012:-deliver-",99],'


def contradictions(document: Words) -> Iterator[Mistake]:
    """Of complete settings that the definition allows."""
    regions, channels = document["regions"], document["channels"]
    zone = document["time_zone"]
    if document["home"] not in regions:
        yield not_among(("home",), document["home"], "one of the watched regions", regions)
    if zone not in available_timezones():
        likely = meant(zone, available_timezones())
        yield Mistake(
            ("time_zone",),
            f'{shown(zone)} is not an IANA time zone{likely}; allowed: a name like "UTC" or "Europe/Stockholm"',
        )
    yield from _in_names(document)
    for number, route in enumerate(document["routes"]):
        yield from _in_route(("routes", number), route, document)
    for number, ignored in enumerate(document.get("ignore", ())):
        yield from _regions(("ignore", number), ignored, regions)
    for channel, quiet in document.get("quiet", {}).items():
        yield from _in_quiet(("quiet", channel), quiet, channels)
    for number, hint in enumerate(document.get("hints", ())):
        yield from _in_hint(("hints", number), hint)
    yield from _in_quotas(filled("quotas", document.get("quotas", {})))


def _in_names(document: Words) -> Iterator[Mistake]:
    """A function is told each channel's queue, and the sweep each topic that mails."""
    name, channels = document["name"], document["channels"]
    queues = sum(len(QUEUE) + len(name) + 2 * len(each) for each in channels)
    mail = [each for each, channel in channels.items() if channel["type"] == "email"]
    if queues + sum(len(TOPIC) + len(name) + len(each) for each in mail) > ROOM:
        said = f"{len(channels)} channels are more than a function's environment can name"
        yield Mistake(("channels",), f"{said}; allowed: fewer of them, or shorter names")


def _in_route(where: Where, route: Words, document: Words) -> Iterator[Mistake]:
    for channel in route["to"]:
        if channel not in document["channels"]:
            yield not_among((*where, "to"), channel, "a channel of these settings", document["channels"])
    yield from _regions(where, route, document["regions"])
    told = [*route.get("status", ()), *(["COMPLETED"] if route.get("partial") else ())]
    for status in route.get("silent", ()):
        if route.get("status") and status not in told:
            yield not_among((*where, "silent"), status, "among the route's own statuses", told)


def _regions(where: Where, conditions: Words, watched: list[str]) -> Iterator[Mistake]:
    for region in conditions.get("region", ()):
        if region not in watched:
            yield not_among((*where, "region"), region, "a watched region", watched)


def _in_quiet(where: Where, quiet: Words, channels: Words) -> Iterator[Mistake]:
    """Machines do not sleep."""
    people = [name for name, channel in channels.items() if channel["type"] in {"slack", "email"}]
    if where[-1] not in people:
        yield not_among(where, str(where[-1]), "a channel that people read", people)
    if quiet["from"] == quiet["to"]:
        yield Mistake((*where, "to"), f"{shown(quiet['to'])} is when quiet begins; allowed: another time of day")


def _in_hint(where: Where, hint: Words) -> Iterator[Mistake]:
    try:
        re.compile(hint["pattern"])
    except re.error as error:
        said = f"{shown(hint['pattern'])} is not a regular expression ({error}); allowed: one of Python's"
        yield Mistake((*where, "pattern"), said)


def _in_quotas(quotas: Words) -> Iterator[Mistake]:
    """Two batches of observe and a sweep may ask at once, and have one quota together."""
    observe, sweep = quotas["observe"], quotas["sweep"]
    if 2 * observe + sweep <= 1 + ROUNDING:
        return
    if 2 * observe >= sweep:
        key, most, beside = "observe", (1 - sweep) / 2, f"for each of two batches and {shown(sweep)} for the sweep"
    else:
        key, most, beside = "sweep", 1 - 2 * observe, f"with {shown(observe)} for each of two batches of events"
    said = f"{shown(quotas[key])} {beside} is more than a whole quota; allowed: above 0, up to {most:.6g}"
    yield Mistake(("quotas", key), said)
