"""`init`: writes notifier.toml, a Slack app manifest and a page for an administrator."""

import json
import sys
import tempfile
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from braket_notifier.cli.arguments import IN_CLONE, Commands, command
from braket_notifier.cli.commands import secret
from braket_notifier.cli.sentences import CommandError, sentence
from braket_notifier.cli.setup.administrator import page
from braket_notifier.cli.setup.answers import Answers, agree, with_answers
from braket_notifier.cli.setup.questions import asked_answers, present
from braket_notifier.cli.show import print_line
from braket_notifier.cli.slack import scopes_of, writes_to_members
from braket_notifier.settings.channels import SlackBotSettings
from braket_notifier.settings.notifier_toml import ENCODING, Settings, read_settings
from braket_notifier.settings.schema import SCHEMA_PATH
from braket_notifier.settings.unfinished import TEMPLATE, unrouted

MANIFEST, PAGE = "slack-app-manifest.json", "for-your-administrator.md"
#: Slack's form for a new app, which it fills in from the manifest in the address.
NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="
QUESTION = "Install it, and paste the bot token of {channel} (xoxb-…, not shown; Enter: later): "
MORE = """examples:
  braket-notifier init
  braket-notifier init --home eu-north-1 --time-zone Europe/Berlin --slack webhook --email a@example.org
  braket-notifier init --home us-east-1 --slack C0123456789 --no-page

The command asks for each missing option; without a terminal, its value in the settings stays. It writes two more
files: slack-app-manifest.json, with a link to Slack's form for a new app, filled in; and for-your-administrator.md,
which it reads from the templates of the deployment (needs a clone after `make setup`, takes some seconds; --no-page
omits it). On a terminal it then asks for the bot's token, does not show it, and stores it as `secret set` does."""


def add(commands: Commands) -> None:
    summary = "write notifier.toml, a Slack app manifest, a page for an administrator"
    parser = command(commands, "init", run, summary, more=MORE, unused=("state", "region"))
    parser.add_argument("--home", help="region of the stack; best the one where most of your tasks run")
    parser.add_argument(
        "--watch", nargs="+", metavar="REGION", help="regions to watch (default: those of the settings)"
    )
    parser.add_argument("--time-zone", metavar="ZONE", help="time zone of messages, like Europe/Berlin")
    parser.add_argument("--slack", metavar="ID|webhook|none", help="ID of a channel for a bot, `webhook`, or `none`")
    parser.add_argument(
        "--email",
        nargs="*",
        metavar="ADDRESS",
        help="addresses of the e-mail channel; without addresses, no such channel",
    )
    parser.add_argument(
        "--alarms",
        nargs="*",
        metavar="ADDRESS",
        help="addresses of whoever looks after the notifier; without addresses, alarms notify nobody",
    )
    parser.add_argument(
        "--who-submitted", metavar="yes|no", help="whether it may look up in CloudTrail who submitted; it names people"
    )
    parser.add_argument("--no-page", action="store_true", help="do not write the page for an administrator")


def run(arguments: Namespace) -> int:
    path: Path = arguments.settings
    if not (arguments.no_page or IN_CLONE):
        raise CommandError("the page for an administrator needs the templates of a clone: use --no-page")
    is_there = path.exists()
    now = read_settings(path if is_there else TEMPLATE)
    before = path.read_text(encoding=ENCODING) if is_there else template(path.parent)
    answers = asked_answers(arguments, now, before)
    settings = _write(path, with_answers(before, answers), answers)
    print_line(f"✓ {path}: checked and written")
    for channel in unrouted(settings.document):
        print_line(f"! channels.{channel}: no route names it; add it to a [[routes]]")
    folder = path.parent
    _put(folder / MANIFEST, json.dumps(manifest(settings), indent=2) + "\n")
    print_line(f"✓ {folder / MANIFEST}: the Slack app")
    if not arguments.no_page:
        _put(folder / PAGE, page(settings, _templates(path)))
        print_line(f"✓ {folder / PAGE}: for the administrators of your AWS account and Slack")
    bots = {each.token: name for name, each in settings.channels.items() if isinstance(each, SlackBotSettings)}
    if bots:
        print_line(f"  to create the app, open {new_app_link(settings)}")
    for channel in bots.values() if sys.stdin.isatty() else ():
        _ask_token(arguments, channel)
    print_line(f"next: `braket-notifier deploy`{'; docs/setup.md has all steps' if IN_CLONE else ' in a clone'}")
    return 0


