"""The largest possible settings, with the longest names, are within AWS's limits."""

import pytest

from braket_notifier.settings.contradictions import CHANNELS_ROOM
from security.guard import failed_checks
from tests.infra.template import Synth, Template

NAME = "a" * 29 + "-"
LONGEST = "0123456789-123456789"
SETTINGS = f"""
name = "{NAME}"
home = "eu-north-1"
regions = ["eu-north-1", "us-east-1", "us-west-1", "us-west-2", "eu-west-2"]
defaults = {{ key = "own", dashboard = true, read_results = true, result_buckets = ["amazon-braket-lab"] }}
alarms.email = ["ops@example.org", "boss@example.org"]
[channels.{LONGEST}]
type = "slack"
channel = "C0123456789"
token = "ssm:/lab/token"
[channels.-]
type = "slack"
webhook = "ssm:/lab/webhook"
[channels.mail]
type = "email"
to = ["anna@example.org", "ben@example.org"]
[channels.machines]
type = "topic"
[channels.copy-results]
type = "handler"
secret = "ssm:/lab/secret"
permissions = [{{ actions = ["s3:PutObject"], resources = ["arn:aws:s3:::lab/*"] }}]
job_role = "arn:aws:iam::111122223333:role/jobs"
[[routes]]
to = ["{LONGEST}", "-", "mail", "machines", "copy-results"]
"""

#: Kind of resource, the member with its name, and the longest name that AWS allows.
LIMITS = (
    ("Lambda::Function", "FunctionName", 64),
    ("SQS::Queue", "QueueName", 80),
    ("SNS::Topic", "TopicName", 256),
    ("Events::Rule", "Name", 64),
    ("Events::EventBus", "Name", 256),
    ("Scheduler::Schedule", "Name", 64),
    ("CloudWatch::Alarm", "AlarmName", 255),
    ("CloudWatch::Dashboard", "DashboardName", 255),
    ("Logs::LogGroup", "LogGroupName", 512),
    ("Lambda::LayerVersion", "LayerName", 140),
    ("KMS::Alias", "AliasName", 256),
)


@pytest.fixture(scope="module")
def largest(synthesised: Synth, tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("largest")
    (folder / "notifier.toml").write_text(SETTINGS)
    (folder / "custom").mkdir()
    (folder / "custom" / "copy_results.py").write_text("def handle(transition): ...\n")
    return synthesised(folder / "notifier.toml", custom=folder / "custom")


def test_the_largest_template_passes_the_security_checks(largest: Template) -> None:
    assert failed_checks(largest.content) == []


@pytest.mark.parametrize(("kind", "member", "longest"), LIMITS)
def test_no_name_is_longer_than_aws_takes(largest: Template, kind: str, member: str, longest: int) -> None:
    names = [each[member] for each in largest.of(kind).values()]

    assert names
    assert max(map(len, names)) <= longest


def test_the_largest_template_fits_into_a_stack(largest: Template) -> None:
    assert len(largest.content["Resources"]) <= 500


@pytest.mark.parametrize("function", ["Observe", "Sweep"])
def test_an_environment_has_room_for_as_many_channels_as_settings_may_have(largest: Template, function: str) -> None:
    """Lambda allows 4 KB for the whole environment."""
    environment = largest.environment(function)
    rest = environment.keys() - {"CHANNEL_QUEUES", "MAIL_TOPICS"}

    assert CHANNELS_ROOM + sum(len(key) + len(environment[key]) for key in rest) <= 4096


def test_the_largest_template_encrypts_every_queue_topic_and_table(largest: Template) -> None:
    keys = {
        largest.read(each.get("KmsMasterKeyId") or each.get("SSESpecification", {}).get("KMSMasterKeyId"))
        for kind in ("SQS::Queue", "SNS::Topic", "DynamoDB::Table")
        for each in largest.of(kind).values()
    }

    assert keys == {"Key.Arn"}


def test_every_kind_of_channel_gives_up_late_and_one_record_at_a_time(largest: Template) -> None:
    """AWS advises a visibility timeout of six function timeouts, and at least five receives."""
    consumed = list(largest.consumed())

    assert len(consumed) == 6
    for mapping, queue, hidden_s in consumed:
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= hidden_s
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["BatchSize"] <= 10 or window > 0
