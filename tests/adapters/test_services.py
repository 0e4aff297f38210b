"""Services behind a URL: which answer accepts a message, how each refusal is classed, and what is never sent."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from braket_notifier.adapters.https import call as https
from braket_notifier.adapters.https.call import Response
from braket_notifier.adapters.https.discord import DiscordWebhook
from braket_notifier.adapters.https.endpoint import Endpoint, wrong_url
from braket_notifier.adapters.https.services import service
from braket_notifier.adapters.https.webhook import SignedWebhook
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import GoneError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.grouping.ports import HumanChannel
from braket_notifier.rendering.compose import Compose
from local.story.workspace import KEY
from tests import canary
from tests.prove.wire import PATIENCE_S, Treatment, Wire, http

ANotification = Callable[..., Notification]
HOST = "hooks.example.org"
URL = f"https://{HOST}/{canary.CANARY}"
JSON = "application/json"
PAGE = "<html><title>Sign in to the hotel's network</title></html>"
#: The answer of each service to a message that it accepts.
ACCEPTED = {"webhook": http(204), "discord": http(200, '{"id":"77"}', JSON), "teams": http(202)}


def clock() -> datetime:
    """Return the present time, because the verification of a signature refuses an old one."""
    return datetime.now(UTC)


def made(kind: str, url: str, compose: Compose, **secret: Any) -> HumanChannel:
    key = canary.Secret(KEY) if kind == "webhook" else None
    return service(kind, Endpoint(canary.Secret(**{"value": URL, **secret}), HOST, url), key, compose, clock)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(Treatment()) as opened:
        yield opened


@pytest.fixture(params=ACCEPTED)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def sent(wire: Wire) -> list[Any]:
    return [json.loads(each.partition(b"\r\n\r\n")[2]) for each in wire.requests]


def kept_deadlines(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list to which the deadline of each request is added."""
    found: list[float] = []

    def call(url: str, headers: Mapping[str, str], body: bytes, deadline: float, *, method: str = "POST") -> Response:
        found.append(deadline)
        return https.call(url, headers, body, deadline, method=method)

    monkeypatch.setattr("braket_notifier.adapters.https.endpoint.call", call)
    return found


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().splitlines()[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def test_an_accepted_message_is_one_request_to_the_url(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=ACCEPTED[kind]))

    made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    (request,) = wire.requests
    assert request.startswith(f"POST /{HOST}/{canary.CANARY}".encode())
    assert headers(request)["content-type"] == JSON


