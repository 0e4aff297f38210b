"""IAM statements of the functions: exact actions on exact resources."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

#: The keys of the rows with the published settings and with the confirmed e-mail addresses.
PUBLISHED, CONFIRMED = "settings", "confirmed"
#: The key of the row with AWS's prices, which only the sweep writes.
PRICES = "prices"
#: The attributes of that row that only the operator's command may write.
PUBLISHED_ATTRIBUTES = ("revision", "document", "muted_until", "reserved", "by", "at", "commit")
UPDATE = "dynamodb:UpdateItem"
#: Actions that write rows of a table, each alone or in a batch.
WRITES = (
    *(f"dynamodb:{each}" for each in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")),
    *(f"dynamodb:PartiQL{each}" for each in ("Delete", "Insert", "Update")),
)
#: Actions of Lambda's poller, and of a function that defers a record.
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")


def allow(
    actions: Sequence[str], *resources: str, when: Mapping[str, Mapping[str, Sequence[str]]] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=when)


def _only_rows(*keys: str, like: bool = False) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The condition that a request names rows under these partition keys and no other."""
    return {f"ForAllValues:String{'Like' if like else 'Equals'}": {"dynamodb:LeadingKeys": list(keys)}}


def acting_for(stack: Stack, service: str, sources: str | Sequence[str]) -> iam.ServicePrincipal:
    """A service as principal, restricted to these resources of this account; otherwise any account could use it."""
    conditions = {
        "ArnEquals": {"aws:SourceArn": sources},
        "StringEquals": {"aws:SourceAccount": stack.account},
    }
    return iam.ServicePrincipal(service, conditions=conditions)


def enqueue(queues: Iterable[sqs.Queue]) -> iam.PolicyStatement:
    return allow(["sqs:SendMessage"], *(queue.queue_arn for queue in queues))


def put_events(bus: str, source: str) -> iam.PolicyStatement:
    """The right to put events of this source alone on a bus, so that no rule there takes them for another program's."""
    return allow(["events:PutEvents"], bus, when={"StringEquals": {"events:source": [source]}})


def count_records(queues: Iterable[sqs.IQueue]) -> iam.PolicyStatement:
    return allow(["sqs:GetQueueAttributes"], *(queue.queue_arn for queue in queues))


def of_channel(channel: str, actions: Sequence[str], *resources: str) -> iam.PolicyStatement:
    """The rights on the channel's own rows of the table `deliveries`, whose partitions begin with its name."""
    return allow(actions, *resources, when=_only_rows(f"{channel}#*", like=True))


def read_leases(channels: Iterable[str], deliveries: dynamodb.Table) -> iam.PolicyStatement:
    """The right to read the rows with the channels' health."""
    leases = _only_rows(*(f"{each}#lease" for each in channels))
    return allow(["dynamodb:GetItem"], deliveries.table_arn, when=leases)


def keep_published(snapshots: dynamodb.Table, *further: str) -> iam.PolicyStatement:
    """Refuse every write of the published settings, which only the operator's command replaces, and of further rows."""
    return _refuse(snapshots, WRITES, [PUBLISHED, *further])


def keep_published_but_end_it(snapshots: dynamodb.Table) -> list[iam.PolicyStatement]:
    """Refuse the same to the sweep, apart from the attribute that names the document's deployment."""
    others = tuple(each for each in WRITES if each != UPDATE)
    return [_refuse(snapshots, others, [PUBLISHED]), _refuse(snapshots, [UPDATE], [PUBLISHED], PUBLISHED_ATTRIBUTES)]


def _refuse(
    snapshots: dynamodb.Table, actions: Sequence[str], rows: Sequence[str], attributes: Sequence[str] = ()
) -> iam.PolicyStatement:
    named = {"dynamodb:LeadingKeys": [*rows]} | ({"dynamodb:Attributes": [*attributes]} if attributes else {})
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=list(actions),
        resources=[snapshots.table_arn],
        conditions={"ForAnyValue:StringEquals": named},
    )


def read_published_and_passes(snapshots: dynamodb.Table, *further: str) -> iam.PolicyStatement:
    """The right to read the published settings, the progress of each region's sweeps, and further rows."""
    rows = _only_rows(PUBLISHED, "cursor#*", *further, like=True)
    return allow(["dynamodb:GetItem"], snapshots.table_arn, when=rows)


def read_published(snapshots: dynamodb.Table) -> iam.PolicyStatement:
    """The right to read the row in which the operator publishes settings."""
    return allow(["dynamodb:GetItem"], snapshots.table_arn, when=_only_rows(PUBLISHED))


def read_braket(stack: Stack) -> list[iam.PolicyStatement]:
    """The right to read every quantum task and hybrid job of the account, because their ids are not known before."""
    braket = f"arn:{stack.partition}:braket:*:{stack.account}"
    return [
        allow(["braket:GetQuantumTask"], f"{braket}:quantum-task/*"),
        allow(["braket:GetJob"], f"{braket}:job/*"),
    ]


def read_devices(stack: Stack) -> iam.PolicyStatement:
    """The right to read the status of devices, which belong to no account; a simulator's ARN has no region either."""
    return allow(["braket:GetDevice"], f"arn:{stack.partition}:braket:*:*:device/*")


def look_up_events() -> iam.PolicyStatement:
    """The right to read the event history of the account; CloudTrail has no resource and no condition for a part."""
    return allow(["cloudtrail:LookupEvents"], "*")


def search_braket() -> iam.PolicyStatement:
    """The right to search the account. Braket defines no resource for searches."""
    return allow(["braket:SearchQuantumTasks", "braket:SearchJobs", "braket:SearchSpendingLimits"], "*")
