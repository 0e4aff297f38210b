"""`init` writes the settings file, the Slack app's manifest and a page for an administrator."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braket_notifier.cli.cdk_json import BOUNDARY
from braket_notifier.cli.commands.init import manifest, template
from braket_notifier.cli.setup.administrator import page
from braket_notifier.cli.setup.answers import Answers, agree, with_answers
from braket_notifier.cli.setup.questions import present
from braket_notifier.cli.slack import SCOPES
from braket_notifier.settings.bootstrap import QUALIFIER
from braket_notifier.settings.channels import Email, SlackBotSettings, SlackWebhookSettings
from braket_notifier.settings.notifier_toml import read_settings
from braket_notifier.settings.schema import SCHEMA_PATH
from braket_notifier.settings.unfinished import TEMPLATE

DEFAULT = Path(__file__).parents[2] / "notifier.toml"
Written = Callable[..., Path]
HANDLER = """
[channels.mine]
type = "handler"
secret = "ssm:/lab/key"
"""


@pytest.fixture
def written(run: Any, settings: Path) -> Written:
    """The default settings file after `init` with these words."""

    def written(*words: str) -> Path:
        settings.write_text(DEFAULT.read_text())
        assert run("init", "--no-page", *words).code == 0
        return settings

    return written


def test_init_answers_every_marked_line(written: Written) -> None:
    path = written(
        *("--home", "eu-north-1", "--watch", "eu-north-1", "us-east-1", "--time-zone", "Europe/Berlin"),
        *("--slack", "C9876543210", "--email", "anna@example.com", "ben@example.com"),
    )

    settings = read_settings(path)
    assert (settings.home, settings.regions) == ("eu-north-1", ("eu-north-1", "us-east-1"))
    assert settings.policy()["time_zone"] == "Europe/Berlin"
    assert settings.channels["team-slack"] == SlackBotSettings("C9876543210", "ssm:/braket-notifier/slack-token")
    assert settings.channels["mail"] == Email(("anna@example.com", "ben@example.com"))
    assert "<<<" not in "".join(path.read_text().splitlines()[2:])


def test_lines_without_an_answer_stay(written: Written) -> None:
    """Only the lines with the mark <<< change."""
    before = DEFAULT.read_text().splitlines()

    after = written().read_text().splitlines()

    assert len(after) == len(before)
    assert [now for now, was in zip(after, before, strict=True) if now != was and "<<<" not in was] == []


def test_a_webhook_replaces_a_bot_and_a_bot_a_webhook(written: Written, run: Any) -> None:
    path = written("--slack", "webhook")
    by_webhook = read_settings(path).channels["team-slack"]

    run("init", "--no-page", "--slack", "C9876543210")

    assert by_webhook == SlackWebhookSettings("ssm:/braket-notifier/slack-webhook")
    assert read_settings(path).channels["team-slack"] == SlackBotSettings(
        "C9876543210", "ssm:/braket-notifier/slack-token"
    )


@pytest.mark.parametrize(
    ("words", "alarms"),
    [
        ([], (("your-group@example.org",), "mail")),  # without a terminal nobody was asked
        (["--email", "anna@example.com"], (("anna@example.com",), "mail")),
        (["--alarms", "ops@example.org"], (("ops@example.org",), "[alarms]")),
        (["--alarms"], ((), "[alarms]")),
        (["--email"], ((), "")),
    ],
)
def test_alarms_notify_who_was_named_and_otherwise_the_e_mail_channel(
    written: Written, run: Any, words: list[str], alarms: tuple[tuple[str, ...], str]
) -> None:
    path = written(*words)
    once = read_settings(path)

    run("init", "--no-page", *words)  # a second time, over the table of the first

    assert (once.alarms, once.alarms_from) == alarms
    assert read_settings(path) == once


def test_the_secrets_of_another_installation_have_other_names(written: Written, run: Any) -> None:
    path = written()
    path.write_text(f'name = "lab"\n{path.read_text()}')
    by_bot = read_settings(path).channels["team-slack"]

    run("init", "--no-page", "--slack", "webhook")

    assert by_bot == SlackBotSettings("C0EXAMPLE00", "ssm:/lab/slack-token")
    assert read_settings(path).channels["team-slack"] == SlackWebhookSettings("ssm:/lab/slack-webhook")


@pytest.mark.parametrize(
    ("words", "left"), [(["--slack", "none"], {"mail"}), (["--email"], {"team-slack"}), ([], {"mail", "team-slack"})]
)
def test_an_unwanted_channel_is_removed_with_its_routes(written: Written, words: list[str], left: set[str]) -> None:
    settings = read_settings(written(*words))

    routes: Any = settings.policy()["routes"]
    assert set(settings.channels) == left
    assert {name for route in routes for name in route["to"]} == left


@pytest.mark.parametrize(
    "words",
    [
        *(["--home", "mars"], ["--watch", "mars"], ["--time-zone", "CET/Berlin"], ["--who-submitted", "perhaps"]),
        *(["--slack", "#general"], ["--slack", "general"], ["--email", "anna"], ["--alarms", "anna"]),
    ],
)
def test_a_wrong_answer_is_one_line_and_changes_nothing(run: Any, settings: Path, words: list[str]) -> None:
    settings.write_text(DEFAULT.read_text())

    done = run("init", "--no-page", *words)

    assert (done.code, settings.read_text()) == (2, DEFAULT.read_text())
    assert f'"{words[1]}" is not ' in done.err
    assert done.err.count("\n") == 1


def test_a_folder_of_the_settings_that_does_not_exist_is_made(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "new" / "lab" / "notifier.toml"

    done = run(
        "init",
        "--home",
        "us-east-1",
        "--slack",
        "none",
        "--email",
        "a@example.org",
        "--no-page",
        "--settings",
        str(path),
    )

    assert (done.code, done.err) == (0, "")
    assert read_settings(path).home == "us-east-1"


def test_a_full_disk_names_the_file_that_it_did_not_take(run: Any, settings: Path) -> None:
    manifest = settings.parent / "slack-app-manifest.json"
    manifest.symlink_to("/dev/full")

    done = run("init", "--home", "us-east-1", "--slack", "none", "--email", "a@example.org", "--no-page")

    assert (done.code, done.err) == (2, f"braket-notifier: {manifest}: No space left on device\n")


def test_the_package_s_template_is_the_clone_s_settings_file() -> None:
    assert TEMPLATE.read_bytes() == DEFAULT.read_bytes()


@pytest.mark.parametrize("inside", [True, False])
def test_init_without_a_file_answers_the_template_and_names_the_schema(
    run: Any, settings: Path, inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schema may lie under the folder of the settings, as in a clone, or in an environment elsewhere."""
    settings.unlink()
    schema = settings.parent.joinpath("package/notifier.schema.json") if inside else SCHEMA_PATH
    monkeypatch.setattr("braket_notifier.cli.commands.init.SCHEMA_PATH", schema)

    assert run("init", "--no-page", "--home", "eu-north-1").code == 0

    first, *rest = settings.read_text().splitlines()
    assert first == f"#:schema {'./package/notifier.schema.json' if inside else SCHEMA_PATH.as_uri()}"
    assert len(rest) == len(DEFAULT.read_text().splitlines()) - 1
    assert read_settings(settings).home == "eu-north-1"


