"""A message to people, in the same texts for Slack and e-mail, cleaned but not yet escaped."""

from dataclasses import dataclass, replace
from datetime import datetime

from braket_notifier.domain.resource import Children
from braket_notifier.domain.results import TaskResults
from braket_notifier.routing.owners import Owner
from braket_notifier.text.wording import cut

#: Characters of a notification that a phone shows.
PUSH = 110
#: Characters of a link; a folder's name can be longer than any message.
LINK = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """A name that leads to a page."""

    text: str
    url: str


#: A text in which names may lead to pages.
Words = tuple[str | Link, ...]


def plain(words: Words) -> str:
    return "".join(each if isinstance(each, str) else each.text for each in words)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list in a message; rows of a flowing one share a line if they fit."""

    title: str
    rows: tuple[tuple[Words, Words], ...]
    flowing: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Facts beyond the transition; a fact is None if it was not read."""

    #: Other tasks of the batch that failed with the same reason.
    same_reason: int | None = None
    #: Counts of all quantum tasks of the reservation.
    reservation: Children | None = None
    #: Results of a program set.
    results: TaskResults | None = None
    #: Whether the card's thread lists the partial failures.
    threaded: bool = False
    #: Time of the message, which bounds the run time of a running hybrid job, and decides which times need their day.
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message; empty parts are left out."""

    mark: str
    push: str
    headline: str
    lines: tuple[str, ...]
    owner: Owner | None = None
    #: Failure reason, quoted.
    reason: str = ""
    #: Notes on the reason: a hint, and the number of other tasks that failed with it.
    notes: tuple[str, ...] = ()
    #: Rows of a table; the first row has the titles, and columns after the first are figures.
    table: tuple[tuple[str, ...], ...] = ()
    sections: tuple[Section, ...] = ()
    closing: str = ""
    #: Shell command that lists every resource of a digest.
    command: str = ""
    code: str = ""
    code_note: str = ""
    links: tuple[tuple[str, str], ...] = ()
    short_id: str = ""

    @property
    def owned_lines(self) -> str:
        """Return the lines, of which the first one ends with the owner's name."""
        first, *rest = self.lines or ("",)
        owner = self.owner.name if self.owner else ""
        between = "" if not (first and owner) else " " if first.endswith(".") else " · "
        return "\n".join((f"{first}{between}{owner}", *rest))

    def small_print(self, *, may_repeat: bool, called: str = "message") -> tuple[str, ...]:
        """Return the id, and that it may repeat an earlier one; `called` is the name of its kind."""
        its_id = (f"id {self.short_id}",) if self.short_id else ()
        return (*its_id, f"may repeat an earlier {called}") if may_repeat else its_id

    def beside_card(self) -> "Message":
        """Return what stands in a line beside the card, which has the rest."""
        return replace(self, lines=(), notes=(), table=(), command="", code="", code_note="")

    def push_line(self, *, may_repeat: bool) -> str:
        """Return the text of a phone's lock screen, which says so if it may repeat an earlier message."""
        doubt = " · may repeat" if may_repeat else ""
        return f"{cut(self.push, PUSH - len(doubt))}{doubt}"
