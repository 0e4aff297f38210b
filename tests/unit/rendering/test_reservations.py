"""The probable cause of tasks that were cancelled with a reservation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from braket_notifier.domain.policy import Policy, Reservation
from braket_notifier.domain.resource import Snapshot
from braket_notifier.domain.transition import Transition
from braket_notifier.grouping.digests import digest_of
from braket_notifier.grouping.keys import key_of
from braket_notifier.rendering.digest import render_digest
from braket_notifier.rendering.transition import render
from tests.conftest import NOON

ARN = "arn:aws:braket:us-east-1:012345678901:reservation/3f2a"
HOUR = timedelta(hours=1)
#: The tasks end at 11:53.
ENDED = NOON - timedelta(minutes=7)


@pytest.mark.parametrize(
    ("booked", "says"),
    [
        (Reservation(ENDED - HOUR, ENDED, ARN), True),
        (Reservation(ENDED - 3 * HOUR, ENDED - 2 * HOUR, ARN), True),  # extended since
        (Reservation(ENDED - HOUR, ENDED + timedelta(minutes=15), ARN), True),
        (Reservation(ENDED - HOUR, ENDED + HOUR, ARN), False),
        (Reservation(ENDED + HOUR, ENDED + 2 * HOUR, ARN), False),
        (Reservation(ENDED + HOUR, ENDED + 2 * HOUR, f"{ARN}b"), True),  # another one
    ],
)
def test_a_reservation_that_is_known_to_end_later_is_no_probable_cause(
    a_task: Callable[..., Snapshot],
    a_transition: Callable[..., Transition],
    policy: Policy,
    booked: Reservation,
    *,
    says: bool,
) -> None:
    ended = [a_transition(a_task("CANCELLED", number, reservation=ARN)) for number in (1, 2)]
    key = key_of(ended[0], policy)
    digest = digest_of(key, ended, policy, news=(), closing=False, still_open=None, reservation=None)

    for known in (replace(policy, reservations=(booked,)), replace(policy, reserved=(booked,))):
        for message in (render(ended[0], known), render_digest(digest, known)):
            assert ("probably your reservation ended" in message.push) == says
            assert ("Probable cause" in " ".join(message.lines)) == says
        assert ("in reservation …/3f2a" in render(ended[0], known).lines[0]) != says
