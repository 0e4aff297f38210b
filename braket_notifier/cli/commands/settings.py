"""`settings push`: publish the policy of notifier.toml to a deployed notifier, without a deployment."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.publishing import push
from braket_notifier.cli.show import print_line

MORE = """A deployed notifier follows pushed routes, people, hints, quiet hours, ignore rules and defaults within a
minute. Changed regions and channels take `make deploy`. A deployment of other settings replaces pushed ones."""


def add(commands: Commands) -> None:
    parser = command(commands, "settings", run, "publish routes, people, hints and quiet hours", more=MORE)
    parser.add_argument("what", choices=["push"])


def run(arguments: Namespace) -> int:
    published = push(installation(arguments))
    print_line(f"✓ published as revision {published.revision}: followed within a minute")
    return 0
