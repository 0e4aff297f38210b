"""An error from outside ends a command with one sentence and exit code 2, without a traceback."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.cli.main import main
from tests.conftest import GARNET, task_arn
from tests.odd_server import OddServer, odd_server

ARN = task_arn()
#: Words of Python's own errors.
PYTHON = re.compile(r"Error|char \d|codec|object|recursion|NoneType")
#: Every command that sends requests to AWS.
COMMANDS = [
    ["explain", ARN],
    ["doctor"],
    ["resend-confirmation"],
    ["test"],
    ["verify", "--yes"],
    ["watch", ARN],
    ["list"],
    ["list", "--batch", "ghz-scan"],
    ["history", ARN],
    ["costs"],
    ["replay", ARN],
    ["replay", "--since", "2h"],
    ["redrive"],
    ["preflight"],
    ["settings", "push"],
    ["mute", "mail", "4h"],
    ["unmute", "mail"],
    ["reserve"],
]
NEED_A_STACK = [words for words in COMMANDS if words[0] not in {"explain", "watch", "preflight"}]
#: HTTP status and code of AWS's answer, and a part of the sentence about it.
REFUSALS = [
    (400, "ThrottlingException", "asks for fewer requests"),
    (503, "InternalFailure", "has a temporary error"),
    (403, "AccessDeniedException", "your credentials may not do"),
    (403, "AccessDenied", "your credentials may not do"),  # as SNS, STS and CloudFormation name it
    (400, "ExpiredToken", "have expired"),
    (403, "InvalidClientTokenId", "AWS does not know your credentials"),
    (400, "SomethingNew", "AWS refuses"),
]


def name(words: Any) -> str:
    return "-".join(words[:2]).split(":")[0] if isinstance(words, list) else ""


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture
def odd_aws(keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:  # noqa: ARG001 - requests need keys
    """AWS that refuses every request."""
    with odd_server() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


def ended_by(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the only line that a wrong call prints."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1)
    return str(err)


def refused(done: Any) -> str:
    assert (done.code, done.out) == (2, ""), done
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    return str(done.err)


@pytest.mark.parametrize("words", COMMANDS, ids=name)
@pytest.mark.parametrize(("status", "code", "printed"), REFUSALS, ids=[code for _, code, _ in REFUSALS])
def test_an_error_of_aws_is_one_sentence(
    run: Any, odd_aws: OddServer, words: list[str], status: int, code: str, printed: str
) -> None:
    """The body has the form of the query protocol, the header that of the JSON protocols."""
    odd_aws.status, odd_aws.headers = status, {"x-amzn-ErrorType": code, "Content-Type": "text/xml"}
    error = f"<Error><Code>{code}</Code><Message>of a\nkind</Message></Error>"
    odd_aws.body = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>".encode()

    assert printed in refused(run(*words))


@pytest.mark.parametrize("words", NEED_A_STACK, ids=name)
@pytest.mark.parametrize("status", [403, 502])
def test_a_proxy_s_plain_text_in_the_place_of_an_answer_is_one_sentence(
    run: Any, odd_aws: OddServer, words: list[str], status: int
) -> None:
    odd_aws.status, odd_aws.headers, odd_aws.body = status, {"Content-Type": "text/plain"}, b"upstream gone & denied"

    assert "something else than AWS answered" in refused(run(*words))


@pytest.mark.parametrize("words", COMMANDS, ids=name)
@pytest.mark.usefixtures("keys")
def test_a_missing_network_is_one_sentence(run: Any, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    assert "AWS cannot be reached" in refused(run(*words))


@pytest.mark.parametrize("words", COMMANDS, ids=name)
def test_without_credentials_there_is_one_sentence(run: Any, words: list[str], no_credentials: None) -> None:  # noqa: ARG001
    assert "there are no AWS credentials" in refused(run(*words))


@pytest.mark.parametrize("words", COMMANDS, ids=name)
def test_a_missing_profile_is_one_sentence(run: Any, words: list[str], no_credentials: None) -> None:  # noqa: ARG001
    assert "(nobody)" in refused(run(*words, "--profile", "nobody"))


@pytest.mark.parametrize("words", NEED_A_STACK, ids=name)
@pytest.mark.usefixtures("stacks")
def test_a_missing_stack_is_one_sentence(run: Any, words: list[str]) -> None:
    assert "there is no stack braket-notifier in eu-north-1" in refused(run(*words))


@pytest.mark.parametrize("words", NEED_A_STACK, ids=name)
@pytest.mark.usefixtures("stack")
def test_a_region_without_the_stack_is_one_sentence(run: Any, words: list[str]) -> None:
    assert "there is no stack braket-notifier in us-west-2" in refused(run(*words, "--region", "us-west-2"))


@pytest.mark.parametrize("words", [["explain", ARN], ["watch", ARN]], ids=name)
@pytest.mark.usefixtures("keys", "braket")
def test_an_arn_unknown_to_braket_is_one_sentence(run: Any, words: list[str]) -> None:
    assert "Braket knows no quantum task arn:aws:braket:" in refused(run(*words))


@pytest.mark.parametrize("words", [["history", ARN], ["replay", ARN]], ids=name)
@pytest.mark.usefixtures("stack")
def test_an_arn_unknown_to_the_notifier_is_one_sentence(run: Any, words: list[str]) -> None:
    assert "the notifier has never seen" in refused(run(*words))


@pytest.mark.parametrize("command", ["explain", "watch", "history", "replay"])
@pytest.mark.usefixtures("stack")
def test_an_arn_of_another_service_is_one_sentence(run: Any, command: str) -> None:
    assert "not the ARN of a quantum task or hybrid job" in refused(run(command, "arn:aws:s3:::bucket"))


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["test", "nobody"], "nobody is not a channel"),
        (["watch", ARN, "--notify", "nobody"], "nobody is not a channel"),
        (["secret", "set", "nobody"], "nobody is not a channel"),
        (["secret", "set", "mail"], "has no secret"),
        (["resend-confirmation", "team-slack"], "not an e-mail channel"),
        (["mute", "nobody", "4h"], "nobody is not a channel"),
        (["mute", "mail", "4"], "4 is not a time span; allowed: like 30m, 2h, 3d"),
        (["mute", "mail", "8d"], "mute 8d: 7d at most, because a queue keeps a notification for 14 days"),
        (["mute", "mail", "169h"], "mute 169h: 7d at most"),
        (["list", "--ended", ""], "is not a time span; allowed: like 30m, 2h, 3d"),  # an unset variable
        (["list", "--batch", ""], "--batch has no name"),
        (["replay", "--since", ""], "is not a time span; allowed: like 30m, 2h, 3d"),
        (["replay", "--since", "soon"], "soon is not a time span; allowed: like 30m, 2h, 3d"),
        (["replay", "--since", "-2"], "2 is not a time span; allowed: like 30m, 2h, 3d"),
        (["mute", "mail", "-2h"], "-2h is not a time span; allowed: like 30m, 2h, 3d"),
        (["reserve", GARNET, "--from", "-2h", "--to", "-1h"], '--from: "-2h" is not '),
        (["reserve", GARNET, "--cancel", "--to", "2990-12-01T15:00Z"], "--cancel forgets the reservation whatever its"),
        (["settings", "show", "--yes"], "settings show asks nothing: --yes is for push"),
        (["settings", "push", "--state", "s"], "settings push needs a deployed notifier; on a state file: show, wake"),
        (["redrive", "--json", "--timeout", "5"], "redrive --json only lists without --yes: add it, or leave out --d"),
        (["redrive", "--json", "--drop"], "redrive --json only lists without --yes: add it, or leave out --drop and"),
        (["explain", "no-such.json"], "no-such.json is neither an ARN nor a file; `braket-notifier list --arn` prints"),
        (["explain", "event.json", "--status", "FAILED"], "--status needs an ARN, because an event has a status of"),
    ],
)
@pytest.mark.usefixtures("stack")
def test_a_wrong_argument_is_one_sentence(run: Any, words: list[str], printed: str) -> None:
    assert printed in refused(run(*words))


@pytest.mark.parametrize(
    "words", [["list", "--ended"], ["costs", "--since"], ["replay", "--yes", "--since"]], ids=lambda words: words[0]
)
@pytest.mark.usefixtures("stack")
def test_a_time_span_that_looks_back_may_have_a_minus(run: Any, words: list[str]) -> None:
    done = run(*words, "2h")

    assert done.code == 0
    assert run(*words, "-2h") == done
    assert run(*words[:-1], f"{words[-1]}=-2h") == done


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_ENDPOINT_URL", "foo"), ("AWS_MAX_ATTEMPTS", "abc"), ("AWS_MAX_ATTEMPTS", "0")],  # ValueErrors of botocore
)
@pytest.mark.parametrize("words", COMMANDS, ids=name)
@pytest.mark.usefixtures("keys")
def test_a_wrong_variable_of_aws_is_one_sentence(
    run: Any, words: list[str], variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    assert "Value provided" in (printed := refused(run(*words))) or "check AWS_ENDPOINT_URL" in printed


@pytest.mark.parametrize(
    "words",
    [
        ["watch", ARN, "--every"],
        ["run", "--every"],
        ["verify", "--timeout"],
        ["test", "--timeout"],
        ["redrive", "--timeout"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("number", ["nan", "inf", "-1", "-5s", "-.5", "0", "soon", "1e9", ""])
def test_a_wrong_number_of_seconds_is_refused_with_what_is_allowed(
    words: list[str], number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not a number of seconds; allowed: above 0, up to 86400" in ended_by(capsys, *words, number)


@pytest.mark.parametrize("option", ["--settings", "--state"])
def test_an_empty_word_in_place_of_a_file_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"argument {option}: an empty word names no file" in ended_by(capsys, "list", option, "")


#: The commands on which a shared option has no effect.
UNUSED = {
    "--settings": [["completion", "bash"]],
    "--state": [
        *(["completion", "bash"], ["check"], ["init"], ["deploy"], ["destroy"], ["preflight"], ["doctor"]),
        *(["secret", "set", "mail"], ["confirm", "URL"], ["resend-confirmation"]),
    ],
    "--region": [
        *(["completion", "bash"], ["check"], ["init"], ["deploy"], ["destroy"], ["preflight"]),
        *(["run"], ["explain", ARN], ["secret", "set", "mail"]),
    ],
    "--profile": [["completion", "bash"], ["check"]],
}


@pytest.mark.usefixtures("run", "no_credentials")
@pytest.mark.parametrize(
    ("option", "words"), [(option, words) for option, commands in UNUSED.items() for words in commands]
)
def test_an_option_without_an_effect_on_a_command_is_refused_and_not_in_its_help(
    option: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = f"braket-notifier {words[0]}: {option} has no effect on this command; "

    assert ended_by(capsys, option, "x", *words).startswith(wanted)
    assert ended_by(capsys, *words, option, "x").startswith(wanted)
    with pytest.raises(SystemExit):
        main([words[0], "--help"])
    assert not re.search(rf"{option}\b", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["hsitory", ARN], "history"),
        (["settings", "shwo"], "show"),
        (["explain", ARN, "--status", "failed"], "FAILED"),
    ],
)
def test_a_misspelt_choice_is_refused_with_the_one_that_is_meant(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f') (did you mean "{meant}"?); see `braket-notifier ' in ended_by(capsys, *words)


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["run", "--once", "--every", "5"], "argument --every: not allowed with argument --once"),
        (["replay", ARN, "--again", "--was", "old"], "argument --was: not allowed with argument --again"),
        (["list", "--settings", "lab.toml", "--name", "lab"], "--name has no effect beside --settings, because that"),
    ],
)
def test_an_option_without_an_effect_beside_another_is_refused(
    words: list[str], printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_by(capsys, *words).startswith(f"braket-notifier {words[0]}: {printed}")


@pytest.mark.parametrize("option", ["--settings", "--region", "--name"])
def test_an_option_about_a_deployed_notifier_is_refused_beside_a_state_file(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = f"braket-notifier list: {option} has no effect on a state file; see `braket-notifier list --help`\n"

    assert ended_by(capsys, "list", "--state", "state.sqlite", option, "x") == wanted


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        b"",
        b"[" * 100_000,
        b"nothing",
        b"\xef\xbb\xbf{}",
        b'"text"',
        b"[1]",
        b'{"resources": [5, null]}',
    ],
    ids=["no text", "empty", "nested", "no JSON", "byte order mark", "a text", "a list", "odd members"],
)
def test_a_file_that_is_no_event_is_one_sentence(run: Any, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "event.json").write_bytes(raw)

    printed = refused(run("explain", str(tmp_path / "event.json")))
    assert "would be put into `undelivered`" in printed
    assert not PYTHON.search(printed)


def test_settings_that_are_no_text_are_one_sentence(run: Any, settings: Path) -> None:
    settings.write_bytes(b"\xff\xfe" + settings.read_bytes())

    for words in (["check"], ["init", "--no-page"]):
        assert "is not TOML" in refused(run(*words))


def test_a_secret_that_is_no_text_is_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"xoxb-\xff\xfe"), encoding="utf-8"))

    assert "the input is no text in UTF-8" in refused(run("secret", "set", "team-slack"))


class EndedTerminal(StringIO):
    """A terminal whose user typed the end of input."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("words", [["init", "--no-page"], ["mute", "mail", "4h"], ["verify"], ["redrive"]], ids=name)
@pytest.mark.usefixtures("stack")
def test_the_end_of_input_is_no_traceback(run: Any, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", EndedTerminal())
    done = run(*words)

    assert "Traceback" not in done.err
    assert done.code in {0, 2}


def test_settings_without_an_address_have_nothing_to_confirm(run: Any, settings: Path) -> None:
    channel = '[channels.hook]\ntype = "slack"\nwebhook = "ssm:/hook"\n'
    settings.write_text(f'home = "us-east-1"\nregions = ["us-east-1"]\n{channel}[alarms]\nemail = []\n')

    assert "no e-mail address to confirm" in refused(run("resend-confirmation"))


@pytest.mark.parametrize("words", [["check"], *COMMANDS], ids=name)
def test_an_error_in_the_settings_names_file_and_line(run: Any, settings: Path, words: list[str]) -> None:
    settings.write_text(settings.read_text().replace("eu-north-1", "mars", 1))

    assert refused(run(*words)).startswith(f'{settings}:2: home: "mars" is not ')
