"""`resend-confirmation`: the mail with the link that an e-mail address has to follow, once more."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import say
from braket_notifier.cli.subscriptions import ask_again, mailboxes, unconfirmed


def add(commands: Commands) -> None:
    parser = command(commands, "resend-confirmation", run, "ask unconfirmed e-mail addresses again")
    parser.add_argument("channel", nargs="?", metavar="CHANNEL", help="an e-mail channel; else all, and the alarms")


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    known = mailboxes(place.settings)
    if arguments.channel and arguments.channel not in known:
        raise CommandError(
            f"{arguments.channel} is not an e-mail channel of these settings: {', '.join(known) or 'none'}"
        )
    for name in [arguments.channel] if arguments.channel else known:
        asked = unconfirmed(place, known[name])
        for address in asked:
            ask_again(place, known[name], address)
            say(f"✓ {name}: asked {address} again; SNS sends nothing there before the link in that mail is followed")
        if not asked:
            say(f"✓ {name}: every address is confirmed")
    return 0
