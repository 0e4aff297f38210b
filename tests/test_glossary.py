"""The glossary has an entry for every class of the domain."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENTRY = re.compile(r"- \*\*(?P<word>[^*]+)\*\*(?: \(`\w+`\))? — [A-Z].*\.")
TITLE_LINES = 4
FEWEST_CLASSES = 10


def test_every_class_of_the_domain_has_an_entry() -> None:
    files = (ROOT / "braket_notifier" / "domain").glob("*.py")
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text()))]
    classes = {node.name for node in nodes if isinstance(node, ast.ClassDef)}

    assert len(classes) >= FEWEST_CLASSES
    entries = re.findall(r"^- \*\*[^*]+\*\* \(`(\w+)`\) — ", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
    assert classes <= {*entries}


def test_entries_are_one_sentence_each_in_alphabetical_order() -> None:
    entries = [ENTRY.fullmatch(line) for line in (ROOT / "docs/glossary.md").read_text().splitlines()[TITLE_LINES:]]
    words = [entry["word"].lower() for entry in entries if entry]

    assert all(entries)
    assert words == sorted(words)
