"""The questions of `init`, each asked again while its answer is wrong."""

import re
import sys
import tomllib
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from braket_notifier.cli.setup.answers import Answers, with_answers
from braket_notifier.cli.show import answer, print_line
from braket_notifier.settings.channels import Email
from braket_notifier.settings.mistakes import SettingsError
from braket_notifier.settings.notifier_toml import Settings, examined
from braket_notifier.settings.policy_document import ALARMS
from braket_notifier.settings.schema import REGIONS


def asked_answers(given: Namespace, now: Settings, before: str) -> Answers:
    """The given answers, and an answer to each question that is left, asked again while it is wrong."""
    answers = present(now)

    def ask(words: str | None, question: str, default: str, read: Callable[[str], dict[str, Any]], *keys: str) -> None:
        nonlocal answers
        answers = _asked(before, answers, words, question, default, read, keys)

    ask(given.home, "Home region", now.home, lambda text: _home(text, answers), "home")
    regions = " ".join(answers.regions)
    ask(_joined(given.watch), "Watched regions", regions, lambda text: {"regions": _words(text)}, "regions", "home")
    zone = str(now.policy()["time_zone"])
    ask(given.time_zone, "Time zone", zone, lambda text: {"time_zone": text}, "time_zone")
    ask(given.slack, "Slack: a channel's ID (bot), `webhook`, or `none`", _slack_now(now), _slack, "channels")
    mails = "E-mail addresses (- for none)"
    ask(_joined(given.email), mails, _mails_now(now), lambda text: {"addresses": _addresses(text)}, "channels")
    if given.alarms is not None or sys.stdin.isatty():
        default = " ".join((now.alarms if now.alarms_from == ALARMS else answers.addresses) or ["-"])
        question = "Who looks after the notifier: addresses for its alarms (- for nobody)"
        ask(_joined(given.alarms), question, default, lambda text: {"alarms": _addresses(text)}, "alarms")
    if given.who_submitted is not None or sys.stdin.isatty():
        question = "May it look up who submitted (CloudTrail, names people)? yes or no"
        ask(given.who_submitted, question, "yes" if now.who_submitted else "no", _who_submitted, "defaults")
    return answers


def present(now: Settings) -> Answers:
    return Answers(
        home=now.home,
        regions=now.regions,
        time_zone=str(now.policy()["time_zone"]),
        addresses=_addresses(_mails_now(now)),
        name=now.name,
        **_slack(_slack_now(now)),
    )


def _asked(
    before: str,
    answers: Answers,
    given: str | None,
    question: str,
    default: str,
    read: Callable[[str], dict[str, Any]],
    keys: Sequence[str],
) -> Answers:
    """The answers with one more, which a terminal is asked for until these keys of the settings are right."""
    while True:
        words = _prompt(question, default) if given is None else given
        asks_again = given is None and sys.stdin.isatty()
        try:
            changed = replace(answers, **read(words))
        except SettingsError as error:
            wrong = [str(error)]
            if not asks_again:
                raise
        else:
            found, _ = examined(tomllib.loads(with_answers(before, changed)))
            wrong = [str(each) for each in found if each.where[0] in keys]
        if not (wrong and asks_again):
            return changed
        for line in wrong:
            print_line(line)


def _home(text: str, answers: Answers) -> dict[str, Any]:
    """The home region is watched too; a word that is no region stays out, because it is one mistake, not two."""
    watched = [*answers.regions, text] if text in REGIONS else answers.regions
    return {"home": text, "regions": tuple(dict.fromkeys(watched))}


def _slack(text: str) -> dict[str, Any]:
    if not text:
        raise SettingsError('"" is not a channel\'s ID; allowed: an ID like C0123456789, webhook, none')
    if text.startswith("#"):
        where = "its ID, like C0123456789, stands at the end of the channel's details in Slack"
        raise SettingsError(f'"{text}" is not a channel\'s ID but its name; {where}')
    return {"slack_channel": "" if text in {"none", "webhook"} else text, "webhook": text == "webhook"}


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(each for each in _words(text) if each != "-")


def _who_submitted(text: str) -> dict[str, Any]:
    if text not in {"yes", "no"}:
        raise SettingsError(f'"{text}" is not an answer; allowed: yes, no')
    return {"who_submitted": text == "yes"}


def _words(text: str) -> tuple[str, ...]:
    """Words between blanks or commas."""
    return tuple(filter(None, re.split(r"[,\s]+", text)))


def _joined(words: Sequence[str] | None) -> str | None:
    return None if words is None else " ".join(words)


def _prompt(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return answer(f"{question} [{default}]: ") or default


def _slack_now(now: Settings) -> str:
    found = [getattr(channel, "channel", "webhook") for channel in now.channels.values() if channel.type == "slack"]
    found = [each for each in found if each]  # a channel that writes to owners has none
    return str(found[0]) if found else "none"


def _mails_now(now: Settings) -> str:
    mail = [each for each in now.channels.values() if isinstance(each, Email)]
    found = [each.to for each in mail if not each.people]
    return " ".join(found[0]) if found else "-"
