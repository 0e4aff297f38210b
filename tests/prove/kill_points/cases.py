"""The killed functions, their input, and the runs afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from braket_notifier.domain.destination import channel_of
from tests.prove.kill_points.cloud_world import CloudWorld
from tests.prove.kill_points.shapes import ANNA, MAIL, NOT_IN_CHANNEL, SLACK, USER_NOT_FOUND
from tests.prove.wire import Treatment

MOST_CALLS = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A killed function with its input and the runs afterwards."""

    name: str
    function: str
    prepare: Callable[[CloudWorld, "Ended"], dict[str, Any]]
    recover: Callable[[CloudWorld], object]
    slack: str = "bot"
    channel: str = ""
    #: Moments at which the sized form kills (none: it skips the scene), and its last call.
    sized: tuple[str, ...] = ("answered",)
    until: str = ""
    #: Whether the process has run before, and its connections are reset at their next request.
    idle: bool = False
    #: The faults at rest, besides those of the notification; empty if there is none.
    at_rest: Callable[[CloudWorld, "Ended"], str] = lambda _world, _ended: ""
    #: Whether the e-mail channel is the fallback of the others.
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The one quantum task of every run: its end, and the event and records of it."""

    arn: str
    event: str
    records: dict[str, str] = field(default_factory=dict)


def an_event(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    world.put("events", ended.event)
    return world.taken("events")


def _nothing(_world: CloudWorld, _ended: Ended) -> dict[str, Any]:
    """Braket knows of the end, and every event was lost."""
    return {}


def _undispatched(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    """The recorder died before it enqueued anything, and its event never comes again."""
    for call in range(world.recorded_by, MOST_CALLS):
        world.renew()
        world.invoke("observe", an_event(world, ended), kill_at=call, moment="answered")
        if world.open_rows():
            world.recorded_by = call
            return {}
    raise RuntimeError("no call after which a row stands and is not dispatched")


def _record_of(channel: str) -> Callable[[CloudWorld, Ended], dict[str, Any]]:
    def put(world: CloudWorld, ended: Ended) -> dict[str, Any]:
        world.put(channel_of(channel), ended.records[channel])
        return world.taken(channel_of(channel))

    return put


def _refused(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    """Somebody invites the bot after the first message was refused."""
    world.wires[SLACK].treat.append(Treatment(answer=NOT_IN_CHANNEL))
    return _record_of(SLACK)(world, ended)


def _refused_owner(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    """Slack does not know the owner when the first message is sent."""
    world.wires[channel_of(ANNA)].treat.append(Treatment(answer=USER_NOT_FOUND))
    return _record_of(ANNA)(world, ended)


def _passed_on(by: str, outages: int) -> Callable[[CloudWorld, Ended], str]:
    """Whether the fallback got the end or the announcement of an outage twice, or neither although it is marked."""

    def count(world: CloudWorld, ended: Ended) -> str:
        world.until_quiet("deliver", MAIL)
        accepted, everything = world.accepted(MAIL), (outages, 1)
        announced = sum("cannot be reached" in body for body in accepted)
        found, marked = (
            (announced, len(accepted) - announced),
            "passed_on_at" in world.row(f"{by}#{ended.arn}", "COMPLETED"),
        )
        return "" if found == everything or (found == (0, 0) and not marked) else f"{found} in mail"

    return count


def _down(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    """The channel has refused messages for an hour, and its next probe is due."""
    world.put_down(SLACK)
    return _record_of(SLACK)(world, ended)


def _still_down(world: CloudWorld, _ended: Ended) -> str:
    """A kill after the acceptance leaves the health to the sweep, which wakes a channel that nobody tries."""
    if world.row(f"{SLACK}#lease", "lease").get("down_since"):
        world.ahead_s += 3600
        world.invoke("sweep", {})
        world.until_quiet("deliver", SLACK)
    return "the channel is down" if world.row(f"{SLACK}#lease", "lease").get("down_since") else ""


def _with_card(world: CloudWorld, ended: Ended) -> dict[str, Any]:
    """The task's card was deleted, so Slack's answer to a reply lacks `thread_ts`."""
    world.put_card(SLACK, ended.arn)
    return _record_of(SLACK)(world, ended)


def _with_old_card(world: CloudWorld, ended: Ended) -> str:
    """The card's place is forgotten with the answer, unless a kill left the doubt that repeats the reply."""
    place = world.row(f"{SLACK}#{ended.arn}", "card").get("place")
    return "" if place in ("", "C1/1.0") else f"the card stands at {place}"


def _sweep(world: CloudWorld) -> None:
    world.invoke("sweep", {})


def _redeliver(world: CloudWorld) -> None:
    world.until_quiet("observe", "events")


def _leave(_world: CloudWorld) -> None:
    """The record waits in its queue until deliver receives it."""


SCENES = (
    Scene("observe, its record comes again", "observe", an_event, _redeliver),
    Scene("observe, its record is lost", "observe", an_event, _sweep),
    Scene("sweep, finding what events missed", "sweep", _nothing, _sweep),
    Scene("sweep, relaying", "sweep", _undispatched, _sweep, until="/quantum-tasks"),
    Scene("deliver by bot token", "deliver", _record_of(SLACK), _leave, channel=SLACK, sized=("before", "answered")),
    Scene("deliver, refused until mended", "deliver", _refused, _leave, channel=SLACK, at_rest=_still_down),
    Scene(
        "deliver, passing on",
        "deliver",
        _refused,
        _leave,
        channel=SLACK,
        sized=(),
        at_rest=_passed_on(SLACK, outages=1),
        fallback=True,
    ),
    Scene(
        "deliver, passing on what an owner is refused",
        "deliver",
        _refused_owner,
        _leave,
        channel=ANNA,
        at_rest=_passed_on(ANNA, outages=0),
        fallback=True,
    ),
    Scene("deliver to an owner", "deliver", _record_of(ANNA), _leave, channel=ANNA, sized=()),
    Scene("deliver, probing a down channel", "deliver", _down, _leave, channel=SLACK, sized=(), at_rest=_still_down),
    Scene("deliver, to a deleted card", "deliver", _with_card, _leave, channel=SLACK, sized=(), at_rest=_with_old_card),
    Scene("deliver, over reset connections", "deliver", _record_of(SLACK), _leave, channel=SLACK, sized=(), idle=True),
    Scene("deliver by webhook", "deliver", _record_of(SLACK), _leave, slack="webhook", channel=SLACK, sized=()),
    Scene("deliver by SNS", "deliver", _record_of(MAIL), _leave, channel=MAIL, sized=()),
)
