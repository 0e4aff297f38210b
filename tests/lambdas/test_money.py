"""No amount of money leaves the notifier once `money = false` is in force, by whatever channel."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from unittest.mock import Mock

import boto3
import pytest

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.bootstrap import channels, shared
from braket_notifier.costs.month import DeviceMonth, to_tags
from braket_notifier.domain.announcement import ENDED, FAILED, MONTH, WEEK, announcement, arn_of
from braket_notifier.domain.cost import NOTHING, Cost
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import MACHINES, ChannelType
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.spending import BUDGET, LIMIT, PERSON, Allowance, figures_of
from braket_notifier.domain.transition import Transition
from braket_notifier.sending.wire import encode
from local.story.workspace import KEY
from tests import canary
from tests.conftest import GARNET, NOON, job_arn
from tests.lambdas.conftest import SETTINGS
from tests.prove.wire import Treatment, Wire, http

REAL_CHANNEL = channels.channel
HOST, BUS = "hooks.example.org", "lab-events"
#: The name here of Slack's incoming webhook, a channel of the type `slack` as the bot is.
WEBHOOK = "slack by a webhook"
#: The answer of a service that accepts a message: of Slack's incoming webhook, and of any other one.
POSTED = {"ok": True, "ts": "1.2", "channel": "C0123456789", "message": {"thread_ts": "1.2"}, "id": "77"}
ANSWERS = {WEBHOOK: http(200, "ok")}
ACCEPTED = http(200, json.dumps(POSTED), "application/json")
TYPES = [*get_args(ChannelType), WEBHOOK]
PEOPLE = [each for each in TYPES if each not in MACHINES]
PAID = Cost(Decimal("73.19"))
#: Any part of an amount, in words, in JSON, or as Python values; the console's own URLs have escapes like $252F.
AMOUNT = re.compile(r"\$(?!252F|3[DF])\d|USD|73\.19|at most|in your reservation|Cost\(|#(amount|spent|queued)")
HANDLER = """
from pathlib import Path

def handle(transition, message):
    with Path(__file__).with_suffix(".txt").open("a") as file:
        file.write(f"{transition}\\n{message}\\n")
