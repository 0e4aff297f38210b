"""The bytes that CloudWatch Logs charges for one invocation, of the real handlers over AWS in this process."""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import boto3

from benchmarks.counted_tables import POLICY, WATCH, deliveries, installation, task
from benchmarks.fake_braket import REGION
from benchmarks.growth import event_body
from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.memory.channels import MemoryEditableChannel
from braket_notifier.bootstrap import braket, channels, deliver, shared, sweep, tracking
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.transition import Transition
from braket_notifier.sending.wire import encode

#: Bytes of Lambda's own lines START, END and REPORT with a trace, and of each line's time stamp.
LAMBDAS_OWN, STAMP = 420, 26
FUNCTIONS = ("sweep", "observe", "deliver")
_CONTEXT = SimpleNamespace(
    function_name="braket-notifier-function",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:012345678901:function:braket-notifier-function",
    aws_request_id="5a398d6f-d6fd-46a2-9aa7-95f1a6613f7e",
    get_remaining_time_in_millis=lambda: 60_000,
)


def logged() -> dict[str, int]:
    """Return the bytes of a quiet sweep, of one event and of one delivery."""
    with installation(1, 0, 0) as at:
        deliveries(at.bill)
        queues = {
            name: boto3.client("sqs", REGION).create_queue(QueueName=name)["QueueUrl"] for name in ("mail", "dead")
        }
        with _functions(queues, at.braket) as (handlers, output):
            ended = Transition(task(0, shared.now(), ended=True), "COMPLETED", "QUEUED", shared.now(), None, 2, "event")
            events = {
                "sweep": {},
                "observe": {"Records": [_record(event_body(0))]},
                "deliver": {"Records": [_record(encode(Notification(ended, "mail")))]},
            }
            return {name: _bytes(handlers[name], events[name], output) for name in FUNCTIONS}


@contextmanager
def _functions(queues: dict[str, str], known: object) -> Iterator[tuple[dict[str, object], io.StringIO]]:
    environment = {
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": "BraketNotifier/braket-notifier",
        "SNAPSHOTS_TABLE": "snapshots",
        "DELIVERIES_TABLE": "deliveries",
        "CHANNEL_QUEUES": json.dumps({"mail": queues["mail"]}),
        "UNDELIVERED_QUEUE_URL": queues["dead"],
        "EVENTS_QUEUE_URL": queues["mail"],
        "QUEUE_URL": queues["mail"],
        "CHANNEL": "mail",
        "CHANNEL_TYPE": "email",
        "MAIL_TOPICS": "[]",
        "FORWARDING_QUEUES": "{}",
    }
    built = (braket, channels, deliver, shared, sweep, tracking, clients)
    output = io.StringIO()
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, environment))
        stack.enter_context(patch.object(sys, "path", [str(Path(__file__).parents[1] / "lambdas"), *sys.path]))
        stack.enter_context(patch.object(shared, "policy", lambda: POLICY))
        stack.enter_context(patch.object(braket, "client", lambda *_: known))
        stack.enter_context(patch.object(braket, "watch", lambda: WATCH))
        stack.enter_context(patch.object(channels, "channel", MemoryEditableChannel))
        stack.enter_context(redirect_stdout(output))
        for name in FUNCTIONS:
            os.environ["POWERTOOLS_SERVICE_NAME"] = name
            sys.modules.pop(name, None)
        for factory in (each for module in built for each in vars(module).values() if hasattr(each, "cache_clear")):
            factory.cache_clear()
        yield {name: import_module(name).lambda_handler for name in FUNCTIONS}, output


def _bytes(handler: object, event: object, output: io.StringIO) -> int:
    output.seek(0)
    output.truncate()
    handler(event, _CONTEXT)  # type: ignore[operator]  # a function
    lines = output.getvalue().splitlines()
    return LAMBDAS_OWN + sum(STAMP + len(line.encode()) for line in lines)


def _record(body: str) -> dict[str, object]:
    return {
        "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "4", "SentTimestamp": "1795172700000"},
    }
