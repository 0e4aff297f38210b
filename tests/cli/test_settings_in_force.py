"""`settings show`, `settings push`, `doctor` and `preflight` show the settings in force, and ask before a change."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.adapters.dynamodb.table import Table
from braket_notifier.cli.in_force.origin import lacks
from braket_notifier.routing.published import Published
from tests import canary
from tests.cli.cloudformation import CloudFormation
from tests.cli.conftest import BOOTSTRAP, FURTHER, HOME, TOKEN, Run
from tests.odd_server import odd_server

AsDeployed = Callable[..., None]
DEPLOYED = "deployed by anna on 2026-11-20 12:00 UTC from commit 1a2b3c4d5e6f"
IN_FORCE = "✓ in force: the settings of deployment"
ANNA = {"by": "anna", "commit": "1a2b3c4d5e6f"}


@pytest.fixture
def edit(settings: Path) -> Callable[[str, str], None]:
    def edit(before: str, after: str) -> None:
        assert before in settings.read_text()
        settings.write_text(settings.read_text().replace(before, after))

    return edit


@pytest.fixture
def pushed_over(run: Run, as_deployed: AsDeployed, settings: Path, edit: Callable[[str, str], None]) -> str:
    """The deployed file; one with another route was pushed over it."""
    deployed = settings.read_text()
    as_deployed(7, **ANNA)
    edit('"team-slack", "mail"', '"mail"')
    run("settings", "push", "--yes")
    return deployed


@pytest.fixture
def published(stack: CloudFormation) -> Callable[[], Published]:  # noqa: ARG001 - whose table it is
    return DynamoPublished(Table(boto3.client("dynamodb", HOME), "snapshots")).read


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The answers of an operator at a terminal; without any there is no terminal."""
    given: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: bool(given))
    monkeypatch.setattr("builtins.input", lambda question: (sys.stdout.write(f"{question}\n"), given.pop(0))[1])
    yield given
    assert given == []


def test_show_prints_who_deployed_what_is_in_force_when_and_from_which_commit(
    run: Run, as_deployed: AsDeployed
) -> None:
    as_deployed(7, **ANNA)

    assert run("settings", "show").out.splitlines() == [
        f"{IN_FORCE} 7, {DEPLOYED}",
        "✓ this settings file is in force",
        "✓ no channel is muted",
    ]


def test_show_prints_each_difference_of_the_file_and_who_can_make_it(
    run: Run, as_deployed: AsDeployed, edit: Callable[[str, str], None]
) -> None:
    as_deployed()
    edit('"team-slack", "mail"', '"mail"')
    edit('"ben@example.org"', '"eve@example.org"')

    shown = run("settings", "show").out.splitlines()

    both = "channels.mail.to, routes"
    assert shown[1] == f"! this settings file differs from them in {both}"
    assert f"{shown[1]}: `braket-notifier settings show` prints how" in run("doctor").out
    statuses = '"status": ["COMPLETED", "FAILED", "CANCELLED"]}'
    assert shown[3:] == [
        '  channels.mail.to: without "ben@example.org" (by `braket-notifier deploy`)',
        '  channels.mail.to: with "eve@example.org" (by `braket-notifier deploy`)',
        f'  routes: without {{"to": ["team-slack", "mail"], {statuses} (by `settings push`)',
        f'  routes: with {{"to": ["mail"], {statuses} (by `settings push`)',
    ]


def test_show_prints_who_pushed_and_every_mute_with_its_end(
    run: Run, as_deployed: AsDeployed, edit: Callable[[str, str], None]
) -> None:
    as_deployed(7, **ANNA)
    edit('"team-slack", "mail"', '"mail"')
    assert run("settings", "push", "--yes").code == 0
    run("mute", "mail", "4h")

    shown = run("settings", "show").out.splitlines()

    until = datetime.now(UTC) + timedelta(hours=4)
    assert shown[0].startswith("✓ in force: revision 2, pushed by ")
    assert shown[0].endswith(", over the settings of deployment 7")
    assert shown[1] == "✓ this settings file is in force"
    assert shown[2].startswith(f"• mail is muted until {until:%Y-%m-%d} ")
    assert shown[2].endswith("`braket-notifier unmute mail` ends it")


