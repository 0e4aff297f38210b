"""The tables, the key and the secrets that outlive the stack, their cost, and their removal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from braket_notifier.cli.checks.parameters import exists
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import Tolerated
from braket_notifier.settings.channels import references_of
from braket_notifier.text.wording import plural

#: List prices in US dollars a month (DynamoDB's storage and point-in-time recovery in us-east-1; a key of KMS).
STORAGE_GB, RECOVERY_GB, KEY = 0.25, 0.20, 1.0
GB = 1e9
#: Amounts below are shown as "less than".
CENT = 0.01
#: Days in which the deletion of a key can be cancelled; KMS allows no fewer.
PENDING_DAYS = 7
TABLES = ("StorageSnapshots", "StorageDeliveries")


@dataclass(frozen=True, slots=True)
class Remainder:
    """A resource that stays, by its kind and its name or id, with its content and its cost in words."""

    kind: Literal["table", "key", "secret"]
    name: str
    words: str


def remains(place: Installation) -> list[Remainder]:
    """Everything that stays, found by its name, so also after the stack is gone."""
    return [*_tables(place), *_keys(place), *_secrets(place)]


def remove(place: Installation, each: Remainder) -> None:
    """Remove one of them for good. A resource that somebody has removed meanwhile is no error."""
    with Tolerated("ResourceNotFoundException", "ParameterNotFound", "KMSInvalidStateException"):
        match each.kind:
            case "table":
                place.client("dynamodb").delete_table(TableName=each.name)
            case "secret":
                place.client("ssm").delete_parameter(Name=each.name)
            case "key":
                place.client("kms").schedule_key_deletion(KeyId=each.name, PendingWindowInDays=PENDING_DAYS)


def _tables(place: Installation) -> Iterator[Remainder]:
    """The tables of this installation, of earlier ones of the same name too, because CloudFormation named them."""
    begins = tuple(f"{place.name}-{each}" for each in TABLES)
    dynamodb = place.client("dynamodb")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(begins):
                found = dynamodb.describe_table(TableName=name)["Table"]
                if found["TableStatus"] != "DELETING":
                    yield Remainder("table", name, _table_in_words(found))


def _table_in_words(table: dict[str, Any]) -> str:
    """The figures are DynamoDB's own, which it updates about every six hours."""
    gigabytes = table.get("TableSizeBytes", 0) / GB
    rows = plural(table.get("ItemCount", 0), "row")
    return f"about {rows}, {_dollars(gigabytes * (STORAGE_GB + RECOVERY_GB))} a month with its backups"


def _keys(place: Installation) -> Iterator[Remainder]:
    """The installation's own key by its description, because its alias goes with the stack."""
    if not place.settings.own_key:
        return
    kms = place.client("kms")
    for page in kms.get_paginator("list_keys").paginate():
        for each in page["Keys"]:
            found = kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
            if found.get("Description") == f"Queues, topics and tables of {place.name}" and found["Enabled"]:
                words = f"{_dollars(KEY)} a month; without it nobody opens the tables' backups"
                yield Remainder("key", found["KeyId"], words)


def _secrets(place: Installation) -> Iterator[Remainder]:
    ssm = place.client("ssm")
    for channel, each in place.settings.channels.items():
        for name in (reference.removeprefix("ssm:") for reference in references_of(each)):
            if exists(ssm, name):
                yield Remainder("secret", name, f"the secret of {channel}, at no cost")


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= CENT else "less than a cent"
