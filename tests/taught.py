"""The documentation's examples and settings: every block with a name in a comment above it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^<!-- (\S+) -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> dict[str, str]:
    """The named blocks of a page in one language, in their order."""
    found = _BLOCK.findall((ROOT / "docs" / page).read_text())
    return {name: text for name, its_language, text in found if its_language == language}


def commands(page: str) -> list[str]:
    """The shell blocks of a page."""
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.MULTILINE | re.DOTALL)
