"""Start the emulator in a process group and a directory of its own, and end it with everything it started."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.cloud import environment as cloud_environment

LOOPBACK = "127.0.0.1"
#: Prefix of the log lines that name a refused role, action and resource.
REFUSED = "refused "
#: Path that answers whether the owner of an access key may perform an action.
WHO_MAY = "/_who_may"
_PROCESS = Path(__file__).with_name("process.py")
_START_S = 60
_END_S = 10


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: its address, its log, and the process group of it and its functions."""

    port: int
    log: Path
    group: int


@contextmanager
def running_emulator(environment: Mapping[str, str], region: str) -> Iterator[Emulator]:
    """Run the emulator with these additional variables, which its functions also get.

    A request without a signature, like a confirmation, is one of the region.
    """
    with tempfile.TemporaryDirectory(prefix="braket-notifier-cloud-", ignore_cleanup_errors=True) as directory:
        log = Path(directory, "emulator.log")
        process, port = _start(Path(directory), log, {**environment, "MINISTACK_REGION": region})
        try:
            _wait_for_answer(port, log)
            yield Emulator(port, log, group=process.pid)
        finally:
            _end(process)


def _start(directory: Path, log: Path, environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """The socket listens before the process exists, so that its port is never taken and early requests wait."""
    with socket.create_server((LOOPBACK, 0), backlog=1024) as listener, log.open("wb") as output:
        port = listener.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603  our own file, run by its environment's Python
            [cloud_environment.python(), "-P", _PROCESS, str(listener.fileno()), directory],
            env={**_own_environment(directory, port), **environment},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C in the terminal is for the starter alone
        )
    return process, port


def _own_environment(directory: Path, port: int) -> dict[str, str]:
    """Only the caller's PATH, because neither credentials and settings nor proxies may reach the functions."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,  # the host in queue URLs and in SNS's links
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        "AUTH": "true",
        "REFUSED": REFUSED,
        "WHO_MAY": WHO_MAY,
        "IOT_MTLS_ENABLED": "0",  # without it the emulator opens a port of its own
        "SFTP_ENABLED": "0",  # without it too
    }


def _wait_for_answer(port: int, log: Path) -> None:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_START_S)
    try:
        connection.request("GET", "/_ministack/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise RuntimeError(f"the emulator did not start:\n{log.read_text(errors='replace')}") from error
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe, after which the emulator ends itself and its functions; kill the rest."""
    try:
        process.communicate(timeout=_END_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