"""

ASnapshot = Callable[..., Snapshot]
Notices = Callable[[str, int], list[Notification]]
Push = Callable[..., None]


@dataclass
class Outside:
    """Everything that the function sends, and its records, which come again while it defers them."""

    channel_type: str
    account: Any
    context: Any
    wire: Wire
    written: Path
    called: list[Any] = field(default_factory=list)
    now: datetime = NOON

    def sends(self, *notifications: Notification, after: tuple[timedelta, ...] = (timedelta(0),)) -> str:
        """Return what the function sends of these in invocations at these times, one after another."""
        before, function = len(self.everything), self.account.function("deliver")
        for each in after:
            self.now += each
            batch = self.account.batch("slack", *map(encode, notifications), first_received=self.now, sent=self.now)
            function(batch, self.context)
        return self.everything[before:]

    @property
    def everything(self) -> str:
        handled = self.written.read_text() if self.written.exists() else ""
        bodies = (each.partition(b"\r\n\r\n")[2].decode() for each in self.wire.requests)
        return "\n".join((*bodies, *map(str, self.called), handled))


@pytest.fixture
def outside(
    request: pytest.FixtureRequest,
    account: Any,
    context: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    unread_handlers: None,  # noqa: ARG001 - as its name says
) -> Iterator[Outside]:
    """The function of a channel of the type, with its real adapter."""
    channel_type = request.param
    of_policy = "slack" if channel_type == WEBHOOK else channel_type
    settings = SETTINGS | {"channels": {"team-slack": {"type": of_policy}}, "costs_by_person": True}
    singly = {"digest_after": 20, "flood_after": 20, "stale_after_s": 72 * 3600}
    shared.SETTINGS.write_text(json.dumps(settings | {"routes": [{"to": ["team-slack"]}], **singly}))
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    (tmp_path / "custom" / "mine.py").write_text(HANDLER)
    monkeypatch.syspath_prepend(tmp_path)
    slack = channel_type == "slack"
    secret = canary.HOOK_URL if of_policy != "slack" else canary.TOKEN
    with Wire(Treatment(answer=ANSWERS.get(channel_type, ACCEPTED))) as wire:
        hook = f"{wire.url}/services/{canary.HOOK}"
        value = hook if channel_type == WEBHOOK else secret
        boto3.client("ssm").put_parameter(Name="/lab/secret", Value=value, Type="SecureString")
        boto3.client("ssm").put_parameter(Name="/lab/key", Value=KEY, Type="SecureString")
        environment = {
            "CHANNEL_TYPE": of_policy,
            "SLACK_TOKEN" if slack else "SLACK_WEBHOOK" if channel_type == WEBHOOK else "URL": "ssm:/lab/secret",
            "KEY": "ssm:/lab/key",
            "SLACK_CHANNEL": "C0123456789",
            "SLACK_ENDPOINT_URL": wire.url,
            "SERVICES_ENDPOINT_URL": wire.url,
            "HOST": HOST,
            "HANDLER": "mine",
            "TOPIC_ARN": "arn:aws:sns:eu-north-1:012345678901:topic",
            "BUS": BUS,
            "SOURCE": "lab",
        }
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        found = Outside(channel_type, account, context, wire, tmp_path / "custom" / "mine.txt")
        monkeypatch.setattr(channels, "channel", REAL_CHANNEL)
        monkeypatch.setattr(shared, "now", lambda: found.now)
        monkeypatch.setattr(clients.sns(clients.ONCE), "publish", lambda **call: found.called.append(call))
        events = clients.events()
        monkeypatch.setattr(events, "describe_event_bus", lambda **_: {"Name": BUS})

        def put_events(**call: Any) -> Any:
            found.called.append(call)
            return {"Entries": [{"EventId": "1"}]}

        monkeypatch.setattr(events, "put_events", put_events)
        yield found


@pytest.fixture
def push(publish: Callable[..., None], later: Callable[[], None]) -> Push:
    """Publish a change of the settings, which the function follows at its next message."""

    def push(*muted_until: dict[str, datetime], money: bool) -> None:
        publish(*muted_until, money=money)
        later()

    return push


@pytest.fixture
def notices(a_task: ASnapshot, a_job: ASnapshot, a_transition: Callable[[Snapshot], Transition]) -> Notices:
    """Notifications of each kind that has an amount; `number` makes others of them."""

    def of_ended(*ended: Snapshot) -> list[Notification]:
        return [Notification(a_transition(each), "team-slack") for each in ended]

    def announced(status: str, number: int, **changes: Any) -> list[Notification]:
        shown = Snapshot(arn_of(f"own-{number}", "eu-north-1"), "CREATED", created_at=NOON, **changes)
        return [announcement(shown, status, "team-slack", at=NOON)]

    def build(kind: str, number: int) -> list[Notification]:
        allowance = Allowance("1", Decimal(500), Decimal(400), NOON, queued=Decimal(50), name="scan-7", device=GARNET)
        figures = figures_of(allowance, "80")
        page = to_tags([DeviceMonth(GARNET, 3, 0, PAID)])
        week = {ENDED: "3", FAILED: "0"}
        kinds: dict[str, Callable[[], list[Notification]]] = {
            "without an amount": lambda: of_ended(a_task(number=number)),
            "exact": lambda: of_ended(a_task(number=number, cost=PAID)),
            "at most": lambda: of_ended(a_task(number=number, cost=replace(PAID, bound="at most"))),
            "reserved": lambda: of_ended(a_task(number=number, cost=Cost(NOTHING, reserved=1))),
            "job": lambda: of_ended(a_job(number=number, cost=replace(PAID, unknown=2, reserved=1))),
            "job's task": lambda: of_ended(a_task(number=number, job_arn=job_arn(number), cost=PAID)),
            "failed": lambda: of_ended(a_task("FAILED", number, cost=Cost(NOTHING))),
            "week": lambda: announced(f"{WEEK} 2026-W47", number, tags=week, cost=PAID),
            "month": lambda: announced(f"{MONTH} 2026-10", number, tags=page),
            "limit": lambda: announced(f"{LIMIT} 80 of 500 since 2026-11-01", number, tags=figures),
            "budget": lambda: announced(f"{BUDGET} 80 of 500 since 2026-11-01", number, tags=figures),
            "a person's budget": lambda: announced(
                f"{BUDGET} full of 500 since 2026-11-01", number, tags={**figures, PERSON: "Anna"}
            ),
        }
        return kinds[kind]()

    return build


#: The kinds that a push takes back altogether, and the others, which go on without their amount.
ABOUT_MONEY = ["month", "limit", "budget", "a person's budget"]
OTHERS = ["exact", "at most", "reserved", "job", "job's task", "failed", "week"]


@pytest.mark.parametrize("outside", TYPES, indirect=True)
def test_no_amount_of_any_kind_is_sent_a_minute_after_a_push_of_money_false(
    outside: Outside, notices: Notices, push: Push
) -> None:
    """The function lives on, and what waits in its queue was enqueued with its amount."""
    after = (timedelta(0), timedelta(minutes=16)) if outside.channel_type == "email" else (timedelta(0),)
    kinds = (*OTHERS, *ABOUT_MONEY)
    allowed = {kind: outside.sends(*notices(kind, number), after=after) for number, kind in enumerate(kinds)}
    push(money=False)
    forbidden = {kind: outside.sends(*notices(kind, 50 + number), after=after) for number, kind in enumerate(kinds)}

    assert [kind for kind, sent in allowed.items() if not AMOUNT.search(sent)] == []
    assert [sent for sent in forbidden.values() if AMOUNT.search(sent)] == []
    assert [kind for kind, sent in forbidden.items() if sent] == OTHERS


@pytest.mark.parametrize("money", [True, False])
@pytest.mark.parametrize("outside", PEOPLE, indirect=True)
def test_a_digest_of_what_a_mute_held_has_an_amount_only_if_the_settings_allow_it_at_its_end(
    outside: Outside, notices: Notices, publish: Callable[..., None], push: Push, *, money: bool
) -> None:
    """The ends began to wait before the push, each with its amount."""
    ends = [each for number in range(1, 5) for each in notices("exact", number)]
    muted = {"team-slack": NOON + timedelta(minutes=30)}
    publish(muted)
    held = outside.sends(*ends)
    push(muted, money=money)
    sent = outside.sends(*ends, after=(timedelta(minutes=31), timedelta(minutes=16)))

    assert not held
    assert "4 ended" in sent
    assert bool(AMOUNT.search(sent)) == money, sent


@pytest.mark.parametrize("money", [True, False])
@pytest.mark.parametrize("outside", ["slack", "discord"], indirect=True)
def test_a_card_that_is_edited_after_the_push_loses_its_amount(
    outside: Outside, notices: Notices, push: Push, *, money: bool
) -> None:
    [end] = notices("job", 1)
    outside.sends(end)
    push(money=money)

    edited = outside.sends(replace(end, refresh=True), after=(timedelta(minutes=5),))

    assert edited
    assert bool(AMOUNT.search(edited)) == money, edited


@pytest.mark.parametrize("outside", PEOPLE, indirect=True)
def test_a_push_is_followed_by_an_invocation_that_began_before_it(
    outside: Outside, notices: Notices, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invocation may send for two minutes, because a channel takes a message a second."""
    one = outside.sends(*notices("week", 1)).count("$73.19")
    monkeypatch.setattr(shared, "sleep", lambda _: push(money=False))
    several = (*notices("week", 2), *notices("week", 3), *notices("budget", 4))

    sent = outside.sends(*several, after=(timedelta(minutes=1),))

    assert sent.count("$73.19") == one >= 1
    assert not re.search(r"\$[45]", sent)


@pytest.mark.parametrize("kind", ["exact", "without an amount"])
@pytest.mark.parametrize("outside", TYPES, indirect=True)
def test_a_function_that_starts_while_the_settings_cannot_be_read_sends_nothing_until_they_can(
    outside: Outside, notices: Notices, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Seen: it followed the deployed settings, without any mute and with the amounts that a push had forbidden."""
    publish(money=False)
    with monkeypatch.context() as failing:
        failing.setattr(DynamoPublished, "read", Mock(side_effect=ConnectionError("no answer")))
        unread = outside.sends(*notices(kind, 1))
    sent = unread or outside.sends(*notices(kind, 1), after=(timedelta(minutes=3),))

    assert unread == "" or (kind != "exact" and outside.channel_type in {"topic", "bus"})  # which need none of them
    assert sent
    assert not AMOUNT.search(sent)
    assert not re.search(r"may repeat|may_repeat\W+true", sent, re.IGNORECASE)
