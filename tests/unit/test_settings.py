import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import botocore.session
import pytest
from notifier.policy import parse_policy

from infra.routes import STATUSES
from infra.settings import REGIONS, Email, Settings, SlackBot, SlackWebhook, parse_settings, read_settings
from infra.toml_table import SettingsError

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

[[routes]]
to = ["lab"]
kind = "task"
status = ["COMPLETED", "FAILED"]

[[routes]]
to = ["mail"]
kind = "job"
"""

WRONG = [
    # what stands there, what a user wrote instead, and what the user reads
    # --- the top of the file
    ('home = "us-east-1"', "", "home: one of the watched regions is missing; allowed: us-east-1, eu-north-1"),
    (
        'home = "us-east-1"',
        'home = "us-west-2"',
        'home: "us-west-2" is not one of the watched regions; allowed: us-east-1, eu-north-1',
    ),
    (
        '["us-east-1", "eu-north-1"]',
        '["us-east-1", "us-esat-1"]',
        'regions: "us-esat-1" is not a region of Amazon Braket; '
        "allowed: us-east-1, us-west-1, us-west-2, eu-west-2, eu-north-1",
    ),
    (
        '["us-east-1", "eu-north-1"]',
        '"us-east-1"',
        'regions: "us-east-1" is not a list, each a region of Amazon Braket; '
        "allowed: us-east-1, us-west-1, us-west-2, eu-west-2, eu-north-1",
    ),
    (
        'home = "us-east-1"',
        'hom = "us-east-1"',
        'hom: is not a key here (did you mean "home"?); '
        "allowed: name, home, regions, time_zone, channels, defaults, routes",
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
    ('home = "us-east-1"', 'home = "us-east-1', "settings.toml: is not TOML: Illegal character '\\n' (at line 2, column 18)"),
    # --- channels
    (
        "[channels.mail]",
        "[channels.Mail_]",
        'channels: "Mail_" is not a channel\'s name; allowed: 1 to 20 of a-z, 0-9 and -',
    ),
    (
        'type = "email"',
        'type = "teams"',
        'channels.mail.type: "teams" is not a type of channel; allowed: slack, email',
    ),
    (
        'to = ["lab@example.org"]',
        'to = ["lab"]',
        'channels.mail.to: "lab" is not an e-mail address; allowed: name@example.org',
    ),
    (
        'to = ["lab@example.org"]',
        "to = []",
        "channels.mail.to: [] is not a list, each an e-mail address; allowed: name@example.org",
    ),
    (
        'channel = "C0123456789"',
        'channel = "#lab"',
        "channels.lab.channel: \"#lab\" is not a Slack channel's ID; "
        'allowed: like "C0123456789" (in Slack: the channel\'s details)',
    ),
    (
        'type = "email"',
        'type = "email"\ntoken = "ssm:/x"',
        'channels.mail.token: is not a key here; allowed: type, to',
    ),
    (
        'token = "ssm:/lab/token"',
        'webhook = "ssm:/lab/webhook"',  # a webhook leads to one channel of its own
        "channels.lab.channel: is not a key here; allowed: type, webhook",
    ),
    (
        'token = "ssm:/lab/token"',
        "",
        "channels.lab.token: is not a reference to a secret (what stands there is not repeated here); allowed: "
        'the name of an SSM parameter that holds the secret, like "ssm:/braket-notifier/slack-token"',
    ),
    # --- routes
    (
        '["COMPLETED", "FAILED"]',
        '["DONE"]',
        'routes[1].status: "DONE" is not a status of a quantum task; '
        "allowed: CREATED, QUEUED, RUNNING, CANCELLING, COMPLETED, FAILED, CANCELLED",
    ),
    (
        'kind = "job"',
        'kind = "job"\nstatus = ["CREATED"]',
        'routes[2].status: "CREATED" is not a status of a hybrid job; '
        "allowed: QUEUED, RUNNING, CANCELLING, COMPLETED, FAILED, CANCELLED",
    ),
    (
        'kind = "job"',
        'kind = "hybrid-job"',
        'routes[2].kind: "hybrid-job" is not a kind of resource; allowed: task, job',
    ),
    ('to = ["mail"]', 'to = ["post"]', 'routes[2].to: "post" is not a channel of these settings; allowed: lab, mail'),
    ('to = ["mail"]', "", "routes[2].to: null is not a list, each a channel of these settings; allowed: lab, mail"),
]
