"""The settings in force: those of the deployment, or those that were pushed over it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from braket_notifier.adapters.dynamodb.published import DynamoPublished
from braket_notifier.cli.in_force.origin import read_origin, words
from braket_notifier.cli.installation import Installation
from braket_notifier.cli.sentences import CommandError
from braket_notifier.cli.state import StateInstallation
from braket_notifier.domain.policy import Policy, Reservation
from braket_notifier.errors import NewerVersionError
from braket_notifier.routing.policy_json import parse_policy
from braket_notifier.routing.published import Origin, Published, identity
from braket_notifier.settings.keys import Keys, changes, is_pushed
from braket_notifier.settings.policy_document import digest

#: The member of a published document with the pushed keys of the settings file.
KEYS = "keys"
#: The keys that allow amounts, and those of persons.
_AMOUNTS = ("costs.money", "costs.by_person")


@dataclass(frozen=True, slots=True)
class InForce:
    """The deployed settings, and the row of published settings beside them."""

    #: Number of the deployed settings; empty for those of a state file.
    version: str
    #: Digest of the deployed policy document.
    digest: str
    deployed_by: Origin
    deployed: Keys
    published: Published

    @property
    def deployment(self) -> str:
        return identity(self.digest, self.version)

    @property
    def pushed(self) -> bool:
        return self.published.replaces(self.deployment)

    @property
    def origin(self) -> Origin:
        return self.published.origin if self.pushed else self.deployed_by

    @property
    def keys(self) -> Keys:
        if not self.pushed:
            return self.deployed
        pushed: Keys = json.loads(self.published.document)[KEYS]
        return {key: value for key, value in self.deployed.items() if not is_pushed(key)} | {**pushed}

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """Those of the settings and of the command `reserve`."""
        listed = cast("list[dict[str, str]]", self.keys.get("reservations", []))
        return (*map(_reservation, listed), *self.published.reserved)

    def outlast(self, place: Installation) -> bool:
        """Whether a deployment of the settings file leaves the pushed settings in force."""
        policy = place.settings.policy()
        return self.pushed and not changes(self.deployed, place.settings.keys) and self.digest == digest(policy)

    def in_words(self, zone: str) -> str:
        if not self.version:
            return "the settings of the last `braket-notifier run`"
        if not self.pushed:
            return f"the settings of deployment {self.version}, deployed {words(self.deployed_by, zone)}"
        pushed = f"revision {self.published.revision}, pushed {words(self.published.origin, zone)}"
        return f"{pushed}, over the settings of deployment {self.version}"


def in_force(place: Installation) -> InForce:
    """Read the settings in force. Raises CommandError if the stack is older than the command."""
    published = DynamoPublished(place.table("Snapshots")).read()
    if isinstance(place, StateInstallation):
        return InForce("", "", Origin(), place.settings.keys, published)
    deployed = place.deployed
    texts = _metadata(place).get("settings")
    if "SettingsVersion" not in place.outputs or not isinstance(texts, dict):
        raise CommandError(
            f"the stack {place.name} does not show its settings yet: `braket-notifier deploy` updates it"
        )
    return InForce(
        version=place.outputs["SettingsVersion"],
        digest=str(deployed["digest"]),
        deployed_by=read_origin(json.loads(place.outputs.get("Deployment", "{}"))),
        deployed={key: json.loads(text) for key, text in texts.items()},
        published=published,
    )


def policy_in_force(place: Installation) -> Policy:
    """The policy that the functions follow; of a deployed one only amounts can be read, so the file's stands for it.

    It also stands for what only a newer version can read, which the functions do not follow.
    """
    try:
        seen = in_force(place)
        policy = parse_policy(json.loads(seen.published.document)) if seen.pushed else place.policy
        money, by_person = (bool(seen.keys[key]) for key in _AMOUNTS)
    except (CommandError, NewerVersionError, KeyError, TypeError, ValueError):
        return place.policy
    return replace(seen.published.beside(policy), money=money, costs_by_person=by_person)


def _reservation(members: dict[str, str]) -> Reservation:
    begins, ends = (datetime.fromisoformat(members[key]) for key in ("from", "to"))
    return Reservation(begins, ends, members.get("arn", ""), members.get("device", ""))


def _metadata(place: Installation) -> dict[str, Any]:
    template: Any = place.client("cloudformation").get_template(StackName=place.name)["TemplateBody"]
    return dict(template.get("Metadata", {}))