def test_show_and_doctor_list_each_reservation_in_force_that_is_not_over(
    run: Run, as_deployed: AsDeployed, settings: Path
) -> None:
    """Those of the deployed file, of which this file has one no more, and those of the command `reserve`."""
    arn, device = "arn:aws:braket:us-east-1:111122223333:reservation/", "arn:aws:braket:us-east-1::device/qpu/ionq/F"
    before = settings.read_text()
    for name, year in (("past", 2020), ("first", 2990), ("later", 2991)):
        with settings.open("a") as file:
            file.write(f'[[reservations]]\narn = "{arn}{name}"\nfrom = {year}-12-01T14:00:00Z\n')
            file.write(f"to = {year}-12-01T15:00:00Z\n")
    as_deployed(7, **ANNA)
    settings.write_text(before)
    assert run("reserve", device, "--from", "2990-06-01T14:00:00Z", "--to", "2990-06-01T15:00:00Z").code == 0

    shown = run("settings", "show")
    found = json.loads(run("settings", "show", "--json").out)

    listed = [
        f"• reserved: {device} from 2990-06-01 14:00 UTC to 2990-06-01 15:00 UTC",
        f"• reserved: {arn}first from 2990-12-01 14:00 UTC to 2990-12-01 15:00 UTC",
        f"• reserved: {arn}later from 2991-12-01 14:00 UTC to 2991-12-01 15:00 UTC",
    ]
    assert [line for line in shown.out.splitlines() if "reserved" in line] == listed
    assert [line for line in run("doctor").out.splitlines() if "reserved" in line] == listed
    assert [each["device"] for each in found["reservations"]] == [device, "", ""]
    assert [line[2:].split()[0] for line in listed] == ["reserved:"] * len(run("reserve").out.splitlines())


def test_a_push_prints_its_difference_and_publishes_only_what_is_confirmed(
    run: Run,
    as_deployed: AsDeployed,
    edit: Callable[[str, str], None],
    answers: list[str],
    published: Callable[[], Published],
) -> None:
    as_deployed(7, **ANNA)
    edit("[[routes]]", "[defaults]\ndigest_after = 7\n[[routes]]")
    answers += ["", "y"]

    refused = run("settings", "push")
    assert published() == Published()
    done = run("settings", "push")

    assert (refused.code, done.code) == (1, 0)
    assert refused.out.splitlines() == [
        f"✓ the settings in force were {DEPLOYED}",
        "  defaults.digest_after: 3 → 7",
        "Publish 1 change? [y/N] ",
    ]
    assert done.out.splitlines()[-1] == "✓ published as revision 1: followed within a minute"
    assert published().origin.by
    assert published().origin.at is not None
    assert run("settings", "push").out == "✓ nothing to publish, because these settings are in force\n"


def test_without_a_terminal_a_push_needs_yes(
    run: Run,
    as_deployed: AsDeployed,
    edit: Callable[[str, str], None],
    published: Callable[[], Published],
) -> None:
    as_deployed()
    edit('"team-slack", "mail"', '"mail"')

    assert "use --yes" in run("settings", "push").out
    assert published() == Published()


def test_doctor_shows_the_settings_in_force_and_a_mute(
    run: Run, as_deployed: AsDeployed, published: Callable[[], Published]
) -> None:
    as_deployed(7, **ANNA)
    run("mute", "mail", "4h")

    lines = run("doctor").out.splitlines()

    assert f"{IN_FORCE} 7, {DEPLOYED}" in lines
    assert [each for each in lines if each.startswith("• mail is muted until ")]
    assert published().muted_until.keys() == {"mail"}


def test_doctor_says_that_a_stack_of_an_earlier_version_does_not_show_its_settings(
    run: Run, as_deployed: AsDeployed, stack: CloudFormation
) -> None:
    as_deployed()
    stack.metadata.clear()

    assert (
        "! the stack braket-notifier does not show its settings yet: `braket-notifier deploy` updates it"
        in run("doctor").out
    )


