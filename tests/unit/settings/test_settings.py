"""Values that the settings file may have, and the sentences for all others."""

import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import botocore.session
import pytest
from jsonschema import Draft7Validator

from braket_notifier.domain.policy import (
    ALARMS,
    HintRule,
    Ignored,
    Person,
    Policy,
    Quiet,
    QuotaShares,
    Reservation,
    Route,
)
from braket_notifier.domain.reminder import NEAR_LIMIT, REMINDERS
from braket_notifier.domain.resource import FAILING
from braket_notifier.domain.spending import SPENDING
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.settings.channels import (
    Bus,
    Email,
    Handler,
    Permission,
    SlackBotSettings,
    SlackWebhookSettings,
    Topic,
    UrlSettings,
)
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Settings, read_settings
from braket_notifier.settings.schema import SCHEMA
from braket_notifier.settings.toml_lines import as_json, line_of
from tests import canary

Read = Callable[[str], Settings]
Golden = Callable[[Path, str], None]

DEFAULT = Path(__file__).parents[3] / "notifier.toml"
LOCAL = DEFAULT.parent / "local" / "notifier.toml"
SCHEMA_FILE = DEFAULT.parent / "braket_notifier" / "settings" / "notifier.schema.json"

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

WRONG = sorted((Path(__file__).parent / "wrong_settings").glob("*.toml"))


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str) -> Settings:
        path = tmp_path / "settings.toml"
        path.write_text(text)
        return read_settings(path)

    return read


def printed(path: Path) -> str:
    with pytest.raises(SettingsError) as mistake:
        read_settings(path)
    return str(mistake.value).replace(f"{path.parent}/", "")


def test_every_mistake_names_file_line_key_value_and_the_allowed_values(golden: Golden) -> None:
    golden(Path(__file__).parent / "wrong_settings.txt", "\n\n".join(map(printed, WRONG)) + "\n")


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_an_editor_shows_the_mistakes_that_the_schema_knows(path: Path) -> None:
    """The schema cannot see the other mistakes, because several keys together show them."""
    try:
        found = list(Draft7Validator(SCHEMA).iter_errors(as_json(tomllib.loads(path.read_text()))))
    except tomllib.TOMLDecodeError:
        return

    beyond = {"home-not-watched", "hint-pattern", "quiet-all-day", "quiet-unknown-channel", "route-region-not-watched"}
    beyond |= {"quotas-of-both", "quotas-of-the-sweep", "route-to-nobody", "silent-beyond-status", "time-zone-unknown"}
    beyond |= {"time-zone-abbreviation", "time-zone-city"}
    beyond |= {
        "route-partial-only",
        "person-known-by-nothing",
        "people-who-sign-in-alike",
        "budget-of-a-person",
        "budgets-of-expired-rows",
    }
    beyond |= {"handler-digest-timeout", "quiet-handler", "quiet-of-no-reader", "service-one-secret"}
    beyond |= {"fallback-circle", "fallback-itself", "fallback-machine", "fallback-unknown", "fallback-to-owners"}
    beyond |= {"quiet-all-week", "quiet-days-without-hours", "quiet-of-a-stranger", "address-twice", "people-twice"}
    beyond |= {"owner-without-people", "owner-without-an-address", "owner-with-an-odd-name"}
    beyond |= {"reservation-ends-first", "reservation-ends-as-it-begins", "reservation-of-nothing"}
    beyond |= {"reservation-on-no-day", "reservation-elsewhere"}
    beyond |= {"no-routes", "too-many-channels", "share-nan"}  # JSON has no nan
    assert bool(found) == (path.stem not in beyond)


def test_the_schema_is_valid_and_the_default_files_agree_with_it() -> None:
    Draft7Validator.check_schema(SCHEMA)

    for path in (DEFAULT, LOCAL):
        assert list(Draft7Validator(SCHEMA).iter_errors(tomllib.loads(path.read_text()))) == []
        schema = path.read_text().splitlines()[0].removeprefix("#:schema ")
        assert (path.parent / schema).resolve() == SCHEMA_FILE


@pytest.mark.parametrize("key", ["mention", "collect"])
def test_the_default_file_has_the_defaults_of_the_schema(read: Read, key: str) -> None:
    """Otherwise deleting one of its lines would change the settings."""
    text = DEFAULT.read_text()
    without = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(key))

    assert without != text
    assert read(without).policy() == read(text).policy()


def test_the_default_file_is_short() -> None:
    assert len(DEFAULT.read_text().splitlines()) < 40


