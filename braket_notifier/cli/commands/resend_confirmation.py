"""`resend-confirmation`: sends the confirmation link to unconfirmed e-mail addresses again."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.subscriptions import email_topics, resend_link, subscribed_to, unconfirmed
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import print_line


def add(commands: Commands) -> None:
    summary = "send the confirmation link to unconfirmed addresses again"
    parser = command(commands, "resend-confirmation", run, summary, unused=("state",))
    parser.add_argument(
        "channel", nargs="?", metavar="CHANNEL", help="an e-mail channel (default: all, and the alarms)"
    )


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    known = email_topics(place.settings)
    if arguments.channel and arguments.channel not in known:
        raise CommandError(
            f"{arguments.channel} is not an e-mail channel of these settings: {', '.join(known) or 'none'}"
        )
    if not known:
        raise CommandError("these settings have no e-mail address to confirm")
    for name in [arguments.channel] if arguments.channel else known:
        missing = unconfirmed(known[name], subscribed_to(place, known[name]))
        for address in missing:
            resend_link(place, known[name], address)
            print_line(
                f"✓ {name}: sent the link to {address} again; SNS sends nothing else there before it is followed, or "
                "confirmed by `braket-notifier confirm URL`"
            )
        if not missing:
            print_line(f"✓ {name}: every address is confirmed")
    return 0
