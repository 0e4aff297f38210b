"""The resources that the user named: how they ended before, and whether all have ended."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from braket_notifier.adapters.sqlite.state_file import StateFileError
from braket_notifier.cli.braket import not_known
from braket_notifier.cli.process.document import TERMINAL
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import warn
from braket_notifier.cli.state import StateInstallation
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import BraketError, NotKnownError, UnreadableError
from braket_notifier.sending.ports import Channel
from braket_notifier.tracking.ports import Braket


def still_open(arns: Sequence[Arn], braket: Braket, place: StateInstallation, terminal: Channel) -> Iterator[Arn]:
    """The resources whose ends are to come; the ends of others are shown at once, because no round announces them."""
    rows = place.snapshots.rows_of(arns)
    for arn in arns:
        row = rows.get(arn)
        if row and (not row.snapshot.terminal or row.dispatched < row.version):
            yield arn  # if it ended since the last run, this round announces it
            continue
        try:
            it = braket.read(arn)
        except NotKnownError as error:
            raise CommandError(not_known(arn)) from error
        except BraketError as error:  # a round names an error of its region, and none of one resource
            if isinstance(error, UnreadableError):
                warn(f"{arn} cannot be read ({error}): wrong account, or a right is missing; its end may stay unseen")
            yield arn
            continue
        if not it.terminal:
            yield arn
            continue
        ended = Transition(it, it.status, None, it.ended_at, None, 1, "sweep")
        terminal.send(Notification(ended, TERMINAL), may_repeat=False)


def have_ended(arns: Collection[Arn], place: StateInstallation) -> bool:
    """Whether all have ended, and no record waits; False while the state cannot be read, which the next round names."""
    with suppress(StateFileError):
        rows = place.snapshots.rows_of([*arns])
        ended = all(arn in rows and rows[arn].snapshot.terminal for arn in arns)
        return ended and not any(place.depth(name) for name in place.channel_queues)
    return False
