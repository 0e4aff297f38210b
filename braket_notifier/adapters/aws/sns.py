"""Publish to Amazon SNS topics for e-mail and for programs, once for each send."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError

from braket_notifier.domain.digest import Digest
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.policy import Policy
from braket_notifier.errors import ChannelError, MendableError, RefusedError, TryLaterError, UnacknowledgedError
from braket_notifier.rendering.compose import Compose
from braket_notifier.rendering.formats.email import body, subject
from braket_notifier.rendering.formats.topic_json import to_json
from braket_notifier.sending.remedy import UNCONFIRMED
from braket_notifier.text.failures import in_words

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

#: Errors of the message itself.
_NEVER = {"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationException"}
#: Errors of a service that is busy; every other one can be mended while the notification waits.
_LATER = {"Throttled", "Throttling", "ThrottlingException", "ThrottledException", "KMSThrottling", "RequestTimeout"}
_LATER_STATUS = {408, 429}
#: Errors of a role without the right to the probe.
_DENIED = {"AuthorizationError", "AccessDenied", "AccessDeniedException"}
_SERVER = 500
#: The message attribute by which each person's subscription filters.
PERSON = "person"
#: Seconds for connecting and reading, because botocore's own limit restarts with each byte.
GIVE_UP_S = 14.0


class SnsEmail:
    """The port `HumanChannel` over a topic with e-mail subscriptions; SNS accepts the message, not the mailbox."""

    def __init__(
        self, client: "SNSClient", topic: str, compose: Compose, person: str = "", *, confirmed: bool = True
    ) -> None:
        """`person`: the one whose subscription takes the messages, by its filter policy on this attribute.

        `confirmed`: at least one address is, or the person's, because SNS accepts a message that it sends to nobody.
        """
        self._client = client
        self._topic = topic
        self._compose = compose
        self._person = person
        self._confirmed = confirmed

    def send(self, content: Notification | Digest, *, may_repeat: bool) -> str:
        """Return no place, because an e-mail cannot be edited."""
        self._refuse_unconfirmed()
        message = self._compose(content)
        title, text = subject(message, may_repeat=may_repeat), body(message, may_repeat=may_repeat)
        of_person: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": self._person}
        attributes = {PERSON: of_person} if self._person else {}
        call_once(
            self._client,
            lambda: self._client.publish(
                TopicArn=self._topic, Subject=title, Message=text, MessageAttributes=attributes
            ),
        )
        return ""

    def probe(self) -> None:
        """Probe the topic, of which one person's address says nothing."""
        if not self._person:
            self._refuse_unconfirmed()
        probe_once(self._client, partial(self._client.get_topic_attributes, TopicArn=self._topic))

    def _refuse_unconfirmed(self) -> None:
        if not self._confirmed:
            raise MendableError(UNCONFIRMED, one_person=bool(self._person))


class SnsTopic:
    """The port `Channel` over a topic for programs, which receive the transition as JSON."""

    def __init__(self, client: "SNSClient", topic: str, settings: Callable[[], Policy]) -> None:
        self._client = client
        self._topic = topic
        self._settings = settings

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        text = to_json(notification, self._settings, may_repeat=may_repeat)
        call_once(self._client, lambda: self._client.publish(TopicArn=self._topic, Message=text))

    def probe(self) -> None:
        probe_once(self._client, partial(self._client.get_topic_attributes, TopicArn=self._topic))


def probe_once(client: "BaseClient", look: Callable[[], object]) -> None:
    """Make a harmless call, which shows whether the service answers; a missing right to it decides nothing."""
    try:
        call_once(client, look)
    except MendableError as error:
        if str(error) not in _DENIED:
            raise


def call_once(client: "BaseClient", call: Callable[[], object]) -> None:
    """Call a service over a new connection, because the loss of an idle one would leave a doubt about the message.

    A thread makes the call, so that a slow answer can be abandoned; the thread ends with its connection.
    """
    client.close()
    sending = ThreadPoolExecutor(1)
    try:
        sending.submit(call).result(GIVE_UP_S)
    except ClientError as error:
        raise _refusal(error) from error
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise TryLaterError(in_words(error)) from error
    except SSLError as error:
        raise _tls_failure(error) from error
    except Exception as error:  # botocore fails in several ways over an answer that is not SNS's
        raise UnacknowledgedError(in_words(error)) from error
    finally:
        sending.shutdown(wait=False)


def _tls_failure(error: SSLError) -> ChannelError:
    """Classify a TLS failure; only a refused certificate is certain to come before the request."""
    behind = error.kwargs["error"].args
    refused = next((each for each in behind if isinstance(each, SSLCertVerificationError)), None)
    return TryLaterError(in_words(refused)) if refused else UnacknowledgedError(in_words(error))


def _refusal(error: ClientError) -> ChannelError:
    """Classify a refusal; permissions, keys and the topic can be mended while the notification waits."""
    code = error.response.get("Error", {}).get("Code", "Unknown")  # an answer that is not SNS's has none
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if status >= _SERVER:
        return UnacknowledgedError(code)
    if code in _NEVER:
        return RefusedError(code)
    return TryLaterError(code) if code in _LATER or status in _LATER_STATUS else MendableError(code)
