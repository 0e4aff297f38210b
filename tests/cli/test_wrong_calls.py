"""`docs/wrong-calls.md` has the message of each kind of wrong call; each line is printed here by the command itself."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import task_arn
from tests.odd_server import odd_server

PAGE = Path(__file__).parents[2] / "docs" / "wrong-calls.md"
ARN = task_arn()


class Call(NamedTuple):
    """A wrong call, and the fixture that makes its situation: by default a deployed notifier."""

    why: str
    words: list[str]
    situation: str = "stack"


@pytest.fixture
def mistake(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("eu-north-1", "eu-nroth-1", 1))


@pytest.fixture
def no_toml(settings: Path) -> None:
    settings.write_text("home = ")


@pytest.fixture
def new_address(as_deployed: Callable[..., None], settings: Path) -> None:
    as_deployed()
    settings.write_text(settings.read_text().replace("ben@", "eve@"))


@pytest.fixture
def refused(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS refuses every request with the error of the call's situation."""
    status, code = request.param
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with odd_server() as server:
        server.status, server.headers = status, {"x-amzn-ErrorType": code, "Content-Type": "text/xml"}
        server.body = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield


@pytest.fixture
def empty_input(stack: object, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - a deployed notifier
    monkeypatch.setattr("sys.stdin", StringIO())


@pytest.fixture
def asked_braket(stack: object, braket: object) -> None:
    """A deployed notifier, and Braket without a task."""


CALLS = (
    Call("a command that does not exist", ["docter"]),
    Call("no command", ["--region", "us-east-1"]),
    Call("an option that does not exist", ["list", "--batches", "ghz"]),
    Call("an option without its value", ["list", "--ended"]),
    Call("an option without an effect on the command", ["run", "--region", "us-east-1"]),
    Call("two options that exclude each other", ["list", "--batch", "a", "--ended", "2h"]),
    Call("a time span without a unit", ["list", "--ended", "2"]),
    Call("a variable of a script that is not set", ["list", "--batch", ""]),
    Call("a person whom the settings do not have", ["list", "--owner", "Carl"]),
    Call("an ARN of another service", ["explain", "arn:aws:s3:::bucket"]),
    Call("an event file that does not exist", ["explain", "event.json"]),
    Call("an empty word in place of an ARN", ["explain", ""]),
    Call("two forms of the output", ["costs", "--json", "--csv"]),
    Call("a task that the notifier has never seen", ["history", ARN]),
    Call("a task that Braket does not know", ["watch", ARN], "asked_braket"),
    Call("no number of seconds", ["watch", ARN, "--every", "nan"]),
    Call("a channel that the settings do not have", ["test", "slack"]),
    Call("a channel that has no secret", ["secret", "set", "mail"]),
    Call("no e-mail channel", ["resend-confirmation", "team-slack"]),
    Call("no confirmation link", ["confirm", "https://example.org/?Token=1"]),
    Call("a mute that is too long", ["mute", "mail", "8d"]),
    Call("nothing to replay", ["replay"]),
    Call("half of a renaming", ["redrive", "--from", "old"]),
    Call("a push of a key that takes a deployment", ["settings", "push"], "new_address"),
    Call("JSON from an action", ["settings", "wake", "--json"]),
    Call("a submission without an agreement", ["verify", "--json"]),
    Call("an empty pipe in place of a secret", ["secret", "set", "team-slack"], "empty_input"),
    Call("no settings file", ["doctor", "--settings", "other.toml"]),
    Call("no TOML", ["check"], "no_toml"),
    Call("a mistake in the settings", ["doctor"], "mistake"),
    Call("no deployment yet", ["doctor"], "stacks"),
    Call("another region", ["doctor", "--region", "us-west-2"]),
    Call("no credentials", ["doctor"], "no_credentials"),
    Call("a profile that does not exist", ["doctor", "--profile", "nobody"], "no_credentials"),
)
REFUSED = (
    (Call("credentials that have expired", ["doctor"], "refused"), (400, "ExpiredToken")),
    (Call("credentials that AWS does not know", ["doctor"], "refused"), (403, "InvalidClientTokenId")),
    (Call("a missing right", ["list"], "refused"), (403, "AccessDenied")),
    (Call("too many requests", ["list"], "refused"), (400, "ThrottlingException")),
    (Call("an error of AWS", ["redrive"], "refused"), (503, "InternalFailure")),
)


def row(call: Call, printed: str) -> str:
    command = " ".join(word or '""' for word in ["braket-notifier", *call.words])
    return f"{begin(call)} `{command}` | {printed} |".replace(ARN, "ARN")


def begin(call: Call) -> str:
    return f"| {call.why} |"


def with_row(page: str, call: Call, printed: str) -> str:
    """The page with this row in place of the call's old one, otherwise at its end."""
    lines = page.splitlines()
    at = next((at for at, line in enumerate(lines) if line.startswith(begin(call))), len(lines))
    return "\n".join([*lines[:at], row(call, printed), *lines[at + 1 :]]) + "\n"


def printed_by(run: Any, capsys: pytest.CaptureFixture[str], call: Call, settings: Path) -> str:
    """The only line on standard error."""
    try:
        done = run(*call.words)
        code, out, err = done
    except SystemExit as ended:
        code, (out, err) = ended.code, capsys.readouterr()
    assert (code, out) == (2, ""), (code, out, err)
    assert "Traceback" not in err
    assert err.count("\n") == 1, err
    line = str(err).rstrip("\n").replace(str(settings.parent) + "/", "")
    shown = re.sub(r" \(choose from [^)]*\)", " …", line)  # whose quotes depend on Python's version
    return shown.replace("|", "\\|")


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.why)
def test_the_page_shows_what_a_wrong_call_prints(
    run: Any,
    call: Call,
    settings: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    golden: Callable[[Path, str], None],
) -> None:
    request.getfixturevalue(call.situation)

    golden(PAGE, with_row(PAGE.read_text(encoding="utf-8"), call, printed_by(run, capsys, call, settings)))


@pytest.mark.parametrize(("call", "refused"), REFUSED, indirect=["refused"], ids=lambda each: getattr(each, "why", ""))
@pytest.mark.usefixtures("refused")
def test_the_page_shows_what_a_refusal_of_aws_prints(
    run: Any,
    call: Call,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
    golden: Callable[[Path, str], None],
) -> None:
    golden(PAGE, with_row(PAGE.read_text(encoding="utf-8"), call, printed_by(run, capsys, call, settings)))


def test_the_page_shows_these_calls_and_no_others() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    calls = [*CALLS, *(call for call, _ in REFUSED)]

    assert [f"{line.split(' |')[0]} |" for line in rows[1:]] == [begin(call) for call in calls]
