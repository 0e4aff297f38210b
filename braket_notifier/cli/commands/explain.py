"""`explain`: shows each channel's notification and the reason, by the pipeline's own decisions."""

import json
import re
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from braket_notifier.braket.events import Watch, parse_event
from braket_notifier.cli.arguments import Commands, command, installation, settings
from braket_notifier.cli.braket import fetch, read_arn
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import date_and_time, print_json, print_line
from braket_notifier.domain.announcement import WORD
from braket_notifier.domain.destination import channel_of, in_words
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import FAILING, RANKS
from braket_notifier.domain.transition import SnapshotRow, Transition
from braket_notifier.errors import MalformedEventError
from braket_notifier.grouping.answers import News, Reason
from braket_notifier.grouping.decide import group_key, on_arrival
from braket_notifier.grouping.group import Group, timing_for
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.rendering.transition import render
from braket_notifier.routing.owners import fallback_of
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.quiet_hours import held_until
from braket_notifier.routing.routes import Choice, notifications, route
from braket_notifier.routing.tags import cautions
from braket_notifier.routing.unknown_words import unknown_words
from braket_notifier.sending.channel_lease import SEND_INTERVAL
from braket_notifier.settings.channels import SlackBotSettings
from braket_notifier.settings.notifier_toml import Settings
from braket_notifier.text.json_fields import text, why_malformed
from braket_notifier.tracking.detect import latest, pending, step

_NUMBERED = re.compile(r"\broute(?= \d)")
MORE = """examples:
  braket-notifier explain arn:aws:braket:eu-north-1:…:quantum-task/834b21ed-…
  braket-notifier explain arn:aws:braket:eu-north-1:…:quantum-task/834b21ed-… --status FAILED
  braket-notifier explain event.json        an EventBridge event as Braket sends it; no request to AWS

Nothing is sent. The settings file decides, whether it is deployed or not."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A transition, and the routes' choice for each channel."""

    transition: Transition
    choices: tuple[Choice, ...]
    #: Why a channel that people read gets it at once or later, if nothing else of its group was sent lately.
    grouped: Mapping[str, Reason]


def add(commands: Commands) -> None:
    summary = "show which channels would be notified and why, with a preview; nothing is sent"
    parser = command(commands, "explain", run, summary, more=MORE, json=True, unused=("region",))
    parser.add_argument("what", metavar="ARN|EVENT.json")
    parser.add_argument("--status", choices=[*RANKS, FAILING], help="explain this status instead of the present one")


def run(arguments: Namespace) -> int:
    of_event = not arguments.what.startswith("arn:")
    if of_event and arguments.status:
        raise CommandError("--status needs an ARN, because an event has a status of its own")
    given = settings(arguments)
    policy = parse_policy(given.policy())
    row = _of_event(arguments.what, policy) if of_event else _of_arn(arguments)
    reached = pending(row)
    if arguments.status == FAILING:
        reached = (replace(latest(row), status=FAILING, was="RUNNING", at=None),)
    explained = [Explained(each, _choices(each, policy, given), _grouped(each, policy, given)) for each in reached]
    if arguments.json:
        print_json([_document(each, policy) for each in explained])
        return 0
    for each in explained:
        _show(each, policy, given)
    return 0


def _choices(transition: Transition, policy: Policy, given: Settings) -> tuple[Choice, ...]:
    """The choice for each channel; a route that the settings file does not have is named as a default one."""
    choices = route(transition, policy)
    if not given.has_default_routes:
        return choices
    return tuple(replace(each, reason=_NUMBERED.sub(r"default \g<0>", each.reason)) for each in choices)


def _of_arn(arguments: Namespace) -> SnapshotRow:
    """The new row of a resource as Braket has it now, or with another status."""
    arn = read_arn(arguments.what)
    snapshot = fetch(installation(arguments).client("braket", arn.region), arn)
    if arguments.status == FAILING and arn.kind != "job":
        raise CommandError(f"{arn}: FAILING is a warning about a running hybrid job, and this is a quantum task")
    if arguments.status:
        snapshot = replace(snapshot, status="RUNNING" if arguments.status == FAILING else arguments.status)
        ended_at = (snapshot.ended_at or datetime.now(UTC)) if snapshot.terminal else None
        snapshot = replace(snapshot, ended_at=ended_at)
    return SnapshotRow(snapshot, (step(snapshot, "sweep"),), dispatched=0)