def test_without_a_file_a_wrong_answer_writes_none(run: Any, settings: Path) -> None:
    settings.unlink()

    assert run("init", "--no-page", "--home", "mars").code == 2
    assert not settings.exists()


def test_the_clone_s_template_names_the_schema_as_the_clone_s_file_does() -> None:
    assert template(DEFAULT.parent) == DEFAULT.read_text()


def test_the_manifest_has_exactly_the_used_scopes(written: Written) -> None:
    manifest = json.loads((written().parent / "slack-app-manifest.json").read_text())

    assert manifest["oauth_config"]["scopes"] == {"bot": ["chat:write", "channels:read", "groups:read"]}
    assert set(manifest["settings"].values()) == {False}


def test_the_printed_link_opens_slack_s_form_filled_in_with_the_manifest(run: Any, settings: Path) -> None:
    done = run("init", "--no-page", "--home", "us-east-1", "--slack", "C0123456789")

    link = urlsplit(next(line.split()[-1] for line in done.out.splitlines() if "api.slack.com" in line))
    asked = parse_qs(link.query, strict_parsing=True)
    assert (link.scheme, link.netloc, link.path) == ("https", "api.slack.com", "/apps")
    assert asked["new_app"] == ["1"]
    assert json.loads(asked["manifest_json"][0]) == manifest(read_settings(settings))


