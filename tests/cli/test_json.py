"""With --json a command prints one document, asks nothing, and has times in ISO 8601."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from braket_notifier.adapters.dynamodb.deliveries import DynamoLedger
from braket_notifier.cli.main import COMMANDS
from local.braket.emulator import Braket
from tests.cli.conftest import Recorded
from tests.conftest import NOON, task_arn

ROOT = Path(__file__).parents[2]
Waiting = Callable[[str], list[str]]
ARN = task_arn()


def with_json() -> set[str]:
    commands = ArgumentParser().add_subparsers()
    for each in COMMANDS:
        each.add(commands)
    return {name for name, parser in commands.choices.items() if "--json" in parser.format_help()}


def test_the_page_names_every_command_with_json() -> None:
    """All others act, and their exit code is the answer."""
    page = (ROOT / "docs" / "setup.md").read_text()
    [sentence] = [line for line in page.splitlines() if "`--json` prints one JSON document" in line]
    named = sentence.partition("asks nothing: ")[2].partition(" have it")[0]

    assert {word.split()[0] for word in named.replace("`", "").replace(" and ", ", ").split(", ")} == with_json()


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (["check"], {"valid", "mistakes", "name", "home", "regions", "channels", "without_route"}),
        (["check", "--effective"], {"name", "home", "regions", "channels", "routes", "defaults"}),
        (["settings", "show"], {"deployment", "deployed", "pushed", "differences", "muted_until", "reservations"}),
        (["settings", "origin"], {"by", "at", "commit"}),
        (["history", ARN], {"arn", "status", "timeline"}),
        (["replay", ARN], {"sent", "notifications"}),
        (["redrive"], {"carried_out", "notifications", "events", "cannot_be_sent"}),
        (["doctor"], {"mark", "message"}),
        (["costs"], {"since", "until", "by", "currency", "left_out", "sums", "amount"}),
        (["list", "--batch", "ghz-scan"], {"arn", "status", "created_at", "as_recorded", "link"}),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, list) else "",
)
def test_a_script_reads_one_document(
    run: Any, recorded: Recorded, as_deployed: Callable[..., None], a_task: Any, words: list[str], members: set[str]
) -> None:
    recorded(a_task(tags={"batch": "ghz-scan"}))
    as_deployed(3, by="anna")

    done = run(*words, "--json")

    document = json.loads(done.out)
    first = document[0] if isinstance(document, list) else document
    assert done.err == ""
    assert members <= first.keys()


def test_mistakes_of_the_settings_are_a_document_too(run: Any, settings: Path) -> None:
    settings.write_text(settings.read_text().replace("eu-north-1", "mars", 1))

    done = run("check", "--json")
    found = json.loads(done.out)

    assert (done.code, found["valid"]) == (2, False)
    assert found["mistakes"][0].startswith(f'{settings}:2: home: "mars" is not ')


def test_a_time_is_in_iso_8601(run: Any, recorded: Recorded, a_task: Any) -> None:
    recorded(a_task(tags={"batch": "ghz-scan"}))

    [found] = json.loads(run("list", "--batch", "ghz-scan", "--json").out)

    assert datetime.fromisoformat(found["ended_at"]) == NOON - timedelta(minutes=7)
    assert "T" in found["ended_at"]


@pytest.mark.usefixtures("stack")
def test_a_mute_and_a_difference_are_members(run: Any, as_deployed: Callable[..., None], settings: Path) -> None:
    as_deployed()
    settings.write_text(settings.read_text().replace('["team-slack", "mail"]', '["mail"]'))
    run("mute", "mail", "4h")

    found = json.loads(run("settings", "show", "--json").out)

    assert [(each["key"], each["by"]) for each in found["differences"]] == [("routes", "settings push")]
    assert datetime.fromisoformat(found["muted_until"]["mail"]) > datetime.now(UTC)


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("action", ["push", "wake"])
def test_an_action_of_settings_that_answers_nothing_has_no_json(run: Any, action: str) -> None:
    done = run("settings", action, "--json")

    assert (done.code, done.out) == (2, "")
    assert done.err == f"braket-notifier: settings {action} prints no JSON; allowed: show, origin\n"


def test_replay_lists_without_yes_and_sends_with_it(
    run: Any, recorded: Recorded, settle: Any, a_task: Any, waiting: Waiting
) -> None:
    recorded(a_task())
    settle("team-slack")

    listed = json.loads(run("replay", ARN, "--json").out)
    before = waiting("deliver-mail")
    sent = json.loads(run("replay", ARN, "--json", "--yes").out)

    notifications = [{"channel": "mail", "status": "COMPLETED", "arn": ARN}]
    assert listed == {"sent": False, "notifications": notifications}
    assert sent == {"sent": True, "notifications": notifications}
    assert (before, len(waiting("deliver-mail"))) == ([], 1)


def test_redrive_lists_without_yes_and_reports_the_outcome_with_it(
    run: Any, settle: Any, ledger: DynamoLedger, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = settle("mail", reason="NotFound")

    listed = json.loads(run("redrive", "--json").out)
    before = waiting("deliver-mail")
    monkeypatch.setattr(
        "braket_notifier.cli.commands.redrive.sleep", lambda _: ledger.delivered(each, now=datetime.now(UTC))
    )
    done = run("redrive", "--json", "--yes")

    assert (listed["carried_out"], listed["notifications"][0]["reason"]) == (False, "NotFound")
    assert before == []
    assert done.code == 0
    assert json.loads(done.out)["notifications"][0]["state"] == "DELIVERED"


@pytest.mark.usefixtures("stack")
def test_test_prints_the_outcome_of_each_channel_and_asks_nothing(run: Any) -> None:
    done = run("test", "--json", "--timeout", "0.1")

    assert (done.code, done.err) == (1, "")
    assert json.loads(done.out) == {name: {"state": None, "reason": ""} for name in ("team-slack", "mail")}


@pytest.mark.usefixtures("stack")
def test_verify_submits_nothing_for_a_script_without_yes(run: Any) -> None:
    done = run("verify", "--json")

    assert (done.code, done.err) == (2, "braket-notifier: verify --json asks nothing before it submits: add --yes\n")


@pytest.mark.usefixtures("stack")
def test_watch_prints_one_document_at_the_end(run: Any, braket: Braket, submit: Callable[..., str]) -> None:
    arn = submit("ghz-12")
    braket.clock.push(60)

    done = run("watch", arn, "--json")

    [found] = json.loads(done.out)
    assert (done.code, found["arn"], found["status"]) == (0, arn, "COMPLETED")
