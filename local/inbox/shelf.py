"""The inbox's accepted entries in order; each change wakes the followers."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from local.inbox.entries import Entry, Mail, Post, Words

OnArrival = Callable[[Entry], None]
Arrival = TypeVar("Arrival", Post, Mail)
QUIET = 15.0  # seconds after which a follower gets an empty event, so that it notices a lost connection


def _now() -> datetime:
    return datetime.now(UTC)


class Shelf:
    """All accepted entries and edits; an edit replaces its post but keeps its place."""

    def __init__(
        self,
        on_arrival: OnArrival | None = None,
        clock: Callable[[], datetime] = _now,
        on_edit: Callable[[Post], None] | None = None,
    ) -> None:
        self._clock = clock
        self._on_arrival = on_arrival
        self._on_edit = on_edit
        self._changes: list[Entry] = []
        self._changed = threading.Condition()
        self._deleted: set[tuple[str, str]] = set()
        self._latest = datetime.fromtimestamp(0, UTC)
        self._closed = False

    def accept(self, build: Callable[[datetime], Arrival]) -> Arrival:
        """Store the entry that `build` makes of its moment; moments are unique, because Slack's `ts` is."""
        with self._changed:
            entry = build(self._moment())
            self._keep(entry)
        if self._on_arrival is not None:
            self._on_arrival(entry)
        return entry

    def edit(self, channel: str, ts: str, reword: Callable[[Post, datetime], Words]) -> Post | None:
        """Replace a post's content in place; None if there is no such post."""
        with self._changed:
            post = self.post(channel, ts)
            if post is None:
                return None
            edited = post.edited(reword(post, self._moment()))
            self._keep(edited)
        if self._on_edit is not None:
            self._on_edit(edited)
        return edited

    def delete(self, channel: str, ts: str) -> None:
        """Remove a post, as a person does in Slack."""
        with self._changed:
            self._deleted.add((channel, ts))

    def post(self, channel: str, ts: str) -> Post | None:
        return self._posts().get((channel, ts))

    @property
    def posts(self) -> list[Post]:
        """Slack's posts as they stand now, in order of acceptance."""
        return list(self._posts().values())

    @property
    def mails(self) -> list[Mail]:
        return [entry for entry in self._snapshot() if isinstance(entry, Mail)]

    def __len__(self) -> int:
        return len(self._snapshot())

    def follow(self, seen: int) -> Iterator[tuple[int, Entry] | None]:
        """Yield each change after the first `seen` with its number; None after a quiet time."""
        while (fresh := self._after(seen)) or not self._closed:
            if not fresh:
                yield None
            for entry in fresh:
                seen += 1
                yield seen, entry

    def close(self) -> None:
        """End the followers."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _after(self, seen: int) -> list[Entry]:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._changes) > seen, timeout=QUIET)
            return self._changes[seen:]

    def _moment(self) -> datetime:
        self._latest = max(self._clock(), self._latest + timedelta(microseconds=1))
        return self._latest

    def _keep(self, entry: Entry) -> None:
        self._changes.append(entry)
        self._changed.notify_all()

    def _snapshot(self) -> list[Entry]:
        with self._changed:
            return list(self._changes)

    def _posts(self) -> dict[tuple[str, str], Post]:
        posts = {(entry.channel, entry.ts): entry for entry in self._snapshot() if isinstance(entry, Post)}
        return {place: post for place, post in posts.items() if place not in self._deleted}
