"""A round of the process: sweep every region and remind, say what stands in the way, wake what nobody visits."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import cast

from braket_notifier.adapters.dynamodb.channel_leases import DynamoChannelLeases
from braket_notifier.adapters.dynamodb.delivery_keys import overdue
from braket_notifier.adapters.dynamodb.watched import DynamoWatchedRows
from braket_notifier.adapters.https.price_list import AwsPriceList, price_list_url
from braket_notifier.adapters.sqlite.state_file import LostStateError, StateFileError
from braket_notifier.braket.devices import device
from braket_notifier.cli.braket import Devices, devices_of, state_of
from braket_notifier.cli.process.named import OwnTasks, now
from braket_notifier.cli.process.screen import Screen
from braket_notifier.cli.sentences import CommandError, sentence
from braket_notifier.cli.state import StateInstallation
from braket_notifier.costs.costing import Costing, update_prices
from braket_notifier.domain.notification import Wake
from braket_notifier.domain.policy import MACHINES, Policy
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.results import ReadResults
from braket_notifier.errors import LateError, UnreadableError
from braket_notifier.remind import Reminders
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sweep import DAY, OpenRows, Swept, open_rows, relay, sweep_regions
from braket_notifier.tracking.record import TrackingPorts, no_cost
from braket_notifier.watching.queue import last_position

#: The owner of every lease in the file. One process holds the file, so it takes each lease again after a crash, also if
#: the machine's clock went back.
OWNER = "run"
STATE = "state file"


def look_back_if_wider(place: StateInstallation, limit: str) -> None:
    """Let the first round look back where another limit left something out; otherwise a day may pass until it does.

    A look back that has not ended goes on as it is, because it may be the longer one.
    """
    for region in place.settings.regions:
        if place.limits.get(region, "") in {"", limit}:
            continue
        cursor = place.snapshots.take_cursor(region, owner=OWNER, now=now(), until=now())
        if cursor and cursor.looked_back_at and not cursor.looked_back_to:
            due = replace(cursor, looked_back_at=cursor.looked_back_at - DAY)
            place.snapshots.leave_cursor(region, due, owner=OWNER)
    place.keep_limit(limit)


@dataclass(slots=True)
class Process:
    """The state, the settings and the screen that every part of the process uses."""

    place: StateInstallation
    #: The policy in force, with the mutes of the moment.
    policy: Callable[[], Policy]
    screen: Screen
    read_results: ReadResults
    #: Is set once the process is to end.
    stop: Event
    costing: Costing
    #: The first error that ended the process.
    ended_by: Exception | None = None

    def end(self, error: Exception) -> None:
        """End the process in order because of an error that no repetition mends."""
        self.ended_by = self.ended_by or error
        self.stop.set()

    def sweep(self, braket: OwnTasks, time_left_s: Callable[[], float]) -> None:
        """Sweep every region once; an error is said as it begins and as it ends, and tried again in the next round."""
        policy, queues = self.policy(), self.place.queues
        costs = self.costing if policy.money else no_cost
        ports = TrackingPorts(self.place.snapshots, queues, policy, now, on_skipped=self.skipped, cost_of=costs)
        rows: OpenRows = {}
        troubles: dict[str, Exception] = {}
        try:
            rows = braket.own_rows(open_rows(ports), self.place)
            relay(ports, rows)
        except Exception as error:  # noqa: BLE001 - the regions whose rows are read are swept all the same
            troubles[STATE] = error
        reminders = Reminders(
            braket,
            DynamoWatchedRows(self.place.table("Snapshots")),
            lambda region, _, error: self._unread(region, error),
            lambda region, error: None if isinstance(error, LateError) else troubles.update({region: error}),
        )
        results = sweep_regions(braket, ports, rows, OWNER, time_left_s, reminders.after_slices)
        troubles |= {region: each for region, each in results.items() if isinstance(each, Exception)}
        try:
            queues.wake(_overdue(self.place, policy))
            if self.screen.live:
                self._show_open(policy, braket)
        except Exception as error:  # noqa: BLE001 - the next round does it
            troubles[STATE] = error
        self._say(troubles | braket.refused)
        if first := [each.open for each in results.values() if isinstance(each, Swept) and each.first]:
            self.screen.print(f"first round: {sum(first)} open; what has ended already is not announced")
        if policy.money and policy.fetch_prices:
            self._fetch_prices()

    def _say(self, troubles: Mapping[str, Exception]) -> None:
        """Say what stands in the way; CommandError or LostStateError if only the user can go on.

        The next round reads the credentials anew, because they may have expired and been renewed.
        """
        roots = {about: _root(error) for about, error in troubles.items()}
        for root in roots.values():
            if isinstance(root, CommandError | LostStateError):
                raise root
        if not self.stop.is_set():  # otherwise the round was cut short
            self.screen.troubles({about: _in_words(root) for about, root in roots.items()})
        if roots:
            self.place.renew_credentials()

    def _fetch_prices(self) -> None:
        """Fetch AWS's prices once a day; the last good ones stay where that fails, and nothing waits for them."""
        if not (url := price_list_url(os.environ)):
            return
        try:
            known, source = self.costing.current(), AwsPriceList(lambda: now().date(), url)
            update_prices(known, source, self.costing.store, now())
        except Exception as error:  # noqa: BLE001 - an amount stands in no message's way
            self.screen.note("prices", f"prices cannot be read ({error}): messages may have no amounts")

    def _unread(self, region: str, error: Exception) -> None:
        """Say once that a device may not be read, because everything else goes on without that right."""
        if isinstance(error, UnreadableError):
            about = f"devices of {region}"
            self.screen.note(about, f"{about} cannot be read ({error}): you are not reminded of an outage")

    def skipped(self, error: Exception) -> None:
        self.screen.once(f"skipped {error}", f"skipped: {error}")

    def _show_open(self, policy: Policy, own: OwnTasks) -> None:
        devices = devices_of(self.place, policy.regions)
        still_open = [each for each in self.place.open_resources() if own.asks_for(each)]
        self.screen.show_open(
            (replace(each, queue_position=_position(each, devices)) for each in still_open),
            _states(still_open, devices, policy.time_zone),
        )