def _of_event(path: str, policy: Policy) -> SnapshotRow:
    """The new row of an event's resource, trusted as if Braket had not answered three times."""
    if not path or not Path(path).exists():
        given = path or "an empty word"
        raise CommandError(f"{given} is neither an ARN nor a file; `braket-notifier list --arn` prints ARNs")
    raw = Path(path).read_bytes()
    try:
        event = json.loads(given := raw.decode())
        members = event if isinstance(event, dict) else {}
        arns = [text(arn) for arn in members.get("resources") or []]
        partition = next((arn.split(":")[1] for arn in arns if arn.startswith("arn:")), "aws")
        watch = Watch(text(members.get("source")), partition, text(members.get("account")), frozenset(policy.regions))
        reported = parse_event(given, watch)
        return SnapshotRow(reported.snapshot, (step(reported.snapshot, "event", reported),), dispatched=0)
    except MalformedEventError as error:
        raise CommandError(f"{path} would be put into `undelivered`: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} would be put into `undelivered`: {why_malformed(error)}") from error


def _grouped(transition: Transition, policy: Policy, given: Settings) -> dict[str, Reason]:
    """The decision at the time of the change, for a group of which nothing was sent."""
    now, reasons = transition.at or datetime.now(UTC), {}
    for each in notifications(transition, policy):
        if policy.channels[channel_of(each.channel)] in SEND_INTERVAL:
            key = group_key(each, policy, Group(), now)
            edits = isinstance(given.channels[channel_of(each.channel)], SlackBotSettings)
            answer = on_arrival(Group(), timing_for(each.channel, key.name, policy, edits=edits), News(each, key), now)
            reasons[each.channel] = answer.reason if key.reason is Reason.OWN else key.reason
    return reasons


def _show(explained: Explained, policy: Policy, given: Settings) -> None:
    transition = explained.transition
    print_line(Text.assemble((f"{transition.status} ", "bold"), transition.arn.text))
    for caution in cautions(transition.snapshot, policy):
        print_line(f"  ! {caution}")
    for each in unknown_words(transition, policy):
        word = each.transition.snapshot.tags[WORD]
        print_line(f"  ! {in_words(each.channel)} gets one message that {word} is unknown, because people get no other")
    for choice in explained.choices:
        mark, volume = ("✓", "silently" if choice.silent else "aloud") if choice.chosen else ("-", "not notified")
        print_line(f"  {mark} {in_words(choice.channel)}, {volume}: {choice.reason}")
        if reason := explained.grouped.get(choice.channel):
            until = held_until(choice.channel, transition.status, policy, transition.at or datetime.now(UTC))
            ends = f", until {date_and_time(until, policy.time_zone)}" if until else ""
            print_line(f"    {reason.name}: {reason.value}{ends}")
            if (fallback := _fallback(choice.channel, policy, given)) and not choice.silent:
                print_line(f"    {in_words(fallback)} gets it while {in_words(choice.channel)} cannot be reached")
    alike: dict[str, list[str]] = {}
    for choice in (choice for choice in explained.choices if choice.chosen):
        title, preview = _preview(transition, policy, choice.channel)
        alike.setdefault(preview, []).append(f"{in_words(choice.channel)}: {title}")
    for preview, titles in alike.items():
        print_line("\n".join(titles))
        print_line(_indented(preview))


def _fallback(destination: str, policy: Policy, given: Settings) -> str:
    """The channel's fallback, or the person's other address, otherwise the team's channel; empty without one."""
    of_people = given.people_fallbacks.get(channel_of(destination), ())
    return given.fallbacks.get(destination, "") or fallback_of(destination, of_people, policy)


def _indented(preview: str) -> str:
    """The preview beside a bar, because a frame would break URLs."""
    return "\n".join(f"  │ {line}".rstrip() for line in preview.splitlines())


def _document(explained: Explained, policy: Policy) -> dict[str, object]:
    transition = explained.transition
    return {
        "arn": transition.arn.text,
        "status": transition.status,
        "cautions": cautions(transition.snapshot, policy),
        "unknown_words": {
            each.transition.snapshot.tags[WORD]: each.channel for each in unknown_words(transition, policy)
        },
        "channels": {
            choice.channel: {
                "chosen": choice.chosen,
                "silent": choice.silent,
                "reason": choice.reason,
                "grouping": explained.grouped[choice.channel].name if choice.channel in explained.grouped else None,
                "preview": _preview(transition, policy, choice.channel)[1] if choice.chosen else None,
            }
            for choice in explained.choices
        },
    }


def _preview(transition: Transition, policy: Policy, channel: str) -> tuple[str, str]:
    """The title that an e-mail's subject or a phone shows, and the whole message in plain text."""
    kind, message = policy.channels[channel_of(channel)], render(transition, policy, channel)
    if kind in {"topic", "bus"}:
        return "JSON", to_json(Notification(transition, channel), lambda: policy, may_repeat=False)
    if kind == "handler":
        return "your function", f"handle(transition) is called for {transition.arn}"
    return subject(message) if kind == "email" else message.push, body(message, may_repeat=False)
