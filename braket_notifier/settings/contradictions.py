"""Mistakes that only several keys together show: names without a definition, and keys that contradict each other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from braket_notifier.settings.fallbacks import FALLBACK, NOBODY, PEOPLE
from braket_notifier.settings.mistakes import Mistake, Where, meant, mistakes, not_among, shown
from braket_notifier.settings.people import destinations, in_people
from braket_notifier.settings.schema import SCHEMA, Table, channels_of, filled, shared_of

RESERVATIONS = "reservations"
#: Error that a sum of floating-point shares may have.
ROUNDING = 1e-9
#: Bytes for channels in the sweep's environment; Lambda allows 4 KB for all of it.
CHANNELS_ROOM = 3072
#: What a budget may be of.
BUDGET_OF = ("batch", "device", "person")
#: Days for which ended rows must be kept, because a budget counts those of its whole period.
BUDGET_DAYS = {"day": 2, "week": 8, "month": 32}
#: Two channels may stand in for each other, as the defaults do.
PAIR = 2
QUEUE = '"":"https://sqs.eu-north-1.amazonaws.com/123456789012/-deliver-",'
TOPIC = '["arn:aws:sns:eu-north-1:123456789012:-deliver-",99],'
#: The names of all time zones; finding them opens each of their files.
_zones = cache(available_timezones)


def contradictions(document: Table) -> Iterator[Mistake]:
    """Contradictions in complete settings that the schema allows; a key that it refused is absent."""
    regions, channels = document.get("regions"), document.get("channels", {})
    zone, home = document["time_zone"], document.get("home")
    if home and regions and home not in regions:
        yield Mistake(("home",), f"{shown(home)} is not among `regions`; allowed: {', '.join(regions)}")
    if zone not in _zones():
        # An abbreviation resembles another one that is hours away, and Etc/GMT+1 is an hour behind UTC.
        places = [each for each in _zones() if "/" in each and not each.startswith("Etc/")]
        likely = meant(zone.replace(" ", "_"), places)
        yield Mistake(
            ("time_zone",),
            f'{shown(zone)} is not an IANA time zone{likely}; allowed: a name like "UTC" or "Europe/Stockholm"',
        )
    yield from _in_names(document)
    yield from in_people(document)
    if channels and all("type" in each for each in channels.values()) and document.get("routes") == []:
        yield Mistake(
            ("routes",), "at least one [[routes]] is needed, because only channels that people read have default routes"
        )
    yield from _in_fallbacks(channels)
    yield from _in_webhooks(channels)
    for name in channels_of(channels, "handler"):
        yield from _in_handler(("channels", name, "timeout"), filled("handler", channels[name]))
    for number, route in enumerate(document.get("routes", ())):
        yield from _in_route(("routes", number), route, document)
    for number, ignored in enumerate(document.get("ignore", ())):
        yield from _regions(("ignore", number), ignored, regions)
    for channel, quiet in document.get("quiet", {}).items() if channels else ():
        yield from _in_quiet(("quiet", channel), quiet, document)
    for number, hint in enumerate(document.get("hints", ())):
        yield from _in_hint(("hints", number), hint)
    for number, booked in enumerate(document.get(RESERVATIONS, ())):
        yield from _in_reservation((RESERVATIONS, number), booked, regions)
    yield from _in_costs(document)
    yield from _in_quotas(filled("quotas", document.get("quotas", {})))


def _in_names(document: Table) -> Iterator[Mistake]:
    """A function's environment names each channel's queue, and the sweep's also each e-mail topic."""
    name, channels = document["name"], document.get("channels", {})
    queues = sum(len(QUEUE) + len(name) + 2 * len(each) for each in channels)
    mail = channels_of(channels, "email")
    if queues + sum(len(TOPIC) + len(name) + len(each) for each in mail) > CHANNELS_ROOM:
        problem = f"{len(channels)} channels are more than a function's environment can name"
        yield Mistake(("channels",), f"{problem}; allowed: fewer of them, or shorter names")


