"""Every adapter against a server that resets the next request of a connection that was idle, as AWS does."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.aws.s3 import S3Results
from braket_notifier.adapters.aws.sns import SnsEmail, SnsTopic
from braket_notifier.adapters.aws.sqs import SqsChannelQueues, SqsUndelivered, SqsWaits
from braket_notifier.adapters.aws.ssm import SsmSecret
from braket_notifier.adapters.aws.stalled_queues import stalled_queues
from braket_notifier.adapters.aws.subscriptions import confirmed
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.adapters.https.call import CONNECT_S, MESSAGE_S
from braket_notifier.adapters.slack.channels import SlackBot, SlackWebhook
from braket_notifier.braket.rate_limit import RateLimiter
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.rendering.compose import Compose
from braket_notifier.sending.channel_lease import LONGEST_PAUSE
from braket_notifier.sending.ports import LEASE
from braket_notifier.tracking.ports import CreatedRange
from tests import canary
from tests.conftest import task_arn
from tests.idle_server import IdleServer, idle_server

REGION, KEY = "eu-north-1", {"arn": "x"}
QUEUE = "http://127.0.0.1/queue"
TASK = {"quantumTaskArn": task_arn(), "status": "RUNNING", "createdAt": "2026-11-20T08:12:00Z", "shots": 10}
RESULTS: dict[str, object] = {"taskMetadata": {"programMetadata": [{"executables": [{"category": "DEVICE"}]}]}}
XML = "<{0}Response><{0}Result>{1}</{0}Result></{0}Response>"
MAILBOX = "<Protocol>email</Protocol><Endpoint>anna@example.org</Endpoint>"
MEMBER = f"<member>{MAILBOX}<SubscriptionArn>{{0}}</SubscriptionArn></member>"

ANotification = Callable[..., Notification]
Uses = dict[str, Callable[[IdleServer], object]]


def answer(line: str, body: bytes) -> tuple[str, bytes]:
    """Answer as the service whose form the request has."""
    if "Action=Publish" in body.decode():
        return "text/xml", XML.format("Publish", "<MessageId>1</MessageId>").encode()
    if "Action=ListSubscriptions" in body.decode():
        listed = MEMBER.format("PendingConfirmation") + MEMBER.format("arn:aws:sns:eu-north-1:1:mail:2")
        return "text/xml", XML.format("ListSubscriptionsByTopic", f"<Subscriptions>{listed}</Subscriptions>").encode()
    if "/services/" in line:
        return "text/plain", b"ok"
    found: dict[str, object] = {"ok": True, "ts": "1.2", "channel": "C1", "message": {"thread_ts": "1.2"}}
    if line.startswith("POST / "):  # DynamoDB, SQS and SSM in one, because each client reads its own members alone
        found = {"Item": {"arn": {"S": "x"}}, "Attributes": {"ApproximateNumberOfMessages": "3"}}
        found["Attributes"] |= {"ApproximateNumberOfMessagesNotVisible": "0"}  # type: ignore[operator]  # a dictionary
        found |= {"Successful": [{"Id": "0"}], "MessageId": "1", "Parameter": {"Value": canary.TOKEN}}
        if b"UpdateExpression" in body:
            found["Attributes"] = {"arn": {"S": "x"}}
        if b"RequestItems" in body:
            found = {"Responses": {"rows": [{"arn": {"S": "x"}}]}, "UnprocessedKeys": {}}
    elif "results.json" in line:
        found = RESULTS
    elif line.startswith("GET /quantum-task/"):
        found = TASK
    elif line.startswith("POST /jobs"):
        found = {"jobs": []}
    return "application/json", json.dumps(found).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdleServer]:
    """The server as the endpoint of the functions' own clients."""
    factories = [each for each in vars(clients).values() if hasattr(each, "cache_clear")]
    with idle_server(answer) as running:
        given = {"AWS_ENDPOINT_URL": running.url, "AWS_DEFAULT_REGION": REGION, "NO_PROXY": "127.0.0.1"}
        for name, value in {**given, "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}.items():
            monkeypatch.setenv(name, value)
        for factory in factories:
            factory.cache_clear()
        yield running
        for factory in factories:
            factory.cache_clear()


@pytest.fixture
def uses(
    a_notification: ANotification, a_task: Callable[..., Snapshot], compose: Compose, noon: datetime, policy: Policy
) -> Uses:
    """A use of each adapter, by the client that the functions give it."""

    def braket() -> BotoBraket:
        return BotoBraket(clients.braket, RateLimiter({}, lambda: 0.0, lambda _: None))

    def table() -> Table:
        return Table(clients.dynamodb(), "rows")

    def secret() -> SsmSecret:
        return SsmSecret(clients.ssm, "ssm:/token", lambda: 0.0)

    failed = a_task("FAILED", executables=2)
    mail = a_notification(channel="mail")
    queues = {"mail": QUEUE}
    return {
        "braket, a task": lambda _: braket().read(parse_arn(task_arn())).status,
        "braket, jobs": lambda _: braket().created(REGION, "job", CreatedRange(noon)),
        "dynamodb, a row": lambda _: table().get(KEY),
        "dynamodb, rows": lambda _: list(table().many([KEY])),
        "dynamodb, a write": lambda _: table().update(KEY, {"a": ":a"}, {":a": 1}),
        "sqs, notifications": lambda _: SqsChannelQueues(clients.sqs(), queues).enqueue([mail]),
        "sqs, a wait": lambda _: SqsWaits(clients.sqs(), QUEUE).defer("receipt", 1),
        "sqs, undelivered": lambda _: SqsUndelivered(clients.sqs(), QUEUE).put("x", "why"),
        "sqs, a count": lambda _: stalled_queues([(clients.sqs_of(REGION), QUEUE)]),
        "ssm": lambda _: secret().read() == canary.TOKEN,
        "s3": lambda _: S3Results(clients.s3).read(failed),
        "sns, addresses": lambda _: confirmed(clients.sns(clients.SHORT), ["topic"]),
        "sns, e-mail": lambda _: SnsEmail(clients.sns(clients.ONCE), "topic", compose).send(mail, may_repeat=False),
        "sns, topic": lambda _: SnsTopic(clients.sns(clients.ONCE), "topic", lambda: policy).send(
            mail, may_repeat=False
        ),
        "slack, bot": lambda at: SlackBot(canary.Secret(), "C1", compose, at.url).send(mail, may_repeat=False),
        "slack, webhook": lambda at: SlackWebhook(
            canary.Secret(f"{at.url}/services/{canary.HOOK}"), compose, at.url
        ).send(mail, may_repeat=False),
    }


#: The uses whose repeat would be a second message, so that their connection must be new.
POSTS = {"sns, e-mail", "sns, topic", "slack, bot", "slack, webhook"}
USES = [
    *("braket, a task", "braket, jobs", "dynamodb, a row", "dynamodb, rows", "dynamodb, a write"),
    *("sqs, notifications", "sqs, a wait", "sqs, undelivered", "sqs, a count", "ssm", "s3", "sns, addresses"),
    *sorted(POSTS),
]


def test_every_adapter_is_in_the_table(uses: Uses) -> None:
    assert set(USES) == set(uses)
    assert {name.split(",")[0] for name in uses} == {"braket", "dynamodb", "s3", "slack", "sns", "sqs", "ssm"}


@pytest.mark.parametrize("use", USES)
def test_an_idle_connection_fails_no_adapter(server: IdleServer, uses: Uses, use: str) -> None:
    """Invocations may follow each other without a rest while one client of them rests."""
    first = uses[use](server)
    server.rest()

    assert uses[use](server) == first
    assert len(server.answered) == 2
    assert server.resets == (0 if use in POSTS else 1)


@pytest.mark.parametrize("use", USES)
def test_an_invocation_after_a_rest_uses_no_idle_connection(server: IdleServer, uses: Uses, use: str) -> None:
    clients.connections().begin(0.0)
    first = uses[use](server)
    server.rest()
    clients.connections().begin(300.0)

    assert uses[use](server) == first
    assert len(server.answered) == 2
    assert server.resets == 0


@pytest.mark.parametrize(
    ("passed_s", "opened"),
    [
        (clients.IDLE_S, 1),  # a busy function keeps its connections, because each new one costs a TLS handshake
        (clients.IDLE_S + 1, 2),
        (-3600.0, 1),  # a wall clock may be set back
    ],
)
def test_connections_are_closed_after_a_rest_alone(
    server: IdleServer, uses: Uses, passed_s: float, opened: int
) -> None:
    connected: list[object] = []
    accept = server.get_request

    def get_request() -> Any:
        connected.append(accept())
        return connected[-1]

    server.get_request = get_request  # type: ignore[method-assign]

    for now in (0.0, passed_s):
        clients.connections().begin(now)
        uses["dynamodb, a row"](server)

    assert len(connected) == opened


def test_one_uncounted_queue_voids_no_other_count(aws: None) -> None:  # noqa: ARG001 - inside the mock
    client: Any = clients.session().create_client("sqs", region_name=REGION)
    queue = client.create_queue(QueueName="stalled")["QueueUrl"]
    client.send_message(QueueUrl=queue, MessageBody="x")
    there: Any = clients.session().create_client(
        "sqs", region_name=REGION, endpoint_url="http://127.0.0.1:9", config=clients.ONCE
    )

    found = stalled_queues([(there, "unreachable"), (client, queue)])

    assert found[queue] == 1
    assert "Could not connect" in str(found["unreachable"])


def test_a_secret_results_and_all_requests_of_a_message_fit_into_the_lease_of_a_claim() -> None:
    """Each of three attempts may use both timeouts, and waits of up to 1 s and 2 s lie between them."""
    short: Any = clients.SHORT
    read_s = 3 * (short.connect_timeout + short.read_timeout) + 1 + 2

    assert 2 * read_s + CONNECT_S < MESSAGE_S
    assert LONGEST_PAUSE.total_seconds() + MESSAGE_S < LEASE.total_seconds()
