"""Settings that the operator publishes between deployments, and the policy that a function follows then."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from braket_notifier.domain.policy import Policy, Reservation
from braket_notifier.errors import NotifierError
from braket_notifier.routing.policy_json import parse_policy

#: Seconds between two reads of the published settings, so that functions follow a change within a minute.
LOOK_EVERY_S = 50


class NoAccessError(NotifierError):
    """Only a deployment gives the function a way to the published settings; the caller follows the deployed ones."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The person who published or deployed settings, the time and the commit; a missing one was not recorded."""

    by: str = ""
    at: datetime | None = None
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The row of published settings: a policy that replaces the deployed one, and what outlasts deployments."""

    #: Number of changes of the row; 0 if nothing was ever published.
    revision: int = 0
    #: The deployment that the document was published over; any other deployment ignores the document.
    base: str = ""
    document: str = ""
    muted_until: Mapping[str, datetime] = field(default_factory=dict)
    reserved: tuple[Reservation, ...] = ()
    origin: Origin = Origin()

    def replaces(self, deployment: str) -> bool:
        """Whether the document replaces the settings of this deployment."""
        return bool(self.document) and self.base == deployment

    def beside(self, policy: Policy) -> Policy:
        """Return the policy with the mutes and reservations of the row."""
        return replace(policy, muted_until=self.muted_until, reserved=self.reserved)


def identity(digest: str, version: str) -> str:
    """Identify a deployment by the digest of its policy and the number of its settings.

    The number grows with each deployment of other settings, so an earlier file that is deployed again is another
    deployment. The digest covers a function whose code and environment are for a moment of two deployments.
    """
    return f"{digest}@{version}"


def followed(deployed: Policy, deployment: str, published: Published) -> Policy:
    """Return the policy that a deployment follows. Raise for a document that it cannot follow."""
    policy = deployed
    if published.replaces(deployment):
        policy = parse_policy(json.loads(published.document))
        if set(policy.regions) != set(deployed.regions):
            raise ValueError("the regions are not those of the deployed stack; only a deployment changes them")
        if policy.channels != deployed.channels:
            raise ValueError("the channels are not those of the deployed stack; only a deployment changes them")
    return published.beside(policy)


class Following:
    """The policy in force, read again every minute. The last one stays if the new one is unreadable or invalid.

    Before the first read there is none, because the deployed settings have no mute and no change since. Then `policy`
    raises what may pass by itself; a NotifierError lasts until a deployment.
    """

    def __init__(
        self,
        deployed: Policy,
        deployment: str,
        read: Callable[[], Published],
        clock: Callable[[], float],
        on_refused: Callable[[Exception], None],
    ) -> None:
        self._deployed = self._policy = deployed
        self._deployment = deployment
        self._read = read
        self._clock = clock
        self._on_refused = on_refused
        self._next_read_at = float("-inf")
        self._follows = False

    def policy(self) -> Policy:
        now = self._clock()
        if now < self._next_read_at:
            return self._policy
        try:
            published = self._read()
            self._follows = True
            self._policy = published.beside(self._policy)  # also if the rest is refused
            self._policy = followed(self._deployed, self._deployment, published)
        except Exception as error:
            if not (self._follows or isinstance(error, NotifierError)):
                raise
            self._follows = True
            self._on_refused(error)
        self._next_read_at = now + LOOK_EVERY_S
        return self._policy
