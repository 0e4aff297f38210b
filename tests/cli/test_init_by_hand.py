"""`init` on settings files that were written by hand: in any notation of TOML, with any line ends."""

import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest

BASE = 'home = "eu-north-1"\nregions = [\n  "us-east-1",\n  "eu-north-1",  # home\n]\n'
MAIL = '[channels.mail]\ntype = "email"\nto = ["anna@example.com"]\n'
SLACK = '[channels.lab]\ntype = "slack"  # ours\nchannel = "C0123456789"\n'
#: Settings with an e-mail and a Slack channel in different notations.
BY_HAND = {
    "tables": BASE + MAIL + SLACK,
    "indented by tabs": BASE + "\n".join(f"\t{line}" for line in (MAIL + SLACK).splitlines()),
    "inline tables": f'{BASE}channels.mail = {{ type = "email", to = ["anna@example.com"] }}  # mail\n'
    'channels.lab = { type = "slack", channel = "C0123456789" }\n',
    "one inline table": f'{BASE}channels = {{ mail = {{ type = "email", to = ["anna@example.com"] }}, '
    'lab = { type = "slack", channel = "C0123456789" } }\n',
    "dotted keys": f'{BASE}channels.mail.type = "email"\nchannels.mail.to = ["anna@example.com"]\n'
    'channels.lab.type = "slack"  # ours\nchannels.lab.channel = "C0123456789"\n',
    "quoted keys": BASE.replace("home =", '"home" =') + (MAIL + SLACK).replace("channels.", '"channels".'),
    "tables apart": f'{BASE}{MAIL}[[routes]]\nto = ["mail", "lab"]\n{SLACK}[[routes]]\nto = ["lab"]\n',
    "inline routes": f'{BASE}routes = [{{ to = ["mail", "lab"] }}, {{ to = ["lab"] }}]\n{MAIL}{SLACK}',
    "lines of a text": f'{BASE}{MAIL}{SLACK}[[hints]]\npattern = "x"\nsays = """\nfirst\n\n\n[second]\n[third]\n"""\n',
    "quiet hours": f'{BASE}quiet.lab = {{ from = "22:00", to = "07:00" }}\nalarms.email = []\n{MAIL}{SLACK}',
}
#: Answers, and what they change.
ANSWERS: dict[str, list[str]] = {
    "nothing": [],
    "a region": ["--home", "us-west-2"],
    "the order of the regions": ["--watch", "us-east-1", "eu-north-1"],
    "another channel": ["--slack", "C9876543210"],
    "a webhook": ["--slack", "webhook"],
    "no channel": ["--slack", "none"],
    "addresses": ["--email", "ben@example.com", "cleo@example.com"],
    "alarms": ["--alarms", "ops@example.com"],
}
ANSWERED = {"home", "regions", "time_zone", "channels", "alarms", "routes", "quiet"}


@pytest.mark.parametrize(("notation", "answer"), list(product(BY_HAND, ANSWERS)))
def test_init_changes_only_what_was_answered_in_any_notation(
    run: Any, settings: Path, notation: str, answer: str
) -> None:
    settings.write_text(BY_HAND[notation])
    before = tomllib.loads(BY_HAND[notation])

    done = run("init", "--no-page", *ANSWERS[answer])

    after = tomllib.loads(settings.read_text())
    assert (done.code, done.err) == (0, "")
    assert {key: after.get(key) for key in before if key not in ANSWERED} == {
        key: before[key] for key in before if key not in ANSWERED
    }
    assert (after["channels"] == before["channels"]) is (ANSWERS[answer][:1] not in (["--slack"], ["--email"]))
    if answer in {"nothing", "the order of the regions", "alarms"}:
        assert BASE.partition("\n")[2] in settings.read_text()


@pytest.mark.parametrize("notation", BY_HAND)
def test_init_keeps_the_line_ends_of_the_file(run: Any, settings: Path, notation: str) -> None:
    settings.write_text(BY_HAND[notation], newline="\r\n")

    assert run("init", "--no-page", "--slack", "C9876543210", "--alarms", "ops@example.com").code == 0

    written = settings.read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n")
    assert b'"C9876543210"' in written


def test_a_file_with_a_byte_order_mark_is_read_and_answered(run: Any, settings: Path) -> None:
    """As some editors on Windows write it."""
    settings.write_text(BY_HAND["tables"], encoding="utf-8-sig")

    assert run("check").code == 0
    assert run("init", "--no-page", "--slack", "C9876543210").code == 0
    assert tomllib.loads(settings.read_text())["channels"]["lab"]["channel"] == "C9876543210"


def test_an_empty_answer_for_slack_removes_no_channel(run: Any, settings: Path) -> None:
    """As of a script's variable that is not set."""
    settings.write_text(BY_HAND["tables"])

    done = run("init", "--no-page", "--slack", "")

    assert (done.code, settings.read_text()) == (2, BY_HAND["tables"])
    assert "is not a channel's ID; allowed: an ID like C0123456789, webhook, none" in done.err
