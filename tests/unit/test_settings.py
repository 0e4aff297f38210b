"""What the settings file may say, and what a user reads who wrote something else."""

from collections.abc import Callable
from pathlib import Path

import botocore.session
import pytest

from infra.routes import STATUSES
from infra.settings import REGIONS, Email, Settings, SlackBot, SlackWebhook, read_settings
from infra.toml_table import SettingsError
from notifier.policy import Route
from notifier.policy_json import parse_policy

Read = Callable[[str], Settings]

DEFAULT = Path(__file__).parents[2] / "notifier.toml"

SMALL = """
home = "us-east-1"
regions = ["us-east-1", "eu-north-1"]

[channels.lab]
type = "slack"
channel = "C0123456789"
token = "ssm:/lab/token"

[channels.mail]
type = "email"
to = ["lab@example.org"]

[defaults]
partial_below = 0.9

[[routes]]
to = ["lab"]
kind = "task"
status = ["COMPLETED", "FAILED"]

[[routes]]
to = ["mail"]
kind = "job"
"""

REGION_NAMES = "us-east-1, us-west-1, us-west-2, eu-west-2, eu-north-1"
REFERENCE = 'the name of the SSM parameter that holds it, like "ssm:/braket-notifier/slack-token"'
ROUTE_KEYS = "to, kind, device_type, device, region, status, tags, took_over, partial, silent"
DURATION = '"1m" to "24h" (m minutes, h hours, d days)'

