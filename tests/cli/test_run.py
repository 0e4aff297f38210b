"""`run`: the notifier as one process against the emulator of Braket, and the other commands on its state."""

import json
import math
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from rich.console import Console

from braket_notifier.adapters.sqlite import state_file
from braket_notifier.adapters.sqlite.queues import SqliteQueues
from braket_notifier.adapters.sqlite.state_file import StateFile
from braket_notifier.cli import state
from braket_notifier.cli.arguments import VARIABLE
from braket_notifier.cli.main import main
from braket_notifier.cli.process import delivering, named, rounds, screen, watching
from braket_notifier.cli.process.channels import on_state
from braket_notifier.cli.process.document import COLLECTED_S
from braket_notifier.cli.process.screen import Screen, TerminalChannel
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.rendering.compose import message_of
from braket_notifier.rendering.formats.email import body
from braket_notifier.rendering.message import Message
from braket_notifier.routing import published
from braket_notifier.sending.fallback import unreachable
from braket_notifier.sending.health import Health
from local.braket.emulator import Braket, Clock, CreateRequest, Script
from local.braket.serving import Response, serving
from local.canary import CANARY
from local.inbox.inbox import Inbox
from tests.cli.conftest import FURTHER, HOME, NAME, Done
from tests.conftest import AS_OTHERS, GARNET, task_arn
from tests.local.braket_world import FORTE, OPENQASM, BraketWorld, client_of
from tests.odd_server import odd_server

if TYPE_CHECKING:
    from tests.cli.cloudformation import CloudFormation

ROOT = Path(__file__).parents[2]
Says = Callable[[str], bool]
FAILS = Script(steps=((0.0, "QUEUED"), (50.0, "FAILED")), failure_reason="Qubit 17 is offline")
EARLY = Script(steps=((0.0, "QUEUED"), (1.0, "FAILED")), late=timedelta(hours=1), aged=timedelta(hours=2))
ENDED = Script(steps=((0.0, "QUEUED"), (1.0, "FAILED")), late=timedelta(minutes=1), aged=timedelta(minutes=2))
WAITS = Script(steps=((0.0, "QUEUED"), (50.0, "RUNNING"), (5.0, "COMPLETED")))
OLD = Script(steps=((50.0, "RUNNING"),), aged=timedelta(days=4))
SCRIPTS = {"old": OLD, "fails": FAILS, "early": EARLY, "ended": ENDED}


class OwnAccount(NamedTuple):
    """Braket, and the commands that work on one state file."""

    braket: Braket
    run: Callable[..., Done]
    on_state: Callable[..., Done]
    submit: Callable[..., str]
    state: Path
    #: Each process that a test began, and how to end it.
    begun: list[tuple[threading.Thread, Callable[[], None]]]


@pytest.fixture
def account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[OwnAccount]:
    """Credentials that read Braket and nothing else, in a folder without settings."""
    for name, value in {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "COLUMNS": "300"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.path", [*os.sys.path])  # type: ignore[attr-defined]

    def choose(request: CreateRequest) -> Script:
        return SCRIPTS.get(request.name.partition("-")[0], WAITS)

    state, begun = tmp_path / "state.sqlite", list[tuple[threading.Thread, Callable[[], None]]]()

    def command(*words: str) -> Done:
        monkeypatch.delenv(VARIABLE, raising=False)
        if (own := tmp_path / "notifier.toml").exists():
            monkeypatch.setenv(VARIABLE, str(own))
        code = main(words)
        return Done(code, *capsys.readouterr())

    with Braket(clock=Clock(held=True), choose=choose) as braket:
        monkeypatch.setenv("AWS_ENDPOINT_URL", braket.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        clients: dict[str, Any] = {
            region: boto3.client("braket", region, endpoint_url=braket.url) for region in (HOME, FURTHER)
        }

        def submit(name: str, region: str = HOME, device: str = GARNET, **tags: str) -> str:
            created = clients[region].create_quantum_task(
                action=OPENQASM,
                deviceArn=device,
                shots=100,
                outputS3Bucket="results",
                outputS3KeyPrefix=name,
                tags={"Name": name, **tags},
            )
            braket.clock.push(1)
            return str(created["quantumTaskArn"])

        yield OwnAccount(
            braket,
            lambda *words: command("run", "--once", "--state", str(state), *words),
            lambda name, *words: command(name, "--state", str(state), *words),
            submit,
            state,
            begun,
        )
        for thread, end in begun:
            if thread.is_alive():  # otherwise it would write into the output of later tests
                end()
                thread.join(60)
        for client in clients.values():
            client.close()


@pytest.fixture
def shown() -> list[str]:
    """The parts of the output that `says` has read."""
    return []


@pytest.fixture
def says(shown: list[str], capsys: pytest.CaptureFixture[str]) -> Says:
    """Whether a running command has printed a text so far."""

    def says(text: str) -> bool:
        shown.append(capsys.readouterr().out)
        return text in "".join(shown)

    return says


def test_an_end_after_the_first_round_is_shown_once_with_its_reason_and_what_ended_before_is_not(
    account: OwnAccount,
) -> None:
    account.submit("early")
    account.braket.clock.push(100)
    account.submit("fails-later")

    first = account.run()
    account.braket.clock.push(100)
    second, third = account.run(), account.run()

    assert (first.code, second.code, third.code) == (0, 0, 0), first.err + second.err
    assert "first round: 1 open; what has ended already is not announced" in first.out
    assert "❌ fails-later FAILED · IQM Garnet · Qubit 17 is offline" in second.out
    assert "Braket says:\n    > Qubit 17 is offline" in second.out
    assert "fails-later" not in first.out + third.out
    assert "early" not in first.out + second.out


def test_the_first_round_counts_no_end_as_open(account: OwnAccount) -> None:
    """It records what ended a moment ago too, so that no later round announces it."""
    account.submit("ended")
    account.braket.clock.push(10)
    account.submit("waits")

    first, second = account.run("--regions", HOME), account.run("--regions", HOME)

    assert "first round: 1 open; what has ended already is not announced" in first.out
    assert "ended" in account.on_state("list", "--ended", "2h").out
    assert "FAILED" not in first.out + second.out


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("--tag", "owner=anna"), {"hers"}),
        (("--tag", "owner=*"), {"hers", "his"}),
        (("--regions", FURTHER), {"far"}),
        (("ARN",), {"his"}),
    ],
)
def test_only_what_was_asked_for_is_watched(account: OwnAccount, words: tuple[str, ...], shown: set[str]) -> None:
    account.submit("hers", owner="anna")
    arn = account.submit("his", owner="ben")
    account.submit("far", region=FURTHER, device=FORTE)
    given = [arn if word == "ARN" else word for word in words]

    account.run(*given)
    account.braket.clock.push(1000)
    found = account.run(*given)

    assert {name for name in ("hers", "his", "far") if f"{name} done" in found.out} == shown


