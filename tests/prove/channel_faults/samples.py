"""A quantum task that ended, for every proof."""

from datetime import UTC, datetime, timedelta

from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy, Route
from braket_notifier.domain.resource import Snapshot, parse_arn
from braket_notifier.domain.transition import Transition

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
POLICY = Policy(
    regions=("eu-north-1",),
    time_zone="UTC",
    channels={"team-slack": "slack", "mail": "email"},
    routes=(Route(("team-slack", "mail"), status=("COMPLETED",)),),
)
_ARN = "arn:aws:braket:eu-north-1:012345678901:quantum-task/834b21ed-77a7-4b36-a90c-000000000001"


def a_notification(channel: str) -> Notification:
    task = Snapshot(
        arn=parse_arn(_ARN),
        status="COMPLETED",
        created_at=NOON - timedelta(hours=3),
        ended_at=NOON - timedelta(minutes=7),
        device="arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet",
        shots=2000,
        tags={"Name": "ghz-12"},
    )
    ended = Transition(
        snapshot=task, status="COMPLETED", was="QUEUED", at=task.ended_at, running_at=None, version=2, source="event"
    )
    return Notification(ended, channel)
