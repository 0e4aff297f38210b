"""The command `braket-notifier`: parses its arguments, runs a subcommand and prints errors as one sentence."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from braket_notifier import __version__
from braket_notifier.cli.arguments import OF_STACK, Parser, find_settings, options
from braket_notifier.cli.commands import (
    check,
    completion,
    confirm,
    costs,
    deploy,
    destroy,
    doctor,
    explain,
    history,
    init,
    mute,
    preflight,
    redrive,
    replay,
    resend_confirmation,
    reserve,
    run,
    secret,
    settings,
    test,
    unmute,
    verify,
    watch,
)
from braket_notifier.cli.commands import list as list_command
from braket_notifier.cli.sentences import CommandError, sentence
from braket_notifier.cli.show import flush_output, open_closed_streams, tolerate_missing_characters
from braket_notifier.errors import NotifierError
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.text.wording import printable

COMMANDS = (
    run,
    init,
    check,
    deploy,
    destroy,
    explain,
    secret,
    doctor,
    confirm,
    resend_confirmation,
    test,
    verify,
    watch,
    list_command,
    history,
    costs,
    replay,
    redrive,
    preflight,
    settings,
    mute,
    unmute,
    reserve,
    completion,
)
#: Errors that one sentence explains.
ERRORS = (
    CommandError,
    NotifierError,
    ClientError,
    BotoCoreError,
    ResponseParserError,
    OSError,
    EOFError,
    UnicodeDecodeError,
)
BAD_INPUT = 2
INTERRUPTED = 130
#: As the shell names the end of any program whose reader is gone.
READER_GONE = 141


def main(given: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code; an error is one sentence, never a traceback."""
    open_closed_streams()
    tolerate_missing_characters()
    try:
        try:
            return _run(_parsed(given))
        except ERRORS:  # which matters more than that the rest of the output cannot be written
            with suppress(OSError):
                flush_output()
            raise
        finally:
            flush_output()
    except BrokenPipeError:
        return READER_GONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except SettingsError as error:
        sys.stderr.write(printable(f"{error}\n"))  # a line for each mistake, each with its file and line
    except ERRORS as error:
        sys.stderr.write(printable(f"braket-notifier: {sentence(error)}\n"))
    return BAD_INPUT


def _parsed(given: Sequence[str] | None) -> Namespace:
    """Parse the arguments; refuse an option that has no effect on the command, because its user expects one."""
    arguments, unknown = _parser().parse_known_args(given)
    if unknown:  # argparse itself would name the help of all commands
        arguments.own.error(f"unrecognized arguments: {' '.join(unknown)}")
    ineffective = {"name": "beside --settings, because that file has the name"} if arguments.settings else {}
    if arguments.state and arguments.run != run.run:
        ineffective |= dict.fromkeys(OF_STACK, "on a state file")
    for name, where in {**ineffective, **dict.fromkeys(arguments.unused, "on this command")}.items():
        if getattr(arguments, name, None) is not None:
            arguments.own.error(f"--{name} has no effect {where}")
    find_settings(arguments)
    return arguments


def _run(arguments: Namespace) -> int:
    with ExitStack() as arguments.opened:
        return int(arguments.run(arguments))


def _parser() -> Parser:
    parser = Parser(
        prog="braket-notifier",
        description="Sets up, checks and operates the Braket status notifier; follows quantum tasks and hybrid jobs.",
        epilog="`braket-notifier COMMAND --help` shows details and examples. Exit code 2: the command failed.",
        parents=[options(first=True)],
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.set_defaults(whole=parser)  # `completion` describes all of it
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser
