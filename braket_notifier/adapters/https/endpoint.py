"""The address of a channel's service: a URL that is a secret, on the host that the settings name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from braket_notifier.adapters.https.call import LATER_STATUSES, LIMITED_STATUS, Response, call
from braket_notifier.adapters.https.secret import Secret, sendable
from braket_notifier.errors import ChannelError, MendableError, RefusedError, TryLaterError, UnacknowledgedError

_TOO_LARGE, _SERVER = 413, 500
#: Statuses by which a service refuses the URL itself, and the word by which `remedy` knows them.
_URL_REFUSED, URL_REFUSED = {401, 403, 404, 410}, "url_refused"
_PAGE, _XML = "text/html", {"text/xml", "application/xml"}
Form = TypeVar("Form")
Answer = TypeVar("Answer")


class WrongFormError(RefusedError):
    """The service refused the message's size or form; the caller sends a plain one."""


def wrong_url(url: str, host: str) -> str:
    """Return why a URL is refused, without showing it, or an empty text.

    The URL is not parsed, because a parser's error would show it. The schema of the settings keeps literal addresses
    from being a host.
    """
    begin = f"https://{host}/"
    good = url.startswith((begin, f"https://{host}:443/"))
    return "" if good else f"the URL does not begin with {begin}, the host of the settings"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel's requests go: the URL as its secret says, if that has the settings' host."""

    url: Secret
    host: str
    #: The emulator of every service on the local cloud; nothing in a template sets it.
    emulator: str = ""

    def request(
        self,
        body: bytes,
        headers: Mapping[str, str],
        by: float,
        *,
        method: str = "POST",
        path: str = "",
        query: str = "",
    ) -> Response:
        """Send one of a message's requests, with `path` behind the URL's own and `query` after it.

        The message ends `by` its deadline. Raises the errors of a channel.
        """
        url = sendable(self.url.read())
        if wrong := wrong_url(url, self.host):
            raise MendableError(wrong)
        place, _, own = url.partition("#")[0].partition("?")
        place = place.rstrip("/") if path else place
        if self.emulator:
            place = f"{self.emulator}/{place.removeprefix('https://')}"
        asked = "&".join(filter(None, (own, query)))
        whole = f"{place}{path}?{asked}" if asked else f"{place}{path}"
        typed = {"Content-Type": "application/json", **headers} if body else headers
        return call(whole, typed, body, by, method=method)

    def refusal(self, response: Response, word: str = "") -> ChannelError:
        """Classify a refusal by its status, because each service words its own otherwise or not at all.

        A URL that may have been replaced since it was read is tried again with the new one.
        """
        status, why = response.status, f"{response.status}"
        if status in LATER_STATUSES:
            return TryLaterError(why, response.retry_after_s, perhaps_sent=status == LIMITED_STATUS)
        if status >= _SERVER or status < 300:  # noqa: PLR2004 - a success without the service's own words
            return UnacknowledgedError(why)
        if status == _TOO_LARGE:
            return WrongFormError(why)
        if status in _URL_REFUSED:
            if self.url.replaced():
                return TryLaterError(f"{why}: the secret may have been replaced")
            return MendableError(f"{why} {URL_REFUSED}")
        return MendableError(f"{why} {word}".strip())


def whole_or_plain(send: Callable[[Form], Answer], whole: Form, plain: Callable[[], Form]) -> Answer:
    """Send the whole message, or once a plain one if the service refuses its size or form."""
    try:
        return send(whole)
    except WrongFormError:
        return send(plain())


def is_accepted(response: Response) -> bool:
    """Whether the status is a success and the body is not a page, which a proxy may put in the service's place."""
    kind, begin = response.headers.get_content_type(), response.text.lstrip("\ufeff \t\r\n")[:1]
    is_page = kind == _PAGE or (begin == "<" and kind not in _XML)
    return 200 <= response.status < 300 and not is_page  # noqa: PLR2004 - HTTP
