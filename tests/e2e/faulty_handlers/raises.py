"""A handler that raises."""


def handle(transition: object) -> None:
    raise RuntimeError(transition)
