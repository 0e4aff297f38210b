"""Secrets in SSM: read when they are first needed, and remembered for a while."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.errors import TryLaterError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

#: A secret that was replaced is used within this time, or as soon as the old one is refused.
REMEMBERED_S = 300
#: One that is refused so soon after it was read was not replaced meanwhile.
TRUSTED_S = 60


class SsmSecrets:
    """Secrets behind references like `ssm:/name`; a line's end is an editor's, not the secret's."""

    def __init__(self, client: "SSMClient", clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}

    def read(self, reference: str) -> str:
        now = self._clock()
        read_at, secret = self._known.get(reference, (-math.inf, ""))
        if now - read_at >= REMEMBERED_S:
            secret = self._ask(reference)
            self._known[reference] = (now, secret)
        return secret

    def replaced(self, reference: str) -> bool:
        """Whether a secret that was refused may be another one by now: then it is read anew, once in a while."""
        read_at, _ = self._known.get(reference, (-math.inf, ""))
        if self._clock() - read_at < TRUSTED_S:
            return False
        self._known.pop(reference, None)
        return True

    def _ask(self, reference: str) -> str:
        try:
            answer = self._client.get_parameter(Name=reference.removeprefix("ssm:"), WithDecryption=True)
        except (ClientError, BotoCoreError) as error:
            raise TryLaterError(f"{reference} cannot be read") from error
        return answer["Parameter"]["Value"].strip()
