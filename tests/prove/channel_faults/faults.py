"""Faults between a notifier and its channels, and the required outcome of each."""

from dataclasses import dataclass, field
from typing import Literal

from tests import canary
from tests.prove.wire import Treatment, http

#: later: certainly not accepted, comes again. limited: refused for its rate, comes again marked. doubt: perhaps
#: accepted, comes again marked. mendable: refused until somebody mends it. never: refused for good. taken: refused as
#: ill-formed, and accepted as plain text by a second request.
Verdict = Literal["later", "limited", "doubt", "mendable", "never", "taken"]
Place = Literal["server", "plain", "self-signed", "trusted", "dns", "refused", "unaccepting"]

JSON = "application/json"
ECHO = f"The requested URL /services/{canary.HOOK} was not found; Authorization: Bearer {canary.TOKEN}"

#: The documented errors of chat.postMessage.
LATER_ERRORS: tuple[tuple[str, Verdict], ...] = (
    ("ratelimited", "limited"),
    ("rate_limited", "limited"),
    ("message_limit_exceeded", "later"),
)
DOUBTFUL_ERRORS = ("fatal_error", "internal_error", "service_unavailable", "request_timeout")
MENDABLE_ERRORS = (
    *("not_in_channel", "channel_not_found", "is_archived", "missing_scope", "token_revoked", "token_expired"),
    *("account_inactive", "not_authed", "invalid_auth", "restricted_action", "restricted_action_read_only_channel"),
    "a_word_of_tomorrow",
)
ILL_FORMED_ERRORS = ("no_text", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "metadata_too_large")
WEBHOOK_ERRORS = (
    *((400, word) for word in ("no_service", "no_service_id", "no_team")),
    *((400, word) for word in ("team_disabled", "a_word_of_tomorrow")),
    *((403, word) for word in ("invalid_token", "action_prohibited", "posting_to_general_channel_denied")),
    *((404, word) for word in ("no_active_hooks", "channel_not_found")),
    (410, "channel_is_archived"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that happens once, in a place of its own or in a server's treatment of the request."""

    name: str
    verdict: Verdict
    treatment: Treatment = field(default_factory=Treatment)
    place: Place = "server"
    #: Seconds until the record comes again, if the fault decides it.
    wait_s: int | None = None
    #: A probe that meets it shows nothing about messages.
    shows_nothing: bool = False

    @property
    def requests(self) -> int:
        """The number of requests of one attempt on the wire. A fault in connecting sends none."""
        return 2 if self.verdict == "taken" else int(self.place in ("server", "trusted"))


def _answered(
    name: str,
    verdict: Verdict,
    answer: bytes,
    *,
    accepts: bool = False,
    wait_s: int | None = None,
    shows_nothing: bool = False,
) -> Fault:
    treatment = Treatment(answer=answer, accepts=accepts)
    return Fault(name, verdict, treatment, wait_s=wait_s, shows_nothing=shows_nothing)


_TRICKLE = Treatment(answer=http(200, "x" * 1000), byte_s=0.05, accepts=True)
_CUT = http(200, "ok")[:-1]

NETWORK = (
    Fault("reset before the body", "doubt", Treatment(early=True, end="reset")),
    Fault("reset after the body", "doubt", Treatment(end="reset")),
    Fault("reset after accepting", "doubt", Treatment(accepts=True, end="reset")),
    Fault("closed after accepting", "doubt", Treatment(accepts=True)),
    Fault("no answer", "doubt", Treatment(end="wait")),
    Fault("accepted, no answer", "doubt", Treatment(accepts=True, end="wait")),
    Fault("a byte at a time", "doubt", _TRICKLE),
    Fault("half a status line", "doubt", Treatment(answer=b"HTTP/1.1 2", accepts=True)),
    Fault("half a body", "doubt", Treatment(answer=_CUT, accepts=True)),
    Fault("no HTTP", "doubt", Treatment(answer=b"220 mail ready\r\n\r\n", accepts=True)),
    _answered("500", "doubt", http(500, "upstream error")),
    _answered("502 after accepting", "doubt", http(502, "<html>Bad gateway</html>", "text/html"), accepts=True),
    _answered("503", "doubt", http(503)),
    _answered("200, empty", "doubt", http(200), accepts=True),
    _answered("200, not its own words", "doubt", http(200, "<html>hello</html>", "text/html"), accepts=True),
    Fault("refused", "later", place="refused"),
    Fault("DNS", "later", place="dns"),
    Fault("self-signed", "later", place="self-signed"),
    Fault("connecting takes too long", "later", place="unaccepting"),
)

SLACK = (
    _answered("408", "later", http(408, ECHO)),
    _answered("429, Retry-After 30", "limited", http(429, ECHO, Retry_After="30"), wait_s=31),
    _answered("429 without Retry-After", "limited", http(429)),
    _answered("429, Retry-After 0", "limited", http(429, Retry_After="0")),
    _answered("429, Retry-After a date", "limited", http(429, Retry_After="Sat, 21 Nov 2026 12:00:00 GMT")),
    _answered("429, Retry-After below zero", "limited", http(429, Retry_After="-5")),
    _answered("429, Retry-After 10^9", "limited", http(429, Retry_After="1000000000"), wait_s=12 * 3600 + 1),
    _answered("429, Retry-After no number of ours", "limited", http(429, Retry_After="\xb2")),
    Fault("500, a header that is none", "doubt", Treatment(answer=b"HTTP/1.1 500 said\r\nno header\r\n\r\n")),
    _answered("302", "mendable", http(302, Location="/elsewhere")),
    *(_answered(f"{each}, the URL in the page", "doubt", http(each, ECHO)) for each in (200, 500)),
    _answered("404, the URL in the page", "mendable", http(404, ECHO)),
    _answered("409", "mendable", http(409, ECHO)),
    _answered("413", "taken", http(413)),
    _answered("200, a charset nobody knows", "doubt", http(200, "ok", "text/plain; charset=klingon"), accepts=True),
    _answered("200, not in its charset", "doubt", http(200, "\xff\xfe", "text/plain; charset=utf-8"), accepts=True),
    Fault("TLS with a plain server", "later", place="plain"),
    Fault("TLS broken after accepting", "doubt", Treatment(accepts=True, end="garbage"), place="trusted"),
)

BOT = (
    *(
        _answered(f"200, {word}", verdict, http(200, f'{{"ok":false,"error":"{word}"}}', JSON))
        for word, verdict in LATER_ERRORS
    ),
    *(
        _answered(f"200, {word}", "doubt", http(200, f'{{"ok":false,"error":"{word}"}}', JSON))
        for word in DOUBTFUL_ERRORS
    ),
    *(
        _answered(f"200, {word}", "mendable", http(200, f'{{"ok":false,"error":"{word}"}}', JSON))
        for word in MENDABLE_ERRORS
    ),
    *(
        _answered(f"200, {word}", "taken", http(200, f'{{"ok":false,"error":"{word}"}}', JSON))
        for word in ILL_FORMED_ERRORS
    ),
    _answered("200, not an object", "doubt", http(200, "[1]", JSON), accepts=True),
    _answered("200, an object without a word", "doubt", http(200, "{}", JSON), accepts=True),
)

#: Refusals that concern one member of the workspace, so that the channel is not down, and those of the whole app.
_OF_PERSON: dict[Verdict, tuple[str, ...]] = {
    "later": ("user_not_found", "channel_not_found", "cannot_dm_bot", "user_disabled"),
    "mendable": ("messages_tab_disabled", "token_revoked"),
}
PERSON = tuple(
    _answered(f"200, {word}", verdict, http(200, f'{{"ok":false,"error":"{word}"}}', JSON))
    for verdict, words in _OF_PERSON.items()
    for word in words
)

WEBHOOK = (
    *(_answered(f"{status} {word}", "mendable", http(status, word)) for status, word in WEBHOOK_ERRORS),
    *(
        _answered(f"400 {word}", "taken", http(400, word))
        for word in ("invalid_payload", "no_text", "too_many_attachments")
    ),
    _answered("400 user_not_found", "later", http(400, "user_not_found")),  # one person's, so the channel is not down
)


def _but(faults: tuple[Fault, ...], *names: str) -> tuple[Fault, ...]:
    """The faults without those of these names; ValueError for a name that none has."""
    if unknown := set(names) - {each.name for each in faults}:
        raise ValueError(f"no fault is called {unknown}")
    return tuple(each for each in faults if each.name not in names)


#: The receiver of a webhook and the author of a workflow may answer a success in any words, but not by a page.
_ANY_WORDS = (
    *_but(NETWORK, "200, empty"),
    *_but(SLACK, "200, the URL in the page", "200, a charset nobody knows", "200, not in its charset"),
)
SIGNED = (
    *_ANY_WORDS,
    *(_answered(f"{status}", "mendable", http(status)) for status in (400, 401, 403, 405, 410, 422)),
)

_TEAMS_CODES: tuple[tuple[int, str, Verdict], ...] = (
    (400, "TriggerInputSchemaMismatch", "taken"),  # as one text
    (400, "WorkflowTriggerIsNotEnabled", "mendable"),
    (401, "DirectApiAuthorizationRequired", "mendable"),
    (404, "WorkflowNotFound", "mendable"),
    (502, "NoResponse", "doubt"),
    (200, "ActionFailed", "doubt"),
)
_BEHIND: tuple[tuple[int, Verdict], ...] = ((429, "limited"), (413, "taken"), (400, "mendable"), (502, "doubt"))
TEAMS = (
    *_ANY_WORDS,
    *(
        _answered(f"{status} {code}", verdict, http(status, f'{{"error":{{"code":"{code}"}}}}', JSON))
        for status, code, verdict in _TEAMS_CODES
    ),
    *(
        _answered(f"200, {status} behind it", verdict, http(200, f"failed with error: HTTP error {status}"))
        for status, verdict in _BEHIND
    ),
    _answered("202, words of a failure", "doubt", http(202, "The flow run failed."), accepts=True),
)

_DISCORD_CODES: tuple[tuple[int, int, Verdict], ...] = (
    (400, 50035, "taken"),  # in plain text
    (400, 50006, "taken"),
    (400, 40005, "taken"),
    (400, 30007, "mendable"),
    (401, 50027, "mendable"),
    (403, 50013, "mendable"),
    (404, 10015, "mendable"),
    (200, 40001, "doubt"),
)
DISCORD = (
    *SLACK,
    *(
        _answered(f"{status} {code}", verdict, http(status, f'{{"message":"no","code":{code}}}', JSON))
        for status, code, verdict in _DISCORD_CODES
    ),
    _answered("200, no id", "doubt", http(200, "{}", JSON), accepts=True),
)


def _sns(status: int, code: str) -> bytes:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>"
    return http(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>", "text/xml")


SNS = (
    *(
        _answered(f"{status} {code}", "later", _sns(status, code))
        for status, code in ((400, "Throttling"), (429, "Slow"))
    ),
    _answered("400 KMSThrottling", "later", _sns(400, "KMSThrottling")),
    *(_answered(f"400 {code}", "mendable", _sns(400, code)) for code in ("KMSDisabled", "KMSAccessDenied")),
    _answered("403 AuthorizationError", "mendable", _sns(403, "AuthorizationError"), shows_nothing=True),
    *(_answered(f"400 {code}", "never", _sns(400, code)) for code in ("InvalidParameter", "InvalidParameterValue")),
    *(
        _answered(f"{status} {code}", "mendable", _sns(status, code))
        for status, code in ((404, "NotFound"), (400, "EndpointDisabled"))
    ),
    _answered("500 InternalError", "doubt", _sns(500, "InternalError"), accepts=True),
    _answered("408 RequestTimeout", "later", _sns(408, "RequestTimeout")),
    # botocore recognises these: an unreadable answer of any status, and a failure of TLS at any time.
    _answered("408 in other words", "doubt", http(408, "too slow")),
    Fault("TLS with a plain server", "doubt", place="plain"),
    Fault("TLS broken after accepting", "doubt", Treatment(accepts=True, end="garbage"), place="trusted"),
)
