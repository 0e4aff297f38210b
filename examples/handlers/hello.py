"""Prints each transition."""

from braket_notifier.handlers import Transition


def handle(transition: Transition) -> None:
    print(transition.arn.kind, transition.arn.short_id, transition.was, "→", transition.status)