@pytest.mark.parametrize(
    ("treatment", "raised", "says"),
    [
        (Treatment(answer=http(429, Retry_After="30")), TryLaterError, "429"),  # asked to wait
        (Treatment(answer=http(429)), TryLaterError, "429"),  # our own back-off
        (Treatment(answer=http(408)), TryLaterError, "408"),  # too slow, so not accepted
        (Treatment(answer=http(500, "oops")), UnacknowledgedError, "500"),  # perhaps accepted
        (Treatment(answer=http(502, PAGE, "text/html")), UnacknowledgedError, "502"),
        (Treatment(answer=http(200, PAGE, "text/html")), UnacknowledgedError, "200"),  # a network's login page
        (Treatment(answer=http(200, PAGE)), UnacknowledgedError, "200"),  # the same without its type
        (Treatment(answer=http(200, f"\xef\xbb\xbf{PAGE}")), UnacknowledgedError, "200"),  # with a byte order mark
        (Treatment(end="reset"), UnacknowledgedError, "a lost connection"),
        (Treatment(answer=http(302, Location="/elsewhere")), MendableError, "302"),  # not followed
        (Treatment(answer=http(403, PAGE, "text/html")), MendableError, "403 url_refused"),  # a proxy's page
        (Treatment(answer=http(404)), MendableError, "404 url_refused"),  # the URL was deleted
        (Treatment(answer=http(410)), MendableError, "410 url_refused"),
        (Treatment(answer=http(409)), MendableError, "409"),
        (Treatment(answer=http(403, "Accès refusé")), MendableError, "403 url_refused"),  # a proxy's page in Latin-1
        (Treatment(answer=http(429, "x", "text/plain; charset=klingon")), TryLaterError, "429"),
        (Treatment(answer=http(403, "é", "text/plain; charset=undefined")), MendableError, "403 url_refused"),
    ],
)
def test_each_refusal_is_classified_after_one_request(
    kind: str,
    wire: Wire,
    compose: Compose,
    a_notification: ANotification,
    treatment: Treatment,
    raised: type[Exception],
    says: str,
) -> None:
    wire.treat.append(treatment)

    with pytest.raises(raised, match=f"^{says}$"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    assert len(wire.requests) == 1


@pytest.mark.parametrize(("said", "content_type"), [("\x89PNG\xff", "image/png"), ("<ok/>", "application/xml")])
def test_a_webhook_may_answer_with_anything_but_a_page(
    wire: Wire, compose: Compose, a_notification: ANotification, said: str, content_type: str
) -> None:
    wire.treat.append(Treatment(answer=http(200, said, content_type)))

    assert made("webhook", wire.url, compose).send(a_notification(), may_repeat=False) == ""


@pytest.mark.parametrize("limit", ["GIVE_UP_S", "MESSAGE_S"])
def test_a_service_that_hangs_leaves_a_doubt_after_the_time_limit(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    for each in ("GIVE_UP_S", "MESSAGE_S"):
        monkeypatch.setattr(https, each, 0.2 if each == limit else 3 * PATIENCE_S)  # after which the wire ended
    wire.treat.append(Treatment(end="wait"))

    with pytest.raises(UnacknowledgedError, match=r"^no answer in time$"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)


def test_a_refusal_for_the_rate_may_have_been_shown_and_its_wait_is_kept(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(429, Retry_After="30")))

    with pytest.raises(TryLaterError) as later:
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    assert (later.value.after_s, later.value.perhaps_sent) == (30, True)


def test_a_url_that_was_replaced_is_tried_again(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(404)))

    with pytest.raises(TryLaterError, match="may have been replaced"):
        made(kind, wire.url, compose, is_replaced=True).send(a_notification(), may_repeat=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/canary-of-a-secret",  # not encrypted
        "https://192.0.2.7/canary-of-a-secret",  # a literal address
        "https://hooks.example.org.evil.example/canary-of-a-secret",  # another host
        "https://hooks.example.org@evil.example/canary-of-a-secret",
        "https://hooks.example.org:8443/canary-of-a-secret",  # another port
        "https://HOOKS.example.org/canary-of-a-secret",
        "https://hooks.example.org",
        "file:///canary-of-a-secret",
        "canary-of-a-secret",
    ],
)
def test_a_url_of_another_host_is_refused_and_not_shown(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification, url: str
) -> None:
    with pytest.raises(MendableError, match=r"^the URL does not begin with https://hooks\.example\.org/"):
        made(kind, wire.url, compose, value=url).send(a_notification(), may_repeat=False)

    assert wire.requests == []
    assert wrong_url(URL, HOST) == ""


