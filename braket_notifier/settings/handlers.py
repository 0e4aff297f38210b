"""The files of the user's handlers, checked before anything is deployed."""

import ast
from collections.abc import Mapping
from pathlib import Path

from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Handler


def module(channel: str) -> str:
    """The Python name of a handler's file: `copy-results` is `copy_results.py`."""
    return channel.replace("-", "_")


def check_handlers(channels: Mapping[str, object], folder: Path) -> None:
    """SettingsError for a handler without its file, or whose file has no function `handle`."""
    for name, channel in channels.items():
        if isinstance(channel, Handler):
            _check(name, folder / f"{module(name)}.py")


def requirements_of(channels: Mapping[str, object], folder: Path) -> dict[str, Path]:
    """The file `NAME.requirements.txt` of each handler that has one."""
    paths = {name: folder / f"{module(name)}.requirements.txt" for name in channels}
    return {name: path for name, path in paths.items() if isinstance(channels[name], Handler) and path.is_file()}


def _check(channel: str, path: Path) -> None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"channels.{channel}: its handler is missing: there is no file {path}") from error
    except (SyntaxError, ValueError) as error:
        raise SettingsError(f"channels.{channel}: {path} is not Python: {error}") from error
    if not any(isinstance(each, ast.FunctionDef) and each.name == "handle" for each in tree.body):
        raise SettingsError(f"channels.{channel}: {path} has no function handle(transition)")
