"""Read a secret on this machine: from an environment variable, or from a file that only its owner may read."""

import os
from pathlib import Path

from braket_notifier.errors import MendableError


class LocalSecret:
    """The secret of a reference like `env:NAME` or `file:PATH`, without the line end that an editor may add."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._last = ""

    def read(self) -> str:
        """Read the secret; MendableError says what is missing, and never shows the secret."""
        kind, _, name = self._reference.partition(":")
        if kind == "env" and name not in os.environ:
            raise MendableError(f"{self._reference}: the environment variable {name} is not set")
        try:
            self._last = (os.environ[name] if kind == "env" else _read_file(Path(name).expanduser())).strip()
        except OSError as error:
            raise MendableError(f"{self._reference} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise MendableError(f"{self._reference} cannot be read: it is no text in UTF-8") from None
        if not self._last:
            raise MendableError(f"{self._reference} is empty")
        return self._last

    def replaced(self) -> bool:
        """Whether another secret stands there since the last read."""
        return self._last != self.read()


def _read_file(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise MendableError(f"{path} may be read by others: `chmod 600 {path}`")
    return path.read_text(encoding="utf-8")
