"""A channel whose service fails for a while, on a virtual clock: its queue, the real delivery and the real adapters."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import Message as Headers
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
from braket_notifier.adapters.dynamodb.delivery_keys import VISITED_WITHIN
from braket_notifier.adapters.https.call import Response
from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.services import service
from braket_notifier.adapters.memory.channel_leases import MemoryChannelLeases
from braket_notifier.adapters.memory.groups import MemoryCards, MemoryGroups
from braket_notifier.adapters.memory.ledger import MemoryLedger
from braket_notifier.adapters.memory.queues import MemoryQueue
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.deliver import deliver
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Carried, Closing, Notification, Wake
from braket_notifier.domain.policy import ChannelType, Policy
from braket_notifier.domain.resource import Children
from braket_notifier.errors import DeferError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.ports import Fallback, GroupingPorts, HumanChannel, HumanSender
from braket_notifier.rendering.compose import Compose, message_of
from braket_notifier.routing.quiet_hours import NO_STATUS, held_until
from braket_notifier.sending.channel_lease import SEND_INTERVAL, HealthRow, health_of, take_lease
from braket_notifier.sending.claims import Sender
from braket_notifier.sending.health import Health
from braket_notifier.sending.ports import ChannelLeases, Ledger
from braket_notifier.sending.sqs_batch import MOST_RECEIVES
from local.story.workspace import KEY
from tests import canary

if TYPE_CHECKING:
    from http.client import HTTPMessage

#: SQS hides a record for twelve hours at most.
LONGEST_HIDDEN = timedelta(hours=12)
#: Records in one batch of each type of channel.
BATCHES = {**dict.fromkeys(("slack", "email", "teams", "discord", "webhook"), 100), "topic": 10, "handler": 1}
#: The types of services by the kinds of this world, in which "webhook" is Slack's.
SERVICES: dict[str, ChannelType] = {"teams": "teams", "discord": "discord", "signed": "webhook"}
POSTS = {"chat.postMessage", "chat.update", "publish"}
PROBES = {"auth.test", "conversations.info", "get_topic_attributes"}


@dataclass
class Service:
    """Slack and SNS on the wire: calls by name, and their answers while the service is down."""

    now: Callable[[], datetime]
    #: From when until when it fails; None: until the world mends it.
    down: tuple[datetime, datetime | None] | None = None
    #: The failure of Slack: an answer or an exception; of SNS: an exception.
    failure: Callable[[], Any] = lambda: None
    #: The calls that fail, if not all do.
    only: set[str] = field(default_factory=set)
    #: A failing service accepts the messages all the same.
    accepts: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    #: Accepted messages: the ids that each announces, and whether it is marked as a repeat.
    accepted: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    #: The ids that an accepted edit announced; repeating an edit changes nothing.
    edited: set[str] = field(default_factory=set)
    sending: tuple[tuple[str, ...], bool] = ((), False)
    #: The content of each accepted message, with the time of its acceptance.
    contents: list[tuple[datetime, Notification | Digest]] = field(default_factory=list)
    content: Notification | Digest | None = None

    def slack(self, url: str, _headers: object, body: bytes, _deadline: float) -> Response:
        """Answer a call of `https.call`."""
        webhook = "/services/" in url
        empty = webhook and b'"text"' not in body
        name = ("probe" if empty else "webhook") if webhook else url.rpartition("/")[2]
        failure = self._failure(name)
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return cast("Response", failure)
        if webhook:
            return answered(400, "no_text") if empty else answered(200, "ok")
        return answered(200, '{"ok":true,"ts":"1.2","message":{"thread_ts":"1.2"}}')

    def service(self, _url: str, _headers: object, _body: bytes, _deadline: float, *, method: str = "POST") -> Response:
        """Answer a call of an `Endpoint`, by what each service takes for an acceptance."""
        failure = self._failure({"GET": "probe", "PATCH": "chat.update"}.get(method, "webhook"))
        if isinstance(failure, Exception):
            raise failure
        return cast("Response", failure) if failure is not None else answered(200, '{"id":"7"}')

    def publish(self, **_: str) -> None:
        if error := self._failure("publish"):
            raise error

    def get_topic_attributes(self, **_: str) -> None:
        if error := self._failure("get_topic_attributes"):
            raise error

    def close(self) -> None:
        """Keep nothing open."""

    @property
    def posts(self) -> int:
        return sum(number for name, number in self.calls.items() if name in POSTS | {"webhook"})

    @property
    def probes(self) -> int:
        return max(self.calls[name] for name in ("auth.test", "get_topic_attributes", "probe"))

    @property
    def copies(self) -> Counter[str]:
        """How often each notification was accepted."""
        return Counter(id_ for ids, _ in self.accepted for id_ in ids)

    @property
    def shown(self) -> set[str]:
        return {*self.copies, *self.edited}

    def unmarked_repeats(self) -> list[str]:
        seen, found = set[str](), list[str]()
        for ids, marked in self.accepted:
            found += [] if marked else [each for each in ids if each in seen]
            seen |= set(ids)
        return found

    def _failure(self, name: str) -> Any:
        self.calls[name] += 1
        since, until = self.down or (self.now(), self.now())
        fails = since <= self.now() and (until is None or self.now() < until) and (not self.only or name in self.only)
        if self.accepts or not fails:
            if name == "chat.update":
                self.edited |= set(self.sending[0])
            elif name in POSTS or name == "webhook":
                self.accepted.append(self.sending)
                if self.content:
                    self.contents.append((self.now(), self.content))
        return self.failure() if fails else None


def answered(status: int, text: str = "", **headers: str) -> Response:
    found = Headers()
    for name, value in headers.items():
        found[name.replace("_", "-")] = value
    return Response(status, cast("HTTPMessage", found), text)


def sns_error(code: str, status: int) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "Publish")


#: The kinds of outage: Slack's failure, SNS's failure, and whether the service may accept the message all the same.
OUTAGES: dict[str, tuple[Callable[[], Any], Callable[[], Any], bool]] = {
    "503": (lambda: answered(503), lambda: sns_error("ServiceUnavailable", 503), False),
    "500 after accepting": (lambda: answered(500), lambda: sns_error("InternalError", 500), True),
    "empty 200": (lambda: answered(200), lambda: KeyError("MessageId"), True),
    "timeout": (lambda: UnacknowledgedError("TimeoutError"), lambda: ReadTimeoutError(endpoint_url="sns"), True),
    "reset": (lambda: UnacknowledgedError("ConnectionResetError"), ConnectionResetError, True),
    "DNS": (lambda: TryLaterError("gaierror"), lambda: EndpointConnectionError(endpoint_url="sns"), False),
    "429": (lambda: answered(429, "", Retry_After="30"), lambda: sns_error("Throttling", 400), False),
}


@dataclass
class Posted:
    """An adapter without edits and probes whose messages are noted before they are sent."""

    adapter: Any
    service: Service

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> Any:
        self._note(content, may_repeat=may_repeat)
        return self.adapter.send(content, may_repeat=may_repeat)

    def _note(self, content: Notification | Digest, *, may_repeat: bool) -> None:
        ids = content.news if isinstance(content, Digest) else (content.id,)
        self.service.sending, self.service.content = (ids, may_repeat), content


@dataclass
class Recorded(Posted):
    """An adapter with edits and probes."""

    def reply(self, place: str, content: Notification | Digest, *, may_repeat: bool, loud: bool) -> Any:
        self._note(content, may_repeat=may_repeat)
        return self.adapter.reply(place, content, may_repeat=may_repeat, loud=loud)

    def edit(self, place: str, content: Notification | Digest) -> None:
        self._note(content, may_repeat=False)
        self.adapter.edit(place, content)

    def probe(self) -> None:
        self.adapter.probe()


@dataclass
class Handler:
    """A user's function that raises for a while."""

    service: Service

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        self.service.sending = ((notification.id,), may_repeat)
        self.service.publish()


