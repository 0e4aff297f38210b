"""`settings push` publishes the policy of notifier.toml without a deployment; `settings wake` ends holds after one."""

from argparse import Namespace

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.publishing import push, wake, wake_mended
from braket_notifier.cli.show import print_line

MORE = """A deployed notifier follows pushed routes, people, hints, quiet hours, ignore rules and defaults within a
minute. `make deploy` is needed for changed regions, channels, addresses, secrets' names, [alarms] and [tags], and for
read_results, result_buckets, sweep_every, python, key and dashboard. A deployment of other settings replaces pushed
ones. `settings wake` lets channels send what nothing holds any more, and probes a channel that is down; `make deploy`
and each change do it by themselves."""


def add(commands: Commands) -> None:
    parser = command(commands, "settings", run, "publish routes, people, hints, quiet hours; wake channels", more=MORE)
    parser.add_argument("what", choices=["push", "wake"])


def run(arguments: Namespace) -> int:
    place = installation(arguments)
    if arguments.what == "wake":
        wake_mended(place, place.policy.channels)
        wake(place, place.policy.channels)
        print_line("✓ channels send within two minutes what nothing holds any more")
        return 0
    published = push(place)
    print_line(f"✓ published as revision {published.revision}: followed within a minute")
    return 0
