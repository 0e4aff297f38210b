"""Secrets in SSM: read when they are first needed, and remembered for a while."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from notifier.ports import TryLaterError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

#: A secret that was replaced is used within this time.
REMEMBERED_S = 300


class SsmSecrets:
    """Secrets behind references like `ssm:/name`; a line's end is an editor's, not the secret's."""

    def __init__(self, client: "SSMClient", clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}

    def read(self, reference: str) -> str:
        now = self._clock()
        until, secret = self._known.get(reference, (now, ""))
        if until <= now:
            secret = self._ask(reference)
            self._known[reference] = (now + REMEMBERED_S, secret)
        return secret

    def _ask(self, reference: str) -> str:
        try:
            answer = self._client.get_parameter(Name=reference.removeprefix("ssm:"), WithDecryption=True)
        except (ClientError, BotoCoreError) as error:
            raise TryLaterError(f"{reference} cannot be read") from error
        return answer["Parameter"]["Value"].strip()