WRONG = [
    # what stood there, what stands there now, and what the user reads
    ('home = "us-east-1"', "", "home: is missing; allowed: us-east-1, eu-north-1"),
    (
        'home = "us-east-1"',  # Braket is there, but nothing would be watched at home
        'home = "us-west-2"',
        'home: "us-west-2" is not one of the watched regions; allowed: us-east-1, eu-north-1',
    ),
    (
        '["us-east-1", "eu-north-1"]',
        '["us-east-1", "us-esat-1"]',
        f'regions: "us-esat-1" is not a region of Amazon Braket; allowed: {REGION_NAMES}',
    ),
    (
        '["us-east-1", "eu-north-1"]',  # a string where a list is needed
        '"us-east-1"',
        f'regions: "us-east-1" is not a list of at least one; allowed in it: {REGION_NAMES}',
    ),
    (
        'home = "us-east-1"',
        'hom = "us-east-1"',
        (
            'hom: is not a key here (did you mean "home"?); '
            "allowed: name, home, regions, time_zone, channels, defaults, routes"
        ),
    ),
    (
        'home = "us-east-1"',
        'home = "us-east-1"\ntime_zone = "Stockholm"',
        'time_zone: "Stockholm" is not an IANA time zone; allowed: a name like "UTC" or "Europe/Stockholm"',
    ),
    (
        'home = "us-east-1"',
        'home = "us-east-1"\nname = "Braket"',
        'name: "Braket" is not a name; allowed: a letter, then up to 29 of a-z, 0-9 and -',
    ),
    (
        "[channels.mail]",
        "[channels.Mail_]",
        'channels: "Mail_" is not a channel\'s name; allowed: 1 to 20 of a-z, 0-9 and -',
    ),
    (
        'type = "email"',
        'type = "teams"',
        'channels.mail.type: "teams" is not a type of channel; allowed: slack, email, topic, handler',
    ),
    ('type = "email"', "", "channels.mail.type: is missing; allowed: slack, email, topic, handler"),
    (
        '["lab@example.org"]',
        '["lab"]',
        'channels.mail.to: "lab" is not an e-mail address; allowed: name@example.org',
    ),
    (
        '["lab@example.org"]',
        "[]",
        "channels.mail.to: [] is not a list of at least one; allowed in it: name@example.org",
    ),
    (
        '"C0123456789"',  # a name may change, and chat.update takes none
        '"#lab"',
        (
            'channels.lab.channel: "#lab" is not a Slack channel\'s ID; '
            'allowed: like "C0123456789" (in Slack: the channel\'s details)'
        ),
    ),
    (
        'type = "email"',
        'type = "email"\ntoken = "ssm:/x"',
        "channels.mail.token: is not a key here; allowed: type, to",
    ),
    (
        'token = "ssm:/lab/token"',  # a webhook leads to one channel of its own
        'webhook = "ssm:/lab/webhook"',
        "channels.lab.channel: is not a key here; allowed: type, webhook",
    ),
    ('token = "ssm:/lab/token"', "", f"channels.lab.token: is missing; allowed: {REFERENCE}"),
    (
        '"ssm:/lab/token"',  # a parameter's name is a path
        '"ssm:token"',
        f"channels.lab.token: what stands here is not a reference to a secret; allowed: {REFERENCE}",
    ),
    (
        '["COMPLETED", "FAILED"]',
        '["DONE"]',
        (
            'routes[1].status: "DONE" is not a status of a quantum task; '
            "allowed: CREATED, QUEUED, RUNNING, CANCELLING, COMPLETED, FAILED, CANCELLED"
        ),
    ),
    (
        'kind = "job"',  # a hybrid job has no CREATED
        'kind = "job"\nstatus = ["CREATED"]',
        (
            'routes[2].status: "CREATED" is not a status of a hybrid job; '
            "allowed: QUEUED, RUNNING, CANCELLING, COMPLETED, FAILED, CANCELLED"
        ),
    ),
    (
        'kind = "job"',
        'kind = "hybrid-job"',
        'routes[2].kind: "hybrid-job" is not a kind of resource; allowed: task, job',
    ),
    ('to = ["mail"]', 'to = ["post"]', 'routes[2].to: "post" is not a channel of these settings; allowed: lab, mail'),
    ('to = ["mail"]', "", "routes[2].to: is missing; allowed: lab, mail"),
    (
        'kind = "job"',
        'kind = "job"\ndevice_type = "QPU"',
        'routes[2].device_type: "QPU" is not a type of device; allowed: qpu, simulator',
    ),
    (
        'kind = "job"',  # would match no ARN, and so nothing, silently
        'kind = "job"\ndevice = ["Aquila"]',
        (
            'routes[2].device: "Aquila" is not part of a device\'s ARN; '
            'allowed: a pattern that begins with "arn:" or "*": "*/qpu/ionq/*"'
        ),
    ),
    (
        'kind = "job"',  # a region of Braket, but not watched
        'kind = "job"\nregion = ["us-west-1"]',
        'routes[2].region: "us-west-1" is not a watched region; allowed: us-east-1, eu-north-1',
    ),
    (
        'kind = "job"',
        'kind = "job"\ntags = { shots = 5 }',
        'routes[2].tags: {"shots": 5} is not a table of strings; allowed: { project = "chemistry", owner = "a*" }',
    ),
    (
        'kind = "job"',
        'kind = "job"\ntook_over = 300',
        'routes[2].took_over: 300 is not a duration; allowed: "1m" to "1000d" (m minutes, h hours, d days)',
    ),
    (
        'kind = "job"',
        'kind = "job"\npartial = true',
        "routes[2].partial: true is not for hybrid jobs, which have no shots; allowed: false",
    ),
    (
        'kind = "job"',
        'kind = "job"\npartial = "yes"',
        'routes[2].partial: "yes" is not a yes or no; allowed: true, false',
    ),
    (
        '["COMPLETED", "FAILED"]',  # silence about what the route does not tell anyway
        '["COMPLETED", "FAILED"]\nsilent = ["RUNNING"]',
        'routes[1].silent: "RUNNING" is not among the route\'s own statuses; allowed: COMPLETED, FAILED',
    ),
    (
        'kind = "job"',
        'kinds = "job"',
        f'routes[2].kinds: is not a key here (did you mean "kind"?); allowed: {ROUTE_KEYS}',
    ),
    ("0.9", "95", "defaults.partial_below: 95 is not a share; allowed: above 0, up to 1"),
    ("0.9", "true", "defaults.partial_below: true is not a share; allowed: above 0, up to 1"),
    (
        "partial_below = 0.9",
        'retention = "36h"',
        'defaults.retention: "36h" is not a duration; allowed: "1d" to "1000d" (m minutes, h hours, d days)',
    ),
    (
        "partial_below = 0.9",
        'sweep_every = "30s"',
        f'defaults.sweep_every: "30s" is not a duration; allowed: {DURATION}',
    ),
    ("partial_below = 0.9", 'sweep_every = "2d"', f'defaults.sweep_every: "2d" is not a duration; allowed: {DURATION}'),
    (
        "[defaults]",  # doubled brackets make a list of tables
        "[[defaults]]",
        'defaults: [{"partial_below": 0.9}] is not a table; allowed: partial_below, retention, sweep_every',
    ),
]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str) -> Settings:
        path = tmp_path / "settings.toml"
        path.write_text(text)
        return read_settings(path)

    return read


