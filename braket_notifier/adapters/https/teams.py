"""Send to a channel of Microsoft Teams by a workflow, which takes a card and answers nothing about it."""

import re
from functools import partial

from braket_notifier.adapters.https.call import Response, message_deadline
from braket_notifier.adapters.https.endpoint import Endpoint, WrongFormError, is_accepted, whole_or_plain
from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import ChannelError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.adaptive_card import Element, envelope, plain_envelope
from braket_notifier.text.json_fields import inside, object_in, text, utf8_json

#: A failure behind a success, in the words of the former connectors, and any words of a failure.
_FAILED_INSIDE, _FAILED = re.compile(r"HTTP error (\d{3})"), re.compile("error|fail", re.IGNORECASE)
#: Codes of a workflow for a message that it accepts in no such form or size.
_WRONG_FORM = {"TriggerInputSchemaMismatch", "InvalidRequestContent", "RequestEntityTooLarge"}
_CODE = re.compile("[A-Za-z]{1,60}")
_BAD = 400


class TeamsWorkflow:
    """The port `HumanChannel` over the URL of a workflow, which posts and can neither edit nor be probed."""

    def __init__(self, endpoint: Endpoint, compose: Compose) -> None:
        self._endpoint = endpoint
        self._compose = compose

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place; a card that is refused in its form is sent once more as one text."""
        by, message = message_deadline(), self._compose(content)
        plain = partial(plain_envelope, message, may_repeat=may_repeat)
        whole_or_plain(partial(self._post, by), envelope(message, may_repeat=may_repeat), plain)
        return ""

    def _post(self, by: float, message: Element) -> None:
        response = self._endpoint.request(utf8_json(message).encode(), {}, by)
        if not _is_posted(response):
            raise self._refusal(response)

    def _refusal(self, response: Response) -> ChannelError:
        code = text(inside(object_in(response.text), "error", "code"))
        if response.status == _BAD and code in _WRONG_FORM:
            return WrongFormError(f"{response.status} {code}")
        behind = _FAILED_INSIDE.search(response.text) if is_accepted(response) else None
        status = int(behind[1]) if behind else response.status
        return self._endpoint.refusal(response._replace(status=status), code if _CODE.fullmatch(code) else "")


def _is_posted(response: Response) -> bool:
    """Whether a success names no failure: a workflow answers 202 without words, or what its author lets it say.

    An author may map a missing error to null.
    """
    answer = object_in(response.text)
    failed = answer.get("error") if answer else _FAILED.search(response.text)
    return is_accepted(response) and not failed
