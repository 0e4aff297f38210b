"""The options of every command: settings, region, credentials."""

import math
import os
import re
import sys
from argparse import (
    SUPPRESS,
    Action,
    ArgumentError,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from braket_notifier.cli.installation import Installation, session_of
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.state import opened_state
from braket_notifier.settings.mistakes import Mistake, meant
from braket_notifier.settings.notifier_toml import Settings, read_settings
from braket_notifier.settings.policy_document import DAY_S
from braket_notifier.settings.schema import SCHEMA, Table
from braket_notifier.text.wording import printable

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

CLONE = Path(__file__).parents[2]
IN_CLONE = (CLONE / "infra" / "synth.py").is_file()
#: The environment's name for the settings file.
VARIABLE = "BRAKET_NOTIFIER_SETTINGS"
#: The settings file of the clone, otherwise of the folder in which the command runs.
SETTINGS = CLONE / "notifier.toml" if IN_CLONE else Path("notifier.toml")

DEFAULT_NAME = SCHEMA["properties"]["name"]["default"]

#: Columns of the longest line of a help text.
WIDEST = 120

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

#: The options of every command, and those about a deployed notifier, which a state file takes the place of.
SHARED, OF_STACK = ("settings", "state", "region", "profile"), ("settings", "region", "name")

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"  # argparse takes no parameter when it runs


class Parser(ArgumentParser):
    """A parser that prints an error as one line with the next step, and without its usage."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - as argparse's own
        super().__init__(**given)
        self._negative_number_matcher = re.compile(r"-\.?\d")  # -2h is a value, as -2 is, because no option has a digit

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        """Leave an error to the command, because argparse's own method ignores it."""
        (file or sys.stderr).write(message)

    def _check_value(self, action: Action, value: str) -> None:
        """Name the closest choice too."""
        try:
            super()._check_value(action, value)
        except ArgumentError as error:
            error.message += meant(value, [*(action.choices or ())])
            raise

    def error(self, message: str) -> NoReturn:
        line = printable(" ".join(message.split()))
        self.exit(2, f"{self.prog}: {line}; see `{self.prog} --help`\n")


def options(unused: Collection[str] = (), *, first: bool = False) -> ArgumentParser:
    """The shared options, before or after the command, whose help omits the unused ones."""
    parser = ArgumentParser(add_help=False)
    shared = parser.add_argument_group("where")

    def add(name: str, meaning: str, **more: Any) -> None:  # noqa: ANN401 - as argparse's own
        shown = SUPPRESS if name in unused else meaning
        shared.add_argument(f"--{name}", default=None if first else SUPPRESS, help=shown, **more)

    of_settings = f"default: that of {VARIABLE}, otherwise notifier.toml of the clone or of this folder"
    add("settings", of_settings, type=file, metavar="FILE")
    add("state", "state file of `run`, in place of a stack", type=file, metavar="FILE")
    add("region", "region of the stack (default: `home` of the settings)")
    add("profile", "profile of your AWS credentials")
    return parser


def command(
    commands: Commands,
    name: str,
    run: Callable[[Namespace], int],
    summary: str,
    *,
    more: str = "",
    json: bool = False,
    unused: Collection[str] = (),
) -> ArgumentParser:
    """Add a command. `summary` is in the list of commands, `more` at the end of its own help.

    `unused` names the shared options that have no effect on it; `main` refuses them.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=filled(f"{summary[0].upper()}{summary[1:]}."),
        epilog=filled(more),
        parents=[options(unused)],
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, own=parser, unused=unused)
    if json:
        parser.add_argument("--json", action="store_true", help="one JSON document, for scripts")
    return parser


def filled(more: str) -> str:
    """The text in lines of the terminal's width; a paragraph with indented lines, like examples, keeps its own."""
    width = min(WIDEST, get_terminal_size().columns)
    paragraphs = more.split("\n\n")
    return "\n\n".join(
        each if "\n  " in f"\n{each}" else fill(each, width, break_long_words=False, break_on_hyphens=False)
        for each in paragraphs
    )


def name_option(parser: ArgumentParser) -> None:
    """The command needs no settings file."""
    parser.add_argument("--name", help=f"of the installation; else `name` of the settings, else {DEFAULT_NAME}")


def person_option(parser: ArgumentParser) -> None:
    """Names one person in a channel that writes to owners."""
    parser.add_argument("--person", metavar="NAME", default="", help='one person of a channel with to = "owner"')


def seconds_option(parser: ArgumentParser, name: str, default: int, about: str) -> None:
    shown = f"{about} (default: %(default)s)"
    parser.add_argument(name, type=seconds, default=default, metavar="SECONDS", help=shown)


def find_settings(arguments: Namespace) -> None:
    """Note the path of the settings file, and whether an option or the environment names it."""
    named = arguments.settings or os.environ.get(VARIABLE)
    arguments.named, arguments.settings = bool(named), Path(named or SETTINGS)


def settings(arguments: Namespace, further: Callable[[Table], Iterable[Mistake]] = lambda _: ()) -> Settings:
    if arguments.state:
        return installation(arguments).settings
    if not arguments.settings.exists():
        raise no_settings(arguments.settings)
    return read_settings(arguments.settings, further)


def no_settings(path: Path) -> CommandError:
    remedy = "name one by --settings, or write one by `braket-notifier init`"
    return CommandError(f"there is no settings file {path}: {remedy}")


def installation(arguments: Namespace) -> Installation:
    """The notifier of the settings file. Its connections close when the command ends."""
    return _of_state(arguments) if arguments.state else _opened(arguments, settings(arguments))


def installation_by_name(arguments: Namespace) -> Installation:
    """The notifier that --name names. The settings file may be missing unless it is named."""
    if arguments.state:
        return _of_state(arguments)
    is_there = arguments.named or arguments.settings.exists()
    found = settings(arguments) if is_there else None
    same = found and arguments.name in {None, found.name}
    return _opened(arguments, found if same else None, arguments.name or DEFAULT_NAME)


def _of_state(arguments: Namespace) -> Installation:
    place = opened_state(arguments.state, arguments.profile)
    arguments.opened.callback(place.close)
    return place


def _opened(arguments: Namespace, found: Settings | None, name: str = DEFAULT_NAME) -> Installation:
    session = session_of(arguments.profile)
    region = arguments.region or (found.home if found else session.region_name) or ""
    place = Installation(found, session, region, name, arguments.settings.absolute().parent)
    arguments.opened.callback(place.close)
    return place


def file(given: str) -> Path:
    """The path of a file; Path takes an empty word, like that of a variable that is not set, for this folder."""
    if not given:
        raise ArgumentTypeError("an empty word names no file")
    return Path(given)


def seconds(given: str) -> float:
    """A positive number of seconds, up to a day; argparse prints the error."""
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not 0 < number <= DAY_S:
        raise ArgumentTypeError(f"{given} is not a number of seconds; allowed: above 0, up to {DAY_S}")
    return number


def ago(given: str) -> str:
    """The time span of an option that looks back, for which -2h means 2h."""
    return given.removeprefix("-")


def span(given: str) -> timedelta:
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", given)
    if not match:
        raise CommandError(f"{given} is not a time span; allowed: like 30m, 2h, 3d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
