"""Read results in Amazon S3; after any error the message is sent without them."""

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.braket.results import parse_results
from braket_notifier.domain.resource import Arn, Snapshot
from braket_notifier.domain.results import MOST, TaskResults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_s3 import S3Client

#: Bytes that are read at once, and seconds that reading a file may take.
CHUNK, LONGEST_S = 256 * 1024, 5.0


class S3Results:
    """Reads files of a task's folder with one client a region, because a bucket is in the region of Braket's device."""

    def __init__(self, client_for: "Callable[[str], S3Client]", clock: "Callable[[], float]" = monotonic) -> None:
        self._client_for, self._clock = client_for, clock
        self._found: tuple[Arn, TaskResults] | None = None

    def read(self, snapshot: Snapshot) -> TaskResults | None:
        """Read once for the message, its edit and its thread, which follow one another."""
        if self._found and self._found[0] == snapshot.arn:
            return self._found[1]
        found = self._read(snapshot)
        self._found = (snapshot.arn, found) if found else None
        return found

    def _read(self, snapshot: Snapshot) -> TaskResults | None:
        try:
            return parse_results(partial(self._file, snapshot))
        except (ClientError, BotoCoreError, OSError, ValueError, KeyError):
            return None

    def _file(self, snapshot: Snapshot, path: str) -> str:
        client, key = self._client_for(snapshot.arn.region), f"{snapshot.directory}/{path}".lstrip("/")
        answer = client.get_object(Bucket=snapshot.bucket, Key=key, Range=f"bytes=0-{MOST - 1}")
        if not answer["ContentRange"].endswith(f"/{answer['ContentLength']}"):
            raise ValueError(f"{path} has more than {MOST} bytes")
        return self._read_in_time(path, answer["Body"].iter_chunks(CHUNK)).decode()

    def _read_in_time(self, path: str, chunks: "Iterable[bytes]") -> bytes:
        """Read within the time of a claim; each of a slow answer's chunks may come in time."""
        until, read = self._clock() + LONGEST_S, bytearray()
        for chunk in chunks:
            read += chunk
            if self._clock() > until:
                raise ValueError(f"{path} took more than {LONGEST_S} s")
        return bytes(read)