SLACK = '[channels.lab]\ntype = "slack"\nchannel = "C0AAAAAAA"\n'
MAIL = '[channels.mail]\ntype = "email"\nto = ["lab@example.org"]\n'
HOOK = '[channels.hook]\ntype = "webhook"\nhost = "hooks.example.org"\nurl = "ssm:/lab/url"\nkey = "ssm:/lab/key"\n'
TEAMS = '[channels.meeting]\ntype = "teams"\nhost = "prod-1.logic.azure.com"\nurl = "ssm:/lab/teams"\n'
OWN = '[[routes]]\nto = ["mail"]\nkind = "job"\n'


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        (SLACK, {"lab": 4}),
        (SLACK + MAIL, {"lab": 4, "mail": 2}),  # beside Slack, e-mail gets what went wrong
        (HOOK + MAIL, {"hook": 4, "mail": 2}),  # a webhook is for people too
        (MAIL, {"mail": 4}),  # without Slack, e-mail gets all of it
        (MAIL + '[channels.archive]\ntype = "topic"\n', {"mail": 4}),  # machines get what a route names
        (SLACK + MAIL + OWN, {"mail": 1}),  # the first own route replaces the defaults
    ],
)
def test_default_routes_follow_the_channels(read: Read, text: str, routes: dict[str, int]) -> None:
    policy = parse_policy(read(f'home = "us-east-1"\nregions = ["us-east-1"]\n{text}').policy())

    assert Counter(channel for route in policy.routes for channel in route.to) == routes
    assert all("RUNNING" not in route.status or route.silent == ("RUNNING",) for route in policy.routes)


@pytest.mark.parametrize("more", ['collect = "12h"', '[defaults]\nstale_after = "15m"'])
def test_an_email_may_collect_for_longer_than_news_stay_fresh(read: Read, more: str) -> None:
    small = 'home = "us-east-1"\nregions = ["us-east-1"]\n[channels.mail]\ntype = "email"\nto = ["lab@example.org"]\n'

    assert "mail" in read(f"{small}{more}\n").channels


def test_email_gets_no_running_job_by_default(read: Read) -> None:
    policy = parse_policy(read(f'home = "us-east-1"\nregions = ["us-east-1"]\n{MAIL}').policy())

    assert all("RUNNING" not in route.status for route in policy.routes)


def test_the_error_names_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes('home = "us-east-1"\n# Zoë\n'.encode("latin-1"))

    with pytest.raises(SettingsError, match=r"settings\.toml:2: is not TOML \(no UTF-8\); allowed: "):
        read_settings(path)


def test_the_error_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such file"):
        read_settings(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("home",), 1),
        (("regions", 1), 2),  # the list begins there
        (("channels", "lab"), 6),
        (("channels", "lab", "token"), 6),  # missing: its table is there
        (("channels", "lab", "type"), 7),
        (("routes", 1, "status", 0), 12),
        (("defaults",), None),
    ],
)
def test_a_mistake_names_the_line_on_which_its_value_begins(where: tuple[str | int, ...], line: int | None) -> None:
    text = """home = "us-east-1"
regions = [
  "us-east-1",  # home = "a comment"
  "eu-north-1",
]
[channels.lab]
type = "slack"
[[routes]]
to = ["lab"]
status = ["FAILED"]
[[routes]]
status = ["FAILED"]
"""

    assert line_of(text, where) == line


SECRETS = [canary.TOKEN, canary.WEBHOOK]


@pytest.mark.parametrize("secret", [*SECRETS, canary.CANARY])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        # any text in the place of a reference may be a secret
        ('token = "ssm:/lab/token"', "token = {}"),
        ('token = "ssm:/lab/token"', "token = [{}]"),
        ('channel = "C0123456789"\ntoken = "ssm:/lab/token"', "webhook = {}"),
    ],
)
def test_the_error_does_not_repeat_a_value_in_the_place_of_a_reference(
    read: Read, before: str, after: str, secret: str
) -> None:
    with pytest.raises(SettingsError) as mistake:
        read(SMALL.replace(before, after.format(f'"{secret}"'), 1))

    assert "the value (not repeated here) is not a reference to a secret" in str(mistake.value)
    assert not canary.found_in(mistake.value)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_error_does_not_repeat_a_secret_without_quotes(read: Read, secret: str) -> None:
    with pytest.raises(SettingsError, match=r":8: token: is not TOML ") as mistake:
        read(SMALL.replace('"ssm:/lab/token"', secret))

    assert not canary.found_in(mistake.value)


def test_a_line_separator_that_editors_do_not_show_moves_no_line() -> None:
    assert line_of('home = "a\u2028b"\nregions = []', ("regions",)) == 2


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", ['"C0123456789"', '"lab@example.org"', "0.9", '"task"', '["lab"]'])
def test_the_error_does_not_repeat_a_secret_in_the_wrong_place(read: Read, before: str, secret: str) -> None:
    with pytest.raises(SettingsError, match=r": the value \(not repeated here\) is not ") as mistake:
        read(SMALL.replace(before, f'"{secret}"', 1))

    assert not canary.found_in(mistake.value)


