"""Direct messages of a bot to a member, and a person to whom the settings have no way."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from braket_notifier.adapters.slack.channels import SlackBot
from braket_notifier.adapters.unreachable import UnreachablePerson
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import GoneError, MendableError
from braket_notifier.rendering.compose import Compose
from local.inbox.inbox import Fault, Inbox, Workspace
from tests import canary

ANotification = Callable[..., Notification]
ANNA, BEN = "U01ABCDEF", "W02BCDEFG"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(Workspace(people={ANNA: "Anna", BEN: "Ben"})) as inbox:
        yield inbox


def bot(inbox: Inbox, compose: Compose, to: str) -> SlackBot:
    return SlackBot(canary.Secret(), to, compose, inbox.url)


@pytest.mark.parametrize("member", [ANNA, BEN])
def test_a_direct_message_is_a_card_that_is_edited_and_replied_to_in_its_conversation(
    inbox: Inbox, compose: Compose, a_notification: ANotification, member: str
) -> None:
    direct = bot(inbox, compose, member)

    place = direct.send(a_notification("RUNNING"), may_repeat=False)
    direct.edit(place, a_notification("COMPLETED"))
    assert direct.reply(place, a_notification("COMPLETED"), may_repeat=False, loud=True)

    card, reply = inbox.posts
    assert card.channel == reply.channel == f"D{member[1:]}"
    assert card.edits
    assert "COMPLETED" in card.plain()
    assert reply.thread_ts == card.ts


def test_each_member_has_a_conversation_of_their_own(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    places = [bot(inbox, compose, each).send(a_notification(), may_repeat=False) for each in (ANNA, BEN)]

    assert [each.channel for each in inbox.posts] == ["D01ABCDEF", "D02BCDEFG"]
    assert len({*places}) == 2


@pytest.mark.parametrize("call", ["edit", "reply"])
def test_a_card_of_another_member_is_gone_and_shows_nothing_new(
    inbox: Inbox, compose: Compose, a_notification: ANotification, call: str
) -> None:
    """The settings may have named a stranger's id."""
    place = bot(inbox, compose, BEN).send(a_notification("RUNNING"), may_repeat=False)
    now = bot(inbox, compose, ANNA)
    calls: dict[str, Callable[[], object]] = {
        "edit": lambda: now.edit(place, a_notification("FAILED")),
        "reply": lambda: now.reply(place, a_notification("FAILED"), may_repeat=False, loud=True),
    }

    with pytest.raises(GoneError):
        calls[call]()

    (card,) = inbox.posts
    assert card.plain().startswith("➡ ghz-12 goes on in another")
    assert "FAILED" not in card.plain()
    assert ANNA not in card.plain()


@pytest.mark.parametrize(
    ("error", "one_person"),
    [
        ("user_not_found", True),
        ("channel_not_found", True),  # of a member's id, an unknown member
        ("cannot_dm_bot", True),
        ("messages_tab_disabled", False),
        ("account_inactive", False),  # about the token
        ("missing_scope", False),
        ("is_archived", False),
    ],
)
def test_only_a_refusal_about_the_member_concerns_one_person(
    inbox: Inbox, compose: Compose, a_notification: ANotification, error: str, one_person: bool
) -> None:
    inbox.fault(Fault("error", error=error))

    with pytest.raises(MendableError, match=error) as raised:
        bot(inbox, compose, ANNA).send(a_notification(), may_repeat=False)

    assert raised.value.one_person == one_person


def test_an_unknown_channel_of_a_team_concerns_the_channel(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    with pytest.raises(MendableError) as raised:
        bot(inbox, compose, "C9").send(a_notification(), may_repeat=False)

    assert not raised.value.one_person


def test_a_closed_messages_tab_refuses_the_message_and_not_the_probe(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    inbox.workspace = replace(inbox.workspace, messages_tab=False)
    direct = bot(inbox, compose, ANNA)

    direct.probe()
    with pytest.raises(MendableError, match="messages_tab_disabled"):
        direct.send(a_notification(), may_repeat=False)


@pytest.mark.parametrize("to", [ANNA, "U09", ""])
def test_a_probe_asks_about_the_token_alone(inbox: Inbox, compose: Compose, to: str) -> None:
    bot(inbox, compose, to).probe()
    inbox.fault(Fault("error", error="token_revoked"))
    with pytest.raises(MendableError):
        bot(inbox, compose, to).probe()


def test_a_person_without_a_way_refuses_for_that_person_and_is_probed_as_the_channel(
    inbox: Inbox, compose: Compose, a_notification: ANotification
) -> None:
    nobody = UnreachablePerson("the settings do not name the person", bot(inbox, compose, ""))
    calls: list[Callable[[], Any]] = [
        lambda: nobody.send(a_notification(), may_repeat=False),
        lambda: nobody.edit("U1/D1/1", a_notification()),
        lambda: nobody.reply("U1/D1/1", a_notification(), may_repeat=False, loud=True),
    ]

    for call in calls:
        with pytest.raises(MendableError, match="do not name") as raised:
            call()
        assert raised.value.one_person
    nobody.probe()
    inbox.fault(Fault("error", error="token_revoked"))
    with pytest.raises(MendableError, match="token_revoked"):
        nobody.probe()
    assert inbox.posts == []
