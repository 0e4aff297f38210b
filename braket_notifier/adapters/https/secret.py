"""The secret of a channel's service."""

import re
from typing import Protocol

from braket_notifier.errors import MendableError

_SECRET = re.compile("[!-~]+")


class Secret(Protocol):
    """A bot's token, a webhook's URL or a key."""

    def read(self) -> str: ...

    def replaced(self) -> bool:
        """Whether a refused secret may have been replaced; the next `read` then reads it again."""


def sendable(secret: str) -> str:
    """Refuse a secret with unexpected characters, because Python's own error message would print the secret."""
    if not _SECRET.fullmatch(secret):
        raise MendableError("the secret contains characters that neither a token nor a URL has")
    return secret
