"""Every command on the pages exists, because readers type it in an emergency."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import Session

from braket_notifier.cli.main import main
from infra.function import TROUBLE
from tests.cli.test_wrong_calls import PAGE as WRONG_CALLS

ROOT = Path(__file__).parents[2]
#: Every page but the one of wrong calls, each of which its own test makes.
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")} - {WRONG_CALLS})
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:bin/)?braket-notifier [a-z]|aws [a-z]|make [a-z]")
#: Options of the AWS command line for every service.
EVERYWHERE = {"region", "profile", "query", "output", "cli-read-timeout"}
#: Commands of the AWS command line without an operation of a service, and its own names of options.
ITS_OWN = {"configure": set[str](), "sso login": set[str](), "logs tail": {"since", "filter-pattern", "follow"}}
ITS_OWN |= {"s3 mb": set(), "cloudformation package": {"template-file", "s3-bucket", "output-template-file"}}
ITS_OWN |= {"cloudformation deploy": {"template-file", "stack-name", "capabilities", "parameter-overrides"}}
RENAMED = {"notification-endpoint": "endpoint"}


def typed(page: Path) -> Iterator[list[str]]:
    """The words of each command of a page, also of a command within or after another one."""
    text = page.read_text().replace("\\\n", " ")
    lines = [line for language, block in BLOCK.findall(text) if language in {"", "sh"} for line in block.splitlines()]
    for line in [*lines, *re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))]:
        for start in COMMAND.finditer(line):
            if start.start() == 0 or line[start.start() - 1] in " (":
                whole = re.sub(r"\"?\$\(.*?\)\"?", "$WITHIN", line[start.start() :])
                read = shlex.shlex(whole, posix=True, punctuation_chars=True)  # it breaks at ; | & ( ) and #
                read.whitespace_split = True
                yield list(takewhile(lambda word: word.strip(";|&()"), read))


TYPED = {f"{page.name}: {shlex.join(words)}": words for page in PAGES for words in typed(page)}


def of(*names: str) -> list[str]:
    return [command for command, words in TYPED.items() if words[0] in names]


@pytest.mark.parametrize("command", of("braket-notifier", "bin/braket-notifier"))
def test_a_page_names_only_existing_commands(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The option --help parses a command without running it."""
    with pytest.raises(SystemExit) as ended:
        main([*(word for word in TYPED[command][1:] if word.isascii()), "--help"])

    assert ended.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("command", of("make"))
def test_a_page_names_only_existing_targets(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    target, *rest = TYPED[command][1:]

    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert all(f"$({word.partition('=')[0]})" in makefile for word in rest if "=" in word)


@pytest.mark.parametrize("command", of("aws"))
def test_a_page_names_only_operations_and_options_of_aws(command: str) -> None:
    _, service, *rest = TYPED[command]
    named = {word.removeprefix("--") for word in rest if word.startswith("--")} - EVERYWHERE
    options = {RENAMED.get(each, each).removeprefix("no-") for each in named}
    words = " ".join([service, *rest])

    if its_own := next((each for each in ITS_OWN if words.startswith(each)), None):
        assert options <= ITS_OWN[its_own]
    elif rest[0] == "wait":
        assert rest[1] in {xform_name(each, "-") for each in Session().get_waiter_model(service).waiter_names}
    else:
        assert options <= operations(service)[rest[0]]


@cache
def operations(service: str) -> dict[str, set[str]]:
    """The options of each operation, as the AWS command line spells them."""
    model = Session().get_service_model(service)
    takes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    return {
        xform_name(name, "-"): {xform_name(each, "-") for each in (shape.members if shape else ())}
        for name, shape in takes.items()
    }


def test_the_pages_name_commands_of_every_kind() -> None:
    assert min(len(of(name)) for name in ("braket-notifier", "bin/braket-notifier", "make", "aws")) > 2


def test_the_runbook_searches_the_logs_with_the_patterns_of_the_alarm() -> None:
    """The line of a function that timed out or died is not JSON."""
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    assert all(f"--filter-pattern '{each}'" in runbook for each in TROUBLE.values())
