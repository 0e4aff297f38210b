"""The public interface of handlers is what docs/handlers.md documents, member by member."""

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from braket_notifier import handlers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "handlers.md").read_text()
#: Members that the flows use and handlers have no reason to: they may change.
INTERNAL = {
    "Cost": {"to_json"},
    "Arn": {"invented"},
    "Children": {"since"},
    "Transition": {"version", "source", "left_over", "about", "order", "beside_card", "warned"},
    "Snapshot": {"rank", "open_in", "part_of", "incomplete", "unknown", "supersedes", "corrects"},
}


def members(name: str) -> set[str]:
    """The fields of a value and its public methods and properties."""
    value = getattr(handlers, name)
    own = {each for each in vars(value) if not each.startswith("_")}
    return own | {field.name for field in fields(value)}


def documented(name: str) -> set[str]:
    """The members that the page names: in the type's own table, or in one sentence after its name."""
    if table := re.search(rf"^\| `{name}` \| \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        return {word for row in table[1].splitlines() for word in re.findall(r"`(\w+)`", row.split("|")[1])}
    listed = re.search(rf"`{name}`(?:s|): ((?:`\w+`(?:, )?)+)", PAGE)
    return set(re.findall(r"`(\w+)`", listed[1])) if listed else set()


VALUES = [name for name in handlers.__all__ if is_dataclass(getattr(handlers, name))]


@pytest.mark.parametrize("name", VALUES)
def test_the_page_documents_every_public_member_and_no_other(name: str) -> None:
    assert documented(name) == members(name) - INTERNAL.get(name, set())


@pytest.mark.parametrize("name", sorted(set(handlers.__all__) - set(VALUES)))
def test_the_page_documents_every_error_that_a_handler_may_raise(name: str) -> None:
    assert f"`{name}" in PAGE


def test_the_interface_is_this_list_of_names() -> None:
    """A name that leaves this list breaks somebody's handler."""
    assert handlers.__all__ == [
        "Arn",
        "Children",
        "Cost",
        "JobEvent",
        "Message",
        "RefusedError",
        "Snapshot",
        "Transition",
        "TryLaterError",
        "UnacknowledgedError",
    ]


def test_the_package_is_typed() -> None:
    assert (ROOT / "braket_notifier" / "py.typed").is_file()


@pytest.mark.parametrize("folder", ["examples", "tests/e2e/faulty_handlers"])
def test_handlers_import_nothing_else_of_the_library(folder: str) -> None:
    paths = sorted((ROOT / folder).rglob("*.py"))
    imported = {
        node.module
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("braket_notifier")
    }

    assert paths
    assert imported <= {"braket_notifier.handlers"}


def test_the_documents_import_nothing_else_of_the_library() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    imported = {
        name
        for page in pages
        for name in re.findall(r"^(?:from|import) (braket_notifier[\w.]*)", page.read_text(), re.MULTILINE)
    }

    assert imported == {"braket_notifier.handlers"}