def test_a_channel_has_the_settings_of_its_type(read: Read) -> None:
    more = """
[channels.hook]
type = "slack"
webhook = "ssm:/lab/hook"

[channels.signed]
type = "webhook"
host = "hooks.example.org"
url = "ssm:/lab/url"
key = "ssm:/lab/key"

[channels.events]
type = "bus"
bus = "lab-events"

[channels.meeting]
type = "teams"
host = "prod-1.logic.azure.com"
url = "ssm:/lab/teams"

[channels.chat]
type = "discord"
url = "ssm:/lab/chat"

[channels.machines]
type = "topic"

[channels.copy]
type = "handler"
permissions = [{ actions = ["s3:PutObject"], resources = ["arn:aws:s3:::lab/*"] }]
timeout = "5m"
"""

    settings = read(SMALL + more)

    assert settings.channels == {
        "lab": SlackBotSettings("C0123456789", "ssm:/lab/token"),
        "mail": Email(("lab@example.org",)),
        "hook": SlackWebhookSettings("ssm:/lab/hook"),
        "signed": UrlSettings("webhook", "hooks.example.org", "ssm:/lab/url", "ssm:/lab/key"),
        "events": Bus("lab-events"),
        "meeting": UrlSettings("teams", "prod-1.logic.azure.com", "ssm:/lab/teams"),
        "chat": UrlSettings("discord", "discord.com", "ssm:/lab/chat"),
        "machines": Topic(),
        "copy": Handler((Permission(("s3:PutObject",), ("arn:aws:s3:::lab/*",)),), timeout_s=300),
    }


def test_missing_keys_have_defaults(read: Read) -> None:
    """The defaults are the same in the settings and in the functions."""
    settings = read(SMALL.replace("partial_below = 0.9", ""))
    policy = parse_policy(settings.policy())

    assert (settings.name, settings.sweep_every_s, settings.result_buckets) == ("braket-notifier", 300, ())
    assert policy == Policy(
        policy.regions,
        "UTC",
        policy.channels,
        policy.routes,
        mentions={"lab": "all"},
        collect_s={"mail": 900},
        weekly_to="lab",
    )


ALARMED = '[alarms]\nemail = ["ops@example.org"]\n'
MAIL_ONLY = SMALL.replace('to = ["lab"]', 'to = ["mail"]').replace(
    '[channels.lab]\ntype = "slack"\nchannel = "C0123456789"\ntoken = "ssm:/lab/token"\n', ""
)
NO_PEOPLE = MAIL_ONLY.replace('type = "email"\nto = ["lab@example.org"]', 'type = "topic"')


@pytest.mark.parametrize(
    ("text", "goes_to"),
    [
        (SMALL, "lab"),
        (SMALL + ALARMED, "lab"),
        (SMALL.replace("partial_below = 0.9", "weekly_line = false"), ""),
        (MAIL_ONLY, "[alarms]"),  # the alarms notify the addresses of mail
        (MAIL_ONLY + ALARMED, "[alarms]"),
        (MAIL_ONLY + "[alarms]\nemail = []\n", ""),
        (MAIL_ONLY + HOOK, "hook"),
        (MAIL_ONLY + TEAMS + HOOK, "meeting"),
        (NO_PEOPLE.replace('type = "topic"', 'type = "bus"\nbus = "lab-events"'), ""),
        (NO_PEOPLE, ""),
        (NO_PEOPLE + ALARMED, "[alarms]"),
    ],
)
def test_the_weekly_line_goes_to_the_first_channel_but_e_mail_otherwise_to_the_alarms_addresses(
    read: Read, text: str, goes_to: str
) -> None:
    settings = read(text)

    assert parse_policy(settings.policy()).weekly_to == goes_to
    assert settings.weekly_to_alarms == (goes_to == ALARMS)


def test_buckets_are_read_only_if_read_results_is_true(read: Read) -> None:
    buckets = 'partial_below = 0.9\nresult_buckets = ["amazon-braket-lab"]'
    reading = SMALL.replace("partial_below = 0.9", f"{buckets}\nread_results = true")

    assert read(SMALL.replace("partial_below = 0.9", buckets)).result_buckets == ()
    assert read(reading).result_buckets == ("amazon-braket-lab",)


def test_the_functions_read_every_key_of_the_settings(read: Read) -> None:
    route = """
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
    defaults = """
