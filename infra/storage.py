"""The two tables: snapshots of Braket's resources, and deliveries to channels."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

TEXT = dynamodb.AttributeType.STRING

#: Attributes that the sweep compares without reading the table itself.
WORK = ("status", "rank", "version", "dispatched", "changed_at", "created_at", "misses", "missed_at", "device")
#: Attributes that are counted of a hybrid job's own quantum tasks.
PARENT = ("status", "incomplete")
#: Keys of the index of ended resources by region and time, and the attribute by which it counts them.
ENDED_IN, ENDED_ON = "ended_in", "ended_on"
ENDED = ("status",)
#: Keys of the index of groups that somebody must visit at some time, by channel and time.
VISIT_IN, VISIT_AT = "visit_in", "visit_at"


class Storage(Construct):
    """Tables on demand, with point-in-time recovery and expiry, encrypted by DynamoDB's key or the installation's.

    Both outlive the stack, unless its first deployment fails.
    """

    def __init__(self, scope: Construct, key: kms.IKey | None = None) -> None:
        super().__init__(scope, "Storage")
        self.snapshots = _table(self, "Snapshots", "arn", key=key)
        _index(self.snapshots, "work", WORK)
        _index(self.snapshots, "parent", PARENT)
        _index(self.snapshots, "open_in")
        _index(self.snapshots, ENDED_IN, ENDED, sort_key=ENDED_ON)
        self.deliveries = _table(self, "Deliveries", "partition", "sort", key=key)
        _index(self.deliveries, VISIT_IN, sort_key=VISIT_AT)


def _table(
    scope: Construct, id_: str, hash_key: str, sort_key: str | None = None, *, key: kms.IKey | None
) -> dynamodb.Table:
    recovery = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
    return dynamodb.Table(
        scope,
        id_,
        partition_key=_text(hash_key),
        sort_key=_text(sort_key) if sort_key else None,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=recovery,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
        encryption_key=key,
        time_to_live_attribute="expires",
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )


def _index(table: dynamodb.Table, key: str, attributes: tuple[str, ...] = (), *, sort_key: str | None = None) -> None:
    """A sparse index, named after its key; it has only the rows with that attribute."""
    kinds = dynamodb.ProjectionType
    table.add_global_secondary_index(
        index_name=key,
        partition_key=_text(key),
        sort_key=_text(sort_key) if sort_key else None,
        projection_type=kinds.INCLUDE if attributes else kinds.KEYS_ONLY,
        non_key_attributes=list(attributes) or None,
    )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=TEXT)