@dataclass
class OutageWorld:
    """A channel whose `kind` is bot, webhook, email, topic, handler or one of SERVICES."""

    policy: Policy
    now: datetime
    kind: str
    ledger: Ledger = field(default_factory=MemoryLedger)
    leases: ChannelLeases = field(default_factory=MemoryChannelLeases)
    queue: MemoryQueue[Carried] = field(default_factory=partial(MemoryQueue, timedelta(seconds=722)))
    undelivered: list[str] = field(default_factory=list)
    #: Receives after which a record was put back or finished.
    received: Counter[int] = field(default_factory=Counter)
    owners: Any = field(default_factory=count)
    fallback: Fallback | None = None
    #: When the next sweep runs, if any does, and how often sweeps woke the channel.
    next_sweep: datetime | None = None
    wakes: int = 0

    def __post_init__(self) -> None:
        self.service = Service(self.clock)
        self.groups, self.cards = MemoryGroups(), MemoryCards()
        compose = partial(message_of, policy=self.policy, channel=self.name, threads=True)
        adapters: dict[str, Callable[[], Any]] = {
            "bot": lambda: SlackBot(canary.Secret(), "C1", compose, "https://slack.com"),
            "webhook": lambda: SlackWebhook(
                canary.Secret(f"https://hooks.slack.com/services/{canary.HOOK}"), compose, "https://slack.com"
            ),
            "email": lambda: SnsEmail(cast("Any", self.service), "topic", compose),
            "topic": lambda: SnsTopic(cast("Any", self.service), "topic", lambda: self.policy),
            **{each: partial(self._service, each, compose) for each in SERVICES},
        }
        self.channel: Any = (
            Handler(self.service)
            if self.kind == "handler"
            else (Posted if self.kind in ("teams", "signed") else Recorded)(adapters[self.kind](), self.service)
        )
        self._compose = compose

    def _service(self, kind: str, compose: Compose) -> HumanChannel:
        address = Endpoint(canary.Secret(canary.HOOK_URL), "hooks.example.org")
        key = canary.Secret(KEY) if kind == "signed" else None
        return service(SERVICES[kind], address, key, compose, self.clock)

    @property
    def name(self) -> str:
        of_people = dict.fromkeys(("bot", "webhook", *SERVICES), "team-slack") | {"email": "mail"}
        return of_people.get(self.kind, "programs")

    @property
    def type(self) -> str:
        return {"bot": "slack", "webhook": "slack", **SERVICES}.get(self.kind, self.kind)

    def fails(self, kind: str, since: datetime, until: datetime | None = None, only: Iterable[str] = ()) -> None:
        slack, sns, accepts = OUTAGES[kind]
        self.service.failure = sns if self.type in ("email", "topic") else slack
        self.service.down, self.service.only, self.service.accepts = (since, until), set(only), accepts

    def refuses(self, failure: Callable[[], Any], only: Iterable[str] = ()) -> None:
        """Refuse from now on until the cause is mended."""
        self.service.failure, self.service.down, self.service.only = failure, (self.now, None), set(only)

    def confirms(self, *, confirmed: bool) -> None:
        """Let a sweep find that an e-mail address is confirmed, or none."""
        sns: Any = self.service
        self.channel = Recorded(SnsEmail(sns, "topic", self._compose, confirmed=confirmed), self.service)

    def mend(self) -> None:
        self.service.down = None

    def put(self, notification: Notification, after: timedelta = timedelta(0)) -> None:
        self.queue.put(replace(notification, channel=self.name), self.now + after)

    def runs(self, most: timedelta) -> None:
        """Run for so long, with the sweeps if there are any."""
        end = self.now + most
        while due := self.next_due:
            if max(self.now, due) > end:
                break
            self.now = max(self.now, due)
            self.step()
        self.now = max(self.now, end)

    @property
    def next_due(self) -> datetime | None:
        """When something happens next."""
        return min(self._dues(), default=None)

    def step(self) -> None:
        """Run the sweep or the function that is due now."""
        if self.next_sweep and self.next_sweep <= self.now:
            self._sweeps(self.next_sweep)
        self._works()

    def _dues(self) -> list[datetime]:
        """When the next record is visible, and the next sweep runs."""
        return [each for each in (self.queue.next_visible(self.now), self.next_sweep) if each]

    def _sweeps(self, at: datetime) -> None:
        """Wake the channel as the sweep does: if a group's visit is overdue, or nobody tries a channel that is down."""
        self.next_sweep = at + timedelta(minutes=5)
        overdue = [each for each in self.groups.visits.values() if each and each < self.now - VISITED_WITHIN]
        left = self.health.is_left(self.now) and not held_until(self.name, NO_STATUS, self.policy, self.now)
        if left or (overdue and self.type in SEND_INTERVAL):
            self.queue.put(Wake(self.name, self.now), self.now)
            self.wakes += 1

    @property
    def health(self) -> Health:
        return health_of(self.leases, self.name)

    def ends_lease(self) -> None:
        """Let the time pass after which the lease of a killed sender ends."""
        self.now += timedelta(minutes=13)

    def loses_records(self) -> None:
        """Purge the queue."""
        self.queue.records.clear()

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def schedule(self, closing: Closing, after_s: int) -> None:
        self.queue.put(closing, self.now + timedelta(seconds=after_s))

    def count_open(self, among: str, regions: Collection[str]) -> int:  # noqa: ARG002 - of any group
        return 1

    def children(self, of: str) -> Children:  # noqa: ARG002 - of any job
        return Children(0)

    def last_pass(self, region: str) -> datetime:  # noqa: ARG002 - of any region
        return self.now

    def _works(self) -> None:
        batch = self.queue.receive(self.now, most=BATCHES[self.type])
        sender = self.sender()
        began = self.now
        for record in batch:
            left_s = max(0.0, 120 - (self.now - began).total_seconds())
            each = replace(sender, time_left_s=partial(float, left_s)) if sender else None
            self.received[record.receives] += 1
            try:
                deliver(record.content, each, f"{next(self.owners)}")
            except DeferError as wait:
                until = self.now + min(timedelta(seconds=wait.seconds), LONGEST_HIDDEN)
                if record.receives < MOST_RECEIVES:
                    self.queue.defer(record.number, until)
                    continue
                self.queue.put(record.content, until)
            except RefusedError as error:
                self.undelivered.append(str(error))
            self.queue.delete([record.number])
        if sender and sender.lease:
            sender.lease.end()

    def sender(self) -> Sender | None:
        owner = f"{next(self.owners)}"
        if self.type not in SEND_INTERVAL:
            row = HealthRow(self.leases, self.name, self.clock, health_of(self.leases, self.name))
            return Sender(
                self.channel, self.ledger, self.clock, lambda: 120.0, row=row, is_handler=self.kind == "handler"
            )
        lease = take_lease(self.leases, self.name, SEND_INTERVAL[self.type], owner, self.clock, self.sleep)
        if lease is None:
            return None
        editable = self.channel if self.kind in ("bot", "discord") else None
        ports = GroupingPorts(
            self.channel, editable, self.groups, self.cards, self, self.policy, self, fallback=self.fallback
        )
        return HumanSender(self.channel, self.ledger, self.clock, lambda: 120.0, lease, ports=ports)
