"""Prints what has happened."""

from notifier.model import Transition


def handle(transition: Transition) -> None:
    print(transition.arn.kind, transition.arn.short_id, transition.was, "→", transition.status)
