"""`python -m tests.settings_page` writes docs/settings.md: every key of notifier.toml, from its schema."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from braket_notifier.settings.schema import SCHEMA, Table, resolved

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
#: Tables of the page: title, definition in the schema, example of its header in TOML.
TABLES = (
    ("Top level", "", ""),
    ("[channels.NAME], a Slack channel by bot", "bot", "[channels.team-slack]"),
    ("[channels.NAME], direct messages in Slack", "direct", "[channels.dm]"),
    ("[channels.NAME], a Slack channel by incoming webhook", "webhook", "[channels.lab-slack]"),
    ("[channels.NAME], e-mail", "email", "[channels.mail]"),
    ("[channels.NAME], e-mails to owners", "direct_email", "[channels.mine]"),
    ("[channels.NAME], Microsoft Teams", "teams", "[channels.lab-teams]"),
    ("[channels.NAME], Discord", "discord", "[channels.chat]"),
    ("[channels.NAME], a signed webhook", "signed", "[channels.hook]"),
    ("[channels.NAME], a topic for machines", "topic", "[channels.archive]"),
    ("[channels.NAME], an EventBridge bus", "bus", "[channels.events]"),
    ("[channels.NAME], a handler of your own", "handler", "[channels.copy-results]"),
    ("[[channels.NAME.permissions]]", "permission", "[[channels.copy-results.permissions]]"),
    ("[defaults]", "defaults", "[defaults]"),
    ("[defaults.job_failing]", "failing", "[defaults.job_failing]"),
    ("[costs]", "costs", "[costs]"),
    ("[[budgets]]", "budget", "[[budgets]]"),
    ("[quotas]", "quotas", "[quotas]"),
    ("[[routes]]", "route", "[[routes]]"),
    ("[[ignore]]", "ignored", "[[ignore]]"),
    ("[[people]]", "person", "[[people]]"),
    ("[quiet.CHANNEL]", "quiet", "[quiet.team-slack]"),
    ("[[reservations]]", "reservation", "[[reservations]]"),
    ("[[hints]]", "hint", "[[hints]]"),
    ("[alarms]", "alarms", "[alarms]"),
    ("[tags]", "tags", "[tags]"),
)
TYPES = {"bot": "slack", "direct": "slack", "webhook": "slack", "email": "email", "direct_email": "email"}
TYPES |= {
    "teams": "teams",
    "discord": "discord",
    "signed": "webhook",
    "topic": "topic",
    "bus": "bus",
    "handler": "handler",
}
#: Examples of keys without a default, or that another example needs; tables are in TABLES.
EXAMPLES: dict[str, object] = {
    "costs.by_person": True,
    "costs.to": ["team-slack"],
    "budget.amount": 500,
    "budget.batch": "ghz-scan",
    "budget.device": "*/qpu/ionq/*",
    "budget.person": "Anna",
    "home": "us-east-1",
    "regions": ["us-east-1", "eu-north-1"],
    "bootstrap": "home",
    "bot.channel": "C0123456789",
    "bot.token": "ssm:/braket-notifier/slack-token",
    "bot.fallback": "mail",
    "defaults.waiting_over": "2d",
    "direct.to": "owner",
    "direct.fallback": "team-slack",
    "direct.token": "ssm:/braket-notifier/slack-token",
    "webhook.webhook": "ssm:/braket-notifier/slack-webhook",
    "webhook.fallback": "mail",
    "email.to": ["lab@example.org"],
    "email.fallback": "lab-slack",
    "direct_email.to": "owner",
    "direct_email.fallback": "nobody",
    "bus.bus": "lab-events",
    "teams.host": "prod-12.westeurope.logic.azure.com",
    "teams.url": "ssm:/braket-notifier/teams-url",
    "teams.fallback": "mail",
    "discord.url": "ssm:/braket-notifier/discord-url",
    "discord.fallback": "mail",
    "signed.host": "hooks.example.org",
    "signed.url": "ssm:/braket-notifier/hook-url",
    "signed.key": "ssm:/braket-notifier/hook-key",
    "signed.fallback": "mail",
    "handler.secret": "ssm:/braket-notifier/archive-key",
    "handler.job_role": "arn:aws:iam::111122223333:role/service-role/AmazonBraketJobsExecutionRole",
    "permission.actions": ["s3:PutObject"],
    "permission.resources": ["arn:aws:s3:::my-results/*"],
    "defaults.result_buckets": ["amazon-braket-results"],
    "route.to": ["team-slack"],
    "route.kind": "task",
    "route.device_type": "qpu",
    "route.device": ["*/ionq/*"],
    "route.region": ["us-east-1"],
    "route.status": ["FAILED"],
    "route.tags": {"project": "chem*"},
    "route.took_over": "5m",
    "route.partial": True,
    "route.silent": ["FAILED"],
    "ignored.kind": "task",
    "ignored.device": ["*/sv1"],
    "ignored.region": ["us-east-1"],
    "ignored.tags": {"notify": "none"},
    "person.name": "Anna",
    "person.slack": "U01ABCDEF",
    "person.email": "anna@example.org",
    "person.owns": ["tag:owner=anna", "s3:*/anna/*"],
    "person.signs_in_as": ["anna@example.org"],
    "quiet.from": "22:00",
    "quiet.to": "07:00",
    "quiet.days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
    "quiet.all_day": ["saturday", "sunday"],
    "quiet.pass": ["FAILED"],
    "reservation.arn": "arn:aws:braket:us-east-1:111122223333:reservation/3f2a9c1e",
    "reservation.device": "arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1",
    "reservation.from": datetime(2026, 12, 1, 14, tzinfo=UTC),
    "reservation.to": datetime(2026, 12, 1, 15, tzinfo=UTC),
    "hint.pattern": "(?i)not calibrated",
    "hint.says": "Wait for the next calibration.",
    "alarms.email": ["ops@example.org"],
    "tags.cost-centre": "quantum",
}
#: Keys that stand in a table of their own.
OWN_TABLES = {
    "channels",
    "defaults",
    "costs",
    "budgets",
    "quotas",
    "routes",
    "ignore",
    "people",
    "quiet",
    "reservations",
    "hints",
    "alarms",
    "tags",
}
HEAD = """# Settings: every key of notifier.toml