job_tasks = "each"
partial_below = 0.9
digest_after = 5
digest_window = "20m"
job_failing = { share = 0.5, at_least = 10 }
stale_after = "1d"
waiting_over = "2d"
announce_existing = true
read_results = true
result_buckets = ["amazon-braket-lab"]
retention = "30d"
"""
    more = """
[alarms]
email = ["ops@example.org"]

[[ignore]]
kind = "task"
device = ["*/sv1"]
region = ["us-east-1"]
tags = { notify = "none" }

[[people]]
name = "Anna"
slack = "U01ABCDEF"
owns = ["tag:owner=anna", "s3:*/anna/*"]

[quiet]
lab = { from = "22:00", to = "07:00", pass = ["FAILED"], days = ["monday"] }
mail = { all_day = ["saturday", "sunday"] }

[quotas]
observe = 0.05
search = 0.5

[[hints]]
pattern = "calibrat"
says = "Wait for the next calibration."

[[reservations]]
arn = "arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e"
from = 2026-12-01T14:00:00Z
to = 2026-12-01T16:00:00+01:00
"""
    settings = read(
        SMALL.replace('to = ["mail"]\nkind = "job"', route)
        .replace("partial_below = 0.9", defaults)
        .replace('to = ["lab@example.org"]', 'to = ["lab@example.org"]\ncollect = "30m"')
        .replace('token = "ssm:/lab/token"', 'token = "ssm:/lab/token"\nmention = "all"')
        .replace('home = "us-east-1"', 'home = "us-east-1"\ntime_zone = "Europe/Stockholm"')
        + more
    )

    assert (settings.alarms, settings.alarms_from) == (("ops@example.org",), "[alarms]")
    assert parse_policy(settings.policy()) == Policy(
        regions=("us-east-1", "eu-north-1"),
        time_zone="Europe/Stockholm",
        channels={"lab": "slack", "mail": "email"},
        routes=(
            Route(("lab",), "task", status=("COMPLETED", "FAILED")),
            Route(
                ("mail",),
                "task",
                "qpu",
                ("*/ionq/*",),
                ("eu-north-1",),
                ("FAILED",),
                {"project": "chem*"},
                7200.0,
                partial=True,
                silent=("COMPLETED",),
            ),
        ),
        partial_below=0.9,
        retention_days=30,
        mentions={"lab": "all"},
        collect_s={"mail": 1800},
        job_tasks="each",
        digest_after=5,
        digest_window_s=1200,
        job_failing_share=0.5,
        job_failing_at_least=10,
        stale_after_s=86400,
        waiting_over_s=172800,
        announce_existing=True,
        read_results=True,
        weekly_to="lab",
        ignored=(Ignored("task", ("*/sv1",), ("us-east-1",), {"notify": "none"}),),
        people=(Person("Anna", "U01ABCDEF", ("tag:owner=anna", "s3:*/anna/*")),),
        hint_rules=(HintRule("calibrat", "Wait for the next calibration."),),
        quiet={
            "lab": Quiet(time(22), time(7), ("FAILED",), days=("monday",)),
            "mail": Quiet(all_day=("saturday", "sunday")),
        },
        quotas=QuotaShares(observe=0.05, search=0.5),
        reservations=(
            Reservation(
                datetime(2026, 12, 1, 14, tzinfo=UTC),
                datetime(2026, 12, 1, 15, tzinfo=UTC),
                "arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e",
            ),
        ),
    )


def test_the_default_routes_equal_those_of_the_policy_fixture(policy: Policy) -> None:
    """Other tests use the policy fixture in place of the file's routes."""
    default = parse_policy(read_settings(DEFAULT).policy())

    every_end = Route(("mail",), kind="job", status=("COMPLETED", "FAILED", "CANCELLED"))
    assert [each for each in policy.routes if each not in default.routes] == [every_end]
    assert [each for each in default.routes if each not in policy.routes] == [replace(every_end, status=("FAILED",))]
    assert default.channels == policy.channels


def test_regions_and_statuses_are_brakets_own() -> None:
    """A newer botocore with another region or status fails here; the schema then follows it."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model("braket", "service-2")["shapes"]
    known = SCHEMA["definitions"]

    assert set(known["region"]["enum"]) == set(known["home"]["enum"]) == set(session.get_available_regions("braket"))
    assert set(known["status"]["enum"]) == set(model["QuantumTaskStatus"]["enum"])
    own = {FAILING, *REMINDERS, *SPENDING}
    assert set(known["route_statuses"]["items"]["enum"]) == {*model["QuantumTaskStatus"]["enum"], *own}
    assert set(known["job_statuses"]["items"]["enum"]) == {*model["JobPrimaryStatus"]["enum"], FAILING, NEAR_LIMIT}
