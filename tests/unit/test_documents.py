"""The documents name existing links, headings, files, tests, targets of make, and words of the command."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from braket_notifier.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
#: `tests/cli/test_wrong_calls.py` makes each call of this page.
WRONG_CALLS = ROOT / "docs" / "wrong-calls.md"
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


@cache
def headings(path: Path) -> set[str]:
    """As GitHub makes anchors of them."""
    lines = CODE.sub("", path.read_text()).splitlines()
    titles = (line.lstrip("#").strip().lower() for line in lines if line.startswith("#"))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@each_document
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(CODE.sub("", path.read_text())):
        if link.startswith(("https://", "http://")):
            continue
        file, _, anchor = link.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), link
        assert not anchor or anchor in headings(there), link


def test_the_readme_shows_a_message_as_slack_shows_it() -> None:
    golden = (ROOT / "tests/golden/task-completed.txt").read_text()
    blocks = golden.partition("--- Slack\n")[2].partition("\n--- ")[0]
    shown = re.sub(r"^\[.+\]\n|`|<[^|]+\|([^>]+)>", r"\1", blocks, flags=re.MULTILINE)

    assert f"```\n{shown}```" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.svg")), ids=lambda path: path.name)
def test_no_picture_of_a_terminal_has_an_empty_last_row(path: Path) -> None:
    """Rich bounds the rows of a picture, except for its last one; a row that is cut out by hand leaves a bound."""
    bounded, shown = (re.findall(rf"{of}\S+?-line-(\d+)", path.read_text()) for of in ('<clipPath id="', r"url\(#"))

    assert max(map(int, shown)) == max(map(int, bounded)) + 1


@each_document
def test_make_can_make_what_is_named(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:`|^|&& )(?:PYTHON=\S+ )?make ([a-z-]+)", path.read_text(), re.MULTILINE))
    assert named <= targets


@each_document
def test_every_test_that_is_named_is_there(path: Path) -> None:
    named = set(re.findall(r"\b(test_\w+)\b(?!\.py)", path.read_text()))

    assert named <= there()


@cache
def there() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in (file.stem, *re.findall(r"def (test_\w+)", file.read_text()))}


@each_document
def test_every_file_that_is_named_is_there(path: Path) -> None:
    missing = [each for each in files_named(path) if not any((root / each).exists() for root in ROOTS)]

    assert missing == []


#: From where files are named: the repository, what is deployed, the folder of examples.
ROOTS = [
    ROOT,
    ROOT / "lambdas",
    ROOT / "braket_notifier",
    ROOT / "docs",
    ROOT / "examples/handlers",
    ROOT / "security",
]
#: Files that a command or synth writes, that are botocore's, or that are the reader's own.
NOT_HERE = re.compile(
    r"^build/|[A-Z]{4}|/X\.py$|copy_results\.py$"
    r"|^(slack-app-manifest|settings|endpoints|template)\.json$|^for-your-administrator\.md$"
)


def files_named(path: Path) -> Iterator[str]:
    for word in re.findall(r"`([\w./-]+)`", CODE.sub("", path.read_text())):
        if re.search(r"\.(py|md|toml|json|txt|yml)$", word) and not NOT_HERE.search(word):
            yield word


@pytest.mark.parametrize("path", sorted({*DOCUMENTS} - {WRONG_CALLS}), ids=lambda path: path.name)
def test_the_command_knows_every_word_that_is_said_to_it(path: Path) -> None:
    known = ArgumentParser().add_subparsers()
    for command in COMMANDS:
        command.add(known)

    named = set(re.findall(r"(?:`|^|bin/)braket-notifier ([a-z][a-z-]*)\b", path.read_text(), re.MULTILINE))
    assert named <= {*known.choices}


def test_the_page_about_logs_has_every_metric_and_every_line() -> None:
    page = (ROOT / "docs/logs.md").read_text()
    entries = sorted((ROOT / "lambdas").glob("*.py"))
    code = "\n".join(path.read_text() for path in [*entries, *(ROOT / "braket_notifier").rglob("*.py")])
    metrics = {*re.findall(r'"([A-Z][a-z]+[A-Z]\w+)", MetricUnit', code), "Errors"}
    says = r"logger\.\w+|Logger\(\)\.\w+|level|on_routed|enqueue_announcements|shared\.Alone"
    said = set(re.findall(rf'(?:{says})\(\s*"([^"]+)"', code)) | set(re.findall(r'late="([^"]+)"', code))
    said |= set(re.findall(r'message = "(.+?)" if .+ else "(.+?)"', code)[0])

    table = page.partition("## Metrics")[2]
    assert {*re.findall(r"^\| `(\w+)` \| (?:Count|Seconds|none) ", table, re.MULTILINE)} == metrics
    listed = re.findall(r"^\| (`.+?`) \| (?:INFO|WARNING|ERROR)", page, re.MULTILINE)
    assert {line for cell in listed for line in re.findall(r"`(.+?)`", cell)} == said