def test_a_message_that_is_too_large_is_sent_once_more_in_short(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([Treatment(answer=http(413)), Treatment(answer=ACCEPTED[kind])])

    made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    whole, brief = (len(each) for each in wire.requests)
    assert brief < whole


def test_all_requests_of_a_message_share_one_deadline(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines = kept_deadlines(monkeypatch)
    wire.treat.extend([Treatment(answer=http(413)), Treatment(answer=ACCEPTED[kind])])

    made(kind, wire.url, compose).send(a_notification(), may_repeat=False)

    assert len(deadlines) == 2
    assert deadlines[0] == deadlines[1]


def test_a_short_message_that_is_too_large_is_refused_for_good(
    kind: str, wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([Treatment(answer=http(413))] * 2)

    with pytest.raises(RefusedError, match="413"):
        made(kind, wire.url, compose).send(a_notification(), may_repeat=False)


def test_an_unknown_type_of_service_is_refused(compose: Compose) -> None:
    with pytest.raises(ValueError, match="telegram is not a type of service"):
        made("telegram", "", compose)


# --- the signed webhook --------------------------------------------------------------------------------------------


def test_the_package_of_standard_webhooks_verifies_each_message(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=http(200, "thanks")))
    notification = a_notification()

    made("webhook", wire.url, compose).send(notification, may_repeat=True)

    (request,) = wire.requests
    body = request.partition(b"\r\n\r\n")[2]
    verified = Webhook(KEY).verify(body, headers(request))
    assert headers(request)["webhook-id"] == notification.id == verified["data"]["id"]
    assert (verified["type"], verified["data"]["severity"]) == ("braket.message", "success")
    assert verified["data"]["push"].endswith("· may repeat")
    assert verified["data"]["resources"] == [{"arn": notification.transition.arn.text, "status": "COMPLETED"}]
    with pytest.raises(WebhookVerificationError):
        Webhook(KEY).verify(body.replace(b"COMPLETED", b"CANCELLED"), headers(request))


def test_a_digest_has_an_id_that_its_repeat_shares_and_a_later_digest_does_not(
    wire: Wire, compose: Compose, a_task: Callable[..., Snapshot], a_transition: Callable[..., Transition]
) -> None:
    wire.treat.extend([Treatment(answer=http(204))] * 3)
    ends = tuple(a_transition(a_task(number=n)) for n in range(1, 4))
    digest = Digest("ghz-scan", ends[:2], batch="ghz-scan", news=("1", "2"))
    channel = made("webhook", wire.url, compose)

    for content in (digest, digest, replace(digest, transitions=ends, news=("3",))):
        channel.send(content, may_repeat=False)

    first, repeat, later = (headers(each)["webhook-id"] for each in wire.requests)
    assert first == repeat != later
    assert [each["status"] for each in sent(wire)[2]["data"]["resources"]] == ["COMPLETED"] * 3


@pytest.mark.parametrize("key", ["", canary.CANARY, f"whsec_{canary.CANARY}", "whsec_"])
def test_a_key_of_the_wrong_form_sends_nothing_and_is_not_shown(
    wire: Wire, compose: Compose, a_notification: ANotification, key: str
) -> None:
    endpoint = Endpoint(canary.Secret(URL), HOST, wire.url)

    with pytest.raises(MendableError, match="the key is not whsec_ and base64"):
        SignedWebhook(endpoint, canary.Secret(key), compose, clock).send(a_notification(), may_repeat=False)

    assert wire.requests == []


# --- Discord -------------------------------------------------------------------------------------------------------


def refused(status: int, code: int) -> Treatment:
    return Treatment(answer=http(status, json.dumps({"message": f"no {canary.CANARY}", "code": code}), JSON))


def discord(wire: Wire, compose: Compose) -> DiscordWebhook:
    channel = made("discord", wire.url, compose)
    assert isinstance(channel, DiscordWebhook)
    return channel


def test_discord_s_answer_names_the_post_which_is_edited_in_its_place(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([Treatment(answer=ACCEPTED["discord"])] * 2)
    channel = discord(wire, compose)

    place = channel.send(a_notification("RUNNING"), may_repeat=False)
    channel.edit(place, a_notification("COMPLETED"))

    lines = [each.partition(b" HTTP")[0].decode() for each in wire.requests]
    at = f"/{HOST}/{canary.CANARY}"
    assert lines == [f"POST {at}?wait=true", f"PATCH {at}/messages/77"]
    assert sent(wire)[1]["embeds"][0]["title"].startswith("✅ ghz-12")
    assert all(each["allowed_mentions"] == {"parse": []} for each in sent(wire))


@pytest.mark.parametrize(
    ("treatment", "raised", "says"),
    [
        (refused(404, 10015), MendableError, "404 url_refused"),  # the webhook was deleted
        (refused(401, 50027), MendableError, "401 url_refused"),  # its token is wrong
        (refused(403, 50013), MendableError, "403 url_refused"),
        (refused(400, 30007), MendableError, "400 30007"),  # another limit of the server
        (refused(400, 220001), MendableError, "400 220001"),  # a forum, which needs ?thread_id
        (refused(400, 10**60), MendableError, "400"),  # another server's
        (refused(200, 40001), UnacknowledgedError, "200"),  # an error in a success
        (Treatment(answer=http(200, "ok")), UnacknowledgedError, "200"),
        (Treatment(answer=http(204)), UnacknowledgedError, "204"),
        (Treatment(answer=http(404, '{"code": [10008]}', JSON)), MendableError, "404 url_refused"),  # another server's
        (Treatment(answer=http(400, '{"code": {}}', JSON)), MendableError, "400"),
    ],
)
def test_each_refusal_of_discord_is_classified(
    wire: Wire,
    compose: Compose,
    a_notification: ANotification,
    treatment: Treatment,
    raised: type[Exception],
    says: str,
) -> None:
    wire.treat.append(treatment)

    with pytest.raises(raised, match=f"^{says}$"):
        discord(wire, compose).send(a_notification(), may_repeat=False)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("code", [50035, 50006, 40005])
def test_a_post_of_the_wrong_form_is_sent_once_more_as_plain_text(
    wire: Wire, compose: Compose, a_notification: ANotification, code: int
) -> None:
    wire.treat.extend([refused(400, code), Treatment(answer=ACCEPTED["discord"])])

    discord(wire, compose).send(a_notification(), may_repeat=True)

    _, plain = sent(wire)
    assert (plain["embeds"], plain["flags"]) == ([], 4)
    assert plain["content"].startswith("✅ ghz-12 done")
    assert "id 834b21ed" in plain["content"]


@pytest.mark.parametrize("code", [10008, 50005])
def test_an_edit_of_a_deleted_post_or_of_another_webhook_s_finds_it_gone(
    wire: Wire, compose: Compose, a_notification: ANotification, code: int
) -> None:
    wire.treat.append(refused(404 if code == 10008 else 403, code))

    with pytest.raises(GoneError):
        discord(wire, compose).edit("77", a_notification())


def test_an_edit_of_the_wrong_form_becomes_plain_text_and_then_a_new_post(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.extend([refused(400, 50035), Treatment(answer=ACCEPTED["discord"]), *([refused(400, 50035)] * 2)])
    channel = discord(wire, compose)

    channel.edit("77", a_notification())
    with pytest.raises(GoneError):
        channel.edit("77", a_notification())

    assert [len(each["embeds"]) for each in sent(wire)] == [1, 0, 1, 0]


@pytest.mark.parametrize("place", ["C0123456789/1764072000.000100", "", "../../..", "1" * 21])
def test_a_card_of_a_channel_that_was_slack_s_before_is_gone_for_discord(
    wire: Wire, compose: Compose, a_notification: ANotification, place: str
) -> None:
    channel = discord(wire, compose)

    with pytest.raises(GoneError):
        channel.reply(place, a_notification(), may_repeat=False, loud=True)
    with pytest.raises(GoneError):
        channel.edit(place, a_notification())

    assert wire.requests == []


def test_a_card_whose_id_discord_finds_impossible_is_gone(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(refused(400, 50035))

    with pytest.raises(GoneError):
        discord(wire, compose).reply("9" * 20, a_notification(), may_repeat=False, loud=True)

    assert len(wire.requests) == 1


@pytest.mark.parametrize("end", ["/", "#copied", "/#copied"])
def test_an_edit_has_its_message_in_the_path_however_the_url_ends(
    wire: Wire, compose: Compose, a_notification: ANotification, end: str
) -> None:
    wire.treat.append(Treatment(answer=ACCEPTED["discord"]))
    channel = made("discord", wire.url, compose, value=f"{URL}{end}")
    assert isinstance(channel, DiscordWebhook)

    channel.edit("77", a_notification())

    (request,) = wire.requests
    assert request.startswith(f"PATCH /{HOST}/{canary.CANARY}/messages/77 HTTP".encode())


@pytest.mark.parametrize(("loud", "flags"), [(True, 0), (False, 4096)])
def test_a_reply_is_a_post_beside_the_card_and_notifies_only_if_it_is_loud(
    wire: Wire, compose: Compose, a_notification: ANotification, loud: bool, flags: int
) -> None:
    wire.treat.extend([Treatment(answer=ACCEPTED["discord"])] * 2)

    assert discord(wire, compose).reply("77", a_notification(), may_repeat=False, loud=loud)

    look, post = wire.requests
    assert look.startswith(f"GET /{HOST}/{canary.CANARY}/messages/77 ".encode())
    said = json.loads(post.partition(b"\r\n\r\n")[2])
    assert said["flags"] == flags
    assert ("Submitted" in said["embeds"][0]["description"]) is not loud


def test_a_reply_s_look_and_both_posts_share_one_deadline(
    wire: Wire, compose: Compose, a_notification: ANotification, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines = kept_deadlines(monkeypatch)
    taken = Treatment(answer=ACCEPTED["discord"])
    wire.treat.extend([taken, refused(400, 50035), taken])

    discord(wire, compose).reply("77", a_notification(), may_repeat=False, loud=False)

    assert (len(deadlines), len(set(deadlines))) == (3, 1)
    _, *posts = (each.partition(b"\r\n\r\n")[2] for each in wire.requests)
    assert [json.loads(each)["flags"] for each in posts] == [4096, 4096 | 4]


@pytest.mark.parametrize(
    ("treatment", "after_s"),
    [
        (Treatment(end="reset"), None),
        (Treatment(answer=http(503)), None),
        (Treatment(answer=http(429, Retry_After="30")), 30),
    ],
)
def test_a_look_at_a_card_leaves_no_doubt_about_the_reply(
    wire: Wire, compose: Compose, a_notification: ANotification, treatment: Treatment, after_s: float | None
) -> None:
    wire.treat.append(treatment)

    with pytest.raises(TryLaterError) as later:
        discord(wire, compose).reply("77", a_notification(), may_repeat=False, loud=True)

    assert (later.value.after_s, later.value.perhaps_sent) == (after_s, False)
    assert len(wire.requests) == 1


def test_a_reply_to_a_deleted_card_is_left_to_a_new_post(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(refused(404, 10008))

    with pytest.raises(GoneError):
        discord(wire, compose).reply("77", a_notification(), may_repeat=False, loud=True)

    assert len(wire.requests) == 1


def test_a_probe_of_discord_reads_the_webhook_and_posts_nothing(wire: Wire, compose: Compose) -> None:
    wire.treat.extend([Treatment(answer=ACCEPTED["discord"]), refused(404, 10015)])
    channel = discord(wire, compose)

    channel.probe()
    with pytest.raises(MendableError, match="404 url_refused"):
        channel.probe()

    assert all(each.startswith(f"GET /{HOST}/{canary.CANARY} HTTP".encode()) for each in wire.requests)


# --- Teams ---------------------------------------------------------------------------------------------------------


def workflow_error(status: int, code: str) -> Treatment:
    return Treatment(answer=http(status, json.dumps({"error": {"code": code, "message": canary.CANARY}}), JSON))


@pytest.mark.parametrize(
    "answer",
    [
        http(202),
        http(202, "Accepted"),
        http(200),
        *(http(200, said) for said in ("1", "OK", "posted at last", "[]", '"sent"')),
        *(http(200, said, JSON) for said in ('{"posted": true}', '{"error": null}')),
    ],
)
def test_a_workflow_accepts_without_words_or_with_its_author_s(
    wire: Wire, compose: Compose, a_notification: ANotification, answer: bytes
) -> None:
    wire.treat.append(Treatment(answer=answer))

    assert made("teams", wire.url, compose).send(a_notification(), may_repeat=False) == ""

    [card] = [each["attachments"][0]["content"] for each in sent(wire)]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")


@pytest.mark.parametrize(
    ("treatment", "raised", "says"),
    [
        (workflow_error(404, "WorkflowNotFound"), MendableError, "404 url_refused"),
        (workflow_error(401, "DirectApiAuthorizationRequired"), MendableError, "401 url_refused"),  # a wrong signature
        (workflow_error(400, "WorkflowTriggerIsNotEnabled"), MendableError, "400 WorkflowTriggerIsNotEnabled"),
        (workflow_error(400, f"a code: {canary.CANARY}"), MendableError, "400"),  # foreign words are not shown
        (workflow_error(502, "NoResponse"), UnacknowledgedError, "502"),
        (workflow_error(200, "ActionFailed"), UnacknowledgedError, "200"),  # an error in a success
        (Treatment(answer=http(200, "failed with error: HTTP error 429 with ContextId")), TryLaterError, "429"),
        (Treatment(answer=http(200, "failed with error: HTTP error 502 with ContextId")), UnacknowledgedError, "502"),
        (Treatment(answer=http(200, "Error: nothing was posted")), UnacknowledgedError, "200"),
        (Treatment(answer=http(202, "The flow run failed.")), UnacknowledgedError, "202"),
    ],
)
def test_each_refusal_of_a_workflow_is_classified(
    wire: Wire,
    compose: Compose,
    a_notification: ANotification,
    treatment: Treatment,
    raised: type[Exception],
    says: str,
) -> None:
    wire.treat.append(treatment)

    with pytest.raises(raised, match=f"^{says}$"):
        made("teams", wire.url, compose).send(a_notification(), may_repeat=False)

    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        workflow_error(400, "TriggerInputSchemaMismatch"),
        Treatment(answer=http(200, "failed with error: HTTP error 413 with ContextId")),
    ],
)
def test_a_card_of_the_wrong_form_is_sent_once_more_as_a_text(
    wire: Wire, compose: Compose, a_notification: ANotification, refusal: Treatment
) -> None:
    wire.treat.extend([refusal, Treatment(answer=ACCEPTED["teams"])])

    made("teams", wire.url, compose).send(a_notification(), may_repeat=True)

    _, plain = (each["attachments"][0]["content"]["body"] for each in sent(wire))
    assert {each["type"] for each in plain} == {"RichTextBlock"}
    assert plain[0]["inlines"][0]["text"].endswith("· may repeat")
    assert "id 834b21ed" in plain[-1]["inlines"][0]["text"]


def test_the_port_in_a_workflow_s_url_is_the_usual_one(
    wire: Wire, compose: Compose, a_notification: ANotification
) -> None:
    wire.treat.append(Treatment(answer=ACCEPTED["teams"]))
    url = f"https://{HOST}:443/workflows/1/triggers/manual/paths/invoke?api-version=1&sig={canary.CANARY}"

    made("teams", wire.url, compose, value=url).send(a_notification(), may_repeat=False)

    (request,) = wire.requests
    assert request.startswith(f"POST /{HOST}:443/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=".encode())
