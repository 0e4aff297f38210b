"""The parts of the library that a function loads at its start, because each module costs cold-start time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOADED = "import json, sys, {function}; print(json.dumps([*sys.modules]))"

BUILT = """
import json, sys
from braket_notifier.bootstrap import channels, shared
from braket_notifier.domain.policy import Policy
shared.policy = lambda: Policy((), "UTC", {}, ())
channels.channel()
print(json.dumps([*sys.modules]))
"""
#: The environment of each type of channel, and the only adapter that its function loads.
ADAPTERS = {
    "slack.channels": {"CHANNEL_TYPE": "slack", "SLACK_TOKEN": "ssm:/t", "SLACK_CHANNEL": "C0123456789"},
    "aws.sns": {"CHANNEL_TYPE": "topic", "TOPIC_ARN": "arn:aws:sns:eu-north-1:012345678901:topic"},
    "aws.eventbridge": {"CHANNEL_TYPE": "bus", "BUS": "lab-events", "SOURCE": "braket-notifier"},
    "https.teams": {"CHANNEL_TYPE": "teams", "HOST": "example.org", "URL": "ssm:/u"},
    "https.discord": {"CHANNEL_TYPE": "discord", "HOST": "discord.com", "URL": "ssm:/u"},
    "https.webhook": {"CHANNEL_TYPE": "webhook", "HOST": "example.org", "URL": "ssm:/u", "KEY": "ssm:/k"},
}


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_a_channel_s_function_loads_the_adapter_of_its_own_type_alone(adapter: str) -> None:
    environment = {"PYTHONPATH": str(ROOT), "CHANNEL": "lab", "AWS_DEFAULT_REGION": "eu-north-1", **ADAPTERS[adapter]}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", BUILT],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = {name.removeprefix("braket_notifier.adapters.") for name in json.loads(done.stdout)}
    beside = {"aws.sns"} if adapter == "aws.eventbridge" else set()  # whose call and classes a bus shares
    assert loaded & ADAPTERS.keys() == {adapter} | beside
    assert ("https.endpoint" in loaded) == (adapter in ("https.teams", "https.discord", "https.webhook"))


@pytest.mark.parametrize(
    ("function", "absent"),
    [
        ("deliver", {"rendering.compose", "tracking.record"}),  # a channel's type decides on rendering
        ("board", {"rendering.compose", "tracking.record", "sending.claims"}),  # it only reads rows
        ("observe", {"rendering.compose", "grouping.decide", "sending.claims"}),  # it sends nothing
        ("sweep", {"rendering.compose", "grouping.decide", "sending.claims"}),  # it sends nothing
    ],
)
def test_a_function_starts_without_modules_that_it_does_not_run(function: str, absent: set[str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", LOADED.format(function=function)],
        env={"PYTHONPATH": f"{ROOT / 'lambdas'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = {name.removeprefix("braket_notifier.") for name in json.loads(done.stdout)}
    assert "bootstrap.shared" in loaded
    assert loaded & absent == set()


HANDLER = """
from braket_notifier.bootstrap import channels
from braket_notifier.handlers import Transition
channels._handler("hello")
"""


def test_a_handler_of_the_transition_alone_starts_without_the_words_of_messages() -> None:
    """Only a handler that takes the message loads them."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", f"{HANDLER}import json, sys; print(json.dumps([*sys.modules]))"],
        env={"PYTHONPATH": f"{ROOT / 'lambdas'}:{ROOT}", "CHANNEL": "hello", "CHANNEL_TYPE": "handler"},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = [each for each in json.loads(done.stdout) if each.startswith("braket_notifier.rendering")]
    words = {each.removeprefix("braket_notifier.rendering") for each in loaded}
    assert words == {"", ".formats", ".formats.handler_message"}