@pytest.mark.parametrize(("stood", "stands", "message"), WRONG)
def test_a_mistake_names_the_key_the_value_and_what_is_allowed(
    read: Read, stood: str, stands: str, message: str
) -> None:
    assert stood in SMALL

    with pytest.raises(SettingsError) as mistake:
        read(SMALL.replace(stood, stands, 1))

    assert str(mistake.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # nothing would ever be told
        (SMALL.partition("[[routes]]")[0], "routes: at least one [[routes]] is needed"),
        # nobody would ever be told
        (
            'home = "us-east-1"\nregions = ["us-east-1"]\n',
            "channels: at least one [channels.NAME] is needed; NAME: 1 to 20 of a-z, 0-9 and -",
        ),
    ],
)
def test_a_notifier_that_would_be_silent_for_ever_is_refused(read: Read, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as mistake:
        read(text)

    assert str(mistake.value) == message


@pytest.mark.parametrize("content", [b'home = "us-east-1\n', b"\xff\xfe"], ids=["no TOML", "no UTF-8"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match=r"settings\.toml: is not TOML: "):
        read_settings(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such file"):
        read_settings(tmp_path / "nowhere.toml")


SECRETS = ["xoxb-1-made-up", "https://hooks.slack.com/services/T0/B0/made-up"]


@pytest.mark.parametrize("secret", [*SECRETS, "made-up"])
@pytest.mark.parametrize(
    ("stood", "stands"),
    [
        # where a secret belongs, whatever stands there may be one
        ('token = "ssm:/lab/token"', "token = {}"),
        ('token = "ssm:/lab/token"', "token = [{}]"),
        ('channel = "C0123456789"\ntoken = "ssm:/lab/token"', "webhook = {}"),
    ],
)
def test_what_stands_in_the_place_of_a_reference_is_not_repeated(
    read: Read, stood: str, stands: str, secret: str
) -> None:
    with pytest.raises(SettingsError) as mistake:
        read(SMALL.replace(stood, stands.format(f'"{secret}"'), 1))

    assert "what stands here is not a reference to a secret" in str(mistake.value)
    assert "made-up" not in str(mistake.value)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("stood", ['"C0123456789"', '"lab@example.org"', "0.9", '"task"', '["lab"]'])
def test_a_secret_in_the_wrong_place_is_not_repeated(read: Read, stood: str, secret: str) -> None:
    with pytest.raises(SettingsError, match=r": \(a secret, not repeated here\) is not ") as mistake:
        read(SMALL.replace(stood, f'"{secret}"', 1))

    assert "made-up" not in str(mistake.value)


def test_channels_are_a_bot_a_webhook_or_mailboxes(read: Read) -> None:
    webhook = '[channels.hook]\ntype = "slack"\nwebhook = "ssm:/lab/hook"\n\n[channels.mail]'

    settings = read(SMALL.replace("[channels.mail]", webhook))

    assert settings.channels == {
        "lab": SlackBot("C0123456789", "ssm:/lab/token"),
        "hook": SlackWebhook("ssm:/lab/hook"),
        "mail": Email(("lab@example.org",)),
    }


def test_what_is_left_out_has_a_default(read: Read) -> None:
    settings = read(SMALL.replace("partial_below = 0.9", ""))

    assert (settings.name, settings.time_zone) == ("braket-notifier", "UTC")
    assert (settings.partial_below, settings.retention_s, settings.sweep_every_s) == (0.95, 90 * 86400, 300)


def test_the_policy_says_all_that_a_route_says_and_no_more(read: Read) -> None:
    everything = """
to = ["mail"]
kind = "task"
device_type = "qpu"
device = ["*/ionq/*"]
region = ["eu-north-1"]
status = ["FAILED"]
tags = { project = "chem*" }
took_over = "2h"
partial = true
silent = ["COMPLETED"]
"""

    policy = read(SMALL.replace('to = ["mail"]\nkind = "job"', everything)).policy()

    assert policy == {
        "version": 1,
        "home": "us-east-1",
        "regions": ["us-east-1", "eu-north-1"],
        "time_zone": "UTC",
        "channels": {"lab": {"type": "slack"}, "mail": {"type": "email"}},
        "partial_below": 0.9,
        "retention_days": 90,
        "routes": [
            {"to": ["lab"], "kind": "task", "status": ["COMPLETED", "FAILED"]},
            {
                "to": ["mail"],
                "kind": "task",
                "device_type": "qpu",
                "device": ["*/ionq/*"],
                "region": ["eu-north-1"],
                "status": ["FAILED"],
                "tags": {"project": "chem*"},
                "took_over_s": 7200,
                "partial": True,
                "silent": ["COMPLETED"],
            },
        ],
    }


def test_the_functions_read_the_policy_that_the_settings_write() -> None:
    policy = parse_policy(read_settings(DEFAULT).policy())

    assert policy.channels == {"team-slack": "slack", "mail": "email"}
    assert (policy.time_zone, policy.partial_below, policy.retention_days) == ("UTC", 0.95, 90)
    assert policy.regions == REGIONS
    slack, mail = ("team-slack",), ("mail",)
    ends = ("COMPLETED", "FAILED", "CANCELLED")
    assert policy.routes == (
        Route(slack, "task", "qpu", status=ends),
        Route(slack, "task", "simulator", status=("COMPLETED",), took_over_s=300),
        Route(slack, "task", "simulator", status=("FAILED", "CANCELLED"), took_over_s=60),
        Route(slack, "job", status=("RUNNING", *ends), silent=("RUNNING",)),
        Route(mail, "job", status=ends),
        Route(mail, "task", "qpu", status=("FAILED",), partial=True),
    )


def test_the_functions_read_what_differs_from_the_defaults(read: Read) -> None:
    settings = read(SMALL.replace('home = "us-east-1"', 'home = "us-east-1"\ntime_zone = "Europe/Stockholm"'))

    policy = parse_policy(settings.policy())

    assert (policy.time_zone, policy.partial_below) == ("Europe/Stockholm", 0.9)


def test_regions_and_statuses_are_brakets_own() -> None:
    """A newer botocore that knows more of them fails here, and is then followed."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("braket", "service-2")["shapes"]

    assert set(session.get_available_regions("braket")) == set(REGIONS)
    assert set(model["QuantumTaskStatus"]["enum"]) == set(STATUSES["task"])
    assert set(model["JobPrimaryStatus"]["enum"]) == set(STATUSES["job"])
