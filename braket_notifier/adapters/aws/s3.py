"""Read results in Amazon S3; after any error the message is sent without them."""

from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.braket.results import parse_results
from braket_notifier.domain.program_set import MOST, ProgramSetResults
from braket_notifier.domain.resource import Arn, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client


class S3Results:
    """Reads files of a task's folder with one client a region, because a bucket is in the region of Braket's device."""

    def __init__(self, client_for: "Callable[[str], S3Client]") -> None:
        self._client_for = client_for
        self._found: tuple[Arn, ProgramSetResults] | None = None

    def read(self, snapshot: Snapshot) -> ProgramSetResults | None:
        """Read once for the message, its edit and its thread, which follow one another."""
        if self._found and self._found[0] == snapshot.arn:
            return self._found[1]
        found = self._read(snapshot)
        self._found = (snapshot.arn, found) if found else None
        return found

    def _read(self, snapshot: Snapshot) -> ProgramSetResults | None:
        try:
            return parse_results(partial(self._file, snapshot))
        except (ClientError, BotoCoreError, OSError, ValueError, KeyError):
            return None

    def _file(self, snapshot: Snapshot, path: str) -> str:
        client, key = self._client_for(snapshot.arn.region), f"{snapshot.directory}/{path}".lstrip("/")
        answer = client.get_object(Bucket=snapshot.bucket, Key=key, Range=f"bytes=0-{MOST - 1}")
        if not answer["ContentRange"].endswith(f"/{answer['ContentLength']}"):
            raise ValueError(f"{path} has more than {MOST} bytes")
        return answer["Body"].read(MOST).decode()
