"""Read a secret in SSM when it is first needed, and cache it for a while."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from braket_notifier.errors import MendableError, TryLaterError
from braket_notifier.text.failures import in_words

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

#: Seconds for which a secret is cached, unless the channel refuses it earlier.
CACHED_S = 300
#: Seconds after a read within which a refused secret is not read again, because it is still the same.
FRESH_S = 20

#: Errors of a secret that is not stored yet, or that the role may not read.
_MISSING = {"ParameterNotFound", "AccessDeniedException", "InvalidKeyId"}


class SsmSecret:
    """The secret of a reference like `ssm:/name`, without the line end that an editor may add."""

    def __init__(self, client: "Callable[[], SSMClient]", reference: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._reference = reference
        self._clock = clock
        self._secret = ""
        self._read_at = -math.inf

    def read(self) -> str:
        now = self._clock()
        if now - self._read_at >= CACHED_S:
            self._secret, self._read_at = self._fetch(), now
        return self._secret

    def replaced(self) -> bool:
        """Whether a refused secret may have been replaced; the next `read` then reads it again."""
        if self._clock() - self._read_at < FRESH_S:
            return False
        self._read_at = -math.inf
        return True

    def _fetch(self) -> str:
        try:
            answer = self._client().get_parameter(Name=self._reference.removeprefix("ssm:"), WithDecryption=True)
            return answer["Parameter"]["Value"].strip()
        except Exception as error:  # noqa: BLE001 - botocore fails in several ways over an answer that is not SSM's
            code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
            kind = MendableError if code in _MISSING else TryLaterError
            raise kind(f"{self._reference} cannot be read: {code or in_words(error)}") from None
