"""`confirm`: confirms an e-mail subscription so that no reader of its mails can end it."""

import re
from argparse import Namespace
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError

from braket_notifier.cli.arguments import Commands, command, installation
from braket_notifier.cli.checks.subscriptions import email_topics
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError, code_of
from braket_notifier.cli.show import print_line

HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
TO_DO = 1
AGAIN = "`braket-notifier resend-confirmation` sends a new link"
MORE = """example:
  braket-notifier confirm 'https://sns.eu-north-1.amazonaws.com/confirmation.html?TopicArn=…&Token=…'

Copy the link of AWS's mail "AWS Notification - Subscription Confirmation" and do not open it. Each mail of SNS ends
with a link that unsubscribes its address, and in a list every reader (or a mail scanner) could follow it. After this
command that link does nothing without your AWS credentials (sns:Unsubscribe). The command needs sns:ConfirmSubscription
and sns:GetSubscriptionAttributes."""


def add(commands: Commands) -> None:
    summary = "confirm an e-mail address so that no reader can unsubscribe it"
    parser = command(commands, "confirm", run, summary, more=MORE, unused=("state",))
    parser.add_argument("url", metavar="URL", help='link of the mail "AWS Notification - Subscription Confirmation"')


def run(arguments: Namespace) -> int:
    topic, token = topic_and_token(arguments.url)
    place = installation(arguments)
    known = email_topics(place.settings)
    names = {place.topic(each.name): name for name, each in known.items()}
    if topic not in names:
        raise CommandError(f"the link is for {topic}, which is no e-mail topic of {place.name}: {', '.join(names)}")
    subscription = _confirmed(place, topic, token)
    attributes = place.client("sns").get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    policy = known[names[topic]].filter_policy(attributes.get("Endpoint", ""))
    if policy and not attributes.get("FilterPolicy"):  # otherwise a person would get everybody's mails
        filtered = {"AttributeName": "FilterPolicy", "AttributeValue": policy}
        place.client("sns").set_subscription_attributes(SubscriptionArn=subscription, **filtered)
    if attributes.get("ConfirmationWasAuthenticated") == "true":
        print_line(f"✓ {names[topic]}: confirmed; its mails cannot be unsubscribed without your AWS credentials")
        return 0
    print_line(f"! {names[topic]}: the link was followed before, so a reader can unsubscribe: unsubscribe it, {AGAIN}")
    return TO_DO


def topic_and_token(url: str) -> tuple[str, str]:
    """The topic's ARN and the token of a confirmation link; CommandError for any other link."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme == "https" and HOST.fullmatch(parts.netloc) and query.keys() >= {"TopicArn", "Token"}:
        return query["TopicArn"][0], query["Token"][0]
    raise CommandError("the URL is not a confirmation link like https://sns.REGION.amazonaws.com/confirmation.html?…")


def _confirmed(place: Installation, topic: str, token: str) -> str:
    """The ARN of the confirmed subscription; CommandError for a link that has expired."""
    try:
        answer = place.client("sns").confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")
    except ClientError as error:
        if code_of(error) not in {"InvalidParameter", "InvalidParameterException", "NotFound"}:
            raise
        raise CommandError(f"SNS does not know the link ({code_of(error)}); links expire: {AGAIN}") from error
    return str(answer["SubscriptionArn"])