@pytest.fixture
def account(stack: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 - before the rest
    """An account in which nothing else stops a deployment."""
    boto3.client("ssm", FURTHER).put_parameter(Name=BOOTSTRAP, Value="21", Type="String")
    boto3.client("ssm", HOME).put_parameter(Name=TOKEN, Value=canary.TOKEN, Type="SecureString")
    with odd_server() as server:
        server.body = b'{"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}'
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield


@pytest.mark.usefixtures("account")
class TestPreflight:
    """The difference that a deployment would make."""

    def test_the_same_settings_are_deployed_without_a_question(self, run: Run, as_deployed: AsDeployed) -> None:
        as_deployed(7, **ANNA)

        done = run("preflight")

        assert done.code == 0
        assert done.out.splitlines()[-2:] == [
            f"✓ the settings in force were {DEPLOYED}",
            "✓ this deployment changes no setting that is in force",
        ]

    def test_a_difference_is_printed_and_stops_unless_it_is_agreed_to(
        self, run: Run, as_deployed: AsDeployed, edit: Callable[[str, str], None], answers: list[str]
    ) -> None:
        as_deployed(7, **ANNA)
        edit('"ben@example.org"', '"eve@example.org"')

        unasked = run("preflight")
        agreed = run("preflight", "--yes")
        answers += ["n", "y"]
        no, yes = run("preflight"), run("preflight")

        assert [each.code for each in (unasked, agreed, no, yes)] == [2, 0, 2, 0]
        assert unasked.out.splitlines()[-3:] == [
            '! channels.mail.to: without "ben@example.org"',
            '! channels.mail.to: with "eve@example.org"',
            "✗ not agreed, so nothing is deployed (`--yes` agrees)",
        ]
        assert "This deployment makes 2 changes to the settings in force. Deploy? [y/N]" in no.out

    def test_pushed_settings_stay_if_the_file_is_the_deployed_one(
        self, run: Run, pushed_over: str, settings: Path
    ) -> None:
        settings.write_text(pushed_over)

        done = run("preflight")

        kept = [each for each in done.out.splitlines() if "stays in force, because this settings file is" in each]
        assert (done.code, len(kept)) == (0, 1)

    def test_pushed_settings_that_end_are_named_with_the_difference(
        self, run: Run, pushed_over: str, settings: Path
    ) -> None:
        settings.write_text(pushed_over.replace('"ben@example.org"', '"eve@example.org"'))

        done = run("preflight", "--yes")

        lines = done.out.splitlines()
        assert [each for each in lines if "ends with this deployment, and this settings file comes into force" in each]
        assert '! channels.mail.to: with "eve@example.org"' in lines
        assert [each for each in lines if each.startswith('! routes: with {"to": ["team-slack", "mail"]')]

    def test_pushed_settings_that_end_with_an_upgrade_are_named(
        self, run: Run, as_deployed: AsDeployed, stack: CloudFormation, settings: Path
    ) -> None:
        """The new version makes another policy document of the same file."""
        as_deployed(7, **ANNA)
        stack.outputs["Settings"] = stack.outputs["Settings"].replace('"digest": "', '"digest": "0')
        settings.write_text(settings.read_text().replace('"team-slack", "mail"', '"mail"'))
        run("settings", "push", "--yes")
        settings.write_text(settings.read_text().replace('to = ["mail"]', 'to = ["team-slack", "mail"]'))

        lines = run("preflight", "--yes").out.splitlines()

        assert [each for each in lines if "ends with this deployment" in each]

    def test_the_clone_that_lacks_the_deployed_commit_is_warned(
        self, run: Run, as_deployed: AsDeployed, clones: tuple[Path, Path]
    ) -> None:
        mine, others = clones
        as_deployed(7, by="ben", commit=head(others))

        warned = run("preflight")
        git(mine, "pull", "--quiet", str(others), "main")
        after = run("preflight")

        assert "which this clone does not have: pull it first, otherwise its changes are taken back" in warned.out
        assert "which this clone does not have" not in after.out


def test_a_deployment_records_the_caller_the_time_and_the_commit(
    run: Run, as_deployed: AsDeployed, clones: tuple[Path, Path]
) -> None:
    as_deployed()
    mine, _ = clones
    clean = run("settings", "origin").out
    [at] = re.findall('"at": "([^"]+)"', clean)
    (mine / "notifier.toml").write_text((mine / "notifier.toml").read_text() + "\n# changed\n")

    changed = run("settings", "origin").out

    assert f'"commit": "{head(mine)[:12]}"' in clean
    assert f'"commit": "{head(mine)[:12]}+"' in changed
    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(at) < timedelta(hours=1)
    assert '"by": ""' not in clean


def test_a_commit_that_is_no_commit_reaches_no_command(tmp_path: Path) -> None:
    assert not lacks(tmp_path, "--upload-pack=touch x")


def test_settings_that_are_in_no_clone_have_no_commit(run: Run, as_deployed: AsDeployed) -> None:
    as_deployed()

    assert '"commit": ""' in run("settings", "origin").out


@pytest.fixture
def clones(settings: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The clone with the settings file, and a colleague's with one more commit."""
    mine, others = settings.parent, tmp_path_factory.mktemp("others") / "clone"
    git(mine, "init", "--quiet", "--initial-branch=main")
    git(mine, "add", "notifier.toml")
    git(mine, "commit", "--quiet", "--message=first")
    git(mine, "clone", "--quiet", str(mine), str(others))
    git(others, "commit", "--quiet", "--allow-empty", "--message=second")
    return mine, others


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Anna", "-c", "user.email=anna@example.org")
    done = subprocess.run(["git", *who, "-C", str(folder), *words], check=True, capture_output=True, text=True)  # noqa: S603, S607 - git from PATH
    return done.stdout.strip()


def head(clone: Path) -> str:
    return git(clone, "rev-parse", "HEAD")
