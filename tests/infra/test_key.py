"""The installation's own key, if the settings ask for one."""

from collections.abc import Callable

import pytest

from tests.infra.template import Template


@pytest.fixture(scope="module")
def keyed(of_variant: Callable[[str], Template]) -> Template:
    return of_variant("own-key")


def test_the_key_encrypts_every_queue_topic_and_table_and_is_rotated(keyed: Template) -> None:
    [key] = keyed.of("KMS::Key").values()
    queues = {keyed.read(each.get("KmsMasterKeyId")) for each in keyed.of("SQS::Queue").values()}
    topics = {keyed.read(each.get("KmsMasterKeyId")) for each in keyed.of("SNS::Topic").values()}
    tables = {keyed.read(each["SSESpecification"]["KMSMasterKeyId"]) for each in keyed.of("DynamoDB::Table").values()}

    assert key["EnableKeyRotation"] is True
    assert queues | topics | tables == {"Key.Arn"}


def test_without_the_setting_there_is_no_key(template: Template) -> None:
    assert not template.of("KMS::Key")
    assert not any("SSESpecification" in each for each in template.of("DynamoDB::Table").values())
