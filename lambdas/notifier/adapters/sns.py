"""E-mail through an Amazon SNS topic; one send is one publish, whose client must not repeat."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from notifier.model import Notification
from notifier.policy import Policy
from notifier.ports import RefusedError, TryLaterError, UnacknowledgedError
from notifier.render import render
from notifier.render_email import body, subject

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_NEVER = {"InvalidParameter", "InvalidParameterValue", "NotFound", "EndpointDisabled"}
_SERVER = 500


class SnsEmail:
    """The port `Channel` over a topic with e-mail subscriptions; taken means taken by SNS."""

    def __init__(self, client: "SNSClient", topic: str, policy: Policy) -> None:
        self._client = client
        self._topic = topic
        self._policy = policy

    def send(self, notification: Notification, *, may_repeat: bool) -> None:
        message = render(notification.transition, self._policy)
        title, text = subject(message), body(message, may_repeat=may_repeat)
        try:
            self._client.publish(TopicArn=self._topic, Subject=title, Message=text)
        except ClientError as error:
            raise _refusal(error) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise TryLaterError(type(error).__name__) from error
        except Exception as error:  # over a stranger's answer botocore stumbles in several ways
            raise UnacknowledgedError(type(error).__name__) from error


def _refusal(error: ClientError) -> Exception:
    """Rights and keys can be mended while the notification waits; a wrong message or topic cannot."""
    code = error.response["Error"]["Code"]
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER:
        return UnacknowledgedError(code)
    return RefusedError(code) if code in _NEVER else TryLaterError(code)
