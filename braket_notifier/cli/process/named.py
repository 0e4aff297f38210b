"""The resources that the user asked for: what Braket lists of them, how they ended before, whether all have ended."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from braket_notifier.adapters.aws.braket import BotoBraket
from braket_notifier.adapters.sqlite.state_file import StateFileError
from braket_notifier.braket.availability import Availability
from braket_notifier.cli.braket import not_known
from braket_notifier.cli.process.document import TERMINAL
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.show import warn
from braket_notifier.cli.state import StateInstallation
from braket_notifier.domain.notification import Notification
from braket_notifier.domain.resource import Arn, Kind, Snapshot, parse_arn
from braket_notifier.domain.transition import Transition
from braket_notifier.errors import BraketError, NotKnownError, UnreadableError
from braket_notifier.sending.ports import Channel
from braket_notifier.sweep import OpenRows
from braket_notifier.tracking.ports import Braket, CreatedRange

#: The time for which a hybrid job may wait and run.
LONGEST_JOB = timedelta(days=7)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class OwnTasks:
    """The ports `Braket` and `Devices` with the resources that the user asked for; empty filters ask for all.

    A resource that the user named needs no tag. The tasks of a hybrid job that the user named are listed by its ARN,
    because Search does not show a task's job.
    """

    braket: BotoBraket
    arns: Collection[str]
    tags: Mapping[str, str]
    check_account: Callable[[str], object]
    #: The time since which a region is watched.
    watched_since: Callable[[str], datetime]
    #: The operations that are refused, until one succeeds.
    refused: dict[str, UnreadableError] = field(default_factory=dict)

    def read(self, arn: Arn) -> Snapshot:
        """Name a lacking right, because the sweep goes on with what is listed."""
        about = f"details of {arn.region}"
        try:
            found = self.braket.read(arn)
        except NotKnownError:
            raise
        except UnreadableError as error:
            self.refused[about] = error
            raise
        self.refused.pop(about, None)
        return found

    def availability(self, region: str, device: str) -> Availability:
        return self.braket.availability(region, device)

    def open_tasks(self, region: str, window: CreatedRange) -> Sequence[Snapshot]:
        return self._tasks(region, lambda braket: braket.open_tasks(region, window))

    def created(self, region: str, kind: Kind, window: CreatedRange) -> Sequence[Snapshot]:
        """List no hybrid jobs if the credentials may not, because quantum tasks are watched all the same.

        Each call lists the jobs of a week that are open or ended since the region is watched, because the right may
        have been given after a job began.
        """
        if kind == "task":
            return self._tasks(region, lambda braket: braket.created(region, kind, window))
        about, start = f"hybrid jobs of {region}", self.watched_since(region)
        wider = CreatedRange(min(filter(None, (window.since, now() - LONGEST_JOB))), window.until)
        try:
            listed = self.braket.created(region, kind, wider)
        except UnreadableError as error:
            self.refused[about] = error
            return ()
        self.refused.pop(about, None)
        return self._own([each for each in listed if window.has(each.created_at) or (each.ended_at or start) >= start])

    def _tasks(self, region: str, listed: Callable[[BotoBraket], Sequence[Snapshot]]) -> Sequence[Snapshot]:
        named = [arn.text for arn in map(parse_arn, self.arns) if (arn.kind, arn.region) == ("job", region)]
        of_jobs = (each for job in named for each in listed(self.braket.of_job(job)) if self._has_tags(each))
        return [*self._own(listed(self.braket)), *of_jobs]

    def _own(self, listed: Sequence[Snapshot]) -> Sequence[Snapshot]:
        for account in {each.arn.account for each in listed}:
            self.check_account(account)
        return [each for each in listed if self.asks_for(each)]

    def own_rows(self, rows: OpenRows, place: StateInstallation) -> OpenRows:
        """Return the rows of what the user asked for; the next run without filters announces the ends of the others."""
        if not (self.arns or self.tags):
            return rows
        known = place.snapshots.rows_of([row.arn for each in rows.values() for row in each])
        own = {arn for arn, row in known.items() if self.asks_for(row.snapshot)}
        return {region: [row for row in each if row.arn in own] for region, each in rows.items()}

    def asks_for(self, it: Snapshot) -> bool:
        """Whether the user asked for the resource; a row shows a task's job, and Search does not."""
        among = not self.arns or it.job_arn in self.arns
        return it.arn.text in self.arns or (among and self._has_tags(it))

    def _has_tags(self, it: Snapshot) -> bool:
        return all(key in it.tags and fnmatchcase(it.tags[key], glob) for key, glob in self.tags.items())


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
