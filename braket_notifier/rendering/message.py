"""What people are told, as a value: the same words for Slack and for e-mail, cleaned but not yet escaped."""

from dataclasses import dataclass
from datetime import datetime

from braket_notifier.domain.program_set import Failures
from braket_notifier.domain.resource import Children
from braket_notifier.routing.owners import Owner

#: What a phone shows of a notification.
PUSH = 110
#: A link may be no longer: a folder's name can be longer than any message has room for.
LINK = 1000


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list in a digest; the rows of a flowing one stand side by side where there is room."""

    title: str
    rows: tuple[tuple[str, str], ...]
    flowing: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told beside a transition where somebody looked; None where nobody did."""

    #: How many others of its batch failed with the same reason.
    same_reason: int | None = None
    #: How all quantum tasks of its reservation stand.
    reservation: Children | None = None
    #: What results.json says about the failed executables of a program set.
    failures: tuple[Failures, ...] | None = None
    #: What failed in part is told in the card's thread.
    threaded: bool = False
    #: When it is told: a hybrid job has run for so long by then.
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message; what is empty is left out."""

    mark: str
    push: str
    headline: str
    lines: tuple[str, ...]
    owner: Owner | None = None
    #: Braket's words, quoted.
    reason: str = ""
    #: What is said about the reason: a hint, and how many others it befell.
    notes: tuple[str, ...] = ()
    #: Rows of a table, the first one its titles; columns after the first are figures.
    table: tuple[tuple[str, ...], ...] = ()
    sections: tuple[Section, ...] = ()
    closing: str = ""
    #: A shell command that lists all that a digest is about.
    command: str = ""
    code: str = ""
    code_note: str = ""
    links: tuple[tuple[str, str], ...] = ()
    short_id: str = ""
