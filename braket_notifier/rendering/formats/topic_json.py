"""A notification as JSON for machines, as `docs/transition.schema.json` documents it; pure."""

from collections.abc import Callable

from braket_notifier.braket.devices import device_type
from braket_notifier.braket.responses import to_words
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.domain.transition import for_programs
from braket_notifier.rendering.words.money import known
from braket_notifier.sending.unwanted import as_allowed
from braket_notifier.text.json_fields import iso, utf8_json

VERSION = 1


def to_json(notification: Notification, settings: Callable[[], Policy], *, may_repeat: bool) -> str:
    """Return a flat object, so that subscribers can filter; `detail` has Braket's own members."""
    transition = as_allowed(for_programs(notification.transition), settings)
    arn, snapshot = transition.arn, transition.snapshot
    return utf8_json(
        {
            "version": VERSION,
            "id": notification.id,
            "may_repeat": may_repeat,
            "arn": arn.text,
            "kind": arn.kind,
            "region": arn.region,
            "device": snapshot.device,
            "device_type": device_type(snapshot.device),
            "status": transition.status,
            "was": transition.was,
            "at": iso(transition.at),
            "correction": transition.correction,
            "degraded": snapshot.degraded,
            "detail": to_words(snapshot),
            **({"cost": {"currency": "USD"} | cost.to_json()} if (cost := known(snapshot)) else {}),
        },
    )
