"""The two tables: what Braket said, and what was told to whom."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

TEXT = dynamodb.AttributeType.STRING

#: What the sweep compares without reading the table itself.
WORK = ("status", "rank", "version", "dispatched", "changed_at", "created_at", "misses", "missed_at")
#: What is counted of a hybrid job's own quantum tasks.
PARENT = ("status", "incomplete")


class Storage(Construct):
    """On demand, with point-in-time recovery, by DynamoDB's own key or ours; rows leave when `expires` has come."""

    def __init__(self, scope: Construct, key: kms.IKey | None = None) -> None:
        super().__init__(scope, "Storage")
        self.snapshots = _table(self, "Snapshots", "arn", key=key)
        _index(self.snapshots, "work", WORK)
        _index(self.snapshots, "parent", PARENT)
        _index(self.snapshots, "open_in")
        self.deliveries = _table(self, "Deliveries", "arn", "channel", key=key)


def _table(
    scope: Construct, id_: str, hash_key: str, sort_key: str | None = None, *, key: kms.IKey | None
) -> dynamodb.Table:
    recovery = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
    return dynamodb.Table(
        scope,
        id_,
        partition_key=dynamodb.Attribute(name=hash_key, type=TEXT),
        sort_key=dynamodb.Attribute(name=sort_key, type=TEXT) if sort_key else None,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=recovery,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
        encryption_key=key,
        time_to_live_attribute="expires",
    )


def _index(table: dynamodb.Table, key: str, attributes: tuple[str, ...] = ()) -> None:
    """A sparse index named after its key: only the rows that have the attribute are in it."""
    only_keys, some = dynamodb.ProjectionType.KEYS_ONLY, dynamodb.ProjectionType.INCLUDE
    table.add_global_secondary_index(
        index_name=key,
        partition_key=dynamodb.Attribute(name=key, type=TEXT),
        projection_type=some if attributes else only_keys,
        non_key_attributes=list(attributes) or None,
    )
