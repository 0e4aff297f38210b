"""Settings that the operator publishes between deployments, and the policy that a function follows then."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.domain.policy import Policy
from braket_notifier.routing.policy_json import parse_policy

#: Seconds between two reads of the published settings, so that functions follow a change within a minute.
LOOK_EVERY_S = 50


@dataclass(frozen=True, slots=True)
class Published:
    """The row of published settings: a policy that replaces the deployed one, and mutes, which outlast deployments."""

    #: Number of changes of the row; 0 if nothing was ever published.
    revision: int = 0
    #: Digest of the deployed settings that the document replaces; any other deployment ignores the document.
    base: str = ""
    document: str = ""
    muted_until: Mapping[str, datetime] = field(default_factory=dict)


def followed(deployed: Policy, digest: str, published: Published) -> Policy:
    """Return the policy that a deployment follows. Raise for a document that it cannot follow."""
    policy = deployed
    if published.document and published.base == digest:
        policy = parse_policy(json.loads(published.document))
        for member in ("regions", "channels"):
            if getattr(policy, member) != getattr(deployed, member):
                raise ValueError(f"the {member} are not those of the deployed stack; only a deployment changes them")
    return replace(policy, muted_until=published.muted_until)


class Following:
    """The policy in force, read again every minute. The last one stays if the new one is unreadable or invalid."""

    def __init__(
        self,
        deployed: Policy,
        digest: str,
        read: Callable[[], Published],
        clock: Callable[[], float],
        on_refused: Callable[[Exception], None],
    ) -> None:
        self._deployed = self._policy = deployed
        self._digest = digest
        self._read = read
        self._clock = clock
        self._on_refused = on_refused
        self._next_read_at = float("-inf")

    def policy(self) -> Policy:
        now = self._clock()
        if now >= self._next_read_at:
            self._next_read_at = now + LOOK_EVERY_S
            try:
                published = self._read()
                self._policy = replace(self._policy, muted_until=published.muted_until)  # also if the rest is refused
                self._policy = followed(self._deployed, self._digest, published)
            except Exception as error:  # noqa: BLE001 - after any error the last policy stays in force
                self._on_refused(error)
        return self._policy