`braket-notifier check` names each mistake with its line; `check --effective` prints what applies.
`python -m tests.settings_page` writes this page from the schema, which editors read too.

Without `[[routes]]`, every channel that people read but e-mail gets the end of QPU tasks, of longer simulator tasks
and of hybrid jobs, and e-mail beside it what went wrong; e-mail alone gets all of it. The first route of your own
replaces these defaults: `check --effective` prints them, ready to be copied.
"""


def page() -> str:
    return "\n".join([HEAD, *(_table(*each) for each in TABLES)])


def keys(definition: str) -> Iterator[tuple[str, Table]]:
    """The keys of a table that have a row."""
    schema = _schema(definition)
    for key, each in schema.get("properties", {}).items():
        if (definition or key not in OWN_TABLES) and key not in {"permissions", "job_failing"}:
            yield key, resolved(each)
    if definition == "tags":
        yield "cost-centre", schema["additionalProperties"]


def example(definition: str, key: str, schema: Table) -> object:
    if key == "type":
        return TYPES[definition]
    name = f"{definition}.{key}".removeprefix(".")
    return EXAMPLES[name] if name in EXAMPLES else schema["default"]


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)


def _schema(definition: str) -> Table:
    if not definition:
        return SCHEMA
    found: Table = (
        SCHEMA["properties"][definition] if definition in {"alarms", "tags"} else SCHEMA["definitions"][definition]
    )
    return found


def _table(title: str, definition: str, _: str) -> str:
    lines = [f"## {title}", "", *filter(None, [_schema(definition).get("description") if definition else ""]), ""]
    lines += ["| key | meaning | allowed | default | example |", "| --- | --- | --- | --- | --- |"]
    required = _schema(definition).get("required", ())
    for key, schema in keys(definition):
        default = (
            f"`{toml(schema['default'])}`"
            if "default" in schema
            else "required"
            if key in {*required, "type"}
            else "none"
        )
        shown = f"`{key} = {toml(example(definition, key, schema))}`"
        cells = [f"`{key}`", _meaning(schema), _allowed(schema), default, shown]
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _meaning(schema: Table) -> str:
    return str(schema.get("description") or schema.get("title") or resolved(schema.get("items", {})).get("title", ""))


def _allowed(schema: Table) -> str:
    items = resolved(schema.get("items", {}))
    words = schema.get("allowed") or ", ".join(map(str, schema.get("enum") or items.get("enum") or ()))
    return str(words or items.get("allowed", ""))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
