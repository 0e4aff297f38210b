"""Settings that the operator publishes between deployments, and which policy is followed then."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.domain.policy import Policy
from braket_notifier.routing.policy_json import parse_policy

#: So long is followed what was found: what is published is followed within a minute.
LOOK_EVERY_S = 50


@dataclass(frozen=True, slots=True)
class Published:
    """One row: a policy in place of the deployed one, and mutes, which outlast deployments."""

    #: Counts every change of the row; 0 where nothing was ever published.
    revision: int = 0
    #: The digest of the deployed settings that the document replaces: the next deployment replaces both.
    base: str = ""
    document: str = ""
    muted_until: Mapping[str, datetime] = field(default_factory=dict)


def followed(deployed: Policy, digest: str, published: Published) -> Policy:
    """The policy that a deployment follows; raises for a document that it cannot follow."""
    policy = deployed
    if published.document and published.base == digest:
        policy = parse_policy(json.loads(published.document))
        for what in ("regions", "channels"):
            if getattr(policy, what) != getattr(deployed, what):
                raise ValueError(f"the {what} are not those of the deployed stack; only a deployment changes them")
    return replace(policy, muted_until=published.muted_until)


class Following:
    """The policy to follow now, looked for every minute; what cannot be read or followed leaves the last in force."""

    def __init__(
        self,
        deployed: Policy,
        digest: str,
        look: Callable[[], Published],
        clock: Callable[[], float],
        refused: Callable[[Exception], None],
    ) -> None:
        self._deployed = self._policy = deployed
        self._digest = digest
        self._look = look
        self._clock = clock
        self._refused = refused
        self._looks_at = float("-inf")

    def policy(self) -> Policy:
        now = self._clock()
        if now >= self._looks_at:
            self._looks_at = now + LOOK_EVERY_S
            try:
                self._policy = followed(self._deployed, self._digest, self._look())
            except Exception as error:  # noqa: BLE001 - whatever is wrong, the last good one stays
                self._refused(error)
        return self._policy