def _position(it: Snapshot, devices: Devices) -> str:
    """The position of the last sweep that asked for it, otherwise of the last read of the task."""
    return last_position(devices.get((it.arn.region, it.device)), it.arn, now()) or it.queue_position


def _states(still_open: Sequence[Snapshot], devices: Devices, zone: str) -> Iterator[str]:
    """A line about each device of an open one that runs nothing now."""
    for region, named in dict.fromkeys((each.arn.region, each.device) for each in still_open):
        if state := state_of(devices, region, named, zone, now()):
            yield f"{device(named).full}: {state}"


def _in_words(error: Exception) -> str:
    """The sentence without the advice to try again, because the next round does."""
    return sentence(error).removesuffix(", then try again").removesuffix(": try again in a minute")


def _root(error: Exception) -> Exception:
    """The first error behind others, which names the operation that AWS refused, or the state file."""
    while isinstance(error, ExceptionGroup) or (
        isinstance(error.__cause__, Exception) and not isinstance(error, StateFileError)
    ):
        inner = error.exceptions[0] if isinstance(error, ExceptionGroup) else error.__cause__
        error = cast("Exception", inner)
    return error


def _overdue(place: StateInstallation, policy: Policy) -> Iterator[Wake]:
    """Wake channels with a group that nobody visited in time, and channels that are down and that nobody tries."""
    at = now()
    health = DynamoChannelLeases(place.deliveries).health([*policy.channels])
    for name, kind in policy.channels.items():
        left = health[name].is_left(at) and not held_until(name, NO_STATUS, policy, at)
        if left or (kind not in MACHINES and overdue(place.deliveries, name, at)):
            yield Wake(name, at)
