"""Hints for failure reasons: the users' own come before known ones."""

import re
from itertools import chain

from braket_notifier.domain.policy import HintRule
from braket_notifier.domain.resource import Kind, Snapshot
from braket_notifier.rendering.words.known_reasons import OF_JOBS, OF_SCRIPTS, OF_TASKS
from braket_notifier.text.wording import clean, cut

#: Characters of a hint, which is a sentence or two.
MOST = 300
#: Begins the failure reason of a hybrid job whose script or container failed; the rest of it is their words.
_SCRIPT = "AlgorithmError"


def hint(reason: str, kind: Kind, rules: tuple[HintRule, ...] = ()) -> str:
    """Return the first hint for the kind and the reason's author whose pattern is found; empty if there is none."""
    fitting = OF_TASKS if kind == "task" else OF_SCRIPTS if reason.startswith(_SCRIPT) else OF_JOBS
    own = (each.says for each in rules if re.search(each.pattern, reason))
    known = (each.says for each in fitting if re.search(each.pattern, reason, re.IGNORECASE))
    return cut(clean(next(chain(own, known), "")), MOST)


def unexplained(snapshot: Snapshot, rules: tuple[HintRule, ...]) -> int:
    """Count the words without an explanation: an unknown status, and a failure reason without a hint."""
    return int(snapshot.unknown) + int(not is_explained(snapshot, rules))


def is_explained(snapshot: Snapshot, rules: tuple[HintRule, ...] = ()) -> bool:
    """Whether the failure reason has a hint; an empty reason needs none."""
    reason = snapshot.failure_reason
    return not reason or bool(hint(reason, snapshot.arn.kind, rules))