@pytest.mark.parametrize(("words", "both"), [((), True), (("--tag", "owner=anna"), False)])
@pytest.mark.parametrize("tags", [{"owner": "anna"}, {}])
def test_the_arn_of_a_hybrid_job_includes_its_tasks_with_the_tag_whatever_its_own(
    account: OwnAccount, words: tuple[str, ...], both: bool, tags: dict[str, str]
) -> None:
    with closing(client_of(account.braket, FURTHER)) as client:
        world = BraketWorld(account.braket, client, [])
        job = world.job(tags=tags)
        own = [world.task(jobToken=account.braket.job_token(job), tags={"owner": each}) for each in ("anna", "ben")]
        other = world.task(tags={"owner": "anna"})
    account.run(job, *words)

    listed = account.on_state("list", "--arn").out

    assert [arn in listed for arn in (job, *own, other)] == [True, True, both, False]


def test_an_end_in_a_region_that_a_run_for_one_arn_left_out_is_announced_by_the_next_run(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, regions = account.submit("near"), ("--regions", f"{HOME},{FURTHER}")
    account.submit("far", region=FURTHER, device=FORTE)
    account.run(*regions)

    account.braket.clock.push(1000)
    alone = account.run(named)
    later(monkeypatch, 2000)
    after = account.run(*regions)

    assert ("near done" in alone.out, "far done" in alone.out) == (True, False)
    assert "far done" in after.out


@pytest.mark.parametrize("words", [("ARN",), ("--tag", "owner=anna")])
def test_a_limited_run_announces_nothing_else_and_the_next_one_announces_the_rest_once(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    named = account.submit("named", owner="anna")
    account.submit("open-before", owner="ben")
    account.run("--regions", HOME)
    given = [named if word == "ARN" else word for word in words]
    account.run("--regions", HOME, *given)
    account.submit("begun-meanwhile", owner="ben")
    account.braket.clock.push(1000)

    later(monkeypatch, 2 * 3600)
    limited = account.run("--regions", HOME, *given)
    later(monkeypatch, 4 * 3600)
    full, again = account.run("--regions", HOME), account.run("--regions", HOME)

    announced = [
        {name for name in ("named", "open-before", "begun-meanwhile") if f"{name} done" in each.out}
        for each in (limited, full, again)
    ]
    assert announced == [{"named"}, {"open-before", "begun-meanwhile"}, set()]


def test_a_run_of_another_region_leaves_what_a_limited_run_left_out_to_the_next_full_one(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = account.submit("named")
    account.run("--regions", f"{HOME},{FURTHER}")
    account.submit("begun-meanwhile")
    account.braket.clock.push(1000)
    later(monkeypatch, 8 * 3600)
    account.run("--regions", HOME, named)
    account.run("--regions", FURTHER)

    later(monkeypatch, 9 * 3600)
    account.run("--regions", f"{HOME},{FURTHER}")

    assert "begun-meanwhile" in account.on_state("list", "--ended", "2d").out


def test_a_task_of_another_named_job_that_ended_meanwhile_is_listed(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(client_of(account.braket, FURTHER)) as client:
        world = BraketWorld(account.braket, client, [])
        first, second = world.job(jobName="first"), world.job(jobName="second")
        account.run(first)
        task = world.task(jobToken=account.braket.job_token(second))
    account.braket.clock.push(1000)
    later(monkeypatch, 8 * 3600)
    account.run(first)

    account.run(second)

    assert task in account.on_state("list", "--arn", "--ended", "2d").out


def test_the_other_commands_work_on_its_state(account: OwnAccount) -> None:
    open_one = account.submit("open-one")
    account.run()
    listed = account.on_state("list")
    muted = account.on_state("mute", "terminal", "2h")
    times = ("--from", "2990-12-01T14:00:00Z", "--to", "2990-12-01T15:00:00Z")
    account.on_state("reserve", GARNET, *times)
    account.braket.clock.push(1000)
    held, seen = account.run(), account.on_state("settings", "show")
    account.on_state("unmute", "terminal")
    explained = account.on_state("explain", open_one)
    past = account.on_state("history", open_one)

    assert "open-one" in listed.out
    assert "✓ terminal is muted until" in muted.out
    assert "open-one done" not in held.out
    assert seen.out.startswith("✓ in force: the settings of the last `braket-notifier run`\n• terminal is muted until ")
    assert f": `braket-notifier unmute terminal --state {account.state}` ends it\n• reserved: {GARNET} from" in seen.out
    assert "✓ terminal, aloud: matched by default route 1" in explained.out
    assert "COMPLETED (seen by the sweep)" in past.out
    assert account.on_state("redrive").out == "nothing can be sent again\n"
    assert account.on_state("reserve").out.startswith(f"{GARNET} from 2990-12-01 ")


#: AWS's answer about the credentials.
CALLER = b"""<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/anna</Arn>
<Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


def test_a_test_message_that_no_run_sends_names_the_run_that_would(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.run()
    with serving(lambda _: Response(CALLER)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        unsent = account.on_state("test", "--timeout", "0.1")
    sent = account.run()

    assert f"`braket-notifier run --state {account.state}` must be running, and says why" in unsent.out
    assert "TEST of terminal" in sent.out


def test_a_state_file_that_no_run_began_is_an_error(account: OwnAccount) -> None:
    missing = account.on_state("list")
    StateFile(account.state).close()
    empty = account.on_state("list")

    assert (missing.code, empty.code) == (2, 2)
    assert f"there is no state file {account.state}: `braket-notifier run` begins one" in missing.err
    assert f"no notifier has run on {account.state}" in empty.err


def test_a_second_process_on_the_file_is_refused(account: OwnAccount) -> None:
    file = StateFile(account.state)
    held = file.hold()

    refused = account.run()
    held.end()
    file.close()

    assert refused.code == 2
    assert "is in use by process" in refused.err


def test_a_region_that_may_not_be_read_is_named_and_the_others_go_on(account: OwnAccount) -> None:
    account.submit("near")
    account.run()
    account.braket.clock.push(1000)
    account.braket.fail("SearchQuantumTasks", "AccessDeniedException", times=1)

    found = account.run("--regions", f"{HOME},{FURTHER}")

    assert found.code == 1
    assert "your credentials may not do SearchQuantumTasks (AccessDeniedException)" in found.out


def test_regions_that_cannot_be_reached_share_one_line_as_it_begins_and_as_it_ends(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = f"{FURTHER}, {HOME}"

    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        found = account.run("--regions", f"{FURTHER},{HOME}")
    screen = Screen("UTC", plain=True)
    for troubles in ({FURTHER: f"no {FURTHER}", HOME: f"no {HOME}"}, {HOME: f"no {HOME}"}, {HOME: f"no {HOME}"}, {}):
        screen.troubles(troubles)
    lines = [line[7:] for line in capsys.readouterr().out.splitlines()]

    assert found.code == 1
    assert found.out.count("AWS cannot be reached") == 1
    assert f"{regions}: AWS cannot be reached" in found.out
    assert lines == [
        f"{regions}: no {FURTHER}; tried again in the next round",
        f"{FURTHER} works again",
        f"{HOME} works again",
    ]


def test_quantum_tasks_are_watched_although_hybrid_jobs_may_not_be_listed(account: OwnAccount) -> None:
    account.braket.fail("SearchJobs", "AccessDeniedException", times=100)
    account.submit("near")
    account.run("--regions", HOME)
    account.braket.clock.push(1000)

    found = account.run("--regions", HOME)

    assert f"hybrid jobs of {HOME}: your credentials may not do SearchJobs" in found.out
    assert "near done" in found.out


def test_a_hybrid_job_that_was_open_while_jobs_could_not_be_listed_is_found_once_they_can(account: OwnAccount) -> None:
    with closing(client_of(account.braket, FURTHER)) as client:
        job = BraketWorld(account.braket, client, []).job(jobName="old")
    account.braket.fail("SearchJobs", "AccessDeniedException", times=math.inf)
    account.run("--regions", FURTHER)
    account.braket.recover()

    account.run("--regions", FURTHER)

    assert job in account.on_state("list", "--arn").out


def test_credentials_of_another_account_are_refused_because_its_tasks_would_seem_gone(account: OwnAccount) -> None:
    account.submit("near")
    account.run()
    with Braket(clock=Clock(held=True), account="999999999999") as other:
        client: Any = boto3.client("braket", HOME, endpoint_url=other.url)
        client.create_quantum_task(
            action=OPENQASM, deviceArn=GARNET, shots=1, outputS3Bucket="bucket", outputS3KeyPrefix="key"
        )
        client.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", other.url)
            refused = account.run()

    assert refused.code == 2
    assert "your credentials are of account 999999999999: name another file by --state" in refused.err


def test_credentials_of_another_account_that_list_nothing_are_refused_before_anything_is_read_or_written(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.submit("near")
    account.run()
    before, calls = content(account.state), dict(account.braket.calls)
    with identity("999999999999") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        refused = account.run("--regions", HOME)

    accounts = "belongs to account 000000000000, and your credentials are of account 999999999999"
    assert refused == (2, "", f"braket-notifier: {account.state} {accounts}: name another file by --state\n")
    assert (content(account.state), dict(account.braket.calls)) == (before, calls)


def test_a_first_login_without_tasks_leaves_the_state_file_to_the_account_of_the_first_task(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    with identity("999999999999") as url, monkeypatch.context() as login:
        login.setenv("AWS_ENDPOINT_URL_STS", url)
        assert account.run("--regions", HOME).code == 0
    account.submit("near")

    assert account.run("--regions", HOME).code == 0
    assert "999999999999" not in "".join(content(account.state))


def test_the_identity_of_credentials_is_asked_once_and_for_a_few_seconds(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.submit("near")
    account.run()
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    with odd_server() as sts, closing(state.StateInstallation(account.state, None)) as place:
        sts.status = 503
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        place.check_credentials(HOME)
        limits = place.client("sts", HOME).meta.config

    assert len(sts.taken) == 1
    assert limits.connect_timeout + limits.read_timeout <= 6


def test_a_login_to_another_account_while_it_runs_ends_the_command(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, says: Says, capsys: pytest.CaptureFixture[str]
) -> None:
    account.submit("waits")
    thread, codes = in_background(account, monkeypatch)
    until(lambda: says("first round: 1 open"))
    with identity("999999999999") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        account.braket.fail("SearchQuantumTasks", "AccessDeniedException", times=1)
        thread.join(60)

    assert codes == [2]
    assert "your credentials are of account 999999999999: name another file by --state" in capsys.readouterr().err


def content(state: Path) -> list[str]:
    with closing(sqlite3.connect(state)) as database:
        return [*database.iterdump()]


@contextmanager
def identity(account: str) -> Iterator[str]:
    """The answer of STS for the credentials of an account."""
    with odd_server() as sts:
        result = f"<GetCallerIdentityResult><Account>{account}</Account></GetCallerIdentityResult>"
        sts.body = f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>".encode()
        yield sts.url


#: Settings of a deployed notifier with a name of its own.
OF_LAB = """name = "lab"
home = "us-east-1"
regions = ["us-east-1"]
[channels.hook]
type = "slack"
webhook = "ssm:/hook"
"""


@pytest.mark.parametrize(
    ("settings", "words", "name"),
    [
        ("", [], NAME),
        ("", ["--name", "lab"], "lab"),
        (OF_LAB, [], "lab"),
    ],
)
def test_a_deployed_notifier_of_the_account_is_named_and_nothing_is_sent_without_a_yes(
    account: OwnAccount,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    settings: str,
    words: list[str],
    name: str,
) -> None:
    if settings:
        (tmp_path / "notifier.toml").write_text(settings)
    stacks: CloudFormation = request.getfixturevalue("stacks")
    stacks.stacks["us-east-1", name] = [("AWS::SQS::Queue", "Queue1", "url")]
    monkeypatch.setenv("AWS_ENDPOINT_URL_BRAKET", account.braket.url)

    asked, sent = account.run(*words), account.run(*words, "--yes")

    assert f"{name} is deployed in us-east-1 of this account" in asked.out
    assert "first round" not in asked.out
    assert "first round" in sent.out


def test_without_credentials_nothing_begins(
    account: OwnAccount,
    no_credentials: None,  # noqa: ARG001 - as its name says
) -> None:
    found = account.run()

    assert (found.code, account.state.exists()) == (2, False)
    assert "there are no AWS credentials" in found.err


@pytest.mark.parametrize("words", [("--tag", "owner"), ("--secret", "smpt=env:HOME"), ("--smtp", "http://mail")])
def test_a_wrong_word_is_named_although_there_are_no_credentials(
    account: OwnAccount,
    words: tuple[str, ...],
    no_credentials: None,  # noqa: ARG001 - as its name says
) -> None:
    found = account.run(*words)

    assert found.code == 2
    assert found.err.startswith(f"braket-notifier: {words[0]}"), found.err


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with Inbox() as inbox:
        monkeypatch.setenv("SLACK_ENDPOINT_URL", inbox.url)
        monkeypatch.setenv("HOOK", inbox.webhook_url)
        yield inbox


def test_slack_gets_the_same_message(account: OwnAccount, webhook: Inbox) -> None:
    account.submit("fails-later")
    account.run("--slack", "env:HOOK")
    account.braket.clock.push(100)

    found = account.run("--slack", "env:HOOK")

    assert "❌ fails-later FAILED · IQM Garnet · Qubit 17 is offline" in found.out
    assert [post.text for post in webhook.posts] == ["❌ fails-later FAILED · IQM Garnet · Qubit 17 is offline"]
    assert CANARY not in found.out + found.err
    assert CANARY.encode() not in account.state.read_bytes()


#: Reasons for which a channel is down, each with another remedy, and what its fallback names.
REMEDIES = {
    "token_revoked": "New token: put it where `run` reads it",
    "no_service": "New webhook: put it where `run` reads it",
    "is_archived": "then braket-notifier settings wake --state '/my state' tries it at once",
    "not_in_channel": "then braket-notifier settings wake --state '/my state' tries it at once",
    "other": "then braket-notifier settings wake --state '/my state' tries it at once",
}


@pytest.mark.parametrize("reason", REMEDIES)
def test_the_remedy_of_a_channel_that_is_down_works_on_the_state_file(
    reason: str, a_notification: Callable[[], Notification], noon: datetime, policy: Policy
) -> None:
    down = Health(down_since=noon, reason=reason, cause="mendable")
    announced = unreachable(a_notification(), "mail", down, noon, noon, HOME)

    message = on_state(message_of(announced, policy, "mail"), "--state '/my state'")

    assert REMEDIES[reason] in " ".join(body(message, may_repeat=False).split())


def test_the_command_of_a_digest_works_on_the_state_file() -> None:
    message = Message("✅", "", "", (), command="braket-notifier list --batch ghz --links")

    assert on_state(message, "--state s").command == "braket-notifier list --state s --batch ghz --links"


def test_in_a_flood_the_terminal_is_silent_for_seconds_only(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        account.submit(f"flood-{number}")
    account.run("--regions", HOME)
    account.braket.clock.push(1000)

    first = account.run("--regions", HOME)
    later(monkeypatch, COLLECTED_S + 1)
    rest = account.run("--regions", HOME)

    shown = len(re.findall(r"✅ flood-\d+ done", first.out))
    assert 3 <= shown < 10
    assert f"{40 - shown} ended — {40 - shown} ok" in rest.out


def test_what_ended_while_the_machine_slept_comes_as_one_message(
    account: OwnAccount, webhook: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten hours asleep, with the credentials and the network back at once."""
    for number in range(12):
        account.submit(f"asleep-{number}")
    account.run("--regions", HOME, "--slack", "env:HOOK")
    account.braket.clock.push(1000)

    shown = ""
    for minutes in (0, 2, 4, 30):
        later(monkeypatch, (timedelta(hours=10, minutes=minutes)).total_seconds())
        shown += account.run("--regions", HOME, "--slack", "env:HOOK").out

    assert [post.text for post in webhook.posts] == ["✅ While I was away: 12 ended — 12 ok"]
    assert shown.count("While I was away: 12 ended") == 1
    assert "done" not in shown


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[float]:
    """Set the clocks of the process ahead; answers by how much, to be changed while it lives."""
    ahead = [seconds]
    for module in (named, watching, delivering):
        monkeypatch.setattr(module, "now", lambda: datetime.now(UTC) + timedelta(seconds=ahead[0]))
    monkeypatch.setattr(state, "SqliteQueues", partial(SqliteQueues, clock=lambda: time.time() + ahead[0]))
    return ahead


def test_a_process_without_a_network_for_ten_hours_says_so_once_and_sends_what_it_missed_in_one_message(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, shown: list[str], says: Says
) -> None:
    ahead = later(monkeypatch, 0)
    for number in range(5):
        account.submit(f"missed-{number}")
    thread, codes = in_background(account, monkeypatch)
    until(lambda: says("first round: 5 open"))
    for operation in ("SearchQuantumTasks", "SearchJobs", "GetQuantumTask"):
        account.braket.fail(operation, "InternalServiceException", times=10_000)
    until(lambda: says("AWS has a temporary error"))
    account.braket.clock.push(1000)
    ahead[0] = timedelta(hours=10).total_seconds()
    account.braket.recover()
    until(lambda: says("work again") or says("works again"))
    until(lambda: waiting(account, "terminal") == 5)

    def is_shown() -> bool:
        ahead[0] += 1  # twenty seconds in each one, because what was received after a single leap would wait for long
        return says("While I was away: 5 ended")

    until(is_shown)
    signal.raise_signal(signal.SIGINT)
    thread.join(60)

    assert codes == [0]
    assert "".join(shown).count("temporary error") == 1
    assert "missed-0 done" not in "".join(shown)


def test_a_channel_that_is_down_is_named_and_keeps_what_waits(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", f"https://127.0.0.1:9/services/T0/B0/{CANARY}")
    monkeypatch.setenv("SLACK_ENDPOINT_URL", "https://127.0.0.1:9")
    account.submit("fails-later")
    account.run("--slack", "env:HOOK")
    account.braket.clock.push(100)

    found = account.run("--slack", "env:HOOK")

    assert found.code == 1
    assert "slack is down (a refused connection); what waits is sent once it accepts again" in found.out
    assert waiting(account, "slack") == 1


def waiting(account: OwnAccount, queue: str) -> int:
    """The number of records in a queue."""
    file = StateFile(account.state)
    try:
        return len(file.read("SELECT 1 FROM record WHERE queue = ?", (queue,)))
    finally:
        file.close()


#: Settings of a deployed notifier, with a channel for machines, and a handler.
SETTINGS = f"""
home = "{HOME}"
regions = ["{HOME}", "{FURTHER}"]
[channels.machines]
type = "topic"
[channels.mail]
type = "email"
to = ["anna@example.com"]
[channels.direct]
type = "slack"
to = "owner"
[channels.append]
type = "handler"
[[people]]
name = "Anna"
slack = "U01ABCDEF"
owns = ["tag:owner=anna"]
[[routes]]
to = ["machines", "append"]
status = ["FAILED"]
"""
HANDLER = "from pathlib import Path\ndef handle(transition):\n    Path({path!r}).write_text(transition.status)\n"


@pytest.mark.usefixtures("unread_handlers")
def test_a_settings_file_is_followed_and_channels_that_need_more_are_named(account: OwnAccount, tmp_path: Path) -> None:
    (tmp_path / "notifier.toml").write_text(SETTINGS)
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    (tmp_path / "custom" / "append.py").write_text(HANDLER.format(path=str(tmp_path / "appended")))
    account.submit("fails-later")
    account.submit("waits")
    first = account.run()
    account.braket.clock.push(1000)

    found = account.run()

    assert "machines is left out: it needs a deployment\nmail is left out: it needs --smtp\n" in first.err
    assert "direct is left out: it writes to owners, which needs a deployment\n" in first.err
    assert f"watching {HOME}, {FURTHER}; sends to append too" in first.out
    assert (tmp_path / "appended").read_text() == "FAILED"
    assert "fails-later FAILED" in found.out
    assert "waits done" not in found.out  # no route of the file wants it


def test_quiet_hours_that_a_new_settings_file_ends_hold_nothing_any_more(
    account: OwnAccount, tmp_path: Path, webhook: Inbox
) -> None:
    slack = '[channels.slack]\ntype = "slack"\nwebhook = "ssm:/hook"\n'
    file, plain = tmp_path / "notifier.toml", f'home = "{HOME}"\nregions = ["{HOME}"]\n{slack}'
    begins, ends = (f"{datetime.now(UTC) + timedelta(hours=each):%H:%M}" for each in (-2, 2))
    file.write_text(f'{plain}[quiet.slack]\nfrom = "{begins}"\nto = "{ends}"\n')
    account.submit("held")
    account.run("--secret", "slack=env:HOOK")
    account.braket.clock.push(1000)
    account.run("--secret", "slack=env:HOOK")
    held = [*webhook.posts]

    file.write_text(plain)
    account.run("--secret", "slack=env:HOOK")

    assert not held
    assert ["held done" in post.text for post in webhook.posts] == [True]


def test_a_settings_file_that_is_missing_or_unfinished_is_an_error_because_its_channels_would_get_nothing(
    account: OwnAccount, tmp_path: Path
) -> None:
    file = tmp_path / "notifier.toml"
    missing = account.run("--settings", str(file))
    file.write_text(SETTINGS.replace("anna@example.com", "your-group@example.org"))
    unfinished = account.run()

    assert (missing.code, unfinished.code) == (2, 2)
    assert f"there is no settings file {file}" in missing.err
    assert f'{file}: channels.mail.to: "your-group@example.org" is still the template\'s example' in unfinished.err


def test_what_waits_for_a_channel_that_was_renamed_is_named_and_sent_once_its_name_is_back(
    account: OwnAccount, tmp_path: Path, webhook: Inbox
) -> None:
    file, head = tmp_path / "notifier.toml", f'home = "{HOME}"\nregions = ["{HOME}"]\n'
    slack = head + '[channels.{0}]\ntype = "slack"\nwebhook = "ssm:/hook"\n[quiet.{0}]\nfrom = "{1}"\nto = "{2}"\n'
    quiet = [f"{datetime.now(UTC) + timedelta(hours=each):%H:%M}" for each in (-2, 2, 4)]
    file.write_text(slack.format("before", quiet[0], quiet[1]))
    account.submit("waits")
    account.run("--secret", "before=env:HOOK")
    account.braket.clock.push(1000)
    account.run("--secret", "before=env:HOOK")

    file.write_text(slack.format("after", quiet[1], quiet[2]))
    renamed = account.run("--secret", "after=env:HOOK")
    file.write_text(slack.format("before", quiet[1], quiet[2]))
    account.run("--secret", "before=env:HOOK")

    assert "1 record left for before, which is no channel any more" in renamed.err
    assert [post.text.partition(" · ")[0] for post in webhook.posts] == ["✅ waits done"]


class Full(StringIO):
    """An output on a full disk."""

    def write(self, _: str) -> int:
        raise OSError(ENOSPC, "No space left on device")


def test_channels_are_notified_although_the_output_is_on_a_full_disk(
    account: OwnAccount, webhook: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "console", lambda: Console(file=Full()))
    account.submit("waits")
    account.run("--regions", HOME, "--slack", "env:HOOK")
    account.braket.clock.push(1000)

    found = account.run("--regions", HOME, "--slack", "env:HOOK")

    assert found.code == 1
    assert ["waits done" in post.text for post in webhook.posts] == [True]


REFUSES = (
    "from braket_notifier.handlers import RefusedError\ndef handle(transition):\n    raise RefusedError('no room')\n"
)


@pytest.mark.usefixtures("unread_handlers")
def test_a_notification_that_is_refused_for_good_names_the_command_that_sends_it_again(
    account: OwnAccount, tmp_path: Path
) -> None:
    (tmp_path / "notifier.toml").write_text(SETTINGS)
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    (tmp_path / "custom" / "append.py").write_text(REFUSES)
    account.submit("fails-later")
    account.run()
    account.braket.clock.push(1000)

    found = account.run()

    redrive = f"`braket-notifier redrive --state {account.state}` sends it again"
    assert f"append refused a notification for good: no room; {redrive}" in found.out
    assert "append: FAILED of" in account.on_state("redrive").out


def test_a_full_disk_is_named_with_the_state_file(account: OwnAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, patience_s: float) -> sqlite3.Connection:
        database = connect(path, patience_s)
        database.execute("PRAGMA max_page_count = 1")  # SQLite takes the size of the file for it
        return database

    connect = state_file._connect  # noqa: SLF001 - where the disk is
    account.run("--regions", HOME)
    for number in range(30):
        account.submit(f"waits-{number}")
    monkeypatch.setattr(state_file, "_connect", full)

    found = account.run("--regions", HOME)

    assert found.code == 1
    assert (
        f"{HOME}: {account.state} cannot be used: database or disk is full (--state names another file); tried again"
        in found.out
    )


#: Each way to lose the state file of a running notifier, and the reason in the sentence that ends the command.
LOSSES: dict[str, tuple[Callable[[Path], object], str]] = {
    "junk": (
        lambda path: path.write_text("no database " * 2000),
        "is damaged or no state file (file is not a database)",
    ),
    "emptied": (lambda path: path.write_text(""), "is damaged or no state file (no such table: "),
    "removed": (lambda path: path.unlink(), "was moved or removed: put it back"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_state_file_that_is_lost_while_it_runs_ends_the_command_in_order_with_one_sentence(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, says: Says, capsys: pytest.CaptureFixture[str], loss: str
) -> None:
    lose, why = LOSSES[loss]
    monkeypatch.setattr(published, "LOOK_EVERY_S", 0)  # otherwise the round finds it behind the settings
    monkeypatch.setattr(delivering, "LOOK_EVERY_S", 60)
    thread, codes = in_background(account, monkeypatch)
    until(lambda: says("first round: 0 open"))
    lose(account.state)
    thread.join(60)
    out, err = capsys.readouterr()

    assert codes == [2]
    assert err.startswith(f"braket-notifier: {account.state} {why}")
    assert (out, err.count("\n")) == ("", 1)
    assert "terminal" not in {each.name for each in threading.enumerate()}


def test_a_state_file_that_is_lost_while_a_message_is_sent_ends_the_command_with_one_sentence(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, says: Says, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its queues stay, so that the record could be tried again."""

    def send(*_: object, **__: object) -> str:
        with closing(sqlite3.connect(account.state)) as other:
            other.execute("DROP TABLE item")
        return ""

    monkeypatch.setattr(TerminalChannel, "send", send)
    account.submit("fails-later")
    thread, codes = in_background(account, monkeypatch)
    until(lambda: says("first round: 1 open"))
    account.braket.clock.push(1000)
    thread.join(60)
    out, err = capsys.readouterr()

    assert (codes, out, err.count("\n")) == ([2], "", 1)
    assert "(no such table: item): move it away" in err


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        ("run --once", (0o555, 0o400)),
        ("list", (0o700, 0o400)),
        (f"history {task_arn()}", (0o000, 0o600)),
        ("mute terminal 2h", (0o555, 0o600)),
    ],
)
def test_a_state_file_that_may_not_be_written_is_one_sentence_with_the_option_for_another(
    account: OwnAccount, tmp_path: Path, words: str, mode: tuple[int, int]
) -> None:
    folder, file = tmp_path / "of somebody", tmp_path / "of somebody" / "state.sqlite"
    account.run("--regions", HOME)
    folder.mkdir()
    account.state.rename(file)
    file.chmod(mode[1])
    folder.chmod(mode[0])
    command = [*AS_OTHERS, sys.executable, "-P", "-m", "braket_notifier.cli", *words.split(), "--state", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    folder.chmod(0o700)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"braket-notifier: {file} cannot be used: ")
    assert done.stderr.endswith("--state names another file)\n")


def test_a_state_file_that_is_locked_for_some_rounds_is_named_and_the_command_goes_on(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, says: Says
) -> None:
    rounds_begun = list[float]()

    def begin(clock: rounds.RoundClock) -> float:
        rounds_begun.append(begins(clock))
        return rounds_begun[-1]

    begins = rounds.RoundClock.begin
    monkeypatch.setattr(rounds.RoundClock, "begin", begin)
    monkeypatch.setattr(state_file, "PATIENCE_S", 0.05)
    thread, codes = in_background(account, monkeypatch, account.submit("waits"))
    until(lambda: says("first round: 1 open"))
    with (
        identity("000000000000") as url,
        closing(sqlite3.connect(account.state, isolation_level=None)) as other,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        other.execute("BEGIN EXCLUSIVE")
        until(lambda: says("state file: "))
        count = len(rounds_begun)
        until(lambda: len(rounds_begun) > count + 1 or not thread.is_alive())
    until(lambda: says("works again") or not thread.is_alive())
    account.braket.clock.push(1000)
    thread.join(60)

    assert codes == [0]
    assert says("waits done")


#: Ends the command once the terminal has shown the message, and goes on.
HANGS = """import os, signal, time
from pathlib import Path
def handle(transition):
    wait_for("shown")
    os.kill(os.getpid(), signal.SIGTERM)
    wait_for("release")
def wait_for(name):
    until = time.monotonic() + 60
    while not Path({folder!r}, name).exists() and time.monotonic() < until:
        time.sleep(0.01)
"""


@pytest.mark.usefixtures("unread_handlers")
def test_a_handler_that_hangs_holds_back_neither_the_terminal_nor_the_end(
    account: OwnAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = TerminalChannel.send

    def send(self: TerminalChannel, content: Notification | Digest, *, may_repeat: bool) -> str:
        place = shows(self, content, may_repeat=may_repeat)
        (tmp_path / "shown").touch()
        return place

    (tmp_path / "notifier.toml").write_text(SETTINGS)
    (tmp_path / "custom").mkdir()
    (tmp_path / "custom" / "__init__.py").touch()
    (tmp_path / "custom" / "append.py").write_text(HANGS.format(folder=str(tmp_path)))
    account.submit("fails-later")
    account.run()
    account.braket.clock.push(1000)
    monkeypatch.setattr(TerminalChannel, "send", send)
    monkeypatch.setattr(rounds, "LAST_SEND_S", 0.5)

    found = account.run()
    (tmp_path / "release").touch()
    for thread in threading.enumerate():
        if thread.name == "append":
            thread.join(60)

    assert found.code == 1
    assert "fails-later FAILED" in found.out
    assert "append has not finished: the command ends without it" in found.out


#: Each wrong call, and what its one sentence says.
WRONG = [
    (("--regions", "eu-nowhere-1"), "eu-nowhere-1 is not a region of Amazon Braket; allowed: us-east-1, us-west-1, "),
    (("--tag", "owner"), "--tag: owner is not a name and a value; allowed: NAME=VALUE"),
    (("--tag", "owner=anna", task_arn()), "--tag has no effect on quantum tasks that ARNs name: leave it out"),
    (("--email", "a@example.com"), "--email needs --smtp"),
    (("--email-from", "a@example.com"), "--email-from needs --smtp"),
    (("--smtp", "smtps://me@mail"), "--smtp sends to no e-mail channel: name an address by --email"),
    (("--slack-channel", "C0123456789"), "--slack-channel needs --slack with the token of a bot"),
    (("--secret", "smpt=env:HOME"), "--secret smpt: nothing of that name takes a secret here; allowed: none"),
    (("--secret", "terminal=env:HOME"), "--secret terminal: nothing of that name takes a secret here; allowed: none"),
    (
        ("--email", "a@example.com", "--smtp", "smtps://a@mail", "--secret", "smpt=env:HOME"),
        "--secret smpt: nothing of that name takes a secret here; allowed: smtp",
    ),
    (("--smtp", "smtps://a@mail:port"), "--smtp: allowed: smtps://USER@HOST"),
    (("--smtp", "smtps://a:pw@mail"), "--smtp: allowed: smtps://USER@HOST"),
    (("--smtp", "http://mail"), "allowed: smtps://USER@HOST or smtp://USER@HOST"),
    (("--slack", "env:NOT_SET"), "env:NOT_SET: the environment variable NOT_SET is not set"),
    (("--slack", "hooks"), "a SECRET is a reference: env:NAME, file:PATH or ssm:/NAME"),
    (("arn:aws:s3:::bucket",), "not the ARN of a quantum task or hybrid job"),
]


@pytest.mark.parametrize(("words", "says"), WRONG)
def test_a_wrong_call_is_one_sentence(account: OwnAccount, words: tuple[str, ...], says: str) -> None:
    found = account.run(*words)

    assert found.code == 2
    assert says in found.err
    assert "Traceback" not in found.err


def in_background(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, *arns: str
) -> tuple[threading.Thread, list[int]]:
    """The command without --once, in a thread, because the test sends the signals."""
    codes: list[int] = []
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.setdefault)
    monkeypatch.setattr(signal, "raise_signal", lambda number: handlers[number]())
    words = ["run", *arns, "--state", str(account.state), "--every", "0.5", "--regions", HOME, "--plain"]
    thread = threading.Thread(target=lambda: codes.append(main(words)))
    thread.start()

    def end() -> None:
        handlers[signal.SIGINT]()  # which the command sets as it begins

    account.begun.append((thread, end))
    return thread, codes


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_names_a_lost_right_once_goes_on_once_it_is_back_and_ends_in_order(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, shown: list[str], says: Says
) -> None:
    account.submit("waits")
    thread, codes = in_background(account, monkeypatch)
    until(lambda: says("first round: 1 open"))
    account.braket.fail("SearchQuantumTasks", "AccessDeniedException", times=1000)
    until(lambda: says(f"{HOME}: your credentials may not do SearchQuantumTasks"))
    account.braket.clock.push(1000)
    searched = account.braket.calls["SearchQuantumTasks"]
    until(lambda: account.braket.calls["SearchQuantumTasks"] > searched + 4)  # in further rounds, which are refused too
    account.braket.recover()
    until(lambda: says("waits done"))
    until(lambda: says(f"{HOME} works again"))  # at the end of the round that found it
    signal.raise_signal(signal.SIGINT)
    thread.join(60)
    until(lambda: says("ended; nothing waits"))

    assert codes == [0]
    assert "".join(shown).count("may not do SearchQuantumTasks") == 1


def test_credentials_that_are_renewed_in_their_file_are_used_in_the_next_round(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: Says
) -> None:
    def login(key: str) -> None:
        file.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = made-up\n")

    file = tmp_path / "credentials"
    login("old")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    with Braket(clock=Clock(held=True), may=lambda key, *_: key == "new") as braket:
        monkeypatch.setenv("AWS_ENDPOINT_URL", braket.url)
        thread, codes = in_background(account, monkeypatch)
        until(lambda: says("your credentials may not do"))
        login("new")
        until(lambda: says(f"{HOME} work again"))
        signal.raise_signal(signal.SIGINT)
        thread.join(60)

    assert codes == [0]


def test_a_clock_that_is_set_back_by_an_hour_delays_an_announcement_by_an_hour_at_most(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.submit("before")
    account.run("--regions", HOME)
    later(monkeypatch, 3600)
    account.run("--regions", HOME)
    later(monkeypatch, 0)
    account.submit("after")
    account.run("--regions", HOME)
    account.braket.clock.push(1000)

    shown = account.run("--regions", HOME).out
    later(monkeypatch, 3600)
    then = account.run("--regions", HOME).out

    assert "before done" in shown
    assert "after done" in shown + then


def test_an_end_is_announced_although_the_clock_was_an_hour_ahead_at_the_first_run(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, 3600)
    account.run("--regions", HOME)
    later(monkeypatch, 0)
    account.submit("near")
    account.run("--regions", HOME)
    account.braket.clock.push(1000)

    assert "near done" in account.run("--regions", HOME).out


def test_without_the_right_to_read_a_task_its_end_comes_from_the_listing_and_the_right_is_named(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.submit("fails-near")
    account.run("--regions", HOME)
    account.braket.clock.push(1000)
    account.braket.fail("GetQuantumTask", "AccessDeniedException", times=100)

    found, again = account.run("--regions", HOME), account.run("--regions", HOME)
    later(monkeypatch, 3600)
    an_hour_later = account.run("--regions", HOME)

    assert (found.code, again.code) == (1, 1)
    assert f"details of {HOME}: your credentials may not do GetQuantumTask" in found.out
    assert "FAILED" in an_hour_later.out


def test_an_undelivered_notification_is_sent_again(account: OwnAccount) -> None:
    account.submit("near")
    account.run()
    file = StateFile(account.state)
    SqliteQueues(file).send_message(
        QueueUrl="undelivered", MessageBody="{", MessageAttributes={"reason": {"StringValue": "not JSON"}}
    )
    file.close()

    assert "stays: { (not JSON)" in account.on_state("redrive").out
    assert account.on_state("redrive", "--drop", "--yes").out.endswith("✓ 1 record dropped\n")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "no JSON at line 1, column 2; {redrive} shows it, and removes it with --drop"),
        ('{"version": 2}', "within 72 hours; {redrive} sends it once this notifier is updated"),
    ],
)
def test_an_unreadable_record_is_kept_and_the_command_for_it_is_named(
    account: OwnAccount, body: str, says: str
) -> None:
    account.run()
    file = StateFile(account.state)
    SqliteQueues(file).send_message(QueueUrl="terminal", MessageBody=body)
    with file.change() as database:  # was tried for three days
        database.execute("UPDATE record SET receives = 500, received_at = ?", (time.time() - 73 * 3600,))
    file.close()

    found = account.run()

    redrive = f"`braket-notifier redrive --state {account.state}`"
    assert "terminal has an unreadable record: " in found.out
    assert says.format(redrive=redrive) in found.out
    assert waiting(account, "undelivered") == 1
    assert account.on_state("redrive").out.startswith(f"stays: {body} (")


def test_the_arn_of_another_region_leads_there(account: OwnAccount) -> None:
    found = account.run(task_arn(1, "us-west-2"))

    assert "watching us-west-2;" in found.out
    assert "Braket knows no quantum task" in found.err


def test_of_a_named_task_that_had_ended_it_says_how_and_ends(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = account.submit("early-end")
    account.braket.clock.push(1000)

    thread, codes = in_background(account, monkeypatch, arn)
    thread.join(60)

    shown = capsys.readouterr().out
    assert codes == [0]
    assert shown.count("❌ early-end FAILED · IQM Garnet") == 1
    assert "ended; nothing waits" in shown


def test_an_arn_outside_of_the_regions_is_refused_because_its_end_would_stay_unseen(account: OwnAccount) -> None:
    found = account.run(account.submit("far", region=FURTHER, device=FORTE), "--regions", HOME)

    assert (found.code, f"--regions leaves out {FURTHER}" in found.err) == (2, True)


def test_a_named_arn_that_may_not_be_read_is_named(account: OwnAccount) -> None:
    arn = account.submit("foreign")
    account.braket.fail("GetQuantumTask", "AccessDeniedException", times=1, arn=arn)

    assert f"{arn} cannot be read (AccessDeniedException): wrong account" in account.run(arn).err


def test_settings_that_another_version_kept_in_the_state_stop_no_run(account: OwnAccount) -> None:
    account.run("--regions", HOME)
    with closing(sqlite3.connect(account.state)) as state, state:
        kept = json.dumps({"arn": {"S": "run"}, "settings": {"S": '{"telepathy": true}'}})
        state.execute("UPDATE item SET attributes = ? WHERE partition = 'run'", (kept,))

    listed, again = account.on_state("list"), account.run("--regions", HOME)

    assert (listed.code, again.code) == (2, 0), again.err
    assert "no notifier of this version has run" in listed.err


def test_it_ends_once_every_named_task_has_ended_and_was_announced(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch, shown: list[str], says: Says
) -> None:
    arns = [account.submit("first"), account.submit("second")]
    thread, codes = in_background(account, monkeypatch, *arns)
    until(lambda: says("first round: 2 open"))
    account.braket.clock.push(1000)
    thread.join(60)
    until(lambda: says("ended; nothing waits"))

    assert codes == [0]
    assert ["".join(shown).count(f"{name} done") for name in ("first", "second")] == [1, 1]


def test_it_reminds_of_an_outage_of_hours_once_and_list_shows_it(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.submit("waits")
    account.run("--regions", HOME)
    account.braket.set_device_status(GARNET, "OFFLINE")
    early = account.run("--regions", HOME)
    later = datetime.now(UTC) + timedelta(hours=4)
    monkeypatch.setattr(watching, "now", lambda: later)

    found, again = account.run("--regions", HOME), account.run("--regions", HOME)

    assert re.findall("IQM Garnet is OFFLINE since .* · 1 task keeps its place", found.out)
    assert "OFFLINE" not in early.out + again.out
    assert account.on_state("list").out.splitlines()[-1].startswith("IQM Garnet: OFFLINE since ")


def test_without_the_right_to_read_devices_everything_else_goes_on(account: OwnAccount) -> None:
    account.submit("fails")
    account.run("--regions", HOME)
    account.braket.fail("GetDevice", "AccessDeniedException", 99)
    second = account.run("--regions", HOME)
    account.braket.clock.push(100)
    third = account.run("--regions", HOME)

    assert (second.code, third.code) == (0, 0)
    assert "devices of eu-north-1 cannot be read (AccessDeniedException): you are not reminded" in second.out
    assert "❌ fails FAILED" in third.out


def test_an_end_shows_what_the_task_cost_by_the_list_that_the_first_round_fetched(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", account.braket.url)
    account.submit("near")
    account.run()
    account.braket.clock.push(60)

    found = account.run()

    assert "≈ $0.45" in found.out  # 100 shots at $0.00145, and the task at $0.30
    assert "$0.45" in account.on_state("costs", "--since", "2h").out


def test_an_unusable_price_list_is_named_once_and_nothing_else_is_different(
    account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.braket.prices = "<html>Sign in</html>"
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", account.braket.url)
    account.submit("near")
    first = account.run()
    account.braket.clock.push(60)

    found = account.run()

    assert first.out.count("prices cannot be read") == 1
    assert "near done" in found.out
    assert "$" not in found.out