@pytest.mark.parametrize("slack", ["webhook", "none"])
def test_without_a_bot_no_link_is_printed(run: Any, slack: str) -> None:
    assert "api.slack.com" not in run("init", "--no-page", "--home", "us-east-1", "--slack", slack).out


def test_init_asks_on_a_terminal_with_present_values_as_defaults(
    run: Any, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text(DEFAULT.read_text())
    questions = []

    def answer(question: str) -> str:
        questions.append(question)
        return {0: "us-west-2", 4: "-", 5: "ops@example.org", 6: "yes"}.get(len(questions) - 1, "")

    monkeypatch.setattr("braket_notifier.cli.setup.questions.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("braket_notifier.cli.show.input", answer, raising=False)
    monkeypatch.setattr("braket_notifier.cli.commands.secret.getpass", lambda _: "")

    run("init", "--no-page")

    assert questions[0] == "Home region [us-east-1]: "
    assert questions[6] == "May it look up who submitted (CloudTrail, names people)? yes or no [no]: "
    assert len(questions) == 7
    written = read_settings(settings)
    assert (written.home, set(written.channels)) == ("us-west-2", {"team-slack"})
    assert (written.alarms, written.alarms_from) == (("ops@example.org",), "[alarms]")
    assert written.who_submitted


@pytest.mark.parametrize(
    ("words", "looks"),
    [([], False), (["--who-submitted", "no"], False), (["--who-submitted", "yes"], True)],
)
def test_submitters_are_looked_up_only_after_a_yes_which_a_no_takes_back(
    written: Written, run: Any, words: list[str], looks: bool
) -> None:
    path = written(*words)
    first = read_settings(path).who_submitted
    run("init", "--no-page")  # without a terminal nobody is asked
    again = read_settings(path).who_submitted
    run("init", "--no-page", "--who-submitted", "no")

    assert (first, again, read_settings(path).who_submitted) == (looks, looks, False)
    assert ("\nwho_submitted" in path.read_text()) == looks  # off is the default, which needs no line


def test_a_wrong_answer_on_a_terminal_is_explained_and_asked_again(
    run: Any, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.write_text(DEFAULT.read_text())
    given = iter(
        [
            "mars",
            "eu-north-1",
            "eu-north-1, us-east-1",
            "CET/Berlin",
            "UTC",
            "#general",
            "C9876543210",
            "anna",
            "anna@example.com, ben@example.com",
            "-",
            "perhaps",
            "no",
        ]
    )
    asked = []

    def answer(question: str) -> str:
        asked.append(question.partition(" [")[0])
        return next(given)

    monkeypatch.setattr("braket_notifier.cli.setup.questions.sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("braket_notifier.cli.show.input", answer, raising=False)
    monkeypatch.setattr("braket_notifier.cli.commands.secret.getpass", lambda _: "")

    done = run("init", "--no-page")

    assert [asked.count(each) for each in dict.fromkeys(asked)] == [2, 1, 2, 2, 2, 1, 2]
    for printed in (
        'home: "mars" is not ',
        "CET/Berlin",
        "is not a channel's ID but its name",
        '"anna" is not an e-mail',
        '"perhaps" is not an answer',
    ):
        assert printed in done.out
    written = read_settings(settings)
    assert (written.regions, written.alarms) == (("eu-north-1", "us-east-1"), ())
    assert written.channels["mail"] == Email(("anna@example.com", "ben@example.com"))


#: A function's role that may write its channel's rows, and must not write the published settings.
TABLES = {name: {"Fn::GetAtt": [f"Storage{name}0A1B2C3D", "Arn"]} for name in ("Deliveries", "Snapshots")}
KEYS = "dynamodb:LeadingKeys"
STATEMENTS = [
    {
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem", "dynamodb:UpdateItem"],
        "Resource": TABLES["Deliveries"],
        "Condition": {"ForAllValues:StringLike": {KEYS: ["team-slack#*"]}},
    },
    {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLES["Snapshots"]},
    {
        "Effect": "Deny",
        "Action": ["dynamodb:UpdateItem"],
        "Resource": TABLES["Snapshots"],
        "Condition": {"ForAnyValue:StringEquals": {KEYS: ["settings"]}},
    },
]
FORWARD = {
    "Effect": "Allow",
    "Action": "events:PutEvents",
    "Resource": {"Fn::Join": ["", ["arn:aws:events:us-east-1:", {"Ref": "AWS::AccountId"}, ":event-bus/lab"]]},
}


def granting(role: str, *statements: object) -> dict[str, Any]:
    policy = {"PolicyDocument": {"Statement": [*statements]}, "Roles": [{"Ref": role}]}
    return {"Resources": {"A": {"Type": "AWS::IAM::Policy", "Properties": policy}, "B": {"Type": "AWS::SQS::Queue"}}}


def test_the_page_has_one_row_for_each_role_and_action_in_plain_words() -> None:
    text = page(
        read_settings(DEFAULT), {"braket-notifier": granting("DeliverteamslackRole0A1B2C3D", *STATEMENTS)}
    ).splitlines()

    of_deliveries = "rows `team-slack#*` of table `deliveries`"
    assert [line for line in text if line.startswith("| `deliver-")] == [
        f"| `deliver-team-slack` | `dynamodb:GetItem` | {of_deliveries}; table `snapshots` | read a row |",
        f"| `deliver-team-slack` | `dynamodb:UpdateItem` | {of_deliveries} | write a row |",
    ]
    assert all(any(line.startswith(f"| {scope} |") for line in text) for scope in SCOPES)
    assert "3. **To store secrets:** `ssm:PutParameter` on these parameters: `/braket-notifier/slack-token`." in text


def test_the_page_shows_a_denied_action_as_denied() -> None:
    text = page(read_settings(DEFAULT), {"braket-notifier": granting("ObserveRole0A1B2C3D", *STATEMENTS)})

    assert "| `dynamodb:UpdateItem` | rows `settings` of table `snapshots` | `observe` |" in text
    assert "`dynamodb:UpdateItem` | rows `settings`" not in text.partition("are denied")[0]


def test_the_page_has_the_further_regions_once() -> None:
    home = {"braket-notifier": granting("ObserveRole0A1B2C3D", *STATEMENTS)}
    further = {f"braket-notifier-{region}": granting("Role0A1B2C3D", FORWARD) for region in ("eu-west-2", "us-west-1")}

    text = page(read_settings(DEFAULT), {**further, **home})

    title = "| type | stack `braket-notifier` in us-east-1 | stack `braket-notifier-REGION` in each further region |"
    assert title in text
    assert "| AWS::SQS::Queue | 1 | 1 |" in text
    assert text.count("`events:PutEvents`") == 1
    row = "| rule of the region | `events:PutEvents` | event bus in the home region | forward Braket's events, or put"
    assert row in text
    assert "each further region" not in page(read_settings(DEFAULT), home)


def test_the_page_lists_the_rights_in_further_regions_unless_each_is_bootstrapped(written: Written) -> None:
    path = written()
    everywhere = path.with_name("everywhere.toml")
    everywhere.write_text('bootstrap = "every-region"\n' + path.read_text())

    own, bootstraps = (page(read_settings(each), {}) for each in (path, everywhere))

    assert "1. **Once in us-east-1**, somebody who may create IAM roles runs" in own
    assert "| `arn:aws:sqs:REGION:ACCOUNT:braket-notifier-undelivered` |" in own
    assert "`sqs:CreateQueue`" in own
    assert "1. **Once in each watched region** (us-east-1, " in bootstraps
    assert "`sqs:CreateQueue`" not in bootstraps


def test_the_page_names_a_handlers_secret_and_rights(written: Written) -> None:
    path = written()
    path.write_text(path.read_text() + HANDLER)
    own = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:1:mine"}
    other = {"Effect": "Allow", "Action": "braket:CancelJob", "Resource": "*"}

    text = page(read_settings(path), {"braket-notifier": granting("DelivermineRole0A1B2C3D", own, other)})

    assert "/slack-token`, `/lab/key`." in text.partition("To store secrets")[2]
    assert "The handlers of your own (mine) have the rights below." in text
    assert "| `deliver-mine` | `sqs:SendMessage` | `arn:aws:sqs:us-east-1:1:mine` | put a record into a queue |" in text
    assert "| `braket:CancelJob` | `*` | as `notifier.toml` grants it" in text


STATES = st.fixed_dictionaries(
    {
        "slack_channel": st.sampled_from(["", "C1AAAAAAAA", "C2BBBBBBBB"]),
        "webhook": st.booleans(),
        "addresses": st.sampled_from([(), ("anna@example.com",), ("anna@example.com", "ben@example.com")]),
        "alarms": st.sampled_from([None, (), ("ops@example.com",)]),
        "who_submitted": st.sampled_from([None, False, True]),
        "home": st.sampled_from(["us-east-1", "eu-north-1"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(states=st.lists(STATES, min_size=1, max_size=5), own_routes=st.booleans())
def test_the_settings_get_from_any_state_to_any_other(
    states: list[dict[str, Any]], own_routes: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Comments stay, and a second answer changes only what it says."""
    path = tmp_path_factory.getbasetemp() / "walk.toml"
    text = DEFAULT.read_text() + ('[[routes]]\nto = ["team-slack", "mail"]\nkind = "job"\n' if own_routes else "")
    for state in states:
        if state["webhook"]:
            state["slack_channel"] = ""
        if not (state["slack_channel"] or state["webhook"] or state["addresses"]):
            state["addresses"] = ("anna@example.com",)
        answers = Answers(regions=("us-east-1", "eu-north-1"), time_zone="Europe/Berlin", **state)
        text = with_answers(text, answers)
        path.write_text(text)
        written = read_settings(path)

        shown = replace(present(written), alarms=answers.alarms, who_submitted=answers.who_submitted)
        assert agree(shown, answers)
        assert answers.who_submitted is None or written.who_submitted == answers.who_submitted
        assert answers.alarms is None or written.alarms == answers.alarms
        assert text.count("# [[people]]") == 1
        assert "<<<" not in "".join(text.splitlines()[2:])
        assert with_answers(text, answers) == text


def test_the_page_names_the_organisations_qualifier_and_permissions_boundary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braket_notifier.cli.cdk_json.CDK_JSON", tmp_path / "cdk.json")
    context = {QUALIFIER: "lab42", BOUNDARY: {"name": "lab-boundary"}}
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))

    written = page(read_settings(DEFAULT), {})

    assert "role/cdk-lab42-*`" in written
    assert "Permissions boundary of its roles: `lab-boundary`" in written
