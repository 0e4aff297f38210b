"""The check of a handler's file before anything is deployed."""

import re
from pathlib import Path

import pytest

from braket_notifier.settings.channels import Handler
from braket_notifier.settings.handlers import check_handlers
from braket_notifier.settings.mistakes import SettingsError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "channels.my-own: its handler is missing: there is no file {path}"),
        ("def handle(transition)\n", "channels.my-own: {path} is not Python: expected ':'"),
        ("\0", "channels.my-own: {path} is not Python: source code"),
        ("def handel(transition): ...\n", "channels.my-own: {path} has no function handle(transition)"),
        (
            "async def handle(transition): ...\n",
            "channels.my-own: {path} has no function handle(transition)",
        ),
        (
            "def outer():\n    def handle(t): ...\n",
            "channels.my-own: {path} has no function handle(transition)",
        ),
    ],
)
def test_a_channel_without_its_handler_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "my_own.py").write_text(text)

    with pytest.raises(SettingsError, match="^" + re.escape(message.format(path=tmp_path / "my_own.py"))):
        check_handlers({"my-own": Handler()}, tmp_path)
