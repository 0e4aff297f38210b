"""A handler that hangs."""

from threading import Event


def handle(_: object) -> None:
    Event().wait()
