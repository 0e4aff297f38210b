"""The queues: encrypted, over TLS only, kept for as long as SQS keeps anything."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

LONGEST = Duration.days(14)


def undelivered_name(name: str) -> str:
    """The same in every region."""
    return f"{name}-undelivered"


def undelivered_queue(scope: Construct, name: str, key: kms.IKey | None = None) -> sqs.Queue:
    """The dead-letter queue of everything: an alarm and a net for poison, not the store."""
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
    key: kms.IKey | None = None,
    window: Duration | None = None,
) -> sqs.Queue:
    """One function's records, hidden while it works on them: for six time-outs and the window, as Lambda asks."""
    hidden_before = window.to_seconds() if window else 0
    return sqs.Queue(
        scope,
        "Queue",
        queue_name=name,
        visibility_timeout=Duration.seconds(6 * function_timeout.to_seconds() + hidden_before),
        dead_letter_queue=sqs.DeadLetterQueue(queue=undelivered, max_receive_count=receives),
        retention_period=LONGEST,
        encryption=_encryption(key),
        encryption_master_key=key,
        enforce_ssl=True,
    )


def _encryption(key: kms.IKey | None) -> sqs.QueueEncryption:
    """By SQS's own key, unless the settings ask for one of ours; AWS's managed key would refuse EventBridge."""
    return sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED
