"""The files of the user's handlers, checked before anything is deployed."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from braket_notifier.settings.channels import Handler
from braket_notifier.settings.mistakes import Mistake, SettingsError


def module(channel: str) -> str:
    """The Python name of a handler's file: `copy-results` is `copy_results.py`."""
    return channel.replace("-", "_")


def check_handlers(channels: Mapping[str, object], folder: Path) -> None:
    """SettingsError for each handler without its file, or whose file has no function `handle`."""
    names = [name for name, channel in channels.items() if isinstance(channel, Handler)]
    if found := list(missing_handlers(names, folder)):
        raise SettingsError("\n".join(map(str, found)))


def missing_handlers(names: Iterable[str], folder: Path) -> Iterator[Mistake]:
    """The handlers without a file in the folder, or without a function `handle` in it."""
    for name in names:
        path = folder / f"{module(name)}.py"
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            yield Mistake(("channels", name), f"its handler is missing: there is no file {path}")
        except (SyntaxError, ValueError) as error:
            yield Mistake(("channels", name), f"{path} is not Python: {error}")
        else:
            if not any(isinstance(each, ast.FunctionDef) and each.name == "handle" for each in tree.body):
                yield Mistake(("channels", name), f"{path} has no function handle(transition)")


def requirements_of(channels: Mapping[str, object], folder: Path) -> dict[str, Path]:
    """The file `NAME.requirements.txt` of each handler that has one."""
    paths = {name: folder / f"{module(name)}.requirements.txt" for name in channels}
    return {name: path for name, path in paths.items() if isinstance(channels[name], Handler) and path.is_file()}
