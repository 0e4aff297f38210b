"""Requests of killed processes that a slow server handles late."""

import os
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from local.braket.serving import Request, Response, serving
from tests.prove.kill_points.cloud_world import ROOT
from tests.prove.kill_points.killed import KILLED, answer_of

DIES = """
import socket, sys
from http.client import HTTPConnection
from tests.prove.kill_points.killed import Network
where, worker, moment = sys.argv[1:]
Network(socket.socket(fileno=int(worker)), kill_at=2, moment=moment).watch()
other_thread_s, its_own = HTTPConnection(where), HTTPConnection(where)
other_thread_s.request("POST", "/other")
its_own.request("POST", "/own")
its_own.getresponse()
"""


@pytest.mark.parametrize(("moment", "sent"), [("before", ["/other"]), ("answered", ["/other", "/own"])])
def test_a_killed_process_is_over_once_its_servers_have_handled_what_it_sent(moment: str, sent: list[str]) -> None:
    handled: list[str] = []

    def late(request: Request) -> Response:
        time.sleep(0.6 if request.path == "/other" else 0.3)  # longer than a worker takes that does not wait
        handled.append(request.path)
        return Response()

    process, worker = socket.socketpair()
    with serving(late) as url, process, worker:
        command = [sys.executable, "-c", DIES, urlsplit(url).netloc, str(worker.fileno()), moment]
        paths = {**os.environ, "PYTHONPATH": f"{ROOT / 'lambdas'}:{ROOT}"}
        with subprocess.Popen(command, env=paths, pass_fds=[worker.fileno()]) as dying:  # noqa: S603 - our own words
            worker.close()
            answer = answer_of(process)
            over = sorted(handled)

    assert (answer, dying.returncode) == (b"{}", KILLED)
    assert over == sent
