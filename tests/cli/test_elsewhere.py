"""`preflight` and `doctor` find the notifier's other homes and names, and what is left of channels and regions."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from braket_notifier.adapters.dynamodb.groups import DynamoGroups
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.checks.bootstrap import CLOSED
from braket_notifier.cli.checks.dropped import RENAME
from braket_notifier.cli.checks.elsewhere import NotifierStack, other_installations
from braket_notifier.domain.resource import parse_arn
from braket_notifier.grouping.group import Group
from braket_notifier.settings.notifier_toml import read_settings
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import BOOTSTRAP, FURTHER, HOME, NAME, Recorded
from tests.conftest import task_arn
from tests.odd_server import odd_server

LEFT = "us-west-2"
OWN = NotifierStack(NAME, HOME, is_home=True, watches=(HOME, FURTHER))
FORWARDING = NotifierStack(f"{NAME}-{FURTHER}", FURTHER, is_home=False)
LAB = NotifierStack("lab", FURTHER, is_home=True, watches=(FURTHER, "eu-west-2"))


@pytest.fixture(autouse=True)
def account(stacks: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001 - no stack
    """The further region is bootstrapped, and Lambda answers GetAccountSettings, which moto does not have."""
    boto3.client("ssm", FURTHER).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")
    with odd_server() as server:
        server.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield server


@pytest.mark.parametrize(
    ("found", "agreed", "marks", "said"),
    [
        # Nothing, our own stacks, and a stack of another name that watches other regions.
        ([], False, "", ""),
        ([OWN, FORWARDING], False, "", ""),
        ([OWN, FORWARDING, replace(LAB, watches=("us-west-2",))], False, "", ""),
        # Another home, before and after this one was deployed.
        ([replace(OWN, region="us-west-1")], True, "✗", 'set `home = "us-west-1"`, or remove it there first'),
        ([OWN, replace(OWN, region="us-west-1")], True, "✗", "braket-notifier is installed in us-west-1"),
        # Another name, which was renamed in the file or is a second installation on purpose.
        ([LAB], False, "✗", 'lab in us-east-1 watches us-east-1 too, so both send each message: set `name = "lab"`'),
        ([LAB], True, "!", "lab in us-east-1 watches us-east-1 too, so both send each message"),
        ([OWN, LAB], False, "!", "lab in us-east-1 watches us-east-1 too, so both send each message"),
        # A version that does not name its regions may watch all of them.
        ([replace(LAB, watches=())], False, "✗", "lab in us-east-1 watches eu-north-1, us-east-1 too"),
        # A forwarding stack of another installation belongs to its home.
        ([replace(FORWARDING, name="lab-us-east-1")], False, "", ""),
    ],
)
def test_another_home_or_name_is_recognised(
    settings: Path, found: list[NotifierStack], marks: str, said: str, *, agreed: bool
) -> None:
    findings = list(other_installations(read_settings(settings), found, lambda _: agreed))

    assert "".join(each.mark for each in findings) == marks
    assert said in "".join(each.message for each in findings)


def deployed(stacks: CloudFormation, region: str, name: str, *regions: str) -> None:
    stacks.stacks[region, name] = []
    stacks.outputs_of[region, name] = {"Settings": json.dumps({"home": region, "regions": regions, "channels": {}})}


@pytest.fixture
def not_deployed(account: Any) -> None:  # noqa: ARG001 - inside the mock
    boto3.client("ssm", HOME).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")


def last(done: Any) -> str:
    return str(done.out.splitlines()[-1])


@pytest.mark.usefixtures("not_deployed")
def test_another_home_stops_the_deployment_before_anything_is_deployed(run: Any, stacks: CloudFormation) -> None:
    deployed(stacks, "us-west-1", NAME, "us-west-1")

    done = run("preflight", "--yes")

    assert done.code == 2
    assert last(done) == (
        "✗ braket-notifier is installed in us-west-1, and a second home would be made in eu-north-1: "
        'set `home = "us-west-1"`, or remove it there first (docs/life-cycle.md#another-home-region-or-name)'
    )


@pytest.mark.usefixtures("not_deployed")
@pytest.mark.parametrize(("words", "code"), [((), 2), (("--yes",), 0)])
def test_another_name_in_the_same_regions_is_installed_only_on_request(
    run: Any, stacks: CloudFormation, words: tuple[str, ...], code: int
) -> None:
    deployed(stacks, FURTHER, "lab", FURTHER)

    done = run("preflight", *words)

    assert done.code == code
    assert "lab in us-east-1 watches us-east-1 too, so both send each message" in last(done)


@pytest.mark.usefixtures("not_deployed")
def test_stacks_of_others_and_closed_regions_are_no_installations(run: Any, stacks: CloudFormation) -> None:
    deployed(stacks, HOME, "their-app", HOME)
    stacks.foreign.add((HOME, "their-app"))
    stacks.denied["us-west-1"] = f"explicit deny in a {CLOSED}"

    done = run("preflight")

    assert (done.code, last(done)) == (0, "✓ no other installation watches these regions")


@pytest.mark.usefixtures("not_deployed")
def test_a_region_that_is_throttled_hides_no_installation_in_another_one(
    run: Any, stacks: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    stacks.stacks["us-west-1", NAME] = []
    stacks.throttled.add("us-west-2")

    done = run("preflight")

    assert done.code == 2
    assert "✗ other installations in us-west-2 cannot be found: AWS asks for fewer requests (Throttling" in done.out
    assert f"✗ {NAME} is installed in us-west-1" in done.out


def test_a_region_that_cannot_be_searched_for_installations_is_named(run: Any, stacks: CloudFormation) -> None:
    stacks.denied["us-west-1"] = "not authorized to perform cloudformation:DescribeStacks"

    done = run("preflight")

    assert done.code == 0
    assert last(done).startswith("! other installations in us-west-1 cannot be found: your credentials may not do")


@pytest.fixture
def narrowed(stack: CloudFormation) -> CloudFormation:
    """A deployed notifier that watches one region more than the settings, and forwards its events."""
    stack.outputs["Settings"] = json.dumps({"home": HOME, "regions": [HOME, FURTHER, LEFT], "channels": {}})
    stack.stacks[LEFT, f"{NAME}-{LEFT}"] = []
    return stack


STAYS = (
    "the stack braket-notifier-us-west-2 stays in us-west-2, whose events are then kept as undelivered: "
    "`aws cloudformation delete-stack --region us-west-2 --stack-name braket-notifier-us-west-2`"
)


@pytest.mark.usefixtures("narrowed")
def test_preflight_names_what_is_open_in_a_region_that_is_no_longer_watched(
    run: Any, recorded: Recorded, a_task: Any
) -> None:
    for number in range(5):
        status = "COMPLETED" if number == 0 else "QUEUED"
        recorded(replace(a_task(status, number), arn=parse_arn(task_arn(number, LEFT))))
    recorded(a_task("QUEUED", 9))

    done = run("preflight")

    assert done.code == 0
    [line] = [line for line in done.out.splitlines() if line.startswith("! us-west-2")]
    assert line.startswith("! us-west-2 is not among `regions` any more; nobody is notified of the ends of 4 resources")
    assert (line.count(task_arn(9, LEFT)), line.count(f":{LEFT}:")) == (0, 3)
    assert line.endswith(f", …); {STAYS}")


@pytest.mark.usefixtures("narrowed")
def test_preflight_says_that_nothing_is_open_in_a_region_that_is_no_longer_watched(run: Any) -> None:
    [line] = [line for line in run("preflight").out.splitlines() if line.startswith("! us-west-2")]

    assert line == f"! us-west-2 is not among `regions` any more; nothing is open there; {STAYS}"


def test_doctor_names_the_stack_of_a_region_that_is_no_longer_watched(run: Any, narrowed: CloudFormation) -> None:
    """After the deployment, which deletes no stack."""
    narrowed.outputs["Settings"] = json.dumps({"home": HOME, "regions": [HOME, FURTHER], "channels": {}})

    assert f"! {STAYS}" in run("doctor").out.splitlines()
    assert f"! us-west-2 is not among `regions` any more; {STAYS}" in run("preflight").out.splitlines()


def rename(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("channels.mail", "channels.lab").replace('"mail"', '"lab"'))


@pytest.fixture
def group(stack: CloudFormation) -> Callable[..., None]:  # noqa: ARG001 - whose table it is
    """Save a group of the channel `mail` that is to be visited, or that has ended."""

    def save(key: str, *, waits: bool) -> None:
        now = datetime.now(UTC)
        groups = DynamoGroups(Table(boto3.client("dynamodb", HOME), "deliveries"))
        groups.save("mail", key, Group(), now=now, visit_at=now + timedelta(minutes=5) if waits else None)

    return save


def test_a_group_that_waits_for_a_renamed_channel_stops_the_deployment(
    run: Any, settings: Path, group: Callable[..., None]
) -> None:
    """Its records may be lost; the sweep would have sent it."""
    group("batch ghz-scan", waits=True)
    group("batch bell", waits=False)
    rename(settings)

    done = run("preflight")

    assert done.code == 2
    refusal = "✗ mail is no longer a channel, and its queue would be deleted with 1 group (batch ghz-scan)"
    assert any(line.startswith(refusal) for line in done.out.splitlines())
    assert run("preflight", "--drop").code == 0


@pytest.mark.parametrize("waits", [True, False])
def test_doctor_names_the_queue_of_a_channel_that_the_settings_lack(
    run: Any, settings: Path, group: Callable[..., None], *, waits: bool
) -> None:
    group("batch ghz-scan", waits=waits)
    rename(settings)  # so that the checks of the new channel end the command

    found = [line for line in run("doctor").out.splitlines() if "is not in the settings" in line]

    what, remedy = {
        True: ("1 group (batch ghz-scan)", f"deploy when nothing waits ({RENAME})"),
        False: ("nothing", "`braket-notifier deploy` removes its queue"),
    }[waits]
    assert found == [f"! {what} waits for mail, which is not in the settings: {remedy}"]
