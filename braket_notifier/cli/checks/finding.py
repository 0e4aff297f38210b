"""The result of one check, before or after a deployment; one stands in the place of each answer that AWS refuses."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Literal, ParamSpec, TypeVar

from botocore.exceptions import ClientError
from rich.text import Text

from braket_notifier.cli.sentences import CommandError, code_of, sentence
from braket_notifier.cli.show import print_json, print_line

Answer = TypeVar("Answer")
Given = ParamSpec("Given")

#: A plain deployment repairs nothing, because CloudFormation compares templates, not resources.
REPAIR = "`braket-notifier deploy --repair` puts it back"
#: Ends of AWS's codes for a queue, a table or a topic that is not there.
GONE = ("NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException", "NotFound", "NotFoundException")
Mark = Literal["✓", "•", "!", "✗"]
_COLOURS: dict[Mark, str] = {"✓": "green", "•": "cyan", "!": "yellow", "✗": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """✓ fine, • as intended, ! needs something, ✗ stops a deployment or a delivery. The message has the remedy."""

    mark: Mark
    message: str

    @property
    def stops(self) -> bool:
        return self.mark == "✗"

    @property
    def asks(self) -> bool:
        """Whether somebody has something to do."""
        return self.mark in {"!", "✗"}

    def line(self) -> Text:
        return Text.assemble((self.mark, _COLOURS[self.mark]), " ", self.message)


def good(message: str) -> Finding:
    return Finding("✓", message)


def noted(message: str) -> Finding:
    return Finding("•", message)


def needs(message: str) -> Finding:
    return Finding("!", message)


def bad(message: str) -> Finding:
    return Finding("✗", message)


def answered(*questions: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of every question, or why it is refused; several questions may have one refusal in common."""
    seen = set[Finding]()
    for each in chain.from_iterable(map(_or_refusal, questions)):
        if each not in seen:
            seen.add(each)
            yield each


def one(question: Callable[Given, Finding], *given: Given.args, **named: Given.kwargs) -> Iterator[Finding]:
    """The only finding of a question, which is asked once its turn has come."""
    yield question(*given, **named)


def asked(question: Callable[[], Answer], refused: list[Finding]) -> Answer | None:
    """The answer; None, and a finding in `refused`, if AWS refuses it."""
    try:
        return question()
    except (ClientError, CommandError) as error:
        refused.append(_refusal(error))
        return None


def _or_refusal(question: Iterable[Finding]) -> Iterator[Finding]:
    try:
        yield from question
    except (ClientError, CommandError) as error:
        yield _refusal(error)


def _refusal(error: ClientError | CommandError) -> Finding:
    is_gone = isinstance(error, ClientError) and code_of(error).endswith(GONE)
    return bad(sentence(error) + (f"; if it was deleted by hand, {REPAIR}" if is_gone else ""))


def print_findings(found: Iterable[Finding], *, as_json: bool) -> list[Finding]:
    """Print each finding as it comes, or all of them as one JSON document, and return them."""
    kept = list[Finding]()
    for each in found:
        kept.append(each)
        if not as_json:
            print_line(each.line())
    if as_json:
        print_json([asdict(each) for each in kept])
    return kept
