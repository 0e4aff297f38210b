"""`explain` shows each channel's notification and the reason, by a dry run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.braket.emulator import Braket, Script, usual

Submit = Callable[..., str]


@pytest.fixture
def event(tmp_path: Path, an_event: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    def write(*given: Any, **changes: Any) -> str:
        path = tmp_path / "event.json"
        path.write_text(json.dumps(an_event(*given, **changes)))
        return str(path)

    return write


def test_explain_reads_an_event_without_requests_to_aws(run: Any, event: Any, no_credentials: None) -> None:  # noqa: ARG001
    done = run("explain", event("FAILED"))

    assert done.code == 0
    assert done.out.startswith("FAILED arn:aws:braket:eu-north-1:012345678901:quantum-task/834b21ed")
    assert "✓ team-slack, aloud: " in done.out
    assert "FIRST: one of the first messages of its group within the window" in done.out
    assert "[Braket]" in done.out  # the e-mail's subject
    assert "Known from Braket's event alone; the other details are missing." in done.out  # nobody tried to read them


def test_explain_prints_the_reason_of_a_channel_without_a_notification(run: Any, event: Any) -> None:
    done = run("explain", event("RUNNING"))

    assert "- team-slack, not notified: route 1: status RUNNING is not COMPLETED or FAILED or CANCELLED" in done.out
    assert "[Braket]" not in done.out


def test_a_link_of_the_preview_stays_in_one_line_of_a_narrow_terminal(
    run: Any, event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    lines = run("explain", event("FAILED")).out.splitlines()

    [link] = [line for line in lines if "console.aws.amazon.com/braket" in line]
    assert link.startswith(
        "  │ Console: https://eu-north-1.console.aws.amazon.com/braket/home?region=eu-north-1#/tasks/"
    )
    assert link.endswith("quantum-task/834b21ed-77a7-4b36-a90c-000000000001")


def test_a_script_reads_json(run: Any, event: Any) -> None:
    [explained] = json.loads(run("explain", event("COMPLETED"), "--json").out)

    assert explained["status"] == "COMPLETED"
    assert explained["channels"]["mail"]["chosen"] is True
    assert explained["channels"]["mail"]["grouping"] == "FIRST"
    assert "COMPLETED" in explained["channels"]["mail"]["preview"]


@pytest.mark.usefixtures("aws")
def test_explain_names_a_tag_that_names_no_channel(run: Any, submit: Submit) -> None:
    arn = submit("ghz-12", notify="mail nobody-here")

    done, [explained] = run("explain", arn), json.loads(run("explain", arn, "--json").out)

    caution = "Tag notify: nobody-here is no channel here; there are team-slack, mail."
    assert f"  ! {caution}" in done.out.splitlines()
    assert explained["cautions"] == [caution]


@pytest.mark.usefixtures("aws")
def test_explain_names_a_tag_that_contradicts_itself(run: Any, submit: Submit) -> None:
    arn = submit("ghz-12", notify="none mail")

    done, [explained] = run("explain", arn), json.loads(run("explain", arn, "--json").out)

    caution = "Tag notify: none wins over mail, so nobody is notified."
    assert f"  ! {caution}" in done.out.splitlines()
    assert "  - mail, not notified: the tag notify asks for nobody" in done.out.splitlines()
    assert (explained["cautions"], explained["channels"]["mail"]["chosen"]) == ([caution], False)


@pytest.mark.usefixtures("aws")
def test_explain_says_who_gets_a_message_that_a_word_is_unknown(run: Any, submit: Submit, settings: Path) -> None:
    settings.write_text(settings.read_text().replace('"COMPLETED", ', ""))
    arn = submit("ghz-12", notify="nobody-here")

    done = run("explain", arn, "--status", "COMPLETED")
    [explained] = json.loads(run("explain", arn, "--status", "COMPLETED", "--json").out)

    said = "  ! team-slack gets one message that nobody-here is unknown, because people get no other"
    assert said in done.out.splitlines()
    assert explained["unknown_words"] == {"nobody-here": "team-slack"}


def test_explain_names_default_routes_as_such(run: Any, event: Any, settings: Path) -> None:
    text = settings.read_text()
    routes = text[text.index("[[routes]]") : text.index("[alarms]")]
    settings.write_text(text.replace(routes, ""))

    done = run("explain", event("COMPLETED"))

    assert "✓ team-slack, aloud: matched by default route 1" in done.out
    assert "- mail, not notified: default route 5: kind task is not job; default route 6: status COMPLETED" in done.out
    assert " route 1" not in done.out.replace("default route 1", "")


def test_quiet_hours_are_explained_as_they_were_at_the_time_of_the_change(run: Any, event: Any, settings: Path) -> None:
    quiet = '[quiet.team-slack]\nfrom = "00:00"\nto = "23:59"\n'
    settings.write_text(settings.read_text() + quiet)

    done = run("explain", event("COMPLETED"))

    assert "QUIET_HOURS: quiet hours or a mute hold the channel's notifications, until 20" in done.out


@pytest.mark.parametrize(
    ("text", "printed"),
    [("no JSON", "would be put into `undelivered`"), ('{"source": "aws.s3"}', "would be put into `undelivered`")],
)
def test_explain_prints_the_fate_of_an_unparseable_event(run: Any, tmp_path: Path, text: str, printed: str) -> None:
    path = tmp_path / "event.json"
    path.write_text(text)

    assert (run("explain", str(path)).code, printed in run("explain", str(path)).err) == (2, True)


@pytest.mark.usefixtures("aws")
def test_explain_reads_the_present_status_from_braket(
    run: Any, submit: Submit, braket: Braket, scripts: dict[str, Script]
) -> None:
    scripts["ghz-12"] = Script(steps=usual("task", "FAILED"), failure_reason="Internal device error")
    arn = submit("ghz-12")
    braket.clock.push(60)

    done = run("explain", arn)

    assert done.out.startswith(f"FAILED {arn}")
    assert "Internal device error" in done.out


@pytest.mark.usefixtures("aws")
def test_explain_shows_another_status_on_request(run: Any, submit: Submit) -> None:
    arn = submit("ghz-12")

    done = run("explain", arn, "--status", "CANCELLED")

    assert done.out.startswith(f"CANCELLED {arn}")
    assert "ghz-12 — CANCELLED" in done.out


def test_explain_shows_the_json_that_a_bus_gets(run: Any, event: Any, settings: Path) -> None:
    bus = '\n[channels.events]\ntype = "bus"\nbus = "lab-events"\n\n[[routes]]\nto = ["events"]\n'
    settings.write_text(settings.read_text() + bus)

    [explained] = json.loads(run("explain", event("FAILED"), "--json").out)

    assert json.loads(explained["channels"]["events"]["preview"])["status"] == "FAILED"