def _in_fallbacks(channels: Table) -> Iterator[Mistake]:
    """A fallback is another channel that people read; more than two that are named must not form a circle."""
    people = channels_of(channels, *PEOPLE)
    shared = shared_of(channels, *PEOPLE)
    named = {name: channels[name][FALLBACK] for name in people if channels[name].get(FALLBACK, NOBODY) != NOBODY}
    for name, fallback in named.items():
        where, others = ("channels", name, FALLBACK), [each for each in shared if each != name]
        circle = _circle(name, named)
        if fallback not in others:
            wanted = "another channel" if fallback == name else "a channel that several people read"
            yield not_among(where, fallback, wanted, [*others, NOBODY], ("channels", fallback))
        elif len(circle) > PAIR:
            way = f"{shown(fallback)} closes the circle {' → '.join((*circle, name))}"
            yield Mistake(where, f'{way}, but a notification is passed on once; allowed: "{NOBODY}" for one of them')


def _in_webhooks(channels: Table) -> Iterator[Mistake]:
    """A webhook's URL and its key are two secrets, and storing one would replace the other."""
    for name in channels_of(channels, "webhook"):
        if "key" in channels[name] and channels[name]["key"] == channels[name].get("url"):
            problem = f"{shown(channels[name]['key'])} is where the URL is stored; allowed: another parameter"
            yield Mistake(("channels", name, "key"), problem)


def _in_handler(where: Where, handler: Table) -> Iterator[Mistake]:
    """A sender of digests holds a lease, so that its calls are as short as those of any channel for people."""
    usual = filled("handler", {})["timeout"]
    if handler["digest"] and handler["timeout"] != usual:
        problem = f"{shown(handler['timeout'])} is not for a handler with digest = true"
        yield Mistake(where, f"{problem}; allowed: {shown(usual)}")


def _circle(name: str, named: Mapping[str, str]) -> list[str]:
    """Return the channels of the way from this one back to it; empty if the way does not lead back."""
    way = [name]
    while (after := named.get(way[-1], "")) and after not in way:
        way.append(after)
    return way if after == name else []


def _in_route(where: Where, route: Table, document: Table) -> Iterator[Mistake]:
    channels = document.get("channels")
    for channel in route.get("to", ()):
        if channels and channel not in channels:
            yield not_among((*where, "to"), channel, "a channel of these settings", channels, ("channels", channel))
    yield from _regions(where, route, document.get("regions"))
    if route.get("partial") and "status" not in route:
        problem = "true adds nothing where status is missing, because the route then has every status"
        yield Mistake((*where, "partial"), f'{problem}; allowed: beside status = ["FAILED"]', ((*where, "status"),))
    statuses = [*route.get("status", ()), *(["COMPLETED"] if route.get("partial") else ())]
    for status in route.get("silent", ()):
        if route.get("status") and status not in statuses:
            yield not_among((*where, "silent"), status, "among the route's own statuses", statuses, where)


def _regions(where: Where, conditions: Table, watched: list[str] | None) -> Iterator[Mistake]:
    for region in conditions.get("region", ()):
        if watched and region not in watched:
            yield not_among((*where, "region"), region, "a watched region", watched)


def _in_quiet(where: Where, quiet: Table, document: Table) -> Iterator[Mistake]:
    """Quiet hours are for people, so topics have none, and handlers only with digests."""
    channels = document["channels"]
    digests = [name for name in channels_of(channels, "handler") if channels[name].get("digest")]
    people = [*channels_of(channels, *PEOPLE), *digests, *destinations(document)]
    if where[-1] not in people:
        channel, _, person = str(where[-1]).partition("#")
        rests_on = (("channels", channel), *([("people",)] if person else []))
        yield not_among(where, str(where[-1]), "a channel that people read", people, *rests_on)
    if "to" in quiet and quiet.get("from") == quiet["to"]:
        yield Mistake((*where, "to"), f"{shown(quiet['to'])} is when quiet begins; allowed: another time of day")
    for key, other in (("from", "to"), ("to", "from")):
        if key in quiet and other not in quiet and "all_day" in quiet:
            yield Mistake((*where, other), f'is missing beside {key}; allowed: "00:00" to "23:59"', (where,))
    if "days" in quiet and "all_day" in quiet and "from" not in quiet:
        problem = "without from and to; allowed: the days on which these hours begin"
        yield Mistake((*where, "days"), problem, (where,))
    if set(quiet.get("all_day", ())) >= set(SCHEMA["definitions"]["weekday"]["enum"]):
        yield Mistake((*where, "all_day"), "a channel that is quiet all week sends nothing; allowed: at most six days")


