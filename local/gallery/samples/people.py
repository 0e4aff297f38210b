"""Direct messages, and what a person's address passed on to the team."""

from dataclasses import replace

from braket_notifier.domain.destination import direct
from braket_notifier.domain.notification import Notification
from braket_notifier.sending.fallback import for_team
from local.gallery.samples.answers import reached
from local.gallery.samples.sample import CHANNEL, POLICY, Sample
from local.gallery.samples.tasks import GHZ, RYDBERG

_POLICY = replace(POLICY, channels={**POLICY.channels, "dm": "slack"}, to_owner=("dm",))
ANNA, BEN = direct("dm", "Anna"), direct("dm", "Ben")
_NAMED = RYDBERG | {"tags": {**RYDBERG["tags"], "notify": "anna"}}
_REFUSED = replace(for_team(Notification(reached(RYDBERG), CHANNEL), "rydberg-scan-7"), passed_from=BEN)

PEOPLE = (
    Sample("direct-completed", "a direct message to the owner", reached(GHZ), policy=_POLICY, to=ANNA),
    Sample("direct-named", "a direct message to whom the tag names", reached(_NAMED), policy=_POLICY, to=ANNA),
    Sample(
        "direct-refused",
        "what the team gets of a person who cannot be reached",
        _REFUSED.transition,
        policy=_POLICY,
        passed_from=BEN,
    ),
)
