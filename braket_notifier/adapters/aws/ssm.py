"""A secret in SSM, read when it is first needed and remembered for a while."""

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


class SsmSecret:
    """The secret behind a reference like `ssm:/name`; a line's end is an editor's, not the secret's."""

    def __init__(self, client: "Callable[[], SSMClient]", reference: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._reference = reference
        self._clock = clock
        self._secret = ""
        self._read_at = -math.inf

    def read(self) -> str:
        now = self._clock()
        if now - self._read_at >= REMEMBERED_S:
            self._secret, self._read_at = self._ask(), now
        return self._secret

    def replaced(self) -> bool:
        """Whether a secret that was refused may be another one by now: then it is read anew, once in a while."""
        if self._clock() - self._read_at < TRUSTED_S:
            return False
        self._read_at = -math.inf
        return True

    def _ask(self) -> str:
        try:
            answer = self._client().get_parameter(Name=self._reference.removeprefix("ssm:"), WithDecryption=True)
        except (ClientError, BotoCoreError) as error:
            raise TryLaterError(f"{self._reference} cannot be read") from error
        return answer["Parameter"]["Value"].strip()
