"""The check of `doctor` and `settings show` for the settings in force, for mutes, and for reservations."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

from braket_notifier.cli.checks.finding import Finding, good, needs, noted
from braket_notifier.cli.in_force import reservations
from braket_notifier.cli.in_force.state import InForce
from braket_notifier.cli.in_force.state import in_force as read_in_force
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import date_and_time
from braket_notifier.domain.destination import channel_of, in_words, person_of
from braket_notifier.settings.keys import changes
from braket_notifier.text.wording import duration


def in_force(place: Installation) -> Iterator[Finding]:
    try:
        yield from of_state(place, read_in_force(place), ": `braket-notifier settings show` prints how")
    except CommandError as error:
        yield needs(str(error))


def of_state(place: Installation, seen: InForce, remedy: str = "") -> Iterator[Finding]:
    zone = place.policy.time_zone
    yield good(f"in force: {seen.in_words(zone)}")
    if found := changes(seen.keys, place.settings.keys):
        keys = ", ".join(each.key for each in found)
        yield needs(f"this settings file differs from them in {keys}{remedy}")
    elif seen.version:
        yield good("this settings file is in force")
    now = datetime.now(UTC)
    muted = {channel: until for channel, until in seen.published.muted_until.items() if until > now}
    for channel, until in muted.items():
        left = f"{date_and_time(until, zone)}, for {duration(until - now)}"
        person = f"--person {shlex.quote(person_of(channel))}" if person_of(channel) else ""
        words = " ".join(filter(None, (channel_of(channel), person, place.option)))
        yield noted(f"{in_words(channel)} is muted until {left}: `braket-notifier unmute {words}` ends it")
    if not muted:
        yield good("no channel is muted")
    for each in reservations.to_come(seen.reservations, now):
        yield noted(f"reserved: {reservations.in_words(each, zone)}")
