"""The inbox as the services beside Slack: it takes what they take, shows it on its page, and refuses the rest."""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import pytest

from braket_notifier.adapters.https.discord import DiscordWebhook
from braket_notifier.adapters.https.endpoint import Endpoint
from braket_notifier.adapters.https.services import service
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import GoneError, MendableError
from braket_notifier.grouping.ports import HumanChannel
from braket_notifier.rendering.compose import Compose, message_of
from local.gallery.samples import SAMPLES
from local.inbox.inbox import Fault, Inbox
from local.inbox.services import Destination
from local.story.workspace import KEY
from tests import canary
from tests.long.test_service_goldens import content_of

HOSTS = {"webhook": "hooks.example.org", "discord": "discord.com", "teams": "prod-12.westeurope.logic.azure.com"}


@pytest.fixture(params=HOSTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inbox(kind: str) -> Iterator[Inbox]:
    with Inbox() as opened:
        opened.services = {f"{HOSTS[kind]}/{canary.CANARY}": Destination(kind, "team", KEY)}
        yield opened


@pytest.fixture
def compose(policy: Policy) -> Compose:
    return partial(message_of, policy=policy, channel="team-slack")


def channel(kind: str, inbox: Inbox, compose: Compose, key: str = KEY) -> HumanChannel:
    url = canary.Secret(f"https://{HOSTS[kind]}/{canary.CANARY}")
    signing = canary.Secret(key) if kind == "webhook" else None
    return service(kind, Endpoint(url, HOSTS[kind], inbox.url), signing, compose, lambda: datetime.now(UTC))


@pytest.mark.parametrize("name", ["task-completed", "digest-batch", "text-hostile", "job-completed"])
def test_a_message_is_shown_in_its_channel(kind: str, inbox: Inbox, compose: Compose, name: str) -> None:
    sample = next(each for each in SAMPLES if each.name == name)

    channel(kind, inbox, compose).send(content_of(sample), may_repeat=False)

    (post,) = inbox.posts
    with closing(http.client.HTTPConnection(urlsplit(inbox.url).netloc)) as connection:
        connection.request("GET", "/messages")
        shown = json.loads(connection.getresponse().read())
    assert (post.channel, post.via, shown["channels"]["team"]) == ("team", "service", "team")
    assert shown["posts"][0]["push"].strip() == post.text
    message = compose(content_of(sample))
    assert post.text == (message.headline if kind == "teams" else message.push)
    assert "<script" not in post.html


def test_a_fault_meets_a_service_too(kind: str, inbox: Inbox, compose: Compose) -> None:
    inbox.fault(Fault("error", error="closed", method=kind))

    with pytest.raises(MendableError, match="400"):
        channel(kind, inbox, compose).send(content_of(SAMPLES[0]), may_repeat=False)

    assert inbox.posts == []


def test_an_edit_replaces_what_the_page_shows(compose: Compose, a_notification: Callable[..., Notification]) -> None:
    with Inbox() as inbox:
        inbox.services = {f"{HOSTS['discord']}/{canary.CANARY}": Destination("discord", "team")}
        discord = channel("discord", inbox, compose)
        assert isinstance(discord, DiscordWebhook)

        place = discord.send(a_notification("RUNNING"), may_repeat=False)
        discord.edit(place, a_notification("COMPLETED"))
        discord.reply(place, a_notification("COMPLETED"), may_repeat=False, loud=True)
        with pytest.raises(GoneError):
            discord.edit("unknown", a_notification("COMPLETED"))

        card, line = inbox.posts
        assert (len(card.edits), card.text) == (1, line.text)
        assert "Submitted" in card.html
        discord.probe()
        assert len(inbox.posts) == 2


def test_a_signature_by_another_key_is_refused(compose: Compose) -> None:
    with Inbox() as inbox:
        inbox.services = {f"{HOSTS['webhook']}/{canary.CANARY}": Destination("webhook", "team", KEY)}
        other = channel("webhook", inbox, compose, key="whsec_b3RoZXI=")

        with pytest.raises(MendableError, match="400"):
            other.send(content_of(SAMPLES[0]), may_repeat=False)
