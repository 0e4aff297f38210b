"""Draws twenty docstrings and ten log lines for a reader who did not write them: `python -m tests.prose_sample`."""

import ast
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("braket_notifier", "infra", "lambdas")
LOGGED = re.compile(r'(?:logger\.\w+|Logger\(\)\.\w+|level|on_routed|enqueue_announcements)\(\s*"([^"]+)"')


def docstrings() -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                    where = f"{path.relative_to(ROOT)}:{getattr(node, 'name', 'module')}"
                    yield f"{where}\n    {' '.join(text.split())}"


def log_lines() -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from (f"{path.relative_to(ROOT)}: {line}" for line in LOGGED.findall(path.read_text()))


def main() -> None:
    for texts, count in ((sorted(docstrings()), 20), (sorted(set(log_lines())), 10)):
        drawn = random.Random(13).sample(texts, count)  # noqa: S311 - the same sample for every reader
        sys.stdout.write("\n".join([f"\n{count} of {len(texts)}\n", *drawn, ""]))


if __name__ == "__main__":
    main()