def _in_costs(document: Table) -> Iterator[Mistake]:
    """Notices about money go to channels that several people read; a budget is of something."""
    costs, channels = document.get("costs", {}), document.get("channels", {})
    shared, people = shared_of(channels, *PEOPLE), [each.get("name", "") for each in document.get("people", ())]
    for channel in costs.get("to", ()):
        if channels and channel not in shared:
            wanted = "a channel that several people read"
            yield not_among(("costs", "to"), channel, wanted, shared, ("channels", channel))
    for number, budget in enumerate(document.get("budgets", ())):
        where = ("budgets", number)
        if not any(each in budget for each in BUDGET_OF):
            yield Mistake(where, f"is of nothing; allowed: {', '.join(BUDGET_OF)}, one or several", (where,))
        period, kept = budget.get("period", "month"), document.get("defaults", {}).get("retention", "90d")
        if int(kept[:-1]) < BUDGET_DAYS[period]:
            fitting = ", ".join(each for each, days in BUDGET_DAYS.items() if days <= int(kept[:-1]))
            needed = f"needs a [defaults] retention of {BUDGET_DAYS[period]} days"
            yield Mistake((*where, "period"), f"{needed}; allowed with {kept}: {fitting or 'no budget'}")
        if "person" in budget and not costs.get("by_person"):
            problem = "needs [costs] by_person = true; allowed: batch or device without it"
            yield Mistake((*where, "person"), problem, (("costs", "by_person"),))
        elif "person" in budget and budget["person"] not in people:
            yield not_among((*where, "person"), budget["person"], "one of [[people]]", people, ("people",))


def _in_hint(where: Where, hint: Table) -> Iterator[Mistake]:
    try:
        re.compile(hint.get("pattern", ""))
    except re.error as error:
        problem = f"{shown(hint['pattern'])} is not a regular expression ({error})"
        yield Mistake((*where, "pattern"), f"{problem}; allowed: a regular expression of Python's re module")


def mistakes_in(reservation: Mapping[str, str], watched: Sequence[str]) -> list[Mistake]:
    """Every mistake in one reservation that is in no settings file, at its keys."""
    first, document = (RESERVATIONS, 0), {RESERVATIONS: [reservation]}
    found = [each for each in mistakes(document) if each.where[0] == RESERVATIONS]
    return [Mistake(each.where[2:], each.message) for each in found or _in_reservation(first, reservation, watched)]


def _in_reservation(where: Where, booked: Table, watched: Sequence[str] | None) -> Iterator[Mistake]:
    for key in (key for key in ("arn", "device") if key in booked):
        region = booked[key].split(":")[3]  # a simulator's ARN has none
        if region and watched and region not in watched:
            yield not_among((*where, key), region, "a watched region", watched)
    if not {"arn", "device"} & booked.keys():
        yield Mistake((*where, "arn"), "is missing without device; allowed: one of both, or both", (where,))
    times = {key: _time(booked[key]) for key in ("from", "to") if key in booked}
    for key in (key for key, at in times.items() if at is None):
        yield Mistake((*where, key), f"{shown(booked[key])} is not in the calendar; allowed: a time that exists")
    begins, ends = times.get("from"), times.get("to")
    if begins and ends and ends <= begins:
        problem = f"{shown(booked['to'])} is not after {shown(booked['from'])}"
        yield Mistake((*where, "to"), f"{problem}; allowed: a time after the begin")


def _time(given: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return at if 1970 < at.year < 2999 else None  # noqa: PLR2004 - functions read times of these years


def _in_quotas(quotas: Table) -> Iterator[Mistake]:
    """Two batches of events and a sweep may ask Braket at once, and share one quota."""
    observe, sweep = quotas["observe"], quotas["sweep"]
    if 2 * observe + sweep <= 1 + ROUNDING:
        return
    if 2 * observe >= sweep:
        key, most, beside = "observe", (1 - sweep) / 2, f"for each of two batches and {shown(sweep)} for the sweep"
    else:
        key, most, beside = "sweep", 1 - 2 * observe, f"with {shown(observe)} for each of two batches of events"
    problem = f"{shown(quotas[key])} {beside} is more than a whole quota"
    yield Mistake(("quotas", key), f"{problem}; allowed: above 0, up to {most:.6g}", (("quotas",),))