def _ask_token(arguments: Namespace, channel: str) -> None:
    """Ask for a bot's token until one is stored, or until nothing is typed."""
    while token := secret.typed(QUESTION.format(channel=channel)).strip():
        try:
            secret.store(arguments, channel, token)
        except (CommandError, ClientError, BotoCoreError) as error:
            print_line(f"✗ {sentence(error)}")
        else:
            return
    print_line(f"! {channel} has no token yet: `braket-notifier secret set {channel}` stores it, also after deploying")


def template(folder: Path) -> str:
    """The settings to start from; the first line names the schema as an editor finds it from that folder."""
    inside = SCHEMA_PATH.is_relative_to(folder.resolve())
    schema = f"./{SCHEMA_PATH.relative_to(folder.resolve()).as_posix()}" if inside else SCHEMA_PATH.as_uri()
    _, _, rest = TEMPLATE.read_text(encoding="utf-8").partition("\n")
    return f"#:schema {schema}\n{rest}"


def manifest(settings: Settings) -> dict[str, object]:
    """The Slack app with only the scopes that the notifier uses, and without events or endpoints.

    Slack takes direct messages of an app with a messages tab only.
    """
    tab = {"home_tab_enabled": False, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    return {
        "display_information": {
            "name": "Braket notifier",
            "description": "Notifies when quantum tasks and hybrid jobs on Amazon Braket end",
        },
        "features": {
            **({"app_home": tab} if writes_to_members(settings) else {}),
            "bot_user": {"display_name": "Braket notifier", "always_online": False},
        },
        "oauth_config": {"scopes": {"bot": list(scopes_of(settings))}},
        "settings": {"org_deploy_enabled": False, "socket_mode_enabled": False, "token_rotation_enabled": False},
    }


def new_app_link(settings: Settings) -> str:
    """The address of Slack's form for a new app, filled in from the manifest."""
    return NEW_APP + quote(json.dumps(manifest(settings), separators=(",", ":")), safe="")


def _write(path: Path, text: str, answers: Answers) -> Settings:
    """Write the file with the line ends that it has, and read it back; a file that is not valid is undone."""
    before = path.read_bytes() if path.exists() else None
    try:
        _put(path, text, newline="\r\n" if b"\r\n" in (before or b"") else "\n")
        written = read_settings(path)
        if not agree(_as_written(written, answers), answers):
            raise CommandError(f"{path} does not say what was answered: change it by hand, then `check`")  # noqa: TRY301
    except Exception:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)
        raise
    return written


def _put(path: Path, text: str, newline: str | None = None) -> None:
    """Write the file into its folder, new or not; the error names it, which that of a full disk does not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline=newline)
    except OSError as error:
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from error


def _as_written(written: Settings, answers: Answers) -> Answers:
    """The answers that the file shows; what nobody was asked is not compared."""
    asked = None if answers.who_submitted is None else written.who_submitted
    return replace(present(written), alarms=answers.alarms, who_submitted=asked)


def _templates(settings: Path) -> dict[str, dict[str, object]]:
    """The templates of the deployment, by the name of the stack."""
    from infra.failures import BUILD, no_space  # noqa: PLC0415 - only a clone has it
    from infra.synth import synth  # noqa: PLC0415 - importing aws_cdk starts a Node.js process

    with tempfile.TemporaryDirectory() as folder:
        try:
            assembly = synth(settings, Path(folder))
        except Exception as error:
            if full := no_space(error, BUILD):
                raise CommandError(full) from error
            raise CommandError(f"the templates cannot be made ({error}): run `make setup`, or use --no-page") from error
        found = sorted(assembly.glob("*.template.json"))
        return {
            each.name.removesuffix(".template.json"): json.loads(each.read_text(encoding="utf-8")) for each in found
        }
