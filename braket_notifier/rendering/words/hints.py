"""What to do about failure reasons: the users' own advice first, then known ones; no hint where none is known."""

import re
from itertools import chain

from braket_notifier.domain.policy import HintRule
from braket_notifier.rendering.words.known_reasons import KNOWN_REASONS
from braket_notifier.text.wording import clean, cut

#: A hint is a sentence or two; users' own may not be more either.
MOST = 300


def hint(reason: str, advice: tuple[HintRule, ...] = ()) -> str:
    """The first one whose pattern is found in the reason, or nothing."""
    own = (each.says for each in advice if re.search(each.pattern, reason))
    known = (each.says for each in KNOWN_REASONS if re.search(each.pattern, reason, re.IGNORECASE))
    return cut(clean(next(chain(own, known), "")), MOST)


def is_explained(reason: str, advice: tuple[HintRule, ...] = ()) -> bool:
    """Whether somebody can say more about it; without a reason there is nothing to explain."""
    return not reason or bool(hint(reason, advice))
