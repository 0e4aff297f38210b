"""Hints for failure reasons: the users' own come before known ones."""

import re
from itertools import chain

from braket_notifier.domain.policy import HintRule
from braket_notifier.rendering.words.known_reasons import KNOWN_REASONS
from braket_notifier.text.wording import clean, cut

#: Characters of a hint, which is a sentence or two.
MOST = 300


def hint(reason: str, advice: tuple[HintRule, ...] = ()) -> str:
    """Return the first hint whose pattern is found in the reason; empty if there is none."""
    own = (each.says for each in advice if re.search(each.pattern, reason))
    known = (each.says for each in KNOWN_REASONS if re.search(each.pattern, reason, re.IGNORECASE))
    return cut(clean(next(chain(own, known), "")), MOST)


def is_explained(reason: str, advice: tuple[HintRule, ...] = ()) -> bool:
    """Whether the reason has a hint; an empty reason needs none."""
    return not reason or bool(hint(reason, advice))
