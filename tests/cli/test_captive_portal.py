"""Commands in a network whose login page answers in the place of AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from braket_notifier.cli.main import main
from braket_notifier.cli.process.document import without_file
from braket_notifier.cli.state import StateInstallation
from local.braket.serving import Request, Response, serving
from tests.cli.conftest import HOME, Run
from tests.conftest import task_arn

#: As a portal sends it, also where its HTML is XML too, and without a type.
PAGES = {
    "html": Response(b"\n<!DOCTYPE html><html><body>Log in<br></body></html>", 200, {"Content-Type": "text/html"}),
    "xhtml": Response(b"<html><body>Log in</body></html>", 200, {"Content-Type": "application/octet-stream"}),
    "forbidden": Response(b"<html><body>Blocked<br></body></html>", 403, {"Content-Type": "text/html"}),
}
ARN = task_arn(1, HOME)
OF_STACK = [
    "doctor",
    "list",
    "test",
    "verify",
    "redrive",
    "unmute mail",
    "settings show",
    f"history {ARN}",
    "preflight",
]
OF_STATE = ["test", "verify --yes", f"watch {ARN}", f"explain {ARN}", f"run --once {ARN}"]


@pytest.fixture(params=PAGES)
def portal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def answer(_: Request) -> Response:
        return PAGES[request.param]

    with serving(answer) as url:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("words", OF_STACK)
def test_a_command_names_the_page_and_prints_no_traceback(run: Run, words: str) -> None:
    done = run(*words.split())

    assert done.code != 0
    assert "a web page came in the place of the answer to" in done.out + done.err


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("words", OF_STATE)
def test_a_command_on_a_state_file_names_the_page_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    place = StateInstallation(tmp_path / "state.sqlite", None)
    place.keep_settings(without_file([HOME], {}))
    place.close()

    code = main([*words.split(), "--state", str(tmp_path / "state.sqlite")])
    out, err = capsys.readouterr()

    assert code != 0
    assert "a web page came in the place of the answer to" in " ".join((out + err).split())
