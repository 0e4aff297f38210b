"""The measures of sweep alone."""

import json
import os

from aws_lambda_powertools import Logger

from braket_notifier.adapters.aws import clients
from braket_notifier.adapters.aws.stalled_queues import Uncounted, stalled_queues
from braket_notifier.adapters.aws.subscriptions import unconfirmed


def unconfirmed_subscriptions() -> int:
    """Count the e-mail subscriptions that are not confirmed."""
    return unconfirmed(clients.sns(clients.REPEATED), dict(json.loads(os.environ["MAIL_TOPICS"])))


def stalled_records() -> int:
    """Count the records in queues without a reader, of channels and of regions that could not forward events."""
    channels, forwarding = (json.loads(os.environ[name]) for name in ("CHANNEL_QUEUES", "FORWARDING_QUEUES"))
    home = [(clients.sqs_of(""), url) for url in channels.values()]
    found = stalled_queues([*home, *((clients.sqs_of(region), url) for region, url in forwarding.items())])
    return sum(_logged(url, count) for url, count in found.items())


def _logged(url: str, count: int | Uncounted) -> int:
    if isinstance(count, int):
        Logger().warning("records wait in a queue without a reader", queue=url, records=count)
        return count
    Logger().error("queue could not be counted", queue=url, reason=str(count))
    return 0
