"""The queues: encrypted, over TLS only, with SQS's longest retention."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

LONGEST = Duration.days(14)


def undelivered_name(name: str) -> str:
    """The queue's name, equal in every region."""
    return f"{name}-undelivered"


def undelivered_queue(scope: Construct, name: str, key: kms.IKey | None = None) -> sqs.Queue:
    """The dead-letter queue of all queues, rules and topics. The ledger is the store of undelivered notifications."""
    return sqs.Queue(
        scope,
        "Undelivered",
        queue_name=undelivered_name(name),
        retention_period=LONGEST,
        encryption=_encryption(key),
        encryption_master_key=key,
        enforce_ssl=True,
    )


def work_queue(
    scope: Construct,
    name: str,
    *,
    function_timeout: Duration,
    receives: int,
    undelivered: sqs.Queue,
    key: kms.IKey | None,
    window: Duration | None,
) -> sqs.Queue:
    """A function's queue. A received record is hidden for six timeouts and the window, as Lambda advises."""
    window_s = window.to_seconds() if window else 0
    return sqs.Queue(
        scope,
        "Queue",
        queue_name=name,
        visibility_timeout=Duration.seconds(6 * function_timeout.to_seconds() + window_s),
        dead_letter_queue=sqs.DeadLetterQueue(queue=undelivered, max_receive_count=receives),
        retention_period=LONGEST,
        encryption=_encryption(key),
        encryption_master_key=key,
        enforce_ssl=True,
    )


def _encryption(key: kms.IKey | None) -> sqs.QueueEncryption:
    """SQS's own key, unless the settings ask for the installation's. AWS's managed key would refuse EventBridge."""
    return sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED
