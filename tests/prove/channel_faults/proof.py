"""Channel faults: the real adapters under the real `deliver`, before a raw server that fails once in every way."""

import io
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config

from braket_notifier import deliver
from braket_notifier.adapters.aws import clients, sns
from braket_notifier.adapters.aws.sns import SnsEmail
from braket_notifier.adapters.https import call as https
from braket_notifier.adapters.https.discord import DiscordWebhook
from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.teams import TeamsWorkflow
from braket_notifier.adapters.https.webhook import SignedWebhook
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.cli.commands.redrive import redrive
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import DeferError, RefusedError, TryLaterError
from braket_notifier.rendering.compose import message_of
from braket_notifier.sending.channel_lease import HealthRow, health_of
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.health import HEALTHY
from braket_notifier.sending.ports import LEASE, Channel, Probed
from local.story.workspace import KEY
from tests import canary
from tests.prove.channel_faults import certificate, faults
from tests.prove.channel_faults.afterwards import idle_reset, orphaned_reply
from tests.prove.channel_faults.faults import Fault, Verdict
from tests.prove.channel_faults.places import Endpoints
from tests.prove.channel_faults.samples import NOON, POLICY, a_notification
from tests.prove.result import Result
from tests.prove.wire import PATIENCE_S, http

Limits = tuple[float, float]
#: Seconds for connecting and for reading; short only where they have to end a send.
REAL: Limits = (3.0, 10.0)
SHORT_TO_CONNECT: Limits = (0.15, 10.0)
SHORT_TO_READ: Limits = (1.0, 0.4)
SETTLED_S = 60
#: The row of the channel's health.
CHANNEL = "channel"
TOPIC = "arn:aws:sns:eu-north-1:012345678901:mail"
COMPOSE = partial(message_of, policy=POLICY, channel="", threads=True)
MARK = "may repeat an earlier"
#: SNS's answer to a publish, and to a probe.
_PUBLISHED = (
    "<Response><PublishResult><MessageId>1</MessageId></PublishResult>"
    "<GetTopicAttributesResult><Attributes/></GetTopicAttributesResult></Response>"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel: its adapter for an endpoint, its server's success answer, its faults."""

    name: str
    make: Callable[[str, Limits], Channel]
    taken: bytes
    faults: tuple[Fault, ...]


def _bot(url: str, _limits: Limits) -> Channel:
    return SlackBot(canary.Secret(), "C1", COMPOSE, url)


def _direct(url: str, _limits: Limits) -> Channel:
    return SlackBot(canary.Secret(), "U01ABCDEF", COMPOSE, url)


def _webhook(url: str, _limits: Limits) -> Channel:
    return SlackWebhook(canary.Secret(f"{url}/services/{canary.HOOK}"), COMPOSE, url)


def _signed(url: str, _limits: Limits) -> Channel:
    address = Endpoint(canary.Secret(f"https://hooks.example.org/{canary.CANARY}"), "hooks.example.org", url)
    return SignedWebhook(address, canary.Secret(KEY), COMPOSE, lambda: NOON)


def _teams(url: str, _limits: Limits) -> Channel:
    host = "prod-1.logic.azure.com"
    return TeamsWorkflow(Endpoint(canary.Secret(f"https://{host}/{canary.CANARY}"), host, url), COMPOSE)


def _discord(url: str, _limits: Limits) -> Channel:
    address = Endpoint(canary.Secret(f"https://discord.com/{canary.CANARY}"), "discord.com", url)
    return DiscordWebhook(address, COMPOSE)


def _email(url: str, limits: Limits) -> Channel:
    scaled = Config(connect_timeout=limits[0], read_timeout=limits[1], proxies={})
    made_up = {"aws_access_key_id": "made-up", "aws_secret_access_key": canary.CANARY}
    client = boto3.client("sns", "eu-north-1", endpoint_url=url, config=clients.ONCE.merge(scaled), **made_up)  # type: ignore[call-overload]  # by name
    return SnsEmail(client, TOPIC, COMPOSE)


KINDS = (
    Kind("bot", _bot, http(200, '{"ok":true}', faults.JSON), faults.NETWORK + faults.SLACK + faults.BOT),
    Kind("direct", _direct, http(200, '{"ok":true}', faults.JSON), faults.NETWORK + faults.PERSON),
    Kind("webhook", _webhook, http(200, "ok"), faults.NETWORK + faults.SLACK + faults.WEBHOOK),
    Kind("signed", _signed, http(204), faults.SIGNED),
    Kind("teams", _teams, http(202), faults.TEAMS),
    Kind("discord", _discord, http(200, '{"id":"7"}', faults.JSON), faults.NETWORK + faults.DISCORD),
    Kind("sns", _email, http(200, _PUBLISHED, "text/xml"), faults.NETWORK + faults.SNS),
)


@dataclass
class Clock:
    """The pipeline's time, moved by hand."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Trial:
    """A fault of one kind of channel, from the first attempt until the notification is settled."""

    kind: Kind
    fault: Fault
    long: bool
    clock: Clock = field(default_factory=Clock)
    #: Whether the fault meets the probe of a channel that is down, and not the message.
    probing: bool = False
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    leases: MemoryChannelLeases = field(default_factory=MemoryChannelLeases)
    wrong: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notification = a_notification("mail" if self.kind.name == "sns" else "team-slack")

    def run(self, endpoints: Endpoints) -> None:
        if self.probing:
            self._run_probe(endpoints)
        else:
            self._run_message(endpoints)

    def _run_probe(self, endpoints: Endpoints) -> None:
        """Meet the fault by the probe: nothing is claimed or posted, and the next probe goes on to the message."""
        self.leases.down[CHANNEL] = HEALTHY.refused(TryLaterError("before"), self.clock() - timedelta(seconds=2))
        limits = _short(self.fault)
        with endpoints.wire(self.kind.taken, self.fault) as wire, endpoints.place(self.fault, wire) as url:
            with _limited(limits):
                verdict, wait_s = self._first(self.kind.make(url, limits))
            wire.settle(int(self.fault.requests > 0), SETTLED_S)
            self._check(not wire.waited_for, "waited until the server was done")
        goes_on = self.fault.shows_nothing or (self.kind.name == "webhook" and self.fault.verdict == "taken")
        accepted = _messages(wire.accepted)
        self._check(len(accepted) == goes_on, f"{len(accepted)} messages after the fault of a probe")
        self._check(len(self.ledger.rows) == goes_on, "claimed though the probe failed")
        self._check((verdict == "taken") == goes_on, f"taken as {verdict}")
        with endpoints.wire(self.kind.taken) as wire:
            if not goes_on:
                self._again("later", wait_s, self.kind.make(wire.url, REAL))
            accepted += _messages(wire.accepted)
        self.bodies = [unquote_plus(body.decode()) for body in accepted]
        marked = [MARK in body for body in self.bodies]
        self._check(marked == [False], f"accepted, marked: {marked}")

    def _run_message(self, endpoints: Endpoints) -> None:
        """Meet the fault, deliver the record again when it is deferred, and check that it is settled then."""
        limits = REAL if self.long else _short(self.fault)
        with endpoints.wire(self.kind.taken, self.fault) as wire, endpoints.place(self.fault, wire) as url:
            with _limited(limits):
                verdict, wait_s = self._first(self.kind.make(url, limits))
            wire.settle(self.fault.requests, SETTLED_S)
            self._check(len(wire.requests) == self.fault.requests, f"{len(wire.requests)} requests on the wire")
            self._check(not wire.waited_for, "waited until the server was done")
            self._check(verdict == self.fault.verdict, f"taken as {verdict}")
        self._check(self.fault.wait_s in (None, wait_s), f"again in {wait_s} s")
        self._check(verdict != "doubt" or wait_s >= LEASE.seconds, f"again in {wait_s} s, within its own lease")
        accepted = list(wire.accepted)
        with endpoints.wire(self.kind.taken) as wire:
            self._again(verdict, wait_s, self.kind.make(wire.url, REAL))
            accepted += _messages(wire.accepted)
        self.bodies = [unquote_plus(body.decode()) for body in accepted]
        marked = [MARK in body for body in self.bodies]
        expected = [False] * self.fault.treatment.accepts + [verdict in ("doubt", "limited")]
        self._check(marked == expected, f"accepted, marked: {marked}")

    def _first(self, channel: Channel) -> tuple[Verdict | str, int]:
        began = time.monotonic()
        verdict: Verdict | str
        try:
            self._deliver(channel)
        except DeferError as error:
            verdict, wait_s = self._deferred(error), error.seconds
            self._keep_secrets(error)
        except RefusedError as error:
            verdict, wait_s = "never", 0
            self._keep_secrets(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no verdict
            verdict, wait_s = type(error).__name__, LEASE.seconds
            self._keep_secrets(error)
        else:
            verdict, wait_s = "taken", 0
        self._keep_time(time.monotonic() - began)
        return verdict, wait_s

    def _deferred(self, error: DeferError) -> Verdict:
        row = self.ledger.rows.get(self.notification.id)
        if error.in_doubt:
            return "doubt"
        if row and row.unsure:
            return "limited"
        return "mendable" if self.leases.health([CHANNEL])[CHANNEL].cause == "mendable" else "later"

    def _again(self, verdict: str, wait_s: int, channel: Channel) -> None:
        """A refused notification stays silent until it is redriven. A delivered one stays silent for good."""
        self.clock.at += timedelta(seconds=wait_s)
        if verdict == "never":
            self._check(self._first(channel)[0] == "never", "sent again though refused for good")
            queues = MemoryQueue[Notification]()
            again = list(self.ledger.all_undelivered())
            self._check(redrive(again, self.ledger, queues, self.clock) == 1, "cannot be redriven")
        try:
            self._check(self._deliver(channel) == int(verdict != "taken"), "not sent when it came again")
        except (DeferError, RefusedError) as error:
            self._check(ok=False, what=f"not sent when it came again: {error}")
        self._check(self._deliver(channel) == 0, "sent once more after its delivery")

    def _deliver(self, channel: Channel) -> int:
        row = HealthRow(self.leases, CHANNEL, self.clock, health_of(self.leases, CHANNEL))
        sender = Sender(channel, self.ledger, self.clock, lambda: 60.0, row=row)
        return deliver.deliver(self.notification, sender, owner=f"at {self.clock.at}").notifications

    def _keep_time(self, took: float) -> None:
        """The limits of a send end it before the next longer ones do, also on a busy machine."""
        longer = REAL[1] if self.fault.place == "unaccepting" else PATIENCE_S
        self._check(took < longer, f"took {took:.2f} s")

    def _keep_secrets(self, error: Exception) -> None:
        self._check(not canary.found_in(canary.shown(error)), "a secret in the exception")

    def _check(self, ok: bool, what: str) -> None:
        if not ok:
            self.wrong.append(f"{self.kind.name}, {'probe, ' * self.probing}{self.fault.name}: {what}")


def _at(kind: Kind, url: str) -> Channel:
    return kind.make(url, REAL)


def _messages(bodies: Sequence[bytes]) -> list[bytes]:
    """The bodies that post something, without those of probes."""
    return [each for each in bodies if any(part in each for part in (b'"text"', b'"content"', b"Action=Publish"))]


def _short(fault: Fault) -> Limits:
    if fault.place == "unaccepting":
        return SHORT_TO_CONNECT
    return SHORT_TO_READ if fault.treatment.end == "wait" or fault.treatment.byte_s else REAL


@contextmanager
def _limited(limits: Limits) -> Iterator[None]:
    connect, read = limits
    with (
        patch.object(https, "CONNECT_S", connect),
        patch.object(https, "GIVE_UP_S", connect + read),
        patch.object(sns, "GIVE_UP_S", connect + read),
    ):
        yield


@contextmanager
def _captured_log() -> Iterator[io.StringIO]:
    """Everything that any logger writes meanwhile, at every level."""
    log, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(log), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def prove(*, long: bool) -> Result:
    """Each fault of each kind of channel; the long form with the real time limits."""
    faults_of = [(kind, fault) for kind in KINDS for fault in kind.faults]
    trials = [Trial(kind, fault, long) for kind, fault in faults_of]
    trials += [
        Trial(*each, long, probing=True) for each in faults_of if isinstance(_at(each[0], "http://127.0.0.1"), Probed)
    ]
    lines: list[str] = []
    with ExitStack() as around:
        endpoints = Endpoints(certificate.make(Path(around.enter_context(tempfile.TemporaryDirectory()))))
        for trial in trials:
            with _captured_log() as log:
                trial.run(endpoints)
            if canary.found_in(log.getvalue()):
                lines.append(f"{trial.kind.name}, {trial.fault.name}: a secret in the log")
    afterwards = [idle_reset(each.name, partial(_at, each), each.taken) for each in KINDS]
    afterwards.append(orphaned_reply(COMPOSE))
    repeats = Counter(trial.fault.name for trial in trials if len(trial.bodies) > 1 and not trial.probing)
    return Result(
        name="channel faults",
        runs=len(trials) + len(afterwards),
        lost=sum(not trial.bodies for trial in trials) + sum(each.lost for each in afterwards),
        avoidable_repeats=sum(
            len(trial.bodies) - 1 for trial in trials if len(trial.bodies) > 1 + trial.fault.treatment.accepts
        )
        + sum(each.repeats for each in afterwards),
        unavoidable_repeats=repeats,
        wrong=(
            *lines,
            *(line for each in trials for line in each.wrong),
            *(line for a in afterwards for line in a.wrong),
        ),
    )
