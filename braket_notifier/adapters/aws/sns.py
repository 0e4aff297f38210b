"""Amazon SNS: topics for mailboxes and for machines; one send is one publish, whose client must not repeat."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.errors import RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.topic_json import to_json

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_NEVER = {"InvalidParameter", "InvalidParameterValue", "NotFound", "EndpointDisabled"}
_SERVER = 500
#: Connecting and reading; botocore knows no limit for both, and begins its limit for reading anew with each byte.
GIVE_UP_S = 14.0


class SnsEmail:
    """The port `HumanChannel` over a topic with e-mail subscriptions; taken means taken by SNS."""

    def __init__(self, client: "SNSClient", topic: str, compose: Compose) -> None:
        self._client = client
        self._topic = topic
        self._compose = compose

    def send(self, told: Notification | Digest, *, may_repeat: bool) -> str:
        """Nobody can say where an e-mail stands."""
        message = self._compose(told)
        title, text = subject(message), body(message, may_repeat=may_repeat)
        _publish(partial(self._client.publish, TopicArn=self._topic, Subject=title, Message=text))
        return ""


class SnsTopic:
    """The port `Channel` over a topic for machines: the transition as JSON, for whoever subscribes."""

    def __init__(self, client: "SNSClient", topic: str) -> None:
        self._client = client
        self._topic = topic

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        text = to_json(notification, may_repeat=may_repeat)
        _publish(partial(self._client.publish, TopicArn=self._topic, Message=text))


def _publish(publish: Callable[[], object]) -> None:
    """In a thread, so that an answer which trickles can be left behind; the thread ends with its connection."""
    sending = ThreadPoolExecutor(1)
    try:
        sending.submit(publish).result(GIVE_UP_S)
    except ClientError as error:
        raise _refusal(error) from error
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise TryLaterError(type(error).__name__) from error
    except SSLError as error:
        raise _tls_failure(error) from error
    except Exception as error:  # over a stranger's answer botocore stumbles in several ways
        raise UnacknowledgedError(type(error).__name__) from error
    finally:
        sending.shutdown(wait=False)


def _tls_failure(error: SSLError) -> Exception:
    """A certificate is refused before anything is sent; of other failures botocore does not say when they were."""
    behind = error.kwargs["error"].args
    refused = any(isinstance(each, SSLCertVerificationError) for each in behind)
    return TryLaterError("SSLCertVerificationError") if refused else UnacknowledgedError("SSLError")


def _refusal(error: ClientError) -> Exception:
    """Rights and keys can be mended while the notification waits; a wrong message or topic cannot."""
    code = error.response.get("Error", {}).get("Code", "Unknown")  # none in words that are not of SNS
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER:
        return UnacknowledgedError(code)
    return RefusedError(code) if code in _NEVER else TryLaterError(code)
