"""A real publish to a real topic of the local cloud arrives in the mailbox."""

from collections.abc import Callable
from typing import Any

from local.cloud.cloud import Cloud
from local.inbox.inbox import Inbox


def test_a_message_published_to_a_topic_arrives(
    cloud: Cloud, inbox: Inbox, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="mail")["TopicArn"]
    cloud.subscribe_http(topic, f"{inbox.url}/sns")

    attributes = {"status": {"DataType": "String", "StringValue": "COMPLETED"}}
    published = sns.publish(TopicArn=topic, Subject="ghz-12 done", Message="Hello,\nü", MessageAttributes=attributes)

    [mail] = eventually(lambda: inbox.mails)
    assert (mail.subject, mail.body, mail.attributes) == ("ghz-12 done", "Hello,\nü", {"status": "COMPLETED"})
    assert (mail.message_id, mail.topic_arn) == (published["MessageId"], topic)
