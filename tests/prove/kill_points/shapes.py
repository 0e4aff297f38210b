"""An installation as plain values: settings, tables, records, and the channels' answers."""

from typing import Any

from braket_notifier.domain.destination import direct
from tests.prove.wire import http

REGION = "us-east-1"
SLACK, MAIL, DIRECT = "team-slack", "mail", "dm"
#: The owner of every quantum task.
ANNA = direct(DIRECT, "anna")
DESTINATIONS = (SLACK, MAIL, ANNA)
SETTINGS = {
    "version": 1,
    "regions": [REGION],
    "time_zone": "UTC",
    "channels": {SLACK: {"type": "slack"}, MAIL: {"type": "email"}, DIRECT: {"type": "slack"}},
    "to_owner": [DIRECT],
    "people": [{"name": "anna", "slack": "U01ABCDEF", "owns": ["tag:owner=anna"]}],
    "partial_below": 0.95,
    "retention_days": 90,
    "routes": [{"to": [SLACK, MAIL, DIRECT], "status": ["COMPLETED"]}],
}
TAKEN = {
    "bot": http(200, '{"ok":true}', "application/json"),
    "webhook": http(200, "ok"),
    "sns": http(200, "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"),
}
#: Slack's answers until the bot is invited, and about a member who has left.
NOT_IN_CHANNEL = http(200, '{"ok":false,"error":"not_in_channel"}', "application/json")
USER_NOT_FOUND = http(200, '{"ok":false,"error":"user_not_found"}', "application/json")


#: The indexes of the snapshots, each named after its key, and their projections.
INDEXES: dict[str, list[str]] = {
    "work": ["status", "rank", "version", "dispatched", "changed_at", "created_at", "misses", "missed_at"],
    "parent": ["status", "incomplete"],
    "open_in": [],
}


#: The index of groups that are to be visited.
VISIT_KEYS = [{"AttributeName": key, "AttributeType": "S"} for key in ("visit_in", "visit_at")]
VISITS = {
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "visit_in",
            "KeySchema": [
                {"AttributeName": "visit_in", "KeyType": "HASH"},
                {"AttributeName": "visit_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ]
}


def schema(keys: tuple[str, ...]) -> dict[str, Any]:
    """The keys and the indexes of each table in the template."""
    keyed = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    words = [{"AttributeName": key, "AttributeType": "S"} for key in keys]
    if keys != ("arn",):
        return {"KeySchema": keyed, **VISITS, "AttributeDefinitions": [*words, *VISIT_KEYS]}
    indexes = [
        {
            "IndexName": index,
            "KeySchema": [{"AttributeName": index, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected}
            if projected
            else {"ProjectionType": "KEYS_ONLY"},
        }
        for index, projected in INDEXES.items()
    ]
    words += [{"AttributeName": index, "AttributeType": "S"} for index in INDEXES]
    return {"KeySchema": keyed, "AttributeDefinitions": words, "GlobalSecondaryIndexes": indexes}
