"""`deploy`: checks, bootstraps where it is needed, deploys, checks again and sends a test message."""

from argparse import Namespace

from braket_notifier.cli.arguments import CLONE, IN_CLONE, Commands, command, installation, settings
from braket_notifier.cli.checks.bootstrap import is_bootstrapped, needs_bootstrap
from braket_notifier.cli.checks.finding import print_findings
from braket_notifier.cli.commands import doctor, preflight, test
from braket_notifier.cli.deploying.cdk import cdk
from braket_notifier.cli.deploying.stacks import AGAIN, await_changes, why_failed
from braket_notifier.cli.deploying.steps import Steps
from braket_notifier.cli.in_force.origin import origin, origin_json
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.publishing import wake, wake_mended
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import confirmed, print_line
from braket_notifier.settings.unfinished import unfinished

STEPS = ("check", "preflight", "bootstrap", "deployment", "doctor", "test message")
#: Seconds to wait for each channel's acceptance.
TEST_S = 60
MORE = """Repeat the command after any failure, also after Ctrl-C, because it finds the steps that are done.
Exit code 0: deployed, also if `doctor` names something to do; 2: not deployed."""


def add(commands: Commands) -> None:
    summary = "check, bootstrap CDK if needed, deploy, check again, send a test message"
    parser = command(commands, "deploy", run, summary, more=MORE, unused=("state", "region"))
    parser.add_argument("--yes", action="store_true", help="agree to what is asked, except about the functions' Python")
    parser.add_argument("--drop", action="store_true", help="delete notifications that wait for removed channels")
    parser.add_argument("--repair", action="store_true", help="revert changes that somebody made by hand")


def run(arguments: Namespace) -> int:
    if not IN_CLONE:
        raise CommandError("`deploy` makes the templates, which needs a clone: `git clone` it, then `make setup`")
    steps = Steps(STEPS, AGAIN)
    with steps("check"):
        custom = CLONE / "lambdas" / "custom"
        settings(arguments, lambda document: unfinished(document, custom))
        print_line(f"✓ {arguments.settings} is valid")
        place = installation(arguments)
    with steps("preflight"):
        await_changes(place)
        found = preflight.findings(place, drop=arguments.drop, yes=arguments.yes)
        if any(each.stops for each in print_findings(found, as_json=False)):
            raise CommandError(f"nothing is deployed: follow the remedy of each ✗ above, then {AGAIN}")
    with steps("bootstrap"):
        for region in place.settings.regions:
            if needs_bootstrap(place.settings, region):
                _bootstrap(place, region, arguments)
    with steps("deployment"):
        _deploy(place, arguments)
    with steps("doctor"):
        deployed = installation(arguments)  # the first one remembers what was there before
        wake_mended(deployed, deployed.policy.channels)
        wake(deployed, deployed.policy.channels)
        asks = any(each.asks for each in print_findings(doctor.findings(deployed), as_json=False))
    with steps("test message"):
        seen = test.send_tests(deployed, test.to_shared(deployed), TEST_S, yes=arguments.yes)
    print_line(f"✓ deployed in {steps.summary()}")
    if asks or not seen:
        print_line("The remaining steps stand above; `braket-notifier doctor` and `braket-notifier test` repeat them.")
    return 0


def _bootstrap(place: Installation, region: str, arguments: Namespace) -> None:
    if is_bootstrapped(place.client("ssm", region)):
        print_line(f"✓ {region} is bootstrapped for CDK")
        return
    question = f"Bootstrap CDK in {region}? It creates a bucket, a container registry and roles, named cdk-…."
    if not confirmed(question, yes=arguments.yes):
        raise CommandError(f"{region} is not bootstrapped, so nothing is deployed: agree, or use --yes")
    where = f"aws://{place.account}/{region}"
    if cdk(["bootstrap", where], arguments.settings, arguments.profile, {}):
        administrator = f"`npx cdk bootstrap {where}`"
        raise CommandError(
            f"{region} could not be bootstrapped, as CDK says above; without the right to create IAM roles ask your "
            f"administrator for {administrator}, then {AGAIN}"
        )


def _deploy(place: Installation, arguments: Namespace) -> None:
    words = ["deploy", "--all", *(["--revert-drift"] if arguments.repair else [])]
    words += ["--require-approval", "never"] if arguments.yes else []
    context = {"deployment": origin_json(origin(place))}
    if cdk(words, arguments.settings, arguments.profile, context):
        raise CommandError(why_failed(place))
