"""`completion`: prints the shell's completion script, made from the options of every command."""

from argparse import Action, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator

from braket_notifier.cli.arguments import SHARED, Commands, command, file
from braket_notifier.cli.show import print_line

SHELLS = ("bash", "zsh", "fish")
MORE = """examples:
  braket-notifier completion bash > ~/.local/share/bash-completion/completions/braket-notifier
  braket-notifier completion zsh > "${fpath[1]}/_braket-notifier"
  braket-notifier completion fish > ~/.config/fish/completions/braket-notifier.fish

A new shell then completes commands, options and their values. The script starts no program of its own; print it again
after an upgrade."""


def add(commands: Commands) -> None:
    summary = "print the completion script of bash, zsh or fish"
    parser = command(commands, "completion", run, summary, more=MORE, unused=SHARED)
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")


def run(arguments: Namespace) -> int:
    import shtab  # noqa: PLC0415 - no other command needs it

    for action in _actions(arguments.whole):
        if action.type is file:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # as shtab's documentation has it
    print_line(shtab.complete(arguments.whole, arguments.shell))
    return 0


def _actions(parser: ArgumentParser) -> Iterator[Action]:
    """The arguments and options of the parser and of every command."""
    for action in parser._actions:  # noqa: SLF001 - argparse names them nowhere else
        yield action
        if isinstance(action, _SubParsersAction):
            for each in action.choices.values():
                yield from _actions(each)
